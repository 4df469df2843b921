/**
 * When a file on disk took effect, so that it is removed in the reverse order. A rendered file
 * has its rank; that of a file on disk follows from its place and the links that all files describe.
 */
import { type FileLink, linksIn } from '../backends/generated.ts';
import { placeIn } from '../backends/places.ts';
import { isUpper } from '../backends/shared/file-links.ts';
import { rankOfLink } from '../view/place.ts';

/** A generated file, as it is on disk or as it is rendered. */
export interface Found {
  /** Absolute, on the target. */
  readonly target: string;
  readonly text: string;
}

type Links = ReadonlyMap<string, FileLink>;

/**
 * What refers to others goes before those.
 * @param others files that stay, which say what a link is
 */
export function inRemovalOrder<T extends Found>(
  orphans: readonly T[],
  others: readonly Found[] = [],
): T[] {
  // Reading all files for their links takes as long as writing some of them.
  if (orphans.length === 0) return [];
  const files = [...orphans, ...others].map(({ target, text }) => [target, text] as const);
  const links = linksIn(new Map(files));
  return orphans
    .map((orphan) => ({ orphan, rank: rankOf(orphan, links) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ orphan }) => orphan);
}

function rankOf({ target, text }: Found, links: Links): number {
  const place = placeIn(target, text);
  if (place?.rank !== 'link') return place?.rank ?? 0;
  const called = place.name.exec(target.slice(target.lastIndexOf('/') + 1))?.[1] ?? '';
  const link = links.get(called) ?? [...links.values()].find(({ id }) => id === called);
  return rankOfLink(
    link && isUpper(link) ? undefined : heightOf(links, link?.name ?? called, MAX_HEIGHT),
  );
}

/** As high as the kernel stacks links. */
const MAX_HEIGHT = 8;

/** How many links a link is on top of: the one below it, or its ports. */
function heightOf(links: Links, name: string, left: number): number {
  if (left === 0) return 0;
  const { parent } = links.get(name) ?? {};
  const ports = [...links.values()].flatMap((link) => (link.master === name ? [link.name] : []));
  const lowers = [...(parent === undefined ? [] : [parent]), ...ports];
  return Math.max(0, ...lowers.map((lower) => heightOf(links, lower, left - 1) + 1));
}
