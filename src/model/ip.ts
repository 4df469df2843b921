/** IP addresses and networks: parsing (strict), canonical text (RFC 5952), comparison. */
import ipaddr from 'ipaddr.js';
import type { Ip, Network } from './types.ts';

export type { Ip, Network } from './types.ts';

/** Characters of the longest address there is, `0000:…:255.255.255.255` (INET6_ADDRSTRLEN). */
const LONGEST = 45;

/** An address without prefix length or zone, or undefined. */
export function parseIp(text: string): Ip | undefined {
  if (text.length > LONGEST) return undefined;
  // Shorthand (`10.1`), octal and hexadecimal IPv4 would be taken by the library, and by few daemons.
  if (isDottedQuad(text)) {
    const ip = ipaddr.IPv4.parse(text);
    return { family: 'ipv4', text: ip.toString(), bytes: ip.toByteArray(), range: ip.range() };
  }
  // The library takes `::192.0.2.1` for `::ffff:192.0.2.1`: it is given plain hexadecimal.
  const plain = withoutDottedQuad(text);
  if (plain.includes(':') && /^[0-9a-f:]+$/i.test(plain) && ipaddr.IPv6.isValid(plain)) {
    const ip = ipaddr.IPv6.parse(plain);
    return {
      family: 'ipv6',
      text: ip.toRFC5952String(),
      bytes: ip.toByteArray(),
      range: ip.range(),
    };
  }
  return undefined;
}

/** The last 64 bits of an IPv6 address, as an address. */
export const lowerHalf = ({ bytes }: Ip): string =>
  new ipaddr.IPv6([...Array<number>(8).fill(0), ...bytes.slice(8)]).toRFC5952String();

/** The library throws and catches for each text that is none: most are seen at a glance. */
const isDottedQuad = (text: string): boolean =>
  /^[0-9.]{7,15}$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text);

/** An IPv6 address with its last 32 bits in hexadecimal, where they stand as an IPv4 address. */
function withoutDottedQuad(text: string): string {
  const [, head = '', quad = ''] = /^(.*:)([0-9.]+)$/.exec(text) ?? [];
  if (!isDottedQuad(quad)) return text;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(quad).toByteArray();
  return `${head}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** `address/length`; the address may have bits set beyond the length. */
export function parseCidr(text: string): Network | undefined {
  if (text.length > LONGEST + '/128'.length) return undefined;
  const [, address = '', length = ''] = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const prefix = Number(length);
  return ip && prefix <= bitsOf(ip) ? { ip, prefix } : undefined;
}

/** A network, or an address alone, which is the network of that host (as for `ip route`). */
export function parseNetwork(text: string): Network | undefined {
  const ip = parseIp(text);
  return ip ? { ip, prefix: bitsOf(ip) } : parseCidr(text);
}

/** `198.51.100.50/24`: the address in canonical text, with the length of its prefix. */
export const networkText = ({ ip, prefix }: Network): string => `${ip.text}/${prefix}`;

export const bitsOf = (ip: Ip): number => ip.bytes.length * 8;

/** The network that an address of it is in: all bits beyond the prefix are 0. */
export function networkOf({ ip, prefix }: Network): Network | undefined {
  const bytes = ip.bytes.map((byte, index) => byte & maskOf(prefix, index));
  const text =
    ip.family === 'ipv4' ? bytes.join('.') : ipaddr.fromByteArray(bytes).toNormalizedString();
  const base = parseIp(text);
  return base && { ip: base, prefix };
}

/** The bits of a byte that belong to a prefix. */
const maskOf = (prefix: number, index: number): number =>
  (0xff << (8 - Math.max(0, Math.min(8, prefix - index * 8)))) & 0xff;

/** `address/255.255.255.0`, or spaces around the `/` → `address/24`, or undefined. */
export function cidrSpelling(text: string): string | undefined {
  if (text.length > 2 * LONGEST) return undefined;
  const [, address = '', length = ''] = /^\s*([^/\s]+)\s*\/\s*([^/\s]+)\s*$/.exec(text) ?? [];
  const mask = address.includes(':') ? undefined : parseIp(length);
  const prefix = mask?.family === 'ipv4' ? prefixOfMask(mask) : Number(length);
  const spelling = `${address}/${prefix}`;
  return prefix !== undefined && parseCidr(spelling) ? spelling : undefined;
}

/** The prefix length of a netmask, whose bits are ones and then zeros. */
function prefixOfMask(mask: Ip): number | undefined {
  const bits = mask.bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined;
}

/** The address of `address/length`, where none is expected; not of a network alone. */
export function withoutPrefix(text: string): string | undefined {
  const network = parseCidr(text);
  if (!network) return undefined;
  const isNetwork = network.prefix < bitsOf(network.ip) && hostBitsAre(network, 0);
  return isNetwork ? undefined : text.slice(0, text.indexOf('/'));
}

const bit = (ip: Ip, index: number): number =>
  ((ip.bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;

/** Whether all bits of the host part are `value`. */
export function hostBitsAre({ ip, prefix }: Network, value: 0 | 1): boolean {
  for (let index = prefix; index < bitsOf(ip); index += 1) {
    if (bit(ip, index) !== value) return false;
  }
  return true;
}

export function contains(network: Network, ip: Ip): boolean {
  if (network.ip.family !== ip.family) return false;
  for (let index = 0; index < network.prefix; index += 1) {
    if (bit(network.ip, index) !== bit(ip, index)) return false;
  }
  return true;
}

/** The first `length` bits of an address, as a key: equal keys, same network of that length. */
export function prefixKey(ip: Ip, length: number): string {
  const bytes = ip.bytes.map((byte, index) => byte & maskOf(length, index));
  return `${length}/${bytes.join('.')}`;
}
