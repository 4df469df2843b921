/**
 * Properties of the compiler as a whole, over arbitrary intents: what the files say is what the
 * intent says, by a computation of its own; hostile values change no structure; garbage is
 * answered, not thrown at.
 *
 *     MACVTAP_PROPERTY_RUNS   accepted intents to render (10000 unless said); the others follow
 *     MACVTAP_PROPERTY_SEED   the seed of a run that failed
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compilation, compile, type RenderedSet } from '../../src/compile.ts';
import { CODES } from '../../src/diagnostics.ts';
import { explain } from '../../src/explain.ts';
import { reportJson, reportText } from '../../src/report.ts';
import {
  type AddressingData,
  canonicalOf,
  countTexts,
  type Dice,
  dice,
  type Family,
  type IntentData,
  intent,
  type Kind,
  type OverridesData,
  type Parameters,
  type ParentData,
  print,
  type RouteData,
  type RuleData,
  type ShimData,
  style,
  type TapData,
  withText,
} from './intents.ts';
import {
  checkText,
  type Description,
  type Dhcp,
  type FamilySettings,
  type Files,
  fail,
  type Link,
  madeUpUuid,
  NOTHING,
  readEverybody,
  readNetplanNetworkd,
  readNetplanNetworkManager,
  readNetworkd,
  readNetworkManager,
  routeText,
  ruleText,
  toRecord,
} from './readers.ts';

const RUNS = Number(process.env['MACVTAP_PROPERTY_RUNS'] ?? 10_000);
const SEED = Number(process.env['MACVTAP_PROPERTY_SEED'] ?? Math.floor(Math.random() * 0x7fffffff));

/**
 * The greatest property takes most of a minute: a second process, which knows itself by this
 * variable, runs the larger half of it, with the next seed, while this one does the rest.
 */
const isOtherHalf = process.env['MACVTAP_PROPERTY_HALF'] !== undefined;



function startOtherHalf(): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MACVTAP_PROPERTY_HALF: '1',
      MACVTAP_PROPERTY_SEED: String(SEED + 1),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

// The description that follows from the intent ---------------------------------------------------

const WAYS = ['networkd', 'networkmanager', 'netplan-networkd', 'netplan-networkmanager'] as const;
type Way = (typeof WAYS)[number];

const isNetworkd = (way: Way): boolean => way === 'networkd' || way === 'netplan-networkd';

