/** Reads files of a host, including generated ones; for some folders only the names. */
import type { HostFile, Watch } from '../backends/host/foreign.ts';
import { type Directory, SystemError } from '../system.ts';
import { type Folders, foldersBelow } from './folders.ts';
import type { Base } from './places.ts';
import { foldersOf, includeAll, namesIn, textAt } from './survey.ts';

/** At most this many names of a folder. */
const MOST_NAMES = 1000;

/**
 * All files at `watches`, and those that they include.
 * @param refused is called for a folder that cannot be read; by default that ends it
 * @throws SystemError
 */
export function surveyAll(
  top: Directory,
  base: Base,
  watches: readonly Watch[],
  refused?: (folder: string) => void,
): HostFile[] {
  const found = new Map<string, HostFile>();
  const folders = foldersBelow(top);
  const adder =
    (look: (steps: readonly string[]) => Seen | undefined) =>
    ({ steps, folder }: Folder, name: string): HostFile | undefined => {
      const path = `${folder}/${name}`;
      const known = found.get(path);
      const seen = known ?? look([...steps, name]);
      const file = seen && { path, folder, name, ...seen };
      if (file) found.set(path, file);
      return file;
    };
  const add = adder((steps) =>
    isOfKernel(base, steps) ? valueAt(folders, steps) : textAt(folders, base, steps),
  );
  const addName = adder((steps) => nameAt(folders, steps));
  const attempt = <T>(folder: string, act: () => readonly T[]): readonly T[] => {
    try {
      return act();
    } catch (error) {
      if (!refused || !(error instanceof SystemError)) throw error;
      refused(folder);
      return [];
    }
  };
  try {
    for (const watch of watches) {
      for (const folder of attempt(watch.folder, () => foldersOf(folders, base, watch))) {
        const names = attempt(folder.folder, () => namesIn(folders, folder.steps)).filter((item) =>
          watch.name.test(item),
        );
        if (watch.isOfNames) {
          for (const name of names.slice(0, MOST_NAMES)) addName(folder, name);
          continue;
        }
        for (const name of names) {
          const file = add(folder, name);
          // Includes that cannot be followed are reported with the conflicts.
          if (file && watch.follow) {
            includeAll(folders, base, file, watch.follow, { add, miss: () => {} });
          }
        }
      }
    }
  } finally {
    folders.close();
  }
  return [...found.values()];
}

type Seen = Pick<HostFile, 'text' | 'target'>;
type Folder = ReturnType<typeof foldersOf>[number];

const isOfKernel = (base: Base, steps: readonly string[]): boolean =>
  /^(?:proc|sys)$/.test(steps[base.steps.length] ?? '');

/** A value of the kernel, which is short; a file there may be endless. */
const MOST_VALUE = 4096;

function valueAt(folders: Folders, steps: readonly string[]): Seen | undefined {
  const name = steps.at(-1) ?? '';
  try {
    return folders.within(steps.slice(0, -1), (folder) =>
      folder.kindOf(name) === 'file' ? { text: folder.read(name, MOST_VALUE).text } : undefined,
    );
  } catch (error) {
    // For example of a NIC that is removed meanwhile.
    if (error instanceof SystemError) return { text: undefined };
    throw error;
  }
}

/** The type of an entry, without following or reading it. */
const nameAt = (folders: Folders, steps: readonly string[]): Seen | undefined => {
  const name = steps.at(-1) ?? '';
  return folders.within(steps.slice(0, -1), (folder) => {
    const kind = folder.kindOf(name);
    if (kind === 'link') return { text: '', target: folder.readLink(name) };
    return kind === undefined || kind === 'directory' ? undefined : { text: '' };
  });
};
