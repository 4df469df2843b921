/** Generated keyfiles of NetworkManager: nm-settings-keyfile(5). */
import type { Dhcp4, Dhcp6, Family } from '../../model/types.ts';
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
import { lastOf, type Section, sectionsOf } from '../shared/sections.ts';
import { readUdevRules } from '../shared/udev-rules.ts';
import { NETWORKMANAGER_MAKER } from './maker.ts';

const FOLDER = '/etc/NetworkManager/system-connections/';

/** libnm's numbers of macvlan modes (nm-settings-keyfile(5), [macvlan] mode). */
const MACVLAN_MODES: ReadonlyMap<string, string> = new Map([
  ['1', 'vepa'],
  ['2', 'bridge'],
  ['3', 'private'],
  ['4', 'passthru'],
  ['5', 'source'],
]);

const IPVLAN_MODES: ReadonlyMap<string, string> = new Map([
  ['1', 'l2'],
  ['2', 'l3'],
  ['3', 'l3s'],
]);
const MULTICAST_DNS: ReadonlyMap<string, 'no' | 'resolve' | 'yes'> = new Map([
  ['0', 'no'],
  ['1', 'resolve'],
  ['2', 'yes'],
]);

const KINDS: ReadonlySet<string> = new Set([
  'ethernet',
  'macvlan',
  'ipvlan',
  'vlan',
  'bond',
  'bridge',
]);

/** @param links what other files say */
export function readNetworkManager(files: Files, links = new FileLinks()): FileLinks {
  const profiles = [...files]
    .filter(([path]) => path.startsWith(FOLDER))
    .map(([, text]) => sectionsOf(text));
  const names = new Map<string, string>();
  for (const sections of profiles) {
    const name = nameOf(sections);
    const uuid = lastOf(sections, 'connection', 'uuid');
    if (name !== undefined && uuid !== undefined) names.set(uuid, name);
  }
  for (const sections of profiles) {
    const name = nameOf(sections);
    if (name === undefined) continue;
    const link = links.of(name);
    readProfile(link, sections, names);
    if (link.kind !== 'ethernet') link.maker = NETWORKMANAGER_MAKER;
  }
  readUdevRules(links, files);
  return links;
}

/** A profile that is matched by MAC names no interface: its id does. */
const nameOf = (sections: readonly Section[]): string | undefined =>
  lastOf(sections, 'connection', 'interface-name') ??
  /^macvtap-(.+)$/.exec(lastOf(sections, 'connection', 'id') ?? '')?.[1];

/** @param names UUID → interface: ports and uppers refer to others by either */
export function readProfile(
  link: FileLink,
  sections: readonly Section[],
  names: ReadonlyMap<string, string>,
): void {
  const value = (section: string, key: string): string | undefined =>
    lastOf(sections, section, key);
  const named = (text: string): string => names.get(text) ?? text;
  const type = value('connection', 'type');
  if (type !== undefined && KINDS.has(type)) link.kind = type as LinkKind;
  if (isYes(value('macvlan', 'tap'))) link.kind = 'macvtap';
  const mode = value('macvlan', 'mode');
  if (mode !== undefined) link.mode = MACVLAN_MODES.get(mode) ?? mode;
  const ipvlanMode = value('ipvlan', 'mode');
  if (ipvlanMode !== undefined) link.mode = IPVLAN_MODES.get(ipvlanMode) ?? ipvlanMode;
  const parent = value('macvlan', 'parent') ?? value('ipvlan', 'parent') ?? value('vlan', 'parent');
  if (parent !== undefined) link.parent = named(parent);
  const id = numberOf(value('vlan', 'id'));
  if (id !== undefined) link.vlanId = id;
  const master = value('connection', 'master') ?? value('connection', 'controller');
  if (master !== undefined) link.master = named(master);
  const mac = value('ethernet', 'cloned-mac-address') ?? value('bridge', 'mac-address');
  if (mac !== undefined) link.mac = mac;
  const permanent = value('ethernet', 'mac-address');
  if (permanent !== undefined) link.permanentMac = permanent;
  const mtu = numberOf(value('ethernet', 'mtu'));
  if (mtu !== undefined) link.mtu = mtu;
  const zone = value('connection', 'zone');
  if (zone !== undefined) link.firewallZone = zone;
  const mdns = MULTICAST_DNS.get(value('connection', 'mdns') ?? '');
  if (mdns) link.multicastDns = mdns;
  readParameters(link, sections);
  for (const family of ['ipv4', 'ipv6'] as const) readFamily(link, family, sections);
}

function readParameters(link: FileLink, sections: readonly Section[]): void {
  if (link.kind !== 'bond' && link.kind !== 'bridge') return;
  const own = sections.find(({ name }) => name === link.kind);
  if (!own) return;
  if (link.kind === 'bond') link.bondMode = lastOf([own], 'bond', 'mode') ?? 'balance-rr';
  const others = own.entries.filter(([key]) => key !== 'mode' && key !== 'mac-address');
  link.parameters = others.map((entry) => entry.join('=')).join('\n');
}

