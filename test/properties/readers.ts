/**
 * Reads rendered files as their daemons do, and says what they would make of them: one neutral
 * description, whichever system the files are for. Written from the manual pages and the rules of
 * GLib's key files, not from the renderer; strict, so that a key, a section or a file that no rule
 * below accounts for is a failure. Where netplan writes files, its generator is imitated, and what
 * it would write is read like all else.
 *
 *     systemd.syntax(7), systemd.network(5), systemd.netdev(5), systemd.link(5)
 *     nm-settings-keyfile(5), NetworkManager.conf(5), GLib's "Key-value file parser"
 *     netplan-yaml(5), and netplan's src/networkd.c and src/nm.c
 *     sysctl.d(5), systemd.service(5), systemd-networkd-wait-online.service(8)
 */
import { Document, parse as parseYaml } from 'yaml';

/** What a file set makes of a host. Texts are canonical, lists without order are sorted. */
export interface Description {
  readonly links: Readonly<Record<string, Link>>;
  /** What the kernel is told of interfaces. */
  readonly kernel: {
    /** Those that answer ARP for their own addresses only. */
    readonly arpIgnore: readonly string[];
    /** Those whose packets need not come in where the answer would go out. */
    readonly looseRpFilter: readonly string[];
  };
  /** What NetworkManager is told of its devices, whoever runs the network. */
  readonly networkManager: {
    readonly managed: readonly string[];
    readonly unmanaged: readonly string[];
    readonly ignoreCarrier: readonly string[];
  };
  /** Links of ours that systemd-networkd is told to leave alone. */
  readonly networkdUnmanaged: readonly string[];
  /** Guests' devices, which it is to leave alone as well. */
  readonly networkdGuests: readonly string[];
  /** `-i` options of the wait-online service, where a drop-in sets them. */
  readonly waitOnline?: readonly string[];
}

export interface Link {
  readonly kind: 'ethernet' | 'vlan' | 'bond' | 'bridge' | 'macvlan' | 'macvtap';
  /** What it stands on. */
  readonly parent?: string;
  readonly vlanId?: number;
  /** The bond or bridge that it is in. */
  readonly master?: string;
  readonly mode?: string;
  /** In mode `source`: whose frames it takes. */
  readonly sources?: readonly string[];
  /** Of a bond or bridge, by the kernel's names. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The MAC by which the NIC is found. */
  readonly permanentMac?: string;
  /** The MAC that is set. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly wakeOnLan?: true;
  readonly ipv4: FamilySettings;
  readonly ipv6: FamilySettings;
  readonly search: readonly string[];
  /** networkd only: in NetworkManager it is a search domain. */
  readonly dnsDefaultRoute?: boolean;
  readonly dhcp4?: Dhcp;
  readonly dhcp6?: Dhcp;
  /** IPv6 by itself: nothing, advertisements, advertisements and DHCPv6 as they say, DHCPv6 alone. */
  readonly autoconf: 'none' | 'ra-only' | 'ra' | 'dhcp';
  /** Under networkd: how a DHCPv6 client calls itself that only a router starts. */
  readonly startedIdentifier?: string;
  /** Whether name servers out of advertisements are used, where those are listened to. */
  readonly raUseDns?: boolean;
  readonly linkLocal: readonly string[];
  /** Whether static addresses stand without a carrier. */
  readonly ignoreCarrier: boolean;
  /**
   * What boot waits for: a state and families for networkd, families for NetworkManager. Empty
   * where networkd is told nothing.
   */
  readonly online: readonly string[];
  /** Whether it says nothing of its own accord (LLDP, LLMNR, mDNS); networkd only. */
  readonly isSilent: boolean;
  readonly profile?: { readonly id: string; readonly uuid: string; readonly priority: number };
}

export interface FamilySettings {
  readonly addresses: readonly string[];
  /** Each as `to via [from] [onlink] metric [table]`, sorted. */
  readonly routes: readonly string[];
  /** Each as `ruleText` has it, sorted. */
  readonly rules: readonly string[];
  readonly dns: readonly string[];
}

