/** What src/node/ uses of `node:buffer`, and Node's global `Buffer`. */
import { posix } from './posix.ts';

export class Buffer extends Uint8Array {
  static alloc(size: number): Buffer {
    return new Buffer(size);
  }

  static allocUnsafe(size: number): Buffer {
    return new Buffer(size);
  }

  static allocUnsafeSlow(size: number): Buffer {
    return new Buffer(size);
  }

  /** A text as UTF-8, or a copy of bytes. */
  static override from(content: unknown): Buffer {
    return content instanceof Uint8Array
      ? new Buffer(content)
      : new Buffer(posix.encode(String(content)));
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
