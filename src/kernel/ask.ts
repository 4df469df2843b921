/** Programs and files that are asked for the state of the host. */
import { type System, SystemError } from '../system.ts';

/** A host whose daemon hangs is to be reported, not waited for. */
export const TIMEOUT_MS = 10_000;
const MAX_FILE = 64 * 1024;

/** Further ones than these a host has none that matter: guests' devices are links, too. */
export const MAX_LINKS = 1000;

export interface Answer {
  readonly text?: string;
  /** Why there is none. */
  readonly problem?: string;
}

/** What a program prints; a program that fails or is not there is no reason to stop. */
export function ask(system: System, program: string, args: readonly string[]): Answer {
  const line = `\`${[program, ...args].join(' ')}\``;
  try {
    const { status, stdout, stderr } = system.run(program, args, { timeoutMs: TIMEOUT_MS });
    if (status === 0) return { text: stdout };
    const [message = ''] = stderr.trim().split('\n');
    if (status === undefined) return { problem: `${line} did not end in ${TIMEOUT_MS / 1000} s` };
    return { problem: `${line} failed (status ${status})${message === '' ? '' : `: ${message}`}` };
  } catch (error) {
    if (error instanceof SystemError) return { problem: `\`${program}\`: ${error.message}` };
    throw error;
  }
}

/** A file's text; undefined where it is not there, or cannot be read. */
export function textAt(system: System, path: string, limit = MAX_FILE): string | undefined {
  try {
    return system.readText(path, limit);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
