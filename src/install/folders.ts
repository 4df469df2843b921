/** Folders of a tree, and how messages call what is in them. */
import type { Directory } from '../system.ts';

/** What is larger than this we did not write. */
export const MAX_SIZE = 1024 * 1024;

export const shownPath = (top: string, steps: readonly string[]): string =>
  `${top === '/' ? '' : top}/${steps.join('/')}`;

/** Folders below one, each opened once however often it is looked into. */
export interface Folders {
  /** Undefined where one on the way is not there. @throws SystemError where one is no directory */
  within<T>(steps: readonly string[], act: (folder: Directory) => T): T | undefined;
  close(): void;
}

export function foldersBelow(top: Directory): Folders {
  const opened = new Map<string, Directory | undefined>([['', top]]);
  const at = (steps: readonly string[]): Directory | undefined => {
    const key = steps.join('/');
    if (opened.has(key)) return opened.get(key);
    const above = at(steps.slice(0, -1));
    const folder = above?.enter(steps.at(-1) ?? '');
    opened.set(key, folder);
    return folder;
  };
  return {
    within(steps, act) {
      const folder = at(steps);
      return folder && act(folder);
    },
    close() {
      opened.delete('');
      for (const folder of opened.values()) folder?.close();
    },
  };
}
