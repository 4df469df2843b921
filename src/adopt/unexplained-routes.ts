/** Routes of the running host that no file of an adopted link sets. */
import type { KernelRoute } from '../kernel/types.ts';
import { networkOf, networkText, parseCidr, parseIp, parseNetwork } from '../model/ip.ts';
import { type Entry, type FoundLink, itemsOf, type Scalar, scalarOf } from './found.ts';

/** rtnetlink(7), rtm_protocol. */
export const ADVERTISED = 9;
/** RTPROT_BOOT: what `ip route add` sets by default. */
const BY_HAND = 3;
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

/** Who reads leases, and what the kernel has. */
export interface RoutesAt {
  readonly routes: readonly KernelRoute[];
  /** The client of DHCP is networkd or NetworkManager, whose routes have the protocol of DHCP. */
  readonly marksLeases: boolean;
}

/** Routes that no file sets, as `ip route` prints them; those of routing daemons are apart. */
export function routesOf(link: FoundLink, at: RoutesAt): string[] {
  return unsetRoutes(link, at)
    .filter(({ protocol }) => !isOfDaemon(protocol))
    .map(routeText);
}

/** How many routes each routing daemon has on a link, by rtm_protocol. */
export function routesOfDaemons(link: FoundLink, at: RoutesAt): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { protocol } of unsetRoutes(link, at)) {
    if (isOfDaemon(protocol)) found.set(protocol, (found.get(protocol) ?? 0) + 1);
  }
  return found;
}

/** Above RTPROT_STATIC a number stands for a program (rtnetlink(7); /etc/iproute2/rt_protos). */
const isOfDaemon = (protocol: number): boolean => protocol > 4 && !BY_ITSELF.has(protocol);

function unsetRoutes(link: FoundLink, { routes, marksLeases }: RoutesAt): KernelRoute[] {
  const isSet = (route: KernelRoute): boolean =>
    itemsOf(link, 'routes').some(
      ({ value }) =>
        networkIn(String(fieldOf(value, 'to') ?? ''), route.family) === route.to &&
        fieldOf(value, 'via') === route.via &&
        (fieldOf(value, 'table') ?? MAIN) === route.table,
    );
  // Hooks of dhclient add those of option 121 (RFC 3442) by `ip route add`.
  const isOfHook = ({ protocol, via, table }: KernelRoute): boolean =>
    !marksLeases && protocol === BY_HAND && via !== undefined && table === MAIN;
  const isLeased = (route: KernelRoute): boolean =>
    isLeased4(link, route.family) && (DEFAULT.test(route.to) || isOfHook(route));
  return routes.filter(
    (route) =>
      route.link === link.name &&
      route.type === 'unicast' &&
      !BY_ITSELF.has(route.protocol) &&
      !isSet(route) &&
      !isLeased(route) &&
      !isOfAddress(link, route, routes) &&
      !isLinkLocal(route),
  );
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
