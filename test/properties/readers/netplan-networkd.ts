/** Imitates what netplan writes for systemd-networkd (its src/networkd.c), and reads that as all else. */
import { type Description, type Files, fail } from '../description.ts';
import {
  BOND_KEYS,
  BRIDGE_KEYS,
  masterOf,
  type NetDef,
  type NetplanRoute,
  netDefs,
  netplanParameters,
} from './netplan.ts';
import { describeNetworkd, KIND_SECTION, networkdLinks } from './networkd.ts';
import { wantsWaitOnline } from './others.ts';
import { isIpv6 } from './text.ts';

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
  if (def.token !== undefined) network += line('IPv6Token', `static:${def.token}`);
  else if (def.generation === 'stable-privacy') network += line('IPv6Token', 'prefixstable');
  // netplan writes nothing where it is off, and leaves that to networkd.conf(5).
  network += line('IPv6PrivacyExtensions', def.privacy ? 'yes' : undefined);
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
    ...(def.raOverrides.size > 0
      ? [
          `[IPv6AcceptRA]\n${line('UseDNS', def.raOverrides.get('use-dns'))}${line('UseDomains', def.raOverrides.get('use-domains'))}${line('RouteTable', def.raOverrides.get('table'))}`,
        ]
      : []),
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
    // It may be for a file of netplan's that other YAML is behind.
    if (path.endsWith('/90-macvtap.conf')) continue;
    if (/10-netplan-/.test(path) && path.endsWith('.conf') && !defs.has(id))
      fail(`${path} adds to nothing`);
  }
  return all;
}

export function readNetplanNetworkd(files: Files): Description {
  // NICs that are matched are named in YAML, though a generated file hides what netplan writes.
  const links = networkdLinks(withNetplanUnits(files));
  const described = describeNetworkd(files, links);
  // netplan 1.0.1 and later leaves the service out of the boot where it knows no link.
  if ((described.waitOnline !== undefined) !== wantsWaitOnline(files))
    fail('nobody starts to wait');
  return described;
}
