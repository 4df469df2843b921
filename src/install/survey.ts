/** Reads the host's other files that a back end checks, following links and includes as the host would. */

import { fits, type HostFile, type Included, type Watch } from '../backends/host/foreign.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { type Directory, SystemError } from '../system.ts';
import { isGenerated } from '../view/ownership.ts';
import { type Folders, foldersBelow, MAX_SIZE, shownPath } from './folders.ts';
import { type Base, type Placement, stepsTo } from './places.ts';

/** Limits for included files and their text, far above those of a real host. */
const MOST_INCLUDED = 256;
const MOST_TEXT = 4 * MAX_SIZE;
/** NAME_MAX of every file system of Linux. */
const MOST_NAME = 255;

/** Where files are collected. */
interface Shelf {
  /** The file, unless it does not exist or was generated. */
  readonly add: (folder: Folder, name: string) => HostFile | undefined;
  readonly miss: (path: string) => void;
}

/** The files at `watches` and those that they include, without generated files and files to be overwritten. */
export function survey(
  top: Directory,
  base: Base,
  watches: readonly Watch[],
  placements: readonly Placement[],
): HostFile[] {
  const rendered = new Set(placements.map(({ steps }) => steps.join('/')));
  const found = new Map<string, HostFile>();
  const folders = foldersBelow(top);
  const miss = (path: string): void => {
    const at = path.lastIndexOf('/');
    const parts = { folder: path.slice(0, at), name: path.slice(at + 1) };
    found.set(path, { path, ...parts, text: undefined });
  };
  const add = ({ steps, folder }: Folder, name: string): HostFile | undefined => {
    const path = `${folder}/${name}`;
    if (found.has(path) || rendered.has([...steps, name].join('/'))) return found.get(path);
    const seen = textAt(folders, base, [...steps, name]);
    if (!seen || (seen.text !== undefined && isGenerated(seen.text))) return undefined;
    const file = { path, folder, name, text: seen.text };
    found.set(path, file);
    return file;
  };
  try {
    for (const watch of watches) {
      for (const folder of foldersOf(folders, base, watch)) {
        for (const name of namesIn(folders, folder.steps).filter((item) => watch.name.test(item))) {
          const file = add(folder, name);
          if (file && watch.follow) includeAll(folders, base, file, watch.follow, { add, miss });
        }
      }
    }
  } finally {
    folders.close();
  }
  return [...found.values()];
}

/**
 * Adds included files, recursively, each once, so that a loop ends. Files that are unreadable or too
 * many are added without text, and reported.
 */
function includeAll(
  folders: Folders,
  base: Base,
  first: HostFile,
  follow: NonNullable<Watch['follow']>,
  { add, miss }: Shelf,
): void {
  const followed = new Set([first.path]);
  let text = 0;
  const waiting = [first];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const included of follow(next)) {
      try {
        for (const { folder, name } of placesOf(folders, base, included)) {
          if (followed.size > MOST_INCLUDED || text > MOST_TEXT) {
            miss(included.pattern);
            return;
          }
          const file = add(folder, name);
          if (!file || followed.has(file.path)) continue;
          followed.add(file.path);
          text += file.text?.length ?? 0;
          waiting.push(file);
        }
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        miss(included.pattern);
      }
    }
  }
}

/** The files of an include, sorted by name; none for a flat base, which is one folder. */
function placesOf(
  folders: Folders,
  base: Base,
  { pattern, name: wanted }: Included,
): { readonly folder: Folder; readonly name: string }[] {
  if (base.flat !== undefined) return [];
  const parts = pattern.split('/').slice(1);
  // No file has such a name, and not every system reports that as "not found".
  if (parts.some((part) => part.length > MOST_NAME || part.includes('\0'))) return [];
  const last = wanted ? undefined : parts.pop();
  let at: Folder[] = [{ steps: base.steps, folder: '' }];
  for (const part of parts) {
    at = at
      .flatMap(({ steps, folder }) =>
        matching(folders, steps, part).flatMap((name): Folder[] => {
          const inner = resolve(folders, base, [...steps, name]);
          return inner ? [{ steps: inner, folder: `${folder}/${name}` }] : [];
        }),
      )
      .slice(0, MOST_INCLUDED);
  }
  return at.flatMap((folder) => {
    const names =
      last === undefined ? namesIn(folders, folder.steps) : matching(folders, folder.steps, last);
    return names.filter((name) => wanted?.test(name) ?? true).map((name) => ({ folder, name }));
  });
}

