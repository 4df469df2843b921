/**
 * What the native binary starts from (src/native/snapshot.c): QuickJS's memory after the program was
 * evaluated, as one run of the binary prints it, made independent of where that run was loaded.
 */
import { lz4 } from './lz4.ts';

const WORD = 8;
/** The memory is a multiple of it, so that there is a whole word of bits for each 64 words. */
const PAGE = 64 * WORD;
/** Pointers, as in snapshot.c: near their own place, and into the program. */
const [NEAR_ZERO, IN_PROGRAM] = [0x60000000, 0x80000000];
/** What is nearer counts from its own place. */
const NEAR = 1024;
/** As in snapshot.h. */
export const PAST_END = 16;
/** Where the run's stack can be, from the place that it prints. */
const STACK = 64n * 1024n;

interface Recorded {
  /** Pointers are offsets, from the memory or from the program. */
  readonly memory: Buffer;
  /** A bit for each word: it is a pointer. */
  readonly bits: Buffer;
}

/**
 * @param printed by a run: five words, then the memory
 * @throws Error where the memory knows more of that run than where its stack was
 */
export function relocatable(printed: Buffer): Recorded {
  const word = (index: number): bigint => printed.readBigUInt64LE(index * WORD);
  const [start, used, program, programEnd, stack] = [word(0), word(1), word(2), word(3), word(4)];
  if (printed.length !== 5 * WORD + Number(used)) throw new Error('the memory is cut off');
  const memory = Buffer.alloc(Math.ceil(Number(used) / PAGE) * PAGE);
  printed.copy(memory, 0, 5 * WORD);
  const bits = Buffer.alloc(memory.length / WORD / 8);
  let ofStack = 0;
  for (let at = 0; at < memory.length; at += WORD) {
    const value = memory.readBigUInt64LE(at);
    const isInMemory = value >= start && value <= start + used;
    if (isInMemory || (value >= program && value < programEnd)) {
      const offset = Number(isInMemory ? value - start : value - program);
      const isNear = isInMemory && Math.abs(offset - at) < NEAR;
      const ofMemory = isNear ? offset - at + NEAR_ZERO : offset;
      memory.writeBigUInt64LE(BigInt(isInMemory ? ofMemory : offset + IN_PROGRAM), at);
      const index = at / WORD;
      bits.writeUInt8(bits.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
    } else if (value > stack - STACK && value < stack + STACK) {
      // The top of the stack, which JS_UpdateStackTop sets.
      memory.writeBigUInt64LE(0n, at);
      ofStack += 1;
    }
  }
  if (ofStack !== 1) throw new Error(`${ofStack} pointers into the stack, not one`);
  return { memory, bits };
}

/**
 * What snapshot_load() reads.
 * @param runs what two runs printed; each was loaded elsewhere
 * @throws Error where they differ by more than their places
 */
export function snapshotOf(runs: readonly [Buffer, Buffer]): Buffer {
  const [first, second] = runs.map(relocatable) as [Recorded, Recorded];
  if (!first.memory.equals(second.memory) || !first.bits.equals(second.bits)) {
    throw new Error('two runs recorded different memory');
  }
  const size = Buffer.alloc(WORD);
  size.writeBigUInt64LE(BigInt(first.memory.length));
  const packed = lz4(Buffer.concat([first.memory, first.bits]));
  return Buffer.concat([size, packed]);
}
