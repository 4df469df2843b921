/** Reads what is written for NetworkManager, as it does. */
import {
  type Description,
  type Dhcp,
  type FamilySettings,
  type Files,
  fail,
  given,
  type Link,
  NOTHING,
  toRecord,
} from '../description.ts';
import { checkProfile, type Keyfile, keyfile, keyfileList, keyfileText, MODES } from './keyfile.ts';
import { guestDevices, linkNames, type Naming } from './networkd.ts';
import { readManagerConf, readSysctl, readUnmanaged, readWaitOnline, withRules } from './others.ts';
import {
  booleanOf,
  everywhere,
  isAddress,
  isInterface,
  isIpv6,
  isNetwork,
  isNumber,
  numberOf,
  once,
  parametersOf,
  routeText,
  ruleText,
} from './text.ts';

const IPVLAN_MODES: Readonly<Record<string, string>> = { '1': 'l2', '2': 'l3', '3': 'l3s' };

export interface Profile {
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
export function profile(path: string, groups: Keyfile): Profile {
  checkProfile(path, groups);
  const get = (group: string, key: string): string | undefined => groups.get(group)?.get(key);
  const type = get('connection', 'type') ?? fail(`${path}: no type`);
  const master = get('connection', 'master');
  if ((get('connection', 'autoconnect') ?? 'true') !== 'true') fail(`${path}: does not come up`);
  for (const group of ['macvlan', 'ipvlan', 'vlan', 'bond', 'bridge']) {
    const isNeeded = group !== 'bridge';
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
    parent: get('macvlan', 'parent') ?? get('ipvlan', 'parent') ?? get('vlan', 'parent'),
    master,
    link: given<Link>({
      kind,
      parent: undefined,
      master: undefined,
      sources: undefined,
      vlanId: numberOf(get('vlan', 'id')),
      mode:
        type === 'macvlan'
          ? MODES[get('macvlan', 'mode') ?? '']
          : IPVLAN_MODES[get('ipvlan', 'mode') ?? ''],
      parameters: profileParameters(type, groups),
      permanentMac: get('ethernet', 'mac-address'),
      mac: get('ethernet', 'cloned-mac-address'),
      mtu,
      wakeOnLan: get('ethernet', 'wake-on-lan') === '64' ? true : undefined,
      // What is in a bond or bridge has no addresses, whatever its profile says.
      ...(master === undefined ? profileAddresses(path, groups, mtu) : SILENT),
      dnsDefaultRoute: undefined,
      multicastDns: ['no', 'resolve', 'yes'][numberOf(get('connection', 'mdns')) ?? -1],
      zone: get('connection', 'zone'),
      isSilent: false,
      profile: {
        id: keyfileText(get('connection', 'id') ?? fail(`${path}: no id`)),
        uuid,
        priority: numberOf(get('connection', 'autoconnect-priority')) ?? 0,
      },
    }),
  };
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
  | 'privacy'
  | 'interfaceId'
  | 'raTable'
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
    raTable: ip6.method === 'auto' ? numberOf(groups.get('ipv6')?.get('route-table')) : undefined,
    interfaceId: ip6.method === 'auto' ? interfaceIdOf(path, groups) : undefined,
    privacy: ip6.method === 'auto' ? groups.get('ipv6')?.get('ip6-privacy') === '2' : undefined,
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

function interfaceIdOf(path: string, groups: Keyfile): string {
  const [token, mode] = ['token', 'addr-gen-mode'].map((key) => groups.get('ipv6')?.get(key));
  const isStable = mode === 'stable-privacy' || mode === '1';
  if (token !== undefined && isStable) fail(`${path}: a token that is not used`);
  return token ?? (isStable ? 'stable-privacy' : 'eui64');
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
    keyfileRoute(path, text, group.get(`route${index + 1}_options`), {
      ownMetric,
      hasTable: group.has('route-table'),
    }),
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
  const table = numberOf(group.get('route-table'));
  if (table !== undefined && (addresses.length > 0 || method !== 'auto'))
    fail(`${path}: subnets of ${family} are in table ${table}`);
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
  if (family === 'ipv6' && method === 'auto' && !group.has('ip6-privacy'))
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
      table: isV4 && method === 'auto' ? numberOf(group.get('route-table')) : undefined,
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
  { ownMetric, hasTable }: { ownMetric: number | undefined; hasTable: boolean },
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
  // The table of the profile would be that of the route.
  if (hasTable && !known.has('table')) fail(`${path}: route ${text} in the table of a lease`);
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
      : ['iif', 'oif'].includes(key)
        ? isInterface(value)
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
    iif: known.get('iif'),
    oif: known.get('oif'),
    tos: numberOf(known.get('tos')),
    mark: numberOf(known.get('fwmark')),
    table: numberOf(known.get('table')) ?? fail(`${path}: rule ${text}`),
    priority: numberOf(known.get('priority')) ?? fail(`${path}: rule ${text}`),
  });
}

const CONNECTIONS = '/etc/NetworkManager/system-connections';

/** Profiles to links: what is on top of what, and the name of each. */
function linksOf(
  profiles: readonly Profile[],
  { names }: Naming,
  { ignoreCarrier, managed }: Description['networkManager'],
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
    // What no list has NetworkManager manage may be another's.
    const isOthers = parent !== undefined && !managed.includes(parent);
    for (const other of [isOthers ? undefined : parent, master])
      if (other !== undefined && !links.has(other)) fail(`no profile for ${other}`);
  }
  return toRecord(links);
}

/** The profiles that are files, and what permanent MACs are called. */
export function keyfileProfiles(files: Files): { profiles: Profile[]; naming: Naming } {
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

export function describeManager(
  files: Files,
  profiles: readonly Profile[],
  naming: Naming,
): Description {
  const networkManager = readManagerConf(files);
  const waitOnline = readWaitOnline(files);
  return {
    links: withRules(linksOf(profiles, naming, networkManager), files),
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
