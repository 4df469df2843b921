/** Generated stanzas of ifupdown: interfaces(5), and the commands of ip-link(8) in them. */
import {
  type FileLink,
  FileLinks,
  type Files,
  type LinkKind,
  type Maker,
  numberOf,
  PLAIN_DHCP4,
  PLAIN_DHCP6,
  type Reader,
  routeOf,
  ruleOf,
} from '../shared/file-links.ts';
import { nicNames } from '../shared/nic-names.ts';
import { readUdevRules } from '../shared/udev-rules.ts';

const STANZAS_FILE = '/etc/network/interfaces.d/60-macvtap';

/** `ifdown` deletes what `ifup` has created. */
const IFUPDOWN_MAKER: Maker = { id: 'ifupdown', howOf: () => 'recreate' };

export const ifupdownReader: Reader = {
  system: 'ifupdown',
  backend: () => 'ifupdown',
  staysUp: false,
  title: () => 'ifupdown',
  isMark: (path) => path === STANZAS_FILE,
  read: readIfupdown,
};

function readIfupdown(files: Files): FileLinks {
  const links = new FileLinks();
  for (const [mac, name] of nicNames(files)) links.of(name).permanentMac = mac;
  let link: FileLink | undefined;
  let family = 'inet';
  for (const raw of (files.get(STANZAS_FILE) ?? '').split('\n')) {
    const words = raw.trim().split(/ +/);
    const [first = ''] = words;
    if (first === 'iface') {
      link = links.of(words[1] ?? '');
      family = words[2] ?? 'inet';
      if (words[3] === 'dhcp' && family === 'inet') link.dhcp4 = { ...PLAIN_DHCP4 };
      if (words[3] === 'dhcp' && family === 'inet6') link.dhcp6 = { ...PLAIN_DHCP6 };
      if (words[3] === 'auto' && family === 'inet6') link.acceptRa = true;
    } else if (link && /^(?:pre-up|up|post-up)$/.test(first)) {
      readCommand(links, link, words.slice(1));
    } else if (link) readOption(link, first, words.slice(1));
  }
  readUdevRules(links, files);
  return links;
}

/** A static address is there twice, as an option and as a command. */
function addAddress(link: FileLink, address: string): void {
  if (!link.addresses.includes(address)) link.addresses.push(address);
}

function readOption(link: FileLink, key: string, values: readonly string[]): void {
  const [value = ''] = values;
  const number = numberOf(value);
  if (key === 'address') addAddress(link, value);
  else if (key === 'mtu' && number !== undefined) link.mtu = number;
  else if (key === 'dns-nameservers') link.nameservers.push(...values);
  else if (key === 'dns-search') link.search.push(...values);
  else if (key === 'accept_ra') link.acceptRa = value === '2';
  else if (key === 'client' && value.startsWith('01:')) link.identifier = 'mac';
  else if (key === 'metric' && link.dhcp4 && number !== undefined) {
    link.dhcp4 = { ...link.dhcp4, routeMetric: number };
  }
}

/** What follows a word, where the word is there. */
const afterWord = (words: readonly string[], word: string): string | undefined => {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
};

