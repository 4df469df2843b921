/**
 * A kernel of a few links, to which commands of ip(8) and writes below /proc/sys are given: for what
 * is written as commands. Strict: a word that no rule below accounts for is a failure.
 *
 *     ip-link(8), ip-address(8), ip-route(8), ip-rule(8); Documentation/networking/ip-sysctl
 */
import { fail, type Link } from '../description.ts';
import { everywhere, isAddress, isIpv6, routeText, ruleText } from './text.ts';

/** What commands make of a link. Lists are in the order of the commands. */
export interface MadeLink {
  kind: Link['kind'];
  parent?: string;
  vlanId?: number;
  master?: string;
  mode?: string;
  sources: string[];
  queue?: number;
  threshold?: number;
  parameters: Record<string, string>;
  mac?: string;
  mtu?: number;
  allMulticast?: true;
  /** `OWNER:GROUP PERMISSIONS` of its device. */
  access?: string;
  isUp: boolean;
  addresses: string[];
  routes: string[];
  /** Of `/proc/sys/net/<family>/conf/<link>/`: `ipv6 disable_ipv6` → value. */
  settings: Record<string, string>;
}

export interface Kernel {
  readonly links: Map<string, MadeLink>;
  readonly rules: string[];
}

/** A NIC is there before any command, as it is: it is in the kernel once a command names it. */
export const kernel = (): Kernel => ({ links: new Map(), rules: [] });

const made = (kind: Link['kind']): MadeLink => ({
  kind,
  sources: [],
  parameters: {},
  isUp: false,
  addresses: [],
  routes: [],
  settings: {},
});

export function linkOf({ links }: Kernel, name: string): MadeLink {
  const known = links.get(name) ?? made('ethernet');
  links.set(name, known);
  return known;
}

/** Takes words off the front of a list. */
class Words {
  private readonly rest: string[];
  constructor(words: readonly string[]) {
    this.rest = [...words];
  }
  get isEmpty(): boolean {
    return this.rest.length === 0;
  }
  next(): string {
    return this.rest.shift() ?? fail('a command ends too soon');
  }
  /** Whether the next is this one, which is then taken. */
  has(word: string): boolean {
    if (this.rest[0] !== word) return false;
    this.rest.shift();
    return true;
  }
  expect(word: string): void {
    if (!this.has(word)) fail(`${this.rest[0]} in the place of ${word}`);
  }
  /** Pairs of a key and a value, to the end. */
  pairs(): Map<string, string> {
    const all = new Map<string, string>();
    while (!this.isEmpty) {
      const key = this.next();
      if (all.has(key)) fail(`${key} twice`);
      all.set(key, this.next());
    }
    return all;
  }
}

const numberOf = (text: string): number =>
  /^(?:0x[0-9a-f]+|0|[1-9][0-9]*)$/.test(text) ? Number(text) : fail(`${text} is not a number`);

const signedOf = (text: string): number => (text === '-1' ? -1 : numberOf(text));

/** A command of ip(8), without the word `ip` itself. */
export function ip(to: Kernel, command: readonly string[]): void {
  const words = new Words(command);
  const isV6 = words.has('-6');
  if (!isV6) words.has('-4');
  if (words.has('link')) {
    if (words.has('add')) addLink(to, words);
    else setLink(to, words);
  } else if (words.has('address')) address(to, words);
  else if (words.has('route')) route(to, words);
  else if (words.has('token')) token(to, words);
  else {
    words.expect('rule');
    words.expect('add');
    to.rules.push(ruleOf(isV6, words));
  }
}

/** `token set ::50 dev veth0` (ip-token(8)): the kernel refuses it where advertisements are ignored. */
function token(to: Kernel, words: Words): void {
  words.expect('set');
  const own = words.next();
  words.expect('dev');
  setToken(to, words.next(), own);
  if (!words.isEmpty) fail(`ip token set ${own}: ${words.next()}`);
}

