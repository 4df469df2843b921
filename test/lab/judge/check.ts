/** What was seen against what must be: every difference is a line. */
import type { Network } from '../../../src/model/ip.ts';
import { isIn } from '../network/networks.ts';
import {
  type Expected,
  type ExpectedLease,
  type ExpectedLink,
  type ExpectedRoute,
  type ExpectedRule,
  pingKey,
} from './expected.ts';
import type {
  KernelAddress,
  KernelLink,
  KernelRoute,
  KernelRule,
  Observed,
  Resolver,
} from './observed.ts';

/**
 * @param good the state of a link that the daemon calls well: `configured`, `activated`
 * @returns a line for each failure; none if all is as it must be
 */
export function check(observed: Observed, expected: Expected, good: string): string[] {
  return [
    ...observed.obstacles,
    ...expected.links.flatMap((link) => checkLink(observed, link, good)),
    ...checkNoOthers(observed, expected),
    ...checkRoutes(observed, expected),
    ...checkRules(observed, expected),
    ...expected.pings.flatMap((ping) => checkPing(observed, ping)),
    ...[...expected.neighbours].flatMap(([address, macs]) => {
      const learnt = observed.neighbours.get(address) ?? 'no MAC';
      if (macs.includes(learnt)) return [];
      return differs(`the LAN's neighbour ${address}`, learnt, macs.join(' or ') || 'no MAC');
    }),
    ...(observed.resolver ? checkResolver(observed.resolver, expected) : []),
    ...[...expected.leases].flatMap(([address, lease]) => checkLease(observed, address, lease)),
    ...observed.warnings.map((line) => `warning: ${line}`),
  ];
}

function differs(what: string, is: string, must: string): string[] {
  return is === must ? [] : [`${what}: ${is || 'none'}, must be ${must || 'none'}`];
}

function checkLink(observed: Observed, expected: ExpectedLink, good: string): string[] {
  const { name, attachment } = expected;
  const link = observed.links.find(({ ifname }) => ifname === name);
  if (!link) return [`${name}: there is no such link`];
  const isUp = link.flags.includes('UP') && link.flags.includes('LOWER_UP');
  return [
    ...(isUp ? [] : [`${name}: not up (${link.flags.join(', ')})`]),
    ...(expected.kind ? differs(`${name}, kind`, kindOf(link), expected.kind) : []),
    ...(attachment ? checkAttachment(link, attachment) : []),
    ...differs(`${name}, master`, link.master ?? '', expected.master ?? ''),
    ...(expected.mac === '' ? [] : differs(`${name}, MAC`, link.address, expected.mac)),
    ...differs(`${name}, MTU`, String(link.mtu), String(expected.mtu)),
    ...checkAddresses(link, expected),
    ...differs(`${name}, the daemon's state`, observed.states.get(name) ?? 'unknown', good),
  ];
}

const kindOf = ({ linkinfo }: KernelLink): string => linkinfo?.info_kind ?? '';

function checkAttachment(
  link: KernelLink,
  expected: NonNullable<ExpectedLink['attachment']>,
): string[] {
  const { mode = '', macaddr_data: sources = [] } = link.linkinfo?.info_data ?? {};
  const show = (macs: readonly string[]): string => [...macs].sort().join(', ');
  return [
    ...differs(`${link.ifname}, mode`, mode, expected.mode),
    ...differs(`${link.ifname}, parent`, link.link ?? '', expected.parent),
    ...differs(`${link.ifname}, source MACs`, show(sources), show(expected.sources)),
  ];
}

function checkAddresses({ ifname, addr_info: all }: KernelLink, expected: ExpectedLink): string[] {
  const isLinkLocal = ({ local }: KernelAddress): boolean => /^(fe80:|169\.254\.)/.test(local);
  const show = ({ local, prefixlen }: KernelAddress): string => `${local}/${prefixlen}`;
  const list = (some: readonly string[]): string => [...some].sort().join(', ');
  const families = all
    .filter(isLinkLocal)
    .map(({ family }) => (family === 'inet' ? 'ipv4' : 'ipv6'));
  // One that is made up is shown as the network that it is of.
  const known = all
    .filter((address) => !isLinkLocal(address))
    .map((address) => {
      const shown = show(address);
      if (expected.addresses.includes(shown) || address.dynamic !== true) return shown;
      const isOf = ({ ip, prefix }: Network): boolean =>
        prefix === address.prefixlen && isIn({ ip, prefix }, address.local);
      if (address.temporary === true) {
        const network = expected.temporary.find(isOf);
        return network ? showTemporary(network) : `temporary ${shown}`;
      }
      const network = expected.madeUp.find((one) => isOf(one) && one.not !== address.local);
      return network ? showMadeUp(network) : shown;
    });
  return [
    ...differs(
      `${ifname}, addresses`,
      list(known),
      list([
        ...expected.addresses,
        ...expected.madeUp.map(showMadeUp),
        ...expected.temporary.map(showTemporary),
      ]),
    ),
    ...differs(
      `${ifname}, link-local (${list(all.filter(isLinkLocal).map(show)) || 'none'})`,
      list(families),
      list(expected.linkLocal),
    ),
    ...all
      .filter(({ tentative }) => tentative)
      .map((address) => `${ifname}: ${show(address)} is not ready yet`),
  ];
}

