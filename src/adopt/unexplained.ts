/**
 * What the kernel of the running host has on the adopted links, and no value of their files: addresses, routes, rules, MTUs,
 * name servers and VLANs that somebody made by hand, or a program beside the network's own system.
 */
import { type Finding, finding } from '../diagnostics/finding.ts';
import type {
  KernelAddress,
  KernelLink,
  KernelRoute,
  KernelRule,
  KernelState,
} from '../kernel/types.ts';
import { type FoundLink, itemsOf, scalarOf } from './found.ts';
import {
  ADVERTISED,
  canonicalNetwork,
  fieldOf,
  ipIn,
  isLeased4,
  isOn,
  MAIN,
  routesOf,
  routesOfDaemons,
} from './unexplained-routes.ts';

interface Adopted {
  /** Links of the intent, before defaults are dropped. */
  readonly links: readonly FoundLink[];
  /** Every link that a file names: rules of any of them count. */
  readonly all: readonly FoundLink[];
  /** Names of links whose client of DHCP is networkd or NetworkManager. */
  readonly marked: ReadonlySet<string>;
  /** Parents of networks of containers. */
  readonly ofContainers: ReadonlySet<string>;
}

const DEFAULT_MTU = 1500;
/** A limit for each kind of a link: a router has thousands of routes. */
const MOST = 32;

export function unexplained(kernel: KernelState | undefined, adopted: Adopted): Finding[] {
  if (!kernel) return [];
  return [
    ...adopted.links.flatMap((link) => {
      const own = kernel.links.find(({ name }) => name === link.name);
      if (!own) return [];
      const at = { routes: kernel.routes, marksLeases: adopted.marked.has(link.name) };
      return [
        ...limited('ip addr', link, addressesOf(link, own, kernel.routes)),
        ...limited('ip route show table all', link, routesOf(link, at)),
        ...[...routesOfDaemons(link, at)].map((item) => ofDaemon(link, ...item)),
        ...limited('ip -d link', link, mtuOf(link, own, kernel.links)),
        ...limited('resolvectl dns', link, serversOf(link, kernel)),
      ];
    }),
    ...limited('ip rule', undefined, rulesOf(kernel, adopted)),
    ...vlansOf(kernel, adopted),
  ];
}

function limited(place: string, link: FoundLink | undefined, texts: readonly string[]): Finding[] {
  const of = link ? ` of \`${link.name}\`` : '';
  const more = texts.length - MOST;
  return [
    ...texts
      .slice(0, MOST)
      .map((text) => report(place, `\`${text}\`${of} is in the kernel, and not in the intent.`)),
    ...(more > 0
      ? [report(place, `${more} more${of} are in the kernel, and not in the intent.`)]
      : []),
  ];
}

/** rtnetlink.h, RTPROT_*. */
const DAEMONS: ReadonlyMap<number, string> = new Map([
  [8, 'GateD'],
  [11, 'Zebra'],
  [12, 'BIRD'],
  [13, 'DECnet'],
  [14, 'XORP'],
  [18, 'keepalived'],
  [42, 'Babel'],
  [186, 'BGP'],
  [187, 'IS-IS'],
  [188, 'OSPF'],
  [189, 'RIP'],
  [192, 'EIGRP'],
]);

/** Its routes change with the network: an intent has none of them. */
function ofDaemon({ name }: FoundLink, protocol: number, count: number): Finding {
  const known = DAEMONS.get(protocol);
  const of = known === undefined ? `${protocol}` : `${protocol}, ${known}`;
  const some = count === 1 ? '1 route' : `${count} routes`;
  return finding(
    'kernel-setting-not-adopted',
    'ip route show table all',
    `${some} of \`${name}\` from a routing daemon (protocol ${of}) ${count === 1 ? 'is' : 'are'} in the kernel, and not in the intent.`,
    { hint: 'Nothing to do if the daemon has no setting that names the link.' },
  );
}

const report = (place: string, message: string): Finding =>
  finding('kernel-setting-not-adopted', place, message);

/**
 * Of a prefix whose lifetime has no end, an advertised address has none, and looks like one that was
 * added by hand. Programs that read advertisements in the place of the kernel add the route by themselves.
 */
const isAdvertised = (
  link: FoundLink,
  item: KernelAddress,
  routes: readonly KernelRoute[],
): boolean =>
  item.family === 'ipv6' &&
  isOn(link, 'accept-ra', 'dhcp6') &&
  (item.isAdvertised === true ||
    (item.hasNoPrefixRoute === true &&
      routes.some(
        (route) =>
          route.link === link.name &&
          route.protocol === ADVERTISED &&
          route.to === canonicalNetwork(`${item.address}/${item.prefix}`),
      )));

