/** What the kernel and the daemon must say, computed from the model and not from any file. */
import type { Network } from '../../../src/model/ip.ts';
import {
  type Dhcp6,
  dynamicTable,
  type Family,
  type Kind,
  type Link,
  type Mode,
  type Model,
  type Parent,
  type PolicyRule,
  type Route,
  type Shim,
  type Tap,
  usesAdvertisedDns,
} from '../../../src/model/types.ts';
import { eui64Of, linkLocalOf, underPrefix } from '../network/networks.ts';
import { BEHIND, type Offer } from '../network/offers.ts';
import { type Cable, type Segment, type Subnet, withGiven } from '../network/plan.ts';
import { DOMAIN } from '../network/services.ts';
import type { Resolver } from './observed.ts';

export type Place = 'host' | 'guest' | 'router';

export interface Ping {
  readonly from: Place;
  readonly to: Place;
  readonly address: string;
}

/** `host → guest (198.51.100.198)` */
export const pingKey = ({ from, to, address }: Ping): string => `${from} → ${to} (${address})`;

type Judged = Ping & { readonly answered: boolean };

export interface Expected {
  readonly links: readonly ExpectedLink[];
  readonly routes: readonly ExpectedRoute[];
  readonly rules: readonly ExpectedRule[];
  readonly pings: readonly Judged[];
  /** What the router learns: address of the host → one of these MACs, or none if it hears nothing. */
  readonly neighbours: ReadonlyMap<string, readonly string[]>;
  readonly resolver: Omit<Resolver, 'knowsRouting'>;
  /** Domains that a daemon takes from a DHCP server if it likes. */
  readonly optionalDomains: readonly string[];
  /** What the DHCP servers gave: address → the identifier of the client. */
  readonly leases: ReadonlyMap<string, ExpectedLease>;
}

export interface ExpectedLease {
  /** The client identifier or DUID, in hexadecimal. */
  readonly client: RegExp;
  /** Empty where it is to send none; absent where the daemons differ in what they send. */
  readonly hostname?: string;
}

export interface ExpectedLink {
  readonly name: string;
  /** Of what networkd makes. */
  readonly kind?: Shim['device'] | 'macvtap' | Exclude<Kind, 'ethernet'>;
  /** Of a shim or tap. */
  readonly attachment?: {
    readonly mode: Mode;
    readonly parent: string;
    readonly sources: readonly string[];
  };
  /** The bridge that it is in. */
  readonly master?: string;
  /** Empty where any will do: a bridge of the site has that of its daemon. */
  readonly mac: string;
  readonly mtu: number;
  /** All addresses but link-local ones, with prefix length. */
  readonly addresses: readonly string[];
  /** Networks; it makes up one stable address in each, from a secret: not that of its MAC. */
  readonly madeUp: readonly (Network & { readonly not?: string })[];
  /** Networks; it has one temporary address in each. */
  readonly temporary: readonly Network[];
  /** Families with exactly one link-local address; the others have none. */
  readonly linkLocal: readonly Family[];
}

export interface ExpectedRoute extends Pick<Route, 'via' | 'from' | 'table'> {
  /** Absent where the program has reported that it is not possible. */
  readonly metric?: number;
  /** As `ip` prints it: `default`, a network, or an address alone. */
  readonly to: string;
  readonly link: string;
  /** It is there if the daemon likes: what it knows of a LAN in its configuration. */
  readonly isOptional?: true;
}

export type ExpectedRule = Omit<PolicyRule, 'origin'>;

/** The note of a DHCP client that does not get the metric of its routes. */
export const DHCP_METRIC_UNSAID = 'the metric of routes by DHCP';

/**
 * What must come of a model in the LANs planned for it.
 * @param leftOut what the program has reported that this version cannot express, by notes
 */
