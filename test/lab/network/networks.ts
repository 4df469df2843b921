/** Addresses and networks of the lab. What is malformed is a bug of the lab, and thrown. */
import {
  bitsOf,
  contains,
  hostBitsAre,
  type Ip,
  type Network,
  parseCidr,
  parseIp,
} from '../../../src/model/ip.ts';

export function parseNetwork(text: string): Network {
  const network = parseCidr(text);
  if (!network) throw new Error(`no network: ${text}`);
  return network;
}

export function parseAddress(text: string): Ip {
  const ip = parseIp(text);
  if (!ip) throw new Error(`no address: ${text}`);
  return ip;
}

export function isIn(network: Network, address: string): boolean {
  const ip = parseIp(address);
  return ip !== undefined && contains(network, ip);
}

/** Whether two networks have an address in common. */
export const meet = (a: Network, b: Network): boolean => contains(a, b.ip) || contains(b, a.ip);

/** The address itself, and alone. */
export const bitsOfAddress = (address: string): number => bitsOf(parseAddress(address));

/** Neither the network's own address nor its broadcast address, where it has such. */
export const isOfOne = (network: Network): boolean =>
  bitsOf(network.ip) - network.prefix < 2 || !(hostBitsAre(network, 0) || hostBitsAre(network, 1));

/** An address with another last byte, canonical. */
export const withLastByte = ({ bytes }: Ip, last: number): string =>
  fromBytes([...bytes.slice(0, -1), last]);

/** The network of so many whole bytes that an address is in, as an address. */
export const baseOf = ({ bytes }: Ip, kept: number): string =>
  fromBytes(bytes.map((byte, index) => (index < kept ? byte : 0)));

/** What the kernel makes of a MAC: `fe80::` with the modified EUI-64 (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): string {
  const [first = 0, second = 0, third = 0, ...rest] = mac
    .split(':')
    .map((hex) => Number(`0x${hex}`));
  return fromBytes([0xfe, 0x80, 0, 0, 0, 0, 0, 0, first ^ 2, second, third, 0xff, 0xfe, ...rest]);
}

/** The modified EUI-64 of a MAC (RFC 4291, appendix A), as the lower half of an address. */
export const eui64Of = (mac: string): string => underPrefix(parseAddress('::'), linkLocalOf(mac));

/** An address of a /64 with the lower half of another. */
export const underPrefix = (prefix: Ip, lower: string): string =>
  fromBytes([...prefix.bytes.slice(0, 8), ...parseAddress(lower).bytes.slice(8)]);

function fromBytes(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return parseAddress(hex.replace(/(.{4})(?!$)/g, '$1:')).text;
}
