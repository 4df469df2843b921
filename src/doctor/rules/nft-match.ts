/** Conditions of nftables' rules (libnftables-json(5), MATCH and EXPRESSIONS). */
import { type Fields, fieldsOf, objectsIn, textOf, textsOf } from '../../kernel/json.ts';
import type { Field, Match } from './ruleset.ts';

const META: ReadonlyMap<string, Field> = new Map([
  ['iifname', 'in'],
  ['iif', 'in'],
  ['oifname', 'out'],
  ['oif', 'out'],
  ['l4proto', 'protocol'],
  ['nfproto', 'family'],
  ['protocol', 'family'],
  ['pkttype', 'packetType'],
  ['length', 'length'],
]);

const PAYLOAD: ReadonlyMap<string, Field> = new Map([
  ['ip saddr', 'source'],
  ['ip6 saddr', 'source'],
  ['ip daddr', 'destination'],
  ['ip6 daddr', 'destination'],
  ['ip protocol', 'protocol'],
  ['ip6 nexthdr', 'protocol'],
  ['icmp type', 'icmp'],
  ['icmpv6 type', 'icmp'],
  ['ether saddr', 'sourceMac'],
  ['ether daddr', 'destinationMac'],
  ['ether type', 'family'],
  ['arp operation', 'operation'],
  ['arp saddr ip', 'source'],
  ['arp daddr ip', 'destination'],
  ['arp saddr ether', 'sourceMac'],
  ['ip length', 'length'],
]);

/** What the address is to the host: `local`, `broadcast` … (nft(8), FIB EXPRESSIONS); with `iif`: on that link alone. */
const FIB: ReadonlyMap<string, Field> = new Map([
  ['daddr', 'destinationType'],
  ['daddr iif', 'destinationTypeThere'],
]);

/** What a field of a protocol says of the packet, whatever its value. */
const IMPLIED: ReadonlyMap<string, readonly [Field, string]> = new Map([
  ['ip', ['family', 'ipv4']],
  ['ip6', ['family', 'ipv6']],
  ['arp', ['family', 'arp']],
  ['icmp', ['protocol', 'icmp']],
  ['icmpv6', ['protocol', 'icmpv6']],
]);

/** What ARP for IPv4 on Ethernet always has, and arptables asks for in each rule (RFC 826). */
const OF_ALL_ARP: ReadonlyMap<string, number> = new Map([
  ['htype', 1],
  ['hlen', 6],
  ['plen', 4],
]);

const WITH_PORTS: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'th']);

/** More than anybody compares with one by one. */
const MAX_VALUES = 20_000;

/** @param named the elements of a set, by `@name` */
export function matchOf(
  match: Fields,
  named: (name: string) => readonly string[] | undefined,
): Match[] {
  const left = fieldsOf(match, 'left');
  const protocol = textOf(fieldsOf(left, 'payload'), 'protocol');
  if (protocol !== undefined && WITH_PORTS.has(protocol)) {
    return [{ field: 'port', values: [], isNegated: false }];
  }
  const implied = protocol === undefined ? undefined : IMPLIED.get(protocol);
  const before: Match[] = implied
    ? [{ field: implied[0], values: [implied[1]], isNegated: false }]
    : [];
  const field = fieldOf(left, protocol);
  const right = match['right'];
  const values =
    typeof right === 'string' && right.startsWith('@')
      ? named(right)
      : ((field === 'icmp' ? typesBetween(protocol, right) : undefined) ?? valuesOf(right));
  const operator = textOf(match, 'op') ?? '';
  const name = textOf(fieldsOf(left, 'payload'), 'field') ?? '';
  if (protocol === 'arp' && operator === '==' && OF_ALL_ARP.get(name) === right) return before;
  const compared = field === 'length' ? comparedWith(operator, right) : undefined;
  if (compared !== undefined) {
    return [...before, { field: 'length', values: [compared], isNegated: false }];
  }
  const isKnown = operator === '==' || operator === '!=' || operator === 'in';
  return !field || !values || !isKnown
    ? [...before, 'unknown']
    : [...before, { field, values: values.map(plain), isNegated: operator === '!=' }];
}

