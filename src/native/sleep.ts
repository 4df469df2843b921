/** src/node/sleep.ts in the native binary. */
import { posix } from './posix.ts';

export const sleep = (milliseconds: number): void => posix.sleep(milliseconds);
