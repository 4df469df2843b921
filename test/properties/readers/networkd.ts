/** Reads what is written for systemd-networkd, as it does. */
import {
  type Description,
  type Dhcp,
  type Files,
  fail,
  given,
  type Link,
  toRecord,
} from '../description.ts';
import {
  ATTACHED_FILE,
  GUESTS,
  LINK_FILE,
  LISTS,
  NETDEV_FILE,
  NETWORK_FILE,
  NETWORKD,
  networkdRule,
  REPEATED,
  UNMANAGED_FILE,
  Unit,
} from './networkd-keys.ts';
import {
  readManagerConf,
  readSysctl,
  readWaitBeside,
  readWaitOnline,
  withRules,
} from './others.ts';
import {
  autoconfOf,
  booleanOf,
  familiesOf,
  familySettings,
  isInterface,
  numberOf,
  once,
  parametersOf,
  type Section,
  sections,
} from './text.ts';

/** `[DHCPv4]` or `[DHCPv6]`; default: networkd's. */
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
    table: isV4 ? numberOf(own('RouteTable')) : undefined,
    useMtu: isV4 ? flag(own('UseMTU'), false) : undefined,
    useRoutes: isV4 ? flag(own('UseRoutes'), true) : undefined,
    useDns: flag(shared('UseDNS'), true),
    useDomains: domainsOf(domains),
    useNtp: flag(shared('UseNTP'), true),
    useHostname: flag(shared('UseHostname'), true),
    sendHostname: flag(own('SendHostname'), true),
    hostname: own('Hostname'),
  });
}

const domainsOf = (text: string | undefined): string | undefined =>
  text === 'route' || text === undefined ? text : String(booleanOf(text));

/** netplan's `[DHCP]` counts for it, too, where there is a DHCPv4 client. */
function usesOf(unit: Unit): string {
  const written = (key: string): string => domainsOf(unit.item('DHCPv6', key)) ?? 'unsaid';
  return `dns ${written('UseDNS')} domains ${written('UseDomains')}`;
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
    const base = found.get(name);
    if (!base) {
      if (parentOf(path, files.get(path) ?? '') === undefined) fail(`${path} adds to nothing`);
      continue;
    }
    for (const added of sections(path, files.get(path) ?? '')) addSection(base.all, added);
  }
  return found;
}

/** The link that a drop-in names in a comment, since the file that it adds to is another's. */
const parentOf = (path: string, text: string): string | undefined =>
  path.endsWith('.network.d/90-macvtap.conf')
    ? /^# Parent: (\S+), which is configured by [a-z ]+\.$/m.exec(text)?.[1]
    : undefined;

/** Drop-ins that put links on what the files of others configure, and nothing else. */
function foreignFiles(files: Files): NetworkFile[] {
  return [...files].flatMap(([path, text]) => {
    const name = parentOf(path, text);
    if (name === undefined) return [];
    const base = path.replace(/^.*\/([^/]+)\.d\/[^/]+$/, '$1');
    const unit = new Unit(path, sections(path, text), ATTACHED_FILE);
    return [{ base, unit, name }];
  });
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
  readonly queue: number | undefined;
  readonly threshold: number | undefined;
  readonly vlanId: number | undefined;
  readonly parameters: Readonly<Record<string, string | undefined>> | undefined;
}

const NIC: Device = {
  kind: 'ethernet',
  mac: undefined,
  mode: undefined,
  sources: undefined,
  queue: undefined,
  threshold: undefined,
  vlanId: undefined,
  parameters: undefined,
};

