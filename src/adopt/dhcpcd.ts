/** dhcpcd.conf → what it sets for a link (dhcpcd.conf(5), 8 to 10): Raspberry Pi OS up to 11. */
import type { HostFile } from '../backends/host/foreign.ts';
import { add, type FoundLink, leave, newLink, type Origin, set } from './found.ts';
import type { Reader } from './reader.ts';
import { addressOf, classPrefix, domainOf, ipOf, wholeOf, wordsIn } from './values.ts';

const CONFIG = '/etc/dhcpcd.conf';

interface Line {
  readonly words: readonly string[];
  readonly origin: Origin;
}

/** Lines for every link, or in the block of a link; other blocks are of profiles and networks. */
function linesFor(
  files: readonly HostFile[],
  name: string,
): { readonly all: Line[]; readonly own: Line[]; readonly other: Line[] } {
  const found = { all: [] as Line[], own: [] as Line[], other: [] as Line[] };
  let block: keyof typeof found | 'none' = 'all';
  for (const { words, origin } of allLines(files)) {
    const [key, value] = words;
    if (key === 'interface') block = value === name ? 'own' : 'none';
    else if (/^(?:ssid|profile|arping)$/.test(key ?? '')) block = 'other';
    else if (block !== 'none') found[block].push({ words, origin });
  }
  return found;
}

const allLines = (files: readonly HostFile[]): Line[] =>
  (files.find(({ path }) => path === CONFIG)?.text ?? '').split('\n').flatMap((raw, index) => {
    const words = raw
      .replace(/(?:^|\s)#.*/, '')
      .trim()
      .split(/\s+/);
    return words[0] ? [{ words, origin: { path: CONFIG, line: index + 1 } }] : [];
  });

export const dhcpcdReader: Reader = {
  id: 'dhcpcd',
  names: (files) =>
    new Map(
      allLines(files).flatMap(({ words: [key, name] }) =>
        key === 'interface' && name !== undefined
          ? [[name, /^wl/.test(name) ? ('other' as const) : ('ethernet' as const)] as const]
          : [],
      ),
    ),
  patterns: () => [],
  read(files, claim) {
    const { all, own, other } = linesFor(files, claim.name);
    const at = { note: 'default of dhcpcd' };
    const link = newLink(
      claim.name,
      claim.kind === 'ethernet' ? 'ethernet' : 'other',
      own[0]?.origin ?? { path: CONFIG },
    );
    set(link, 'dhcp4', true, at);
    set(link, 'accept-ra', true, at);
    for (const { words, origin } of [...all, ...own]) readLine(link, words, origin);
    for (const { words, origin } of other) leave(link, origin, words.join(' '), OF_PROFILE);
    return link;
  },
};

const OF_PROFILE =
  'It is of a profile, which counts only where the network is found or no lease comes.';

/** What a client asks for, and how it identifies itself to nobody but the server. */
const NEUTRAL = new Set([
  'option',
  'require',
  'controlgroup',
  'background',
  'quiet',
  'allowinterfaces',
  'denyinterfaces',
]);

function readLine(link: FoundLink, [key = '', ...rest]: readonly string[], at: Origin): void {
  const value = rest.join(' ');
  const lost = (): void => leave(link, at, `${key} ${value}`.trim());
  if (NEUTRAL.has(key)) return;
  switch (key) {
    case 'static':
      readStatic(link, key, value, at);
      return;
    case 'inform':
      readInform(link, value, at, lost);
      return;
    case 'hostname':
      if (value !== '') lost();
      return;
    case 'clientid':
      if (value === '') set(link, 'dhcp-identifier', 'mac', at);
      else lost();
      return;
    case 'duid':
      set(link, 'dhcp-identifier', 'duid', at);
      return;
    case 'metric': {
      const metric = wholeOf(value);
      if (metric === undefined) lost();
      else set(link, 'dhcp4-overrides.route-metric', metric, at);
      return;
    }
    case 'noipv6':
    case 'noipv6rs':
    case 'ipv4only':
      set(link, 'accept-ra', false, at);
      return;
    case 'slaac':
      if (value === 'hwaddr') set(link, 'ipv6-address-generation', 'eui64', at);
      else if (value === 'private') set(link, 'ipv6-address-generation', 'stable-privacy', at);
      else lost();
      return;
    case 'noipv4':
    case 'ipv6only':
      set(link, 'dhcp4', false, at);
      return;
    default:
      lost();
  }
}

/** dhcpcd.conf(5): the address is the host's own, and the server is asked for all else. */
function readInform(link: FoundLink, value: string, at: Origin, lost: () => void): void {
  const address = value.includes('/') ? addressOf(value) : undefined;
  if (address === undefined) {
    lost();
    return;
  }
  set(link, 'dhcp4', false, at);
  add(link, 'addresses', address, at);
  leave(link, at, `inform ${value}`, 'The address is in the intent; no server is asked for more.');
}

/** dhcpcd.conf(5), static: without a CIDR, the mask is that of the class. */
function withClass(word: string): string | undefined {
  const ip = ipOf(word);
  return ip === undefined || ip.includes(':') ? addressOf(word) : `${ip}/${classPrefix(ip)}`;
}

function readStatic(link: FoundLink, key: string, value: string, at: Origin): void {
  const [name = '', text = ''] = [
    value.slice(0, value.indexOf('=')),
    value.slice(value.indexOf('=') + 1),
  ];
  const all = wordsIn(text);
  const lost = (): void => leave(link, at, `${key} ${value}`);
  const each = (path: string, read: (word: string) => string | undefined): void => {
    const found = all.map(read);
    if (found.length === 0 || found.includes(undefined)) lost();
    else for (const item of found) add(link, path, item ?? '', at);
  };
  switch (name) {
    case 'ip_address':
      set(link, 'dhcp4', false, at);
      each('addresses', withClass);
      return;
    case 'ip6_address':
      each('addresses', (word) => addressOf(word));
      return;
    case 'routers': {
      const via = ipOf(text);
      if (via === undefined) lost();
      else add(link, 'routes', { to: 'default', via }, at);
      return;
    }
    case 'domain_name_servers':
      each('nameservers.addresses', ipOf);
      return;
    case 'domain_name':
    case 'domain_search':
      each('nameservers.search', domainOf);
      return;
    default:
      lost();
  }
}