const showMadeUp = ({ ip, prefix }: Network): string => `one of ${ip.text}/${prefix}`;
const showTemporary = ({ ip, prefix }: Network): string =>
  `a temporary one of ${ip.text}/${prefix}`;

function checkNoOthers({ links }: Observed, expected: Expected): string[] {
  const known = new Set(['lo', ...expected.links.map(({ name }) => name)]);
  return links.flatMap(({ ifname }) => (known.has(ifname) ? [] : [`${ifname}: a link too many`]));
}

/** The routes that somebody set are exactly those wanted, and none leaves by a link without address. */
function checkRoutes({ routes }: Observed, expected: Expected): string[] {
  const isBare = ({ addresses, linkLocal }: ExpectedLink): boolean =>
    addresses.length + linkLocal.length === 0;
  const bare = new Set(expected.links.filter(isBare).map(({ name }) => name));
  const isOne = (route: KernelRoute): boolean =>
    expected.routes.some((must) => isRoute(route, must));
  return [
    ...expected.routes
      .filter((must) => !must.isOptional && !routes.some((route) => isRoute(route, must)))
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
    (must.metric === undefined || (route.metric ?? 0) === must.metric)
  );
}

const showRoute = ({ to, via, link, metric, table }: ExpectedRoute): string =>
  [to, via && `via ${via}`, `dev ${link}`, metric && `metric ${metric}`, table && `table ${table}`]
    .filter(Boolean)
    .join(' ');

function checkResolver(is: Resolver, { resolver: must, optionalDomains }: Expected): string[] {
  const list = (all: readonly string[]): string => [...new Set(all)].sort().join(', ');
  return [
    ...differs('name servers', list(is.servers), list(must.servers)),
    ...differs(
      'domains',
      list(
        is.domains.filter((item) => must.domains.includes(item) || !optionalDomains.includes(item)),
      ),
      list(must.domains.filter((item) => is.knowsRouting || !item.startsWith('~'))),
    ),
  ];
}

function checkLease({ leases }: Observed, address: string, must: ExpectedLease): string[] {
  const lease = leases.get(address);
  if (!lease) return [`the server has no lease of ${address}`];
  const { client, hostname } = lease;
  return [
    ...(must.client.test(client)
      ? []
      : [`the client of ${address}: ${client}, must be ${must.client}`]),
    ...(must.hostname === undefined
      ? []
      : differs(`the host name sent for ${address}`, hostname.replace('*', ''), must.hostname)),
  ];
}

/** The rules are the kernel's own and exactly those wanted. */
function checkRules({ rules }: Observed, expected: Expected): string[] {
  const is = rules.filter(({ protocol }) => protocol !== OF_KERNEL).map(showKernelRule);
  const must = expected.rules.map(showRule);
  return [
    ...must.filter((rule) => !is.includes(rule)).map((rule) => `no rule ${rule}`),
    ...is.filter((rule) => !must.includes(rule)).map((rule) => `a rule too many: ${rule}`),
  ];
}

/** RTPROT_KERNEL, as `ip -N` prints it. */
const OF_KERNEL = '2';

const named = (key: string, name: string | undefined): string =>
  name === undefined ? '' : ` ${key} ${name}`;

const showRule = (rule: ExpectedRule): string => {
  const { family, priority, from, to, iif, oif, typeOfService = 0, mark = 0, table } = rule;
  // Of everything the kernel shows no network.
  const shown = (network = 'all'): string => (network.endsWith('/0') ? 'all' : network);
  return `${family} ${priority}: from ${shown(from)} to ${shown(to)}${named('iif', iif)}${named('oif', oif)} tos ${typeOfService} mark ${mark} table ${table}`;
};

/** What else a rule selects by is shown as it is, and so differs from all that is wanted. */
function showKernelRule({ protocol: _, ...rule }: KernelRule): string {
  const { family, priority, table, src, srclen, dst, dstlen, tos, fwmark, iif, oif, ...more } =
    rule;
  // There may be no such interface now.
  const others = Object.keys(more).filter((key) => !key.endsWith('_detached'));
  const network = (address = 'all', length = family === 'ipv4' ? 32 : 128): string =>
    address === 'all' ? address : `${address}/${length}`;
  const shown = showRule({
    family,
    priority,
    from: network(src, srclen),
    to: network(dst, dstlen),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    typeOfService: Number(tos ?? 0),
    mark: Number(fwmark ?? 0),
    table: Number(table),
  });
  return others.length === 0 ? shown : `${shown} ${JSON.stringify(more)}`;
}

function checkPing({ answered }: Observed, ping: Expected['pings'][number]): string[] {
  const is = answered.has(pingKey(ping));
  if (is === ping.answered) return [];
  return [`${pingKey(ping)}: ${is ? 'answered, and must not be' : 'no answer'}`];
}
