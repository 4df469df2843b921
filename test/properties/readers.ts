/**
 * Reads rendered files as their daemons do, and says what they would make of them: one neutral
 * description, whichever system the files are for. Written from the manual pages and the rules of
 * GLib's key files, not from the renderer; strict, so that a key, a section or a file that no rule
 * below accounts for is a failure.
 *
 *     systemd.syntax(7), systemd.network(5), systemd.netdev(5), systemd.link(5)
 *     nm-settings-keyfile(5), NetworkManager.conf(5), GLib's "Key-value file parser"
 *     netplan-yaml(5), and what netplan's generator is known to make of it
 *     sysctl.d(5), systemd.service(5), systemd-networkd-wait-online.service(8)
 */
import { Document, parse as parseYaml } from 'yaml';

/** What a file set makes of a host. Texts are canonical, lists without order are sorted. */
export interface Description {
  readonly links: Readonly<Record<string, Link>>;
  /** Interfaces that answer ARP for their own addresses only. */
  readonly arpIgnore: readonly string[];
  /** What NetworkManager is told of its devices, whoever runs the network. */
  readonly networkManager: {
    readonly managed: readonly string[];
    readonly unmanaged: readonly string[];
    readonly ignoreCarrier: readonly string[];
  };
  /** Links that systemd-networkd is told to leave alone. */
  readonly networkdUnmanaged: readonly string[];
  /** `-i` options of the wait-online service, where a drop-in sets them. */
  readonly waitOnline?: readonly string[];
}

export interface Link {
  readonly kind: 'ethernet' | 'macvlan';
  readonly parent?: string;
  readonly mode?: string;
  /** The MAC by which the NIC is found. */
  readonly permanentMac?: string;
  /** The MAC that is set. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly ipv4: FamilySettings;
  readonly ipv6: FamilySettings;
  readonly search: readonly string[];
  readonly dhcp4?: Dhcp;
  readonly dhcp6?: Dhcp;
  /** IPv6 by itself: nothing, advertisements, advertisements and DHCPv6 as they say, DHCPv6 alone. */
  readonly autoconf: 'none' | 'ra-only' | 'ra' | 'dhcp';
  /** Whether name servers out of advertisements are used, where those are listened to. */
  readonly raUseDns?: boolean;
  readonly linkLocal: readonly string[];
  /** Whether a lost carrier takes the addresses. */
  readonly ignoreCarrier: boolean;
  /** What boot waits for: a state and families for networkd, families for NetworkManager. */
  readonly online: readonly string[];
  /** Anything that the link would say of its own accord (LLDP, LLMNR, mDNS), networkd only. */
  readonly chatter: readonly string[];
  readonly profile?: { readonly id: string; readonly uuid: string; readonly priority: number };
}

export interface FamilySettings {
  readonly addresses: readonly string[];
  /** Each as `to via [from] [onlink] metric [table]`, sorted. */
  readonly routes: readonly string[];
  readonly dns: readonly string[];
}

export interface Dhcp {
  readonly identifier?: string;
  readonly metric?: number;
  readonly useMtu?: boolean;
  readonly useRoutes?: boolean;
  readonly useDns: boolean;
  /** Absent where nothing is said and the systems differ. */
  readonly useDomains?: string;
  readonly useNtp: boolean;
  readonly useHostname: boolean;
  readonly sendHostname: boolean;
  readonly hostname?: string;
}

/** Path on the target → text. */
export type Files = ReadonlyMap<string, string>;

export function fail(message: string): never {
  throw new Error(message);
}

// What every file has -------------------------------------------------------------------------

export function checkText(path: string, text: string, host: string | undefined): void {
  const [first = '', ...others] = text.split('\n');
  if (!first.startsWith('# ') || !first.includes('macvtap-render')) fail(`${path}: no header`);
  if (host !== undefined && !first.includes(` ${host}.`))
    fail(`${path}: the header lacks the host`);
  const comment = others.slice(
    0,
    others.findIndex((line) => !line.startsWith('#')),
  );
  if (!comment.some((line) => /not edit/i.test(line))) fail(`${path}: does not say not to edit it`);
  if (!text.endsWith('\n') || text.endsWith('\n\n')) fail(`${path}: not one newline at its end`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\uffff]/.test(text))
    fail(`${path}: not plain ASCII lines`);
  if (/[ \t]$/m.test(text)) fail(`${path}: space at the end of a line`);
  // Standard output is taken apart at such lines.
  if (/^# ==> /m.test(text)) fail(`${path}: a line like those between files`);
}

// systemd and GLib ------------------------------------------------------------------------------

interface Section {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

/** Sections in their order, repeated ones kept apart. */
function sections(path: string, text: string): Section[] {
  const found: { name: string; entries: [string, string][] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^[\]]+)\]$/.exec(line);
    if (header?.[1] !== undefined) {
      found.push({ name: header[1], entries: [] });
      continue;
    }
    const [, key, value] =
      /^([^=[\]\s]+)=(\S.*|)$/.exec(line) ?? fail(`${path}: no setting: ${line}`);
    if (line.endsWith('\\')) fail(`${path}: a continued line: ${line}`);
    const section = found.at(-1) ?? fail(`${path}: a setting before any section`);
    section.entries.push([key ?? '', value ?? '']);
  }
  for (const { name, entries } of found)
    if (entries.length === 0) fail(`${path}: [${name}] is empty`);
  return found;
}

/** Key → the values it may have; a key that is not here is unknown. */
type Grammar = Readonly<Record<string, Readonly<Record<string, (value: string) => boolean>>>>;

const isText = (value: string): boolean => /^[!-~]+$/.test(value);
const isBoolean = (value: string): boolean => /^(?:yes|no|true|false|on|off|1|0)$/.test(value);
const isNumber = (value: string): boolean =>
  /^(?:0|[1-9][0-9]*)$/.test(value) && Number(value) <= 4294967295;
const isMac = (value: string): boolean => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(value);
/** networkd takes patterns and lists in `[Match]`; a name here must be neither. */
const isInterface = (value: string): boolean => /^[A-Za-z0-9_.-]{1,15}$/.test(value);
const isAddress = (value: string): boolean => /^[0-9a-f.:]+$/.test(value);
const isNetwork = (value: string): boolean => /^[0-9a-f.:]+\/[0-9]{1,3}$/.test(value);
const oneOf =
  (...values: string[]) =>
  (value: string): boolean =>
    values.includes(value);

const ONLINE = {
  RequiredForOnline: oneOf('no', 'no-carrier', 'carrier', 'degraded', 'routable'),
  RequiredFamilyForOnline: oneOf('ipv4', 'ipv6', 'both', 'any'),
};
const ROUTE = {
  Destination: isNetwork,
  Gateway: isAddress,
  GatewayOnLink: isBoolean,
  Scope: oneOf('link', 'global'),
  PreferredSource: isAddress,
  Metric: isNumber,
  Table: isNumber,
};
const DHCP_SHARED = {
  UseDNS: isBoolean,
  UseDomains: oneOf('yes', 'no', 'true', 'false', 'route'),
  UseNTP: isBoolean,
  UseHostname: isBoolean,
};
const IPV6_CLIENT: Grammar = {
  DHCPv6: { WithoutRA: oneOf('solicit') },
  IPv6AcceptRA: { DHCPv6Client: isBoolean, UseDNS: isBoolean },
};

const NETWORK_FILE: Grammar = {
  Match: { Name: isInterface, PermanentMACAddress: isMac },
  Link: { ...ONLINE, MACAddress: isMac, MTUBytes: isNumber },
  Network: {
    Address: isNetwork,
    MACVLAN: isInterface,
    DHCP: oneOf('yes', 'no', 'ipv4', 'ipv6'),
    IPv6AcceptRA: isBoolean,
    LinkLocalAddressing: oneOf('yes', 'no', 'ipv4', 'ipv6'),
    DNS: isAddress,
    Domains: (value) => /^[!-~]+(?: [!-~]+)*$/.test(value),
    ConfigureWithoutCarrier: isBoolean,
    LLMNR: isBoolean,
    MulticastDNS: isBoolean,
    LLDP: isBoolean,
    EmitLLDP: isBoolean,
  },
  Route: ROUTE,
  DHCPv4: {
    ...DHCP_SHARED,
    ClientIdentifier: oneOf('mac', 'duid'),
    RouteMetric: isNumber,
    UseMTU: isBoolean,
    UseRoutes: isBoolean,
    SendHostname: isBoolean,
    Hostname: isText,
  },
  DHCPv6: { ...DHCP_SHARED, ...IPV6_CLIENT['DHCPv6'] },
  IPv6AcceptRA: { ...IPV6_CLIENT['IPv6AcceptRA'] },
};
const NETDEV_FILE: Grammar = {
  NetDev: { Name: isInterface, Kind: oneOf('macvlan'), MACAddress: isMac },
  MACVLAN: { Mode: oneOf('private', 'vepa', 'bridge', 'passthru') },
};
const LINK_FILE: Grammar = { Match: { PermanentMACAddress: isMac }, Link: { Name: isInterface } };
const UNMANAGED_FILE: Grammar = { Match: { Name: isInterface }, Link: { Unmanaged: isBoolean } };
const DROP_IN: Grammar = { Link: ONLINE, Route: ROUTE, ...IPV6_CLIENT };

