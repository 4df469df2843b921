/**
 * Which links a file of systemd-networkd or udev matches: systemd.network(5) and systemd.link(5),
 * section [Match]. What a tree does not have (driver, bus, host) is `maybe`.
 */
import type { Claim, Setting } from '../foreign.ts';
import { fits } from '../foreign.ts';
import { wordsOf } from '../systemd-file.ts';

/** `unlikely`: only by an alternative name that udev may add. */
export type Answer = 'yes' | 'no' | 'maybe' | 'unlikely';

/** What kind of file: the key for the name differs. */
export type Matcher = 'network' | 'link';

/** All keys must fit. Undefined without a valid key: systemd then ignores the file. */
export function matchOf(
  settings: readonly Setting[],
  claim: Claim,
  matcher: Matcher,
): Answer | undefined {
  const conditions = conditionsOf(settings, matcher);
  if (conditions.size === 0) return undefined;
  return all([...conditions].map(([key, words]) => matchesKey(key, words, claim)));
}

/** The answer of several conditions that must all hold. */
const all = (answers: readonly Answer[]): Answer =>
  (['no', 'unlikely', 'maybe'] as const).find((item) => answers.includes(item)) ?? 'yes';

/** Keys of the other kind of file are unknown to this one, which ignores them. */
const IGNORED: Readonly<Record<Matcher, readonly string[]>> = {
  network: ['OriginalName'],
  link: ['Name', 'WLANInterfaceType', 'SSID', 'BSSID'],
};

/** Conditions on the host: the last assignment counts, and `!` is part of the value. */
const OF_HOST: ReadonlySet<string> = new Set([
  'Host',
  'Virtualization',
  'KernelCommandLine',
  'KernelVersion',
  'Credential',
  'Architecture',
  'Firmware',
]);

const MACS: ReadonlySet<string> = new Set(['MACAddress', 'PermanentMACAddress', 'BSSID']);
const NAMES: ReadonlySet<string> = new Set(['Name', 'OriginalName']);

/**
 * The words of each key. Several assignments are joined; an empty one drops those before it. A `!`
 * before the first word of an assignment applies to all of its words.
 */
function conditionsOf(settings: readonly Setting[], matcher: Matcher): Map<string, string[]> {
  const conditions = new Map<string, string[]>();
  for (const { section, key, value } of settings) {
    if (section !== 'Match' || IGNORED[matcher].includes(key)) continue;
    const before = conditions.get(key) ?? [];
    const words = value === '' ? [] : [...before, ...readWords(key, value)];
    if (words.length === 0) conditions.delete(key);
    else conditions.set(key, words);
  }
  return conditions;
}

function readWords(key: string, value: string): string[] {
  if (OF_HOST.has(key)) return [value];
  if (MACS.has(key)) return wordsOf(value, 'unescaped').filter((word) => bytesOf(word) !== '');
  const isNegated = value.startsWith('!');
  const rest = isNegated ? value.slice(1) : value;
  const words = NAMES.has(key)
    ? wordsOf(rest, 'unescaped').filter(isName)
    : wordsOf(rest, 'unquoted');
  return isNegated ? words.map((word) => `!${word}`) : words;
}

/** Characters that neither names of links nor patterns for them may have: `eth[[:digit:]]` is ignored. */
const isName = (word: string): boolean =>
  word.length < 128 && !/[:/%]/.test(word) && !/^(?:\d+|\.\.?|)$/.test(word);

/** networkd's type of a link (`networkctl list`): a macvlan is plain Ethernet. */
const TYPE: Readonly<Record<Claim['kind'], string>> = {
  ethernet: 'ether',
  macvlan: 'ether',
  ipvlan: 'ether',
  macvtap: 'ether',
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
};

/** Drivers of virtual links (`ethtool -i`). */
const DRIVER: Readonly<Record<Exclude<Claim['kind'], 'ethernet'>, string>> = {
  macvlan: 'macvlan',
  ipvlan: 'ipvlan',
  macvtap: 'macvlan',
  vlan: '802.1Q VLAN Support',
  bond: 'bonding',
  bridge: 'bridge',
};

