/** Containers with a link of their own on a NIC or bridge of the host, as the files of their engine have it. */
import type { HostFile } from '../../backends/host/foreign.ts';
import { contains, networkOf, networkText, parseCidr, parseIp } from '../../model/ip.ts';
import type { Origin } from '../found.ts';

/** A network or address in canonical text: `198.51.100.192/27`. */
export interface Span {
  readonly to: string;
  readonly origin: Origin;
}

/** A network of an engine, or the link of one container. */
export interface Attachment {
  /** As messages name it: ``Docker's network `lan` ``. */
  readonly title: string;
  readonly device: 'macvlan' | 'ipvlan' | 'bridge';
  /** The link of the host under it; absent: the one with the default route. */
  readonly parent?: string;
  /** Of a macvlan or ipvlan. */
  readonly mode: string;
  /** What the engine takes addresses of containers from, where it is less than the subnet. */
  readonly ranges: readonly Span[];
  readonly subnets: readonly Span[];
  /** Of containers, each as a network of one host. */
  readonly addresses: readonly Span[];
  /** Addresses that the engine gives to no container, by their names. */
  readonly reserved: readonly { readonly name: string; readonly address: string }[];
  readonly origin: Origin;
}

/** What could not be read of an engine. */
export interface Unread {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

export interface Found {
  readonly attachments: readonly Attachment[];
  readonly unread: readonly Unread[];
}

export const NOTHING: Found = { attachments: [], unread: [] };

export const joined = (parts: readonly Found[]): Found => ({
  attachments: parts.flatMap(({ attachments }) => attachments),
  unread: parts.flatMap(({ unread }) => unread),
});

/** A limit for the items of any list: further ones are not read. */
export const MOST = 256;

/** Where nothing else is known of it. */
export const attachment = (
  known: Pick<Attachment, 'title' | 'device' | 'origin'> & Partial<Attachment>,
): Attachment => ({
  mode: known.device === 'ipvlan' ? 'l2' : 'bridge',
  ranges: [],
  subnets: [],
  addresses: [],
  reserved: [],
  ...known,
});

/** IFNAMSIZ of the kernel; other text names none. */
export const linkNameOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[^\s/:]{1,15}$/.test(text) && text !== '.' && text !== '..'
    ? text
    : undefined;

/** The network of `198.51.100.0/24`, or nothing. */
export function spanOf(text: string | undefined, origin: Origin): Span[] {
  const given = parseCidr((text ?? '').trim());
  const network = given && networkOf(given);
  return network ? [{ to: networkText(network), origin }] : [];
}

/** The address of `198.51.100.60/24` or `198.51.100.60`, as a network of one host. */
export function hostSpanOf(text: string | undefined, origin: Origin): Span[] {
  const word = (text ?? '').trim();
  const ip = parseCidr(word)?.ip ?? parseIp(word);
  if (!ip || ip.range === 'unspecified' || ip.range === 'linkLocal') return [];
  return [{ to: `${ip.text}/${ip.family === 'ipv4' ? 32 : 128}`, origin }];
}

/**
 * The network from its first to its last address, with or without the network's own (Podman writes
 * `.193` to `.223` for `.192/27`). Of other ranges there is nothing.
 */
export function rangeSpanOf(first: string | undefined, last: string | undefined, origin: Origin) {
  const [low, high] = [parseIp(first ?? ''), parseIp(last ?? '')];
  if (!low || low.family !== high?.family) return [];
  for (let prefix = low.bytes.length * 8; prefix > 0; prefix -= 1) {
    const network = networkOf({ ip: low, prefix });
    if (!network || !contains(network, high)) continue;
    const isWhole =
      distance(network.ip.bytes, low.bytes) <= 1 &&
      distance(high.bytes, lastOf(network.ip.bytes, prefix)) <= 1;
    return isWhole ? [{ to: networkText(network), origin }] : [];
  }
  return [];
}

/** How far the second is behind the first; 2 stands for more. */
function distance(from: readonly number[], to: readonly number[]): number {
  let found = 0;
  for (const [index, byte] of to.entries()) {
    found = Math.max(-2, Math.min(2, found)) * 256 + byte - (from[index] ?? 0);
  }
  return Math.min(2, Math.abs(found));
}

const lastOf = (bytes: readonly number[], prefix: number): number[] =>
  bytes.map((byte, index) => byte | (0xff >> Math.max(0, Math.min(8, prefix - index * 8))));

/** Why a file was not read. */
export const unreadable = ({ path }: Pick<HostFile, 'path'>): Found => ({
  attachments: [],
  unread: [{ path, message: 'The file cannot be read.' }],
});
