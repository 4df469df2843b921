/**
 * Where generated files lie, and when each takes effect: declared once, by what writes them, for
 * rendering and for what finds them again. The names are fixed for ever.
 */

/**
 * When a file takes effect, in an installation that is interrupted: files are put in place in
 * this order, and after each one the host must come up reachable.
 */
export const RANK = {
  /** Devices and settings that nothing refers to yet. */
  device: 10,
  setting: 20,
  /** The shim's addresses. */
  shim: 30,
  /** What boot waits for. */
  boot: 40,
  /** The parent's file: it makes the arrangement. Links on top of others come before those. */
  parent: 80,
  /** What other systems ignore: not before there is a replacement for what they configured. */
  keepOff: 90,
} as const;

declare const OF_PLACE: unique symbol;
/** A rank that a place has given: no other number is one. */
export type Rank = number & { readonly [OF_PLACE]: true };

/** A kind of generated files. */
export interface Place {
  /** Absolute, on the target. */
  readonly folder: string;
  /** Names of folders in it that hold the files; absent: they are in `folder` itself. */
  readonly below?: RegExp;
  readonly name: RegExp;
  /** Of the back ends; absent: `host`. An installation removes files of its own scope only. */
  readonly scope?: 'trial' | 'guests';
  /** `link`: as the link that a file is of, which is the first group of `name`. */
  readonly rank: number | 'link';
  /** Where files of another place are called so, too: whether a text is of this one. */
  readonly isOf?: (text: string) => boolean;
  /**
   * Of files that say something of several links at once: the text that says what both say, for the
   * time while a link that goes is still needed and one that comes is needed already.
   */
  readonly interim?: (before: string, after: string) => string;
  /** The command that applies a file, given its quoted path, where no activation does. */
  readonly applies?: (path: string) => string;
  /** What a text gives to links, one line each; an installation never takes one before it is given. */
  readonly gives?: (text: string) => Given;
}

export interface Given {
  /** Addresses with their prefix length. */
  readonly addresses: readonly string[];
  /** What is attached to what, and who asks for an address. */
  readonly attachments: readonly string[];
}

interface Placed {
  readonly place: Place;
  readonly rank: Rank;
}

/** Place and rank of a rendered file. */
export function inPlace(place: Place & { readonly rank: number }): Placed;
/** @param link that the file is of; a shim or tap has no `height` */
export function inPlace(
  place: Place & { readonly rank: 'link' },
  link: { readonly name: string; readonly height?: number },
): Placed;
export function inPlace(place: Place, link?: { readonly height?: number }): Placed {
  const rank = place.rank === 'link' ? rankOfLink(link?.height) : place.rank;
  return { place, rank: rank as Rank };
}

/** @param height how many links a link is on top of; absent: it is a shim or tap */
export const rankOfLink = (height: number | undefined): number =>
  height === undefined ? RANK.shim : RANK.parent - height;

/** The place that a file lies in, by its path and its text. */
export function placeOf(places: readonly Place[], path: string, text: string): Place | undefined {
  const at = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, at), path.slice(at + 1)];
  return places.find(
    (place) => place.name.test(name) && isFolderOf(place, folder) && (place.isOf?.(text) ?? true),
  );
}

function isFolderOf({ folder, below }: Place, path: string): boolean {
  if (!below) return path === folder;
  return path.startsWith(`${folder}/`) && below.test(path.slice(folder.length + 1));
}
