/** Leftovers in a tree: orphaned files, and temporary files and locks of an interrupted run. */

import { places as everyPlace } from '../backends/places.ts';
import { type Directory, SystemError, type SystemErrorKind } from '../system.ts';
import { isGenerated, isLockName, isSameHost, nameOfTemporary } from '../view/ownership.ts';
import type { Place } from '../view/place.ts';
import { type Folders, MAX_SIZE, shownPath } from './folders.ts';
import { type Base, type Placeable, type Placement, stepsTo } from './places.ts';

/**
 * An orphaned file, a temporary file or lock of an interrupted run, or `no-file`: a directory with
 * the name of a lock or of a temporary file.
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
 * @param bases where to look for generated files
 * @throws SystemError where the tree cannot be read
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

/** Files of an interrupted run in one folder. */
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

/** @param pattern of the names of the files that temporary ones stand for */
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

/** Generated files are never behind a link or below a file. */
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

const GENERATED_BY_NOBODY: ReadonlySet<SystemErrorKind> = new Set([
  'not-found',
  'not-utf8',
  'too-large',
]);

/** Empty for a file that is not text, and so not generated; and for one that another run has removed meanwhile. */
function textOf(folder: Directory, name: string): string {
  try {
    return folder.read(name, MAX_SIZE).text;
  } catch (error) {
    if (error instanceof SystemError && GENERATED_BY_NOBODY.has(error.kind)) return '';
    throw error;
  }
}