function fieldOf(left: Fields, protocol: string | undefined): Field | undefined {
  const meta = textOf(fieldsOf(left, 'meta'), 'key');
  if (meta !== undefined) return META.get(meta);
  if (textOf(fieldsOf(left, 'ct'), 'key') === 'state') return 'state';
  const fib = fieldsOf(left, 'fib');
  if (textOf(fib, 'result') === 'type') return FIB.get(textsOf(fib, 'flags').join(' '));
  return PAYLOAD.get(`${protocol} ${textOf(fieldsOf(left, 'payload'), 'field')}`);
}

/** `> 1400` as a range; undefined for other operators. */
function comparedWith(operator: string, right: unknown): string | undefined {
  if (typeof right !== 'number') return undefined;
  switch (operator) {
    case '>':
      return `${right + 1}-${MAX_LENGTH}`;
    case '>=':
      return `${right}-${MAX_LENGTH}`;
    case '<':
      return `0-${right - 1}`;
    case '<=':
      return `0-${right}`;
    default:
      return undefined;
  }
}

/** More bytes than a packet has. */
const MAX_LENGTH = 0xffff_ffff;

/** Of the types that packets here have: numbers by RFC 792, RFC 4443 and RFC 4861, words by nft(8). */
const NUMBERS: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  icmp: [
    ['echo-reply', 0],
    ['echo-request', 8],
  ],
  icmpv6: [
    ['echo-request', 128],
    ['echo-reply', 129],
    ['nd-router-solicit', 133],
    ['nd-router-advert', 134],
    ['nd-neighbor-solicit', 135],
    ['nd-neighbor-advert', 136],
    ['nd-redirect', 137],
  ],
};

/** A range of types, as the types in it; undefined where it is none, or an end of it has a word that is not known. */
function typesBetween(protocol: string | undefined, right: unknown): string[] | undefined {
  const known = NUMBERS[protocol === 'icmpv6' ? 'icmpv6' : 'icmp'] ?? [];
  const ends = objectsIn([right])[0]?.['range'];
  if (!Array.isArray(ends)) return undefined;
  const [low, high] = ends.map((end: unknown) =>
    typeof end === 'number' ? end : known.find(([word]) => word === end)?.[1],
  );
  if (low === undefined || high === undefined) return undefined;
  return known.filter(([, number]) => low <= number && number <= high).map(([word]) => word);
}

/** nft's words for what a packet calls otherwise. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['ipv6-icmp', 'icmpv6'],
  ['ip', 'ipv4'],
  ['ip6', 'ipv6'],
  ['unicast', 'host'],
]);
const plain = (value: string): string => PLAIN.get(value) ?? value.toLowerCase();

/** The values on the right of a condition; undefined where they are not plain ones. */
export function valuesOf(right: unknown): string[] | undefined {
  if (typeof right === 'string' || typeof right === 'number') return [String(right)];
  if (Array.isArray(right)) return flat(right);
  const [fields] = objectsIn([right]);
  if (!fields) return undefined;
  if (Array.isArray(fields['set'])) return flat(fields['set']);
  if ('elem' in fields) return valuesOf(fieldsOf(fields, 'elem')['val']);
  const prefix = fieldsOf(fields, 'prefix');
  const address = textOf(prefix, 'addr');
  if (address !== undefined) return [`${address}/${String(prefix['len'])}`];
  const range = fields['range'];
  if (!Array.isArray(range)) return undefined;
  const [first, last] = range;
  const isPlain = [first, last].every((end) => typeof end === 'string' || typeof end === 'number');
  return isPlain ? [`${first}-${last}`] : undefined;
}

function flat(values: readonly unknown[]): string[] | undefined {
  const found: string[] = [];
  for (const value of values.slice(0, MAX_VALUES)) {
    // A list in a list is a concatenation: not one value.
    const own = Array.isArray(value) ? undefined : valuesOf(value);
    if (!own) return undefined;
    found.push(...own);
  }
  return values.length > MAX_VALUES ? undefined : found;
}
