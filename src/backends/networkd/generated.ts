/** Generated files of systemd-networkd, and of udev: systemd.network(5), .netdev(5), .link(5). */
import {
  type FileLink,
  FileLinks,
  type Files,
  isYes,
  type LinkKind,
  numberOf,
  PLAIN_DHCP4,
  PLAIN_DHCP6,
  type Reader,
  routeOf,
  ruleOf,
} from '../shared/file-links.ts';
import { nicNames, UDEV_FOLDER } from '../shared/nic-names.ts';
import { allOf, eachOf, lastOf, type Section, sectionsOf } from '../shared/sections.ts';
import { readUdevRules } from '../shared/udev-rules.ts';
import { ATTACHED_TO } from './attached.ts';
import { NETWORKD_MAKER } from './maker.ts';

/**
 * @param names permanent MAC → name, of NICs that are matched by it
 * @param byId netplan's id → name: its drop-ins are named by the id
 */
export function readNetworkd(
  files: Files,
  names = nicNames(files),
  byId: ReadonlyMap<string, string> = new Map(),
): FileLinks {
  const links = new FileLinks();
  const inFolder = [...files].filter(([path]) => path.startsWith(UDEV_FOLDER));
  for (const [path, text] of inFolder) {
    if (path.endsWith('.netdev')) readDevice(links, sectionsOf(text));
  }
  for (const [path, text] of inFolder) {
    const sections = sectionsOf(text);
    if (isYes(lastOf(sections, 'Link', 'Unmanaged'))) continue;
    if (path.endsWith('/90-macvtap.conf')) {
      readAttached(links, text, sections);
      continue;
    }
    const dropIn = /\/10-netplan-([^/]+)\.network\.d\/[^/]+\.conf$/.exec(path)?.[1];
    const mac = lastOf(sections, 'Match', 'PermanentMACAddress');
    const matched = lastOf(sections, 'Match', 'Name') ?? (mac && names.get(mac));
    const name = path.endsWith('.network') ? matched : dropIn && (byId.get(dropIn) ?? dropIn);
    if (name === undefined || name === '') continue;
    const link = links.of(name);
    if (mac !== undefined) link.permanentMac = mac;
    readNetwork(links, link, sections);
  }
  readUdevRules(links, files);
  return links;
}

const KINDS: ReadonlySet<string> = new Set([
  'macvlan',
  'ipvlan',
  'macvtap',
  'vlan',
  'bond',
  'bridge',
]);
const OWN_SECTION = /^(?:MACVLAN|IPVLAN|MACVTAP|Bond|Bridge)$/;

function readDevice(links: FileLinks, sections: readonly Section[]): void {
  const name = lastOf(sections, 'NetDev', 'Name');
  const kind = lastOf(sections, 'NetDev', 'Kind');
  if (name === undefined || kind === undefined || !KINDS.has(kind)) return;
  const link = links.of(name);
  link.kind = kind as LinkKind;
  link.maker = NETWORKD_MAKER;
  const mac = lastOf(sections, 'NetDev', 'MACAddress');
  if (mac !== undefined) link.mac = mac;
  const own = sections.find((section) => OWN_SECTION.test(section.name));
  const mode = own && lastOf([own], own.name, 'Mode');
  if (kind === 'macvlan' || kind === 'macvtap') {
    link.mode = mode ?? 'vepa';
    const queue = numberOf(lastOf(sections, 'MACVLAN', 'BroadcastMulticastQueueLength'));
    if (queue !== undefined) link.broadcastQueueLength = queue;
    const threshold = lastOf(sections, 'MACVLAN', 'BroadcastQueueThreshold');
    const limit = threshold === 'no' ? -1 : numberOf(threshold);
    if (limit !== undefined) link.broadcastQueueThreshold = limit;
    link.sourceMacs = allOf(sections, kind.toUpperCase(), 'SourceMACAddress').flatMap((list) =>
      list.split(' '),
    );
  }
  if (kind === 'ipvlan') link.mode = (mode ?? 'L2').toLowerCase();
  if (kind === 'bond') link.bondMode = mode ?? 'balance-rr';
  if (kind === 'bond' || kind === 'bridge') {
    const others = (own?.entries ?? []).filter(([key]) => key !== 'Mode');
    link.parameters = others.map((entry) => entry.join('=')).join('\n');
  }
  const id = numberOf(lastOf(sections, 'VLAN', 'Id'));
  if (id !== undefined) link.vlanId = id;
}