function addressesOf(
  link: FoundLink,
  { addresses }: KernelLink,
  routes: readonly KernelRoute[],
): string[] {
  const known = new Set(itemsOf(link, 'addresses').map(({ value }) => ipIn(String(value))));
  const isLasting = (item: KernelAddress): boolean =>
    !(
      item.isDynamic ||
      item.isTemporary ||
      item.isLinkLocal ||
      known.has(item.address) ||
      isAdvertised(link, item, routes)
    );
  const found = addresses.filter(isLasting);
  const hasLease = addresses.some((item) => item.family === 'ipv4' && item.isDynamic);
  const leased = hasLease ? undefined : found.find(({ family }) => isLeased4(link, family));
  return found
    .filter((item) => item !== leased)
    .map(({ address, prefix }) => `${address}/${prefix}`);
}

/** Those that concern an adopted link: others stay, whoever made them. */
function rulesOf(
  { rules, routes, links }: KernelState,
  { links: adopted, all }: Adopted,
): string[] {
  const names = new Set(adopted.map(({ name }) => name));
  const addresses = links
    .filter(({ name }) => names.has(name))
    .flatMap((link) => link.addresses.map(({ address }) => address));
  const tables = new Set(
    routes.flatMap(({ link, table }) => (names.has(link ?? '') && table !== MAIN ? [table] : [])),
  );
  const set = all.flatMap((link) => itemsOf(link, 'routing-policy'));
  const concerns = ({ from, iif, oif, table }: KernelRule): boolean =>
    names.has(iif ?? '') ||
    names.has(oif ?? '') ||
    addresses.includes(ipIn(from ?? '') ?? '') ||
    (table !== undefined && tables.has(table));
  const isSet = (rule: KernelRule): boolean =>
    set.some(
      ({ value }) =>
        fieldOf(value, 'table') === rule.table &&
        sameNetwork(fieldOf(value, 'from'), rule.from) &&
        sameNetwork(fieldOf(value, 'to'), rule.to) &&
        Number(fieldOf(value, 'mark') ?? 0) === rule.mark,
    );
  return rules
    .filter((rule) => rule.protocol !== 2 && concerns(rule) && !isSet(rule))
    .map(ruleText);
}

const sameNetwork = (own: unknown, other: string | undefined): boolean =>
  (own === undefined ? undefined : canonicalNetwork(String(own))) === other;

const ruleText = ({ priority, from, to, iif, oif, mark, table }: KernelRule): string =>
  [
    `${priority}:`,
    ...(from === undefined ? ['from all'] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(mark === 0 ? [] : [`fwmark ${mark}`]),
    ...(table === undefined ? [] : [`lookup ${table}`]),
  ].join(' ');

/** A link on top of others has their MTU by default; a lease and an advertisement may set one. */
function mtuOf(link: FoundLink, { mtu }: KernelLink, all: readonly KernelLink[]): string[] {
  const below = [link.below, ...link.ports].flatMap((name) => {
    const found = all.find((item) => item.name === name);
    return found ? [found.mtu] : [];
  });
  const set = scalarOf(link, 'mtu');
  const expected = set ?? (below.length > 0 ? Math.min(...below) : DEFAULT_MTU);
  const isLeased = isOn(link, 'dhcp4') && scalarOf(link, 'dhcp4-overrides.use-mtu') !== false;
  return mtu === expected || link.master !== undefined || (set === undefined && isLeased)
    ? []
    : [`mtu ${mtu}`];
}

/** With a client of either family they may be of the lease. Files of other resolvers stay as they are. */
function serversOf(link: FoundLink, { resolver }: KernelState): string[] {
  if (isOn(link, 'dhcp4', 'dhcp6', 'accept-ra')) return [];
  const known = new Set(itemsOf(link, 'nameservers.addresses').map(({ value }) => value));
  return (resolver.resolved?.get(link.name) ?? []).filter((server) => !known.has(server));
}

/** VLANs of commands, which no file has. */
function vlansOf(
  { links }: KernelState,
  { links: adopted, all, ofContainers }: Adopted,
): Finding[] {
  const names = new Set(adopted.map(({ name }) => name));
  const known = new Set(all.map(({ name }) => name));
  // Docker and Incus create `eth0.50` for a network on top of it, and again after a reboot.
  const isOfEngine = ({ name, parent, vlanId }: KernelLink): boolean =>
    name === `${parent}.${vlanId}` && ofContainers.has(name);
  return links
    .filter(
      (link) =>
        link.kind === 'vlan' &&
        names.has(link.parent ?? '') &&
        !known.has(link.name) &&
        !isOfEngine(link),
    )
    .map(({ name, parent, vlanId }) =>
      report(
        'ip -d link',
        `VLAN ${vlanId ?? ''} of \`${parent ?? ''}\`, \`${name}\`, is in the kernel, and not in the intent.`,
      ),
    );
}
