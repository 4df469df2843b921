/** One stanza of ifupdown → values of the intent. */
import type { Option, Stanza } from '../backends/host/ifupdown/file.ts';
import { add, type FoundLink, leave, type Origin, set } from './found.ts';
import { readCommand } from './ifupdown-commands.ts';
import { setParameter } from './parameters.ts';
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

interface Context {
  readonly link: FoundLink;
  readonly family: string;
  readonly method: string;
  readonly value: (key: string) => string | undefined;
}

const METHODS = /^(?:static|dhcp|manual|auto|loopback)$/;

export function readStanza(link: FoundLink, stanza: Stanza, path: string): void {
  const { family = 'inet', method = 'static', line, options } = stanza;
  const at: Origin = { path, line };
  const value = (key: string): string | undefined =>
    options.findLast((item) => item.key === key)?.value;
  if (!METHODS.test(method)) leave(link, at, `iface ${stanza.name} ${family} ${method}`);
  if (family === 'inet' && method === 'dhcp') set(link, 'dhcp4', true, at);
  if (family === 'inet6' && method === 'dhcp') {
    set(link, 'dhcp6', true, at);
    // interfaces(5): accept_ra is 1 by default.
    set(link, 'accept-ra', value('accept-ra') !== '0', at);
  }
  if (family === 'inet6' && method === 'auto') {
    set(link, 'accept-ra', true, at);
    set(link, 'dhcp6', flagOf(value('dhcp')) === true, at);
  }
  // interfaces(5): autoconf is 0 by default.
  if (family === 'inet6' && method === 'static' && !isAdvertised(value)) {
    set(link, 'accept-ra', false, { ...at, note: 'default of `inet6 static`' });
    set(link, 'link-local', ['ipv6'], { ...at, note: 'default of `inet6 static`' });
  }
  for (const item of options)
    readOption({ link, family, method, value }, item, { path, line: item.line });
}

const isAdvertised = (value: (key: string) => string | undefined): boolean =>
  flagOf(value('autoconf')) === true || /^[12]$/.test(value('accept-ra') ?? '');

/** Options without effect of their own, or which follow from others. */
const NEUTRAL = /^(?:netmask|broadcast|network|bond-master|bond-primary-raw)$/;

function readOption(context: Context, { key, value }: Option, at: Origin): void {
  const { link, family, method } = context;
  const lost = (): void => leave(link, at, `${key} ${value}`);
  const [number, mac, flag] = [
    wholeOf(value),
    macOf(value.replace(/^ether\s+/, '')),
    flagOf(value),
  ];
  if (NEUTRAL.test(key) && key !== 'bond-master') return;
  switch (key) {
    case 'address':
      readAddress(context, value, at);
      return;
    case 'gateway':
      readGateway(context, value, at);
      return;
    case 'metric':
      if (method !== 'dhcp') return;
      if (number === undefined) lost();
      else set(link, 'dhcp4-overrides.route-metric', number, at);
      return;
    case 'mtu':
      if (number === undefined) lost();
      else set(link, 'mtu', number, at);
      return;
    case 'hwaddress':
      if (mac === undefined) lost();
      else set(link, 'macaddress', mac, at);
      return;
    case 'hostname':
      if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value))
        set(link, 'dhcp4-overrides.hostname', value, at);
      else lost();
      return;
    case 'dns-nameserver':
    case 'dns-nameservers':
      readWords(link, 'nameservers.addresses', value, at, ipOf);
      return;
    case 'dns-search':
    case 'dns-domain':
    case 'dns-domains':
      readWords(link, 'nameservers.search', value, at, domainOf);
      return;
    case 'ethernet-wol':
      if (/^[gd]$/.test(value)) set(link, 'wakeonlan', value === 'g', at);
      else lost();
      return;
    case 'dhcp':
    case 'autoconf':
    case 'accept-ra':
      if (family !== 'inet6') lost();
      else if (key === 'dhcp' ? flag === undefined : number === undefined) lost();
      else if (method === 'static' && key !== 'dhcp') {
        if (number !== 0) set(link, 'accept-ra', true, at);
      } else if (method === 'auto' && key === 'accept-ra' && number === 0)
        set(link, 'accept-ra', false, at);
      return;
    case 'privext':
      if (number === 2 || number === 0) set(link, 'ipv6-privacy', number === 2, at);
      else lost();
      return;
    case 'vlan-id':
      if (number === undefined) lost();
      else set(link, 'id', number, at);
      return;
    case 'vlan-raw-device':
      link.below = value;
      set(link, 'link', value, at);
      return;
    case 'bond-master':
      link.master = value;
      return;
    case 'bond-slaves':
    case 'slaves':
    case 'bridge-ports':
      readPorts(link, value, at);
      return;
    default:
      readOther(link, key, value, at, lost);
  }
}

function readOther(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  lost: () => void,
): void {
  const bridgeWord = entryOf(BRIDGE, key);
  if (/^(?:pre-up|up|post-up|pre-down|down|post-down)$/.test(key))
    readCommand(link, key, value, at);
  else if (key.startsWith('bond-')) {
    setParameter(link, 'kernel', key.slice('bond-'.length).replaceAll('-', '_'), value, at);
  } else if (bridgeWord !== undefined) setParameter(link, 'netplan', bridgeWord, value, at);
  else if (key === 'scope' && value === 'global') return;
  else if (key === 'bridge-waitport' || (key === 'bridge-maxwait' && value === '0')) return;
  else lost();
}

/** bridge-utils-interfaces(5) → netplan's word. */
const BRIDGE: Readonly<Record<string, string>> = {
  'bridge-stp': 'stp',
  'bridge-fd': 'forward-delay',
  'bridge-hello': 'hello-time',
  'bridge-maxage': 'max-age',
  'bridge-ageing': 'ageing-time',
  'bridge-bridgeprio': 'priority',
};

function readAddress({ link, method, value }: Context, text: string, at: Origin): void {
  const mask = value('netmask');
  const ip = ipOf(text);
  const length = mask === undefined ? undefined : prefixOf(mask);
  // Seen on 0.8.36 to 0.8.44: an address without a mask has that of its class.
  const isClassful = ip !== undefined && mask === undefined && !ip.includes(':');
  const address =
    ip === undefined ? addressOf(text) : `${ip}/${length ?? (isClassful ? classPrefix(ip) : 64)}`;
  if (address === undefined || method !== 'static') leave(link, at, `address ${text}`, whyOf(text));
  else add(link, 'addresses', address, at);
}

/** interfaces(5): a comment is a line of its own. */
const whyOf = (text: string): string | undefined =>
  /\s#/.test(text) ? 'For ifupdown the text from `#` on is part of the value.' : undefined;

function readGateway({ link, value, method }: Context, text: string, at: Origin): void {
  const via = ipOf(text);
  const metric = wholeOf(value('metric'));
  if (via === undefined || method !== 'static') leave(link, at, `gateway ${text}`, whyOf(text));
  else add(link, 'routes', { to: 'default', via, ...(metric !== undefined && { metric }) }, at);
}

function readWords(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  read: (word: string) => string | undefined,
): void {
  for (const word of wordsIn(value)) {
    const found = read(word);
    if (found === undefined) leave(link, at, word);
    else add(link, key, found, at);
  }
}

function readPorts(link: FoundLink, value: string, at: Origin): void {
  for (const port of wordsIn(value)) {
    if (port === 'none') continue;
    if (/[[\]*?/]/.test(port)) {
      leave(link, at, port, 'A pattern: name the members.');
      continue;
    }
    link.ports.push(port);
    add(link, 'interfaces', port, at);
  }
}
