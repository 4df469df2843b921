/**
 * Properties of the compiler as a whole, over arbitrary intents: what the files say is what the
 * intent says, by a computation of its own; hostile values change no structure; garbage is
 * answered, not thrown at.
 *
 *     MACVTAP_PROPERTY_RUNS   accepted intents to render (default: 300); the others follow
 *     MACVTAP_PROPERTY_SEED   the seed of a run that failed
 *
 * `npm test` draws the same few every time, so that it fails by what was changed and not by chance;
 * `npm run test:long` draws 10,000, others each time, and checks how often each feature comes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compilation, compile, type RenderedSet } from '../../src/compile.ts';
import { CODES } from '../../src/diagnostics/diagnostic.ts';
import { explain } from '../../src/explain/lines.ts';
import { MOST_DIAGNOSTICS } from '../../src/intent/positions.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { reportText } from '../../src/report/text.ts';
import { targetNames } from '../../src/targets/distributions.ts';
import { parseTarget } from '../../src/targets/requested.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
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
  HIDDEN_WAIT,
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
import { isAtLeast, type Setting, settingsOf, sinceOf } from './versions.ts';

const RUNS = Number(process.env['MACVTAP_PROPERTY_RUNS'] ?? 300);
const isLong = RUNS >= 1000;
const FIXED_SEED = 1;
const SEED = Number(
  process.env['MACVTAP_PROPERTY_SEED'] ??
    (isLong ? Math.floor(Math.random() * 0x7fffffff) : FIXED_SEED),
);

/**
 * The greatest property takes most of a minute: a second process, which knows itself by this
 * variable, runs the larger half of it, with the next seed, while this one does the rest.
 */
const isOtherHalf = process.env['MACVTAP_PROPERTY_HALF'] !== undefined;

const otherHalf = isLong && !isOtherHalf ? startOtherHalf() : undefined;

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

const BACKENDS = [
  'networkd',
  'networkmanager',
  'netplan-networkd',
  'netplan-networkmanager',
] as const;
type BackendId = (typeof BACKENDS)[number];

const isNetworkd = (backend: BackendId): boolean =>
  backend === 'networkd' || backend === 'netplan-networkd';

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

interface Attachment<T> {
  readonly name: string;
  readonly given: T;
}

