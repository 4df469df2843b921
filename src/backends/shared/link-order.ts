/** Which links there are, and in which order they are created. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasAddress, type Link, type Model, type Parent, type Shim } from '../../model/types.ts';

/** From the lowest to the highest: a link is made after what it stands on. */
export const byHeight = (parents: readonly Parent[]): Parent[] =>
  [...parents].sort((a, b) => a.height - b.height);

/** Links whose addresses the intent says: parents from the lowest, shims, taps. */
export const allLinks = (model: Model): (Parent | Shim)[] => [
  ...byHeight(model.parents),
  ...model.shims,
];

/** What no kernel does by itself: it takes a program that runs all the time. */
export function checkLinkLocal4(link: Link, backend: string, why: string): Diagnostic[] {
  if (!link.linkLocal.includes('ipv4')) return [];
  const path = [...link.origin, 'link-local'];
  return [diagnostic('setting-not-expressible', path, why, { backend })];
}

/** A parent without an address of its own. */
export const isSilent = (link: Link): link is Parent => 'kind' in link && !hasAddress(link);