export const KIND_SECTION: Readonly<Record<string, string>> = {
  macvlan: 'MACVLAN',
  ipvlan: 'IPVLAN',
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
  const mode = isMacvlan
    ? (unit.item(section, 'Mode') ?? 'vepa')
    : unit.item('IPVLAN', 'Mode')?.toLowerCase();
  const sources = isMacvlan ? unit.item(section, 'SourceMACAddress')?.split(' ') : undefined;
  if ((mode === 'source') !== (sources !== undefined)) fail(`${unit.path}: sources of ${mode}`);
  return {
    name: unit.item('NetDev', 'Name') ?? fail(`${unit.path}: no name`),
    device: {
      kind,
      mac: unit.item('NetDev', 'MACAddress'),
      mode,
      sources,
      queue:
        kind === 'macvlan'
          ? numberOf(unit.item('MACVLAN', 'BroadcastMulticastQueueLength'))
          : undefined,
      threshold:
        kind === 'macvlan'
          ? numberOf(unit.item('MACVLAN', 'BroadcastQueueThreshold')?.replace(/^no$/, '-1'))
          : undefined,
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
export interface Naming {
  readonly names: Map<string, string>;
  readonly waking: Set<string>;
}

/** Permanent MAC → name, as udev gives it by `.link` files. */
export function linkNames(files: Files): Naming {
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
        fail(`${path}: must keep the MAC, and do nothing else`);
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
export function networkdLinks(files: Files): Record<string, Link> {
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
  const foreign = foreignFiles(files);
  if (new Set(foreign.map(({ name }) => name)).size < foreign.length) fail('one parent, two files');
  for (const { name } of foreign) if (devices.has(name)) fail(`${name} is made here`);
  const attachment = attachedLinks([...networks, ...foreign], devices);
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
  /** What is on top of what. */
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
      ['IPVLAN', 'ipvlan'],
      ['MACVTAP', 'macvtap'],
      ['VLAN', 'vlan'],
    ] as const) {
      for (const upper of unit.list('Network', key)) {
        if (devices.get(upper)?.kind !== kind)
          fail(`${unit.path}: ${upper} is not of kind ${kind}`);
        if (above.has(upper)) fail(`${upper} is on top of two links`);
        above.set(upper, name);
      }
    }
    for (const [key, kind] of [
      ['Bond', 'bond'],
      ['Bridge', 'bridge'],
    ] as const) {
      const master = unit.item('Network', key);
      if (master === undefined) continue;
      if (devices.get(master)?.kind !== kind)
        fail(`${unit.path}: ${master} is not of kind ${kind}`);
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
  const needsParent = ['macvlan', 'ipvlan', 'macvtap', 'vlan'].includes(device.kind);
  if (needsParent !== above.has(name)) fail(`${path}: what is ${name} on top of?`);
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
  const chatter = ['LLMNR', 'LLDP', 'EmitLLDP'].map((key) => unit.flag('Network', key, true));
  const mdns = unit.item('Network', 'MulticastDNS');
  if (new Set(chatter).size > 1 || (chatter[0] === false && mdns !== 'no'))
    fail(`${path}: half silent`);
  return given<Link>({
    kind: device.kind,
    parent: above.get(name),
    vlanId: device.vlanId,
    master: masters.get(name),
    mode: device.mode,
    sources: device.sources,
    queue: device.queue,
    threshold: device.threshold,
    parameters:
      device.parameters && parametersOf({ ...device.parameters, primary: primaries.get(name) }),
    permanentMac: unit.item('Match', 'PermanentMACAddress'),
    mac: setMac ?? device.mac,
    mtu: numberOf(unit.item('Link', 'MTUBytes')),
    wakeOnLan: undefined,
    allMulticast: unit.flag('Link', 'AllMulticast', false) ? true : undefined,
    access: undefined,
    ...familySettings(
      addresses,
      unit.routes(),
      unit.each('RoutingPolicyRule').map((rule) => networkdRule(path, rule)),
      unit.list('Network', 'DNS'),
    ),
    search: once(unit.list('Network', 'Domains').flatMap((text) => text.split(' '))),
    multicastDns: chatter[0] === false ? undefined : mdns,
    dnsDefaultRoute: booleanOf(unit.item('Network', 'DNSDefaultRoute')),
    dhcp4: dhcp4 ? networkdDhcp(unit, 'DHCPv4') : undefined,
    dhcp6: dhcp6 ? networkdDhcp(unit, 'DHCPv6') : undefined,
    startedIdentifier: isStarted ? networkdDhcp(unit, 'DHCPv6').identifier : undefined,
    startedUses: isStarted ? usesOf(unit) : undefined,
    autoconf: autoconfOf(
      ra,
      unit.flag('IPv6AcceptRA', 'DHCPv6Client', true),
      dhcp6,
      unit.item('DHCPv6', 'WithoutRA') === 'solicit',
    ),
    raUseDns: ra ? unit.flag('IPv6AcceptRA', 'UseDNS', true) : undefined,
    raUseDomains: domainsOf(unit.item('IPv6AcceptRA', 'UseDomains')),
    raTable: numberOf(unit.item('IPv6AcceptRA', 'RouteTable')),
    interfaceId: ra ? interfaceIdOf(unit) : undefined,
    privacy: ra
      ? (booleanOf(unit.item('Network', 'IPv6PrivacyExtensions')) ??
        fail(`${path}: IPv6PrivacyExtensions= is left to networkd.conf`))
      : undefined,
    linkLocal,
    ignoreCarrier: unit.flag('Network', 'ConfigureWithoutCarrier', false) && addresses.length > 0,
    online: online(unit),
    isSilent: chatter[0] === false,
    profile: undefined,
  });
}

/** By default networkd makes it from the MAC; netplan writes the older name of the key. */
function interfaceIdOf(unit: Unit): string {
  const [newer, older] = [unit.item('IPv6AcceptRA', 'Token'), unit.item('Network', 'IPv6Token')];
  if (newer !== undefined && older !== undefined) fail(`${unit.path}: two tokens`);
  const text = (newer ?? older ?? 'eui64').replace(/^static:/, '');
  return text === 'prefixstable' ? 'stable-privacy' : text;
}

/** Guests' devices, which are unmanaged in systemd-networkd. */
export function guestDevices(files: Files): string[] {
  const path = `${NETWORKD}/${GUESTS}`;
  const unit = new Unit(
    path,
    sections(path, files.get(path) ?? fail(`no ${path}`)),
    UNMANAGED_FILE,
  );
  if (!unit.flag('Link', 'Unmanaged', false)) fail(`${path}: does not keep networkd off`);
  return (unit.item('Match', 'Name') ?? fail(`${path}: matches everything`)).split(' ');
}

export function describeNetworkd(files: Files, links: Record<string, Link>): Description {
  const waitOnline = readWaitOnline(files);
  const waitBeside = readWaitBeside(files);
  return {
    links: withRules(links, files),
    kernel: readSysctl(files),
    networkManager: readManagerConf(files),
    networkdUnmanaged: [],
    networkdGuests: guestDevices(files),
    ...(waitOnline && { waitOnline }),
    ...(waitBeside && { waitBeside }),
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
