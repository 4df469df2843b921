/** Reading a descriptor to its end. */
import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { SystemError } from '../system.ts';
import { codeOf } from './error.ts';
import { sleep } from './sleep.ts';

/** All of it as text. @throws SystemError `is-directory`, `too-large`, `not-utf8` */
export function readDescriptor(fd: number, path: string, limit: number): string {
  const bytes = readAll(fd, path, limit);
  if (!isUtf8(bytes)) throw new SystemError('not-utf8', path, 'is not UTF-8 text');
  return bytes.toString('utf8');
}

/** All of it. @throws SystemError `is-directory`, `too-large` */
export function readAll(fd: number, path: string, limit: number): Buffer {
  const stat = fs.fstatSync(fd);
  if (stat.isDirectory()) throw new SystemError('is-directory', path, 'is a directory');
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(stat.size - size + 1, 65536), limit + 1));
    let count: number;
    try {
      count = fs.readSync(fd, chunk);
    } catch (error) {
      // A pipe that is not filled yet; a signal. (libuv tries again for other calls, not for read.)
      if (codeOf(error) !== 'EAGAIN' && codeOf(error) !== 'EINTR') throw error;
      sleep(5);
      continue;
    }
    if (count === 0) break;
    size += count;
    if (size > limit) {
      throw new SystemError('too-large', path, `is larger than ${limit / 1024 / 1024} MiB`);
    }
    chunks.push(chunk.subarray(0, count));
  }
  return Buffer.concat(chunks);
}