/** A link that others stand on, and what those are. */
interface Node {
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
function nodesOf(data: IntentData): Node[] {
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

/** All that is reached from a node, itself included. */
function reached(node: Node, next: (node: Node) => readonly (Node | undefined)[]): Node[] {
  const found = new Set<Node>([node]);
  // A set grows while it is walked.
  for (const item of found) for (const other of next(item)) if (other) found.add(other);
  return [...found];
}

const above = (node: Node): Node[] => reached(node, ({ master, vlans }) => [master, ...vlans]);

/** Whether a shim or tap stands on it, or on anything that is joined with it. */
const hasMacvlans = (node: Node): boolean =>
  groupOf(node).some(({ shims, taps }) => shims.length + taps.length > 0);

/** All that is joined with a node, itself included. */
const groupOf = (node: Node): Node[] =>
  reached(node, ({ link, master, members, vlans }) => [link, master, ...members, ...vlans]);

/** A VLAN has its link's MTU, a member that of what it is in. */
const mtuOf = ({ given, link, master }: Node): number | undefined => {
  const other = link ?? master;
  return given.mtu ?? (other && mtuOf(other));
};

const heightOf = ({ link, members }: Node): number =>
  Math.max(0, ...[...(link ? [link] : []), ...members].map((item) => heightOf(item) + 1));

const isIpv6 = (text: string): boolean => text.includes(':');
const familyOf = (text: string): Family => (isIpv6(text) ? 'ipv6' : 'ipv4');

const network = (text: string): string => {
  const [address = '', length] = text.split('/');
  return `${canonicalOf(address)}/${length ?? (isIpv6(address) ? 128 : 32)}`;
};

/** @param isNeighbour whether a gateway is taken for on-link: without static addresses it is */
function routeOf(
  { to, via, from, metric, table, ...given }: RouteData,
  isNeighbour: (family: Family) => boolean,
): string {
  const isV6 = isIpv6(to === 'default' ? (via ?? from ?? '') : to);
  return routeText({
    to: to === 'default' ? (isV6 ? '::/0' : '0.0.0.0/0') : network(to),
    via: via === undefined ? undefined : canonicalOf(via),
    from: from === undefined ? undefined : canonicalOf(from),
    onLink: via !== undefined && (given['on-link'] === true || isNeighbour(isV6 ? 'ipv6' : 'ipv4')),
    // What the kernel takes for unsaid: 0, which in IPv6 is 1024.
    metric: metric ?? 0,
    table,
  });
}

/** Unless said, just before the rule that leads to the main table. */
const ruleOf = ({ from, to, table, priority = 32765, mark, ...given }: RuleData): string =>
  ruleText({
    from: from === undefined ? undefined : network(from),
    to: to === undefined ? undefined : network(to),
    tos: given['type-of-service'],
    mark,
    table,
    priority,
  });

/** The values that are there. */
function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function dhcpOf(backend: BackendId, overrides: OverridesData): Dhcp {
  const domains = overrides['use-domains'];
  return given<Dhcp>({
    identifier: undefined,
    metric: undefined,
    useMtu: undefined,
    useRoutes: undefined,
    useDns: overrides['use-dns'] ?? true,
    // NetworkManager always searches what the server names; unsaid, each system has its own way.
    useDomains: domains === undefined || !isNetworkd(backend) ? undefined : String(domains),
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
  const implicit: Family[] = familiesOf(link).includes('ipv6') ? ['ipv6'] : [];
  return [...new Set(link['link-local'] ?? implicit)].sort();
};

const hasAddress = (link: AddressingData): boolean =>
  familiesOf(link).length + linkLocalOf(link).length > 0;

/** What an intent says of a link's addresses, whatever way it goes. */
function addressingOf(
  backend: BackendId,
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
  const isManager = !isNetworkd(backend);
  // With the subnet in another table, NetworkManager has to be told that a gateway is there.
  const isReported = (link.routes ?? []).some(
    (route) =>
      route.via === undefined &&
      route.table !== undefined &&
      !isIpv6(routeOf(route, () => false).split(' ')[0] ?? ''),
  );
  const isNeighbour = (family: Family): boolean =>
    (family === 'ipv4' && isManager && isReported) ||
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
    ...given<Pick<Link, 'dnsDefaultRoute' | 'dhcp4' | 'dhcp6' | 'raUseDns' | 'startedIdentifier'>>({
      startedIdentifier:
        !isManager && ra && link.dhcp6 === undefined
          ? (link['dhcp-identifier'] ?? 'mac')
          : undefined,
      dnsDefaultRoute: isManager ? undefined : link['dns-default-route'],
      ...clientsOf(backend, link, mtu),
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
  backend: BackendId,
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
  const dhcp = (values: Dhcp): Dhcp => (isNetworkd(backend) ? values : { ...values, useHostname });
  // In NetworkManager advertisements bring DHCPv6 with them.
  const hasDhcp6 = link.dhcp6 === true || (acceptsRa(link) && !isNetworkd(backend));
  return {
    dhcp4:
      link.dhcp4 === true
        ? dhcp({
            ...dhcpOf(backend, over4),
            identifier,
            metric: over4['route-metric'] ?? 100,
            // An MTU that is said is not the server's to change.
            useMtu: mtu === undefined && (over4['use-mtu'] ?? true),
            useRoutes: over4['use-routes'] ?? true,
          })
        : undefined,
    dhcp6: hasDhcp6
      ? dhcp({
          ...dhcpOf(backend, link.dhcp6 === true ? over6 : {}),
          identifier,
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

function profileOf(
  backend: BackendId,
  data: IntentData,
  name: string,
  priority: number,
): Link['profile'] {
  return isNetworkd(backend)
    ? undefined
    : { id: `macvtap-${name}`, uuid: profileUuid(data.host ?? '', name), priority };
}

/** What a shim and a tap have in common. */
function attachedLink(
  data: IntentData,
  name: string,
  upper: TapData,
  node: Node,
): Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'> {
  const mode = upper.mode ?? 'bridge';
  return given<Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'>>({
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

function shimLink(
  backend: BackendId,
  data: IntentData,
  name: string,
  shim: ShimData,
  node: Node,
): Link {
  const isOptional = shim.optional === true;
  const attachment = attachedLink(data, name, shim, node);
  const profile = profileOf(backend, data, name, 0);
  return {
    kind: 'macvlan',
    ...attachment,
    ...addressingOf(backend, shim, attachment.mtu),
    ignoreCarrier: shim['ignore-carrier'] === true && hasStatic(shim),
    online: isNetworkd(backend)
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

function tapLink(
  backend: BackendId,
  data: IntentData,
  name: string,
  tap: TapData,
  node: Node,
): Link {
  const profile = profileOf(backend, data, name, 0);
  return {
    kind: 'macvtap',
    ...attachedLink(data, name, tap, node),
    ...BARE,
    online: isNetworkd(backend) ? ['no'] : [],
    isSilent: isNetworkd(backend),
    ...(profile && { profile }),
  };
}

function isParentOptional(node: Node): boolean {
  const shims = above(node).flatMap((item) => item.shims);
  // A link with an address of its own is waited for on its own account.
  const isShimOnly = shims.length > 0 && familiesOf(node.given).length === 0;
  return (
    node.given.optional ?? (isShimOnly && shims.every(({ given: shim }) => shim.optional === true))
  );
}

/** As it says; a link without an address of its own follows what stands on it. */
const ignoresCarrier = (node: Node): boolean =>
  node.given['ignore-carrier'] ??
  (familiesOf(node.given).length === 0 &&
    above(node).some(
      (item) =>
        item.given['ignore-carrier'] === true ||
        item.shims.some(({ given: shim }) => shim['ignore-carrier'] === true),
    ));

/** Whether boot waits for another link than this. */
function areOthersRequired(data: IntentData, node: Node): boolean {
  const shims = [...(data.shims?.values() ?? [])];
  return (
    shims.some(({ optional }) => optional !== true) ||
    nodesOf(data).some(
      ({ id, given: { optional }, master }) => id !== node.id && optional !== true && !master,
    )
  );
}

/** Not `no` where all links would say so: networkd would wait for one that does not. */
function parentState(data: IntentData, node: Node): string {
  if (node.master) return 'no';
  const isLeft = familiesOf(node.given).length > 0 && areOthersRequired(data, node);
  if (isParentOptional(node)) return isLeft ? 'no' : 'no-carrier';
  // One cable of several may be out.
  const bare = node.kind === 'bond' || node.kind === 'bridge' ? 'degraded-carrier' : 'carrier';
  return stateOf(node.given, ignoresCarrier(node), bare);
}

/** Whether netplan itself writes what its renderer is told of a link. */
const isNative = (backend: BackendId, node: Node): boolean =>
  backend.startsWith('netplan') &&
  !hasMacvlans(node) &&
  // What is found by its MAC is found so in one place.
  (backend === 'netplan-networkd' || groupOf(node).every(({ given: { match } }) => !match));

/** A bond's or bridge's, by the kernel's names. */
function parametersOf({ kind, given: { parameters = {} }, members }: Node): Link['parameters'] {
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
function parentOnline(
  backend: BackendId,
  data: IntentData,
  node: Node,
  hasWaitList: boolean,
): string[] {
  const { given: own } = node;
  if (!isNetworkd(backend)) return node.master || isParentOptional(node) ? [] : familiesOf(own);
  const isNetplans = isNative(backend, node) && !hasAddress(own);
  if (!isNetplans) return networkdOnline(parentState(data, node), own);
  // netplan has one word; without it, systemd-networkd takes any member, and any link that the
  // service is not told of.
  if (isParentOptional(node)) return ['no'];
  return node.master || hasWaitList ? [] : networkdOnline(parentState(data, node), own);
}

function parentLink(backend: BackendId, data: IntentData, node: Node, hasWaitList: boolean): Link {
  const { given: own, kind, name, link, master } = node;
  const isDerived = own.macaddress === undefined && (kind === 'bond' || kind === 'bridge');
  const mac = isDerived ? derivedMac(data.host ?? '', name) : own.macaddress?.toLowerCase();
  const mtu = mtuOf(node);
  const native = isNative(backend, node);
  // netplan keeps addresses of what it makes without a carrier.
  const isKept = ignoresCarrier(node) || (native && isNetworkd(backend) && kind !== 'ethernet');
  // netplan makes the profile of a member, in which it has no more to say.
  const isNetplans = native && !isNetworkd(backend) && master !== undefined;
  const parameters = parametersOf(node);
  const profile = profileOf(backend, data, name, 100);
  return given<Link>({
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
    ...(master ? { ...BARE } : addressingOf(backend, own, mtu)),
    // Without an address it has no effect, and a warning says so: netplan's file stays alone.
    ...(native && !hasAddress(own) && { dnsDefaultRoute: undefined }),
    ignoreCarrier: isKept && hasStatic(own),
    online: parentOnline(backend, data, node, hasWaitList),
    isSilent: isNetworkd(backend) && !hasAddress(own) && !native,
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
function waitsOf(backend: BackendId, data: IntentData): string[] {
  const nodes = nodesOf(data);
  const shims = nodes.flatMap((node) => node.shims);
  if (backend === 'networkd' && ![...nodes, ...shims].some(isHalf)) return [];
  const waits = [
    // One that is optional may be absent: it would be waited for in vain.
    ...nodes
      .filter((node) => !isParentOptional(node) && !node.master)
      .map((node) => `${node.name}:${parentState(data, node)}`),
    ...shims
      .filter(({ given: shim }) => shim.optional !== true)
      .map(({ name, given: shim }) => `${name}:${shimState(shim)}`),
  ];
  return waits.sort();
}

/**
 * systemd-networkd alone knows by its own files what to wait for; but it is content with one
 * family of a link that has two, one of them dynamic.
 */
function isHalf(link: Node | Attachment<ShimData>): boolean {
  const { given: own } = link;
  const isOptional = 'kind' in link ? isParentOptional(link) : own.optional === true;
  const isDynamic = own.dhcp4 === true || own.dhcp6 === true || acceptsRa(own);
  return !isOptional && familiesOf(own).length > 1 && isDynamic;
}

/** Whether the LAN may look for a shim's address where its packets do not go out. */
function isLoose(shim: ShimData, node: Node): boolean {
  const own = (node.given.addresses ?? []).map((address) => network(address).split('/')[0]);
  return (
    isSide(shim, node) &&
    (shim.addresses ?? [])
      .map((address) => network(address).split('/')[0] ?? '')
      .some((address) => !isIpv6(address) && !own.includes(address))
  );
}

/** A shim with single IPv4 addresses, beside those of its parent. */
const isSide = (shim: ShimData, node: Node): boolean =>
  familiesOf(node.given).includes('ipv4') &&
  (shim.addresses ?? []).some((address) => address.endsWith('/32') && !isIpv6(address));

function kernelOf(nodes: readonly Node[]): Description['kernel'] {
  const shims = nodes.flatMap((node) =>
    node.shims.map(({ name, given: shim }) => ({
      name,
      side: isSide(shim, node),
      loose: isLoose(shim, node),
    })),
  );
  const plain = shims.filter(({ side }) => !side).map(({ name }) => name);
  const answering = nodes.filter(
    (node) =>
      hasMacvlans(node) &&
      !node.master &&
      !node.shims.some(({ given: shim }) => isSide(shim, node)) &&
      (node.shims.length + node.taps.length > 0 || !familiesOf(node.given).includes('ipv4')),
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

function describe(backend: BackendId, data: IntentData): Description {
  const nodes = nodesOf(data);
  const waits = waitsOf(backend, data);
  const links = new Map<string, Link>();
  for (const node of nodes) {
    links.set(node.name, parentLink(backend, data, node, waits.length > 0));
    for (const { name, given: shim } of node.shims)
      links.set(name, shimLink(backend, data, name, shim, node));
    for (const { name, given: tap } of node.taps)
      links.set(name, tapLink(backend, data, name, tap, node));
  }
  const names = [...links.keys()].sort();
  const guests = ['macvtap*', ...targetsOf(data)];
  const carrierless = [
    ...nodes.filter(ignoresCarrier).map(({ name }) => name),
    ...[...(data.shims ?? [])]
      .filter(([, shim]) => shim['ignore-carrier'] === true)
      .map(([name]) => name),
  ];
  return given<Description>({
    links: toRecord(links),
    kernel: kernelOf(nodes),
    networkManager: isNetworkd(backend)
      ? { managed: [], unmanaged: [...names, ...guests].sort(), ignoreCarrier: [] }
      : { managed: names, unmanaged: guests.sort(), ignoreCarrier: carrierless.sort() },
    networkdUnmanaged: isNetworkd(backend) ? [] : names,
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
function ownersFiles(backend: BackendId, data: IntentData): { plain: string[]; secret: string[] } {
  const nodes = nodesOf(data);
  const shims = [...(data.shims?.keys() ?? [])];
  const taps = [...(data.taps?.keys() ?? [])];
  const uppers = [...shims, ...taps];
  const matched = nodes.filter(({ given: { match } }) => match).map(({ name }) => PATHS.link(name));
  const made = nodes.filter(({ kind }) => kind !== 'ethernet');
  // What NetworkManager makes and gives a MAC: udev is to leave that alone.
  const hasMac = (name: string): boolean =>
    (data.shims?.get(name) ?? data.taps?.get(name))?.mode !== 'passthru';
  const macs = [
    ...uppers.filter(hasMac),
    ...made
      .filter(({ kind, given }) => kind !== 'vlan' || given.macaddress !== undefined)
      .map(({ name }) => name),
  ].map(PATHS.link);
  const unmanaged = [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.network);
  const own = nodes.filter((node) => !isNative(backend, node));
  switch (backend) {
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
        plain: [...matched, ...macs, ...unmanaged],
        secret: [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.profile),
      };
    case 'netplan-networkd':
      return {
        plain: [
          ...uppers.map(PATHS.netdev),
          ...shims.map(PATHS.netplanDropIn),
          ...taps.map(PATHS.network),
          ...own.map(({ id }) => PATHS.netplanNetwork(id)),
          ...made.filter(hasMacvlans).map(({ id }) => PATHS.netplanNetdev(id)),
          // What netplan has no word for.
          ...nodes
            .filter((node) => isNative(backend, node) && hasAddress(node.given))
            .map(({ id }) => PATHS.netplanDropIn(id)),
        ],
        // netplan has udev name a NIC that is matched.
        secret:
          shims.length + nodes.length - own.length + matched.length > 0 ? [PATHS.netplan] : [],
      };
    case 'netplan-networkmanager': {
      // Other YAML may name a link that is none of netplan's; but a VLAN's link has to be there.
      const isNamed = ({ given: { match }, link }: Node): boolean =>
        !match && (link === undefined || isNamed(link));
      const hasStub = own.some(isNamed);
      const isNeeded = hasStub || shims.length > 0 || own.length < nodes.length;
      return {
        plain: [...matched, ...macs, ...unmanaged],
        secret: [
          ...taps.map(PATHS.profile),
          ...own.map(({ name }) => PATHS.profile(name)),
          ...(isNeeded ? [PATHS.netplan] : []),
        ],
      };
    }
    default:
      return fail(`what is ${String(backend)}?`);
  }
}

/** Path → mode of every file of a way. */
function expectedFiles(backend: BackendId, data: IntentData): Map<string, number> {
  const { plain, secret } = ownersFiles(backend, data);
  const kernel = kernelOf(nodesOf(data));
  const system = '/etc/systemd/system';
  const paths = [
    ...plain,
    '/etc/NetworkManager/conf.d/90-macvtap.conf',
    '/etc/systemd/network/00-macvtap.network',
  ];
  if (kernel.arpIgnore.length + kernel.looseRpFilter.length > 0)
    paths.push('/etc/sysctl.d/90-macvtap.conf');
  if (waitsOf(backend, data).length > 0) {
    paths.push(`${system}/systemd-networkd-wait-online.service.d/90-macvtap.conf`);
    if (backend === 'netplan-networkd')
      paths.push(`${system}/network-online.target.d/90-macvtap.conf`);
  } else if (backend === 'networkd') {
    paths.push(HIDDEN_WAIT);
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
function activating(backend: BackendId, data: IntentData): string[] {
  const pathOf: Readonly<Record<BackendId, (node: Node) => string>> = {
    networkd: ({ name }) => PATHS.network(name),
    'netplan-networkd': ({ id }) => PATHS.netplanNetwork(id),
    networkmanager: ({ name }) => PATHS.profile(name),
    'netplan-networkmanager': ({ name }) => PATHS.profile(name),
  };
  return nodesOf(data)
    .filter((node) => !isNative(backend, node))
    .map((node) => ({ path: pathOf[backend](node), height: heightOf(node) }))
    .sort((a, b) => b.height - a.height || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}

const READERS: Readonly<Record<BackendId, (files: Files) => Description>> = {
  networkd: readNetworkd,
  networkmanager: readNetworkManager,
  'netplan-networkd': readNetplanNetworkd,
  'netplan-networkmanager': readNetplanNetworkManager,
};

/** All that is asked of a rendered set. */
function checkSet(files: RenderedSet['files'], backend: BackendId, data: IntentData): void {
  const lines = (modes: Iterable<readonly [string, number]>): string =>
    [...modes]
      .map(([path, mode]) => `${mode.toString(8)} ${path}\n`)
      .sort()
      .join('');
  same(
    lines(files.map(({ path, mode }) => [path, mode])),
    lines(expectedFiles(backend, data)),
    'files',
  );
  const last = activating(backend, data);
  const required = files.filter(({ role }) => role === 'required').map(({ path }) => path);
  const ending = required.slice(Math.max(0, required.length - last.length));
  same(ending.join('\n'), last.join('\n'), 'files that come last');
  for (const { path, text } of files) checkText(path, text, data.host);
  const read = READERS[backend](new Map(files.map(({ path, text }) => [path, text])));
  const expected = describe(backend, data);
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
  const count = (source.files[0]?.text ?? '').split('\n').length;
  const explained = explain(source, files);
  for (const { path, text } of files) {
    const { lines = [] } = explained.find((file) => file.path === path) ?? {};
    same(lines.map((line) => `${line.text}\n`).join(''), text, `explained ${path}`);
  }
  for (const { path, lines } of explained) {
    for (const { line, reason, authority, origin } of lines) {
      const isPlaced = origin.line >= 1 && origin.line <= count;
      if (reason === '' || authority === '' || !isPlaced) fail(`${path}:${line} has no reason`);
    }
  }
}

const fingerprint = (sets: readonly RenderedSet[] | undefined): string =>
  JSON.stringify(
    sets?.map(({ backend, files }) => [
      backend,
      files.map(({ path, mode, role, text }) => [path, mode, role, text]),
    ]),
  );

// Running -----------------------------------------------------------------------------------------

const run = (
  text: string,
  backends: readonly string[] = BACKENDS,
  target?: TargetSpec,
): Compilation => compile(text, { file: 'intent.yaml', backends, ...(target && { target }) });

/** What holds of every answer, whatever the text was. */
function checkAnswer(
  text: string,
  { source, diagnostics, sets }: Compilation,
  backends: readonly string[] = BACKENDS,
): void {
  const isWrong = diagnostics.some(({ severity }) => severity === 'error');
  if (isWrong === (sets !== undefined)) fail('neither files nor an error, or both');
  if (sets && sets.map(({ backend }) => backend).join() !== backends.join())
    fail('other back ends than asked for');
  for (const { code, severity, message, hint, path, at, offsets, backend } of diagnostics) {
    if (!Object.hasOwn(CODES, code)) fail(`no such code: ${code}`);
    if (severity !== CODES[code].severity) fail(`${code} is no ${severity}`);
    const isText = (given: unknown): boolean => typeof given === 'string' && given !== '';
    if (!isText(message) || !isText(hint)) fail(`${code} says nothing`);
    if (backend !== undefined && !backends.includes(backend)) fail(`${code} of ${backend}`);
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
  const found: unknown = diagnosticsOf(source, diagnostics);
  const isMany = diagnostics.length > MOST_DIAGNOSTICS;
  const count = isMany ? MOST_DIAGNOSTICS + 1 : diagnostics.length;
  if (!Array.isArray(found) || found.length !== count) fail('the report lacks some');
}

/** The ways that can express the intent; none where the intent itself is refused. */
function backendsFor({ diagnostics }: Compilation): BackendId[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return BACKENDS.filter((backendId) =>
    errors.every(({ backend }) => backend !== undefined && backend !== backendId),
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

// What the intents have in them ---------------------------------------------------------------------

const linksWithAddresses = (data: IntentData): readonly AddressingData[] => [
  ...(data.parents?.values() ?? []),
  ...(data.shims?.values() ?? []),
];

const hasLink =
  (has: (link: AddressingData) => boolean) =>
  (data: IntentData): boolean =>
    linksWithAddresses(data).some(has);

const hasParent =
  (has: (parent: ParentData) => boolean) =>
  (data: IntentData): boolean =>
    [...(data.parents?.values() ?? [])].some(has);

const hasUpper =
  (has: (upper: TapData) => boolean) =>
  (data: IntentData): boolean =>
    [...(data.shims?.values() ?? []), ...(data.taps?.values() ?? [])].some(has);

/** Each must be in a share of the intents, else the properties say nothing of it. */
const FEATURES: Readonly<Record<string, (data: IntentData) => boolean>> = {
  shims: ({ shims }) => shims !== undefined,
  taps: ({ taps }) => taps !== undefined,
  guests: ({ guests }) => guests !== undefined,
  targets: ({ guests }) => [...(guests?.values() ?? [])].some(({ target }) => target !== undefined),
  match: hasParent(({ match }) => match !== undefined),
  'wake-on-LAN': hasParent(({ wakeonlan }) => wakeonlan === true),
  VLAN: hasParent(({ link }) => link !== undefined),
  bond: hasParent(({ type }) => type === 'bond'),
  bridge: hasParent(({ type }) => type === 'bridge'),
  'bond with primary': hasParent(({ parameters }) => parameters?.['primary'] !== undefined),
  'bond by ARP': hasParent(({ parameters }) => parameters?.['arp-interval'] !== undefined),
  'normal setup': (data) =>
    nodesOf(data).some((node) => hasAddress(node.given) && !hasMacvlans(node)),
  'side shim': (data) =>
    nodesOf(data).some((node) => node.shims.some(({ given: shim }) => isSide(shim, node))),
  'parent with an address, under others': (data) =>
    nodesOf(data).some((node) => hasAddress(node.given) && node.shims.length > 0),
  'deep stack': (data) => nodesOf(data).some((node) => heightOf(node) > 1),
  "netplan's own beside what carries": (data) => {
    const nodes = nodesOf(data);
    return nodes.some(hasMacvlans) && !nodes.every(hasMacvlans);
  },
  'mode source': hasUpper(({ mode }) => mode === 'source'),
  passthru: hasUpper(({ mode }) => mode === 'passthru'),
  rules: hasLink((link) => (link['routing-policy'] ?? []).length > 0),
  routes: hasLink(({ routes = [] }) => routes.length > 0),
  'route table': hasLink(({ routes = [] }) => routes.some(({ table }) => table !== undefined)),
  'name servers': hasLink(({ nameservers }) => (nameservers?.addresses ?? []).length > 0),
  'dns-default-route': hasLink((link) => link['dns-default-route'] === true),
  dhcp4: hasLink(({ dhcp4 }) => dhcp4 === true),
  dhcp6: hasLink(({ dhcp6 }) => dhcp6 === true),
  'accept-ra': hasLink((link) => link['accept-ra'] === true),
  duid: hasLink((link) => link['dhcp-identifier'] === 'duid'),
  overrides: hasLink((link) => link['dhcp4-overrides'] !== undefined),
  'link-local': hasLink((link) => link['link-local'] !== undefined),
  'ignore-carrier': (data) => nodesOf(data).some(ignoresCarrier),
  optional: (data) => nodesOf(data).some(isParentOptional),
  mtu: (data) => nodesOf(data).some((node) => mtuOf(node) !== undefined),
};
const RAREST = 0.02;

// (a) ---------------------------------------------------------------------------------------------

const spelled = fc.record({ data: intent, first: style, second: style });

(isOtherHalf ? test.only : test)('what the files say is what the intent says', () => {
  const rendered = new Map<BackendId, number>(BACKENDS.map((backend) => [backend, 0]));
  const counts = { all: 0, accepted: 0 };
  const asked = new Map<BackendId, number>(BACKENDS.map((backend) => [backend, 0]));
  const features = new Map<string, number>(Object.keys(FEATURES).map((name) => [name, 0]));
  check(
    RUNS * (isOtherHalf ? 0.6 : isLong ? 0.4 : 1),
    spelled,
    ({ data, first }) => print(data, { ...first, notation: 'block' }),
    ({ data, first, second }) => {
      counts.all += 1;
      for (const [name, has] of Object.entries(FEATURES))
        if (has(data)) features.set(name, (features.get(name) ?? 0) + 1);
      const text = print(data, first);
      // To one of the two systems each time, by both ways to it: four would take twice as long.
      const pair = BACKENDS.filter((backend) => isNetworkd(backend) === (counts.all % 2 === 0));
      for (const backend of pair) asked.set(backend, (asked.get(backend) ?? 0) + 1);
      let compiled = run(text, pair);
      checkAnswer(text, compiled, pair);
      if (isAccepted(compiled)) counts.accepted += 1;
      const backends = backendsFor(compiled).filter((backend) => pair.includes(backend));
      if (backends.length === 0) return;
      if (!compiled.sets) {
        compiled = run(text, backends);
        checkAnswer(text, compiled, backends);
      }
      for (const set of compiled.sets ?? []) {
        const backend = BACKENDS.find((candidate) => candidate === set.backend);
        if (!backend) fail(`what is ${set.backend}?`);
        rendered.set(backend, (rendered.get(backend) ?? 0) + 1);
        checkSet(set.files, backend, data);
        if (counts.all % 21 === 0) {
          readEverybody(new Map(set.files.map(({ path, text: written }) => [path, written])));
          checkExplained(compiled, set);
        }
      }
      // Another notation, other quotes, another order of the language's keys; now and then the
      // very same text. For a fifth of the intents, and one way each time: the others follow
      // from the same model.
      if (counts.all % 5 > 0) return;
      const again = backends.slice((counts.all / 5) % backends.length).slice(0, 1);
      const other = counts.all % 25 === 0 ? text : print(data, second);
      same(
        fingerprint(run(other, again).sets),
        fingerprint(compiled.sets?.filter(({ backend }) => again.some((a) => a === backend))),
        `bytes from\n${other}\nand from\n${text}`,
      );
    },
  );
  const share = (count: number): number => count / counts.all;
  const ofAsked = (backend: BackendId, count: number): number => count / (asked.get(backend) ?? 1);
  const shares = [...rendered].map(
    ([backend, count]) => `${backend} ${ofAsked(backend, count).toFixed(2)}`,
  );
  console.log(
    `\n  ${counts.accepted} accepted of ${counts.all}; ${shares.join(', ')}; seed ${SEED}`,
  );
  const percent = [...features].map(
    ([name, count]) => `${name} ${(100 * share(count)).toFixed(0)}`,
  );
  console.log(`  ${percent.join(', ')} %`);
  for (const [name, count] of features)
    assert.ok(share(count) > RAREST || !isLong, `only ${count} of ${counts.all} have ${name}`);
  assert.ok(share(counts.accepted) > 0.98, `only ${counts.accepted} of ${counts.all} accepted`);
  for (const [backend, count] of rendered) {
    assert.ok(
      ofAsked(backend, count) > 0.6,
      `only ${count} of ${asked.get(backend)} rendered by ${backend}`,
    );
  }
});

// (b) ---------------------------------------------------------------------------------------------

const words = (text: string): string[] => text.trim().split(/\s+/);

const HOSTILE = [
  ...words(`
    ] [ [x] [Network] ; \\; \\ % %i %% $ $(x) {{x}} {{{x}}} ../ / .. . # &a *a !!x | > " ' , = ? @ *
    __proto__ constructor prototype toString null ~ true yes 0 007 1e3 0x10 -1 :: ::1 0.0.0.0/0
    lo all default version renderer eth0 veth0 198.51.100.1/24 2001:db8::1/64 fe80::1%eth0
  `),
  ...[
    '',
    ' ',
    'a b',
    'default ',
    ' #',
    ': ',
    '- ',
    '`x`',
    '$' + '{x}',
    '\n[Match]\nName=*\n',
    '\nDHCP=yes',
  ],
  // Ends of lines, control characters, what a terminal obeys, and what is no character at all.
  ...[
    '\n',
    '\r',
    '\t',
    '\0',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ud800',
    '𝕏',
    'é',
  ],
];

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 3 })), { maxLength: 4 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const poisoned = fc.record({
  data: intent,
  style,
  position: fc.nat(),
  hostile: hostileText,
  /** In place of what stands there, or beside it. */
  how: fc.constantFrom('instead', 'before', 'after'),
});

/** The texts of an intent, for those that are to be added to. */
function poison({
  data,
  position,
  hostile,
  how,
}: {
  data: IntentData;
  position: number;
  hostile: string;
  how: string;
}): IntentData {
  const index = position % countTexts(data);
  if (how === 'instead') return withText(data, index, hostile);
  const old = [...flatTexts(data)][index] ?? '';
  return withText(data, index, how === 'before' ? `${hostile}${old}` : `${old}${hostile}`);
}

/** In the order of the positions of `withText`. */
function* flatTexts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield String(key);
      yield* flatTexts(item);
    }
  } else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* flatTexts(item);
}

test('hostile values are refused, or change nothing but the value', () => {
  let accepted = 0;
  check(
    RUNS / 5,
    poisoned,
    (drawn) =>
      JSON.stringify([...flatTexts(poison(drawn))]) +
      print(poison(drawn), { ...drawn.style, notation: 'json' }),
    (drawn) => {
      const data = poison(drawn);
      const text = print(data, drawn.style);
      const pair = BACKENDS.filter(
        (backend) => isNetworkd(backend) === (drawn.style.seed % 2 === 0),
      );
      let compiled = run(text, pair);
      checkAnswer(text, compiled, pair);
      const backends = backendsFor(compiled).filter((backend) => pair.includes(backend));
      if (backends.length === 0) return;
      if (!compiled.sets) compiled = run(text, backends);
      accepted += 1;
      // Read back and compared, no value can have become a line, a section or a path of its own.
      for (const { backend, files } of compiled.sets ?? []) {
        const known =
          BACKENDS.find((candidate) => candidate === backend) ?? fail(`what is ${backend}?`);
        checkSet(files, known, data);
      }
    },
  );
  assert.ok(accepted > 0, 'every hostile value was refused: are the good ones not?');
});

/** What two texts must have in common for one to stand in the place of the other. */
const kindOf = (text: string): string => {
  if (/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/.test(text)) return 'mac';
  if (/^[0-9A-Fa-f.:]+\/[0-9]+$/.test(text)) return isIpv6(text) ? 'network6' : 'network4';
  if (/^[0-9]+(?:\.[0-9]+){3}$/.test(text)) return 'ipv4';
  return text.includes(':') ? 'ipv6' : 'name';
};

/** One text of the intent in the place of another: a MAC, an address or a name that is taken. */
const doubled = fc
  .record({ data: intent, from: fc.nat(), to: fc.nat() })
  .map(({ data, from, to }) => {
    const texts = [...flatTexts(data)];
    const source = from % texts.length;
    const text = texts[source] ?? '';
    const alike = texts.flatMap((other, index) =>
      index !== source && kindOf(other) === kindOf(text) ? [index] : [],
    );
    const target = alike[to % alike.length];
    return target === undefined ? data : withText(data, target, text);
  });

/** Always in quotes: `true` in the place of a text stays a text. */
const asJson = (data: IntentData): string => print(data, { notation: 'json', seed: 1 });

const reversed = <T>(map: Map<string, T>): Map<string, T> => new Map([...map].reverse());

/** What the kernel, or a LAN, has once only. */
function checkDistinct(data: IntentData): void {
  const named = describe('networkd', data).links;
  const links = Object.values(named);
  const distinct = (what: string, texts: readonly string[]): void => {
    const twice = texts.find((text, index) => texts.indexOf(text) !== index);
    if (twice !== undefined) fail(`two have the ${what} ${twice}`);
  };
  const guests = [...(data.guests?.values() ?? [])];
  const macOf = ({ mac, permanentMac }: Link): string | undefined => mac ?? permanentMac;
  // A VLAN may have its link's MAC, and a bond or bridge that of a member.
  const isShared = (link: Link): boolean =>
    [link.kind === 'vlan' ? link.parent : undefined, link.master].some((name) => {
      const related = name === undefined ? undefined : named[name];
      return related !== undefined && macOf(related) === macOf(link);
    });
  distinct('MAC', [
    ...links.filter((link) => !isShared(link)).flatMap((link) => macOf(link) ?? []),
    ...guests.flatMap(({ macaddress }) => macaddress?.toLowerCase() ?? []),
  ]);
  distinct('name', [...Object.keys(named), ...guests.flatMap(({ target }) => target ?? [])]);
  distinct(
    'VLAN',
    links.flatMap(({ parent, vlanId }) => (vlanId === undefined ? [] : [`${parent} ${vlanId}`])),
  );
  distinct(
    'permanent MAC',
    links.flatMap(({ permanentMac }) => permanentMac ?? []),
  );
  const families = links.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
  distinct(
    'rule',
    families.flatMap(({ rules }) => rules),
  );
  // A side shim may have its parent's address, and no other may.
  const shared = ({ kind, parent, ipv4, ipv6 }: Link): string[] => {
    const below = kind === 'macvlan' && parent !== undefined ? named[parent] : undefined;
    const own = below ? [...below.ipv4.addresses, ...below.ipv6.addresses].map(bare) : [];
    return [...ipv4.addresses, ...ipv6.addresses].filter(
      (text) => /[.].*\/32$|\/128$/.test(text) && own.includes(bare(text)),
    );
  };
  distinct(
    'address',
    links.flatMap((link) => {
      const twins = shared(link);
      return [...link.ipv4.addresses, ...link.ipv6.addresses]
        .filter((text) => !twins.includes(text))
        .map(bare);
    }),
  );
  distinct(
    'address of a side shim',
    links.flatMap((link) => shared(link).map(bare)),
  );
  const keys = families
    .flatMap(({ routes }) => routes)
    .map((route) => {
      const [to = ''] = route.split(' ');
      const metric = Number(/ metric ([0-9]+)/.exec(route)?.[1] ?? 0);
      const table = / table ([0-9]+)/.exec(route)?.[1] ?? '254';
      return `${to} ${isIpv6(to) && metric === 0 ? 1024 : metric} ${table}`;
    });
  distinct('route', keys);
}

const bare = (address: string): string => address.split('/')[0] ?? '';

test('what is there once cannot be had twice, in whichever order', () => {
  check(RUNS / 10, doubled, asJson, (data) => {
    const text = asJson(data);
    const compiled = run(text);
    checkAnswer(text, compiled);
    const backwards = run(
      asJson({
        ...data,
        ...(data.parents && { parents: reversed(data.parents) }),
        ...(data.shims && { shims: reversed(data.shims) }),
        ...(data.taps && { taps: reversed(data.taps) }),
        ...(data.guests && { guests: reversed(data.guests) }),
      }),
    );
    if (isAccepted(compiled) !== isAccepted(backwards)) fail('refused in one order only');
    if (!isAccepted(compiled)) return;
    checkDistinct(data);
    for (const { backend, files } of compiled.sets ?? []) {
      const known =
        BACKENDS.find((candidate) => candidate === backend) ?? fail(`what is ${backend}?`);
      checkSet(files, known, data);
    }
  });
});

// Targets ---------------------------------------------------------------------------------------

const NEWEST = targetOf('systemd=999,networkmanager=9.0,netplan=9.0');

function targetOf(text: string): TargetSpec {
  const target = parseTarget(text);
  return typeof target === 'string' ? fail(target) : target;
}

/** A distribution, or versions of the three, many of them old. */
const targetText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...targetNames()),
  fc
    .record({
      systemd: fc.integer({ min: 219, max: 262 }),
      manager: fc.integer({ min: 10, max: 56 }),
      netplan: fc.constantFrom(
        ...words(
          '0.95 0.97 0.98 0.99 0.100 0.101 0.102 0.103 0.104 0.106 0.107 1.0 1.0.1 1.1.2 1.2',
        ),
      ),
    })
    .map(
      ({ systemd, manager, netplan }) =>
        `systemd=${systemd},networkmanager=1.${manager},netplan=${netplan}`,
    ),
);

/** No key in the files that the version does not know. */
function checkKnown(files: Files, { name, versions }: TargetSpec): void {
  for (const setting of settingsOf(files)) {
    const version = versions[setting.daemon]?.join('.') ?? fail(`no version of ${setting.daemon}`);
    for (const since of sinceOf(setting)) {
      if (!isAtLeast(version, since))
        fail(
          `${name}: ${setting.key}=${setting.value} in ${setting.path}, since ${since} of ${setting.daemon}`,
        );
    }
  }
}

/** What is dropped, or said otherwise, is announced: by the name of its key. */
function checkAnnounced(
  data: IntentData,
  newer: RenderedSet,
  older: RenderedSet,
  diagnostics: Compilation['diagnostics'],
): void {
  const { backend: backendId } = newer;
  const textOf = ({ path, key, value }: Setting): string => `${path} ${key}=${value}`;
  const left = settingsOf(filesOf(older));
  const kept = new Set(left.map(textOf));
  const announced = diagnostics
    .filter(({ backend }) => backend === backendId)
    .filter(({ code, severity }) => severity === 'error' || ANNOUNCING.has(code))
    .map(({ message }) => message);
  const isNamed = ({ key }: Setting): boolean =>
    announced.some((message) => message.includes(key.replace(/^.*[ .]/, '')));
  const whole = settingsOf(filesOf(newer));
  const isKept = (setting: Setting): boolean =>
    kept.has(textOf(setting)) ||
    // With `-`, a line of sysctl.d(5) may fail; that it may not is no loss.
    setting.key.startsWith('sysctl') ||
    (setting.key === 'netplan ignore-carrier' && isCarrierKept(data, left)) ||
    // NetworkManager before 1.36 makes the gateway a neighbour by itself, and fails if it is told to.
    textOf(setting).includes(' keyfile [ipv4] routeN_options=onlink') ||
    // A section under its older name.
    (kept.has(textOf(setting).replace('[DHCPv4]', '[DHCP]')) &&
      announced.some((message) => message.includes('[DHCPv4]')));
  // A file goes with what it is for.
  const isGone = ({ path }: Setting): boolean =>
    left.every((other) => other.path !== path) &&
    whole.some((other) => other.path === path && isNamed(other));
  const silent = whole.find((item) => !isKept(item) && !isNamed(item) && !isGone(item));
  if (silent)
    fail(
      `${backendId}: ${textOf(silent)} is dropped without a word; said is\n${announced.join('\n')}`,
    );
}

/** What an older netplan has no word for, a file of its renderer says, where there are addresses. */
function isCarrierKept(data: IntentData, left: readonly Setting[]): boolean {
  const nodes = nodesOf(data);
  const isNeeded =
    nodes.some((node) => ignoresCarrier(node) && hasStatic(node.given) && !hasMacvlans(node)) ||
    [...(data.shims?.values() ?? [])].some((shim) => shim['ignore-carrier'] && hasStatic(shim));
  return !isNeeded || left.some(({ key }) => key === 'network [Network] ConfigureWithoutCarrier');
}

const ANNOUNCING: ReadonlySet<string> = new Set(['left-out-for-target', 'older-spelling']);

const filesOf = (set: RenderedSet): Files =>
  new Map(set.files.map(({ path, text }) => [path, text]));

const aimed = fc.record({
  data: intent,
  target: targetText,
  backend: fc.constantFrom(...BACKENDS),
});

test('what a version does not know is not written, and what is dropped is announced', () => {
  let rendered = 0;
  check(
    RUNS / 4,
    aimed,
    ({ data, target, backend }) =>
      `--backend ${backend} --target ${target}\n${print(data, { notation: 'block', seed: 1 })}`,
    ({ data, target: name, backend }) => {
      const text = asJson(data);
      const target = targetOf(name);
      const newest = run(text, [backend], NEWEST);
      checkAnswer(text, newest, [backend]);
      for (const set of newest.sets ?? []) {
        checkSet(set.files, backend, data);
        const older = run(text, [backend], target);
        checkAnswer(text, older, [backend]);
        const [aged] = older.sets ?? [];
        if (!aged) continue;
        rendered += 1;
        for (const { path, text: written } of aged.files) checkText(path, written, data.host);
        checkKnown(filesOf(aged), target);
        checkAnnounced(data, set, aged, older.diagnostics);
      }
    },
  );
  console.log(`\n  ${rendered} sets for targets`);
  assert.ok(rendered > RUNS / 20, `only ${rendered} sets for targets`);
});

const shimOf = (settings: string): string =>
  `version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, ${settings}}}\n`;

const bridgeOf = (parameters: string): string =>
  `version: 1\nhost: kvm1\nparents: {br0: {type: bridge, interfaces: [eth0], parameters: {${parameters}}, dhcp4: true}}\n`;

/** What the schema lets through, and no kernel or daemon. */
const REFUSED: Readonly<Record<string, string>> = {
  'a gateway that is the broadcast address': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.255}]',
  ),
  "a gateway that is the subnet's own address": shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.0}]',
  ),
  'a gateway of the loopback': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 127.0.0.1, on-link: true}]',
  ),
  'an IPv4 link-local gateway that no address reaches': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 169.254.1.1}]',
  ),
  'a bridge that forgets before it hears (max-age is 6 at least)': bridgeOf('max-age: 5'),
  'a bridge that says hello all the time (hello-time is 1 at least)': bridgeOf('hello-time: 0'),
  'a bridge with STP that does not listen (forward-delay is 2 at least)': bridgeOf(
    'stp: true, forward-delay: 1',
  ),
  'a VLAN with IPv6 on a link with an MTU too small for it':
    "version: 1\nparents: {eth0: {mtu: 600}, v5: {id: 5, link: eth0, addresses: ['2001:db8::5/64']}}\n",
  'a guest in passthrough beside a shim':
    'version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, dhcp4: true}}\nguests: {g: {parent: eth0, mode: passthrough}}\n',
  'a name that /sys/class/net has already':
    'version: 1\nhost: kvm1\nshims: {bonding_masters: {parent: eth0, addresses: [198.51.100.50/24]}}\n',
};

for (const [what, text] of Object.entries(REFUSED)) {
  test(`is refused: ${what}`, () => assert.not(isAccepted(run(text))));
}

// (c) ---------------------------------------------------------------------------------------------

const TOKENS = [
  ...HOSTILE,
  ...'version: 1|host: kvm1|shims:|parents:|parent: eth0|addresses:|routes:|match:|nameservers:|mtu: 1500'.split(
    '|',
  ),
  ...'veth0|to: default|via: 198.51.100.254|198.51.100.50/24|link-local: [ipv6]|dhcp4: yes|use-dns: off'.split(
    '|',
  ),
  ...'{|}|[|]|, |: |? | - |&a |*a|&b |*b|<<: *a|<<: [*a, *b]|<<: |--- |"|\'|"\\x|# c\n'.split('|'),
  ...words('1.5 .inf .nan -0 0o7 0777 1_000 12:30:45 2024-01-01 null ~'),
  ...words('!!str !!int !!map !!seq !!binary !!set !!omap !x !<tag:x> !').map((tag) => `${tag} `),
  ...[
    '\n',
    '\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    '|2\n',
    '\r\n',
  ],
];

const soup = fc
  .array(fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 4 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

function mutate(text: string, d: Dice): string {
  const at = d.below(text.length + 1);
  const length = 1 + d.below(d.once(3) ? 40 : 3);
  const lines = text.split('\n');
  const line = d.below(lines.length);
  switch (d.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    case 2:
      return text.slice(0, at) + d.pick(TOKENS) + text.slice(at);
    case 3:
      return (
        text.slice(0, at) + String.fromCharCode(d.below(d.once(4) ? 65536 : 128)) + text.slice(at)
      );
    case 4:
      return lines.toSpliced(line, 1).join('\n');
    case 5:
      return lines.toSpliced(line, 0, lines[d.below(lines.length)] ?? '').join('\n');
    case 6:
      return lines.with(line, ' '.repeat(d.below(6)) + (lines[line]?.trimStart() ?? '')).join('\n');
    default:
      return text.slice(0, at);
  }
}

const mutant = fc
  .record({ data: intent, style, seed: fc.nat(), times: fc.integer({ min: 1, max: 4 }) })
  .map(({ data, style: as, seed, times }) => {
    const d = dice(seed);
    let text = print(data, as);
    for (let i = 0; i < times; i += 1) text = mutate(text, d);
    return text;
  });

const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('');
const SKELETON = 'version: 1\nhost: kvm1\n';

/** Texts that grow: in depth, by aliases, by merging, by their number of mistakes. */
const MONSTERS: Readonly<Record<string, (size: number) => string>> = {
  'flow sequences': (n) => '['.repeat(n),
  'flow mappings': (n) => '{a: '.repeat(n),
  'block sequences': (n) => '- '.repeat(n),
  'block mappings': (n) => repeat(n, (i) => `${' '.repeat(i % 400)}a:\n`),
  'explicit keys': (n) => '? '.repeat(n),
  'closed brackets': (n) => ']'.repeat(n),
  quotes: (n) => `a: "${'\\"'.repeat(n)}`,
  'blank lines': (n) => `a:${'\n'.repeat(n)}b: 1`,
  spaces: (n) => `a:${' '.repeat(n)}b`,
  comments: (n) => '#\n'.repeat(n),
  documents: (n) => '---\n'.repeat(n),
  anchors: (n) => `x: [${repeat(n, (i) => `&a${i} 1, `)}]`,
  'one anchor': (n) => `x: [${'*a, '.repeat(n)}${'&a 1, '.repeat(n)}]`,
  'chain of aliases': (n) =>
    `x:\n- &a0 []\n${repeat(n, (i) => `- &a${i + 1} [*a${i}]\n`)}shims: *a${n}\n`,
  'chain of merges': (n) =>
    `x:\n- &a0 {}\n${repeat(n, (i) => `- &a${i + 1} {<<: *a${i}}\n`)}shims: *a${n}\n`,
  'bomb of aliases': (n) =>
    `x:\n- &a0 [1]\n${repeat(Math.min(n, 12), (i) => `- &a${i + 1} [${`*a${i}, `.repeat(10)}]\n`)}shims:\n${repeat(n, (i) => `  s${i}: *a9\n`)}`,
  'bomb of merges': (n) =>
    `x:\n- &a0 {k: 1}\n${repeat(Math.min(n, 12), (i) => `- &a${i + 1} {<<: [${`*a${i}, `.repeat(10)}]}\n`)}shims:\n  a: *a9\n`,
  'merge of itself': (n) => `shims: &a\n${repeat(n, (i) => `  s${i}: {<<: *a}\n`)}`,
  'unknown keys': (n) => `${SKELETON}${repeat(n, (i) => `k${i}: 1\n`)}`,
  'doubled keys': (n) => `${SKELETON}${'k: 1\n'.repeat(n)}`,
  'shims that are none': (n) => `${SKELETON}shims:\n${repeat(n, (i) => `  s${i}: 1\n`)}`,
  'malformed addresses': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, addresses: [${'x, '.repeat(n)}]}}\n`,
  'mappings as addresses': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, addresses: [${'{}, '.repeat(n)}]}}\n`,
  'equal routes': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, dhcp4: true, routes: [${'{to: default, via: 192.0.2.1}, '.repeat(n)}]}}\n`,
  'a long name': (n) => `${SKELETON}shims: {${'s'.repeat(n)}: {parent: ${'p'.repeat(n)}}}\n`,
  'a long key': (n) => `${SKELETON}${'k'.repeat(n)}: 1\n`,
  'a long number': (n) => `version: ${'1'.repeat(n)}\n`,
  'a long line of spaces': (n) => `version: 1 ${' '.repeat(n)}# x\n`,
  'a long domain': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, nameservers: {search: [${'a.'.repeat(n)}]}}}\n`,
};

/** Milliseconds after which an answer counts as none. No measure of speed: a busy machine must pass. */
const LIMIT = 20_000;

function checkGarbage(text: string): void {
  const start = performance.now();
  const compiled = run(text);
  checkAnswer(text, compiled);
  const took = performance.now() - start;
  if (text.length < 3000) checkReport(compiled);
  if (took > LIMIT) fail(`took ${Math.round(took)} ms for ${text.length} characters`);
}

const show = (text: string): string =>
  text.length > 2000 ? `${JSON.stringify(text.slice(0, 2000))}…` : JSON.stringify(text);

test('random text is answered', () =>
  check(RUNS / 10, fc.string({ unit: 'binary', maxLength: 200 }), show, checkGarbage));

test('YAML-like soup is answered', () => check(RUNS / 4, soup, show, checkGarbage));

test('a good intent with mistakes is answered', () => check(RUNS / 5, mutant, show, checkGarbage));

test('words that every object of JavaScript knows are words like others', () => {
  const places = [
    '{WORD: VALUE}',
    '{version: 1, host: WORD, shims: VALUE}',
    '{version: 1, host: kvm1, parents: {WORD: VALUE}, shims: {veth0: {parent: WORD}}}',
    '{version: 1, host: kvm1, shims: {WORD: VALUE}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, WORD: VALUE}}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, mode: WORD, routes: [{WORD: VALUE}]}}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, dhcp4-overrides: {WORD: VALUE}}}}',
  ];
  for (const word of Object.getOwnPropertyNames(Object.prototype)) {
    for (const place of places) {
      for (const value of ['', '1', 'text', '[]', '{}', '{parent: eth0}']) {
        const text = place.replaceAll('WORD', word).replace('VALUE', value);
        try {
          checkGarbage(text);
        } catch (error) {
          fail(`${String(error)}: ${text}`);
        }
      }
    }
  }
});

for (const [kind, make] of Object.entries(MONSTERS)) {
  test(`a monster is answered: ${kind}`, () => {
    for (const size of [0, 1, 12, 100, 1000, 4000]) checkGarbage(make(size));
  });
}

test('what the files say is what the intent says: the other half', async () => {
  const { status, output } = (await otherHalf) ?? { status: 0, output: '' };
  console.log(output.split('\n').find((line) => line.includes('accepted of')) ?? '');
  assert.is(status, 0, output);
});

test.run();
