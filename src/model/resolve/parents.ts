/**
 * Parents: those that are declared, and those that a shim, a tap, a guest, a VLAN, a bond or a
 * bridge names only; what stands on what; and what follows from that for each.
 */
import type { Diagnostic, Path } from '../../diagnostics.ts';
import type { Intent, ParentIntent } from '../../intent/schema.ts';
import { deriveMac } from '../derive.ts';
import { parseIp } from '../ip.ts';
import type { BondParameters, BridgeParameters, Kind, Master, Parent } from '../types.ts';
import { resolveAddressing } from './addressing.ts';
import { isNameOfWifi, looksLike } from './looks-like.ts';

type Report = (diagnostic: Diagnostic) => void;

/** A parent as it was said, and what is joined to it. */
interface Node {
  readonly id: string;
  readonly name: string;
  readonly said: ParentIntent;
  readonly kind: Kind;
  readonly origin: Path;
  link?: Node;
  readonly members: Node[];
  master?: Node;
  readonly vlans: Node[];
  readonly shims: string[];
  readonly taps: string[];
}

export interface Parents {
  readonly all: readonly Parent[];
  /** By id, or by the name of the interface. */
  readonly find: (called: string) => Parent;
}

/** @param report told of faults of parents' own addresses */
export function resolveParents(intent: Intent, report: Report): Parents {
  const nodes = joined(intent);
  const all = new Set(nodes.values());
  const groups = groupsOf(all);
  const required = [...all].filter(({ said, master }) => said.optional !== true && !master);
  const shimsRequired = [...(intent.shims?.values() ?? [])].some((shim) => shim.optional !== true);
  const parents = new Map<Node, Parent>();
  for (const node of all) {
    const group = groups.get(node) ?? new Set([node]);
    const othersRequired = shimsRequired || required.some((other) => other !== node);
    parents.set(node, { ...parentOf(intent, node, group, report), othersRequired });
  }
  return {
    all: [...parents.values()],
    find: (called) => {
      const node = nodes.get(called);
      const parent = node && parents.get(node);
      if (!parent) throw new Error(`no parent for ${called}`);
      return parent;
    },
  };
}

/** What a parent is: as it says, or a VLAN where there is a `link`. */
export const kindOf = ({ type, link }: ParentIntent): Kind =>
  type ?? (link === undefined ? 'ethernet' : 'vlan');

/** All nodes by id and by name, joined to each other. */
function joined(intent: Intent): Map<string, Node> {
  const byId = new Map<string, Node>();
  const byName = new Map<string, Node>();
  const add = (id: string, said: ParentIntent, origin: Path): Node => {
    const name = said['set-name'] ?? id;
    const lists = { members: [], vlans: [], shims: [], taps: [] };
    const node: Node = { id, name, said, kind: kindOf(said), origin, ...lists };
    byId.set(id, node);
    if (!byName.has(name)) byName.set(name, node);
    return node;
  };
  const declared = intent.parents ?? new Map<string, ParentIntent>();
  for (const [id, said] of declared) add(id, said, ['parents', id]);
  const named = (called: string, origin: Path): Node =>
    byId.get(called) ?? byName.get(called) ?? add(called, {}, origin);
  for (const [name, { parent }] of intent.shims ?? []) {
    named(parent, ['shims', name, 'parent']).shims.push(name);
  }
  for (const [name, { parent }] of intent.taps ?? []) {
    named(parent, ['taps', name, 'parent']).taps.push(name);
  }
  for (const [name, { parent }] of intent.guests ?? []) named(parent, ['guests', name, 'parent']);
  for (const [id, said] of declared) {
    const node = byId.get(id);
    if (!node) continue;
    if (node.kind === 'vlan' && said.link !== undefined) {
      node.link = named(said.link, ['parents', id, 'link']);
      node.link.vlans.push(node);
    }
    if (node.kind !== 'bond' && node.kind !== 'bridge') continue;
    for (const [index, called] of (said.interfaces ?? []).entries()) {
      const member = named(called, ['parents', id, 'interfaces', index]);
      node.members.push(member);
      member.master ??= node;
    }
  }
  return new Map([...byName, ...byId]);
}

/** Of each node everything that is joined with it, itself included: one set for all of a group. */
function groupsOf(nodes: ReadonlySet<Node>): Map<Node, Set<Node>> {
  const groups = new Map<Node, Set<Node>>();
  for (const node of nodes) {
    if (groups.has(node)) continue;
    const group = new Set<Node>([node]);
    // A set grows while it is walked.
    for (const one of group) {
      groups.set(one, group);
      const { link, master, members, vlans } = one;
      for (const other of [link, master, ...members, ...vlans]) if (other) group.add(other);
    }
  }
  return groups;
}

/** The kernel's limit to links upon each other (net/core/dev.c, MAX_NEST_DEV). */
export const MAX_HEIGHT = 8;

/** How high a node stands; what is too high, or on itself, counts as one above the limit. */
function heightOf(node: Node, level = 0): number {
  if (level > MAX_HEIGHT) return MAX_HEIGHT + 1;
  const below = [...(node.link ? [node.link] : []), ...node.members];
  const heights = below
    // Only what stands on something itself is worth going into.
    .map((one) => (one.link || one.members.length > 0 ? heightOf(one, level + 1) : 0) + 1);
  return Math.min(MAX_HEIGHT + 1, Math.max(0, ...heights));
}

/** What stands on a node, at any height. */
function above(node: Node): Set<Node> {
  const found = new Set<Node>([node]);
  for (const { master, vlans } of found) {
    for (const other of [master, ...vlans]) if (other) found.add(other);
  }
  return found;
}

