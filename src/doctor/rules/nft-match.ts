/** Conditions of nftables' rules (libnftables-json(5), MATCH and EXPRESSIONS). */
import { type Fields, fieldsOf, objectsIn, textOf } from '../../kernel/json.ts';
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
    typeof right === 'string' && right.startsWith('@') ? named(right) : valuesOf(right);
  const operator = textOf(match, 'op');
  const name = textOf(fieldsOf(left, 'payload'), 'field') ?? '';
  if (protocol === 'arp' && operator === '==' && OF_ALL_ARP.get(name) === right) return before;
  const isKnown = operator === '==' || operator === '!=' || operator === 'in';
  return !field || !values || !isKnown
    ? [...before, 'unknown']
    : [...before, { field, values: values.map(plain), isNegated: operator === '!=' }];
}

function fieldOf(left: Fields, protocol: string | undefined): Field | undefined {
  const meta = textOf(fieldsOf(left, 'meta'), 'key');
  if (meta !== undefined) return META.get(meta);
  if (textOf(fieldsOf(left, 'ct'), 'key') === 'state') return 'state';
  return PAYLOAD.get(`${protocol} ${textOf(fieldsOf(left, 'payload'), 'field')}`);
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
  return typeof first === 'string' && typeof last === 'string' ? [`${first}-${last}`] : undefined;
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