/** Keys that may stand several times in one section; of all others the last would win. */
const LISTS = new Set(['Address', 'MACVLAN', 'DNS', 'Domains']);

/** A systemd file against what its kind may hold. */
class Unit {
  readonly path: string;
  readonly all: readonly Section[];

  constructor(files: Files, path: string, grammar: Grammar) {
    this.path = path;
    this.all = sections(path, files.get(path) ?? fail(`there is no ${path}`));
    for (const { name, entries } of this.all) {
      const known = Object.hasOwn(grammar, name) ? grammar[name] : undefined;
      if (!known) fail(`${path}: unknown section [${name}]`);
      const seen = new Set<string>();
      for (const [key, value] of entries) {
        const isValid = Object.hasOwn(known, key) ? known[key] : undefined;
        if (!isValid) fail(`${path}: unknown key ${key}= in [${name}]`);
        if (!isValid(value)) fail(`${path}: ${key}=${value}`);
        if (seen.has(key) && !LISTS.has(key)) fail(`${path}: ${key}= stands twice in [${name}]`);
        seen.add(key);
      }
    }
    const once = this.all.map(({ name }) => name).filter((name) => name !== 'Route');
    if (new Set(once).size !== once.length) fail(`${path}: a section stands twice`);
  }

  has(section: string): boolean {
    return this.all.some(({ name }) => name === section);
  }

  list(section: string, key: string): string[] {
    return this.all
      .filter(({ name }) => name === section)
      .flatMap(({ entries }) => entries.filter(([k]) => k === key).map(([, value]) => value));
  }

  one(section: string, key: string): string | undefined {
    return this.list(section, key)[0];
  }

  flag(section: string, key: string, otherwise: boolean): boolean {
    return booleanOf(this.one(section, key)) ?? otherwise;
  }

  routes(): string[] {
    return this.all
      .filter(({ name }) => name === 'Route')
      .map(({ entries }) => networkdRoute(this.path, new Map(entries), this.hasAddress()));
  }

  /** A drop-in may add to a file that has one. */
  private hasAddress(): boolean {
    return !this.has('Network') || this.list('Network', 'Address').length > 0;
  }
}

const booleanOf = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : /^(?:yes|true|on|1)$/.test(text);
const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

interface RouteParts {
  readonly to: string;
  readonly via?: string | undefined;
  readonly from?: string | undefined;
  readonly onLink: boolean;
  readonly metric: number;
  readonly table?: number | undefined;
}

/** The kernel counts an IPv6 route without a metric, or with 0, as 1024. */
/** `metric` is what the kernel makes of it: in IPv6, 0 is 1024. */
export function routeText({ to, via, from, onLink, metric, table }: RouteParts): string {
  const parts = [
    to,
    via === undefined ? 'link' : `via ${via}`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(onLink ? ['onlink'] : []),
    `metric ${isIpv6(to) && metric === 0 ? 1024 : metric}`,
    ...(table === undefined ? [] : [`table ${table}`]),
  ];
  return parts.join(' ');
}

const everywhere = (isIpv6: boolean): string => (isIpv6 ? '::/0' : '0.0.0.0/0');
const isIpv6 = (text: string): boolean => text.includes(':');

function networkdRoute(
  path: string,
  route: ReadonlyMap<string, string>,
  hasAddress: boolean,
): string {
  const via = route.get('Gateway');
  // A gateway alone is the default route; a route needs one of the two.
  const to =
    route.get('Destination') ??
    (via === undefined ? fail(`${path}: a route to nowhere`) : everywhere(isIpv6(via)));
  for (const other of [via, route.get('PreferredSource')]) {
    if (other !== undefined && isIpv6(other) !== isIpv6(to))
      fail(`${path}: a route of two families`);
  }
  if (via !== undefined && !hasAddress && !route.has('GatewayOnLink'))
    fail(`${path}: networkd warns of a gateway without a static address, and takes it for on-link`);
  const scope = route.get('Scope');
  // networkd warns of a scope in IPv6, and for IPv4 would take global for a gatewayless route.
  if (scope !== undefined && isIpv6(to)) fail(`${path}: Scope= in an IPv6 route`);
  if (scope !== undefined && (scope === 'link') !== (via === undefined))
    fail(`${path}: Scope=${scope}`);
  return routeText({
    to,
    via,
    from: route.get('PreferredSource'),
    onLink: via !== undefined && (booleanOf(route.get('GatewayOnLink')) ?? false),
    metric: numberOf(route.get('Metric')) ?? 0,
    table: numberOf(route.get('Table')),
  });
}

const byFamily = <T>(
  items: readonly T[],
  textOf: (item: T) => string,
): { ipv4: T[]; ipv6: T[] } => ({
  ipv4: items.filter((item) => !isIpv6(textOf(item))),
  ipv6: items.filter((item) => isIpv6(textOf(item))),
});

function familySettings(
  addresses: readonly string[],
  routes: readonly string[],
  dns: readonly string[],
): { ipv4: FamilySettings; ipv6: FamilySettings } {
  const self = (text: string): string => text;
  const [a, r, d] = [byFamily(addresses, self), byFamily(routes, self), byFamily(once(dns), self)];
  return {
    ipv4: { addresses: a.ipv4, routes: r.ipv4.sort(), dns: d.ipv4 },
    ipv6: { addresses: a.ipv6, routes: r.ipv6.sort(), dns: d.ipv6 },
  };
}

/** A name server or domain that is named twice is one: netplan and NetworkManager drop it. */
const once = (items: readonly string[]): string[] => [...new Set(items)];

const familiesOf = (text: string): string[] =>
  text === 'yes' ? ['ipv4', 'ipv6'] : text === 'no' ? [] : [text];

/** What is said, without what is not. */
function said<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function autoconfOf(
  ra: boolean,
  byRouter: boolean,
  dhcp6: boolean,
  alone: boolean,
): Link['autoconf'] {
  if (ra) return byRouter ? 'ra' : 'ra-only';
  if (!dhcp6) return 'none';
  return alone ? 'dhcp' : fail('DHCPv6 that waits for advertisements which nobody listens to');
}

// systemd-networkd ------------------------------------------------------------------------------

const NETWORKD = '/etc/systemd/network';

/** `[DHCPv4]` or `[DHCPv6]`; what is not said is networkd's default. */
function networkdDhcp(unit: Unit, section: 'DHCPv4' | 'DHCPv6'): Dhcp {
  const isV4 = section === 'DHCPv4';
  const domains = unit.one(section, 'UseDomains');
  return said<Dhcp>({
    identifier: isV4 ? (unit.one(section, 'ClientIdentifier') ?? 'duid') : undefined,
    metric: isV4 ? (numberOf(unit.one(section, 'RouteMetric')) ?? 1024) : undefined,
    useMtu: isV4 ? unit.flag(section, 'UseMTU', false) : undefined,
    useRoutes: isV4 ? unit.flag(section, 'UseRoutes', true) : undefined,
    useDns: unit.flag(section, 'UseDNS', true),
    useDomains: domains === 'route' || domains === undefined ? domains : String(booleanOf(domains)),
    useNtp: unit.flag(section, 'UseNTP', true),
    useHostname: unit.flag(section, 'UseHostname', true),
    sendHostname: unit.flag(section, 'SendHostname', true),
    hostname: unit.one(section, 'Hostname'),
  });
}

function online(unit: Unit): string[] {
  const state =
    unit.one('Link', 'RequiredForOnline') ??
    fail(`${unit.path}: RequiredForOnline= is left to the default`);
  const family = unit.one('Link', 'RequiredFamilyForOnline');
  return family === undefined ? [state] : [state, family];
}

