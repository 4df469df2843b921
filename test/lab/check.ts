/** What was seen against what must be: every difference is a line. */
import type { Expected, ExpectedLink, ExpectedRoute, Ping } from './expected.ts';
import type { KernelAddress, KernelLink, KernelRoute, Observed } from './observed.ts';

/** @returns a line for each failure; none if all is as it must be */
export function check(observed: Observed, expected: Expected): string[] {
  return [
    ...observed.obstacles,
    ...expected.links.flatMap((link) => checkLink(observed, link)),
    ...checkNoOthers(observed, expected),
    ...checkRoutes(observed, expected),
    ...expected.pings.flatMap((ping) => checkPing(observed, ping)),
    ...[...expected.neighbours].flatMap(([address, mac]) => {
      const learnt = observed.neighbours.get(address) ?? 'no MAC';
      return differs(`the LAN's neighbour ${address}`, learnt, mac);
    }),
    ...observed.log.map((line) => `networkd's log: ${line}`),
  ];
}

function differs(what: string, is: string, must: string): string[] {
  return is === must ? [] : [`${what}: ${is || 'none'}, must be ${must || 'none'}`];
}

function checkLink(observed: Observed, expected: ExpectedLink): string[] {
  const { name, macvlan } = expected;
  const link = observed.links.find(({ ifname }) => ifname === name);
  if (!link) return [`${name}: there is no such link`];
  const isUp = link.flags.includes('UP') && link.flags.includes('LOWER_UP');
  return [
    ...(isUp ? [] : [`${name}: not up (${link.flags.join(', ')})`]),
    ...(macvlan ? checkMacvlan(link, macvlan) : []),
    ...differs(`${name}, MAC`, link.address, expected.mac),
    ...differs(`${name}, MTU`, String(link.mtu), String(expected.mtu)),
    ...checkAddresses(link, expected),
    ...differs(`${name}, networkd's state`, observed.states.get(name) ?? 'unknown', 'configured'),
  ];
}

function checkMacvlan(link: KernelLink, expected: NonNullable<ExpectedLink['macvlan']>): string[] {
  const { info_kind: kind = 'none', info_data: data } = link.linkinfo ?? {};
  return [
    ...differs(`${link.ifname}, kind`, kind, 'macvlan'),
    ...differs(`${link.ifname}, mode`, data?.mode ?? 'none', expected.mode),
    ...differs(`${link.ifname}, parent`, link.link ?? 'none', expected.parent),
  ];
}

function checkAddresses({ ifname, addr_info: all }: KernelLink, expected: ExpectedLink): string[] {
  const isLinkLocal = ({ local }: KernelAddress): boolean => /^(fe80:|169\.254\.)/.test(local);
  const show = (list: readonly KernelAddress[]): string =>
    list
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
      .sort()
      .join(', ');
  const families = all
    .filter(isLinkLocal)
    .map(({ family }) => (family === 'inet' ? 'ipv4' : 'ipv6'));
  return [
    ...differs(
      `${ifname}, addresses`,
      show(all.filter((address) => !isLinkLocal(address))),
      [...expected.addresses].sort().join(', '),
    ),
    ...differs(
      `${ifname}, link-local (${show(all.filter(isLinkLocal)) || 'none'})`,
      families.sort().join(', '),
      expected.linkLocal.join(', '),
    ),
  ];
}

function checkNoOthers({ links }: Observed, expected: Expected): string[] {
  const known = new Set(['lo', ...expected.links.map(({ name }) => name)]);
  return links.flatMap(({ ifname }) => (known.has(ifname) ? [] : [`${ifname}: a link too many`]));
}

/** The routes that somebody set are exactly those wanted, and nothing leaves by a parent. */
function checkRoutes({ routes }: Observed, expected: Expected): string[] {
  const bare = new Set(expected.links.filter((link) => !link.macvlan).map(({ name }) => name));
  const isOne = (route: KernelRoute): boolean =>
    expected.routes.some((must) => isRoute(route, must));
  return [
    ...expected.routes
      .filter((must) => !routes.some((route) => isRoute(route, must)))
      .map((must) => `no route ${showRoute(must)}`),
    ...routes
      .filter(
        (route) => bare.has(route.dev ?? '') || (route.protocol !== 'kernel' && !isOne(route)),
      )
      .map((route) => `a route too many: ${route.dst} dev ${route.dev} (${route.protocol})`),
  ];
}

function isRoute(route: KernelRoute, must: ExpectedRoute): boolean {
  return (
    route.dst === must.to &&
    route.dev === must.link &&
    route.gateway === must.via &&
    (route.table ?? 'main') === String(must.table ?? 'main') &&
    (must.from === undefined || route.prefsrc === must.from) &&
    // What the kernel shows without a metric has 0.
    (route.metric ?? 0) === must.metric
  );
}

const showRoute = ({ to, via, link, metric, table }: ExpectedRoute): string =>
  [to, via && `via ${via}`, `dev ${link}`, metric && `metric ${metric}`, table && `table ${table}`]
    .filter(Boolean)
    .join(' ');

function checkPing({ answered }: Observed, ping: Expected['pings'][number]): string[] {
  const is = answered.has(pingKey(ping));
  if (is === ping.answered) return [];
  return [`${pingKey(ping)}: ${is ? 'answered, and must not be' : 'no answer'}`];
}

/** `host → guest (198.51.100.198)` */
export const pingKey = ({ from, to, address }: Ping): string => `${from} → ${to} (${address})`;
