/** What lies on a host, generated files included, and names alone where nothing more is asked. */
import type { HostFile, Watch } from './backends/foreign.ts';
import type { Base } from './emit/places.ts';
import { type Folders, foldersBelow } from './folders.ts';
import { foldersOf, namesIn, textAt } from './survey.ts';
import { type Directory, SystemError } from './system.ts';

/** Where only names are asked for, a folder could have any number of them. */
const MOST_NAMES = 1000;

/** All files at `watches`. */
export function surveyAll(top: Directory, base: Base, watches: readonly Watch[]): HostFile[] {
  const found = new Map<string, HostFile>();
  const folders = foldersBelow(top);
  try {
    for (const watch of watches) {
      for (const { steps, folder } of foldersOf(folders, base, watch)) {
        const names = namesIn(folders, steps).filter((one) => watch.name.test(one));
        for (const name of watch.isOfNames ? names.slice(0, MOST_NAMES) : names) {
          const path = `${folder}/${name}`;
          if (found.has(path)) continue;
          const at = [...steps, name];
          const seen = watch.isOfNames
            ? nameAt(folders, at)
            : isOfKernel(base, at)
              ? valueAt(folders, at)
              : textAt(folders, base, at);
          if (seen) found.set(path, { path, folder, name, ...seen });
        }
      }
    }
  } finally {
    folders.close();
  }
  return [...found.values()];
}

const isOfKernel = (base: Base, steps: readonly string[]): boolean =>
  /^(?:proc|sys)$/.test(steps[base.steps.length] ?? '');

/** A value of the kernel's, which is short; a file there may have no end. */
const MOST_VALUE = 4096;

function valueAt(folders: Folders, steps: readonly string[]): Pick<HostFile, 'text'> | undefined {
  const name = steps.at(-1) ?? '';
  try {
    return folders.within(steps.slice(0, -1), (folder) =>
      folder.kindOf(name) === 'file' ? { text: folder.read(name, MOST_VALUE).text } : undefined,
    );
  } catch (error) {
    // As of a NIC that goes meanwhile.
    if (error instanceof SystemError) return { text: undefined };
    throw error;
  }
}

/** What is there, not followed and not read. */
const nameAt = (
  folders: Folders,
  steps: readonly string[],
): Pick<HostFile, 'text' | 'target'> | undefined => {
  const name = steps.at(-1) ?? '';
  return folders.within(steps.slice(0, -1), (folder) => {
    const kind = folder.kindOf(name);
    if (kind === 'link') return { text: '', target: folder.readLink(name) };
    return kind === undefined || kind === 'directory' ? undefined : { text: '' };
  });
};