/** The parent's whole `.network`. `names` says what a permanent MAC is called. */
function networkdParent(
  files: Files,
  path: string,
  names: ReadonlyMap<string, string>,
): { name: string; link: Link; shims: string[] } {
  const unit = new Unit(files, path, NETWORK_FILE);
  for (const { name } of unit.all)
    if (!['Match', 'Link', 'Network'].includes(name)) fail(`${path}: [${name}] on a parent`);
  const permanentMac = unit.one('Match', 'PermanentMACAddress');
  const called = unit.one('Match', 'Name');
  if ((permanentMac === undefined) === (called === undefined)) fail(`${path}: what does it match?`);
  const name = called ?? names.get(permanentMac ?? '') ?? fail(`${path}: nobody names this NIC`);
  for (const key of ['Address', 'DNS', 'Domains', 'ConfigureWithoutCarrier']) {
    if (unit.list('Network', key).length > 0) fail(`${path}: ${key}= on a parent`);
  }
  const dhcp = familiesOf(unit.one('Network', 'DHCP') ?? 'no');
  const link = said<Link>({
    kind: 'ethernet',
    permanentMac,
    mac: unit.one('Link', 'MACAddress'),
    mtu: numberOf(unit.one('Link', 'MTUBytes')),
    ...familySettings([], [], []),
    search: [],
    parent: undefined,
    mode: undefined,
    dhcp4: dhcp.includes('ipv4') ? fail(`${path}: DHCP on a parent`) : undefined,
    dhcp6: dhcp.includes('ipv6') ? fail(`${path}: DHCP on a parent`) : undefined,
    // Left out, a link without forwarding listens, and has fe80::.
    autoconf: unit.flag('Network', 'IPv6AcceptRA', true) ? 'ra' : 'none',
    raUseDns: undefined,
    linkLocal: familiesOf(unit.one('Network', 'LinkLocalAddressing') ?? 'ipv6'),
    ignoreCarrier: false,
    online: online(unit),
    chatter: ['LLMNR', 'MulticastDNS', 'LLDP', 'EmitLLDP'].filter((key) =>
      unit.flag('Network', key, true),
    ),
    profile: undefined,
  });
  return { name, link, shims: unit.list('Network', 'MACVLAN') };
}

function netdev(files: Files, name: string): { mac: string | undefined; mode: string } {
  const unit = new Unit(files, `${NETWORKD}/00-macvtap-${name}.netdev`, NETDEV_FILE);
  if (unit.one('NetDev', 'Name') !== name) fail(`${unit.path} makes another device`);
  if (unit.one('NetDev', 'Kind') !== 'macvlan') fail(`${unit.path} makes no macvlan`);
  // Left out, the kernel's vepa, in which host and guests do not reach each other.
  return { mac: unit.one('NetDev', 'MACAddress'), mode: unit.one('MACVLAN', 'Mode') ?? 'vepa' };
}

function networkdShim(files: Files, name: string, parent: string): Link {
  const { mac, mode } = netdev(files, name);
  const unit = new Unit(files, `${NETWORKD}/00-macvtap-${name}.network`, NETWORK_FILE);
  const { path } = unit;
  if (unit.one('Match', 'Name') !== name || unit.one('Match', 'PermanentMACAddress') !== undefined)
    fail(`${path} is for another link`);
  for (const key of ['MACVLAN', 'LLMNR', 'MulticastDNS', 'LLDP', 'EmitLLDP']) {
    if (unit.list('Network', key).length > 0) fail(`${path}: ${key}= on a shim`);
  }
  if (unit.one('Link', 'MACAddress') !== undefined) fail(`${path}: the MAC is said twice`);
  const dhcp = familiesOf(unit.one('Network', 'DHCP') ?? 'no');
  const linkLocal = familiesOf(unit.one('Network', 'LinkLocalAddressing') ?? 'ipv6');
  const ra = unit.flag('Network', 'IPv6AcceptRA', linkLocal.includes('ipv6'));
  const [dhcp4, dhcp6] = [dhcp.includes('ipv4'), dhcp.includes('ipv6')];
  if (unit.has('DHCPv4') && !dhcp4) fail(`${path}: [DHCPv4] without DHCPv4`);
  if (unit.has('DHCPv6') && !dhcp6) fail(`${path}: [DHCPv6] without DHCPv6`);
  if (unit.has('IPv6AcceptRA') && !ra) fail(`${path}: [IPv6AcceptRA] without advertisements`);
  return said<Link>({
    kind: 'macvlan',
    parent,
    mode,
    permanentMac: undefined,
    mac,
    mtu: numberOf(unit.one('Link', 'MTUBytes')),
    ...familySettings(unit.list('Network', 'Address'), unit.routes(), unit.list('Network', 'DNS')),
    search: once(unit.list('Network', 'Domains').flatMap((text) => text.split(' '))),
    dhcp4: dhcp4 ? networkdDhcp(unit, 'DHCPv4') : undefined,
    dhcp6: dhcp6 ? networkdDhcp(unit, 'DHCPv6') : undefined,
    autoconf: autoconfOf(
      ra,
      unit.flag('IPv6AcceptRA', 'DHCPv6Client', true),
      dhcp6,
      unit.one('DHCPv6', 'WithoutRA') === 'solicit',
    ),
    raUseDns: ra ? unit.flag('IPv6AcceptRA', 'UseDNS', true) : undefined,
    linkLocal,
    ignoreCarrier: unit.flag('Network', 'ConfigureWithoutCarrier', false),
    online: online(unit),
    chatter: [],
    profile: undefined,
  });
}

/** Permanent MAC → name, as udev gives it by `.link` files. */
function linkNames(files: Files): Map<string, string> {
  const names = new Map<string, string>();
  for (const path of files.keys()) {
    if (!path.endsWith('.link')) continue;
    const unit = new Unit(files, path, LINK_FILE);
    const [mac, name] = [unit.one('Match', 'PermanentMACAddress'), unit.one('Link', 'Name')];
    if (mac === undefined || name === undefined) fail(`${path}: names nothing`);
    if (path !== `${NETWORKD}/00-macvtap-${name}.link`) fail(`${path} is for ${name}`);
    if (names.has(mac)) fail(`${path}: a second name for one NIC`);
    names.set(mac, name);
  }
  return names;
}

/** The parents, each with its shims; and every device that is made has exactly one parent. */
function standingOn(
  files: Files,
  parents: readonly { name: string; link: Link; shims: string[] }[],
  shimOf: (name: string, parent: string) => Link,
): Record<string, Link> {
  const links = new Map<string, Link>();
  const add = (name: string, link: Link): void => {
    if (links.has(name)) fail(`two links are called ${name}`);
    links.set(name, link);
  };
  for (const { name, link } of parents) add(name, link);
  for (const { name, shims } of parents) for (const shim of shims) add(shim, shimOf(shim, name));
  const made = [...files.keys()].filter((path) => path.endsWith('.netdev'));
  if (made.length !== links.size - parents.length) fail('a device that no parent has');
  return toRecord(links);
}

/** Sorted, and safe for names such as `__proto__`. */
export function toRecord<T>(links: ReadonlyMap<string, T>): Record<string, T> {
  const record: Record<string, T> = Object.create(null) as Record<string, T>;
  for (const name of [...links.keys()].sort()) {
    const link = links.get(name);
    if (link !== undefined) record[name] = link;
  }
  return record;
}

export function readNetworkd(files: Files): Description {
  const names = linkNames(files);
  const networks = [...files.keys()].filter((path) => path.endsWith('.network'));
  const isShim = (path: string): boolean => files.has(path.replace(/\.network$/, '.netdev'));
  const parents = networks
    .filter((path) => !isShim(path))
    .map((path) => networkdParent(files, path, names));
  for (const { name } of parents) {
    if (!files.has(`${NETWORKD}/00-macvtap-${name}.network`))
      fail(`the file of ${name} has another name`);
  }
  const waitOnline = readWaitOnline(files);
  return {
    links: standingOn(files, parents, (name, parent) => networkdShim(files, name, parent)),
    arpIgnore: readSysctl(files),
    networkManager: readManagerConf(files),
    networkdUnmanaged: [],
    ...(waitOnline && { waitOnline }),
  };
}

// NetworkManager --------------------------------------------------------------------------------

