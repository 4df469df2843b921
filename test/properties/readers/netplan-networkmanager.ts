/** Imitates what netplan writes for NetworkManager (its src/nm.c), and reads that as all else. */
import { type Description, type Files, fail } from '../description.ts';
import type { Keyfile } from './keyfile.ts';
import { masterOf, type NetDef, netDefs, netplanParameters } from './netplan.ts';
import { describeManager, keyfileProfiles, type Profile, profile } from './networkmanager.ts';
import { byFamily } from './text.ts';

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
    [def.token !== undefined, 'ipv6-address-token'],
    [def.raOverrides.size > 0, 'ra-overrides'],
    [def.generation !== undefined, 'ipv6-address-generation'],
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
    put('ipv6', 'ip6-privacy', def.privacy ? 2 : 0);
    put('ipv6', 'dns', list(dns.ipv6));
    put('ipv6', 'dns-search', list(search));
    addRoutes('ipv6');
  } else put('ipv6', 'method', 'ignore');
}

/** Only its renderer: there so that others may name it. */
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
