/** Networks of containers that a shim gets routes to. */
import { contains, networkOf, networkText, parseCidr, parseIp } from '../../model/ip.ts';
import { familyOf } from '../values.ts';
import type { Attachment, Span } from './attachment.ts';

type Family = ReturnType<typeof familyOf>;

/** What the host has on the link. */
export interface Known {
  /** With lengths. */
  readonly addresses: readonly string[];
  /** Families whose addresses only a lease or an advertisement would show. */
  readonly leased: ReadonlySet<Family>;
  readonly gateways: readonly string[];
}

/** The least that the files have: a range, else a subnet that is not the host's; and single containers outside of it. */
export function spansOf(item: Attachment, place: Known): readonly Span[] {
  const fit = (spans: readonly Span[]): Span[] =>
    spans.filter(({ to }) => isApart(to, place) && isUnicast(to));
  const ranges = fit(item.ranges);
  const subnets = fit(item.subnets).filter(({ to }) => !place.leased.has(familyOf(to)));
  const networks = ranges.length > 0 ? ranges : subnets;
  const outside = fit(item.addresses).filter(
    ({ to }) => !networks.some((network) => overlap(parseCidr(network.to), parseCidr(to))),
  );
  return [...networks, ...outside];
}

/** A route to this network would take neither the host's own addresses nor its gateways. */
function isApart(to: string, { addresses, gateways }: Known): boolean {
  const network = parseCidr(to);
  if (!network) return false;
  return ![...addresses, ...gateways].some((address) => {
    const ip = parseCidr(address)?.ip ?? parseIp(address);
    return ip !== undefined && contains(network, ip);
  });
}

const isUnicast = (to: string): boolean => {
  const range = parseCidr(to)?.ip.range ?? '';
  return !/^(?:multicast|loopback|linkLocal|unspecified|broadcast)$/.test(range);
};

export const networkAt = (address: string) => {
  const given = parseCidr(address);
  const network = given && networkOf(given);
  return network ? [network] : [];
};

export const overlap = (
  a: ReturnType<typeof parseCidr>,
  b: ReturnType<typeof parseCidr>,
): boolean => a !== undefined && b !== undefined && (contains(a, b.ip) || contains(b, a.ip));

/** Each network once, those of a family for which the shim has an address. */
export function routesTo(spans: readonly Span[], addresses: readonly string[]): Span[] {
  const families = new Set(addresses.map((address) => address.includes(':')));
  const found = new Map<string, Span>();
  for (const span of spans) {
    const network = parseCidr(span.to);
    if (!network || !families.has(span.to.includes(':'))) continue;
    const key = networkText(network);
    if (!found.has(key)) found.set(key, span);
  }
  return [...found.values()];
}