export function setToken(to: Kernel, name: string, own: string): void {
  const { settings } = linkOf(to, name);
  if (!isAddress(own) || !own.startsWith('::')) fail(`${name}: token ${own}`);
  if (settings['ipv6 accept_ra'] !== '2') fail(`${name}: a token, and no advertisements`);
  settings['ipv6 token'] = own;
}

export function addLink({ links }: Kernel, words: Words): void {
  const before = new Map<string, string>();
  let name: string | undefined;
  while (!words.has('type')) {
    const word = words.next();
    if (['link', 'address', 'mtu', 'name'].includes(word)) before.set(word, words.next());
    else if (name === undefined) name = word;
    else fail(`ip link add: ${word}`);
  }
  const own = name ?? before.get('name') ?? fail('ip link add: no name');
  if (links.has(own)) fail(`${own} is made twice`);
  const link = made(words.next() as Link['kind']);
  const [parent, mac, mtu] = ['link', 'address', 'mtu'].map((key) => before.get(key));
  if (parent !== undefined) link.parent = parent;
  if (mac !== undefined) link.mac = mac;
  if (mtu !== undefined) link.mtu = numberOf(mtu);
  links.set(own, link);
  const settings = words.pairs();
  const take = (key: string): string => {
    const value = settings.get(key) ?? fail(`${own} lacks ${key}`);
    settings.delete(key);
    return value;
  };
  if (/^(?:macvlan|ipvlan|macvtap)$/.test(link.kind)) link.mode = take('mode');
  if (link.kind === 'vlan') link.vlanId = numberOf(take('id'));
  if (link.kind === 'bond' || link.kind === 'bridge')
    link.parameters = parametersOf(link.kind, settings);
  else if (settings.size > 0) fail(`${own}: ${[...settings.keys()].join(' ')}`);
  if (
    [
      'ethernet',
      ...(parent === undefined ? ['vlan', 'macvlan', 'ipvlan', 'macvtap'] : []),
    ].includes(link.kind)
  )
    fail(`${own} of kind ${link.kind}`);
}

/** A bridge's times are hundredths of a second (USER_HZ), and its switches 0 and 1. */
const BRIDGE: Readonly<Record<string, (value: string) => readonly [string, string]>> = {
  stp_state: (value) => ['stp', value === '1' ? 'true' : value === '0' ? 'false' : fail(value)],
  priority: (value) => ['priority', value],
  forward_delay: (value) => ['forward_delay', String(numberOf(value) / 100)],
  hello_time: (value) => ['hello_time', String(numberOf(value) / 100)],
  max_age: (value) => ['max_age', String(numberOf(value) / 100)],
  ageing_time: (value) => ['ageing_time', String(numberOf(value) / 100)],
};

const BOND = new Set(
  'mode primary primary_reselect miimon updelay downdelay lacp_rate min_links xmit_hash_policy ad_select arp_interval arp_ip_target fail_over_mac'.split(
    ' ',
  ),
);

