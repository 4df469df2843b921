/** Reading a descriptor to its end. */
import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { SystemError } from '../system.ts';
import { codeOf } from './error.ts';
import { sleep } from './sleep.ts';

/** What fstat(2) says of it. */
type Stat = Pick<fs.Stats, 'size' | 'isDirectory' | 'isFile'>;

/** All of it as text. @throws SystemError `is-directory`, `too-large`, `not-utf8` */
export function readDescriptor(
  fd: number,
  path: string,
  limit: number,
  stat: Stat = fs.fstatSync(fd),
): string {
  const bytes = readShared(fd, path, limit, stat);
  if (!isUtf8(bytes)) throw new SystemError('not-utf8', path, 'is not UTF-8 text');
  return bytes.toString('utf8');
}

/** All of it. @throws SystemError `is-directory`, `too-large` */
export const readAll = (fd: number, path: string, limit: number, stat: Stat): Buffer =>
  Buffer.from(readShared(fd, path, limit, stat));

/** One for all small files: a fleet has thousands, and each buffer of its own is garbage. */
const SMALL = Buffer.allocUnsafeSlow(65536);

/** As `readAll`; valid until the next call. */
function readShared(fd: number, path: string, limit: number, stat: Stat): Buffer {
  if (stat.isDirectory()) throw new SystemError('is-directory', path, 'is a directory');
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const isSmall = chunks.length === 0 && stat.size < SMALL.length && limit >= SMALL.length;
    const chunk = isSmall
      ? SMALL
      : Buffer.allocUnsafe(Math.min(Math.max(stat.size - size + 1, SMALL.length), limit + 1));
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
    // As much as a regular file has, and less than was asked for: its end. (Those of /proc have 0.)
    if (size === stat.size && count < chunk.length && stat.isFile()) break;
  }
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks);
}
