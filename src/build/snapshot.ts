/**
 * What the native binary starts from (src/native/snapshot.c): QuickJS's memory after the program was
 * evaluated, as two runs of the binary print it, made independent of where they were loaded.
 */
import { lz4 } from './lz4.ts';

const WORD = 8;
/** The memory is a multiple of it, so that there is a whole word of bits for each 64 words. */
const PAGE = 64 * WORD;
/** Pointers, as in snapshot.c: near their own place, and into the program. */
const [NEAR_ZERO, IN_PROGRAM] = [0x60000000, 0x80000000];
/** What is nearer counts from its own place. */
const NEAR = 1024;
/** How many bytes past their end the packed and the unpacked have, for `unpack` of main.c. */
export const PAST_END = 32;
/** Where the run's stack can be, from the place that it prints. */
const STACK = 64n * 1024n;

interface Recorded {
  /** Pointers are offsets, from the memory or from the program. */
  readonly memory: Buffer;
  /** A bit for each word: it is a pointer. */
  readonly bits: Buffer;
}

/** What a run printed: where it was loaded, and its memory. */
interface Run {
  /** The first place of the memory, and the first after it. */
  readonly start: bigint;
  readonly end: bigint;
  readonly program: bigint;
  readonly programEnd: bigint;
  readonly stack: bigint;
  readonly memory: Buffer;
}

/** A pointer: what it points into, and how far behind the first place of that. */
interface Pointer {
  readonly into: 'memory' | 'program' | 'stack';
  readonly offset: number;
}

function readRun(printed: Buffer): Run {
  const word = (index: number): bigint => printed.readBigUInt64LE(index * WORD);
  const [start, used, program, programEnd, stack] = [word(0), word(1), word(2), word(3), word(4)];
  const memory = printed.subarray(5 * WORD);
  if (memory.length !== Number(used)) throw new Error('the memory is cut off');
  return { start, end: start + used, program, programEnd, stack, memory };
}

function pointerIn(run: Run, value: bigint): Pointer | undefined {
  if (value >= run.start && value <= run.end) {
    return { into: 'memory', offset: Number(value - run.start) };
  }
  if (value >= run.program && value < run.programEnd) {
    return { into: 'program', offset: Number(value - run.program) };
  }
  // The top of the stack, which JS_UpdateStackTop sets: how far it is from the printed place says nothing.
  const isInStack = value > run.stack - STACK && value < run.stack + STACK;
  return isInStack ? { into: 'stack', offset: 0 } : undefined;
}

/**
 * Pointers and numbers are recognized by two runs that were loaded elsewhere: what is the same in both is a
 * number, whatever it looks like; what differs must be the same pointer.
 * @param printed by each run: five words, then the memory
 * @throws Error where a run was loaded where the other one was, or the memory knows more of a run
 *   than where its stack was
 */
export function relocatable(printed: readonly [Buffer, Buffer]): Recorded {
  const [first, second] = [readRun(printed[0]), readRun(printed[1])];
  for (const place of ['start', 'program', 'stack'] as const) {
    if (first[place] === second[place]) {
      const at = `0x${first[place].toString(16)}`;
      throw new Error(
        `two runs have their ${place} at ${at}: addresses must be random (kernel.randomize_va_space)`,
      );
    }
  }
  const different = (): never => {
    throw new Error('two runs recorded different memory');
  };
  if (first.memory.length !== second.memory.length) different();
  const memory = Buffer.alloc(Math.ceil(first.memory.length / PAGE) * PAGE);
  first.memory.copy(memory);
  const other = Buffer.alloc(memory.length);
  second.memory.copy(other);
  const bits = Buffer.alloc(memory.length / WORD / 8);
  let ofStack = 0;
  for (let at = 0; at < memory.length; at += WORD) {
    const [value, otherValue] = [memory.readBigUInt64LE(at), other.readBigUInt64LE(at)];
    if (value === otherValue) continue;
    const pointer = pointerIn(first, value) ?? different();
    const again = pointerIn(second, otherValue) ?? different();
    if (pointer.into !== again.into || pointer.offset !== again.offset) different();
    memory.writeBigUInt64LE(BigInt(writtenAs(pointer, at)), at);
    if (pointer.into === 'stack') {
      ofStack += 1;
    } else {
      const index = at / WORD;
      bits.writeUInt8(bits.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
    }
  }
  if (ofStack !== 1) throw new Error(`${ofStack} pointers into the stack, not one`);
  return { memory, bits };
}

/** The word that snapshot.c makes the pointer of. */
function writtenAs({ into, offset }: Pointer, at: number): number {
  if (into === 'stack') return 0;
  if (into === 'program') return offset + IN_PROGRAM;
  return Math.abs(offset - at) < NEAR ? offset - at + NEAR_ZERO : offset;
}

/**
 * What snapshot_load() reads.
 * @param runs what two runs printed; each was loaded elsewhere
 * @throws Error as relocatable() does
 */
export function snapshotOf(runs: readonly [Buffer, Buffer]): Buffer {
  const { memory, bits } = relocatable(runs);
  const size = Buffer.alloc(WORD);
  size.writeBigUInt64LE(BigInt(memory.length));
  return Buffer.concat([size, lz4(Buffer.concat([memory, bits]))]);
}
