/**
 * Rendered files against a tree: which are missing, changed, not generated, or orphaned. Changes
 * nothing.
 */

import { type Directory, type Rights, SystemError } from '../system.ts';
import { intentNamed, isGenerated, isSameHost, makerOf } from '../view/ownership.ts';
import { type Folders, foldersBelow, MAX_SIZE, shownPath } from './folders.ts';
import { findLeftovers, type Leftover } from './leftovers.ts';
import type { Base, Placement } from './places.ts';

/**
 * `edited`: the name of a generated file without its first line; `other-host`: generated for another
 * host; `obstacle`: not a regular file.
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

/** One rendered file, and what is at its path. */
export interface Compared {
  readonly placement: Placement;
  readonly state: State;
  /** The path as messages print it. */
  readonly path: string;
  /** The current content. */
  readonly text?: string;
  readonly rights?: Rights;
  /** Of an obstacle: a description that follows the path. */
  readonly because?: string;
  /** Whether `--force` would replace it. */
  readonly isReplaceable: boolean;
}

export interface Comparison {
  readonly files: readonly Compared[];
  readonly leftovers: readonly Leftover[];
}

/**
 * @param top undefined where there is no such directory
 * @param bases where to look for orphaned files
 * @param shown the directory as messages print it; it may not exist
 * @throws SystemError where the tree cannot be read
 */
export function compareTree(
  top: Directory | undefined,
  placements: readonly Placement[],
  bases: readonly Base[],
  shown = top?.path ?? '',
): Comparison {
  if (!top) {
    return {
      files: placements.map((item) => compareOne(undefined, undefined, item, shown)),
      leftovers: [],
    };
  }
  const folders = foldersBelow(top);
  try {
    return {
      files: placements.map((placement) => compareOne(top, folders, placement, shown)),
      leftovers: findLeftovers(top, folders, bases, placements),
    };
  } finally {
    folders.close();
  }
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
    // These are findings about the tree; other errors are the system's.
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
  if (kind !== 'file') return obstacle('is not a regular file', false);
  let text: string;
  let rights: Rights;
  try {
    ({ text, ...rights } = folder.read(name, MAX_SIZE));
  } catch (error) {
    // Removed since it was looked at, perhaps by another run.
    if (error instanceof SystemError && error.kind === 'not-found') return missing;
    const isForeign =
      error instanceof SystemError && (error.kind === 'not-utf8' || error.kind === 'too-large');
    if (!isForeign) throw error;
    return obstacle(`was not generated: it ${error.message}`, true);
  }
  const there = { ...missing, text, rights };
  if (text === file.text) {
    if (rights.mode !== file.mode) return { ...there, state: 'mode' };
    return { ...there, state: isWrongOwner(top.rights(), rights) ? 'owner' : 'same' };
  }
  if (!isGenerated(text)) {
    const because = `was not generated, or was edited: its first line is not that of a generated file; ${makerOf(text)}`;
    return { ...there, state: 'edited', because };
  }
  if (!isSameHost(text, file.text)) {
    const because = `was generated from ${intentNamed(text)}, not from ${intentNamed(file.text)}`;
    return { ...there, state: 'other-host', because };
  }
  return { ...there, state: 'changed' };
}

/** A tree that belongs to root is for a host, whose daemons need files that belong to root. */
const isWrongOwner = (top: Rights, { uid, gid }: Rights): boolean =>
  top.uid === 0 && (uid !== 0 || gid !== 0);