/** What is attached to an unmanaged parent, which a comment names: nothing else is known of it. */
function readAttached(links: FileLinks, text: string, sections: readonly Section[]): void {
  const parent = ATTACHED_TO.exec(text)?.[1];
  if (parent === undefined) return;
  for (const key of ['MACVLAN', 'IPVLAN', 'MACVTAP']) {
    for (const name of allOf(sections, 'Network', key)) links.of(name).parent = parent;
  }
}

/** What a `.network` file says; a drop-in adds to it. */
function readNetwork(links: FileLinks, link: FileLink, sections: readonly Section[]): void {
  const values = (key: string): string[] => allOf(sections, 'Network', key);
  const value = (key: string): string | undefined => values(key).at(-1);
  for (const key of ['MACVLAN', 'IPVLAN', 'MACVTAP', 'VLAN']) {
    for (const name of values(key)) links.of(name).parent = link.name;
  }
  const master = value('Bond') ?? value('Bridge');
  if (master !== undefined) link.master = master;
  const mac = lastOf(sections, 'Link', 'MACAddress');
  if (mac !== undefined) link.mac = mac;
  const mtu = numberOf(lastOf(sections, 'Link', 'MTUBytes'));
  if (mtu !== undefined) link.mtu = mtu;
  if (isYes(lastOf(sections, 'Link', 'AllMulticast'))) link.allMulticast = true;
  link.addresses.push(...values('Address'));
  const mdns = value('MulticastDNS');
  // A silent link says so by itself.
  if (value('EmitLLDP') === undefined && (mdns === 'yes' || mdns === 'no' || mdns === 'resolve')) {
    link.multicastDns = mdns;
  }
  link.nameservers.push(...values('DNS'));
  link.search.push(...values('Domains').flatMap((list) => list.split(' ')));
  link.routes.push(...routesIn(sections));
  link.rules.push(...rulesIn(sections));
  const local = value('LinkLocalAddressing');
  if (local !== undefined) {
    link.linkLocal = (['ipv4', 'ipv6'] as const).filter((item) => item === local || isYes(local));
  }
  // IPv6AcceptRA= was called so before systemd 220.
  const advertised = value('IPv6AcceptRA') ?? value('IPv6AcceptRouterAdvertisements');
  if (advertised !== undefined) link.acceptRa = isYes(advertised);
  const used = raOverridesIn(sections);
  if (used) link.raOverrides = { ...link.raOverrides, ...used };
  const token = lastOf(sections, 'IPv6AcceptRA', 'Token') ?? value('IPv6Token');
  if (token === 'prefixstable') link.addressGeneration = 'stable-privacy';
  else if (token !== undefined) link.addressToken = token;
  const privacy = value('IPv6PrivacyExtensions');
  if (privacy !== undefined) link.ipv6Privacy = isYes(privacy);
  const started = lastOf(sections, 'IPv6AcceptRA', 'DHCPv6Client');
  if (advertised !== undefined || started !== undefined) {
    link.dhcp6ByRouter = started === undefined || isYes(started);
  }
  readDhcp(link, sections, value('DHCP'));
}

const tableOf = (text: string | undefined): { readonly table?: number } => {
  const table = numberOf(text);
  return table === undefined ? {} : { table };
};

/** What is used of advertisements, where the file says so. */
function raOverridesIn(sections: readonly Section[]): FileLink['raOverrides'] {
  const value = (key: string): string | undefined => lastOf(sections, 'IPv6AcceptRA', key);
  const [dns, domains] = [value('UseDNS'), value('UseDomains')];
  const found = {
    ...(dns !== undefined && { useDns: isYes(dns) }),
    ...(domains !== undefined && {
      useDomains: domains === 'route' ? ('route' as const) : isYes(domains),
    }),
    ...tableOf(value('RouteTable')),
  };
  return Object.keys(found).length === 0 ? undefined : { ...found, origin: [] };
}

