/** What src/node/ uses of `node:buffer`, and Node's global `Buffer`. */
import { posix } from './posix.ts';

export class Buffer extends Uint8Array {
  static alloc(size: number): Buffer {
    return new Buffer(size);
  }

  static allocUnsafe(size: number): Buffer {
    return new Buffer(size);
  }

  /** UTF-8. */
  static override from(text: unknown): Buffer {
    return new Buffer(posix.encode(String(text)));
  }

  static concat(chunks: readonly Uint8Array[]): Buffer {
    const all = new Buffer(chunks.reduce((size, { length }) => size + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  override toString(): string {
    return posix.decode(this.buffer, this.byteOffset, this.byteLength);
  }
}

export const isUtf8 = ({ buffer, byteOffset, byteLength }: Uint8Array): boolean =>
  posix.isUtf8(buffer, byteOffset, byteLength);
