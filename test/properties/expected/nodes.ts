/** Links of an intent as a graph: what is on top of what, and what is joined. */
import { createHash } from 'node:crypto';
import { fail } from '../description.ts';
import type { IntentData, Kind, ParentData, ShimData, TapData } from '../intents/data.ts';
import { hasAddress } from './addressing.ts';

/** "Fixed for ever": SHA-256 over tag, host and name, as a locally administered unicast address. */
export function derivedMac(host: string, name: string): string {
  const digest = createHash('sha256').update(`macvtap-render/mac/1\0${host}\0${name}`).digest();
  return [((digest[0] ?? 0) & 0xfc) | 2, ...digest.subarray(1, 6)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}

/** "Fixed for ever": RFC 9562, version 5. */
export function profileUuid(host: string, name: string): string {
  const namespace = Buffer.from('34b7775915fb5f84bb9d352d017f37a2', 'hex');
  const hex = createHash('sha1').update(namespace).update(`${host}\0${name}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

export interface Attachment<T> {
  readonly name: string;
  readonly given: T;
}

/** A link that others are on top of, and what those are. */
export interface Node {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly given: ParentData;
  readonly shims: readonly Attachment<ShimData>[];
  readonly taps: readonly Attachment<TapData>[];
  link?: Node;
  master?: Node;
  readonly members: Node[];
  readonly vlans: Node[];
}

/** Parents as declared, and those that others name only. */
export function nodesOf(data: IntentData): Node[] {
  const { parents = new Map<string, ParentData>() } = data;
  const attachment = <T extends { parent: string }>(
    all: Map<string, T> | undefined,
    node: Naming,
  ) =>
    [...(all ?? [])]
      .filter(([, { parent }]) => parent === node.id || parent === node.name)
      .map(([name, given]) => ({ name, given }));
  const named = [...parents].map(([id, given]) => ({ id, name: given['set-name'] ?? id, given }));
  const others = [data.shims, data.taps, data.guests].flatMap((all) =>
    [...(all?.values() ?? [])].map(({ parent }) => parent),
  );
  const joined = [...parents.values()].flatMap(({ link, interfaces }) => [
    ...(link === undefined ? [] : [link]),
    ...(interfaces ?? []),
  ]);
  for (const called of [...others, ...joined]) {
    if (!named.some(({ id, name }) => id === called || name === called))
      named.push({ id: called, name: called, given: {} });
  }
  const nodes = named.map(
    ({ id, name, given }): Node => ({
      id,
      name,
      given,
      kind: given.type ?? (given.link === undefined ? 'ethernet' : 'vlan'),
      shims: attachment(data.shims, { id, name }),
      taps: attachment(data.taps, { id, name }),
      members: [],
      vlans: [],
    }),
  );
  for (const node of nodes) join(node, nodes);
  return nodes;
}

interface Naming {
  readonly id: string;
  readonly name: string;
}

function join(node: Node, nodes: readonly Node[]): void {
  const find = (called: string): Node =>
    nodes.find(({ id }) => id === called) ??
    nodes.find(({ name }) => name === called) ??
    fail(`who is ${called}?`);
  if (node.given.link !== undefined) {
    node.link = find(node.given.link);
    node.link.vlans.push(node);
  }
  for (const called of node.given.interfaces ?? []) {
    const member = find(called);
    member.master = node;
    node.members.push(member);
  }
}

/** Whether it is configured from the intent. */
export const isManaged = ({ given }: Pick<Node, 'given'>): boolean => given.managed !== false;

/** All that is reached from a node, itself included. */
function reached(node: Node, next: (node: Node) => readonly (Node | undefined)[]): Node[] {
  const found = new Set<Node>([node]);
  // A set grows while it is walked.
  for (const item of found) for (const other of next(item)) if (other) found.add(other);
  return [...found];
}

export const above = (node: Node): Node[] =>
  reached(node, ({ master, vlans }) => [master, ...vlans]);

/**
 * Whether a shim or tap is attached to it, or to anything that is joined with it, or one of these is
 * for guests alone: it has no address, and nothing else is made of it.
 */
export const hasMacvlans = (node: Node): boolean =>
  groupOf(node).some(
    ({ shims, taps, vlans, master, given }) =>
      shims.length + taps.length > 0 || (!hasAddress(given) && vlans.length === 0 && !master),
  );

/** All that is joined with a node, itself included. */
export const groupOf = (node: Node): Node[] =>
  reached(node, ({ link, master, members, vlans }) => [link, master, ...members, ...vlans]);

/** A VLAN has its link's MTU, a member that of what it is in. */
export const mtuOf = ({ given, link, master }: Node): number | undefined => {
  const other = link ?? master;
  return given.mtu ?? (other && mtuOf(other));
};

export const heightOf = ({ link, members }: Node): number =>
  Math.max(0, ...[...(link ? [link] : []), ...members].map((item) => heightOf(item) + 1));
