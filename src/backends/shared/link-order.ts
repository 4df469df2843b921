/** Which links there are, and in which order they are created. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasAddress, type Link, type Model, type Parent, type Shim } from '../../model/types.ts';

/** From the lowest to the highest: a link is created after the one that it is on top of. */
export const byHeight = (parents: readonly Parent[]): Parent[] =>
  [...parents].sort((a, b) => a.height - b.height);

/** Links that may have addresses: parents from the lowest, then shims. */
export const allLinks = (model: Model): (Parent | Shim)[] => [
  ...byHeight(model.parents),
  ...model.shims,
];

/** IPv4 link-local addresses need a program that keeps running; no kernel assigns them. */
export function checkLinkLocal4(link: Link, backend: string, why: string): Diagnostic[] {
  if (!link.linkLocal.includes('ipv4')) return [];
  const path = [...link.origin, 'link-local'];
  return [diagnostic('setting-not-expressible', path, why, { backend })];
}

/** A parent without an address of its own. */
export const isSilent = (link: Link): link is Parent => 'kind' in link && !hasAddress(link);
