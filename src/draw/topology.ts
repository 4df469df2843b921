/** A model as nodes and edges: what is on top of what, from the LAN up to the guests. */
import { visible } from '../diagnostics/visible.ts';
import { type Addressing, hasAddress, type Link, type Model, type Parent } from '../model/types.ts';

export type NodeKind = 'lan' | Parent['kind'] | 'shim' | 'tap' | 'guest';

export interface TopologyNode {
  /** Unique in a topology, the same before and after a change: `link eth0`, `guest vm1`. */
  readonly id: string;
  readonly kind: NodeKind;
  /** As it is shown. */
  readonly name: string;
  /** What there is to say about it, one line each: `mode bridge`, `198.51.100.50/24`. */
  readonly facts: readonly string[];
  /** How many links are between it and the LAN; the LAN has 0. */
  readonly rank: number;
}

/** A link on top of another; `from` is nearer to the LAN. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Topology {
  /** Empty where the intent has no host name. */
  readonly host: string;
  /** Lower before upper; otherwise in the order of the intent. */
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly Edge[];
}

/** What kinds are called. */
export const KIND_NAMES: Readonly<Record<NodeKind, string>> = {
  lan: 'LAN',
  ethernet: 'NIC',
  vlan: 'VLAN',
  bond: 'bond',
  bridge: 'bridge',
  shim: 'shim',
  tap: 'tap',
  guest: 'guest',
};

/** @returns nodes and edges of one host, without looking at the host */
export function topologyOf(model: Model): Topology {
  const wires = wiresOf(model);
  const ranks = ranksOf(model);
  const nodes = [
    ...wires.map(({ id, name }) => ({ id, kind: 'lan' as const, name, facts: [], rank: 0 })),
    ...allParents(model).map((parent) => ({
      id: linkId(parent.name),
      kind: parent.kind,
      name: visible(parent.name),
      facts: parentFacts(parent),
      rank: ranks.get(parent.name) ?? 1,
    })),
    ...upperNodes(model, ranks),
  ].sort((a, b) => a.rank - b.rank);
  return { host: visible(model.host), nodes, edges: edgesOf(model, wires) };
}

/** Every link below shims, taps and guests, those that others configure included. */
export const allParents = ({ parents, unmanaged }: Model): readonly Parent[] => [
  ...parents,
  ...unmanaged,
];

/** A network cable and what is behind it: one for each NIC, or for the NICs of one bond or bridge. */
export interface Wire {
  readonly id: string;
  readonly name: string;
  readonly nics: readonly string[];
}

/** @returns the LANs of a host. Which of them are one LAN elsewhere, an intent does not say. */
export function wiresOf(model: Model): readonly Wire[] {
  const groups = new Map<string, string[]>();
  for (const parent of allParents(model)) {
    // What an unmanaged link is made of is not known.
    if (parent.kind !== 'ethernet' && parent.managed) continue;
    const group = topOf(model, parent).name;
    groups.set(group, [...(groups.get(group) ?? []), parent.name]);
  }
  return [...groups.values()].map((nics) => ({
    id: `lan ${nics.join(' ')}`,
    name: groups.size === 1 ? 'LAN' : visible(`LAN of ${nics.join(', ')}`),
    nics,
  }));
}

/** The bond or bridge that a link is in, and the one which that is in; or the link itself. */
function topOf(model: Model, parent: Parent): Parent {
  let top = parent;
  for (let height = 0; top.master && height < model.parents.length; height++) {
    const { name } = top.master;
    const master = model.parents.find((other) => other.name === name);
    if (!master) break;
    top = master;
  }
  return top;
}

export const linkId = (name: string): string => `link ${name}`;
export const guestId = (name: string): string => `guest ${name}`;