/** "Fixed for ever": SHA-256 over tag, host and name, as a locally administered unicast address. */
function derivedMac(host: string, name: string): string {
  const digest = createHash('sha256').update(`macvtap-render/mac/1\0${host}\0${name}`).digest();
  return [((digest[0] ?? 0) & 0xfc) | 2, ...digest.subarray(1, 6)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}

/** "Fixed for ever": RFC 9562, version 5. */
function profileUuid(host: string, name: string): string {
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

interface Standing<T> {
  readonly name: string;
  readonly said: T;
}

/** A link that others stand on, and what those are. */
interface Node {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly said: ParentData;
  readonly shims: readonly Standing<ShimData>[];
  readonly taps: readonly Standing<TapData>[];
  link?: Node;
  master?: Node;
  readonly members: Node[];
  readonly vlans: Node[];
}

/** Parents as declared, and those that others name only. */
function nodesOf(data: IntentData): Node[] {
  const { parents = new Map<string, ParentData>() } = data;
  const standing = <T extends { parent: string }>(all: Map<string, T> | undefined, node: Naming) =>
    [...(all ?? [])]
      .filter(([, { parent }]) => parent === node.id || parent === node.name)
      .map(([name, said]) => ({ name, said }));
  const named = [...parents].map(([id, said]) => ({ id, name: said['set-name'] ?? id, said }));
  const others = [data.shims, data.taps, data.guests].flatMap((all) =>
    [...(all?.values() ?? [])].map(({ parent }) => parent),
  );
  const joined = [...parents.values()].flatMap(({ link, interfaces }) => [
    ...(link === undefined ? [] : [link]),
    ...(interfaces ?? []),
  ]);
  for (const called of [...others, ...joined]) {
    if (!named.some(({ id, name }) => id === called || name === called))
      named.push({ id: called, name: called, said: {} });
  }
  const nodes = named.map(
    ({ id, name, said }): Node => ({
      id,
      name,
      said,
      kind: said.type ?? (said.link === undefined ? 'ethernet' : 'vlan'),
      shims: standing(data.shims, { id, name }),
      taps: standing(data.taps, { id, name }),
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
  if (node.said.link !== undefined) {
    node.link = find(node.said.link);
    node.link.vlans.push(node);
  }
  for (const called of node.said.interfaces ?? []) {
    const member = find(called);
    member.master = node;
    node.members.push(member);
  }
}

/** All that is reached from a node, itself included. */
function reached(node: Node, next: (node: Node) => readonly (Node | undefined)[]): Node[] {
  const found = new Set<Node>([node]);
  // A set grows while it is walked.
  for (const one of found) for (const other of next(one)) if (other) found.add(other);
  return [...found];
}

const above = (node: Node): Node[] => reached(node, ({ master, vlans }) => [master, ...vlans]);

/** Whether a shim or tap stands on it, or on anything that is joined with it. */
const carries = (node: Node): boolean =>
  reached(node, ({ link, master, members, vlans }) => [link, master, ...members, ...vlans]).some(
    ({ shims, taps }) => shims.length + taps.length > 0,
  );

/** A VLAN has its link's MTU, a member that of what it is in. */
const mtuOf = ({ said, link, master }: Node): number | undefined => {
  const other = link ?? master;
  return said.mtu ?? (other && mtuOf(other));
};

const heightOf = ({ link, members }: Node): number =>
  Math.max(0, ...[...(link ? [link] : []), ...members].map((one) => heightOf(one) + 1));

const isIpv6 = (text: string): boolean => text.includes(':');
const familyOf = (text: string): Family => (isIpv6(text) ? 'ipv6' : 'ipv4');

const network = (text: string): string => {
  const [address = '', length] = text.split('/');
  return `${canonicalOf(address)}/${length ?? (isIpv6(address) ? 128 : 32)}`;
};

/** @param isNeighbour whether a gateway is taken for on-link: without static addresses it is */
function routeOf(
  { to, via, from, metric, table, ...said }: RouteData,
  isNeighbour: (family: Family) => boolean,
): string {
  const isV6 = isIpv6(to === 'default' ? (via ?? from ?? '') : to);
  return routeText({
    to: to === 'default' ? (isV6 ? '::/0' : '0.0.0.0/0') : network(to),
    via: via === undefined ? undefined : canonicalOf(via),
    from: from === undefined ? undefined : canonicalOf(from),
    onLink: via !== undefined && (said['on-link'] === true || isNeighbour(isV6 ? 'ipv6' : 'ipv4')),
    // What the kernel takes for unsaid: 0, which in IPv6 is 1024.
    metric: metric ?? 0,
    table,
  });
}

/** Unless said, just before the rule that leads to the main table. */
const ruleOf = ({ from, to, table, priority = 32765, mark, ...said }: RuleData): string =>
  ruleText({
    from: from === undefined ? undefined : network(from),
    to: to === undefined ? undefined : network(to),
    tos: said['type-of-service'],
    mark,
    table,
    priority,
  });

/** The values that are there. */
function said<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function dhcpOf(way: Way, overrides: OverridesData): Dhcp {
  const domains = overrides['use-domains'];
  return said<Dhcp>({
    identifier: undefined,
    metric: undefined,
    useMtu: undefined,
    useRoutes: undefined,
    useDns: overrides['use-dns'] ?? true,
    // NetworkManager always searches what the server names; unsaid, each system has its own way.
    useDomains: domains === undefined || !isNetworkd(way) ? undefined : String(domains),
    useNtp: overrides['use-ntp'] ?? true,
    useHostname: overrides['use-hostname'] ?? true,
    sendHostname: overrides['send-hostname'] ?? true,
    hostname: overrides.hostname,
  });
}

const acceptsRa = (link: AddressingData): boolean => link['accept-ra'] ?? link.dhcp6 ?? false;

/** Families with addresses of more than the link. */
function familiesOf(link: AddressingData): Family[] {
  const has = (family: Family): boolean =>
    (link.addresses ?? []).some((address) => familyOf(address) === family) ||
    (family === 'ipv4' ? link.dhcp4 === true : acceptsRa(link) || link.dhcp6 === true);
  return (['ipv4', 'ipv6'] as const).filter(has);
}

const linkLocalOf = (link: AddressingData): Family[] => {
  const unsaid: Family[] = familiesOf(link).includes('ipv6') ? ['ipv6'] : [];
  return [...new Set(link['link-local'] ?? unsaid)].sort();
};

const hasAddress = (link: AddressingData): boolean =>
  familiesOf(link).length + linkLocalOf(link).length > 0;

/** What an intent says of a link's addresses, whatever way it goes. */
function addressingOf(
  way: Way,
  link: AddressingData,
  mtu: number | undefined,
): Pick<
  Link,
  | 'ipv4'
  | 'ipv6'
  | 'search'
  | 'dnsDefaultRoute'
  | 'dhcp4'
  | 'dhcp6'
  | 'autoconf'
  | 'raUseDns'
  | 'linkLocal'
> {
  const addresses = (link.addresses ?? []).map(network);
  const servers = [...new Set((link.nameservers?.addresses ?? []).map(canonicalOf))];
  const ra = acceptsRa(link);
  const families = familiesOf(link);
  const isManager = !isNetworkd(way);
  // With the subnet in another table, NetworkManager has to be told that a gateway is there.
  const isTold = (link.routes ?? []).some(
    ({ to, via, table }) => !isIpv6(to) && via === undefined && table !== undefined,
  );
  const isNeighbour = (family: Family): boolean =>
    (family === 'ipv4' && isManager && isTold) ||
    !addresses.some((address) => familyOf(address) === family);
  const only = (family: Family): FamilySettings => ({
    addresses: addresses.filter((address) => familyOf(address) === family),
    routes: (link.routes ?? [])
      .map((route) => routeOf(route, isNeighbour))
      .filter((route) => familyOf(route) === family)
      .sort(),
    rules: (link['routing-policy'] ?? [])
      .map(ruleOf)
      .filter((text) => text.startsWith(family))
      .sort(),
    dns: servers.filter((server) => familyOf(server) === family),
  });
  // NetworkManager asks any name of the servers of the link that searches the root.
  const root = isManager && link['dns-default-route'] === true ? ['~.'] : [];
  return {
    ipv4: only('ipv4'),
    ipv6: only('ipv6'),
    // It has domains with an address only; that they are lost is said (`setting-unused`).
    search:
      isManager && families.length === 0
        ? []
        : [...new Set([...(link.nameservers?.search ?? []), ...root])],
    ...said<Pick<Link, 'dnsDefaultRoute' | 'dhcp4' | 'dhcp6' | 'raUseDns'>>({
      dnsDefaultRoute: isManager ? undefined : link['dns-default-route'],
      ...clientsOf(way, link, mtu),
      // One setting says it of DHCPv6 and of advertisements.
      raUseDns: ra
        ? link.dhcp6 !== true || (link['dhcp6-overrides']?.['use-dns'] ?? true)
        : undefined,
    }),
    autoconf: ra
      ? link.dhcp6 === false
        ? 'ra-only'
        : 'ra'
      : link.dhcp6 === true
        ? 'dhcp'
        : 'none',
    linkLocal: linkLocalOf(link),
  };
}

function clientsOf(
  way: Way,
  link: AddressingData,
  mtu: number | undefined,
): { dhcp4: Dhcp | undefined; dhcp6: Dhcp | undefined } {
  const over4 = link['dhcp4-overrides'] ?? {};
  const over6 = link['dhcp6-overrides'] ?? {};
  const identifier = link['dhcp-identifier'] ?? 'mac';
  // NetworkManager has one switch for the name of the host.
  const useHostname = [link.dhcp4 === true && over4, link.dhcp6 === true && over6].every(
    (overrides) => overrides === false || overrides?.['use-hostname'] !== false,
  );
  const dhcp = (values: Dhcp): Dhcp => (isNetworkd(way) ? values : { ...values, useHostname });
  // In NetworkManager advertisements bring DHCPv6 with them.
  const hasDhcp6 = link.dhcp6 === true || (acceptsRa(link) && !isNetworkd(way));
  return {
    dhcp4:
      link.dhcp4 === true
        ? dhcp({
            ...dhcpOf(way, over4),
            identifier,
            metric: over4['route-metric'] ?? 100,
            // An MTU that is said is not the server's to change.
            useMtu: mtu === undefined && (over4['use-mtu'] ?? true),
            useRoutes: over4['use-routes'] ?? true,
          })
        : undefined,
    dhcp6: hasDhcp6
      ? dhcp({
          ...dhcpOf(way, link.dhcp6 === true ? over6 : {}),
          identifier: link.dhcp6 === true ? identifier : 'duid',
        })
      : undefined,
  };
}

/** The state that boot waits for on a link with addresses, as networkctl(1) calls it. */
function stateOf(link: AddressingData, ignoresCarrier: boolean, bare: string): string {
  if (ignoresCarrier) return 'no-carrier';
  if (familiesOf(link).length > 0) return 'routable';
  return linkLocalOf(link).length > 0 ? 'degraded' : bare;
}

const shimState = (shim: ShimData): string =>
  shim.optional === true ? 'no' : stateOf(shim, shim['ignore-carrier'] === true, 'carrier');

/** State and families, as systemd-networkd is told. */
function networkdOnline(state: string, link: AddressingData): string[] {
  const families = familiesOf(link);
  const [family] = families;
  return state === 'routable' && family ? [state, families.length > 1 ? 'both' : family] : [state];
}

const hasStatic = ({ addresses = [] }: AddressingData): boolean => addresses.length > 0;

function profileOf(way: Way, data: IntentData, name: string, priority: number): Link['profile'] {
  return isNetworkd(way)
    ? undefined
    : { id: `macvtap-${name}`, uuid: profileUuid(data.host ?? '', name), priority };
}

/** What a shim and a tap have in common. */
function standingLink(
  data: IntentData,
  name: string,
  upper: TapData,
  node: Node,
): Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'> {
  const mode = upper.mode ?? 'bridge';
  return said<Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'>>({
    parent: node.name,
    mode,
    sources:
      mode === 'source' ? upper['source-macaddresses']?.map((mac) => mac.toLowerCase()) : undefined,
    mac:
      mode === 'passthru'
        ? undefined
        : (upper.macaddress?.toLowerCase() ?? derivedMac(data.host ?? '', name)),
    mtu: upper.mtu ?? mtuOf(node),
  });
}

function shimLink(way: Way, data: IntentData, name: string, shim: ShimData, node: Node): Link {
  const isOptional = shim.optional === true;
  const standing = standingLink(data, name, shim, node);
  const profile = profileOf(way, data, name, 0);
  return {
    kind: 'macvlan',
    ...standing,
    ...addressingOf(way, shim, standing.mtu),
    ignoreCarrier: shim['ignore-carrier'] === true && hasStatic(shim),
    online: isNetworkd(way)
      ? networkdOnline(shimState(shim), shim)
      : isOptional
        ? []
        : familiesOf(shim),
    isSilent: false,
    ...(profile && { profile }),
  };
}

const BARE: Pick<Link, 'ipv4' | 'ipv6' | 'search' | 'autoconf' | 'linkLocal' | 'ignoreCarrier'> = {
  ipv4: NOTHING,
  ipv6: NOTHING,
  search: [],
  autoconf: 'none',
  linkLocal: [],
  ignoreCarrier: false,
};

function tapLink(way: Way, data: IntentData, name: string, tap: TapData, node: Node): Link {
  const profile = profileOf(way, data, name, 0);
  return {
    kind: 'macvtap',
    ...standingLink(data, name, tap, node),
    ...BARE,
    online: isNetworkd(way) ? ['no'] : [],
    isSilent: isNetworkd(way),
    ...(profile && { profile }),
  };
}

function isParentOptional(node: Node): boolean {
  const shims = above(node).flatMap((one) => one.shims);
  // A link with an address of its own is waited for on its own account.
  const isStanding = shims.length > 0 && familiesOf(node.said).length === 0;
  return (
    node.said.optional ?? (isStanding && shims.every(({ said: shim }) => shim.optional === true))
  );
}

const ignoresCarrier = (node: Node): boolean =>
  above(node).some(
    (one) =>
      one.said['ignore-carrier'] === true ||
      one.shims.some(({ said: shim }) => shim['ignore-carrier'] === true),
  );

/** Never `no`: where all links said so, networkd would wait for one that does not. */
function parentState(node: Node): string {
  if (node.master) return 'no';
  if (isParentOptional(node)) return 'no-carrier';
  // One cable of several may be out.
  const bare = node.kind === 'bond' || node.kind === 'bridge' ? 'degraded-carrier' : 'carrier';
  return stateOf(node.said, ignoresCarrier(node), bare);
}

/** Whether netplan itself writes what its renderer is told of a link. */
const isNative = (way: Way, node: Node): boolean =>
  way.startsWith('netplan') &&
  !carries(node) &&
  // What is found by its MAC is found so in one place.
  (way === 'netplan-networkd' || node.said.match === undefined);

/** A bond's or bridge's, by the kernel's names. */
function parametersOf({ kind, said: { parameters = {} }, members }: Node): Link['parameters'] {
  if (kind !== 'bond' && kind !== 'bridge') return undefined;
  const text = (value: Parameters[string]): string =>
    Array.isArray(value) ? value.map(canonicalOf).join(',') : String(value);
  const all = new Map(
    Object.entries(parameters).map(([key, value]) => [
      kind === 'bond' ? (KERNEL_BOND[key] ?? fail(`what is ${key}?`)) : key.replaceAll('-', '_'),
      text(value),
    ]),
  );
  const primary = members.find(({ id, name }) => [id, name].includes(all.get('primary') ?? ''));
  if (primary) all.set('primary', primary.name);
  // The kernel would never ask members for their carrier.
  if (kind === 'bond' && !all.has('miimon') && (all.get('arp_interval') ?? '0') === '0')
    all.set('miimon', '100');
  if (kind === 'bridge' && !all.has('stp')) all.set('stp', 'false');
  // The kernel's default.
  if (all.get('min_links') === '0') all.delete('min_links');
  return toRecord(all);
}

/** Documentation/networking/bonding. */
const KERNEL_BOND: Readonly<Record<string, string>> = {
  mode: 'mode',
  primary: 'primary',
  'primary-reselect-policy': 'primary_reselect',
  'mii-monitor-interval': 'miimon',
  'up-delay': 'updelay',
  'down-delay': 'downdelay',
  'lacp-rate': 'lacp_rate',
  'min-links': 'min_links',
  'transmit-hash-policy': 'xmit_hash_policy',
  'ad-select': 'ad_select',
  'arp-interval': 'arp_interval',
  'arp-ip-targets': 'arp_ip_target',
  'fail-over-mac-policy': 'fail_over_mac',
};

/** What boot waits for on a parent. */
function parentOnline(way: Way, node: Node, hasWaitList: boolean): string[] {
  const { said: own } = node;
  if (!isNetworkd(way)) return node.master || isParentOptional(node) ? [] : familiesOf(own);
  const isNetplans = isNative(way, node) && !hasAddress(own);
  if (!isNetplans) return networkdOnline(parentState(node), own);
  // netplan has one word; without it, systemd-networkd takes any member, and any link that the
  // service is not told of.
  if (isParentOptional(node)) return ['no'];
  return node.master || hasWaitList ? [] : networkdOnline(parentState(node), own);
}

function parentLink(way: Way, data: IntentData, node: Node, hasWaitList: boolean): Link {
  const { said: own, kind, name, link, master } = node;
  const isDerived = own.macaddress === undefined && (kind === 'bond' || kind === 'bridge');
  const mac = isDerived ? derivedMac(data.host ?? '', name) : own.macaddress?.toLowerCase();
  const mtu = mtuOf(node);
  const native = isNative(way, node);
  // netplan keeps addresses of what it makes without a carrier.
  const isKept = ignoresCarrier(node) || (native && isNetworkd(way) && kind !== 'ethernet');
  // netplan makes the profile of a member, in which it has no more to say.
  const isNetplans = native && !isNetworkd(way) && master !== undefined;
  const parameters = parametersOf(node);
  const profile = profileOf(way, data, name, 100);
  return said<Link>({
    kind,
    parent: link?.name,
    vlanId: own.id,
    master: master?.name,
    mode: undefined,
    sources: undefined,
    parameters,
    permanentMac: own.match?.macaddress.toLowerCase(),
    mac,
    mtu,
    wakeOnLan: own.wakeonlan === true ? true : undefined,
    dnsDefaultRoute: undefined,
    dhcp4: undefined,
    dhcp6: undefined,
    raUseDns: undefined,
    ...(master ? { ...BARE } : addressingOf(way, own, mtu)),
    ignoreCarrier: isKept && hasStatic(own),
    online: parentOnline(way, node, hasWaitList),
    isSilent: isNetworkd(way) && !hasAddress(own) && !native,
    profile: isNetplans && profile ? netplanProfile(node) : profile,
  });
}

/** Nothing of it is said: NetworkManager makes up the UUID, which the reader imitates. */
const netplanProfile = ({ id }: Node): NonNullable<Link['profile']> => ({
  id: `netplan-${id}`,
  uuid: madeUpUuid(id),
  priority: 0,
});

/** Which links boot is told to wait for, each as `link:state`. */
function waitsOf(way: Way, data: IntentData): string[] {
  const nodes = nodesOf(data);
  const shims = nodes.flatMap((node) => node.shims);
  if (way === 'networkd' && ![...nodes, ...shims].some(isHalf)) return [];
  const waits = [
    // One that is optional may be absent: it would be waited for in vain.
    ...nodes
      .filter((node) => !isParentOptional(node) && !node.master)
      .map((node) => `${node.name}:${parentState(node)}`),
    ...shims
      .filter(({ said: shim }) => shim.optional !== true)
      .map(({ name, said: shim }) => `${name}:${shimState(shim)}`),
  ];
  return waits.sort();
}

/**
 * systemd-networkd alone knows by its own files what to wait for; but it is content with one
 * family of a link that has two, one of them dynamic.
 */
function isHalf(link: Node | Standing<ShimData>): boolean {
  const { said: own } = link;
  const isOptional = 'kind' in link ? isParentOptional(link) : own.optional === true;
  const isDynamic = own.dhcp4 === true || own.dhcp6 === true || acceptsRa(own);
  return !isOptional && familiesOf(own).length > 1 && isDynamic;
}

/** Whether the LAN may look for a shim's address where its packets do not go out. */
function isLoose(shim: ShimData, node: Node): boolean {
  const own = (node.said.addresses ?? []).map((address) => network(address).split('/')[0]);
  return (
    isSide(shim, node) &&
    (shim.addresses ?? [])
      .map((address) => network(address).split('/')[0] ?? '')
      .some((address) => !isIpv6(address) && !own.includes(address))
  );
}

/** A shim with single IPv4 addresses, beside those of its parent. */
const isSide = (shim: ShimData, node: Node): boolean =>
  familiesOf(node.said).includes('ipv4') &&
  (shim.addresses ?? []).some((address) => address.endsWith('/32') && !isIpv6(address));

function kernelOf(nodes: readonly Node[]): Description['kernel'] {
  const shims = nodes.flatMap((node) =>
    node.shims.map(({ name, said: shim }) => ({
      name,
      side: isSide(shim, node),
      loose: isLoose(shim, node),
    })),
  );
  const plain = shims.filter(({ side }) => !side).map(({ name }) => name);
  const answering = nodes.filter(
    (node) =>
      node.shims.length + node.taps.length > 0 &&
      !node.shims.some(({ said: shim }) => isSide(shim, node)),
  );
  return {
    arpIgnore: [
      ...answering.map(({ name }) => name),
      // Of several shims each would answer for the others too.
      ...(plain.length > 1 ? plain : []),
      // Until a guest has it, the host answers there.
      ...nodes.flatMap(({ taps }) => taps.map(({ name }) => name)),
    ].sort(),
    looseRpFilter: shims
      .filter(({ loose }) => loose)
      .map(({ name }) => name)
      .sort(),
  };
}

/** Devices of guests by the names that they are given; libvirt's own begin with `macvtap`. */
const targetsOf = ({ guests }: IntentData): string[] =>
  [...(guests?.values() ?? [])].flatMap(({ target }) =>
    target === undefined || target.startsWith('macvtap') ? [] : [target],
  );

function describe(way: Way, data: IntentData): Description {
  const nodes = nodesOf(data);
  const waits = waitsOf(way, data);
  const links = new Map<string, Link>();
  for (const node of nodes) {
    links.set(node.name, parentLink(way, data, node, waits.length > 0));
    for (const { name, said: shim } of node.shims)
      links.set(name, shimLink(way, data, name, shim, node));
    for (const { name, said: tap } of node.taps)
      links.set(name, tapLink(way, data, name, tap, node));
  }
  const names = [...links.keys()].sort();
  const guests = ['macvtap*', ...targetsOf(data)];
  const carrierless = [
    ...nodes.filter(ignoresCarrier).map(({ name }) => name),
    ...[...(data.shims ?? [])]
      .filter(([, shim]) => shim['ignore-carrier'] === true)
      .map(([name]) => name),
  ];
  return said<Description>({
    links: toRecord(links),
    kernel: kernelOf(nodes),
    networkManager: isNetworkd(way)
      ? { managed: [], unmanaged: [...names, ...guests].sort(), ignoreCarrier: [] }
      : { managed: names, unmanaged: guests.sort(), ignoreCarrier: carrierless.sort() },
    networkdUnmanaged: isNetworkd(way) ? [] : names,
    networkdGuests: ['macvtap*', ...targetsOf(data)],
    waitOnline: waits.length > 0 ? waits : undefined,
  });
}

/** Where a link's file of a kind is: product.md, "Fixed for ever". */
const PATHS = {
  network: (name: string) => `/etc/systemd/network/00-macvtap-${name}.network`,
  netdev: (name: string) => `/etc/systemd/network/00-macvtap-${name}.netdev`,
  link: (name: string) => `/etc/systemd/network/00-macvtap-${name}.link`,
  profile: (name: string) => `/etc/NetworkManager/system-connections/macvtap-${name}.nmconnection`,
  netplanNetwork: (id: string) => `/etc/systemd/network/10-netplan-${id}.network`,
  netplanNetdev: (id: string) => `/etc/systemd/network/10-netplan-${id}.netdev`,
  netplanDropIn: (name: string) =>
    `/etc/systemd/network/10-netplan-${name}.network.d/50-macvtap.conf`,
  netplan: '/etc/netplan/60-macvtap.yaml',
} as const;

/** Paths of what the network's owner reads: those that anybody may, and those of root alone. */
function ownersFiles(way: Way, data: IntentData): { plain: string[]; secret: string[] } {
  const nodes = nodesOf(data);
  const shims = [...(data.shims?.keys() ?? [])];
  const taps = [...(data.taps?.keys() ?? [])];
  const uppers = [...shims, ...taps];
  const matched = nodes.filter(({ said: { match } }) => match).map(({ name }) => PATHS.link(name));
  const made = nodes.filter(({ kind }) => kind !== 'ethernet');
  const unmanaged = [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.network);
  const own = nodes.filter((node) => !isNative(way, node));
  switch (way) {
    case 'networkd':
      return {
        plain: [
          ...matched,
          ...[...uppers, ...made.map(({ name }) => name)].map(PATHS.netdev),
          ...[...uppers, ...nodes.map(({ name }) => name)].map(PATHS.network),
        ],
        secret: [],
      };
    case 'networkmanager':
      return {
        plain: [...matched, ...unmanaged],
        secret: [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.profile),
      };
    case 'netplan-networkd':
      return {
        plain: [
          ...uppers.map(PATHS.netdev),
          ...shims.map(PATHS.netplanDropIn),
          ...taps.map(PATHS.network),
          ...own.map(({ id }) => PATHS.netplanNetwork(id)),
          ...made.filter(carries).map(({ id }) => PATHS.netplanNetdev(id)),
          // What netplan has no word for.
          ...nodes
            .filter((node) => isNative(way, node) && hasAddress(node.said))
            .map(({ id }) => PATHS.netplanDropIn(id)),
        ],
        // netplan has udev name a NIC that is matched.
        secret:
          shims.length + nodes.length - own.length + matched.length > 0 ? [PATHS.netplan] : [],
      };
    case 'netplan-networkmanager': {
      // Other YAML may name a link that is none of netplan's; but a VLAN's link has to be there.
      const hasStub = own.some(({ said: { match }, link }) => !match && !link?.said.match);
      const isNeeded = hasStub || shims.length > 0 || own.length < nodes.length;
      return {
        plain: [...matched, ...unmanaged],
        secret: [
          ...taps.map(PATHS.profile),
          ...own.map(({ name }) => PATHS.profile(name)),
          ...(isNeeded ? [PATHS.netplan] : []),
        ],
      };
    }
    default:
      return fail(`what is ${String(way)}?`);
  }
}

/** Path → mode of every file of a way. */
function expectedFiles(way: Way, data: IntentData): Map<string, number> {
  const { plain, secret } = ownersFiles(way, data);
  const kernel = kernelOf(nodesOf(data));
  const system = '/etc/systemd/system';
  const paths = [
    ...plain,
    '/etc/NetworkManager/conf.d/90-macvtap.conf',
    '/etc/systemd/network/00-macvtap.network',
  ];
  if (kernel.arpIgnore.length + kernel.looseRpFilter.length > 0)
    paths.push('/etc/sysctl.d/90-macvtap.conf');
  if (waitsOf(way, data).length > 0) {
    paths.push(`${system}/systemd-networkd-wait-online.service.d/90-macvtap.conf`);
    if (way === 'netplan-networkd') paths.push(`${system}/network-online.target.d/90-macvtap.conf`);
  }
  return new Map([
    ...paths.map((path) => [path, 0o644] as const),
    ...secret.map((path) => [path, 0o600] as const),
  ]);
}

/**
 * The files that make the arrangement, links that stand on others before those: nothing that it
 * cannot do without comes after them.
 */
function activating(way: Way, data: IntentData): string[] {
  const pathOf: Readonly<Record<Way, (node: Node) => string>> = {
    networkd: ({ name }) => PATHS.network(name),
    'netplan-networkd': ({ id }) => PATHS.netplanNetwork(id),
    networkmanager: ({ name }) => PATHS.profile(name),
    'netplan-networkmanager': ({ name }) => PATHS.profile(name),
  };
  return nodesOf(data)
    .filter((node) => !isNative(way, node))
    .map((node) => ({ path: pathOf[way](node), height: heightOf(node) }))
    .sort((a, b) => b.height - a.height || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}

const READERS: Readonly<Record<Way, (files: Files) => Description>> = {
  networkd: readNetworkd,
  networkmanager: readNetworkManager,
  'netplan-networkd': readNetplanNetworkd,
  'netplan-networkmanager': readNetplanNetworkManager,
};

/** All that is asked of a rendered set. */
function checkSet(files: RenderedSet['files'], way: Way, data: IntentData): void {
  const lines = (modes: Iterable<readonly [string, number]>): string =>
    [...modes]
      .map(([path, mode]) => `${mode.toString(8)} ${path}\n`)
      .sort()
      .join('');
  same(
    lines(files.map(({ path, mode }) => [path, mode])),
    lines(expectedFiles(way, data)),
    'files',
  );
  const last = activating(way, data);
  const essential = files.filter(({ role }) => role === 'essential').map(({ path }) => path);
  const ending = essential.slice(Math.max(0, essential.length - last.length));
  same(ending.join('\n'), last.join('\n'), 'files that come last');
  for (const { path, text } of files) checkText(path, text, data.host);
  const read = READERS[way](new Map(files.map(({ path, text }) => [path, text])));
  const expected = describe(way, data);
  if (!isDeepStrictEqual(read, expected)) same(pretty(read), pretty(expected), 'read back');
}

/** Keys in order, so that two descriptions can be shown side by side. */
const pretty = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? toRecord(new Map(Object.entries(item)))
        : item,
    1,
  );

function same(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  const [a, e] = [actual.split('\n'), expected.split('\n')];
  const first = a.findIndex((line, index) => line !== e[index]);
  const around = (lines: string[]): string =>
    lines.slice(Math.max(0, first - 3), first + 4).join('\n');
  fail(`${what}: is\n${around(a)}\nand should be\n${around(e)}`);
}

/** Every line has a reason, and a place in the intent. */
function checkExplained({ source }: Compilation, { files }: RenderedSet): void {
  const count = source.text.split('\n').length;
  const explained = explain(source, files);
  for (const { path, text } of files) {
    const lines = explained.filter((line) => line.path === path);
    same(lines.map((line) => `${line.text}\n`).join(''), text, `explained ${path}`);
  }
  for (const { path, line, reason, authority, origin } of explained) {
    const isPlaced = origin.line >= 1 && origin.line <= count;
    if (reason === '' || authority === '' || !isPlaced) fail(`${path}:${line} has no reason`);
  }
}

const fingerprint = (sets: readonly RenderedSet[] | undefined): string =>
  JSON.stringify(
    sets?.map(({ way, files }) => [
      way,
      files.map(({ path, mode, role, text }) => [path, mode, role, text]),
    ]),
  );

// Running -----------------------------------------------------------------------------------------

const run = (text: string, ways: readonly string[] = WAYS): Compilation =>
  compile(text, { file: 'intent.yaml', ways });

/** What holds of every answer, whatever the text was. */
function checkAnswer(
  text: string,
  { source, diagnostics, sets }: Compilation,
  ways: readonly string[] = WAYS,
): void {
  const isWrong = diagnostics.some(({ severity }) => severity === 'error');
  if (isWrong === (sets !== undefined)) fail('neither files nor an error, or both');
  if (sets && sets.map(({ way }) => way).join() !== ways.join()) fail('other ways than asked for');
  for (const { code, severity, message, hint, path, at, offsets, backend } of diagnostics) {
    if (!Object.hasOwn(CODES, code)) fail(`no such code: ${code}`);
    if (severity !== CODES[code].severity) fail(`${code} is no ${severity}`);
    const isText = (said: unknown): boolean => typeof said === 'string' && said !== '';
    if (!isText(message) || !isText(hint)) fail(`${code} says nothing`);
    if (backend !== undefined && !ways.includes(backend)) fail(`${code} of ${backend}`);
    const span = offsets ? { start: offsets[0], end: offsets[1] } : source.locate(path, at);
    const isInside = 0 <= span.start && span.start <= span.end && span.end <= text.length;
    if (!isInside) fail(`${code}: ${span.start}–${span.end} of ${text.length}`);
  }
}

/** What people are shown: lines of text, whatever stood in the intent. */
function checkReport({ source, diagnostics }: Compilation): void {
  const shown = reportText(source, diagnostics, false);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/.exec(shown);
  if (control) fail(`the report has a control character: ${JSON.stringify(shown)}`);
  const found: unknown = JSON.parse(reportJson(source, diagnostics));
  if (!Array.isArray(found) || found.length !== diagnostics.length) fail('the report lacks some');
}

/** The ways that can express the intent; none where the intent itself is refused. */
function waysFor({ diagnostics }: Compilation): Way[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return WAYS.filter((way) =>
    errors.every(({ backend }) => backend !== undefined && backend !== way),
  );
}

/** Whether nothing is wrong with the intent itself. */
const isAccepted = ({ diagnostics }: Compilation): boolean =>
  diagnostics.every(({ severity, backend }) => severity !== 'error' || backend !== undefined);

/** Runs a property; what fails is shown as the text of the intent, with the seed. */
function check<T>(
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  show: (value: T) => string,
  property: (value: T) => void,
): void {
  const result = fc.check(fc.property(arbitrary, property), {
    numRuns: Math.max(1, Math.round(runs)),
    seed: SEED,
  });
  if (!result.failed) return;
  const shown = result.counterexample ? show(result.counterexample[0]) : '';
  const error = new Error(
    `${String(result.errorInstance)}\n\nMACVTAP_PROPERTY_SEED=${SEED} (run ${result.numRuns}), smallest:\n${shown}`,
  );
  // The stack is of no use, and says the message again.
  error.stack = '';
  throw error;
}


const N = Number(process.argv[2] ?? 2000);
const buckets = new Map<string, {count: number; text: string; message: string}>();
const note = (key: string, message: string, text: string) => {
  const old = buckets.get(key);
  if (!old) buckets.set(key, {count: 1, text, message});
  else { old.count++; if (text.length < old.text.length) { old.text = text; old.message = message; } }
};
const counts = new Map<string, number>();
for (const data of fc.sample(intent, {numRuns: N, seed: Number(process.argv[3] ?? 5)})) {
  const text = print(data, {notation: 'block', seed: 3});
  let c: Compilation;
  try { c = run(text); checkAnswer(text, c); } catch (e) { note('answer ' + String(e).slice(0,80), String(e), text); continue; }
  const ways = waysFor(c);
  if (ways.length === 0) { note('refused', JSON.stringify(c.diagnostics.filter(d=>d.severity==='error')), text); continue; }
  if (!c.sets) c = run(text, ways);
  for (const set of c.sets ?? []) {
    counts.set(set.way, (counts.get(set.way) ?? 0) + 1);
    try { checkSet(set.files, set.way as Way, data);
      checkExplained(c, set);
      readEverybody(new Map(set.files.map(({ path, text: written }) => [path, written])));
    } catch (e) { const m = String(e); note(set.way + ' ' + m.replace(/(netplan:?|takes|from|of|[a-z]* for) [A-Za-z0-9_.-]+/g,'$1 X').replace(/'[^']*'/g,'Q').replace(/[0-9a-f.:]{6,}/g,'#').split('\n').filter((l,i)=>i<1 || /^ *"/.test(l)).join(' ').slice(0,160), m, text); }
  }
}
console.log(counts);
for (const [k, b] of [...buckets].sort((x,y)=>y[1].count-x[1].count).slice(0, Number(process.argv[4] ?? 12))) console.log('\n=====', b.count, k, '\n', b.message, '\n--\n' + b.text);
