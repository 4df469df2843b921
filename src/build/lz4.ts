/** LZ4's block format (lz4_Block_format.md, 1.6), which the native binary unpacks: packed well, and slowly. */

const SHORTEST = 4;
/** One that is shorter is not worth it: with 4, it packs a fifth better, and takes an eighth longer to unpack. */
const LEAST = 8;
/** What is nearer would not be unpacked by 16 bytes at a time. */
const NEAREST = 16;
const FARTHEST = 65535;
/** The last match starts at least 12 bytes before the end, and the last 5 bytes are literals. */
const [LAST_MATCH, LAST_LITERALS] = [12, 5];
/** Earlier places that are compared for one match. */
const TRIES = 256;
const HASH_BITS = 16;

interface Match {
  readonly length: number;
  readonly distance: number;
}

/** The longest earlier text that is at a place, by chains of places with the same first bytes. */
function finder(input: Buffer): (at: number) => Match {
  const heads = new Int32Array(1 << HASH_BITS).fill(-1);
  const earlier = new Int32Array(input.length).fill(-1);
  let entered = 0;
  const hashAt = (at: number): number =>
    Math.imul(input.readUInt32LE(at), 2654435761) >>> (32 - HASH_BITS);
  return (at) => {
    for (; entered < at; entered += 1) {
      const hash = hashAt(entered);
      earlier[entered] = heads[hash] ?? -1;
      heads[hash] = entered;
    }
    const longest = input.length - LAST_LITERALS - at;
    let best: Match = { length: 0, distance: 0 };
    let place = heads[hashAt(at)] ?? -1;
    for (let tries = 0; place >= 0 && at - place <= FARTHEST && tries < TRIES; tries += 1) {
      let length = 0;
      const isFarEnough = at - place >= NEAREST;
      while (isFarEnough && length < longest && input[place + length] === input[at + length])
        length += 1;
      if (length > best.length) best = { length, distance: at - place };
      place = earlier[place] ?? -1;
    }
    return best;
  };
}

/** One sequence: literals, then a match where there is one. */
function sequence(literals: Buffer, match?: Match): Buffer {
  const more = (length: number): number[] => {
    if (length < 15) return [];
    const bytes: number[] = [];
    let left = length - 15;
    for (; left >= 255; left -= 255) bytes.push(255);
    return [...bytes, left];
  };
  const matched = match ? match.length - SHORTEST : 0;
  const token = (Math.min(literals.length, 15) << 4) | Math.min(matched, 15);
  const head = Buffer.from([token, ...more(literals.length)]);
  if (!match) return Buffer.concat([head, literals]);
  const tail = Buffer.from([match.distance & 255, match.distance >> 8, ...more(matched)]);
  return Buffer.concat([head, literals, tail]);
}

/** @returns the packed bytes; nothing else says how long either is */
export function lz4(input: Buffer): Buffer {
  const sequences: Buffer[] = [];
  const find = finder(input);
  let written = 0;
  for (let at = 0; at <= input.length - LAST_MATCH; ) {
    const match = find(at);
    // A longer one that starts at the next byte is worth a literal.
    const isBetterNext =
      match.length >= LEAST &&
      at + 1 <= input.length - LAST_MATCH &&
      find(at + 1).length > match.length + 1;
    if (match.length < LEAST || isBetterNext) {
      at += 1;
      continue;
    }
    sequences.push(sequence(input.subarray(written, at), match));
    at += match.length;
    written = at;
  }
  sequences.push(sequence(input.subarray(written)));
  return Buffer.concat(sequences);
}
