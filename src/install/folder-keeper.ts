/** The folders that an installation writes to, each opened once. */
import type { Directory } from '../system.ts';

export interface FolderKeeper {
  /** The folder of a file, created if missing. */
  of(steps: readonly string[]): Directory;
  close(): void;
}

/** @param isEmpty whether there is nothing below `top` yet: what is there was created here */
export function folderKeeper(top: Directory, isEmpty = false): FolderKeeper {
  const known = new Map<string, Directory>();
  const enter = (above: Directory, step: string): Directory =>
    isEmpty ? above.enterNew(step) : above.enterOrCreate(step);
  const at = (steps: readonly string[]): Directory => {
    if (steps.length === 0) return top;
    const key = steps.join('/');
    const folder = known.get(key) ?? enter(at(steps.slice(0, -1)), steps.at(-1) ?? '');
    known.set(key, folder);
    return folder;
  };
  return {
    of: (steps) => at(steps.slice(0, -1)),
    close() {
      for (const folder of known.values()) folder.close();
    },
  };
}