const routesIn = (sections: readonly Section[]): FileLink['routes'] =>
  eachOf(sections, 'Route').flatMap((route) => {
    const found = routeOf({
      to: route.get('Destination'),
      via: route.get('Gateway'),
      from: route.get('PreferredSource'),
      onLink: isYes(route.get('GatewayOnLink') ?? route.get('GatewayOnlink')),
      metric: route.get('Metric'),
      table: route.get('Table'),
    });
    return found ? [found] : [];
  });

const rulesIn = (sections: readonly Section[]): FileLink['rules'] =>
  eachOf(sections, 'RoutingPolicyRule').flatMap((rule) => {
    const found = ruleOf({
      from: rule.get('From'),
      to: rule.get('To'),
      table: rule.get('Table'),
      priority: rule.get('Priority'),
      iif: rule.get('IncomingInterface'),
      oif: rule.get('OutgoingInterface'),
      typeOfService: rule.get('TypeOfService'),
      mark: rule.get('FirewallMark'),
    });
    return found ? [found] : [];
  });

function readDhcp(link: FileLink, sections: readonly Section[], dhcp: string | undefined): void {
  const isOn = (family: string): boolean => dhcp === family || isYes(dhcp);
  const value = (section: string, key: string): string | undefined =>
    lastOf(sections, section, key) ?? lastOf(sections, 'DHCP', key);
  const identifier = value('DHCPv4', 'ClientIdentifier');
  const isByMac = identifier === 'mac' || value('DHCPv6', 'DUIDType') === 'link-layer';
  if (isByMac) link.identifier = 'mac';
  const table = numberOf(value('DHCPv4', 'RouteTable'));
  if (table !== undefined) link.leaseTable = table;
  if (isOn('ipv4')) {
    const useRoutes = value('DHCPv4', 'UseRoutes');
    const useMtu = value('DHCPv4', 'UseMTU');
    link.dhcp4 = {
      ...PLAIN_DHCP4,
      ...overridesIn((key) => value('DHCPv4', key)),
      // systemd.network(5): false by default.
      useMtu: isYes(useMtu),
      useRoutes: useRoutes === undefined || isYes(useRoutes),
      routeMetric: numberOf(value('DHCPv4', 'RouteMetric')) ?? 1024,
      ...(table !== undefined && { table }),
    };
  }
  if (isOn('ipv6')) {
    link.dhcp6 = { ...PLAIN_DHCP6, ...overridesIn((key) => value('DHCPv6', key)) };
  }
}

/** Settings of a client that are not its defaults. */
function overridesIn(value: (key: string) => string | undefined): Partial<typeof PLAIN_DHCP6> {
  const isOff = (key: string): boolean => value(key) !== undefined && !isYes(value(key));
  const domains = value('UseDomains');
  const hostname = value('Hostname');
  return {
    ...(isOff('UseDNS') && { useDns: false }),
    ...(isOff('UseNTP') && { useNtp: false }),
    ...(isOff('UseHostname') && { useHostname: false }),
    ...(isOff('SendHostname') && { sendHostname: false }),
    ...(domains !== undefined && { useDomains: domains === 'route' ? 'route' : isYes(domains) }),
    ...(hostname !== undefined && { hostname }),
  };
}

const CONFIGURES =
  /^(?:(?:MACVLAN|IPVLAN|MACVTAP|VLAN|Bond|Bridge|Address)=|DHCP=(?!no$)|RequiredForOnline=(?!no$)|IPv6AcceptRA=yes$)/m;

export const networkdReader: Reader = {
  system: 'networkd',
  backend: () => 'networkd',
  staysUp: true,
  title: () => 'systemd-networkd',
  // Others have files of this name by which networkd ignores a link, or leaves a tap without an address.
  isMark: (path, text) =>
    (/\/00-macvtap-[^/]+\.network$/.test(path) && CONFIGURES.test(text)) ||
    (/\.network\.d\/90-macvtap\.conf$/.test(path) && /configured by its own files\.$/m.test(text)),
  read: (files) => readNetworkd(files),
};
