/** Addresses: drawn, in every spelling, and read back. */
import type { Family } from './data.ts';
import type { Dice } from './dice.ts';

export const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The bytes of an address; its length says the family. */
type Bytes = readonly number[];

export const familyOf = (bytes: Bytes): Family => (bytes.length === 4 ? 'ipv4' : 'ipv6');

/** The canonical text: dotted quad, or RFC 5952. */
export function canonical(bytes: Bytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && groups[end] === 0) end += 1;
    // The longest run of zeros is cut, the first of several; one zero alone is not.
    if (end - start > best.length) best = { start, length: end - start };
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (best.start < 0) return text(0, 8);
  return `${text(0, best.start)}::${text(best.start + best.length, 8)}`;
}

const groupsOf = (bytes: Bytes): number[] =>
  Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));

/** One of the many texts of one address. */
export function spell(bytes: Bytes, d: Dice): string {
  if (bytes.length === 4 || d.once(2)) return canonical(bytes);
  const groups = groupsOf(bytes);
  const group = (value: number): string => {
    const text = value.toString(16).padStart(d.once(2) ? 4 : 1, '0');
    return d.once(3) ? text.toUpperCase() : text;
  };
  const zeros = groups.flatMap((value, index) => (value === 0 ? [index] : []));
  const tail = d.once(6)
    ? bytes.slice(12).join('.')
    : `${group(groups[6] ?? 0)}:${group(groups[7] ?? 0)}`;
  const cut = zeros.find((index) => index < 6);
  if (cut === undefined || d.once(2)) return [...groups.slice(0, 6).map(group), tail].join(':');
  let end = cut;
  while (end < 6 && groups[end] === 0) end += 1;
  const before = groups.slice(0, cut).map(group).join(':');
  const between = groups
    .slice(end, 6)
    .map((value) => `${group(value)}:`)
    .join('');
  return `${before}::${between}${tail}`;
}

/** An address of a host: no loopback, link-local, multicast, mapped or unspecified one. */
export function unicast(family: Family, d: Dice): number[] {
  if (family === 'ipv4') {
    const first = d.pick([10, 10, 100, 172, 192, 198, 203, 1, 9, 223]);
    return [first, d.below(256), d.below(256), d.below(256)];
  }
  const first = d.pick([
    [0x20, 0x01],
    [0x20, 0x01],
    [0x2a, 0x02],
    [0xfd, d.below(256)],
    [0xfc, 0],
  ]);
  const zeros = d.below(4);
  const rest = Array.from({ length: 7 }, () =>
    d.below(4) < zeros ? [0, 0] : [d.once(3) ? 0 : d.below(256), d.below(256)],
  );
  // Not the first address of a subnet, which is not a host's.
  return [...first, ...rest.flat()].with(15, 1 + d.below(255));
}

const bitAt = (bytes: Bytes, index: number): number =>
  ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;

/** `bytes` with each bit from `prefix` on as `bit` says. */
export function withHostBits(
  bytes: Bytes,
  prefix: number,
  bit: (index: number) => number,
): number[] {
  const result = [...bytes];
  for (let index = prefix; index < bytes.length * 8; index += 1) {
    const mask = 0x80 >> (index & 7);
    const old = result[index >> 3] ?? 0;
    result[index >> 3] = bit(index) === 1 ? old | mask : old & ~mask;
  }
  return result;
}

const hostBits = (bytes: Bytes, prefix: number): number[] =>
  Array.from({ length: bytes.length * 8 - prefix }, (_, i) => bitAt(bytes, prefix + i));

export interface OwnAddress {
  readonly bytes: number[];
  readonly prefix: number;
  readonly text: string;
}

/** An address with its length, such as a host can have: not its subnet's first, nor its last. */
export function ownAddress(family: Family, d: Dice): OwnAddress {
  const bits = family === 'ipv4' ? 32 : 128;
  const common = family === 'ipv4' ? [24, 24, 16, 27, 32] : [64, 64, 48, 120, 128];
  const prefix = d.once(3) ? 8 + d.below(bits - 7) : d.pick(common);
  let bytes = unicast(family, d);
  const host = hostBits(bytes, prefix);
  if (host.length > 1 && (host.every((bit) => bit === 0) || host.every((bit) => bit === 1))) {
    bytes = withHostBits(bytes, prefix, (index) => (index === bits - 1 ? 1 : 0));
  }
  return { bytes, prefix, text: canonical(bytes) };
}

/** Another host of the subnet, or nothing where there is no room for one. */
export function neighbour({ bytes, prefix, text }: OwnAddress, d: Dice): number[] | undefined {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const other = withHostBits(bytes, prefix, () => d.below(2));
    const host = hostBits(other, prefix);
    const isEdge = host.length > 1 && (host.every((b) => b === 0) || host.every((b) => b === 1));
    if (!isEdge && canonical(other) !== text) return other;
  }
  return undefined;
}

export const overlap = (item: OwnAddress, other: OwnAddress): boolean => {
  if (item.bytes.length !== other.bytes.length) return false;
  const length = Math.min(item.prefix, other.prefix);
  return Array.from({ length }, (_, i) => i).every(
    (i) => bitAt(item.bytes, i) === bitAt(other.bytes, i),
  );
};

/** The kernel's key of the route to an address's subnet; IPv6 ones have a metric of their own. */
export const subnetKey = ({ bytes, prefix }: OwnAddress): string | undefined =>
  bytes.length === 4 && prefix < 32
    ? `${canonical(withHostBits(bytes, prefix, () => 0))}/${prefix} 0 254`
    : undefined;

/** Whether a gateway is the first or the last of a subnet, which no router is. */
export function isEdge(gateway: string, own: readonly OwnAddress[]): boolean {
  const bytes = bytesOf(gateway);
  return own.some((address) => {
    const host = hostBits(bytes, address.prefix);
    const isInside = overlap(address, { ...address, bytes });
    const isAll = (bit: number): boolean => host.every((item) => item === bit);
    return isInside && host.length > 1 && (isAll(0) || isAll(1));
  });
}

/** The bytes of an address, whatever its spelling. Knows valid addresses only. */
function bytesOf(text: string): number[] {
  if (!text.includes(':')) return text.split('.').map(Number);
  const dotted = /^(.*:)([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$/.exec(text);
  if (dotted) {
    const [a = 0, b = 0, c = 0, e = 0] = dotted.slice(2).map(Number);
    return bytesOf(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | e).toString(16)}`);
  }
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...middle, ...after].flatMap((group) => [group >> 8, group & 255]);
}

/** The canonical text of an address in any spelling. */
export const canonicalOf = (text: string): string => canonical(bytesOf(text));
