/** The folders that an installation writes to, each opened once. */
import { type Directory, SystemError } from '../system.ts';

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
