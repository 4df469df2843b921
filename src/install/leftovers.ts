/** What is in a tree and is not meant: files of an earlier intent, and what an interrupted run left. */

import { places as everyPlace } from '../backends/places.ts';
import { type Directory, SystemError } from '../system.ts';
import { isGenerated, isLockName, isSameHost, nameOfTemporary } from '../view/ownership.ts';
import type { Place } from '../view/place.ts';
import { type Folders, MAX_SIZE, shownPath } from './folders.ts';
import { type Base, type Placeable, type Placement, stepsTo } from './places.ts';

/**
 * What is there and is not meant: a file of an earlier intent, what an interrupted run left; and
 * `no-file`, which has the name of a lock or of a temporary file, and is a directory.
 */
export interface Leftover {
  readonly kind: 'orphan' | 'orphan-of-other' | 'temporary' | 'lock' | 'no-file';
  readonly path: string;
  readonly steps: readonly string[];
  /** Absolute, on the target. */
  readonly target: string;
  readonly text: string;
}

/**
 * @param bases where to look for what is ours
 * @throws SystemError where the system refuses to show what is there
 */
export function findLeftovers(
  top: Directory,
  folders: Folders,
  bases: readonly Base[],
  placements: readonly Placement[],
): Leftover[] {
  return distinct(
    bases.flatMap((base) =>
      base.isOwn
        ? leftoversIn(top, folders, base.steps)
        : leftoversBelow(top, folders, base, placements),
    ),
  );
}

function leftoversBelow(
  top: Directory,
  folders: Folders,
  base: Base,
  placements: readonly Placement[],
): Leftover[] {
  const meant = new Set(placements.map(({ steps }) => steps.join('/')));
  const mine = placements[0]?.file;
  const seen = new Set<string>();
  const { scope: requested = 'host' } = base;
  const places = everyPlace.filter(({ scope = 'host' }) => scope === requested);
  return places.flatMap((place) => {
    const steps = stepsTo(base, place.folder);
    if (!steps) return [];
    return orNone(() =>
      foldersOf(folders, steps, place).flatMap((folder) =>
        leftoversOf(top, folders, folder, place, mine).filter(({ steps: at, path }) => {
          const isNew = !meant.has(at.join('/')) && !seen.has(path);
          seen.add(path);
          return isNew;
        }),
      ),
    );
  });
}

const distinct = (leftovers: readonly Leftover[]): Leftover[] => [
  ...new Map(leftovers.map((leftover) => [leftover.path, leftover])).values(),
];

/** What an interrupted run left in one folder, under whatever name. */
function leftoversIn(top: Directory, folders: Folders, steps: readonly string[]): Leftover[] {
  return orNone(
    () =>
      folders.within(steps, (folder) =>
        folder.list().flatMap((name): Leftover[] => {
          const kind = leftoverKind(folder, name, /^/);
          const at = [...steps, name];
          const path = shownPath(top.path, at);
          return kind ? [{ kind, path, steps: at, target: `/${at.join('/')}`, text: '' }] : [];
        }),
      ) ?? [],
  );
}

/** @param pattern what the file may be called that a temporary one is meant for */
function leftoverKind(
  folder: Directory,
  name: string,
  pattern: RegExp,
): 'temporary' | 'lock' | 'no-file' | undefined {
  const isLock = isLockName(name);
  const meant = nameOfTemporary(name);
  if (!isLock && (meant === undefined || !pattern.test(meant))) return undefined;
  if (folder.kindOf(name) === 'directory') return 'no-file';
  return isLock ? 'lock' : 'temporary';
}

/** Nothing of ours is behind a link, nor below a file. */
function orNone(act: () => Leftover[]): Leftover[] {
  try {
    return act();
  } catch (error) {
    if (error instanceof SystemError && ['is-link', 'not-directory'].includes(error.kind)) {
      return [];
    }
    throw error;
  }
}

interface Folder {
  readonly steps: readonly string[];
  readonly target: string;
}

function foldersOf(folders: Folders, steps: readonly string[], place: Place): Folder[] {
  const { folder, below } = place;
  if (!below) return [{ steps, target: folder }];
  const names = folders.within(steps, (directory) =>
    directory.list().filter((name) => below.test(name) && directory.kindOf(name) === 'directory'),
  );
  return (names ?? []).map((name) => ({ steps: [...steps, name], target: `${folder}/${name}` }));
}

function leftoversOf(
  top: Directory,
  folders: Folders,
  { steps, target }: Folder,
  { name: pattern }: Place,
  mine: Placeable | undefined,
): Leftover[] {
  const found = folders.within(steps, (folder) =>
    folder.list().flatMap((name): Leftover[] => {
      const about = {
        path: shownPath(top.path, [...steps, name]),
        steps: [...steps, name],
        target: `${target}/${name}`,
        text: '',
      };
      const left = leftoverKind(folder, name, pattern);
      if (left) return [{ ...about, kind: left }];
      if (!pattern.test(name) || folder.kindOf(name) !== 'file') return [];
      const text = textOf(folder, name);
      if (!isGenerated(text)) return [];
      const isOther = mine !== undefined && !isSameHost(text, mine.text);
      return [{ ...about, text, kind: isOther ? 'orphan-of-other' : 'orphan' }];
    }),
  );
  return found ?? [];
}

/** Of a file that is not text at all: nothing, which is nothing of ours. */
function textOf(folder: Directory, name: string): string {
  try {
    return folder.read(name, MAX_SIZE).text;
  } catch (error) {
    if (error instanceof SystemError && ['not-utf8', 'too-large'].includes(error.kind)) return '';
    throw error;
  }
}
