/** Waiting for a line at standard input, for so long. */
import * as fs from 'node:fs';
import { codeOf } from './error.ts';
import { sleep } from './sleep.ts';

const STEP = 50;

/** An open file description of its own: who shares the terminal must not find it non-blocking. */
let input: number | undefined;

function openInput(): number {
  input ??= fs.openSync('/proc/self/fd/0', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  return input;
}

/** See `System.waitForEnter`. */
export function waitForEnter(milliseconds: number): 'enter' | 'timeout' | 'closed' {
  const chunk = Buffer.alloc(4096);
  const end = performance.now() + milliseconds;
  try {
    const fd = openInput();
    for (;;) {
      const read = readNow(fd, chunk);
      if (read === 0) return 'closed';
      if (read !== undefined && chunk.subarray(0, read).includes(10)) {
        if (milliseconds > 0) return 'enter';
        continue;
      }
      if (performance.now() >= end) return 'timeout';
      sleep(Math.min(STEP, Math.max(1, end - performance.now())));
    }
  } catch (error) {
    // A socket cannot be opened again; a terminal that has hung up answers EIO.
    // EINTR: an interrupt, for whom `untilInterrupt` waits.
    const code = codeOf(error);
    if (code === undefined || code === 'EINTR') throw error;
    return 'closed';
  }
}

/** How many bytes there are; undefined where there are none yet. */
function readNow(fd: number, chunk: Buffer): number | undefined {
  try {
    return fs.readSync(fd, chunk);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN' || codeOf(error) === 'EINTR') return undefined;
    throw error;
  }
}