/** Group → key → value, as GLib has it before escapes are taken back. */
type Keyfile = Map<string, Map<string, string>>;

function keyfile(path: string, text: string): Keyfile {
  const groups: Keyfile = new Map();
  for (const { name, entries } of sections(path, text)) {
    if (groups.has(name)) fail(`${path}: [${name}] stands twice`);
    const group = new Map<string, string>();
    for (const [key, value] of entries) {
      if (!/^[A-Za-z0-9-]+(?:_[a-z]+)?\+?$/.test(key)) fail(`${path}: key ${key}`);
      if (group.has(key)) fail(`${path}: ${key} stands twice`);
      group.set(key, value);
    }
    groups.set(name, group);
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

/** A string value; GLib knows these five escapes and no others. */
function keyfileText(value: string): string {
  return value.replace(/\\(.|$)/g, (_, char: string) => ESCAPES[char] ?? fail(`escape \\${char}`));
}

/** A list value: items end with `;`, a `;` within one is `\;`. */
function keyfileList(value: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let i = 0; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (char === ';') {
      items.push(keyfileText(item));
      item = '';
    } else if (char === '\\' && value.charAt(i + 1) === ';') {
      item += ';';
      i += 1;
    } else if (char === '\\') {
      item += char + value.charAt(i + 1);
      i += 1;
    } else item += char;
  }
  if (item !== '') items.push(keyfileText(item));
  return items;
}

/** The modes' numbers, from nm-settings(5). */
const MODES: Readonly<Record<string, string>> = {
  1: 'vepa',
  2: 'bridge',
  3: 'private',
  4: 'passthru',
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const isKeyfileBoolean = oneOf('true', 'false');

const IP_KEYS = {
  method: oneOf('auto', 'manual', 'disabled', 'link-local', 'dhcp'),
  gateway: isAddress,
  dns: isText,
  'dns-search': isText,
  'may-fail': isKeyfileBoolean,
  'never-default': isKeyfileBoolean,
  'ignore-auto-routes': isKeyfileBoolean,
  'ignore-auto-dns': isKeyfileBoolean,
  'route-metric': isNumber,
  'dhcp-send-hostname': isKeyfileBoolean,
  'dhcp-hostname': isText,
};
const PROFILE: Grammar = {
  connection: {
    id: isText,
    uuid: (value) => UUID.test(value),
    type: oneOf('ethernet', 'macvlan'),
    'interface-name': isInterface,
    autoconnect: isKeyfileBoolean,
    'autoconnect-priority': isNumber,
  },
  ethernet: { 'mac-address': isMac, 'cloned-mac-address': isMac, mtu: isNumber },
  macvlan: { mode: oneOf('1', '2', '3', '4'), parent: isText },
  ipv4: { ...IP_KEYS, 'dhcp-client-id': oneOf('mac', 'duid') },
  ipv6: { ...IP_KEYS, 'addr-gen-mode': oneOf('eui64', '0'), 'ip6-privacy': oneOf('0') },
  hostname: { 'from-dhcp': oneOf('0', 'false') },
};

interface Profile {
  /** The profile's interface, if it is bound to one by name. */
  readonly name: string | undefined;
  readonly uuid: string;
  readonly permanentMac: string | undefined;
  /** As written: a name or a UUID. */
  readonly parent: string | undefined;
  readonly link: Omit<Link, 'parent'>;
}

/** What NetworkManager makes of a profile; fails where it would refuse it. */
function profile(path: string, groups: Keyfile): Profile {
  for (const [name, entries] of groups) {
    const known = Object.hasOwn(PROFILE, name) ? PROFILE[name] : undefined;
    if (!known) fail(`${path}: unknown group [${name}]`);
    for (const [key, value] of entries) {
      const isIp =
        (name === 'ipv4' || name === 'ipv6') &&
        /^(?:address|route)[1-9][0-9]*(?:_options)?$/.test(key);
      const isValid = isIp ? isText : Object.hasOwn(known, key) ? known[key] : undefined;
      if (!isValid) fail(`${path}: unknown key ${key} in [${name}]`);
      if (!isValid(value)) fail(`${path}: ${key}=${value}`);
    }
  }
  const get = (group: string, key: string): string | undefined => groups.get(group)?.get(key);
  const type = get('connection', 'type') ?? fail(`${path}: no type`);
  if ((get('connection', 'autoconnect') ?? 'true') !== 'true') fail(`${path}: does not come up`);
  if (groups.has('macvlan') !== (type === 'macvlan'))
    fail(`${path}: [macvlan] and type do not fit`);
  const ip4 = ipProfile(path, 'ipv4', groups.get('ipv4') ?? fail(`${path}: no [ipv4]`));
  const ip6 = ipProfile(path, 'ipv6', groups.get('ipv6') ?? fail(`${path}: no [ipv6]`));
  const useHostname = get('hostname', 'from-dhcp') === undefined;
  const mtu = numberOf(get('ethernet', 'mtu'));
  const dhcp4 = ip4.method === 'auto';
  const searches = [ip4.search, ip6.search].filter((list) => list.length > 0);
  const [search = [], other = search] = searches;
  if (search.join(' ') !== other.join(' ')) fail(`${path}: the families search differently`);
  const uuid = get('connection', 'uuid') ?? fail(`${path}: no uuid`);
  return {
    name: get('connection', 'interface-name'),
    uuid,
    permanentMac: get('ethernet', 'mac-address'),
    parent: get('macvlan', 'parent'),
    link: said<Link>({
      kind: type === 'macvlan' ? 'macvlan' : 'ethernet',
      parent: undefined,
      mode: type === 'macvlan' ? MODES[get('macvlan', 'mode') ?? ''] : undefined,
      permanentMac: get('ethernet', 'mac-address'),
      mac: get('ethernet', 'cloned-mac-address'),
      mtu,
      ipv4: ip4.settings,
      ipv6: ip6.settings,
      search,
      // NetworkManager takes the server's MTU unless one is set.
      dhcp4: dhcp4
        ? {
            ...ip4.dhcp,
            identifier: groups.get('ipv4')?.get('dhcp-client-id') ?? 'default',
            useMtu: mtu === undefined,
            useHostname,
          }
        : undefined,
      dhcp6:
        ip6.method === 'auto' || ip6.method === 'dhcp' ? { ...ip6.dhcp, useHostname } : undefined,
      autoconf: ip6.method === 'auto' ? 'ra' : ip6.method === 'dhcp' ? 'dhcp' : 'none',
      raUseDns: ip6.method === 'auto' ? ip6.dhcp.useDns : undefined,
      linkLocal: [
        ...(ip4.method === 'link-local' ? ['ipv4'] : []),
        // NetworkManager has a link-local address wherever IPv6 is on.
        ...(ip6.method === 'disabled' ? [] : ['ipv6']),
      ],
      ignoreCarrier: false,
      online: [...(ip4.isRequired ? ['ipv4'] : []), ...(ip6.isRequired ? ['ipv6'] : [])],
      chatter: [],
      profile: {
        id: keyfileText(get('connection', 'id') ?? fail(`${path}: no id`)),
        uuid,
        priority: numberOf(get('connection', 'autoconnect-priority')) ?? 0,
      },
    }),
  };
}

interface IpProfile {
  readonly method: string;
  readonly settings: FamilySettings;
  readonly search: readonly string[];
  readonly dhcp: Dhcp;
  readonly isRequired: boolean;
}

function ipProfile(
  path: string,
  family: 'ipv4' | 'ipv6',
  group: ReadonlyMap<string, string>,
): IpProfile {
  const flag = (key: string, otherwise: boolean): boolean => booleanOf(group.get(key)) ?? otherwise;
  const method = group.get('method') ?? fail(`${path}: no ${family}.method`);
  if (family === 'ipv4' && method === 'dhcp') fail(`${path}: ipv4.method=dhcp`);
  const numbered = (what: 'address' | 'route'): string[] => {
    const keys = [...group.keys()].filter((key) => new RegExp(`^${what}[0-9]+$`).test(key));
    keys.forEach((key, index) => {
      if (key !== `${what}${index + 1}`) fail(`${path}: ${key} is the ${index + 1}th`);
    });
    return keys.map((key) => group.get(key) ?? '');
  };
  // Without a metric of its own a route has the profile's.
  const ownMetric = numberOf(group.get('route-metric'));
  const addresses = numbered('address');
  for (const address of addresses) if (!isNetwork(address)) fail(`${path}: address ${address}`);
  const routes = numbered('route').map((text, index) =>
    keyfileRoute(path, text, group.get(`route${index + 1}_options`), ownMetric),
  );
  for (const key of group.keys()) {
    if (key.endsWith('_options') && !group.has(key.replace('_options', '')))
      fail(`${path}: ${key} of no route`);
  }
  const gateway = group.get('gateway');
  if (gateway !== undefined) {
    // Without an address NetworkManager refuses a gateway; with `never-default` it has no effect.
    if (addresses.length === 0 || flag('never-default', false))
      fail(`${path}: a gateway for nothing`);
    // An explicit gateway keeps the routers' and the server's default routes away.
    if (method !== 'manual' && method !== 'dhcp') fail(`${path}: a gateway that hides others`);
    routes.push(
      routeText({
        to: everywhere(family === 'ipv6'),
        via: gateway,
        onLink: false,
        metric: ownMetric ?? fail(`${path}: a gateway of a profile without a metric`),
      }),
    );
  }
  const dns = once(keyfileList(group.get('dns') ?? ''));
  const search = once(keyfileList(group.get('dns-search') ?? ''));
  const isOff = method === 'disabled' || method === 'link-local';
  if (isOff && (addresses.length > 0 || dns.length > 0 || search.length > 0))
    fail(`${path}: ${family}.method=${method} with addresses or DNS`);
  if (method === 'manual' && addresses.length === 0)
    fail(`${path}: ${family}.method=manual without an address`);
  const isRequired = !flag('may-fail', true);
  if (method === 'disabled' && isRequired) fail(`${path}: waits for ${family}, which is off`);
  // A link-local address from the MAC, as systemd-networkd has it; and no temporary ones.
  if (family === 'ipv6' && method !== 'disabled' && group.get('addr-gen-mode') === undefined)
    fail(`${path}: addr-gen-mode is left to the distribution`);
  if (family === 'ipv6' && method === 'auto' && group.get('ip6-privacy') !== '0')
    fail(`${path}: ip6-privacy is left to the distribution`);
  const isDynamic = method === 'auto' || method === 'dhcp';
  for (const key of [
    'dhcp-client-id',
    'ignore-auto-dns',
    'ignore-auto-routes',
    'never-default',
    'dhcp-send-hostname',
    'dhcp-hostname',
  ]) {
    if (group.has(key) && !isDynamic) fail(`${path}: ${family}.${key} without DHCP`);
  }
  // Left unsaid, the metric would follow from the kind of device.
  if (isOff === (ownMetric !== undefined)) fail(`${path}: ${family}.route-metric`);
  const kernelMetric = family === 'ipv6' ? 1024 : 0;
  if (!isOff && !(isDynamic && family === 'ipv4') && ownMetric !== kernelMetric)
    fail(`${path}: ${family}.route-metric=${ownMetric}`);
  const noRoutes = flag('ignore-auto-routes', false);
  if (noRoutes !== flag('never-default', false))
    fail(`${path}: of the server's routes some are used`);
  for (const text of [...addresses, ...dns, ...routes.map((route) => route.split(' ')[0] ?? '')]) {
    if (isIpv6(text) !== (family === 'ipv6')) fail(`${path}: ${text} in [${family}]`);
  }
  const isV4 = family === 'ipv4';
  return {
    method,
    settings: { addresses, routes: routes.sort(), dns },
    search,
    isRequired,
    dhcp: said<Dhcp>({
      identifier: undefined,
      metric: isV4 ? numberOf(group.get('route-metric')) : undefined,
      useMtu: undefined,
      useRoutes: isV4 ? !noRoutes : undefined,
      useDns: !flag('ignore-auto-dns', false),
      useDomains: undefined,
      useNtp: true,
      useHostname: true,
      sendHostname: flag('dhcp-send-hostname', true),
      hostname: group.get('dhcp-hostname'),
    }),
  };
}

/** `network/length[,gateway[,metric]]`, with the gateway left empty where there is none. */
function keyfileRoute(
  path: string,
  text: string,
  options: string | undefined,
  ownMetric: number | undefined,
): string {
  if (ownMetric === undefined) fail(`${path}: a route of a profile without a metric`);
  const [to = '', via = '', metric, ...rest] = text.split(',');
  if (!isNetwork(to) || (via !== '' && !isAddress(via)) || rest.length > 0)
    fail(`${path}: route ${text}`);
  if (metric !== undefined && !isNumber(metric)) fail(`${path}: route ${text}`);
  const known = new Map<string, string>();
  for (const option of options?.split(',') ?? []) {
    const [key = '', value = ''] = option.split('=');
    const isValid =
      key === 'onlink'
        ? value === 'true'
        : key === 'table'
          ? isNumber(value)
          : key === 'src' && isAddress(value);
    if (!isValid || known.has(key)) fail(`${path}: route option ${option}`);
    known.set(key, value);
  }
  return routeText({
    to,
    via: via === '' ? undefined : via,
    from: known.get('src'),
    onLink: via !== '' && known.has('onlink'),
    metric: numberOf(metric) ?? ownMetric,
    table: numberOf(known.get('table')),
  });
}

const MANAGER_CONF = '/etc/NetworkManager/conf.d/90-macvtap.conf';
const CONNECTIONS = '/etc/NetworkManager/system-connections';

function readManagerConf(files: Files): Description['networkManager'] {
  const text = files.get(MANAGER_CONF) ?? fail('no conf.d');
  const groups = keyfile(MANAGER_CONF, text);
  const [managed, unmanaged, ignoreCarrier]: [string[], string[], string[]] = [[], [], []];
  for (const [name, entries] of groups) {
    if (name === 'keyfile') {
      for (const [key, value] of entries) {
        if (key !== 'unmanaged-devices+') fail(`conf.d: ${key}`);
        for (const spec of value.split(/[,;]/)) {
          const [, except, device] =
            /^(except:)?interface-name:([A-Za-z0-9_.*-]+)$/.exec(spec) ?? fail(`conf.d: ${spec}`);
          (except === undefined ? unmanaged : managed).push(device ?? '');
        }
      }
    } else if (name.startsWith('device-')) {
      const [, device] =
        /^interface-name:([A-Za-z0-9_.-]+)$/.exec(entries.get('match-device') ?? '') ??
        fail(`conf.d: [${name}]`);
      if (entries.get('ignore-carrier') !== 'yes') fail(`conf.d: [${name}]`);
      for (const key of entries.keys()) {
        const known = ['match-device', 'ignore-carrier', 'carrier-wait-timeout'];
        if (!known.includes(key)) fail(`conf.d: ${key} in [${name}]`);
      }
      // Milliseconds in which boot waits for a carrier that may never come.
      if (!/^[1-9][0-9]?$/.test(entries.get('carrier-wait-timeout') ?? ''))
        fail(`conf.d: [${name}] waits for a carrier`);
      ignoreCarrier.push(device ?? '');
    } else fail(`conf.d: [${name}]`);
  }
  // A list of exceptions alone would unmanage everything else.
  if (unmanaged.length === 0) fail('conf.d: exceptions only');
  return {
    managed: managed.sort(),
    unmanaged: unmanaged.sort(),
    ignoreCarrier: ignoreCarrier.sort(),
  };
}

/** Profiles to links: what stands on what, and who is called how. */
function linksOf(
  profiles: readonly Profile[],
  names: ReadonlyMap<string, string>,
  ignoreCarrier: readonly string[],
): Record<string, Link> {
  const uuids = new Map(profiles.map((p) => [p.uuid, p]));
  if (uuids.size !== profiles.length) fail('one UUID for two profiles');
  const nameOf = (p: Profile): string =>
    p.name ?? names.get(p.permanentMac ?? '') ?? fail('a profile for no interface');
  const links = new Map<string, Link>();
  for (const p of profiles) {
    const name = nameOf(p);
    if (links.has(name)) fail(`two profiles for ${name}`);
    const parent = p.parent === undefined ? undefined : uuids.get(p.parent);
    const stands = p.parent === undefined ? undefined : parent ? nameOf(parent) : p.parent;
    links.set(name, {
      ...p.link,
      ...(stands !== undefined && { parent: stands }),
      ignoreCarrier: ignoreCarrier.includes(name) && p.link.kind === 'macvlan',
    });
  }
  return toRecord(links);
}

/** The profiles that are files, and what permanent MACs are called. */
function keyfileProfiles(files: Files): { profiles: Profile[]; names: Map<string, string> } {
  const names = linkNames(files);
  const paths = [...files.keys()].filter((path) => path.startsWith(`${CONNECTIONS}/`));
  const profiles = paths.map((path) => {
    const read = profile(path, keyfile(path, files.get(path) ?? ''));
    const name = read.name ?? names.get(read.permanentMac ?? '');
    if (path !== `${CONNECTIONS}/macvtap-${name}.nmconnection`) fail(`${path} is for ${name}`);
    return read;
  });
  return { profiles, names };
}

function describeManager(
  files: Files,
  profiles: readonly Profile[],
  names: ReadonlyMap<string, string>,
): Description {
  const networkManager = readManagerConf(files);
  const waitOnline = readWaitOnline(files);
  return {
    links: linksOf(profiles, names, networkManager.ignoreCarrier),
    arpIgnore: readSysctl(files),
    networkManager,
    networkdUnmanaged: readUnmanaged(files),
    ...(waitOnline && { waitOnline }),
  };
}

export function readNetworkManager(files: Files): Description {
  const { profiles, names } = keyfileProfiles(files);
  return describeManager(files, profiles, names);
}

function readUnmanaged(files: Files): string[] {
  const paths = [...files.keys()].filter((path) => path.endsWith('.network'));
  return paths
    .map((path) => {
      const unit = new Unit(files, path, UNMANAGED_FILE);
      const name = unit.one('Match', 'Name') ?? fail(`${path}: matches everything`);
      if (path !== `${NETWORKD}/00-macvtap-${name}.network`) fail(`${path} is for ${name}`);
      if (!unit.flag('Link', 'Unmanaged', false)) fail(`${path}: does not keep networkd off`);
      return name;
    })
    .sort();
}

// sysctl ----------------------------------------------------------------------------------------

const SYSCTL = '/etc/sysctl.d/90-macvtap.conf';

function readSysctl(files: Files): string[] {
  const lines = (files.get(SYSCTL) ?? fail('no sysctl.d')).split('\n');
  return lines
    .filter((line) => line !== '' && !/^[#;]/.test(line))
    .map((line) => {
      // With `/` as the first separator, a dot is part of the name.
      const [, name] =
        /^net\/ipv4\/conf\/([^/\s]+)\/arp_ignore\s*=\s*1$/.exec(line) ?? fail(`sysctl: ${line}`);
      return name ?? '';
    })
    .sort();
}

// netplan ---------------------------------------------------------------------------------------

const NETPLAN = '/etc/netplan/60-macvtap.yaml';

/** What makes something else than text of a plain scalar, in either version of YAML. */
const NOT_TEXT = (['1.1', '1.2'] as const).flatMap((version) =>
  (new Document(null, { version }).schema?.tags ?? []).flatMap((tag) =>
    'test' in tag && tag.test !== undefined ? [tag.test] : [],
  ),
);

/** A plain scalar must be the same in both versions, and what is no text look like what it is. */
function isSafePlain(source: string): boolean {
  // Most are addresses and words of the language; no version of YAML has another idea of those.
  if (/^(?:[a-z]+(?:-[a-z]+)+|[0-9]+\.[0-9]+\.[0-9.]+(?:\/[0-9]+)?)$/.test(source)) return true;
  if (!NOT_TEXT.some((test) => test.test(source))) return true;
  const [old, young]: unknown[] = [
    parseYaml(source, { version: '1.1' }),
    parseYaml(source, { version: '1.2' }),
  ];
  return old === young && String(young) === source;
}

type Plain = string | number | boolean | Plain[] | Map<string, Plain>;

/**
 * The YAML that netplan is given: blocks, plain and double-quoted scalars, flat lists in brackets.
 * A reader of its own, since the package takes longer than all else here; `readEverybody` holds
 * the two against each other.
 */
function yamlData(text: string): Plain {
  const lines = text.split('\n').filter((line) => line !== '' && !/^ *#/.test(line));
  let at = 0;
  const indentOf = (line = ''): number => line.length - line.trimStart().length;
  const block = (indent: number): Plain => {
    if ((lines[at] ?? '').startsWith('- ', indent)) {
      const items: Plain[] = [];
      while (at < lines.length && indentOf(lines[at]) === indent) {
        const rest = (lines[at] ?? '').slice(indent + 2);
        if (!(lines[at] ?? '').startsWith('- ', indent)) fail(`YAML: ${lines[at]}`);
        if (ENTRY.test(rest)) {
          // The first key of a mapping stands beside the dash.
          lines[at] = `${' '.repeat(indent + 2)}${rest}`;
          items.push(block(indent + 2));
        } else {
          items.push(inline(rest));
          at += 1;
        }
      }
      return items;
    }
    const map = new Map<string, Plain>();
    while (at < lines.length && indentOf(lines[at]) === indent) {
      const [, keyText = '', rest] =
        ENTRY.exec((lines[at] ?? '').slice(indent)) ?? fail(`YAML: ${lines[at]}`);
      const key = inline(keyText);
      if (typeof key !== 'string' || map.has(key)) fail(`YAML: key ${keyText}`);
      at += 1;
      const deeper = indentOf(lines[at]);
      if (rest !== undefined) map.set(key, inline(rest));
      else if (at < lines.length && deeper > indent) map.set(key, block(deeper));
      else fail(`YAML: ${key} holds nothing`);
    }
    return map;
  };
  const data = block(0);
  return at === lines.length ? data : fail(`YAML: ${lines[at]}`);
}

const ENTRY = /^("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.-]+):(?: (.+))?$/;

function inline(text: string): Plain {
  if (text.startsWith('"')) return String(JSON.parse(text));
  const list = /^\[([A-Za-z0-9]+(?:, [A-Za-z0-9]+)*)?\]$/.exec(text);
  if (list) return list[1] === undefined ? [] : list[1].split(', ').map(inline);
  if (!/^[A-Za-z0-9_./-]+$/.test(text) || !isSafePlain(text)) fail(`YAML: is \`${text}\` text?`);
  if (text === 'true' || text === 'false') return text === 'true';
  return isNumber(text) ? Number(text) : text;
}

/**
 * The whole text by both versions of YAML, and as a reader that takes each scalar as text. Slow:
 * for a share of the files; `yamlData` asks as much of each scalar of every file.
 */
export function readEverybody(files: Files): void {
  const text = files.get(NETPLAN);
  if (text === undefined) return;
  const asJson = (data: unknown): string => JSON.stringify(data, mapToList);
  const young: unknown = parseYaml(text, { version: '1.2', mapAsMap: true });
  const old: unknown = parseYaml(text, { version: '1.1', mapAsMap: true });
  if (asJson(old) !== asJson(young)) fail('YAML 1.1 and YAML 1.2 read different data');
  if (asJson(yamlData(text)) !== asJson(young)) fail('the reader of these tests reads other data');
  const asText: unknown = parseYaml(text, { schema: 'failsafe', mapAsMap: true });
  const texts = JSON.stringify(young, (key, value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : mapToList(key, value),
  );
  if (asJson(asText) !== texts) fail('netplan, which reads text, reads other text');
}

const mapToList = (_: string, value: unknown): unknown =>
  value instanceof Map ? [...value] : value;

/** A mapping of netplan's, whose keys are all asked for in the end. */
class Mapping {
  private readonly left: Map<string, Plain>;
  private readonly what: string;

  constructor(data: Plain | undefined, what: string) {
    if (!(data instanceof Map)) fail(`netplan: ${what} is no mapping`);
    this.left = new Map(data);
    this.what = what;
  }

  take(key: string): Plain | undefined {
    const value = this.left.get(key);
    this.left.delete(key);
    return value;
  }

  text(key: string): string | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'string'
      ? value
      : fail(`netplan: ${this.what}.${key} is no text`);
  }

  flag(key: string): boolean | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'boolean'
      ? value
      : fail(`netplan: ${this.what}.${key} is no truth value`);
  }

  number(key: string): number | undefined {
    const value = this.take(key);
    if (value === undefined || (typeof value === 'number' && isNumber(String(value)))) return value;
    return fail(`netplan: ${this.what}.${key} is no number`);
  }

  texts(key: string): string[] {
    const value = this.take(key) ?? [];
    if (!Array.isArray(value)) fail(`netplan: ${this.what}.${key} is no list`);
    return value.map((item) =>
      typeof item === 'string' ? item : fail(`netplan: an item of ${key} is no text`),
    );
  }

  map(key: string): Mapping | undefined {
    const value = this.take(key);
    return value === undefined ? undefined : new Mapping(value, `${this.what}.${key}`);
  }

  entries(): [string, Mapping][] {
    const all = [...this.left];
    this.left.clear();
    return all.map(([key, value]) => [key, new Mapping(value, `${this.what}.${key}`)]);
  }

  texted(): [string, string][] {
    return [...this.left.keys()].map((key) => [key, this.text(key) ?? '']);
  }

  done(): void {
    if (this.left.size > 0) fail(`netplan: ${this.what} has ${[...this.left.keys()].join(', ')}`);
  }
}

function netplanRoot(files: Files): Mapping {
  const root = new Mapping(yamlData(files.get(NETPLAN) ?? fail('no netplan file')), 'netplan');
  const network = root.map('network') ?? fail('netplan: no network');
  root.done();
  if (network.number('version') !== 2) fail('netplan: version');
  return network;
}

interface NetplanRoute extends Omit<RouteParts, 'metric'> {
  readonly metric: number | undefined;
  readonly isLinkScope: boolean;
}

function netplanRoutes(entry: Mapping): NetplanRoute[] {
  const routes = entry.take('routes') ?? [];
  if (!Array.isArray(routes)) fail('netplan: routes');
  return routes.map((item) => {
    const route = new Mapping(item, 'route');
    const [to, via, scope] = [route.text('to'), route.text('via'), route.text('scope')];
    // netplan 0.101 rejects `default`; without `via` a route needs a scope.
    if (to === undefined || !isNetwork(to)) fail(`netplan: route to ${to}`);
    if (scope !== undefined && scope !== 'link' && scope !== 'global')
      fail(`netplan: scope ${scope}`);
    if ((via === undefined) !== (scope === 'link'))
      fail('netplan: a route needs `via` or scope `link`');
    const read = {
      to,
      via,
      from: route.text('from'),
      onLink: (route.flag('on-link') ?? false) && via !== undefined,
      metric: route.number('metric'),
      table: route.number('table'),
    };
    route.done();
    // In netplan's C the largest metric stands for none.
    if (read.metric === 4294967295) fail('netplan: this metric is none');
    return { ...read, isLinkScope: scope === 'link' };
  });
}

function netplanNameservers(entry: Mapping): { dns: string[]; search: string[] } {
  const nameservers = entry.map('nameservers');
  const read = {
    dns: nameservers?.texts('addresses') ?? [],
    search: nameservers?.texts('search') ?? [],
  };
  nameservers?.done();
  return { dns: once(read.dns), search: once(read.search) };
}

function netplanOverrides(entry: Mapping, key: string): Dhcp {
  const overrides = entry.map(key);
  const domains = overrides?.take('use-domains');
  if (domains !== undefined && typeof domains !== 'boolean' && domains !== 'route')
    fail('netplan: use-domains');
  const read = said<Dhcp>({
    identifier: undefined,
    metric: overrides?.number('route-metric') ?? 100,
    useMtu: overrides?.flag('use-mtu') ?? true,
    useRoutes: overrides?.flag('use-routes') ?? true,
    useDns: overrides?.flag('use-dns') ?? true,
    useDomains: domains === undefined ? undefined : String(domains),
    useNtp: overrides?.flag('use-ntp') ?? true,
    useHostname: overrides?.flag('use-hostname') ?? true,
    sendHostname: overrides?.flag('send-hostname') ?? true,
    hostname: overrides?.text('hostname'),
  });
  overrides?.done();
  if (read.metric === 4294967295) fail('netplan: this metric is none');
  return read;
}

function netplanMatch(
  id: string,
  entry: Mapping,
): { permanentMac: string | undefined; name: string } {
  const match = entry.map('match');
  const permanentMac = match?.text('macaddress');
  match?.done();
  const setName = entry.text('set-name');
  if ((match === undefined) !== (setName === undefined))
    fail(`netplan: match and set-name of ${id}`);
  if (match && (permanentMac === undefined || !isMac(permanentMac)))
    fail(`netplan: match of ${id}`);
  return { permanentMac, name: setName ?? id };
}

/** What networkd's DHCPv6 client heeds of netplan's overrides. */
const sharedOnly = ({ useDns, useDomains, useNtp, useHostname }: Dhcp): Dhcp =>
  said<Dhcp>({
    useDns,
    useDomains,
    useNtp,
    useHostname,
    sendHostname: true,
    identifier: undefined,
    metric: undefined,
    useMtu: undefined,
    useRoutes: undefined,
    hostname: undefined,
  });

/** The shim as an ethernet without `match`: netplan writes its `.network`, a drop-in adds to it. */
function netplanNetworkdShim(files: Files, id: string, entry: Mapping, parent: string): Link {
  const { mac, mode } = netdev(files, id);
  const unit = new Unit(files, `${NETWORKD}/10-netplan-${id}.network.d/50-macvtap.conf`, DROP_IN);
  if (entry.text('renderer') !== 'networkd') fail(`netplan: renderer of ${id}`);
  // It wins over the `.netdev`'s.
  const yamlMac = entry.text('macaddress');
  if (yamlMac !== mac) fail(`netplan: two MACs for ${id}`);
  const [dhcp4, dhcp6, ra] = [
    entry.flag('dhcp4') ?? false,
    entry.flag('dhcp6') ?? false,
    entry.flag('accept-ra'),
  ];
  const linkLocal = entry.take('link-local') ?? ['ipv6'];
  if (!Array.isArray(linkLocal)) fail('netplan: link-local');
  const mtu = entry.number('mtu');
  const addresses = entry.texts('addresses');
  const routes = netplanRoutes(entry);
  for (const { to, via, onLink, table = 0, isLinkScope } of routes) {
    if (via !== undefined && !onLink && addresses.length === 0)
      fail(`netplan: networkd warns of a gateway in ${id}, which has no static address`);
    // netplan prints the table as a signed number.
    if (table > 2147483647) fail(`netplan: the table becomes negative in ${id}`);
    // netplan writes the scope into the `.network`, and networkd warns of it.
    if (isLinkScope && isIpv6(to)) fail(`netplan: Scope= in an IPv6 route of ${id}`);
  }
  const { dns, search } = netplanNameservers(entry);
  const identifier = entry.text('dhcp-identifier') ?? 'duid';
  const four = netplanOverrides(entry, 'dhcp4-overrides');
  const six = netplanOverrides(entry, 'dhcp6-overrides');
  if (dhcp4 && dhcp6 && JSON.stringify(four) !== JSON.stringify(six))
    fail(`netplan refuses overrides that differ: ${id}`);
  const ignoreCarrier = entry.flag('ignore-carrier') ?? false;
  const isOptional = entry.flag('optional') ?? false;
  entry.done();
  for (const address of [...addresses, ...dns])
    if (!isAddress(address.split('/')[0] ?? '')) fail(`netplan: ${address}`);
  const state = online(unit);
  if (isOptional !== (state[0] === 'no')) fail(`netplan: is ${id} optional?`);
  if (unit.has('DHCPv6') && !dhcp6) fail(`${unit.path}: [DHCPv6] without DHCPv6`);
  if (unit.has('IPv6AcceptRA') && ra !== true)
    fail(`${unit.path}: [IPv6AcceptRA] without advertisements`);
  return said<Link>({
    kind: 'macvlan',
    parent,
    mode,
    permanentMac: undefined,
    mac,
    mtu,
    ...familySettings(
      addresses,
      [
        ...routes.map((route) => routeText({ ...route, metric: route.metric ?? 0 })),
        ...unit.routes(),
      ],
      dns,
    ),
    search,
    dhcp4: dhcp4 ? { ...four, identifier } : undefined,
    dhcp6: dhcp6 ? sharedOnly(six) : undefined,
    autoconf: autoconfOf(
      ra ?? true,
      unit.flag('IPv6AcceptRA', 'DHCPv6Client', true),
      dhcp6,
      unit.one('DHCPv6', 'WithoutRA') === 'solicit',
    ),
    raUseDns: (ra ?? true) ? unit.flag('IPv6AcceptRA', 'UseDNS', true) : undefined,
    linkLocal: linkLocal.map(String).sort(),
    ignoreCarrier,
    online: state,
    chatter: [],
    profile: undefined,
  });
}

export function readNetplanNetworkd(files: Files): Description {
  const network = netplanRoot(files);
  const ethernets = network.map('ethernets') ?? fail('netplan: no ethernets');
  network.done();
  const entries = new Map(ethernets.entries());
  const names = new Map<string, string>();
  const parents = [...files.keys()].flatMap((path) => {
    const [, id] = /^\/etc\/systemd\/network\/10-netplan-([^/]+)\.network$/.exec(path) ?? [];
    if (id === undefined) return [];
    const entry = entries.get(id);
    if (entry) {
      // netplan has udev name the NIC; of all else our own file hides what netplan writes.
      if (entry.text('renderer') !== 'networkd') fail(`netplan: renderer of ${id}`);
      const { permanentMac = '', name } = netplanMatch(id, entry);
      entry.done();
      names.set(permanentMac, name);
      entries.delete(id);
    }
    const read = networkdParent(files, path, names);
    if (!entry && read.name !== id) fail(`${path} hides nothing of ${read.name}`);
    return [read];
  });
  const links = standingOn(files, parents, (name, parent) => {
    const entry = entries.get(name) ?? fail(`netplan says nothing of ${name}`);
    entries.delete(name);
    return netplanNetworkdShim(files, name, entry, parent);
  });
  if (entries.size > 0) fail(`netplan: who is ${[...entries.keys()].join(', ')}?`);
  const waitOnline = readWaitOnline(files);
  // netplan 1.0.1 and later leaves the service out of the boot where it knows no link.
  if ((waitOnline !== undefined) !== wantsWaitOnline(files)) fail('nobody starts to wait');
  return {
    links,
    arpIgnore: readSysctl(files),
    networkManager: readManagerConf(files),
    networkdUnmanaged: [],
    ...(waitOnline && { waitOnline }),
  };
}

const WAIT_ONLINE = '/etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf';

function readWaitOnline(files: Files): string[] | undefined {
  const text = files.get(WAIT_ONLINE);
  if (text === undefined) return undefined;
  const found = new Map(sections(WAIT_ONLINE, text).map(({ name, entries }) => [name, entries]));
  const [reset, start, ...more] = (found.get('Service') ?? []).map(([key, value]) =>
    key === 'ExecStart' ? value : fail(`wait-online: ${key}=`),
  );
  // Without the empty one, ours would be added to netplan's, or to the service's own.
  if (reset !== '' || start === undefined || more.length > 0)
    fail('wait-online: does not replace the command');
  found.delete('Service');
  for (const [key, value] of found.get('Unit') ?? []) {
    // An empty condition takes back all before it; a path that is never there would end all waiting.
    if (!/^Condition[A-Za-z]+$/.test(key)) fail(`wait-online: ${key}=`);
    const isMet = key === 'ConditionPathExists' && files.has(value);
    if (value !== '' && !isMet) fail(`wait-online: ${key}=${value}`);
  }
  found.delete('Unit');
  if (found.size > 0) fail(`wait-online: [${[...found.keys()].join('], [')}]`);
  const [program, ...options] = start.split(' ');
  if (!/^(?:\/usr)?\/lib\/systemd\/systemd-networkd-wait-online$/.test(program ?? ''))
    fail(`wait-online: ${program}`);
  if (/[%$"'\\;]/.test(start)) fail('wait-online: a specifier, variable or quote');
  return options
    .flatMap((option, index) => {
      if (index % 2 === 0) return option === '-i' ? [] : fail(`wait-online: ${option}`);
      return [option];
    })
    .sort();
}

const ONLINE_TARGET = '/etc/systemd/system/network-online.target.d/90-macvtap.conf';

/** Whether the target starts the service that waits. */
function wantsWaitOnline(files: Files): boolean {
  const text = files.get(ONLINE_TARGET);
  if (text === undefined) return false;
  const said = JSON.stringify(sections(ONLINE_TARGET, text));
  const expected = [{ name: 'Unit', entries: [['Wants', 'systemd-networkd-wait-online.service']] }];
  return said === JSON.stringify(expected) || fail(`network-online.target: ${said}`);
}

/** The keyfile that netplan's generator makes of an entry (netplan, src/nm.c). */
function netplanKeyfile(id: string, entry: Mapping): Keyfile {
  const groups: Keyfile = new Map();
  const put = (group: string, key: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    const known = groups.get(group) ?? new Map<string, string>();
    known.set(key, String(value));
    groups.set(group, known);
  };
  if (entry.text('renderer') !== 'NetworkManager') fail(`netplan: renderer of ${id}`);
  const [dhcp4, dhcp6] = [entry.flag('dhcp4') ?? false, entry.flag('dhcp6') ?? false];
  put('ethernet', 'cloned-mac-address', entry.text('macaddress'));
  put('ethernet', 'mtu', entry.number('mtu'));
  const addresses = byFamily(entry.texts('addresses'), (text) => text);
  const routes = byFamily(netplanRoutes(entry), ({ to }) => to);
  const { dns: servers, search } = netplanNameservers(entry);
  const dns = byFamily(servers, (text) => text);
  const list = (items: readonly string[]): string | undefined =>
    items.length === 0 ? undefined : items.map((item) => `${item};`).join('');
  const addRoutes = (family: 'ipv4' | 'ipv6'): void =>
    routes[family].forEach((route, index) => {
      const key = `route${index + 1}`;
      put(
        family,
        key,
        [route.to, route.via ?? '', route.metric ?? ''].join(',').replace(/,+$/, ''),
      );
      const options = [
        ...(route.onLink ? ['onlink=true'] : []),
        ...(route.table === undefined ? [] : [`table=${route.table}`]),
        ...(route.from === undefined ? [] : [`src=${route.from}`]),
      ];
      if (options.length > 0) put(family, `${key}_options`, options.join(','));
    });
  put('ipv4', 'method', dhcp4 ? 'auto' : addresses.ipv4.length > 0 ? 'manual' : 'link-local');
  for (const [index, address] of addresses.ipv4.entries())
    put('ipv4', `address${index + 1}`, address);
  put('ipv4', 'dns', list(dns.ipv4));
  // "We can only write search domains and routes if we have an address."
  if (addresses.ipv4.length > 0 || dhcp4) {
    put('ipv4', 'dns-search', list(search));
    addRoutes('ipv4');
  }
  if (dhcp6 || addresses.ipv6.length > 0 || dns.ipv6.length > 0) {
    put('ipv6', 'method', dhcp6 ? 'auto' : 'manual');
    for (const [index, address] of addresses.ipv6.entries())
      put('ipv6', `address${index + 1}`, address);
    put('ipv6', 'ip6-privacy', 0);
    put('ipv6', 'dns', list(dns.ipv6));
    put('ipv6', 'dns-search', list(search));
    addRoutes('ipv6');
  } else put('ipv6', 'method', 'ignore');
  const backend = entry.map('networkmanager') ?? fail(`netplan: no settings for ${id}`);
  put('connection', 'id', backend.text('name'));
  put('connection', 'uuid', backend.text('uuid'));
  const passthrough = backend.map('passthrough');
  for (const [key, value] of passthrough?.texted() ?? []) {
    const dot = key.lastIndexOf('.');
    put(key.slice(0, dot), key.slice(dot + 1), value);
  }
  backend.done();
  entry.done();
  // NetworkManager reads them by their number, wherever they stand.
  for (const group of groups.values()) {
    const sorted = [...group].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    group.clear();
    for (const [key, value] of sorted) group.set(key, value);
  }
  return groups;
}

export function readNetplanNetworkManager(files: Files): Description {
  const network = netplanRoot(files);
  const ethernets = network.map('ethernets')?.entries() ?? [];
  const devices = network.map('nm-devices')?.entries() ?? fail('netplan: no nm-devices');
  network.done();
  const own = keyfileProfiles(files);
  for (const [id, entry] of ethernets) {
    // What netplan makes of it has no priority, and gives way to the parent's own profile.
    if (entry.text('renderer') !== 'NetworkManager') fail(`netplan: renderer of ${id}`);
    entry.done();
    const parent = own.profiles.find(({ name }) => name === id) ?? fail(`netplan: who is ${id}?`);
    if ((parent.link.profile?.priority ?? 0) <= 0) fail(`netplan's profile of ${id} may win`);
  }
  const shims = devices.map(([id, entry]) => {
    const read = profile(`netplan ${id}`, netplanKeyfile(id, entry));
    return read.name === id ? read : fail(`netplan: ${id} is for ${read.name}`);
  });
  return describeManager(files, [...own.profiles, ...shims], own.names);
}