export function expect(
  model: Model,
  segments: readonly Segment[],
  leftOut: readonly string[] = [],
): Expected {
  const offers = segments.flatMap((segment) => segment.offers);
  const parents = expectParents(model, segments);
  const shims = model.shims.map((shim) => {
    const attached = expectAttachment(shim, shim.device, parents);
    return { ...attached, ...expectAddresses(shim, attached.mac, offers) };
  });
  const taps = model.taps.map((tap) => expectAttachment(tap, 'macvtap', parents));
  const links = [...parents, ...shims, ...taps];
  const addressed = [...model.parents, ...model.shims];
  const given = withGiven(model, segments);
  return {
    links,
    routes: [
      ...addressed.flatMap(({ name, routes }) => routes.map((route) => expectRoute(name, route))),
      ...addressed.flatMap((link) => expectGivenRoutes(link, segments, leftOut)),
    ],
    rules: addressed.flatMap(({ rules }) => rules),
    pings: segments.flatMap((segment) => [
      ...expectPings(segment),
      ...segment.behind.map(({ address }) => toOne('router', 'host', address, true)),
    ]),
    neighbours: new Map(
      segments.flatMap((segment) =>
        segment.subnets
          .filter(({ isMadeUp }) => !isMadeUp)
          .map((subnet) => [subnet.host, expectMacs(segment, subnet, given, links)] as const),
      ),
    ),
    resolver: expectResolver(addressed, offers),
    optionalDomains: addressed.some(leavesDomainsToDaemon) ? [DOMAIN] : [],
    leases: new Map(
      withoutSharedName(addressed.flatMap((link) => expectLeases(model, link, offers))),
    ),
  };
}

/** The server keeps a name with one of the leases that ask for it. */
function withoutSharedName(leases: readonly (readonly [string, ExpectedLease])[]) {
  const isShared = (wanted: string | undefined): boolean =>
    wanted !== '' && leases.filter(([, { hostname }]) => hostname === wanted).length > 1;
  return leases.map(([address, lease]): readonly [string, ExpectedLease] => {
    const { hostname, ...others } = lease;
    return [address, isShared(hostname) ? others : lease];
  });
}

/** Advertisements that ask for DHCPv6 (M) start a client that no key of the intent is about. */
const leavesDomainsToDaemon = ({ dhcp4, dhcp6, acceptRa, raOverrides }: Link): boolean =>
  (acceptRa && raOverrides?.useDomains === undefined) ||
  [dhcp4, dhcp6].some((client) => client && client.useDomains === undefined);

const offerFor = ({ name }: Link, offers: readonly Offer[]): Partial<Offer> =>
  offers.find(({ link }) => link === name) ?? {};

function expectAddresses(
  link: Link,
  mac: string,
  offers: readonly Offer[],
): Pick<ExpectedLink, 'addresses' | 'madeUp' | 'temporary' | 'linkLocal'> {
  const { ipv4, ipv6 } = offerFor(link, offers);
  const { addressToken, addressGeneration } = link;
  const prefixes = ipv6?.isAdvertised ? [ipv6.network] : [];
  const ofMac = eui64Of(mac);
  const isMadeUp = addressToken === undefined && addressGeneration === 'stable-privacy';
  return {
    addresses: [
      ...link.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
      ...(ipv4 ? [`${ipv4.address}/${ipv4.network.prefix}`] : []),
      ...(isMadeUp
        ? []
        : prefixes.map(({ ip, prefix }) => `${underPrefix(ip, addressToken ?? ofMac)}/${prefix}`)),
      // A DHCPv6 server gives an address, and not a network (RFC 8415).
      ...(ipv6?.isLeased ? [`${ipv6.address}/128`] : []),
    ],
    madeUp: isMadeUp
      ? prefixes.map((network) => ({ ...network, not: underPrefix(network.ip, ofMac) }))
      : [],
    temporary: link.ipv6Privacy ? prefixes : [],
    linkLocal: link.linkLocal,
  };
}

/** What all systems have a route by advertisement cost by default. */
const METRIC_OF_ADVERTISEMENTS = 1024;

/** In `leftOut`: on-link gateways are not marked as such (NetworkManager before 1.36). */
export const ON_LINK_UNSAID = 'onlink';

