/** Whole folders: reading and removing them. */
import { type Directory, SystemError } from '../system.ts';

/** Runs `act` on the folder some steps below another; undefined if there is none. */
export function within<T>(
  top: Directory,
  steps: readonly string[],
  act: (folder: Directory) => T,
): T | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return act(top);
  const folder = top.enter(step);
  if (!folder) return undefined;
  try {
    return within(folder, rest, act);
  } finally {
    folder.close();
  }
}

/** The type of an entry some steps below. */
export const kindBelow = (
  top: Directory,
  steps: readonly string[],
): ReturnType<Directory['kindOf']> =>
  within(top, steps.slice(0, -1), (folder) => folder.kindOf(steps.at(-1) ?? ''));

/** Text of a file some steps below; undefined if there is none that can be read. */
export function textBelow(
  top: Directory,
  steps: readonly string[],
  limit: number,
): string | undefined {
  const name = steps.at(-1) ?? '';
  try {
    return within(top, steps.slice(0, -1), (folder) =>
      folder.kindOf(name) === 'file' ? folder.read(name, limit).text : undefined,
    );
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** Removes an entry and everything below it, without following links. */
export function removeAll(folder: Directory, name: string): void {
  const kind = folder.kindOf(name);
  if (kind === undefined) return;
  if (kind !== 'directory') {
    folder.remove(name);
    return;
  }
  const inner = folder.enter(name);
  try {
    for (const below of inner?.list() ?? []) if (inner) removeAll(inner, below);
  } finally {
    inner?.close();
  }
  folder.removeDirectory(name);
}