function readCommand(links: FileLinks, link: FileLink, words: readonly string[]): void {
  const text = words.join(' ');
  const at = text.indexOf('ip ');
  const command = at < 0 ? [] : text.slice(at).split(' ');
  const what = command.slice(1, 3).join(' ');
  const flag =
    /echo (\d) > \/proc\/sys\/net\/ipv6\/conf\/[^/]+\/(disable_ipv6|addr_gen_mode|accept_ra|use_tempaddr)$/.exec(
      text,
    );
  if (flag) readFlag(link, flag[2] ?? '', flag[1] ?? '');
  else if (text.endsWith('/stable_secret')) link.addressGeneration = 'stable-privacy';
  else if (what === 'token set') link.addressToken = command[3] ?? '';
  else if (what === 'link add') readDevice(links, command.slice(3));
  else if (what === 'link set') readSetting(links, command.slice(3));
  else if (what === 'address replace') addAddress(link, command[3] ?? '');
  else if (what === 'route replace') {
    const after = (word: string): string | undefined => afterWord(command, word);
    const route = routeOf({
      // In IPv6 it is written as `::/0`.
      to: command[3] === 'default' ? '0.0.0.0/0' : command[3],
      via: after('via'),
      from: after('src'),
      onLink: command.includes('onlink'),
      metric: after('metric'),
      table: after('table'),
    });
    if (route) link.routes.push(route);
  } else if (/^ip -[46] rule add /.test(command.join(' '))) {
    const after = (word: string): string | undefined => afterWord(command, word);
    const rule = ruleOf({
      from: after('from'),
      to: after('to'),
      table: after('table'),
      priority: after('priority'),
      iif: after('iif'),
      oif: after('oif'),
      typeOfService: after('tos'),
      mark: after('fwmark'),
    });
    if (rule) link.rules.push(rule);
  }
}

function readFlag(link: FileLink, key: string, value: string): void {
  if (key === 'accept_ra') link.acceptRa = value === '2';
  else if (key === 'use_tempaddr') link.ipv6Privacy = value === '2';
  else if (key === 'disable_ipv6') link.linkLocal = value === '0' ? ['ipv6'] : [];
  else if (value === '1') link.linkLocal = [];
}

const KINDS: ReadonlySet<string> = new Set([
  'macvlan',
  'ipvlan',
  'macvtap',
  'vlan',
  'bond',
  'bridge',
]);

/** `veth0 link eth0 address … type macvlan mode bridge`, `link bond0 name bond0.10 type vlan id 10`. */
function readDevice(links: FileLinks, words: readonly string[]): void {
  const after = (word: string): string | undefined => afterWord(words, word);
  const kind = after('type') ?? '';
  const name = after('name') ?? words[0];
  if (!KINDS.has(kind) || name === undefined) return;
  const link = links.of(name);
  link.kind = kind as LinkKind;
  link.maker = IFUPDOWN_MAKER;
  const [parent, mac, mode] = [after('link'), after('address'), after('mode')];
  if (parent !== undefined) link.parent = parent;
  if (mac !== undefined) link.mac = mac;
  const [mtu, id] = [numberOf(after('mtu')), numberOf(after('id'))];
  if (mtu !== undefined) link.mtu = mtu;
  if (kind === 'vlan' && id !== undefined) link.vlanId = id;
  if (kind === 'macvlan' || kind === 'macvtap') link.mode = mode ?? 'vepa';
  if (kind === 'ipvlan') link.mode = mode ?? 'l3';
  if (kind === 'bond') link.bondMode = mode ?? 'balance-rr';
  if (kind === 'bond' || kind === 'bridge') {
    const options = words.slice(words.indexOf('type') + 2).join(' ');
    link.parameters = options.replace(/^mode \S+ ?/, '');
  }
}

/** `dev veth0 mtu 9000`, `dev eth0 master bond0`, `dev veth0 type macvlan macaddr add …`. */
function readSetting(links: FileLinks, words: readonly string[]): void {
  const after = (word: string): string | undefined => afterWord(words, word);
  const name = after('dev');
  if (name === undefined) return;
  const link = links.of(name);
  const [master, mac, mtu] = [after('master'), after('address'), numberOf(after('mtu'))];
  if (master !== undefined) link.master = master;
  if (mac !== undefined) link.mac = mac;
  if (mtu !== undefined) link.mtu = mtu;
  if (after('allmulticast') === 'on') link.allMulticast = true;
  const queue = numberOf(after('bcqueuelen'));
  if (queue !== undefined) link.broadcastQueueLength = queue;
  const threshold = after('bclim');
  if (threshold !== undefined && /^-?\d{1,10}$/.test(threshold))
    link.broadcastQueueThreshold = Number(threshold);
  if (after('macaddr') === 'add') link.sourceMacs.push(after('add') ?? '');
}