function parentOf(
  intent: Intent,
  node: Node,
  group: ReadonlySet<Node>,
  report: Report,
): Omit<Parent, 'othersRequired'> {
  const { id, name, said, kind, origin, link, master } = node;
  const upwards = [...above(node)];
  const shims = upwards.flatMap((other) =>
    other.shims.flatMap((shim) => intent.shims?.get(shim) ?? []),
  );
  const mtu = mtuOf(node);
  const addressing = resolveAddressing(said, origin, mtu !== undefined, report);
  const suggested = kind === 'ethernet' ? suggestedBy(name, said) : undefined;
  const macDerived = said.macaddress === undefined && (kind === 'bond' || kind === 'bridge');
  const macaddress =
    said.macaddress?.toLowerCase() ?? (macDerived ? deriveMac(intent.host ?? '', name) : undefined);
  // A link with an address of its own is waited for on its own account.
  const isStanding = shims.length > 0 && addressing.families.length === 0;
  return {
    ...addressing,
    id,
    name,
    kind,
    ...(suggested !== undefined && { assumedFrom: suggested }),
    ...(said.match && { permanentMac: said.match.macaddress.toLowerCase() }),
    ...(macaddress !== undefined && { macaddress }),
    macDerived,
    ...(mtu !== undefined && { mtu }),
    ...(said.wakeonlan !== undefined && { wakeonlan: said.wakeonlan }),
    optional: said.optional ?? (isStanding && shims.every(({ optional }) => optional === true)),
    ignoreCarrier:
      said['ignore-carrier'] ??
      (addressing.families.length === 0 &&
        (upwards.some((other) => other.said['ignore-carrier'] === true) ||
          shims.some((shim) => shim['ignore-carrier'] === true))),
    ...(link && { vlan: { id: said.id ?? 1, link: link.name, linkId: link.id } }),
    members: node.members.map((member) => member.name),
    ...(kind === 'bond' && { bond: bondOf(node) }),
    ...(kind === 'bridge' && { bridge: bridgeOf(node) }),
    ...(master && { master: masterOf(master, node) }),
    vlans: node.vlans.map((vlan) => vlan.name),
    shims: node.shims,
    taps: node.taps,
    height: heightOf(node),
    carries: some(group, (other) => other.shims.length + other.taps.length > 0),
    joinsMatched: some(group, (other) => other.said.match !== undefined),
    origin,
  };
}

/** No bridge, bond or tunnel has a permanent MAC to be matched by; a Wi-Fi interface has one. */
const suggestedBy = (
  name: string,
  { type, interfaces, match }: ParentIntent,
): string | undefined =>
  type !== undefined || interfaces !== undefined || (match !== undefined && !isNameOfWifi(name)) ? undefined : looksLike(name);

function some(nodes: ReadonlySet<Node>, holds: (node: Node) => boolean): boolean {
  for (const node of nodes) if (holds(node)) return true;
  return false;
}

/** A VLAN has its link's MTU, a member that of its bond or bridge. */
function mtuOf(node: Node): number | undefined {
  const seen = new Set<Node>();
  for (let at: Node | undefined = node; at && !seen.has(at); at = at.link ?? at.master) {
    if (at.said.mtu !== undefined) return at.said.mtu;
    seen.add(at);
  }
  return undefined;
}

function masterOf(master: Node, member: Node): Master {
  const primary = master.said.parameters?.primary;
  return {
    name: master.name,
    kind: master.kind === 'bond' ? 'bond' : 'bridge',
    isPrimary: primary !== undefined && (primary === member.id || primary === member.name),
  };
}

/** How often a bond asks its members, unless said: the kernel's own default is never. */
const MII_MONITOR_INTERVAL = 100;

function bondOf({ said: { parameters = {} }, members, origin }: Node): BondParameters {
  const one = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
  const arpInterval = parameters['arp-interval'];
  const { primary } = parameters;
  const preferred = members.find(({ id, name }) => id === primary || name === primary);
  return {
    mode: parameters.mode ?? 'active-backup',
    ...one('primary', preferred?.name ?? primary),
    ...one('primaryReselectPolicy', parameters['primary-reselect-policy']),
    ...one(
      'miiMonitorInterval',
      parameters['mii-monitor-interval'] ?? (arpInterval ? undefined : MII_MONITOR_INTERVAL),
    ),
    ...one('upDelay', parameters['up-delay']),
    ...one('downDelay', parameters['down-delay']),
    ...one('lacpRate', parameters['lacp-rate']),
    ...one('minLinks', parameters['min-links']),
    ...one('transmitHashPolicy', parameters['transmit-hash-policy']),
    ...one('adSelect', parameters['ad-select']),
    ...one('arpInterval', arpInterval),
    arpIpTargets: (parameters['arp-ip-targets'] ?? []).map((text) => parseIp(text)?.text ?? text),
    ...one('failOverMacPolicy', parameters['fail-over-mac-policy']),
    origin: [...origin, 'parameters'],
  };
}

function bridgeOf({ said: { parameters = {} }, origin }: Node): BridgeParameters {
  const one = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
  return {
    stp: parameters.stp ?? false,
    ...one('forwardDelay', parameters['forward-delay']),
    ...one('helloTime', parameters['hello-time']),
    ...one('maxAge', parameters['max-age']),
    ...one('ageingTime', parameters['ageing-time']),
    ...one('priority', parameters.priority),
    origin: [...origin, 'parameters'],
  };
}
