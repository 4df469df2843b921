/**
 * Whether a tree holds the rendered files and nothing else: then there is no other file to look for,
 * no orphaned file, and no unit that owns the network.
 */

import { type Directory, SystemError } from '../system.ts';
import type { Compared, Comparison } from './compare.ts';
import { MAX_SIZE, shownPath } from './folders.ts';
import type { Placeable, Placement } from './places.ts';

/** What a folder is to hold: files, and folders with at least one file. */
type Wanted = Map<string, Placeable | Wanted>;

/**
 * Reads each folder and each file once, and no file whose folder has another one in it.
 * @returns what `compareTree` would; undefined where anything differs or cannot be read, which is
 *   to be looked at in full
 */
export function exactly(
  top: Directory,
  placements: readonly Placement[],
  shown: string,
): Comparison | undefined {
  const wanted = wantedOf(placements);
  if (!wanted) return undefined;
  const files = new Map<Placeable, Pick<Compared, 'text' | 'rights'>>();
  try {
    if (!isSame(top, wanted, top.rights().uid === 0, files)) return undefined;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
  return {
    files: placements.map((placement) => ({
      placement,
      state: 'same',
      path: shownPath(shown, placement.steps),
      isReplaceable: true,
      ...files.get(placement.file),
    })),
    leftovers: [],
  };
}

/** Undefined where two files have one place. */
function wantedOf(placements: readonly Placement[]): Wanted | undefined {
  const top: Wanted = new Map();
  for (const { file, steps } of placements) {
    let folder = top;
    for (const step of steps.slice(0, -1)) {
      const inner = folder.get(step) ?? new Map();
      if (!(inner instanceof Map)) return undefined;
      folder.set(step, inner);
      folder = inner;
    }
    const name = steps.at(-1) ?? '';
    if (folder.has(name)) return undefined;
    folder.set(name, file);
  }
  return top;
}

function isSame(
  folder: Directory,
  wanted: Wanted,
  isRoots: boolean,
  files: Map<Placeable, Pick<Compared, 'text' | 'rights'>>,
): boolean {
  const entries = folder.entries();
  if (entries.size !== wanted.size) return false;
  for (const [name, item] of wanted) {
    if (entries.get(name) !== (item instanceof Map ? 'directory' : 'file')) return false;
  }
  for (const [name, item] of wanted) {
    if (item instanceof Map) {
      const inner = folder.enter(name);
      try {
        if (!inner || !isSame(inner, item, isRoots, files)) return false;
      } finally {
        inner?.close();
      }
      continue;
    }
    const { text, ...rights } = folder.read(name, MAX_SIZE);
    if (text !== item.text || rights.mode !== item.mode) return false;
    if (isRoots && (rights.uid !== 0 || rights.gid !== 0)) return false;
    files.set(item, { text, rights });
  }
  return true;
}
