/** The folders that an installation writes to, each opened once. */
import { type Directory, SystemError } from '../system.ts';

interface LockedFolders {
  readonly folders: FolderKeeper;
  /** @param isDone otherwise it removes the empty folders that were created */
  readonly unlock: (isDone: boolean) => void;
}

/** How often folders are opened again that other runs remove. */
const TRIES = 100;

/**
 * Opens the folder of each file and locks it, in the order given. A run that fails removes the empty folders that it
 * has created, also those that this one has open and waits for: nothing can be created in them (ENOENT, rmdir(2)), so
 * that all are opened again. A folder with a lock in it is not empty, and stays.
 */
export function lockedFolders(
  top: Directory,
  files: readonly (readonly string[])[],
): LockedFolders {
  for (let tries = TRIES; ; tries -= 1) {
    const folders = folderKeeper(top);
    const unlocks: (() => void)[] = [];
    const unlock = (isDone: boolean): void => {
      for (const one of unlocks.reverse()) one();
      if (!isDone) folders.removeCreated();
      folders.close();
    };
    try {
      for (const steps of files) unlocks.push(folders.of(steps).lock());
      return { folders, unlock };
    } catch (error) {
      unlock(false);
      const isRemoved = error instanceof SystemError && error.kind === 'not-found';
      if (!isRemoved || tries === 0) throw error;
    }
  }
}

export interface FolderKeeper {
  /** The folder of a file, created if missing. */
  of(steps: readonly string[]): Directory;
  /** Those that were missing. */
  created(): readonly (readonly string[])[];
  /** After a failure, which is the one that is reported: removes those of them that are empty. */
  removeCreated(): void;
  close(): void;
}

/** @param isEmpty whether there is nothing below `top` yet: what is there was created here */
export function folderKeeper(top: Directory, isEmpty = false): FolderKeeper {
  const known = new Map<string, Directory>();
  const created: (readonly string[])[] = [];
  const enter = (above: Directory, steps: readonly string[]): Directory => {
    const step = steps.at(-1) ?? '';
    const found = isEmpty ? undefined : above.enter(step);
    if (found) return found;
    created.push(steps);
    return isEmpty ? above.enterNew(step) : above.enterOrCreate(step);
  };
  const at = (steps: readonly string[]): Directory => {
    if (steps.length === 0) return top;
    const key = steps.join('/');
    const folder = known.get(key) ?? enter(at(steps.slice(0, -1)), steps);
    known.set(key, folder);
    return folder;
  };
  return {
    of: (steps) => at(steps.slice(0, -1)),
    created: () => created,
    removeCreated() {
      for (const steps of [...created].reverse()) {
        try {
          at(steps.slice(0, -1)).removeDirectory(steps.at(-1) ?? '');
        } catch (error) {
          if (!(error instanceof SystemError)) throw error;
        }
      }
    },
    close() {
      for (const folder of known.values()) folder.close();
    },
  };
}
