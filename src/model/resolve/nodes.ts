/** Parents as a graph: what is on top of what, and what follows from that, each worked out once for all. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Intent, ParentIntent } from '../../intent/schema.ts';
import type { Kind } from '../types.ts';
import { itemsOf } from './items.ts';

/** A parent as it is written, and what is joined to it. */
export interface Node {
  readonly id: string;
  readonly name: string;
  readonly given: ParentIntent;
  readonly kind: Kind;
  readonly origin: Path;
  link?: Node;
  readonly members: Node[];
  master?: Node;
  readonly vlans: Node[];
  readonly shims: string[];
  readonly taps: string[];
}

/** The kind of a parent: its `type`, or a VLAN where there is a `link`. */
export const kindOf = ({ type, link }: ParentIntent): Kind =>
  type ?? (link === undefined ? 'ethernet' : 'vlan');

/** All nodes by id and by name, joined to each other. */
export function joined(intent: Intent): Map<string, Node> {
  const byId = new Map<string, Node>();
  const byName = new Map<string, Node>();
  const add = (id: string, given: ParentIntent, origin: Path): Node => {
    const name = given['set-name'] ?? id;
    const lists = { members: [], vlans: [], shims: [], taps: [] };
    const node: Node = { id, name, given, kind: kindOf(given), origin, ...lists };
    byId.set(id, node);
    if (!byName.has(name)) byName.set(name, node);
    return node;
  };
  const declared = intent.parents ?? new Map<string, ParentIntent>();
  for (const [id, given] of declared) add(id, given, ['parents', id]);
  const named = (name: string, origin: Path): Node =>
    byId.get(name) ?? byName.get(name) ?? add(name, {}, origin);
  for (const [name, { parent }] of intent.shims ?? []) {
    named(parent, ['shims', name, 'parent']).shims.push(name);
  }
  for (const [name, { parent }] of intent.taps ?? []) {
    named(parent, ['taps', name, 'parent']).taps.push(name);
  }
  for (const [name, { parent }] of intent.guests ?? []) named(parent, ['guests', name, 'parent']);
  for (const [id, given] of declared) {
    const node = byId.get(id);
    if (!node) continue;
    if (node.kind === 'vlan' && given.link !== undefined) {
      node.link = named(given.link, ['parents', id, 'link']);
      node.link.vlans.push(node);
    }
    if (node.kind !== 'bond' && node.kind !== 'bridge') continue;
    for (const { item, origin } of itemsOf(given.interfaces, ['parents', id, 'interfaces'])) {
      const member = named(item, origin);
      node.members.push(member);
      member.master ??= node;
    }
  }
  return new Map([...byName, ...byId]);
}

/** What holds of everything that is joined with a node, itself included. */
interface Group {
  hasMacvlans: boolean;
  isMatchedByMac: boolean;
}

/** Whether the link itself gets an address, as it is written. */
const isAddressed = ({ given }: Node): boolean =>
  [given.addresses ?? [], given['link-local'] ?? []].some(({ length }) => length > 0) ||
  [given.dhcp4, given.dhcp6, given['accept-ra']].includes(true);

/** Whether macvtaps of guests are all that such a link can be for. */
const isForGuests = (node: Node): boolean =>
  node.given.managed !== false && !isAddressed(node) && !node.master && node.vlans.length === 0;

/** One for all nodes of a group. */
function groupsOf(nodes: ReadonlySet<Node>): Map<Node, Group> {
  const groups = new Map<Node, Group>();
  for (const node of nodes) {
    if (groups.has(node)) continue;
    const members = new Set<Node>([node]);
    const group: Group = { hasMacvlans: false, isMatchedByMac: false };
    // A set grows while it is walked.
    for (const item of members) {
      groups.set(item, group);
      group.hasMacvlans ||= item.shims.length + item.taps.length > 0 || isForGuests(item);
      group.isMatchedByMac ||= item.given.match !== undefined;
      for (const other of [...below(item), ...above(item)]) members.add(other);
    }
  }
  return groups;
}

/** The kernel's limit to links upon each other (net/core/dev.c, MAX_NEST_DEV). */
export const MAX_HEIGHT = 8;

