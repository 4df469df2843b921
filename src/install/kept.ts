/** What the pending directory holds: copies of files with their bytes, mode and owner, and lists. */
import { type Directory, SystemError } from '../system.ts';
import { temporaryName } from '../view/ownership.ts';
import { kindBelow, removeAll, within } from './tree.ts';

/** A file that is about to change. */
export interface Change {
  /** Absolute, on the host. */
  readonly target: string;
  /** Below the directory that is written to. */
  readonly steps: readonly string[];
}

/** A set has some dozens of paths. */
export const MAX_CREATED = 1024 * 1024;

/** Files that are kept already are not kept again. */
export function keepAll(
  top: Directory,
  pending: Directory,
  changes: readonly Change[],
  optional: ReadonlySet<string>,
): void {
  // An unreadable list is an error: a rollback would not remove created files.
  const before = pending.kindOf('created') ? pending.read('created', MAX_CREATED).text : '';
  const created = new Set(before.split('\n').filter((line) => line !== ''));
  inMadeFolder(pending, ['files'], (kept) => {
    for (const { target, steps } of changes) {
      if (created.has(target)) continue;
      const isThere = copyInto(top, steps, kept, target.split('/').slice(1));
      if (!isThere && !optional.has(target)) created.add(target);
    }
  });
  replaceText(pending, 'created', 0o600, [...created].map((path) => `${path}\n`).join(''));
}

/** Larger files are not copied: an error. */
export const MAX_COPY = 64 * 1024 * 1024;

/** @returns whether there was something to keep */
function copyInto(
  top: Directory,
  from: readonly string[],
  kept: Directory,
  to: readonly string[],
): boolean {
  if (kindBelow(kept, to) !== undefined) return true;
  const name = from.at(-1) ?? '';
  const isCopied = within(top, from.slice(0, -1), (source) => {
    const kind = source.kindOf(name);
    if (kind !== 'file' && kind !== 'link') return false;
    inMadeFolder(kept, to.slice(0, -1), (folder) =>
      copyFile(source, folder, name, kind === 'link'),
    );
    return true;
  });
  return isCopied ?? false;
}

function inMadeFolder(
  above: Directory,
  steps: readonly string[],
  act: (folder: Directory) => void,
): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    act(above);
    return;
  }
  const folder = above.enter(step) ?? above.enterNew(step, 0o700);
  try {
    inMadeFolder(folder, rest, act);
  } finally {
    folder.close();
  }
}

/** Under another name first, so that a partial copy is never taken for the old file. */
function copyFile(source: Directory, folder: Directory, name: string, isLink: boolean): void {
  const temporary = temporaryName(name);
  removeAll(folder, temporary);
  undoing(folder, temporary, () => {
    if (isLink) folder.createLink(temporary, source.readLink(name));
    else {
      const { bytes, mode, uid, gid } = source.readBytes(name, MAX_COPY);
      folder.create(temporary, mode, bytes, { uid, gid });
    }
    folder.rename(temporary, name);
  });
  folder.sync();
}

export function replaceText(folder: Directory, name: string, mode: number, text: string): void {
  const temporary = temporaryName(name);
  removeAll(folder, temporary);
  undoing(folder, temporary, () => {
    folder.create(temporary, mode, text);
    folder.rename(temporary, name);
  });
}

/** On failure the partial copy is removed, and that failure is reported. */
export function undoing(folder: Directory, temporary: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    try {
      removeAll(folder, temporary);
    } catch (another) {
      if (!(another instanceof SystemError)) throw another;
    }
    throw error;
  }
}
