/** src/node/interrupt.ts in the native binary: what runs goes on until it sleeps or ends. */
import { posix } from './posix.ts';

export function untilInterrupt<T>(act: () => T): T | undefined {
  posix.catchInterrupt(true);
  let result: T | undefined;
  let wasInterrupted = false;
  try {
    result = act();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EINTR')) throw error;
  } finally {
    wasInterrupted = posix.catchInterrupt(false);
  }
  return wasInterrupted ? undefined : result;
}
