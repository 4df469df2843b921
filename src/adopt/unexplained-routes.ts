/** Routes of the running host that no file of an adopted link sets. */
import type { KernelRoute } from '../kernel/types.ts';
import { networkOf, networkText, parseCidr, parseIp, parseNetwork } from '../model/ip.ts';
import { type Entry, type FoundLink, itemsOf, type Scalar, scalarOf } from './found.ts';

/** rtnetlink(7), rtm_protocol. */
export const ADVERTISED = 9;
/** The kernel, advertisements, DHCP. */
const BY_ITSELF: ReadonlySet<number> = new Set([2, ADVERTISED, 16]);
export const MAIN = 254;
const DEFAULT = /\/0$/;

export const isOn = (link: FoundLink, ...keys: readonly string[]): boolean =>
  keys.some((key) => scalarOf(link, key) === true);

/** Other clients than networkd and NetworkManager may set no lifetime for IPv4, and route as a user does. */
export const isLeased4 = (link: FoundLink, family: 'ipv4' | 'ipv6'): boolean =>
  family === 'ipv4' && isOn(link, 'dhcp4');

export const ipIn = (text: string): string | undefined =>
  (parseCidr(text)?.ip ?? parseIp(text))?.text;

export const fieldOf = (item: Entry['value'], key: string): Scalar | undefined =>
  typeof item === 'object' && !Array.isArray(item)
    ? (item as Readonly<Record<string, Scalar>>)[key]
    : undefined;

/** Without bits of the host: `198.51.100.50/24` is in `198.51.100.0/24`. */
export function canonicalNetwork(text: string): string | undefined {
  const given = parseCidr(text) ?? parseNetwork(text);
  const network = given && networkOf(given);
  return network && networkText(network);
}

/** `default` and a single address, as the kernel has them. */
function networkIn(text: string, family: 'ipv4' | 'ipv6'): string | undefined {
  if (text === 'default') return family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  return canonicalNetwork(text);
}

export function routesOf(link: FoundLink, routes: readonly KernelRoute[]): string[] {
  const isSet = (route: KernelRoute): boolean =>
    itemsOf(link, 'routes').some(
      ({ value }) =>
        networkIn(String(fieldOf(value, 'to') ?? ''), route.family) === route.to &&
        fieldOf(value, 'via') === route.via &&
        (fieldOf(value, 'table') ?? MAIN) === route.table,
    );
  const isLeased = (route: KernelRoute): boolean =>
    DEFAULT.test(route.to) && isLeased4(link, route.family);
  return routes
    .filter(
      (route) =>
        route.link === link.name &&
        route.type === 'unicast' &&
        !BY_ITSELF.has(route.protocol) &&
        !isSet(route) &&
        !isLeased(route) &&
        !isOfAddress(link, route, routes) &&
        !isLinkLocal(route),
    )
    .map(routeText);
}

/** Who adds an address with `noprefixroute` adds the route to its subnet; some add one to the gateway, too. */
function isOfAddress(
  link: FoundLink,
  { to, via }: KernelRoute,
  all: readonly KernelRoute[],
): boolean {
  if (via !== undefined) return false;
  const subnets = itemsOf(link, 'addresses').map(({ value }) => canonicalNetwork(String(value)));
  const gateways = [
    ...itemsOf(link, 'routes').map(({ value }) => ipIn(String(fieldOf(value, 'via') ?? ''))),
    // Of a lease of one address, as clouds have them.
    ...all.flatMap((item) =>
      item.link === link.name && DEFAULT.test(item.to) && item.via !== undefined ? [item.via] : [],
    ),
  ];
  return subnets.includes(to) || gateways.includes(to.replace(/\/(?:32|128)$/, ''));
}

/** Zeroconf: avahi-autoipd and ifupdown's hook add `169.254.0.0/16` to any link (RFC 3927, 2.6). */
function isLinkLocal({ to, via }: KernelRoute): boolean {
  const network = parseCidr(to);
  const least = network?.ip.family === 'ipv4' ? 16 : 10;
  return via === undefined && network?.ip.range === 'linkLocal' && network.prefix >= least;
}

const routeText = ({ to, via, metric, table }: KernelRoute): string =>
  [
    DEFAULT.test(to) ? 'default' : to,
    ...(via === undefined ? ['scope link'] : [`via ${via}`]),
    ...(metric === 0 ? [] : [`metric ${metric}`]),
    ...(table === MAIN ? [] : [`table ${table}`]),
  ].join(' ');
