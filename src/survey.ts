/** What else lies on a host: reads the files that a back end wants to see, as the host itself would. */
import { type Finding, finding, type HostFile, type Watch } from './backends/foreign.ts';
import { type Base, type Placement, stepsTo } from './emit/places.ts';
import { type Folders, foldersBelow, MAX_SIZE, shownPath } from './folders.ts';
import { isOurs } from './ownership.ts';
import { type Directory, SystemError } from './system.ts';

/** The files at `watches` that are not ours, nor will be written over. */
export function survey(
  top: Directory,
  base: Base,
  watches: readonly Watch[],
  placements: readonly Placement[],
): HostFile[] {
  const ours = new Set(placements.map(({ steps }) => steps.join('/')));
  const found = new Map<string, HostFile>();
  const folders = foldersBelow(top);
  try {
    for (const watch of watches) {
      for (const { steps, folder } of foldersOf(folders, base, watch)) {
        for (const name of namesIn(folders, steps).filter((one) => watch.name.test(one))) {
          const path = `${folder}/${name}`;
          if (found.has(path) || ours.has([...steps, name].join('/'))) continue;
          const seen = textAt(folders, [...steps, name]);
          if (!seen || (seen.text !== undefined && isOurs(seen.text))) continue;
          found.set(path, { path, folder, name, text: seen.text });
        }
      }
    }
  } finally {
    folders.close();
  }
  return [...found.values()];
}

/**
 * What of the host's files fights with ours, by the paths that they have here.
 * @param judge a back end's
 */
export function judged(
  top: Directory,
  base: Base,
  files: readonly HostFile[],
  judge: (files: readonly HostFile[]) => readonly Finding[],
): Finding[] {
  const unreadable = files
    .filter(({ text }) => text === undefined)
    .map(({ path }) =>
      finding('foreign-unreadable', path, 'It cannot be read, and so not judged.'),
    );
  return [...unreadable, ...judge(files)].map((one) => {
    const at = one.path.lastIndexOf('/');
    const folder = stepsTo(base, one.path.slice(0, at)) ?? base.steps;
    return { ...one, path: shownPath(top.path, [...folder, one.path.slice(at + 1)]) };
  });
}

interface Folder {
  /** Without links. */
  readonly steps: readonly string[];
  /** On the target, as it was asked for. */
  readonly folder: string;
}

function foldersOf(folders: Folders, base: Base, { folder, below }: Watch): Folder[] {
  const asked = stepsTo(base, folder);
  const steps = asked && resolve(folders, base, asked);
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

/** Undefined where there is nothing; without `text` where it cannot be read. */
function textAt(
  folders: Folders,
  steps: readonly string[],
): { text: string | undefined } | undefined {
  const real = resolve(folders, { steps: [] }, steps);
  const name = real?.at(-1);
  if (!real || name === undefined) return undefined;
  try {
    return folders.within(real.slice(0, -1), (folder) => {
      const kind = folder.kindOf(name);
      if (kind === undefined || kind === 'directory') return undefined;
      // /dev/null stands for an empty file, by which others are hidden.
      return { text: kind === 'file' ? folder.read(name, MAX_SIZE).text : '' };
    });
  } catch (error) {
    if (error instanceof SystemError) return { text: undefined };
    throw error;
  }
}

const MOST_LINKS = 16;

/**
 * A path below `top` without its links, which are followed as the host would: an absolute one
 * begins at its own root. Undefined where it leads nowhere.
 */
function resolve(
  folders: Folders,
  { steps: root }: Base,
  asked: readonly string[],
): readonly string[] | undefined {
  let done: string[] = [];
  const rest = [...asked];
  for (let links = 0; rest.length > 0; ) {
    const step = rest.shift();
    if (step === undefined || step === '' || step === '.') continue;
    if (step === '..') {
      if (done.length > root.length) done.pop();
      continue;
    }
    const kind = folders.within(done, (folder) => folder.kindOf(step));
    if (kind === undefined) return undefined;
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