function upperNodes(model: Model, ranks: ReadonlyMap<string, number>): TopologyNode[] {
  const above = (parent: Parent): number => (ranks.get(parent.name) ?? 1) + 1;
  return [
    ...model.shims.map((shim) => ({
      id: linkId(shim.name),
      kind: 'shim' as const,
      name: visible(shim.name),
      facts: [`${shim.device}, mode ${shim.mode}`, ...addressFacts(shim), ...linkFacts(shim)],
      rank: above(shim.parent),
    })),
    ...model.taps.map((tap) => ({
      id: linkId(tap.name),
      kind: 'tap' as const,
      name: visible(tap.name),
      facts: [`macvtap, mode ${tap.mode}`, ...linkFacts(tap)],
      rank: above(tap.parent),
    })),
    ...model.guests.map((guest) => ({
      id: guestId(guest.name),
      kind: 'guest' as const,
      name: visible(guest.name),
      facts: [
        `macvtap${guest.target === undefined ? '' : ` ${visible(guest.target)}`}, mode ${guest.mode}`,
        ...linkFacts(guest),
      ],
      rank: above(guest.parent),
    })),
  ];
}

function parentFacts(parent: Parent): string[] {
  const { kind, managed, vlan, members, bond } = parent;
  if (!managed) return ['configured elsewhere'];
  const what = {
    ethernet: [],
    vlan: vlan ? [`id ${vlan.id}`] : [],
    bond: bond ? [`mode ${bond.values.mode}`] : [],
    bridge: members.length === 0 ? ['no ports'] : [],
  }[kind];
  const addresses = parent.master ? [] : addressFacts(parent);
  return [...what, ...addresses, ...linkFacts(parent)];
}

/** Addresses as they are written, and how others are obtained. */
function addressFacts(link: Addressing): string[] {
  const facts = [
    ...link.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    ...(link.dhcp4 ? ['DHCPv4'] : []),
    ...(link.dhcp6 ? ['DHCPv6'] : []),
    ...(link.acceptRa
      ? [`router advertisements${link.addressToken === undefined ? '' : ` (${link.addressToken})`}`]
      : []),
    ...(link.ipv6Privacy ? ['temporary addresses'] : []),
    ...link.routes
      .filter(({ isDefault }) => isDefault)
      .map(({ via, family }) => (via ? `gateway ${via}` : `default route on link (${family})`)),
  ];
  if (facts.length > 0) return facts;
  return [hasAddress(link) ? 'link-local addresses only' : 'no address'];
}

const linkFacts = ({ macaddress, mtu }: Pick<Link, 'macaddress' | 'mtu'>): string[] => [
  ...(macaddress === undefined ? [] : [`MAC ${macaddress}`]),
  ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
];

/** A NIC is 1; each other link is one more than the highest that it is on top of. */
function ranksOf(model: Model): Map<string, number> {
  const lower = new Map(model.parents.map((parent) => [parent.name, lowerOf(parent)]));
  const ranks = new Map<string, number>();
  const rankOf = (name: string, depth: number): number => {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    const below = depth > model.parents.length ? [] : (lower.get(name) ?? []);
    const rank = 1 + Math.max(0, ...below.map((other) => rankOf(other, depth + 1)));
    ranks.set(name, rank);
    return rank;
  };
  for (const { name } of allParents(model)) rankOf(name, 0);
  return ranks;
}

/** The links that a link is directly on top of. */
export const lowerOf = ({ vlan, members }: Parent): readonly string[] =>
  vlan ? [vlan.link] : members;

function edgesOf(model: Model, wires: readonly Wire[]): Edge[] {
  const on = (parent: string, to: string): Edge => ({ from: linkId(parent), to });
  return [
    ...wires.flatMap(({ id, nics }) => nics.map((nic) => ({ from: id, to: linkId(nic) }))),
    ...model.parents.flatMap((parent) =>
      lowerOf(parent).map((lower) => on(lower, linkId(parent.name))),
    ),
    ...[...model.shims, ...model.taps].map(({ parent, name }) => on(parent.name, linkId(name))),
    ...model.guests.map(({ parent, name }) => on(parent.name, guestId(name))),
  ];
}