/** `[ipv4]` or `[ipv6]`. */
function readFamily(link: FileLink, family: Family, sections: readonly Section[]): void {
  const entries = sections.find(({ name }) => name === family)?.entries ?? [];
  const value = (key: string): string | undefined => lastOf(sections, family, key);
  const numbered = (stem: string): (readonly [string, string])[] =>
    entries.filter(([key]) => key.startsWith(stem) && /^\d+$/.test(key.slice(stem.length)));
  const list = (key: string): string[] =>
    (value(key) ?? '').split(';').filter((item) => item !== '');
  link.addresses.push(...numbered('address').map(([, text]) => text.split(',')[0] ?? ''));
  link.nameservers.push(...list('dns'));
  link.search.push(...list('dns-search').filter((domain) => !link.search.includes(domain)));
  const metric = value('route-metric');
  const routes = [
    ...(value('gateway') === undefined ? [] : [routeOf({ via: value('gateway'), metric })]),
    ...numbered('route').map(([key, text]) => {
      const [to, via, own] = text.split(',');
      const options = optionsIn(value(`${key}_options`));
      return routeOf({
        to,
        via: via === '' ? undefined : via,
        from: options.get('src'),
        onLink: isYes(options.get('onlink')),
        metric: own ?? metric,
        // That of the profile may be another one than main (254).
        table: options.get('table') === '254' ? undefined : options.get('table'),
      });
    }),
  ];
  link.routes.push(...routes.filter((route) => route !== undefined));
  link.rules.push(
    ...numbered('routing-rule')
      .map(([, text]) => ruleIn(text))
      .filter((rule) => rule !== undefined),
  );
  readMethod(link, family, value);
}

const optionsIn = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? '').split(',').map((part): [string, string] => {
      const [key = '', value = ''] = part.split('=');
      return [key, value];
    }),
  );

/** `priority 100 from 198.51.100.50/32 table 100`. */
function ruleIn(text: string): ReturnType<typeof ruleOf> {
  const words = text.split(' ');
  const after = (word: string): string | undefined => words[words.indexOf(word) + 1];
  const given = (word: string): string | undefined =>
    words.includes(word) ? after(word) : undefined;
  return ruleOf({
    from: given('from'),
    to: given('to'),
    table: given('table'),
    priority: given('priority'),
    iif: given('iif'),
    oif: given('oif'),
    typeOfService: given('tos'),
    mark: given('fwmark'),
  });
}

function readMethod(
  link: FileLink,
  family: Family,
  value: (key: string) => string | undefined,
): void {
  const method = value('method');
  if (method === undefined) return;
  const hostname = value('dhcp-hostname');
  const overrides: Dhcp6 = {
    ...PLAIN_DHCP6,
    ...(isYes(value('ignore-auto-dns')) && { useDns: false }),
    ...(value('dhcp-send-hostname') === 'false' && { sendHostname: false }),
    ...(hostname !== undefined && { hostname }),
  };
  if (value('dhcp-client-id') === 'mac' || value('dhcp-duid') === 'll') link.identifier = 'mac';
  if (family === 'ipv4') {
    if (method === 'auto') link.dhcp4 = { ...overrides, ...dhcp4Options(value) };
    if (method === 'link-local' || value('link-local') === '3') link.linkLocal.push('ipv4');
    return;
  }
  link.acceptRa = method === 'auto';
  link.dhcp6ByRouter = method === 'auto';
  const used = {
    ...tableOf(value('route-table')),
    ...(isYes(value('ignore-auto-dns')) && { useDns: false }),
  };
  if (Object.keys(used).length > 0) link.raOverrides = { ...used, origin: [] };
  const token = value('token');
  if (token !== undefined) link.addressToken = token;
  if (value('addr-gen-mode') === 'stable-privacy') link.addressGeneration = 'stable-privacy';
  link.ipv6Privacy = value('ip6-privacy') === '2';
  // With `auto` it is for the router to say whether there is DHCPv6.
  if (method === 'dhcp') link.dhcp6 = overrides;
  if (method !== 'disabled' && method !== 'ignore') link.linkLocal.push('ipv6');
}

const dhcp4Options = (
  value: (key: string) => string | undefined,
): Pick<Dhcp4, 'useMtu' | 'useRoutes' | 'routeMetric' | 'table'> => ({
  useMtu: PLAIN_DHCP4.useMtu,
  useRoutes: !isYes(value('ignore-auto-routes')) && !isYes(value('never-default')),
  routeMetric: numberOf(value('route-metric')) ?? PLAIN_DHCP4.routeMetric,
  ...tableOf(value('route-table')),
});

const tableOf = (text: string | undefined): { readonly table?: number } => {
  const table = numberOf(text);
  return table === undefined ? {} : { table };
};

export const networkManagerReader: Reader = {
  system: 'networkmanager',
  backend: () => 'networkmanager',
  staysUp: true,
  title: () => 'NetworkManager',
  isMark: (path) => path.endsWith('.nmconnection'),
  read: (files) => readNetworkManager(files),
};