/** Routes by DHCP and by advertisements. */
function expectGivenRoutes(
  link: Link,
  segments: readonly Segment[],
  leftOut: readonly string[],
): ExpectedRoute[] {
  const segment = segments.find(({ offers }) => offers.some((offer) => offer.link === link.name));
  const { ipv4, ipv6 } = offerFor(link, segment?.offers ?? []);
  const metric = link.dhcp4?.routeMetric ?? 0;
  const inTable = (family: Family): Pick<ExpectedRoute, 'table'> => {
    const table = dynamicTable(link, family);
    return table === undefined ? {} : { table };
  };
  const { name } = link;
  const routes: ExpectedRoute[] = [];
  if (ipv4 && link.dhcp4?.useRoutes) {
    const cost = leftOut.includes(DHCP_METRIC_UNSAID) ? {} : { metric };
    routes.push({ to: 'default', via: ipv4.server, link: name, ...cost, ...inTable('ipv4') });
  }
  // networkd has the server itself, as router and as name server, a route of its own (RoutesToDNS=).
  if (ipv4)
    routes.push({ to: ipv4.server, link: name, metric, ...inTable('ipv4'), isOptional: true });
  // The network of a lease is in the table of its routes; who adds it differs.
  if (ipv4 && link.dhcp4?.table !== undefined) {
    const { ip, prefix } = ipv4.network;
    // networkd 247 gives it no metric, later versions that of the lease.
    const own = { to: `${ip.text}/${prefix}`, link: name, ...inTable('ipv4') };
    routes.push(own, { ...own, isOptional: true });
  }
  if (segment && ipv6?.isAdvertised) {
    const via = linkLocalOf(segment.router.mac);
    const isLeftOut = leftOut.some((note) => note.includes('[IPv6AcceptRA] RouteMetric='));
    const cost = isLeftOut ? {} : { metric: METRIC_OF_ADVERTISEMENTS };
    for (const to of ['default', ...BEHIND])
      routes.push({ to, via, link: name, ...cost, ...inTable('ipv6') });
    // Where the daemon does what the kernel would do, the LAN's own route is the daemon's.
    const { ip, prefix } = ipv6.network;
    routes.push({
      to: `${ip.text}/${prefix}`,
      link: name,
      ...cost,
      ...inTable('ipv6'),
      isOptional: true,
    });
  }
  const isNotChecked = leftOut.includes(ON_LINK_UNSAID);
  // NetworkManager before 1.36 has a gateway that is in no subnet a route of its own.
  for (const { onLink, via, family } of link.routes) {
    if (isNotChecked && onLink && via !== undefined && family === 'ipv4') {
      routes.push({ to: via, link: name, isOptional: true });
    }
  }
  // NetworkManager has multicast leave by a link with an IPv4 link-local address.
  if (link.linkLocal.includes('ipv4')) {
    routes.push({ to: '224.0.0.0/4', link: name, metric: 0, isOptional: true });
  }
  return routes;
}

function expectResolver(links: readonly Link[], offers: readonly Offer[]): Expected['resolver'] {
  const of = (link: Link): Expected['resolver'] => {
    const { ipv4, ipv6 } = offerFor(link, offers);
    const { dhcp4, dhcp6, raOverrides } = link;
    return {
      servers: [
        ...link.nameservers.map(({ address }) => address),
        ...(ipv4 && dhcp4?.useDns !== false ? [ipv4.server] : []),
        ...(ipv6?.isLeased && (dhcp6 ? dhcp6.useDns !== false : raOverrides?.useDns !== false)
          ? [ipv6.server]
          : []),
        ...(ipv6?.isAdvertised && usesAdvertisedDns(link) ? [ipv6.server] : []),
      ],
      domains: [
        ...link.search.map(({ domain }) => domain),
        ...[dhcp4, dhcp6, raOverrides].flatMap((client) => domainsOf(client)),
      ],
    };
  };
  const all = links.map(of);
  return {
    servers: all.flatMap(({ servers }) => servers),
    domains: all.flatMap(({ domains }) => domains),
  };
}