/** What a node is on top of, and what is on top of it, one level each. */
const below = ({ link, members }: Node): Node[] => [...(link ? [link] : []), ...members];
const above = ({ master, vlans }: Node): Node[] => [...(master ? [master] : []), ...vlans];

/**
 * Nodes in an order in which each comes after all that `next` gives of it. What is in a loop, or
 * depends on one, is left out.
 */
function ordered(
  nodes: ReadonlySet<Node>,
  next: (node: Node) => readonly Node[],
  back: (node: Node) => readonly Node[],
): readonly Node[] {
  const waiting = new Map([...nodes].map((node) => [node, next(node).length]));
  const order = [...nodes].filter((node) => waiting.get(node) === 0);
  // The list grows while it is walked.
  for (const node of order) {
    for (const other of back(node)) {
      const left = (waiting.get(other) ?? 0) - 1;
      waiting.set(other, left);
      if (left === 0) order.push(other);
    }
  }
  return order;
}

/** The height of a node; what is too high, or on a loop, counts as one above the limit. */
function heightsOf(nodes: ReadonlySet<Node>): ReadonlyMap<Node, number> {
  const masters = new Map<Node, Node[]>();
  for (const node of nodes) {
    // A faulty intent may name a member twice: each mention is one that is waited for.
    for (const member of node.members) {
      const known = masters.get(member);
      if (known) known.push(node);
      else masters.set(member, [node]);
    }
  }
  const on = (node: Node): Node[] => [...(masters.get(node) ?? []), ...node.vlans];
  const heights = new Map<Node, number>();
  for (const node of ordered(nodes, below, on)) {
    const under = below(node).map((item) => (heights.get(item) ?? MAX_HEIGHT) + 1);
    heights.set(
      node,
      Math.min(
        MAX_HEIGHT + 1,
        under.reduce((a, b) => Math.max(a, b), 0),
      ),
    );
  }
  return heights;
}

/** What the shims on top of a node, at any height, and the links between have in common. */
interface Upwards {
  /** The link itself, a shim or another link on top of it has an address, or is to get one. */
  readonly hasAddresses: boolean;
  readonly hasShims: boolean;
  readonly isOptional: boolean;
  readonly ignoresCarrier: boolean;
}

function upwardsOf(nodes: ReadonlySet<Node>, intent: Intent): ReadonlyMap<Node, Upwards> {
  const found = new Map<Node, Upwards>();
  const under = (node: Node): Node[] =>
    [...new Set(below(node))].filter((item) => item === node.link || item.master === node);
  for (const node of ordered(nodes, above, under)) {
    const shims = node.shims.flatMap((shim) => intent.shims?.get(shim) ?? []);
    const uppers = above(node).flatMap((upper) => found.get(upper) ?? []);
    found.set(node, {
      hasAddresses:
        isAddressed(node) || shims.length > 0 || uppers.some(({ hasAddresses }) => hasAddresses),
      hasShims: shims.length > 0 || uppers.some(({ hasShims }) => hasShims),
      isOptional:
        shims.every(({ optional }) => optional === true) &&
        uppers.every(({ isOptional }) => isOptional),
      ignoresCarrier:
        node.given['ignore-carrier'] === true ||
        shims.some((shim) => shim['ignore-carrier'] === true) ||
        uppers.some(({ ignoresCarrier }) => ignoresCarrier),
    });
  }
  return found;
}

export const NOTHING_ABOVE: Upwards = {
  hasAddresses: false,
  hasShims: false,
  isOptional: true,
  ignoresCarrier: false,
};

/** What is worked out of all nodes at once. */
export interface Worked {
  readonly groups: ReadonlyMap<Node, Group>;
  readonly heights: ReadonlyMap<Node, number>;
  readonly upwards: ReadonlyMap<Node, Upwards>;
}

export const workedOf = (nodes: ReadonlySet<Node>, intent: Intent): Worked => ({
  groups: groupsOf(nodes),
  heights: heightsOf(nodes),
  upwards: upwardsOf(nodes, intent),
});
