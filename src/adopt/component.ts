/** Which links of a host belong together: the parent of the shim, and what is below and on top of it. */
import { isMacvlan } from './build.ts';
import type { FoundLink } from './found.ts';

/** What the shim is on top of. A bridge with one port goes: the shim takes its place. */
export function parentOf(uplink: FoundLink, links: readonly FoundLink[]): FoundLink {
  const named = (name: string | undefined): FoundLink | undefined =>
    links.find((link) => link.name === name) ?? (name ? plain(name) : undefined);
  if (isMacvlan(uplink)) return named(uplink.below) ?? uplink;
  const [only, ...more] = uplink.ports;
  if (uplink.kind === 'bridge' && only !== undefined && more.length === 0)
    return named(only) ?? uplink;
  return uplink;
}

/** A link that no file describes. */
const plain = (name: string): FoundLink => ({
  name,
  kind: 'ethernet',
  origin: {},
  entries: [],
  left: [],
  ports: [],
});

/** Links that are connected with the parent, and all others. */
export function split(
  parent: FoundLink,
  uplink: FoundLink,
  links: readonly FoundLink[],
): { readonly component: FoundLink[]; readonly rest: FoundLink[] } {
  const found = new Set([parent, uplink]);
  const isJoined = (link: FoundLink): boolean =>
    [...found].some(
      (item) =>
        item.below === link.name ||
        item.ports.includes(link.name) ||
        (link.below === item.name && !isMacvlan(item)) ||
        link.ports.includes(item.name),
    );
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const link of links) if (isJoined(link) && link.kind !== 'other') found.add(link);
  }
  return { component: [...found], rest: links.filter((link) => !found.has(link)) };
}

/** What was on a bridge that goes is on its port. */
export function renamed(link: FoundLink, uplink: FoundLink, parent: FoundLink): FoundLink {
  if (uplink === parent || isMacvlan(uplink) || link.below !== uplink.name) return link;
  const entries = link.entries.map((entry) =>
    entry.key === 'link' ? { ...entry, value: parent.name } : entry,
  );
  return { ...link, entries, below: parent.name };
}