const parametersOf = (kind: 'bond' | 'bridge', settings: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    [...settings]
      .map(([key, value]): readonly [string, string] =>
        kind === 'bond'
          ? [BOND.has(key) ? key : fail(`bond ${key}`), value]
          : (BRIDGE[key] ?? fail(`bridge ${key}`))(value),
      )
      // The kernel's default.
      .filter(([key, value]) => key !== 'min_links' || value !== '0')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

function setLink(to: Kernel, words: Words): void {
  words.expect('set');
  words.expect('dev');
  changeLink(to, words.next(), words);
}

/** What follows `ip link set dev NAME`. */
export function changeLink(to: Kernel, name: string, words: Words): void {
  const link = linkOf(to, name);
  if (words.has('up')) link.isUp = true;
  else if (words.has('down')) link.isUp = false;
  else if (words.has('master')) {
    if (link.isUp) fail(`${name} is up, and joins`);
    const master = words.next();
    if (!to.links.has(master)) fail(`there is no ${master}`);
    link.master = master;
  } else if (words.has('address')) link.mac = words.next();
  else if (words.has('mtu')) link.mtu = numberOf(words.next());
  else if (words.has('allmulticast')) {
    words.expect('on');
    link.allMulticast = true;
  } else {
    words.expect('type');
    words.expect(link.kind);
    if (words.has('bcqueuelen')) link.queue = numberOf(words.next());
    else if (words.has('bclim')) link.threshold = signedOf(words.next());
    else {
      words.expect('macaddr');
      words.expect('add');
      link.sources.push(words.next());
    }
  }
  if (!words.isEmpty) fail(`ip link set: ${words.next()}`);
}

function address(to: Kernel, words: Words): void {
  if (words.has('flush')) {
    words.expect('dev');
    linkOf(to, words.next()).addresses = [];
  } else {
    words.expect('replace');
    const own = words.next();
    words.expect('dev');
    addAddress(linkOf(to, words.next()), own);
  }
  if (!words.isEmpty) fail(`ip address: ${words.next()}`);
}

/** The same address again changes nothing. */
export function addAddress(link: MadeLink, own: string): void {
  if (!/^[0-9a-f.:]+\/[0-9]+$/.test(own)) fail(`${own} is not an address`);
  if (!link.addresses.includes(own)) link.addresses.push(own);
}

function route(to: Kernel, words: Words): void {
  words.expect('replace');
  const before: string[] = [words.next()];
  while (!words.has('dev')) before.push(words.next());
  addRoute(linkOf(to, words.next()), [...before, ...restOf(words)]);
}

function restOf(words: Words): string[] {
  const rest: string[] = [];
  while (!words.isEmpty) rest.push(words.next());
  return rest;
}

/** `TO [via …] [onlink] [scope link] [src …] [metric …] [table …]`, without the device. */
export function addRoute(link: MadeLink, list: readonly string[]): void {
  const words = new Words(list.filter((word) => word !== 'onlink'));
  const first = words.next();
  const { via, scope, src, metric, table, ...others } = Object.fromEntries(words.pairs());
  if (Object.keys(others).length > 0) fail(`ip route: ${Object.keys(others).join(' ')}`);
  const network = first === 'default' ? everywhere(false) : first;
  if ((scope === 'link') !== (via === undefined && !isIpv6(network)))
    fail(`scope of ${list.join(' ')}`);
  link.routes.push(
    routeText({
      to: network,
      via,
      from: src,
      onLink: list.includes('onlink'),
      metric: metric === undefined ? 0 : numberOf(metric),
      table: table === undefined ? undefined : numberOf(table),
    }),
  );
}

/** @param words `from … table … priority …` */
export function ruleOf(isV6: boolean, words: Words): string {
  const { from, to, iif, oif, tos, fwmark, table, priority, ...others } = Object.fromEntries(
    words.pairs(),
  );
  if (Object.keys(others).length > 0) fail(`ip rule: ${Object.keys(others).join(' ')}`);
  const ends = [from, to].filter((end) => end !== undefined);
  if (ends.some((end) => isIpv6(end) !== isV6)) fail('a rule of another family than its networks');
  return ruleText({
    from,
    to,
    iif,
    oif,
    // ip(8) takes the number for hexadecimal, with or without the prefix.
    tos: tos === undefined ? undefined : Number.parseInt(tos, 16),
    mark: fwmark === undefined ? undefined : numberOf(fwmark),
    table: numberOf(table ?? fail('a rule without a table')),
    priority: numberOf(priority ?? fail('a rule without a priority')),
  });
}

/** `net/ipv4/conf/eth0/arp_ignore`, below `/proc/sys`; in a name, `/` cannot be. */
export function setKernel(to: Kernel, path: string, value: string): void {
  const [, family, name = '', key] =
    /^net\/(ipv4|ipv6)\/conf\/([^/]+)\/([a-z0-9_]+)$/.exec(path) ?? fail(`setting ${path}`);
  linkOf(to, name).settings[`${family} ${key}`] = String(numberOf(value));
}

export const wordsOf = (words: readonly string[]): Words => new Words(words);