export const NOTHING: FamilySettings = { addresses: [], routes: [], rules: [], dns: [] };

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
export function sections(path: string, text: string): Section[] {
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
  RequiredForOnline: oneOf(
    'no',
    'no-carrier',
    'degraded-carrier',
    'carrier',
    'degraded',
    'routable',
  ),
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
const RULE = {
  From: isNetwork,
  To: isNetwork,
  TypeOfService: isNumber,
  FirewallMark: isNumber,
  Table: isNumber,
  Priority: isNumber,
};
const DHCP_SHARED = {
  UseDNS: isBoolean,
  UseDomains: oneOf('yes', 'no', 'true', 'false', 'route'),
  UseNTP: isBoolean,
  UseHostname: isBoolean,
};
const DHCP_NAME = { SendHostname: isBoolean, Hostname: isText };
const DHCP4 = {
  ...DHCP_SHARED,
  ...DHCP_NAME,
  ClientIdentifier: oneOf('mac', 'duid'),
  RouteMetric: isNumber,
  UseMTU: isBoolean,
  UseRoutes: isBoolean,
};

const NETWORK_FILE: Grammar = {
  // Names of ours are no patterns; those of guests' devices may be.
  Match: { Name: isText, PermanentMACAddress: isMac },
  Link: { ...ONLINE, MACAddress: isMac, MTUBytes: isNumber },
  Network: {
    Address: isNetwork,
    MACVLAN: isInterface,
    MACVTAP: isInterface,
    VLAN: isInterface,
    Bond: isInterface,
    Bridge: isInterface,
    PrimarySlave: isBoolean,
    DHCP: oneOf('yes', 'no', 'ipv4', 'ipv6'),
    IPv6AcceptRA: isBoolean,
    LinkLocalAddressing: oneOf('yes', 'no', 'ipv4', 'ipv6'),
    DNS: isAddress,
    Domains: (value) => /^[!-~]+(?: [!-~]+)*$/.test(value),
    DNSDefaultRoute: isBoolean,
    ConfigureWithoutCarrier: isBoolean,
    LLMNR: isBoolean,
    MulticastDNS: isBoolean,
    LLDP: isBoolean,
    EmitLLDP: isBoolean,
  },
  Route: ROUTE,
  RoutingPolicyRule: RULE,
  // netplan's; for both families what they have in common, else for DHCPv4.
  DHCP: DHCP4,
  DHCPv4: DHCP4,
  DHCPv6: {
    ...DHCP_SHARED,
    ...DHCP_NAME,
    WithoutRA: oneOf('solicit'),
    DUIDType: oneOf('link-layer'),
  },
  IPv6AcceptRA: { DHCPv6Client: isBoolean, UseDNS: isBoolean, RouteMetric: oneOf('1024') },
};
const MACVLAN = {
  Mode: oneOf('private', 'vepa', 'bridge', 'passthru', 'source'),
  SourceMACAddress: (value: string) => value.split(' ').every(isMac),
};
const isMilliseconds = (value: string): boolean => /^(?:0|[1-9][0-9]*)ms$/.test(value);
const NETDEV_FILE: Grammar = {
  NetDev: {
    Name: isInterface,
    Kind: oneOf('macvlan', 'macvtap', 'vlan', 'bond', 'bridge'),
    MACAddress: isMac,
  },
  MACVLAN,
  MACVTAP: MACVLAN,
  VLAN: { Id: (value) => isNumber(value) && Number(value) >= 1 && Number(value) <= 4094 },
  Bond: {
    Mode: isText,
    PrimaryReselectPolicy: oneOf('always', 'better', 'failure'),
    MIIMonitorSec: isMilliseconds,
    UpDelaySec: isMilliseconds,
    DownDelaySec: isMilliseconds,
    LACPTransmitRate: oneOf('slow', 'fast'),
    MinLinks: isNumber,
    TransmitHashPolicy: isText,
    AdSelect: oneOf('stable', 'bandwidth', 'count'),
    ARPIntervalSec: isMilliseconds,
    ARPIPTargets: (value) => value.split(' ').every(isAddress),
    FailOverMACPolicy: oneOf('none', 'active', 'follow'),
  },
  Bridge: {
    STP: isBoolean,
    ForwardDelaySec: isNumber,
    HelloTimeSec: isNumber,
    MaxAgeSec: isNumber,
    AgeingTimeSec: isNumber,
    Priority: isNumber,
  },
};
const LINK_FILE: Grammar = {
  // Before udev knew of permanent MACs (245): the current one, of a device that is on a bus.
  Match: {
    PermanentMACAddress: isMac,
    MACAddress: isMac,
    Path: oneOf('*'),
    OriginalName: isInterface,
  },
  Link: { Name: isInterface, WakeOnLan: oneOf('magic', 'off'), MACAddressPolicy: oneOf('none') },
};
const UNMANAGED_FILE: Grammar = {
  Match: { Name: (value) => /^[A-Za-z0-9_.*-]+(?: [A-Za-z0-9_.*-]+)*$/.test(value) },
  Link: { Unmanaged: isBoolean },
};

/** Keys that may stand several times in one section; of all others the last would win. */
const LISTS = new Set(['Address', 'MACVLAN', 'MACVTAP', 'VLAN', 'DNS', 'Domains']);
/** Sections that may stand several times. */
const REPEATED = new Set(['Route', 'RoutingPolicyRule']);

/** A systemd file against what its kind may hold. */
class Unit {
  readonly path: string;
  readonly all: readonly Section[];

  constructor(path: string, all: readonly Section[], grammar: Grammar) {
    this.path = path;
    this.all = all;
    for (const { name, entries } of all) {
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
    const once = all.map(({ name }) => name).filter((name) => !REPEATED.has(name));
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

  item(section: string, key: string): string | undefined {
    return this.list(section, key)[0];
  }

  flag(section: string, key: string, otherwise: boolean): boolean {
    return booleanOf(this.item(section, key)) ?? otherwise;
  }

  /** Of sections that may stand several times. */
  each(section: string): ReadonlyMap<string, string>[] {
    return this.all.filter(({ name }) => name === section).map(({ entries }) => new Map(entries));
  }

  routes(): string[] {
    const hasAddress = this.list('Network', 'Address').length > 0;
    return this.each('Route').map((route) => networkdRoute(this.path, route, hasAddress));
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

interface RuleParts {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly tos?: number | undefined;
  readonly mark?: number | undefined;
  readonly table: number;
  readonly priority: number;
}

/** A rule, with what says nothing (from anywhere) left out; the family stands in front. */
export function ruleText({ from, to, tos, mark, table, priority }: RuleParts): string {
  const family = isIpv6(from ?? to ?? '') ? 'ipv6' : 'ipv4';
  const end = (word: string, network: string | undefined): string[] =>
    network === undefined || network.endsWith('/0') ? [] : [`${word} ${network}`];
  const parts = [
    `${family} ${priority}:`,
    ...end('from', from),
    ...end('to', to),
    ...(tos === undefined ? [] : [`tos ${tos}`]),
    ...(mark === undefined ? [] : [`mark ${mark}`]),
    `table ${table}`,
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

/** A rule without a family of its own has that of its networks. */
function networkdRule(path: string, rule: ReadonlyMap<string, string>): string {
  const [from, to] = [rule.get('From'), rule.get('To')];
  if (from === undefined && to === undefined) fail(`${path}: a rule of no family`);
  if (from !== undefined && to !== undefined && isIpv6(from) !== isIpv6(to))
    fail(`${path}: a rule of two families`);
  return ruleText({
    from,
    to,
    tos: numberOf(rule.get('TypeOfService')),
    mark: numberOf(rule.get('FirewallMark')),
    table: numberOf(rule.get('Table')) ?? fail(`${path}: a rule without a table`),
    // Left out, the kernel numbers rules by their order.
    priority: numberOf(rule.get('Priority')) ?? fail(`${path}: a rule without a priority`),
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
  rules: readonly string[],
  dns: readonly string[],
): { ipv4: FamilySettings; ipv6: FamilySettings } {
  const self = (text: string): string => text;
  const [a, r, d] = [byFamily(addresses, self), byFamily(routes, self), byFamily(once(dns), self)];
  const ofFamily = (family: string): string[] =>
    rules.filter((rule) => rule.startsWith(family)).sort();
  return {
    ipv4: { addresses: a.ipv4, routes: r.ipv4.sort(), rules: ofFamily('ipv4'), dns: d.ipv4 },
    ipv6: { addresses: a.ipv6, routes: r.ipv6.sort(), rules: ofFamily('ipv6'), dns: d.ipv6 },
  };
}

/** A name server or domain that is named twice is one: netplan and NetworkManager drop it. */
const once = (items: readonly string[]): string[] => [...new Set(items)];

const familiesOf = (text: string): string[] =>
  text === 'yes' ? ['ipv4', 'ipv6'] : text === 'no' ? [] : [text];

/** What is said, without what is not. */
function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
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

/** Parameters of a bond or bridge; `min_links` of 0 is the kernel's default. */
const parametersOf = (
  values: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  toRecord(
    new Map(
      Object.entries(values).flatMap(([key, value]) =>
        value === undefined || (key === 'min_links' && value === '0') ? [] : [[key, value]],
      ),
    ),
  );

// systemd-networkd ------------------------------------------------------------------------------

const NETWORKD = '/etc/systemd/network';
const GUESTS = '00-macvtap.network';

/** `[DHCPv4]` or `[DHCPv6]`; what is not said is networkd's default. */
function networkdDhcp(unit: Unit, section: 'DHCPv4' | 'DHCPv6'): Dhcp {
  const isV4 = section === 'DHCPv4';
  const shared = (key: string): string | undefined =>
    unit.item(section, key) ?? unit.item('DHCP', key);
  const own = isV4 ? shared : (key: string): string | undefined => unit.item(section, key);
  const domains = shared('UseDomains');
  const flag = (text: string | undefined, otherwise: boolean): boolean =>
    booleanOf(text) ?? otherwise;
  return given<Dhcp>({
    identifier: isV4
      ? (own('ClientIdentifier') ?? 'duid')
      : own('DUIDType') === 'link-layer'
        ? 'mac'
        : 'duid',
    metric: isV4 ? (numberOf(own('RouteMetric')) ?? 1024) : undefined,
    useMtu: isV4 ? flag(own('UseMTU'), false) : undefined,
    useRoutes: isV4 ? flag(own('UseRoutes'), true) : undefined,
    useDns: flag(shared('UseDNS'), true),
    useDomains: domains === 'route' || domains === undefined ? domains : String(booleanOf(domains)),
    useNtp: flag(shared('UseNTP'), true),
    useHostname: flag(shared('UseHostname'), true),
    sendHostname: flag(own('SendHostname'), true),
    hostname: own('Hostname'),
  });
}

function online(unit: Unit): string[] {
  const state = unit.item('Link', 'RequiredForOnline');
  const family = unit.item('Link', 'RequiredFamilyForOnline');
  if (state === undefined && family !== undefined) fail(`${unit.path}: a family of no state`);
  return [state, family].filter((text) => text !== undefined);
}

/** Base name → sections: `/etc` hides `/run`, drop-ins are added to what they are for. */
function systemdFiles(files: Files): Map<string, { path: string; all: Section[] }> {
  const found = new Map<string, { path: string; all: Section[] }>();
  const paths = [...files.keys()].filter((path) => /^\/(?:etc|run)\/systemd\/network\//.test(path));
  for (const path of paths.sort().filter((item) => !item.endsWith('.conf'))) {
    const name = path.replace(/^.*\//, '');
    if (!found.has(name)) found.set(name, { path, all: sections(path, files.get(path) ?? '') });
  }
  for (const path of paths.filter((item) => item.endsWith('.conf'))) {
    const [, name = ''] = /([^/]+)\.d\/[^/]+$/.exec(path) ?? [];
    const base = found.get(name) ?? fail(`${path} adds to nothing`);
    for (const added of sections(path, files.get(path) ?? '')) addSection(base.all, added);
  }
  return found;
}

function addSection(all: Section[], { name, entries }: Section): void {
  const at = all.findIndex((section) => section.name === name);
  const old = all[at];
  if (!old || REPEATED.has(name)) {
    all.push({ name, entries });
    return;
  }
  const isReplaced = (key: string): boolean =>
    !LISTS.has(key) && entries.some(([other]) => other === key);
  all[at] = { name, entries: [...old.entries.filter(([key]) => !isReplaced(key)), ...entries] };
}

interface Device {
  readonly kind: Link['kind'];
  readonly mac: string | undefined;
  readonly mode: string | undefined;
  readonly sources: readonly string[] | undefined;
  readonly vlanId: number | undefined;
  readonly parameters: Readonly<Record<string, string | undefined>> | undefined;
}

const NIC: Device = {
  kind: 'ethernet',
  mac: undefined,
  mode: undefined,
  sources: undefined,
  vlanId: undefined,
  parameters: undefined,
};

const KIND_SECTION: Readonly<Record<string, string>> = {
  macvlan: 'MACVLAN',
  macvtap: 'MACVTAP',
  vlan: 'VLAN',
  bond: 'Bond',
  bridge: 'Bridge',
};

function deviceOf(unit: Unit): { name: string; device: Device } {
  const kind = (unit.item('NetDev', 'Kind') ?? fail(`${unit.path}: no kind`)) as Link['kind'];
  const section = KIND_SECTION[kind] ?? '';
  for (const { name } of unit.all)
    if (name !== 'NetDev' && name !== section) fail(`${unit.path}: [${name}] of a ${kind}`);
  const isMacvlan = kind === 'macvlan' || kind === 'macvtap';
  const mode = isMacvlan ? (unit.item(section, 'Mode') ?? 'vepa') : undefined;
  const sources = isMacvlan ? unit.item(section, 'SourceMACAddress')?.split(' ') : undefined;
  if ((mode === 'source') !== (sources !== undefined)) fail(`${unit.path}: sources of ${mode}`);
  return {
    name: unit.item('NetDev', 'Name') ?? fail(`${unit.path}: no name`),
    device: {
      kind,
      mac: unit.item('NetDev', 'MACAddress'),
      mode,
      sources,
      vlanId: kind === 'vlan' ? Number(unit.item('VLAN', 'Id') ?? fail('no VLAN id')) : undefined,
      parameters: kind === 'bond' ? bondOf(unit) : kind === 'bridge' ? bridgeOf(unit) : undefined,
    },
  };
}

function bondOf(unit: Unit): Record<string, string | undefined> {
  const milliseconds = (key: string): string | undefined => unit.item('Bond', key)?.slice(0, -2);
  return {
    mode: unit.item('Bond', 'Mode'),
    primary_reselect: unit.item('Bond', 'PrimaryReselectPolicy'),
    miimon: milliseconds('MIIMonitorSec'),
    updelay: milliseconds('UpDelaySec'),
    downdelay: milliseconds('DownDelaySec'),
    lacp_rate: unit.item('Bond', 'LACPTransmitRate'),
    min_links: unit.item('Bond', 'MinLinks'),
    xmit_hash_policy: unit.item('Bond', 'TransmitHashPolicy'),
    ad_select: unit.item('Bond', 'AdSelect'),
    arp_interval: milliseconds('ARPIntervalSec'),
    arp_ip_target: unit.item('Bond', 'ARPIPTargets')?.split(' ').join(','),
    fail_over_mac: unit.item('Bond', 'FailOverMACPolicy'),
  };
}

function bridgeOf(unit: Unit): Record<string, string | undefined> {
  const stp = unit.item('Bridge', 'STP');
  return {
    stp: stp === undefined ? undefined : String(booleanOf(stp)),
    forward_delay: unit.item('Bridge', 'ForwardDelaySec'),
    hello_time: unit.item('Bridge', 'HelloTimeSec'),
    max_age: unit.item('Bridge', 'MaxAgeSec'),
    ageing_time: unit.item('Bridge', 'AgeingTimeSec'),
    priority: unit.item('Bridge', 'Priority'),
  };
}

/** Names as `[Match] Name=` has them, against one name. */
const matches = (patterns: string, name: string): boolean =>
  patterns
    .split(' ')
    .some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
    );

/** What a permanent MAC is called, and whether the NIC wakes the host. */
interface Naming {
  readonly names: Map<string, string>;
  readonly waking: Set<string>;
}

/** Permanent MAC → name, as udev gives it by `.link` files. */
function linkNames(files: Files): Naming {
  const names = new Map<string, string>();
  const waking = new Set<string>();
  for (const [base, { path, all }] of systemdFiles(files)) {
    if (!base.endsWith('.link')) continue;
    const unit = new Unit(path, all, LINK_FILE);
    const made = unit.item('Match', 'OriginalName');
    if (made !== undefined) {
      // Nothing else: it would go for the device, too.
      if (
        unit.item('Link', 'MACAddressPolicy') !== 'none' ||
        unit.item('Link', 'Name') !== undefined
      )
        fail(`${path}: does not leave the MAC alone, and nothing else`);
      if (base !== `00-macvtap-${made}.link`) fail(`${path}: is of ${made}`);
      continue;
    }
    const current = unit.item('Match', 'MACAddress');
    if ((current === undefined) !== (unit.item('Match', 'Path') === undefined))
      fail(`${path}: a shim may have that MAC`);
    const mac = unit.item('Match', 'PermanentMACAddress') ?? current;
    const name = unit.item('Link', 'Name');
    if (mac === undefined || name === undefined) fail(`${path}: names nothing`);
    if (names.has(mac)) fail(`${path}: a second name for one NIC`);
    names.set(mac, name);
    if (unit.item('Link', 'WakeOnLan') === 'magic') waking.add(name);
  }
  return { names, waking };
}

interface NetworkFile {
  readonly base: string;
  readonly unit: Unit;
  readonly name: string;
}

/** What systemd-networkd would make of all its files. */
function networkdLinks(files: Files): Record<string, Link> {
  const { names, waking } = linkNames(files);
  const found = systemdFiles(files);
  const devices = new Map<string, Device>();
  const networks: NetworkFile[] = [];
  for (const [base, { path, all }] of found) {
    if (base.endsWith('.netdev')) {
      const { name, device } = deviceOf(new Unit(path, all, NETDEV_FILE));
      if (devices.has(name)) fail(`two devices are called ${name}`);
      devices.set(name, device);
    } else if (base.endsWith('.network') && base !== GUESTS) {
      const unit = new Unit(path, all, NETWORK_FILE);
      networks.push({ base, unit, name: matchedName(unit, names) });
    }
  }
  const attachment = attachedLinks(networks, devices);
  const links = new Map<string, Link>();
  for (const { unit, name } of networks) {
    if (links.has(name)) fail(`two files for ${name}`);
    const device = devices.get(name) ?? NIC;
    const link = networkdLink(unit, name, device, attachment);
    links.set(name, waking.has(name) ? { ...link, wakeOnLan: true } : link);
  }
  for (const name of devices.keys()) if (!links.has(name)) fail(`nobody sets ${name} up`);
  const alone = [...attachment.above.keys()].find((name) => !links.has(name));
  if (alone !== undefined) fail(`${alone} is nowhere`);
  checkFirst(files, networks);
  return toRecord(links);
}

function matchedName(unit: Unit, names: ReadonlyMap<string, string>): string {
  const permanentMac = unit.item('Match', 'PermanentMACAddress');
  const called = unit.item('Match', 'Name');
  if (called === undefined && permanentMac === undefined) fail(`${unit.path}: what does it match?`);
  const named = permanentMac === undefined ? undefined : names.get(permanentMac);
  // netplan says both.
  if (called !== undefined && named !== undefined && called !== named)
    fail(`${unit.path}: two names`);
  const name = called ?? named ?? fail(`${unit.path}: nobody names this NIC`);
  return isInterface(name) ? name : fail(`${unit.path}: a pattern`);
}

/** Of several files that match a link, the first by name is taken. */
function checkFirst(files: Files, networks: readonly NetworkFile[]): void {
  const guests = guestDevices(files).join(' ');
  for (const { name, base } of networks) {
    if (matches(guests, name) && GUESTS < base) fail(`${GUESTS} takes ${name} away from ${base}`);
  }
}

interface Attachment {
  /** What stands on what. */
  readonly above: ReadonlyMap<string, string>;
  readonly masters: ReadonlyMap<string, string>;
  /** Bond → the member that is preferred. */
  readonly primaries: ReadonlyMap<string, string>;
}

function attachedLinks(
  networks: readonly NetworkFile[],
  devices: ReadonlyMap<string, Device>,
): Attachment {
  const above = new Map<string, string>();
  const masters = new Map<string, string>();
  const primaries = new Map<string, string>();
  for (const { unit, name } of networks) {
    for (const [key, kind] of [
      ['MACVLAN', 'macvlan'],
      ['MACVTAP', 'macvtap'],
      ['VLAN', 'vlan'],
    ] as const) {
      for (const upper of unit.list('Network', key)) {
        if (devices.get(upper)?.kind !== kind) fail(`${unit.path}: ${upper} is no ${kind}`);
        if (above.has(upper)) fail(`${upper} stands on two links`);
        above.set(upper, name);
      }
    }
    for (const [key, kind] of [
      ['Bond', 'bond'],
      ['Bridge', 'bridge'],
    ] as const) {
      const master = unit.item('Network', key);
      if (master === undefined) continue;
      if (devices.get(master)?.kind !== kind) fail(`${unit.path}: ${master} is no ${kind}`);
      if (masters.has(name)) fail(`${name} has two masters`);
      masters.set(name, master);
      if (unit.flag('Network', 'PrimarySlave', false)) {
        if (primaries.has(master)) fail(`${master} prefers two members`);
        primaries.set(master, name);
      }
    }
  }
  return { above, masters, primaries };
}

function networkdLink(
  unit: Unit,
  name: string,
  device: Device,
  { above, masters, primaries }: Attachment,
): Link {
  const { path } = unit;
  const needsParent = ['macvlan', 'macvtap', 'vlan'].includes(device.kind);
  if (needsParent !== above.has(name)) fail(`${path}: what does ${name} stand on?`);
  const dhcp = familiesOf(unit.item('Network', 'DHCP') ?? 'no');
  // Left out, a link listens to routers, and has fe80::.
  const linkLocal = familiesOf(
    unit.item('Network', 'LinkLocalAddressing') ?? fail(`${path}: link-local addresses unsaid`),
  );
  const ra = unit.flag('Network', 'IPv6AcceptRA', !masters.has(name));
  const [dhcp4, dhcp6] = [dhcp.includes('ipv4'), dhcp.includes('ipv6')];
  if (unit.has('DHCPv4') && !dhcp4) fail(`${path}: [DHCPv4] without DHCPv4`);
  const isStarted = !dhcp6 && ra && unit.flag('IPv6AcceptRA', 'DHCPv6Client', true);
  if (unit.has('DHCPv6') && !dhcp6 && !isStarted) fail(`${path}: [DHCPv6] without DHCPv6`);
  if (unit.has('IPv6AcceptRA') && !ra) fail(`${path}: [IPv6AcceptRA] without advertisements`);
  const addresses = unit.list('Network', 'Address');
  const setMac = unit.item('Link', 'MACAddress');
  if (setMac !== undefined && device.mac !== undefined && setMac !== device.mac)
    fail(`${path}: two MACs`);
  const chatter = ['LLMNR', 'MulticastDNS', 'LLDP', 'EmitLLDP'].map((key) =>
    unit.flag('Network', key, true),
  );
  if (new Set(chatter).size > 1) fail(`${path}: half silent`);
  return given<Link>({
    kind: device.kind,
    parent: above.get(name),
    vlanId: device.vlanId,
    master: masters.get(name),
    mode: device.mode,
    sources: device.sources,
    parameters:
      device.parameters && parametersOf({ ...device.parameters, primary: primaries.get(name) }),
    permanentMac: unit.item('Match', 'PermanentMACAddress'),
    mac: setMac ?? device.mac,
    mtu: numberOf(unit.item('Link', 'MTUBytes')),
    wakeOnLan: undefined,
    ...familySettings(
      addresses,
      unit.routes(),
      unit.each('RoutingPolicyRule').map((rule) => networkdRule(path, rule)),
      unit.list('Network', 'DNS'),
    ),
    search: once(unit.list('Network', 'Domains').flatMap((text) => text.split(' '))),
    dnsDefaultRoute: booleanOf(unit.item('Network', 'DNSDefaultRoute')),
    dhcp4: dhcp4 ? networkdDhcp(unit, 'DHCPv4') : undefined,
    dhcp6: dhcp6 ? networkdDhcp(unit, 'DHCPv6') : undefined,
    startedIdentifier: isStarted ? networkdDhcp(unit, 'DHCPv6').identifier : undefined,
    autoconf: autoconfOf(
      ra,
      unit.flag('IPv6AcceptRA', 'DHCPv6Client', true),
      dhcp6,
      unit.item('DHCPv6', 'WithoutRA') === 'solicit',
    ),
    raUseDns: ra ? unit.flag('IPv6AcceptRA', 'UseDNS', true) : undefined,
    linkLocal,
    ignoreCarrier: unit.flag('Network', 'ConfigureWithoutCarrier', false) && addresses.length > 0,
    online: online(unit),
    isSilent: chatter[0] === false,
    profile: undefined,
  });
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

/** Guests' devices, which systemd-networkd leaves alone. */
function guestDevices(files: Files): string[] {
  const path = `${NETWORKD}/${GUESTS}`;
  const unit = new Unit(
    path,
    sections(path, files.get(path) ?? fail(`no ${path}`)),
    UNMANAGED_FILE,
  );
  if (!unit.flag('Link', 'Unmanaged', false)) fail(`${path}: does not keep networkd off`);
  return (unit.item('Match', 'Name') ?? fail(`${path}: matches everything`)).split(' ');
}

function describeNetworkd(files: Files, links: Record<string, Link>): Description {
  const waitOnline = readWaitOnline(files);
  return {
    links,
    kernel: readSysctl(files),
    networkManager: readManagerConf(files),
    networkdUnmanaged: [],
    networkdGuests: guestDevices(files),
    ...(waitOnline && { waitOnline }),
  };
}

export function readNetworkd(files: Files): Description {
  for (const [base, { path, all }] of systemdFiles(files)) {
    const [, file] = /^00-macvtap-(.+)\.(?:network|netdev|link)$/.exec(base) ?? [];
    if (base === GUESTS) continue;
    const name = all
      .flatMap(({ entries }) => entries)
      .find(([key]) => key === 'Name' || key === 'PermanentMACAddress');
    if (file === undefined || (name?.[0] === 'Name' && name[1] !== file))
      fail(`${path} is for ${name?.[1]}`);
  }
  return describeNetworkd(files, networkdLinks(files));
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
      if (!/^[A-Za-z0-9-]+(?:_[a-z]+)*\+?$/.test(key)) fail(`${path}: key ${key}`);
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
  method: oneOf('auto', 'manual', 'disabled', 'link-local', 'dhcp', 'ignore'),
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
    type: oneOf('ethernet', 'macvlan', 'vlan', 'bond', 'bridge'),
    'interface-name': isInterface,
    autoconnect: isKeyfileBoolean,
    'autoconnect-priority': isNumber,
    master: isText,
    'slave-type': oneOf('bond', 'bridge'),
  },
  ethernet: {
    'mac-address': isMac,
    'cloned-mac-address': isMac,
    mtu: isNumber,
    // None, NetworkManager's default, the magic packet.
    'wake-on-lan': oneOf('0', '1', '64'),
  },
  macvlan: { mode: oneOf('1', '2', '3', '4'), parent: isText, tap: isKeyfileBoolean },
  // Headers are reordered, as by the kernel's default.
  vlan: { id: isNumber, parent: isText, flags: oneOf('1') },
  bond: Object.fromEntries(
    [
      'mode',
      'primary',
      'primary_reselect',
      'miimon',
      'updelay',
      'downdelay',
      'lacp_rate',
      'min_links',
      'xmit_hash_policy',
      'ad_select',
      'arp_interval',
      'arp_ip_target',
      'fail_over_mac',
    ].map((key) => [key, isText]),
  ),
  bridge: {
    stp: isKeyfileBoolean,
    'forward-delay': isNumber,
    'hello-time': isNumber,
    'max-age': isNumber,
    'ageing-time': isNumber,
    priority: isNumber,
  },
  ipv4: { ...IP_KEYS, 'dhcp-client-id': oneOf('mac', 'duid'), 'link-local': oneOf('3') },
  ipv6: {
    ...IP_KEYS,
    'addr-gen-mode': oneOf('eui64', '0'),
    'ip6-privacy': oneOf('0'),
    'dhcp-duid': oneOf('ll'),
  },
  hostname: { 'from-dhcp': oneOf('0', 'false') },
};

interface Profile {
  /** The profile's interface, if it is bound to one by name. */
  readonly name: string | undefined;
  readonly uuid: string;
  readonly permanentMac: string | undefined;
  /** As written: a name or a UUID. */
  readonly parent: string | undefined;
  readonly master: string | undefined;
  readonly link: Omit<Link, 'parent' | 'master'>;
}

/** What NetworkManager makes of a profile; fails where it would refuse it. */
function profile(path: string, groups: Keyfile): Profile {
  checkProfile(path, groups);
  const get = (group: string, key: string): string | undefined => groups.get(group)?.get(key);
  const type = get('connection', 'type') ?? fail(`${path}: no type`);
  const master = get('connection', 'master');
  if ((get('connection', 'autoconnect') ?? 'true') !== 'true') fail(`${path}: does not come up`);
  for (const group of ['macvlan', 'vlan', 'bond', 'bridge']) {
    const isNeeded = group === 'macvlan' || group === 'vlan' || group === 'bond';
    if (group === type ? isNeeded && !groups.has(group) : groups.has(group))
      fail(`${path}: [${group}] and type ${type} do not fit`);
  }
  const kind = get('macvlan', 'tap') === 'true' ? 'macvtap' : (type as Link['kind']);
  const mtu = numberOf(get('ethernet', 'mtu'));
  const uuid = get('connection', 'uuid') ?? fail(`${path}: no uuid`);
  return {
    name: get('connection', 'interface-name'),
    uuid,
    permanentMac: get('ethernet', 'mac-address'),
    parent: get('macvlan', 'parent') ?? get('vlan', 'parent'),
    master,
    link: given<Link>({
      kind,
      parent: undefined,
      master: undefined,
      sources: undefined,
      vlanId: numberOf(get('vlan', 'id')),
      mode: type === 'macvlan' ? MODES[get('macvlan', 'mode') ?? ''] : undefined,
      parameters: profileParameters(type, groups),
      permanentMac: get('ethernet', 'mac-address'),
      mac: get('ethernet', 'cloned-mac-address'),
      mtu,
      wakeOnLan: get('ethernet', 'wake-on-lan') === '64' ? true : undefined,
      // What is in a bond or bridge has no addresses, whatever its profile says.
      ...(master === undefined ? profileAddresses(path, groups, mtu) : SILENT),
      dnsDefaultRoute: undefined,
      isSilent: false,
      profile: {
        id: keyfileText(get('connection', 'id') ?? fail(`${path}: no id`)),
        uuid,
        priority: numberOf(get('connection', 'autoconnect-priority')) ?? 0,
      },
    }),
  };
}

function checkProfile(path: string, groups: Keyfile): void {
  for (const [name, entries] of groups) {
    const known = Object.hasOwn(PROFILE, name) ? PROFILE[name] : undefined;
    if (!known) fail(`${path}: unknown group [${name}]`);
    for (const [key, value] of entries) {
      const isIp =
        (name === 'ipv4' || name === 'ipv6') &&
        /^(?:(?:address|route)[1-9][0-9]*(?:_options)?|routing-rule[1-9][0-9]*)$/.test(key);
      if (isIp) continue;
      const isValid = Object.hasOwn(known, key) ? known[key] : undefined;
      if (!isValid) fail(`${path}: unknown key ${key} in [${name}]`);
      if (!isValid(value)) fail(`${path}: ${key}=${value}`);
    }
  }
}

function profileParameters(type: string, groups: Keyfile): Link['parameters'] | undefined {
  if (type !== 'bond' && type !== 'bridge') return undefined;
  const values = [...(groups.get(type) ?? [])];
  return parametersOf(
    Object.fromEntries(values.map(([key, value]) => [key.replaceAll('-', '_'), value])),
  );
}

type Addressed = Pick<
  Link,
  | 'ipv4'
  | 'ipv6'
  | 'search'
  | 'dhcp4'
  | 'dhcp6'
  | 'autoconf'
  | 'raUseDns'
  | 'linkLocal'
  | 'ignoreCarrier'
  | 'online'
>;

const SILENT: Addressed = {
  ipv4: NOTHING,
  ipv6: NOTHING,
  search: [],
  autoconf: 'none',
  linkLocal: [],
  ignoreCarrier: false,
  online: [],
};

function profileAddresses(path: string, groups: Keyfile, mtu: number | undefined): Addressed {
  const ip4 = ipProfile(path, 'ipv4', groups.get('ipv4') ?? fail(`${path}: no [ipv4]`));
  const ip6 = ipProfile(path, 'ipv6', groups.get('ipv6') ?? fail(`${path}: no [ipv6]`));
  const useHostname = groups.get('hostname')?.get('from-dhcp') === undefined;
  const dhcp4 = ip4.method === 'auto';
  const searches = [ip4.search, ip6.search].filter((list) => list.length > 0);
  const [search = [], other = search] = searches;
  if (search.join(' ') !== other.join(' ')) fail(`${path}: the families search differently`);
  const hasDhcp6 = ip6.method === 'auto' || ip6.method === 'dhcp';
  const duid = groups.get('ipv6')?.get('dhcp-duid');
  return given<Addressed>({
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
    dhcp6: hasDhcp6
      ? { ...ip6.dhcp, identifier: duid === 'll' ? 'mac' : 'duid', useHostname }
      : undefined,
    autoconf: ip6.method === 'auto' ? 'ra' : ip6.method === 'dhcp' ? 'dhcp' : 'none',
    raUseDns: ip6.method === 'auto' ? ip6.dhcp.useDns : undefined,
    linkLocal: [
      ...(ip4.method === 'link-local' || groups.get('ipv4')?.get('link-local') === '3'
        ? ['ipv4']
        : []),
      // NetworkManager has a link-local address wherever IPv6 is on.
      ...(ip6.method === 'disabled' ? [] : ['ipv6']),
    ],
    ignoreCarrier: false,
    online: [...(ip4.isRequired ? ['ipv4'] : []), ...(ip6.isRequired ? ['ipv6'] : [])],
  });
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
  if (family === 'ipv4' ? method === 'dhcp' || method === 'ignore' : method === 'ignore')
    fail(`${path}: ${family}.method=${method}`);
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
  const rules = [...group].flatMap(([key, text]) =>
    key.startsWith('routing-rule') ? [keyfileRule(path, family, text)] : [],
  );
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
    'dhcp-duid',
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
    settings: { addresses, routes: routes.sort(), rules: rules.sort(), dns },
    search,
    isRequired,
    dhcp: given<Dhcp>({
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

/** `priority 5 from 10.0.0.0/8 to … tos 0x10 fwmark 0x1 table 100` (nm-settings-keyfile(5)). */
function keyfileRule(path: string, family: 'ipv4' | 'ipv6', text: string): string {
  const parts = text.split(' ');
  const known = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) {
    const [key = '', value = ''] = parts.slice(at, at + 2);
    const isValid = ['from', 'to'].includes(key)
      ? isNetwork(value) && isIpv6(value) === (family === 'ipv6')
      : ['tos', 'fwmark'].includes(key)
        ? /^0x[0-9a-f]+$/.test(value)
        : ['priority', 'table'].includes(key) && isNumber(value);
    if (!isValid || known.has(key)) fail(`${path}: rule ${text}`);
    known.set(key, value);
  }
  return ruleText({
    // Without `from` or `to` the rule would be refused.
    from: known.get('from') ?? fail(`${path}: rule ${text}`),
    to: known.get('to'),
    tos: numberOf(known.get('tos')),
    mark: numberOf(known.get('fwmark')),
    table: numberOf(known.get('table')) ?? fail(`${path}: rule ${text}`),
    priority: numberOf(known.get('priority')) ?? fail(`${path}: rule ${text}`),
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
  { names }: Naming,
  ignoreCarrier: readonly string[],
): Record<string, Link> {
  const uuids = new Map(profiles.map((p) => [p.uuid, p]));
  if (uuids.size !== profiles.length) fail('one UUID for two profiles');
  const nameOf = (p: Profile): string =>
    p.name ?? names.get(p.permanentMac ?? '') ?? fail('a profile for no interface');
  const called = (text: string | undefined): string | undefined => {
    const found = text === undefined ? undefined : uuids.get(text);
    return found ? nameOf(found) : text;
  };
  const links = new Map<string, Link>();
  for (const p of profiles) {
    const name = nameOf(p);
    if (links.has(name)) fail(`two profiles for ${name}`);
    const [parent, master] = [called(p.parent), called(p.master)];
    const hasAddresses = p.link.ipv4.addresses.length + p.link.ipv6.addresses.length > 0;
    links.set(name, {
      ...p.link,
      ...(parent !== undefined && { parent }),
      ...(master !== undefined && { master }),
      ignoreCarrier: ignoreCarrier.includes(name) && hasAddresses,
    });
  }
  for (const { parent, master } of links.values()) {
    for (const other of [parent, master])
      if (other !== undefined && !links.has(other)) fail(`no profile for ${other}`);
  }
  return toRecord(links);
}

/** The profiles that are files, and what permanent MACs are called. */
function keyfileProfiles(files: Files): { profiles: Profile[]; naming: Naming } {
  const naming = linkNames(files);
  const paths = [...files.keys()].filter((path) => path.startsWith(`${CONNECTIONS}/`));
  const profiles = paths.map((path) => {
    const read = profile(path, keyfile(path, files.get(path) ?? ''));
    const name = read.name ?? naming.names.get(read.permanentMac ?? '');
    if (path !== `${CONNECTIONS}/macvtap-${name}.nmconnection`) fail(`${path} is for ${name}`);
    return read;
  });
  return { profiles, naming };
}

function describeManager(files: Files, profiles: readonly Profile[], naming: Naming): Description {
  const networkManager = readManagerConf(files);
  const waitOnline = readWaitOnline(files);
  return {
    links: linksOf(profiles, naming, networkManager.ignoreCarrier),
    kernel: readSysctl(files),
    networkManager,
    networkdUnmanaged: readUnmanaged(files),
    networkdGuests: guestDevices(files),
    ...(waitOnline && { waitOnline }),
  };
}

export function readNetworkManager(files: Files): Description {
  const { profiles, naming } = keyfileProfiles(files);
  return describeManager(files, profiles, naming);
}

function readUnmanaged(files: Files): string[] {
  const paths = [...files.keys()].filter(
    (path) => path.endsWith('.network') && !path.endsWith(`/${GUESTS}`),
  );
  return paths
    .map((path) => {
      const unit = new Unit(path, sections(path, files.get(path) ?? ''), UNMANAGED_FILE);
      const name = unit.item('Match', 'Name') ?? fail(`${path}: matches everything`);
      if (path !== `${NETWORKD}/00-macvtap-${name}.network`) fail(`${path} is for ${name}`);
      if (!unit.flag('Link', 'Unmanaged', false)) fail(`${path}: does not keep networkd off`);
      return name;
    })
    .sort();
}

// sysctl ----------------------------------------------------------------------------------------

const SYSCTL = '/etc/sysctl.d/90-macvtap.conf';

function readSysctl(files: Files): Description['kernel'] {
  const lines = (files.get(SYSCTL) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !/^[#;]/.test(line));
  const [arpIgnore, looseRpFilter]: [string[], string[]] = [[], []];
  for (const line of lines) {
    // With `/` as the first separator, a dot is part of the name; with `-` in front it may fail.
    const [, name = '', setting] =
      /^-?net\/ipv4\/conf\/([^/\s]+)\/(arp_ignore\s*=\s*1|rp_filter\s*=\s*2)$/.exec(line) ??
      fail(`sysctl: ${line}`);
    (setting?.startsWith('arp') ? arpIgnore : looseRpFilter).push(name);
  }
  return { arpIgnore: arpIgnore.sort(), looseRpFilter: looseRpFilter.sort() };
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
  if (/^(?:null|~)$/i.test(source)) return false;
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
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return String(JSON.parse(text));
  const list = /^\[(.*)\]$/.exec(text);
  if (list) return list[1] ? list[1].split(', ').map(inline) : [];
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

/** Every setting of netplan's YAML: its key without what stands above it, but for what needs it. */
export function netplanSettings(text: string): { key: string; value: string }[] {
  const found: { key: string; value: string }[] = [];
  const visit = (prefix: string, value: Plain): void => {
    if (value instanceof Map)
      for (const [key, item] of value) visit(prefix === '' ? key : `${prefix}.${key}`, item);
    else if (Array.isArray(value) && value.some((item) => item instanceof Map))
      for (const item of value) visit(prefix, item);
    else found.push({ key: prefix, value: String(value) });
  };
  const network = new Mapping(new Mapping(yamlData(text), 'file').take('network'), 'network');
  for (const [section, links] of network.all()) {
    found.push({ key: section, value: '' });
    if (links instanceof Map) for (const link of links.values()) visit('', link);
  }
  return found.map(({ key, value }) => ({
    key: key.replace(/^dhcp[46]-overrides/, 'overrides').replace('networkmanager.pass', 'pass'),
    value,
  }));
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

  all(): [string, Plain][] {
    const all = [...this.left];
    this.left.clear();
    return all;
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

const SECTIONS = {
  ethernets: 'ethernet',
  vlans: 'vlan',
  bonds: 'bond',
  bridges: 'bridge',
  'nm-devices': 'nm',
} as const;

/** What netplan reads of a link (netplan, src/parse.c). */
interface NetDef {
  readonly id: string;
  readonly kind: (typeof SECTIONS)[keyof typeof SECTIONS];
  readonly renderer: string | undefined;
  readonly permanentMac: string | undefined;
  readonly name: string;
  readonly vlanId: number | undefined;
  readonly link: string | undefined;
  readonly interfaces: readonly string[];
  /** As text; a list with commas. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly mac: string | undefined;
  readonly mtu: number | undefined;
  readonly wakeOnLan: boolean;
  readonly dhcp4: boolean;
  readonly dhcp6: boolean;
  readonly ra: boolean | undefined;
  readonly linkLocal: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly NetplanRoute[];
  readonly rules: readonly ReadonlyMap<string, string>[];
  readonly dns: readonly string[];
  readonly search: readonly string[];
  readonly identifier: string | undefined;
  readonly overrides4: ReadonlyMap<string, string>;
  readonly overrides6: ReadonlyMap<string, string>;
  readonly isOptional: boolean;
  readonly ignoreCarrier: boolean;
  readonly manager: ReadonlyMap<string, string> | undefined;
  readonly passthrough: readonly (readonly [string, string])[];
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

/** The scalars of a mapping as text; netplan reads nothing else. */
function textsOf(map: Mapping | undefined): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of map?.all() ?? []) {
    if (value instanceof Map) fail(`netplan: ${key} is a mapping`);
    texts.set(key, Array.isArray(value) ? value.map(String).join(',') : String(value));
  }
  return texts;
}

function netDef(id: string, kind: NetDef['kind'], entry: Mapping): NetDef {
  const { permanentMac, name } = netplanMatch(id, entry);
  const nameservers = entry.map('nameservers');
  const manager = entry.map('networkmanager');
  const passthrough = manager?.map('passthrough')?.texted() ?? [];
  const linkLocal = entry.take('link-local') ?? ['ipv6'];
  const rules = entry.take('routing-policy') ?? [];
  if (!Array.isArray(linkLocal) || !Array.isArray(rules)) fail('netplan: no list');
  const def: NetDef = {
    id,
    kind,
    renderer: entry.text('renderer'),
    permanentMac,
    name,
    vlanId: entry.number('id'),
    link: entry.text('link'),
    interfaces: entry.texts('interfaces'),
    parameters: textsOf(entry.map('parameters')),
    mac: entry.text('macaddress'),
    mtu: entry.number('mtu'),
    wakeOnLan: entry.flag('wakeonlan') ?? false,
    dhcp4: entry.flag('dhcp4') ?? false,
    dhcp6: entry.flag('dhcp6') ?? false,
    ra: entry.flag('accept-ra'),
    linkLocal: linkLocal.map(String),
    addresses: entry.texts('addresses'),
    routes: netplanRoutes(entry),
    rules: rules.map((item) => textsOf(new Mapping(item, 'rule'))),
    dns: once(nameservers?.texts('addresses') ?? []),
    search: once(nameservers?.texts('search') ?? []),
    identifier: entry.text('dhcp-identifier'),
    overrides4: textsOf(entry.map('dhcp4-overrides')),
    overrides6: textsOf(entry.map('dhcp6-overrides')),
    isOptional: entry.flag('optional') ?? false,
    ignoreCarrier: entry.flag('ignore-carrier') ?? false,
    manager: manager && textsOf(manager),
    passthrough,
  };
  nameservers?.done();
  entry.done();
  return checked(def);
}

const OVERRIDES =
  /^(?:use-(?:dns|domains|ntp|hostname|mtu|routes)|send-hostname|hostname|route-metric)$/;

/** What netplan would refuse, or write as something else. */
function checked(def: NetDef): NetDef {
  const { id, addresses, dns, routes, rules, overrides4, overrides6 } = def;
  for (const address of [...addresses, ...dns])
    if (!isAddress(address.split('/')[0] ?? '')) fail(`netplan: ${address}`);
  for (const { table = 0, metric } of [...routes, ...rules.map(ruleNumbers)]) {
    // netplan prints them as signed numbers; the largest stands for none.
    if (table > 2147483647 || metric === 4294967295) fail(`netplan: a number in ${id}`);
  }
  for (const [key, value] of [...overrides4, ...overrides6]) {
    if (!OVERRIDES.test(key)) fail(`netplan: ${key} in overrides of ${id}`);
    if (key.startsWith('use-') && !/^(?:true|false|route)$/.test(value)) fail(`netplan: ${key}`);
  }
  const isSame = JSON.stringify([...overrides4]) === JSON.stringify([...overrides6]);
  if (def.dhcp4 && def.dhcp6 && !isSame) fail(`netplan refuses overrides that differ: ${id}`);
  if ((def.kind === 'vlan') !== (def.link !== undefined && def.vlanId !== undefined))
    fail(`netplan: ${id} has no link or id`);
  return def;
}

const ruleNumbers = (rule: ReadonlyMap<string, string>): { table: number; metric: undefined } => {
  for (const key of rule.keys())
    if (!/^(?:from|to|table|priority|type-of-service|mark)$/.test(key))
      fail(`netplan: rule ${key}`);
  return { table: Number(rule.get('table')), metric: undefined };
};

/** All links of the YAML, by id; what they name must be among them. */
function netDefs(files: Files): Map<string, NetDef> {
  const defs = new Map<string, NetDef>();
  if (!files.has(NETPLAN)) return defs;
  const network = netplanRoot(files);
  for (const [section, kind] of Object.entries(SECTIONS)) {
    for (const [id, entry] of network.map(section)?.entries() ?? []) {
      if (defs.has(id)) fail(`netplan: two links ${id}`);
      defs.set(id, netDef(id, kind, entry));
    }
  }
  network.done();
  for (const { id, link, interfaces, parameters } of defs.values()) {
    const primary = parameters.get('primary');
    for (const other of [link, ...interfaces, primary]) {
      if (other !== undefined && !defs.has(other))
        fail(`netplan: ${id}: interface '${other}' is not defined`);
    }
    if (primary !== undefined && !interfaces.includes(primary))
      fail(`netplan: ${primary} is no member of ${id}`);
  }
  return defs;
}

const masterOf = (defs: ReadonlyMap<string, NetDef>, id: string): NetDef | undefined =>
  [...defs.values()].find(({ interfaces }) => interfaces.includes(id));

const line = (key: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : `${key}=${value}\n`;

/** The `.network` that netplan writes (netplan, src/networkd.c). */
function netplanNetwork(defs: ReadonlyMap<string, NetDef>, def: NetDef): string {
  const { id, name, permanentMac, mtu, mac, dhcp4, dhcp6, linkLocal, kind } = def;
  const master = masterOf(defs, id);
  const own = master ? [] : linkLocal;
  const yesNo = own.length === 2 ? 'yes' : (own[0] ?? 'no');
  const isVirtual = kind !== 'ethernet';
  let network = '';
  network += line('DHCP', dhcp4 && dhcp6 ? 'yes' : dhcp4 ? 'ipv4' : dhcp6 ? 'ipv6' : undefined);
  network += line('LinkLocalAddressing', yesNo);
  for (const address of def.addresses) network += line('Address', address);
  network += line('IPv6AcceptRA', def.ra === undefined ? undefined : def.ra ? 'yes' : 'no');
  for (const server of def.dns) network += line('DNS', server);
  network += line('Domains', def.search.length > 0 ? def.search.join(' ') : undefined);
  if (isVirtual || def.ignoreCarrier) network += line('ConfigureWithoutCarrier', 'yes');
  if (master) network += line(master.kind === 'bond' ? 'Bond' : 'Bridge', master.id);
  if (master?.parameters.get('primary') === id) network += line('PrimarySlave', 'true');
  for (const other of defs.values()) if (other.link === id) network += line('VLAN', other.id);
  const link = `${def.isOptional ? 'RequiredForOnline=no\n' : ''}${line('MTUBytes', mtu)}${line('MACAddress', mac)}`;
  return [
    `[Match]\n${line('PermanentMACAddress', permanentMac)}${line('Name', name)}`,
    ...(link === '' ? [] : [`[Link]\n${link}`]),
    `[Network]\n${network}`,
    ...def.routes.map(netplanNetworkRoute),
    ...def.rules.map(netplanNetworkRule),
    ...(dhcp4 || dhcp6 ? [`[DHCP]\n${netplanDhcp(def)}`] : []),
  ].join('\n');
}

function netplanNetworkRoute(route: NetplanRoute): string {
  // netplan writes the scope into the `.network`, and networkd warns of it.
  if (route.isLinkScope && isIpv6(route.to)) fail('netplan: Scope= in an IPv6 route');
  return [
    '[Route]\n',
    line('Destination', route.to),
    line('Gateway', route.via),
    line('GatewayOnLink', route.onLink ? 'true' : undefined),
    line('Scope', route.isLinkScope ? 'link' : undefined),
    line('PreferredSource', route.from),
    line('Metric', route.metric),
    line('Table', route.table),
  ].join('');
}

const netplanNetworkRule = (rule: ReadonlyMap<string, string>): string =>
  [
    '[RoutingPolicyRule]\n',
    line('From', rule.get('from')),
    line('To', rule.get('to')),
    line('Table', rule.get('table')),
    line('Priority', rule.get('priority')),
    line('FirewallMark', rule.get('mark')),
    line('TypeOfService', rule.get('type-of-service')),
  ].join('');

function netplanDhcp({ dhcp4, identifier, overrides4, overrides6 }: NetDef): string {
  const given4 = dhcp4 ? overrides4 : overrides6;
  const unlessTrue = (key: string, setting: string): string =>
    given4.get(key) === 'false' ? line(setting, 'false') : '';
  return [
    line('ClientIdentifier', identifier),
    line('RouteMetric', given4.get('route-metric') ?? 100),
    line('UseMTU', given4.get('use-mtu') !== 'false'),
    unlessTrue('use-routes', 'UseRoutes'),
    unlessTrue('use-dns', 'UseDNS'),
    line('UseDomains', given4.get('use-domains')),
    unlessTrue('use-ntp', 'UseNTP'),
    unlessTrue('send-hostname', 'SendHostname'),
    unlessTrue('use-hostname', 'UseHostname'),
    line('Hostname', given4.get('hostname')),
  ].join('');
}

const BOND_KEYS: readonly (readonly [string, string, suffix?: string])[] = [
  ['mode', 'Mode'],
  ['lacp-rate', 'LACPTransmitRate'],
  ['mii-monitor-interval', 'MIIMonitorSec', 'ms'],
  ['min-links', 'MinLinks'],
  ['transmit-hash-policy', 'TransmitHashPolicy'],
  ['ad-select', 'AdSelect'],
  ['arp-interval', 'ARPIntervalSec', 'ms'],
  ['up-delay', 'UpDelaySec', 'ms'],
  ['down-delay', 'DownDelaySec', 'ms'],
  ['fail-over-mac-policy', 'FailOverMACPolicy'],
  ['primary-reselect-policy', 'PrimaryReselectPolicy'],
];
const BRIDGE_KEYS: readonly (readonly [string, string, suffix?: string])[] = [
  ['ageing-time', 'AgeingTimeSec'],
  ['priority', 'Priority'],
  ['forward-delay', 'ForwardDelaySec'],
  ['hello-time', 'HelloTimeSec'],
  ['max-age', 'MaxAgeSec'],
  ['stp', 'STP'],
];

/** In netplan's C a number of 0 stands for none. */
const netplanParameters = ({ parameters }: NetDef): Map<string, string> =>
  new Map(
    [...parameters].filter(
      ([key, value]) => !((key === 'priority' || key === 'min-links') && value === '0'),
    ),
  );

/** The `.netdev` that netplan writes. */
function netplanDevice(def: NetDef): string {
  const parameters = netplanParameters(def);
  const known = def.kind === 'bond' ? BOND_KEYS : def.kind === 'bridge' ? BRIDGE_KEYS : [];
  const lines = known.map(([key, setting, suffix = '']) => {
    const value = parameters.get(key);
    parameters.delete(key);
    return line(setting, value === undefined ? undefined : `${value}${suffix}`);
  });
  const targets = parameters.get('arp-ip-targets');
  lines.push(line('ARPIPTargets', targets?.replaceAll(',', ' ')));
  // The member says it.
  for (const key of ['primary', 'arp-ip-targets']) parameters.delete(key);
  if (parameters.size > 0) fail(`netplan: ${[...parameters.keys()].join()} of ${def.id}`);
  if (def.vlanId !== undefined) lines.push(line('Id', def.vlanId));
  const section = lines.join('') === '' ? '' : `[${KIND_SECTION[def.kind]}]\n${lines.join('')}`;
  return `[NetDev]\n${line('Name', def.id)}${line('Kind', def.kind)}${line('MACAddress', def.mac)}\n${section}`;
}

/** What netplan's generator writes, beside the files that are there. */
function withNetplanUnits(files: Files): Files {
  const all = new Map(files);
  const defs = netDefs(files);
  for (const def of defs.values()) {
    const base = `/run/systemd/network/10-netplan-${def.id}`;
    if (def.renderer !== 'networkd') fail(`netplan: renderer of ${def.id}`);
    if (def.kind !== 'ethernet') all.set(`${base}.netdev`, netplanDevice(def));
    else if (def.permanentMac !== undefined) {
      const waking = def.wakeOnLan ? 'magic' : 'off';
      all.set(
        `${base}.link`,
        `[Match]\n${line('PermanentMACAddress', def.permanentMac)}\n[Link]\n${line('Name', def.name)}${line('WakeOnLan', waking)}`,
      );
    } else if (def.wakeOnLan) fail(`netplan: ${def.id} is armed under another name`);
    all.set(`${base}.network`, netplanNetwork(defs, def));
  }
  for (const path of files.keys()) {
    const [, id = ''] = /10-netplan-([^/]+)\.network/.exec(path) ?? [];
    const isOwn = /^\/etc\/systemd\/network\/10-netplan-[^/]+\.network$/.test(path);
    if (isOwn && all.has(path.replace('.network', '.netdev'))) continue;
    if (/10-netplan-/.test(path) && path.endsWith('.conf') && !defs.has(id))
      fail(`${path} adds to nothing`);
  }
  return all;
}

export function readNetplanNetworkd(files: Files): Description {
  // NICs that are matched are named in YAML, though a file of ours hides what netplan writes.
  const links = networkdLinks(withNetplanUnits(files));
  const described = describeNetworkd(files, links);
  // netplan 1.0.1 and later leaves the service out of the boot where it knows no link.
  if ((described.waitOnline !== undefined) !== wantsWaitOnline(files))
    fail('nobody starts to wait');
  return described;
}

/** It hides netplan's of that name, and says nothing itself. */
export const HIDDEN_WAIT =
  '/etc/systemd/system/systemd-networkd-wait-online.service.d/10-netplan.conf';
const WAIT_ONLINE = '/etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf';

function readWaitOnline(files: Files): string[] | undefined {
  const hidden = files.get(HIDDEN_WAIT);
  if (hidden !== undefined && sections(HIDDEN_WAIT, hidden).length > 0)
    fail('wait-online: what hides says something');
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
  const given = JSON.stringify(sections(ONLINE_TARGET, text));
  const expected = [{ name: 'Unit', entries: [['Wants', 'systemd-networkd-wait-online.service']] }];
  return given === JSON.stringify(expected) || fail(`network-online.target: ${given}`);
}

/** netplan's words → NetworkManager's. */
const BOND_WORDS: Readonly<Record<string, string>> = {
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

type Put = (group: string, key: string, value: string | number | undefined) => void;

/** The keyfile that netplan's generator makes of a link (netplan, src/nm.c). */
function netplanKeyfile(defs: ReadonlyMap<string, NetDef>, def: NetDef): Keyfile {
  const groups: Keyfile = new Map();
  const put: Put = (group, key, value) => {
    if (value === undefined) return;
    const known = groups.get(group) ?? new Map<string, string>();
    known.set(key, String(value));
    groups.set(group, known);
  };
  if (def.renderer !== 'NetworkManager') fail(`netplan: renderer of ${def.id}`);
  if (def.rules.length > 0) fail(`netplan drops rules of ${def.id} before 1.1`);
  for (const [isGiven, key] of [
    [def.isOptional, 'optional'],
    [def.ignoreCarrier, 'ignore-carrier'],
    [def.ra !== undefined, 'accept-ra'],
  ])
    if (isGiven) fail(`netplan: ${key} of ${def.id} is nothing for NetworkManager`);
  const isNm = def.kind === 'nm';
  put('connection', 'id', def.manager?.get('name') ?? `netplan-${def.id}`);
  put('connection', 'uuid', def.manager?.get('uuid') ?? madeUpUuid(def.id));
  if (!isNm) {
    put('connection', 'type', def.kind);
    put('connection', 'interface-name', def.name);
    if (def.kind === 'ethernet') put('ethernet', 'wake-on-lan', def.wakeOnLan ? 1 : 0);
  }
  const master = masterOf(defs, def.id);
  put('connection', 'master', master?.id);
  put('connection', 'slave-type', master?.kind);
  put('ethernet', 'cloned-mac-address', def.mac);
  put('ethernet', 'mtu', def.mtu);
  if (def.permanentMac !== undefined) fail(`netplan: ${def.id} is matched in two places`);
  putDevice(put, def);
  putAddresses(put, def);
  for (const [key, value] of def.passthrough) {
    const dot = key.lastIndexOf('.');
    put(key.slice(0, dot), key.slice(dot + 1), value);
  }
  // NetworkManager reads them by their number, wherever they stand.
  for (const group of groups.values()) {
    const sorted = [...group].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    group.clear();
    for (const [key, value] of sorted) group.set(key, value);
  }
  return groups;
}

/** NetworkManager makes one up, from the path of the file. */
export const madeUpUuid = (id: string): string => {
  const hex = [...id].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  const text = hex.padEnd(20, '0');
  return `00000000-${text.slice(0, 4)}-5000-8000-${hex.slice(-12).padStart(12, '0')}`;
};

function putDevice(put: Put, def: NetDef): void {
  const parameters = netplanParameters(def);
  for (const [key, value] of parameters) {
    if (def.kind === 'bond') put('bond', BOND_WORDS[key] ?? fail(`netplan: ${key}`), value);
    else if (def.kind === 'bridge') put('bridge', key, value);
    else fail(`netplan: parameters of ${def.id}`);
  }
  put('vlan', 'id', def.vlanId);
  put('vlan', 'parent', def.link);
}

function putAddresses(put: Put, def: NetDef): void {
  const { dhcp4, dhcp6, search } = def;
  const addresses = byFamily(def.addresses, (text) => text);
  const routes = byFamily(def.routes, ({ to }) => to);
  const dns = byFamily(def.dns, (text) => text);
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
}

/** Nothing but its renderer: there so that others may name it. */
const isStub = (def: NetDef): boolean =>
  def.kind !== 'nm' &&
  def.parameters.size === 0 &&
  [def.mac, def.mtu, def.manager, def.permanentMac].every((text) => text === undefined) &&
  def.addresses.length === 0;

export function readNetplanNetworkManager(files: Files): Description {
  const defs = netDefs(files);
  const own = keyfileProfiles(files);
  const nameOf = (p: Profile): string | undefined =>
    p.name ?? own.naming.names.get(p.permanentMac ?? '');
  const generated = [...defs.values()].flatMap((def) => {
    const other = own.profiles.find((p) => nameOf(p) === def.name);
    const groups = netplanKeyfile(defs, def);
    if (!other) {
      const read = profile(`netplan ${def.id}`, groups);
      return read.name === def.id ? [read] : fail(`netplan: ${def.id} is for ${read.name}`);
    }
    // What netplan makes of it has no priority, and gives way to the parent's own profile.
    if (!isStub(def)) fail(`netplan: ${def.id} has two profiles`);
    if ((other.link.profile?.priority ?? 0) <= 0) fail(`netplan's profile of ${def.id} may win`);
    return [];
  });
  return describeManager(files, [...own.profiles, ...generated], own.naming);
}