const domainsOf = (client: Pick<Dhcp6, 'useDomains'> | undefined): string[] => {
  if (client?.useDomains === 'route') return [`~${DOMAIN}`];
  return client?.useDomains ? [DOMAIN] : [];
};

/** A DUID, after the identity association that a DHCPv4 client with one puts before it (RFC 4361). */
const DUID = /^(?:ff(?::[0-9a-f]{2}){4}:)?00:0[1-4](?::[0-9a-f]{2})+$/;

function expectLeases(
  { host }: Model,
  link: Link,
  offers: readonly Offer[],
): [string, ExpectedLease][] {
  const { mac = '', ipv4, ipv6 } = offerFor(link, offers);
  const isByMac = link.identifier === 'mac';
  const { dhcp4 } = link;
  const hostname = dhcp4?.sendHostname === false ? '' : (dhcp4?.hostname ?? host);
  return [
    ...(ipv4
      ? [
          [
            ipv4.address,
            {
              client: isByMac ? new RegExp(`^01:${mac}$`) : DUID,
              hostname,
            },
          ] as [string, ExpectedLease],
        ]
      : []),
    ...(ipv6?.isLeased
      ? // DUID-LL (3) of an Ethernet device (1), or the system's own identifier.
        [
          [ipv6.address, { client: isByMac ? new RegExp(`^00:03:00:01:${mac}$`) : DUID }] as [
            string,
            ExpectedLease,
          ],
        ]
      : []),
  ];
}

function expectParents({ parents }: Model, segments: readonly Segment[]): ExpectedLink[] {
  const offers = segments.flatMap((segment) => segment.offers);
  const cables = segments.flatMap((segment) => segment.cables);
  return parents.map((parent): ExpectedLink => {
    const { name, kind, master } = parent;
    const mac = expectMac(parent, parents, cables);
    return {
      name,
      ...(kind !== 'ethernet' && { kind }),
      ...(master && { master: master.name }),
      mac: isOfAlb(parent, parents) ? '' : mac,
      mtu: expectMtu(parent, parents),
      ...expectAddresses(parent, mac, offers),
    };
  });
}

/** In balance-alb only the active member has the bond's MAC, and which one that is, is the kernel's choice. */
const isOfAlb = ({ master }: Parent, parents: readonly Parent[]): boolean =>
  parents.find(({ name }) => name === master?.name)?.bond?.values.mode === 'balance-alb';

/** A member of a bond has the MAC of that; a VLAN that of its link. */
function expectMac(parent: Parent, parents: readonly Parent[], cables: readonly Cable[]): string {
  const { name, macaddress, master, vlan } = parent;
  const giver = master?.kind === 'bond' ? master.name : macaddress ? undefined : vlan?.link;
  const other = parents.find((item) => item.name === giver);
  if (other) return expectMac(other, parents, cables);
  const mac = macaddress ?? cables.find(({ nic }) => nic === name)?.mac;
  if (mac === undefined) throw new Error(`${name}: no MAC`);
  return mac;
}

/** A bridge without an MTU in the intent has the least of its members' (the kernel's br_mtu_auto_adjust). */
function expectMtu({ mtu, members }: Parent, parents: readonly Parent[]): number {
  const below = parents.filter(({ name }) => members.includes(name));
  const least = below.length > 0 ? Math.min(...below.map((item) => item.mtu ?? 1500)) : 1500;
  return mtu ?? least;
}

/** A shim or a tap, as long as it has no address. */
function expectAttachment(
  { name, mode, parent, sourceMacs, macaddress, mtu }: Shim | Tap,
  kind: Shim['device'] | 'macvtap',
  parents: readonly ExpectedLink[],
): ExpectedLink {
  const below = parents.find((item) => item.name === parent.name);
  if (!below) throw new Error(`no parent ${parent.name}`);
  const sources = sourceMacs.map((source) => source.macaddress);
  return {
    name,
    kind,
    attachment: { mode, parent: below.name, sources },
    // In passthru mode it has its parent's.
    mac: macaddress ?? below.mac,
    mtu: mtu ?? below.mtu,
    addresses: [],
    madeUp: [],
    temporary: [],
    linkLocal: [],
  };
}