/** Names that fit one part of a path (glob(7)): a hidden one only where the pattern has the dot. */
function matching(folders: Folders, steps: readonly string[], part: string): readonly string[] {
  if (!/[*?[\\]/.test(part)) return [part];
  return namesIn(folders, steps)
    .filter((name) => (!name.startsWith('.') || part.startsWith('.')) && fits(part, name))
    .sort();
}

/**
 * Conflicts of the host's files with the rendered ones, with their paths on this machine.
 * @param judge the function of a back end
 */
export function findingsAt(
  top: Directory,
  base: Base,
  files: readonly HostFile[],
  judge: (files: readonly HostFile[]) => readonly Finding[],
): Finding[] {
  const unreadable = files
    .filter(({ text }) => text === undefined)
    .map(({ path }) =>
      finding(
        'foreign-unreadable',
        path,
        'The file cannot be read, and was not checked for conflicts.',
      ),
    );
  return [...unreadable, ...judge(files)].map((item) => {
    const at = item.path.lastIndexOf('/');
    const folder = stepsTo(base, item.path.slice(0, at)) ?? base.steps;
    return { ...item, path: shownPath(top.path, [...folder, item.path.slice(at + 1)]) };
  });
}

interface Folder {
  /** Without links. */
  readonly steps: readonly string[];
  /** On the target, before links are followed. */
  readonly folder: string;
}

function foldersOf(folders: Folders, base: Base, { folder, below }: Watch): Folder[] {
  const requested = stepsTo(base, folder);
  const steps = requested && resolve(folders, base, requested);
  if (!steps) return [];
  if (!below) return [{ steps, folder }];
  return namesIn(folders, steps)
    .filter((name) => below.test(name))
    .flatMap((name) => {
      const inner = resolve(folders, base, [...steps, name]);
      return inner ? [{ steps: inner, folder: `${folder}/${name}` }] : [];
    });
}

function namesIn(folders: Folders, steps: readonly string[]): readonly string[] {
  try {
    return folders.within(steps, (folder) => folder.list()) ?? [];
  } catch (error) {
    if (error instanceof SystemError && error.kind === 'not-directory') return [];
    throw error;
  }
}

/** Undefined: no such file; without `text`: unreadable. */
function textAt(
  folders: Folders,
  base: Base,
  steps: readonly string[],
): { text: string | undefined } | undefined {
  const real = resolve(folders, base, steps);
  const name = real?.at(-1);
  if (!real || name === undefined) return undefined;
  if (isNull(base, real)) return { text: '' };
  // A file of the kernel may be endless.
  if (/^(?:proc|sys)$/.test(real[base.steps.length] ?? '')) return { text: undefined };
  try {
    return folders.within(real.slice(0, -1), (folder) => {
      const kind = folder.kindOf(name);
      if (kind === undefined || kind === 'directory') return undefined;
      // A link to /dev/null is an empty file, which masks others.
      return { text: kind === 'file' ? folder.read(name, MAX_SIZE).text : '' };
    });
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // Removed since it was listed, perhaps by another run.
    return error.kind === 'not-found' ? undefined : { text: undefined };
  }
}

/** `/dev/null`, which masks other files; a tree may lack it. */
const isNull = ({ steps: root }: Base, steps: readonly string[]): boolean =>
  steps.length === root.length + 2 && steps.at(-2) === 'dev' && steps.at(-1) === 'null';

const MOST_LINKS = 16;

/**
 * A path below `top` with its links resolved as on the host: absolute ones begin at its root.
 * Undefined for a dangling link.
 */
function resolve(
  folders: Folders,
  { steps: root }: Base,
  requested: readonly string[],
): readonly string[] | undefined {
  let done: string[] = [];
  const rest = [...requested];
  for (let links = 0; rest.length > 0; ) {
    const step = rest.shift();
    if (step === undefined || step === '' || step === '.') continue;
    if (step === '..') {
      if (done.length > root.length) done.pop();
      continue;
    }
    const kind = folders.within(done, (folder) => folder.kindOf(step));
    if (kind === undefined) {
      const isDevice = isNull({ steps: root }, [...done, step, ...rest]);
      return isDevice ? [...root, 'dev', 'null'] : undefined;
    }
    if (kind !== 'link') {
      if (kind !== 'directory' && rest.length > 0) return undefined;
      done.push(step);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return undefined;
    const to = folders.within(done, (folder) => folder.readLink(step)) ?? '';
    if (to.startsWith('/')) done = [...root];
    rest.unshift(...to.split('/'));
  }
  return done;
}

export { foldersOf, includeAll, namesIn, textAt };
