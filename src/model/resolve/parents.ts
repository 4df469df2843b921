/**
 * Parents: those that are declared, and those that a shim, a tap, a guest, a VLAN, a bond or a
 * bridge names only; what is on top of what; and what follows from that for each.
 */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { BOND, BRIDGE, type Intent, type ParentIntent } from '../../intent/schema.ts';
import { deriveMac } from '../derive.ts';
import { parseIp } from '../ip.ts';
import { valuesIn } from '../parameters.ts';
import type { BondParameters, BridgeParameters, Master, Parent } from '../types.ts';
import { resolveAddressing } from './addressing.ts';
import { itemsOf } from './items.ts';
import { isNameOfWifi, looksLike } from './looks-like.ts';
import { joined, MAX_HEIGHT, NOTHING_ABOVE, type Node, type Worked, workedOf } from './nodes.ts';

type Report = (diagnostic: Diagnostic) => void;

export interface Parents {
  readonly all: readonly Parent[];
  /** By id, or by the name of the interface. */
  readonly find: (name: string) => Parent;
}

/** @param report takes faults of parents' own addresses */
export function resolveParents(intent: Intent, report: Report): Parents {
  const nodes = joined(intent);
  const all = new Set(nodes.values());
  const worked = workedOf(all, intent);
  const required = [...all].filter(
    ({ given, master }) => given.managed !== false && given.optional !== true && !master,
  );
  const shimsRequired = [...(intent.shims?.values() ?? [])].some((shim) => shim.optional !== true);
  const parents = new Map<Node, Parent>();
  for (const node of all) {
    const othersRequired = shimsRequired || required.some((other) => other !== node);
    parents.set(node, { ...parentOf(intent, node, worked, report), othersRequired });
  }
  return {
    all: [...parents.values()],
    find: (name) => {
      const node = nodes.get(name);
      const parent = node && parents.get(node);
      if (!parent) throw new Error(`no parent for ${name}`);
      return parent;
    },
  };
}

function parentOf(
  intent: Intent,
  node: Node,
  worked: Worked,
  report: Report,
): Omit<Parent, 'othersRequired'> {
  const { id, name, given, kind, origin, link, master } = node;
  const upwards = worked.upwards.get(node) ?? NOTHING_ABOVE;
  const { hasAddresses, hasShims, isOptional, ignoresCarrier } = upwards;
  const mtu = mtuOf(node);
  const addressing = resolveAddressing(given, origin, mtu !== undefined, report);
  const suggested = kind === 'ethernet' ? suggestedBy(name, given) : undefined;
  const managed = given.managed ?? true;
  const macDerived =
    managed && given.macaddress === undefined && (kind === 'bond' || kind === 'bridge');
  const macaddress =
    given.macaddress?.toLowerCase() ??
    (macDerived ? deriveMac(intent.host ?? '', name) : undefined);
  // A link with an address of its own is waited for on its own account.
  const isShimOnly = hasShims && addressing.families.length === 0;
  return {
    ...addressing,
    id,
    name,
    kind,
    managed,
    ...(given['network-file'] !== undefined && { networkFile: given['network-file'] }),
    ...(suggested !== undefined && { assumedFrom: suggested }),
    ...(given.match && { permanentMac: given.match.macaddress.toLowerCase() }),
    ...(macaddress !== undefined && { macaddress }),
    macDerived,
    ...(mtu !== undefined && { mtu }),
    ...(given.wakeonlan !== undefined && { wakeonlan: given.wakeonlan }),
    // Guests do not need the network at boot: a NIC for them alone may have no cable.
    optional: given.optional ?? (!hasAddresses || (isShimOnly && isOptional)),
    ignoreCarrier: given['ignore-carrier'] ?? (addressing.families.length === 0 && ignoresCarrier),
    ...(link && { vlan: { id: given.id ?? 1, link: link.name, linkId: link.id } }),
    members: node.members.map((member) => member.name),
    ...(managed && kind === 'bond' && { bond: bondOf(node, report) }),
    ...(managed && kind === 'bridge' && { bridge: bridgeOf(node) }),
    ...(master && { master: masterOf(master, node) }),
    vlans: node.vlans.map((vlan) => vlan.name),
    shims: node.shims,
    taps: node.taps,
    height: worked.heights.get(node) ?? MAX_HEIGHT + 1,
    hasMacvlans: worked.groups.get(node)?.hasMacvlans ?? false,
    isMatchedByMac: worked.groups.get(node)?.isMatchedByMac ?? false,
    origin,
  };
}

/** No bridge, bond or tunnel has a permanent MAC to be matched by; a Wi-Fi interface has one. */
const suggestedBy = (
  name: string,
  { type, interfaces, match }: ParentIntent,
): string | undefined =>
  type !== undefined || interfaces !== undefined || (match !== undefined && !isNameOfWifi(name))
    ? undefined
    : looksLike(name);

/** A VLAN has its link's MTU, a member that of its bond or bridge. */
function mtuOf(node: Node): number | undefined {
  let at: Node | undefined = node;
  // Down by links, and up to a master: each is a level, and more than the kernel takes is refused.
  for (let steps = 0; at && steps <= 2 * MAX_HEIGHT; steps += 1) {
    if (at.given.mtu !== undefined) return at.given.mtu;
    at = at.link ?? at.master;
  }
  return undefined;
}

function masterOf(master: Node, member: Node): Master {
  const primary = master.given.parameters?.primary;
  return {
    name: master.name,
    kind: master.kind === 'bond' ? 'bond' : 'bridge',
    isPrimary: primary !== undefined && (primary === member.id || primary === member.name),
  };
}

function bondOf(
  { given: { parameters = {} }, members, origin }: Node,
  report: Report,
): BondParameters {
  const { primary } = parameters;
  const preferred = members.find(({ id, name }) => id === primary || name === primary);
  const at: Path = [...origin, 'parameters'];
  const targets = itemsOf(parameters['arp-ip-targets'], [...at, 'arp-ip-targets']).flatMap(
    ({ item, origin: path }) => arpTarget(item, path, report),
  );
  const isAsking = Boolean(parameters['arp-interval']);
  const decided = {
    ...(isAsking ? {} : { 'mii-monitor-interval': BOND['mii-monitor-interval'].default.value }),
    ...parameters,
    mode: parameters.mode ?? 'active-backup',
    ...(preferred && { primary: preferred.name }),
    'arp-ip-targets': targets,
  };
  const values = valuesIn(BOND, (word) => decided[word]) as BondParameters['values'];
  return { values, origin: at };
}

function arpTarget(text: string, origin: Path, report: Report): string[] {
  const ip = parseIp(text);
  if (ip?.family === 'ipv4') return [ip.text];
  report(diagnostic('address-malformed', origin, `\`${text}\` is not an IPv4 address.`));
  return [];
}

function bridgeOf({ given: { parameters = {} }, origin }: Node): BridgeParameters {
  const decided = { stp: BRIDGE.stp.default.value, ...parameters };
  const values = valuesIn(BRIDGE, (word) => decided[word]) as BridgeParameters['values'];
  return { values, origin: [...origin, 'parameters'] };
}
