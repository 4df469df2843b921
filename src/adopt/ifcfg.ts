/** An ifcfg file with its `route-` and `rule-` files → what they set for a link (nm-settings-ifcfg-rh(5), sysconfig.txt). */
import type { HostFile } from '../backends/host/foreign.ts';
import { add, type FoundLink, leave, type Origin, type Scalar, scalarOf, set } from './found.ts';
import { readIpRoute } from './ip-words.ts';
import { readRule } from './networkmanager-ip.ts';
import { dropDefaultRoutes } from './never-default.ts';
import { setParameter } from './parameters.ts';
import { tablesOfIp } from './table-names.ts';
import {
  addressOf,
  classPrefix,
  domainOf,
  entryOf,
  flagOf,
  ipOf,
  macOf,
  prefixOf,
  wholeOf,
  wordsIn,
} from './values.ts';

interface Variable {
  readonly key: string;
  readonly value: string;
  readonly origin: Origin;
}

/** Variables of the shell, without quotes. */
function variablesIn(path: string, text: string): Variable[] {
  return text.split('\n').flatMap((raw, index) => {
    const [, key = '', rest = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(raw) ?? [];
    if (key === '') return [];
    const quoted = /^(["'])(.*?)\1/.exec(rest);
    const value = quoted ? (quoted[2] ?? '') : (rest.split(/[\s#]/)[0] ?? '');
    return [{ key, value, origin: { path, line: index + 1 } }];
  });
}

/** Match, identity, and what NetworkManager writes with its default. */
const NEUTRAL: ReadonlySet<string> = new Set([
  ...['DEVICE', 'NAME', 'UUID', 'TYPE', 'ONBOOT', 'NM_CONTROLLED', 'PROXY_METHOD', 'BROWSER_ONLY'],
  ...[
    'USERCTL',
    'AUTOCONNECT_PRIORITY',
    'BONDING_MASTER',
    'SLAVE',
    'VLAN',
    'DEVICETYPE',
    'NETWORK',
    'BROADCAST',
  ],
  ...['IPV6INIT', 'AUTOCONNECT_SLAVES'],
]);

/** Keys that only matter when they are not this. */
const DEFAULTS: Readonly<Record<string, RegExp>> = {
  DEFROUTE: /^yes$/i,
  PEERROUTES: /^yes$/i,
  PEERDNS: /^yes$/i,
  IPV4_FAILURE_FATAL: /^no$/i,
  IPV6_FAILURE_FATAL: /^no$/i,
  IPV6_DEFROUTE: /^yes$/i,
  IPV6_PEERROUTES: /^yes$/i,
  IPV6_PEERDNS: /^yes$/i,
  IPV6_ADDR_GEN_MODE: /^(?:default|eui64|default-or-eui64)$/i,
  REORDER_HDR: /^yes$/i,
  ONPARENT: /^yes$/i,
  HOTPLUG: /^yes$/i,
  ZONE: /^$/,
};

export function readIfcfg(
  link: FoundLink,
  path: string,
  text: string,
  files: readonly HostFile[],
): void {
  link.tables = tablesOfIp(files);
  const all = variablesIn(path, text);
  const of = (key: string): string | undefined => all.findLast((item) => item.key === key)?.value;
  for (const { key, value, origin } of all) readVariable(link, key, value, origin, of);
  nameVlan(link, { path, line: all.find(({ key }) => key === 'DEVICE')?.origin.line ?? 1 });
  const isOff = flagOf(of('IPV6INIT')) === false || flagOf(of('IPV6_DISABLED')) === true;
  const ipv6 = all.find(({ key }) => key === 'IPV6INIT')?.origin;
  if (!isOff && ipv6) {
    if (flagOf(of('IPV6_AUTOCONF')) !== false) set(link, 'accept-ra', true, ipv6);
    else set(link, 'link-local', ['ipv6'], ipv6);
  }
  // Routes of the files beside it are set whatever these say.
  for (const [key, family] of NEVER_DEFAULT) {
    const setting = all.findLast((item) => item.key === key);
    if (setting && flagOf(setting.value) === false)
      dropDefaultRoutes(link, family, setting.origin, `${key}=no`);
  }
  if (!isOff) readBeside(link, path, files);
}

const NEVER_DEFAULT = [
  ['DEFROUTE', 'ipv4'],
  ['IPV6_DEFROUTE', 'ipv6'],
] as const;

/** `VLAN=yes` takes the id and the link below from the name: `bond0.2`; beside PHYSDEV also `vlan2` and `vlan0002`. */
function nameVlan(link: FoundLink, at: Origin): void {
  if (link.kind !== 'vlan') return;
  const [, below, id] = /^(.+)\.(\d{1,4})$/.exec(link.name) ?? [];
  if (link.below === undefined && below !== undefined) {
    link.below = below;
    set(link, 'link', below, at);
  }
  const [, plain = id] = /^vlan0*(\d{1,4})$/.exec(link.name) ?? [];
  if (link.below !== undefined && plain !== undefined && scalarOf(link, 'id') === undefined)
    set(link, 'id', Number(plain), at);
}

function readVariable(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  of: (key: string) => string | undefined,
): void {
  const lost = (): void => leave(link, at, `${key}=${value}`);
  if (NEUTRAL.has(key) || entryOf(DEFAULTS, key)?.test(value)) return;
  const [ip, mac, number, flag] = [ipOf(value), macOf(value), wholeOf(value), flagOf(value)];
  const index = /\d*$/.exec(key)?.[0] ?? '';
  switch (key.replace(/\d+$/, '')) {
    case 'BOOTPROTO':
      if (/^(?:dhcp|bootp)$/i.test(value)) set(link, 'dhcp4', true, at);
      else if (!/^(?:none|static|)$/i.test(value)) lost();
      return;
    case 'IPADDR': {
      const prefix =
        prefixOf(of(`PREFIX${index}`) ?? of(`NETMASK${index}`) ?? '') ?? classPrefix(value);
      if (ip === undefined) lost();
      else add(link, 'addresses', `${ip}/${prefix}`, at);
      return;
    }
    case 'PREFIX':
    case 'NETMASK':
      if (of(`IPADDR${index}`) === undefined) lost();
      return;
    case 'GATEWAY':
    case 'IPV6_DEFAULTGW':
      if (ip === undefined) lost();
      else add(link, 'routes', { to: 'default', via: ip }, at);
      return;
    case 'DNS':
      if (ip === undefined) lost();
      else add(link, 'nameservers.addresses', ip, at);
      return;
    case 'DOMAIN':
      for (const word of wordsIn(value)) {
        if (domainOf(word) === undefined) leave(link, at, word);
        else add(link, 'nameservers.search', word, at);
      }
      return;
    case 'IPV':
      readIpv6(link, key, value, at, lost);
      return;
    case 'ZONE':
      if (/^[A-Za-z0-9_-]{1,64}$/.test(value)) set(link, 'firewall-zone', value, at);
      else lost();
      return;
    case 'HWADDR':
      if (mac === undefined) lost();
      else set(link, 'match.macaddress', mac, at);
      return;
    case 'MACADDR':
      if (mac === undefined) lost();
      else set(link, 'macaddress', mac, at);
      return;
    case 'MTU':
      if (number === undefined) lost();
      else set(link, 'mtu', number, at);
      return;
    case 'PEERDNS':
      set(link, 'dhcp4-overrides.use-dns', flag ?? true, at);
      return;
    case 'PEERROUTES':
      if (flag === false) set(link, 'dhcp4-overrides.use-routes', false, at);
      else lost();
      return;
    case 'DEFROUTE':
      if (flag === undefined) lost();
      return;
    case 'VLAN_ID':
      if (number === undefined) lost();
      else set(link, 'id', number, at);
      return;
    case 'PHYSDEV':
      link.below = value;
      set(link, 'link', value, at);
      return;
    case 'BONDING_OPTS':
      for (const option of wordsIn(value)) {
        const [word = '', text = ''] = option.split('=');
        setParameter(link, 'kernel', word, text, at);
      }
      return;
    case 'MASTER':
    case 'BRIDGE':
      link.master = value;
      return;
    case 'DELAY':
      setParameter(link, 'netplan', 'forward-delay', value, at);
      return;
    case 'STP':
      setParameter(link, 'netplan', 'stp', value, at);
      return;
    default:
      readIpv6(link, key, value, at, lost);
  }
}

function readIpv6(link: FoundLink, key: string, value: string, at: Origin, lost: () => void): void {
  const flag = flagOf(value);
  if (key === 'IPV6ADDR' || key === 'IPV6ADDR_SECONDARIES') {
    for (const word of wordsIn(value)) {
      const address = addressOf(word);
      if (address === undefined) leave(link, at, word);
      else add(link, 'addresses', address, at);
    }
  } else if (/^IPV6_(?:AUTOCONF|DISABLED|DEFROUTE)$/.test(key)) {
    if (flag === undefined) lost();
  } else if (key === 'DHCPV6C' && flag !== undefined) set(link, 'dhcp6', flag, at);
  else if (key === 'ETHTOOL_OPTS' && /^wol [gd]$/.test(value))
    set(link, 'wakeonlan', value === 'wol g', at);
  else lost();
}

/** `route-eth0`, `route6-eth0`, `rule-eth0`: lines of ip-route(8), or ADDRESS0=, NETMASK0=, GATEWAY0=. */
function readBeside(link: FoundLink, path: string, files: readonly HostFile[]): void {
  const [, folder = '', name = ''] = /^(.*\/)ifcfg-(.*)$/.exec(path) ?? [];
  for (const kind of ['route', 'route6', 'rule', 'rule6']) {
    const file = files.find((item) => item.path === `${folder}${kind}-${name}`);
    if (!file) continue;
    readTriples(link, file.path, file.text ?? '');
    for (const [index, raw] of (file.text ?? '').split('\n').entries()) {
      const text = raw.trim();
      const at = { path: file.path, line: index + 1 };
      if (
        text === '' ||
        text.startsWith('#') ||
        /^(?:ADDRESS|NETMASK|GATEWAY|METRIC)\d+=/.test(text)
      )
        continue;
      if (kind.startsWith('rule')) readRule(link, text, at);
      else if (!readIpRoute(link, text.split(/\s+/), at)) leave(link, at, text);
    }
  }
}

function readTriples(link: FoundLink, path: string, text: string): void {
  const all = variablesIn(path, text);
  const of = (key: string): string | undefined => all.find((item) => item.key === key)?.value;
  for (const { key, value, origin } of all) {
    const [, index] = /^ADDRESS(\d+)$/.exec(key) ?? [];
    if (index === undefined) continue;
    const prefix = prefixOf(of(`NETMASK${index}`) ?? '') ?? classPrefix(value);
    const [ip, via, metric] = [
      ipOf(value),
      ipOf(of(`GATEWAY${index}`)),
      wholeOf(of(`METRIC${index}`)),
    ];
    if (ip === undefined || via === undefined) {
      leave(link, origin, `${key}=${value}`);
      continue;
    }
    const route: Record<string, Scalar> = { to: `${ip}/${prefix}`, via };
    add(link, 'routes', { ...route, ...(metric !== undefined && { metric }) }, origin);
  }
}
