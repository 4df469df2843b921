/**
 * Rendered files against a tree: what is missing, changed, of somebody else, or there without
 * being meant. Looks and touches nothing.
 */
import { type Base, type Placeable, type Placement, stepsTo } from './emit/places.ts';
import {
  intentNamed,
  isLockName,
  isOurs,
  isSameHost,
  makerOf,
  nameOfTemporary,
  PLACES,
  type Place,
} from './ownership.ts';
import { type Directory, type Rights, SystemError } from './system.ts';

/**
 * `edited` has our name and not our mark; `other-host` our mark, and another host's; `obstacle`
 * is no file that could be looked into.
 */
export type State =
  | 'same'
  | 'missing'
  | 'changed'
  | 'mode'
  | 'owner'
  | 'edited'
  | 'other-host'
  | 'obstacle';

/** One rendered file, and what is in its place. */
export interface Compared {
  readonly placement: Placement;
  readonly state: State;
  /** As messages call it. */
  readonly path: string;
  /** What is there now. */
  readonly text?: string;
  readonly rights?: Rights;
  /** Of what is in the way: what it is, in words that follow the path. */
  readonly because?: string;
  /** Whether it could be replaced, were that asked for. */
  readonly isReplaceable: boolean;
}

/**
 * What is there and is not meant: a file of an earlier intent, what an interrupted run left; and
 * `no-file`, which has the name of a lock or of a temporary file, and is a directory.
 */
export interface Stray {
  readonly kind: 'orphan' | 'orphan-of-other' | 'temporary' | 'lock' | 'no-file';
  readonly path: string;
  readonly steps: readonly string[];
  /** Absolute, on the target. */
  readonly target: string;
  readonly text: string;
}

export interface Comparison {
  readonly files: readonly Compared[];
  readonly strays: readonly Stray[];
}

/** What is larger than this we did not write. */
export const MAX_SIZE = 1024 * 1024;

/**
 * @param top undefined where there is no such directory
 * @param bases where to look for what is ours and not meant any more
 * @param shown how messages call the directory, which may not be there
 * @throws SystemError where the system refuses to show what is there
 */
export function compareTree(
  top: Directory | undefined,
  placements: readonly Placement[],
  bases: readonly Base[],
  shown = top?.path ?? '',
): Comparison {
  if (!top) {
    return {
      files: placements.map((one) => compareOne(undefined, undefined, one, shown)),
      strays: [],
    };
  }
  const folders = foldersBelow(top);
  try {
    return {
      files: placements.map((placement) => compareOne(top, folders, placement, shown)),
      strays: distinct(
        bases.flatMap((base) =>
          base.isOwn
            ? leftoversIn(top, folders, base.steps)
            : straysIn(top, folders, base, placements),
        ),
      ),
    };
  } finally {
    folders.close();
  }
}

export const shownPath = (top: string, steps: readonly string[]): string =>
  `${top === '/' ? '' : top}/${steps.join('/')}`;

/** Folders below one, each opened once however often it is looked into. */
export interface Folders {
  /** Undefined where one on the way is not there. @throws SystemError where one is no directory */
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

function compareOne(
  top: Directory | undefined,
  folders: Folders | undefined,
  placement: Placement,
  shown: string,
): Compared {
  const { steps } = placement;
  const path = shownPath(shown, steps);
  const missing: Compared = { placement, path, state: 'missing', isReplaceable: true };
  if (!top || !folders) return missing;
  try {
    const name = steps.at(-1) ?? '';
    return (
      folders.within(steps.slice(0, -1), (folder) => compareIn(folder, name, top, missing)) ??
      missing
    );
  } catch (error) {
    // The tree is not as it must be; anything else is an answer of the system's to be told.
    if (!(error instanceof SystemError) || !['is-link', 'not-directory'].includes(error.kind)) {
      throw error;
    }
    return {
      ...missing,
      path: error.path,
      state: 'obstacle',
      because: error.message,
      isReplaceable: false,
    };
  }
}

function compareIn(folder: Directory, name: string, top: Directory, missing: Compared): Compared {
  const { file } = missing.placement;
  const obstacle = (because: string, isReplaceable: boolean): Compared => ({
    ...missing,
    state: 'obstacle',
    because,
    isReplaceable,
  });
  const kind = folder.kindOf(name);
  if (kind === undefined) return missing;
  if (kind === 'link') {
    return obstacle(
      `is a symbolic link (to ${folder.readLink(name)}), which is not followed`,
      true,
    );
  }
  if (kind !== 'file') return obstacle('is there, and is no file', false);
  let text: string;
  let rights: Rights;
  try {
    ({ text, ...rights } = folder.read(name, MAX_SIZE));
  } catch (error) {
    const isForeign =
      error instanceof SystemError && (error.kind === 'not-utf8' || error.kind === 'too-large');
    if (!isForeign) throw error;
    return obstacle(`was not written by macvtap-render: it ${error.message}`, true);
  }
  const there = { ...missing, text, rights };
  if (text === file.text) {
    if (rights.mode !== file.mode) return { ...there, state: 'mode' };
    return { ...there, state: isWrongOwner(top.rights(), rights) ? 'owner' : 'same' };
  }
  if (!isOurs(text)) {
    const because = `was not written by macvtap-render, or was edited: its first line is not ours; ${makerOf(text)}`;
    return { ...there, state: 'edited', because };
  }
  if (!isSameHost(text, file.text)) {
    const because = `was written from ${intentNamed(text)}, and this is ${intentNamed(file.text)}`;
    return { ...there, state: 'other-host', because };
  }
  return { ...there, state: 'changed' };
}

/** A tree of root's is a host's, or is to be one: its daemons want files of root's. */
const isWrongOwner = (top: Rights, { uid, gid }: Rights): boolean =>
  top.uid === 0 && (uid !== 0 || gid !== 0);

function straysIn(
  top: Directory,
  folders: Folders,
  base: Base,
  placements: readonly Placement[],
): Stray[] {
  const meant = new Set(placements.map(({ steps }) => steps.join('/')));
  const mine = placements[0]?.file;
  const seen = new Set<string>();
  const { scope: asked = 'host' } = base;
  const places = PLACES.filter(({ scope = 'host' }) => scope === asked);
  return places.flatMap((place) => {
    const steps = stepsTo(base, place.folder);
    if (!steps) return [];
    return orNone(() =>
      foldersOf(folders, steps, place).flatMap((folder) =>
        straysOf(top, folders, folder, place, mine).filter(({ steps: at, path }) => {
          const isNew = !meant.has(at.join('/')) && !seen.has(path);
          seen.add(path);
          return isNew;
        }),
      ),
    );
  });
}

const distinct = (strays: readonly Stray[]): Stray[] => [
  ...new Map(strays.map((stray) => [stray.path, stray])).values(),
];

/** What an interrupted run left in one folder, under whatever name. */
function leftoversIn(top: Directory, folders: Folders, steps: readonly string[]): Stray[] {
  return orNone(
    () =>
      folders.within(steps, (folder) =>
        folder.list().flatMap((name): Stray[] => {
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
function orNone(act: () => Stray[]): Stray[] {
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

function straysOf(
  top: Directory,
  folders: Folders,
  { steps, target }: Folder,
  { name: pattern }: Place,
  mine: Placeable | undefined,
): Stray[] {
  const found = folders.within(steps, (folder) =>
    folder.list().flatMap((name): Stray[] => {
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
      if (!isOurs(text)) return [];
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