function matchesKey(key: string, words: readonly string[], claim: Claim): Answer {
  const { kind } = claim;
  switch (key) {
    case 'Name':
      return matchesName(words, claim);
    case 'OriginalName':
      return matchesOriginalName(words, claim);
    case 'Type':
      return matchesAny(words, TYPE[kind]);
    case 'Kind':
      return matchesAny(words, kind === 'ethernet' ? undefined : kind);
    case 'Driver':
      return kind === 'ethernet' ? unknown(words) : matchesAny(words, DRIVER[kind]);
    case 'Path':
      return kind === 'ethernet' ? unknown(words) : matchesAny(words, undefined);
    case 'MACAddress':
      return byMac(words, claim.mac ?? claim.permanentMac);
    case 'PermanentMACAddress':
      return claim.kind === 'ethernet' || claim.hasMacOfParent
        ? byMac(words, claim.permanentMac)
        : 'no';
    case 'WLANInterfaceType':
    case 'SSID':
      return matchesAny(words, undefined);
    case 'BSSID':
      return 'no';
    default:
      return 'maybe';
  }
}

/**
 * Whether a value fits a list: a matching word with `!` excludes it; a list of only such words fits
 * everything else, also a missing value (net_condition_test_strv).
 */
function matchesAny(words: readonly string[], value: string | undefined): Answer {
  const isHit = (word: string): boolean => value !== undefined && fits(word, value);
  const positive = words.filter((word) => !word.startsWith('!'));
  if (words.some((word) => word.startsWith('!') && isHit(word.slice(1)))) return 'no';
  return positive.length === 0 || positive.some(isHit) ? 'yes' : 'no';
}

/** A value that only the host knows; `*` fits any. */
const unknown = (words: readonly string[]): Answer => (words.includes('*') ? 'yes' : 'maybe');

/**
 * A link matches by any of its names. Alternative names of udev (`enp1s0`,
 * systemd.net-naming-scheme(7)) are known only on the host.
 */
function matchesName(words: readonly string[], claim: Claim): Answer {
  if (matchesAny(words, claim.name) === 'yes') return 'yes';
  if (claim.kind !== 'ethernet' || words.some((word) => /^!(?:en?)?\*$/.test(word))) return 'no';
  const positive = words.filter((word) => !word.startsWith('!'));
  const isAlternative = (pattern: string): boolean => {
    const start = literalStart(pattern);
    // A NIC has one name by its slot: `enp2s0` is not `enp1s0`.
    const isOther = start.length >= 3 && start.slice(0, 3) === claim.name.slice(0, 3);
    return areCompatible(start, 'en') && !isOther;
  };
  return positive.length === 0 || positive.some(isAlternative) ? 'unlikely' : 'no';
}

/** The kernel's name: for a NIC nearly always `eth0`, `eth1` …; for a virtual link its own. */
function matchesOriginalName(words: readonly string[], claim: Claim): Answer {
  const answer = matchesAny(words, claim.name);
  if (claim.kind !== 'ethernet' || words.includes('*')) return answer;
  const positive = words.filter((word) => !word.startsWith('!'));
  const mayFit = positive.some((word) => areCompatible(literalStart(word), 'eth'));
  return answer === 'yes' || positive.length === 0 || mayFit ? 'maybe' : 'no';
}

/** The literal prefix of a pattern. */
const literalStart = (pattern: string): string => /^[^*?[\\]*/.exec(pattern)?.[0] ?? '';

const areCompatible = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

function byMac(words: readonly string[], mac: string | undefined): Answer {
  if (mac === undefined) return 'maybe';
  return words.some((word) => bytesOf(word) === bytesOf(mac)) ? 'yes' : 'no';
}

/** Six bytes as hexadecimal digits, without separators; empty if it is not a MAC. */
function bytesOf(text: string): string {
  const parts = text.toLowerCase().split(/[:.-]/);
  const width = parts.length === 3 ? 4 : 2;
  const isMac =
    [3, 6].includes(parts.length) && parts.every((part) => /^[0-9a-f]{1,4}$/.test(part));
  const digits = parts.map((part) => part.padStart(width, '0')).join('');
  return isMac && digits.length === 12 ? digits : '';
}
