/** Folders of a tree, and paths in them as messages print them. */
import type { Directory } from '../system.ts';

/** Larger than any generated file. */
export const MAX_SIZE = 1024 * 1024;

export const shownPath = (top: string, steps: readonly string[]): string =>
  `${top === '/' ? '' : top}/${steps.join('/')}`;

/** Folders below one, each opened only once. */
export interface Folders {
  /** Undefined if there is none. @throws SystemError if a part of the path is not a directory */
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