function expectRoute(
  link: string,
  { family, to, isDefault, via, from, metric, table }: Route,
): ExpectedRoute {
  return {
    to: isDefault ? 'default' : to.replace(family === 'ipv4' ? /\/32$/ : /\/128$/, ''),
    link,
    ...(via !== undefined && { via }),
    ...(from !== undefined && { from }),
    metric,
    ...(table !== undefined && { table }),
  };
}

/** All that live in one subnet reach each other, but the host some of them only over a shim. */
function expectPings(segment: Segment): Judged[] {
  const pings = segment.subnets.flatMap((subnet) => [
    ...ofRouter(segment, subnet),
    ...ofGuest(segment, subnet),
  ]);
  // The addresses of a side shim and of its parent have the same neighbours.
  return [...new Map(pings.map((ping) => [pingKey(ping), ping])).values()];
}

function ofRouter(segment: Segment, subnet: Subnet): Judged[] {
  const hears = hearsRouter(segment, subnet);
  return [
    ...subnet.routers.map((address) => toOne('host', 'router', address, hears)),
    ...toHost(subnet, 'router', hears),
  ];
}

function ofGuest({ guest: station }: Segment, subnet: Subnet): Judged[] {
  const { guest, routers } = subnet;
  if (!station || guest === undefined) return [];
  return [
    toOne('host', 'guest', guest, sendsToGuest(subnet)),
    ...toHost(subnet, 'guest', answersGuest(subnet)),
    ...routers.map((address) => toOne('guest', 'router', address, true)),
    toOne('router', 'guest', guest, true),
  ];
}

/** Of an address that the host makes up itself nobody knows. */
const toHost = ({ host, isMadeUp }: Subnet, from: Place, answered: boolean): Judged[] =>
  isMadeUp ? [] : [toOne(from, 'host', host, answered)];

/** In mode source a shim takes frames of the listed stations, and of no other. */
function hearsRouter({ router }: Segment, { owner, isShared }: Subnet): boolean {
  const isDeaf = 'mode' in owner && owner.mode === 'source' && !isShared;
  return !isDeaf || owner.sourceMacs.some(({ macaddress }) => macaddress === router.mac);
}

/** Frames go from one macvlan to another only where both are in bridge mode. */
const bridged = ({ over }: Subnet): Shim[] => over.filter(({ mode }) => mode === 'bridge');

const sendsToGuest = (subnet: Subnet): boolean =>
  bridged(subnet).some(
    ({ families }) => subnet.family === 'ipv4' || families.includes(subnet.family),
  );

/** ARP is answered for any address of the host, neighbour discovery for the link's own alone. */
const answersGuest = (subnet: Subnet): boolean =>
  bridged(subnet).some((shim) => subnet.family === 'ipv4' || has(shim, subnet.host));

const has = ({ addresses }: Link, wanted: string): boolean =>
  addresses.some(({ address }) => address === wanted);

const toOne = (from: Place, to: Place, address: string, answered: boolean): Judged => ({
  from,
  to,
  address,
  answered,
});

/**
 * Whose MAC the LAN may learn for an address: that of the link which has it, and never a tap's.
 * A side shim and its parent answer ARP for each other.
 */
function expectMacs(
  segment: Segment,
  subnet: Subnet,
  { parents, shims }: Model,
  links: readonly ExpectedLink[],
): string[] {
  if (!hearsRouter(segment, subnet)) return [];
  const { family, host, isShared } = subnet;
  const below = parents.filter(({ name }) => name === segment.parent);
  const on: Link[] = [...below, ...shims.filter(({ parent }) => below.includes(parent))];
  const may = on.filter((link) => has(link, host) || (family === 'ipv4' && isShared));
  return links.flatMap(({ name, mac }) => (may.some((link) => link.name === name) ? [mac] : []));
}
