/** The words of the change script (`install/change-script.ts`), run on this host. */

import { CHANGE_FOLDER, INSTALLING, PENDING } from '../install/pending.ts';
import { type System, SystemError } from '../system.ts';

/** What a word of the script came to. */
export interface Ran {
  readonly isDone: boolean;
  /** What it printed, without its own prefix; other programs' lines among them. */
  readonly lines: readonly string[];
}

export type Word = 'arm' | 'activate' | 'rollback' | 'confirm';

/** It waits for leases and for programs that hang, and ends by itself. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * @param args what follows the word
 * @returns undefined where no change is pending, so that there is no script
 * @throws SystemError without a shell
 */
export function runWord(system: System, word: Word, args: readonly string[] = []): Ran | undefined {
  const script = scriptPath(system);
  if (script === undefined) return undefined;
  const { status, stdout, stderr } = system.run('sh', [script, word, ...args], {
    timeoutMs: TIMEOUT_MS,
  });
  const lines = `${stdout}${stderr}`
    .split('\n')
    .map((line) => line.replace(/^macvtap: /, ''))
    .filter((line) => line !== '');
  return { isDone: status === 0, lines };
}

/** That of a rollback that has begun, before that of a change that is pending. */
function scriptPath(system: System): string | undefined {
  return ['pending.claimed', PENDING]
    .map((name) => pathOf(name, 'change'))
    .find((path) => isThere(system, path));
}

/**
 * Whether the pending change has only a part of its files in place: it can be rolled back, not confirmed.
 * @throws SystemError where it cannot be seen, as by others than root
 */
export const isInterrupted = (system: System): boolean =>
  scriptPath(system) === pathOf(PENDING, 'change') && isThere(system, pathOf(PENDING, INSTALLING));

const pathOf = (...names: readonly string[]): string =>
  `/${[...CHANGE_FOLDER, ...names].join('/')}`;

function isThere(system: System, path: string): boolean {
  try {
    system.readText(path, 1024 * 1024);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.kind === 'not-found') return false;
    throw error;
  }
}
