/** What systemd.network(5), systemd.netdev(5) and systemd.link(5) allow, as far as it is written. */
import { fail } from '../description.ts';
import {
  booleanOf,
  everywhere,
  type Grammar,
  isAddress,
  isBoolean,
  isInterface,
  isIpv6,
  isMac,
  isNetwork,
  isNumber,
  isText,
  numberOf,
  oneOf,
  routeText,
  ruleText,
  type Section,
} from './text.ts';

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
  IncomingInterface: isInterface,
  OutgoingInterface: isInterface,
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
  RouteTable: isNumber,
  UseMTU: isBoolean,
  UseRoutes: isBoolean,
};

/** `::50`, `static:::50`, `prefixstable`. */
const isToken = (value: string): boolean =>
  value === 'prefixstable' || isAddress(value.replace(/^static:/, ''));

export const NETWORK_FILE: Grammar = {
  // Generated names are not patterns; those of guests' devices may be.
  Match: { Name: isText, PermanentMACAddress: isMac },
  Link: { ...ONLINE, MACAddress: isMac, MTUBytes: isNumber, AllMulticast: isBoolean },
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
    IPv6PrivacyExtensions: isBoolean,
    IPv6Token: isToken,
    LinkLocalAddressing: oneOf('yes', 'no', 'ipv4', 'ipv6'),
    IPv6LinkLocalAddressGenerationMode: oneOf('stable-privacy'),
    IPVLAN: isInterface,
    DNS: isAddress,
    Domains: (value) => /^[!-~]+(?: [!-~]+)*$/.test(value),
    DNSDefaultRoute: isBoolean,
    ConfigureWithoutCarrier: isBoolean,
    LLMNR: isBoolean,
    MulticastDNS: oneOf('yes', 'no', 'resolve'),
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
  IPv6AcceptRA: {
    DHCPv6Client: isBoolean,
    Token: isToken,
    UseDNS: isBoolean,
    UseDomains: DHCP_SHARED.UseDomains,
    RouteTable: isNumber,
    RouteMetric: oneOf('1024'),
  },
};

const MACVLAN = {
  Mode: oneOf('private', 'vepa', 'bridge', 'passthru', 'source'),
  SourceMACAddress: (value: string) => value.split(' ').every(isMac),
  BroadcastMulticastQueueLength: isNumber,
  BroadcastQueueThreshold: (value: string) => value === 'no' || isNumber(value),
};

const isMilliseconds = (value: string): boolean => /^(?:0|[1-9][0-9]*)ms$/.test(value);

export const NETDEV_FILE: Grammar = {
  NetDev: {
    Name: isInterface,
    Kind: oneOf('macvlan', 'ipvlan', 'macvtap', 'vlan', 'bond', 'bridge'),
    MACAddress: isMac,
  },
  MACVLAN,
  MACVTAP: MACVLAN,
  IPVLAN: { Mode: oneOf('L2', 'L3', 'L3S') },
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

export const LINK_FILE: Grammar = {
  // Before udev knew of permanent MACs (245): the current one, of a device that is on a bus.
  Match: {
    PermanentMACAddress: isMac,
    MACAddress: isMac,
    Path: oneOf('*'),
    OriginalName: isInterface,
  },
  Link: { Name: isInterface, WakeOnLan: oneOf('magic', 'off'), MACAddressPolicy: oneOf('none') },
};

/** A drop-in for the file that configures an unmanaged parent. */
export const ATTACHED_FILE: Grammar = {
  Network: { MACVLAN: isInterface, IPVLAN: isInterface, MACVTAP: isInterface },
};

export const UNMANAGED_FILE: Grammar = {
  Match: { Name: (value) => /^[A-Za-z0-9_.*-]+(?: [A-Za-z0-9_.*-]+)*$/.test(value) },
  Link: { Unmanaged: isBoolean },
};

/** Keys that may stand several times in one section; of all others the last would win. */
export const LISTS = new Set(['Address', 'MACVLAN', 'IPVLAN', 'MACVTAP', 'VLAN', 'DNS', 'Domains']);

/** Sections that may stand several times. */
export const REPEATED = new Set(['Route', 'RoutingPolicyRule']);

/** A systemd file against what its kind may hold. */
export class Unit {
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
export function networkdRule(path: string, rule: ReadonlyMap<string, string>): string {
  const [from, to] = [rule.get('From'), rule.get('To')];
  if (from === undefined && to === undefined) fail(`${path}: a rule of no family`);
  if (from !== undefined && to !== undefined && isIpv6(from) !== isIpv6(to))
    fail(`${path}: a rule of two families`);
  return ruleText({
    from,
    to,
    iif: rule.get('IncomingInterface'),
    oif: rule.get('OutgoingInterface'),
    tos: numberOf(rule.get('TypeOfService')),
    mark: numberOf(rule.get('FirewallMark')),
    table: numberOf(rule.get('Table')) ?? fail(`${path}: a rule without a table`),
    // Left out, the kernel numbers rules by their order.
    priority: numberOf(rule.get('Priority')) ?? fail(`${path}: a rule without a priority`),
  });
}

export const NETWORKD = '/etc/systemd/network';

export const GUESTS = '00-macvtap.network';
