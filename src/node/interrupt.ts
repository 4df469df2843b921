/** Ctrl-C while something waits. */
import { Script } from 'node:vm';
import { codeOf } from './error.ts';

/** A script sees globals alone. */
const NAME = 'macvtapRenderMayBeInterrupted';
const globals = globalThis as { [NAME]?: () => void };

/**
 * See `System.untilInterrupt`. A listener for the signal would run when this task is over, which is
 * too late; `breakOnSigint` (node:vm) stops what runs from another thread.
 */
export function untilInterrupt<T>(act: () => T): T | undefined {
  let result: T | undefined;
  globals[NAME] = () => {
    result = act();
  };
  try {
    new Script(`globalThis.${NAME}()`).runInThisContext({ breakOnSigint: true });
    return result;
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
    return undefined;
  } finally {
    delete globals[NAME];
  }
}
