/** What every rule sees. */
import type { Diagnostic, Path } from '../../diagnostics/diagnostic.ts';
import type { Intent } from '../../intent/schema.ts';
import type { Addressing, Family, Guest, Link, Model, Parent, Shim, Tap } from '../types.ts';

export interface Context {
  /** What was written. */
  readonly intent: Intent;
  /** What follows. */
  readonly model: Model;
  /** Whether a fault at this place is already known; what depends on it is then not judged. */
  readonly damaged: (path: Path) => boolean;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly lookup: Lookup;
}

/** Who belongs to whom: rules ask of each of many links, and must not search all of the others. */
export interface Lookup {
  readonly byId: ReadonlyMap<string, Parent>;
  readonly byName: ReadonlyMap<string, Parent>;
  /** The VLANs whose `link` has this id. */
  readonly vlansOn: (id: string) => readonly Parent[];
  /** Shims, taps and guests on a parent, in this order. */
  readonly uppersOn: (parent: Parent) => readonly (Shim | Tap | Guest)[];
  readonly guestsOn: (parent: Parent) => readonly Guest[];
}

export function lookupOf({ parents: managed, unmanaged, shims, taps, guests }: Model): Lookup {
  const parents = [...managed, ...unmanaged];
  const vlans = grouped(parents, ({ vlan }) => vlan?.linkId);
  const uppers = grouped([...shims, ...taps, ...guests], ({ parent }) => parent);
  const ofGuests = grouped(guests, ({ parent }) => parent);
  return {
    byId: new Map(parents.map((parent) => [parent.id, parent])),
    byName: new Map(parents.map((parent) => [parent.name, parent])),
    vlansOn: (id) => vlans.get(id) ?? [],
    uppersOn: (parent) => uppers.get(parent) ?? [],
    guestsOn: (parent) => ofGuests.get(parent) ?? [],
  };
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const known = groups.get(key);
    if (known) known.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** So many are named in a message. */
const NAMED = 3;

/** Names in backticks: all of a few, the first of many and how many more there are. */
export function listOf(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, count > NAMED + 1 ? NAMED : NAMED + 1);
  const list = shown.map((name) => `\`${name}\``).join(', ');
  return count > shown.length ? `${list} and ${count - shown.length} more` : list;
}

export const label = (family: Family): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');

export const hasIpv6 = ({ families, linkLocal }: Addressing): boolean =>
  families.includes('ipv6') || linkLocal.includes('ipv6');

/** Every link that may have addresses. */
export const linksOf = ({ parents, shims }: Model): readonly Link[] => [...parents, ...shims];

/** Whether a link gets addresses of a family by DHCP or advertisement. */
export const isDynamic = ({ dhcp4, dhcp6, acceptRa }: Addressing, family: Family): boolean =>
  family === 'ipv4' ? dhcp4 !== undefined : dhcp6 !== undefined || acceptRa;
