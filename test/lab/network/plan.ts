/**
 * The lab round a model: for every NIC a LAN with a router, and a guest beside what stands there.
 * Addresses are chosen from the host's own subnets, gateways are the router's.
 */
import { bitsOf, contains, type Network, parseIp } from '../../../src/model/ip.ts';
import {
  type Address,
  type Attachment,
  type Family,
  isRoutedMode,
  type Link,
  type Model,
  type Parent,
  type Shim,
} from '../../../src/model/types.ts';
import { freeAddress, freeAddresses } from './free.ts';
import { baseOf, bitsOfAddress, isIn, meet, parseAddress } from './networks.ts';
import { type Offer, planOffers } from './offers.ts';

/** A LAN, and what of the host is plugged into it. */
export interface Segment {
  /** What guests are attached to: a NIC, a VLAN, or the bridge or bond that NICs are in. */
  readonly parent: string;
  /** That of the parent, before the host changes it. */
  readonly mac: string;
  /** The router is at the far end of the first. */
  readonly cables: readonly Cable[];
  /** Bytes; the MTU of the LAN. */
  readonly mtu: number;
  readonly router: Station;
  /** The router's end, where it is not that of the first cable. */
  readonly end?: VlanEnd | JointEnd;
  /** Networks of ipvlans in mode l3 or l3s, to which the router has a route by the parent. */
  readonly behind: readonly Behind[];
  /** None where nothing else can be attached to the parent. */
  readonly guest?: Station;
  readonly subnets: readonly Subnet[];
  /** What the router gives to links that ask. */
  readonly offers: readonly Offer[];
}

/** On top of the router's end of the link below. */
export interface VlanEnd {
  readonly vlan: number;
  readonly on: string;
}

/** All cables of a bond together: a switch, or a bond of the same mode. */
export interface JointEnd {
  readonly joins: 'bridge' | 'bond';
  readonly mode: string;
}

/** An address of the host that the LAN reaches by another one. */
export interface Behind {
  readonly address: string;
  readonly network: string;
  readonly via: string;
}

export interface Cable {
  readonly nic: string;
  /** The MAC that the NIC comes with. */
  readonly mac: string;
  readonly far: Station;
}

export interface Station {
  /** Its interface, in its own namespace. */
  readonly name: string;
  readonly mac: string;
  /** As `ip addr add` takes them: with prefix length, or with a peer. */
  readonly addresses: readonly string[];
}

/** One address of the host, and who lives in the same subnet. */
export interface Subnet {
  readonly family: Family;
  readonly host: string;
  /** The host makes up another address of the network, as it is advertised and not leased. */
  readonly isMadeUp?: true;
  readonly owner: Shim | Parent;
  /** Whether there is a side shim: that and its parent answer for any address. */
  readonly isShared: boolean;
  readonly routers: readonly string[];
  readonly guest?: string;
  /** More of that kind, with prefix length: for as many guests as there is room for. */
  readonly more?: readonly string[];
  /** The shims over which packets of host and guest go, if over any. */
  readonly over: readonly Shim[];
}

/** A subnet, and the addresses that it gives to the others. */
type Planned = Subnet & { readonly onRouter: readonly string[]; readonly onGuest?: string };

/** The parent's address in whose subnet a side shim's is; none for any other shim's. */
const besideWhat = ({ parent }: Shim, { address, prefix }: Address): Address | undefined =>
  prefix === bitsOfAddress(address)
    ? parent.addresses.find((own) => isIn(own.network, address))
    : undefined;

/** Whether there is hardly room for others in an address's subnet. */
const isNarrow = ({ family, prefix }: Address): boolean => prefix > (family === 'ipv4' ? 29 : 125);

/** The gateways that are on the LAN, though in no subnet of the link. */
const onLinkGateways = ({ routes }: Link, family: Family): string[] => [
  ...new Set(
    routes.flatMap((route) =>
      route.onLink && route.family === family && route.via !== undefined ? [route.via] : [],
    ),
  ),
];

/** A LAN for each NIC alone, and one for each bridge: that of its first member. */
export function planLab(model: Model): Segment[] {
  const segments = planSegments(model);
  // Where subnets of two links overlap, which of them answers is left to chance.
  return overlap(withGiven(model, segments))
    ? segments.map((segment) => ({ ...segment, subnets: [] }))
    : segments;
}

function overlap({ parents, shims }: Model): boolean {
  const networks = [
    ...parents.map(({ addresses }) => addresses.map(({ network }) => network)),
    ...shims.map((shim) =>
      shim.addresses.filter((own) => !besideWhat(shim, own)).map(({ network }) => network),
    ),
  ];
  return networks.some((some, index) =>
    networks.slice(index + 1).some((others) => some.some((a) => others.some((b) => meet(a, b)))),
  );
}

function planSegments(model: Model): Segment[] {
  const nics = model.parents.filter(({ kind }) => kind === 'ethernet');
  const planned = new Map<string, Segment>();
  // Each after the link below it. Numbers keep the names and MACs of all segments apart.
  const tops = model.parents
    .filter(({ master }) => master === undefined)
    .sort((a, b) => a.height - b.height);
  for (const parent of tops) {
    const plugged = nics
      .filter((nic) => nic === parent || parent.members.includes(nic.name))
      .map((nic) => ({ nic, index: nics.indexOf(nic) }));
    const below = parent.vlan && planned.get(parent.vlan.link);
    const segment = below
      ? planVlan(model, parent, below, nics.length + planned.size)
      : planPlugged(model, parent, plugged);
    planned.set(parent.name, segment);
  }
  return [...planned.values()];
}

interface Plugged {
  readonly nic: Parent;
  readonly index: number;
}

/** A NIC, or a bridge or bond of some. */
function planPlugged(model: Model, parent: Parent, plugged: readonly Plugged[]): Segment {
  const [first, ...others] = plugged;
  if (!first) throw new Error(`${parent.name}: no NIC to plug a cable into`);
  const mac = parent.macaddress ?? macOf(first.index, '01');
  const mtu = Math.max(
    ...[parent, ...plugged.map(({ nic }) => nic)].map((link) => link.mtu ?? 1500),
  );
  const mode = parent.bond?.values.mode;
  const isJoint = mode !== undefined;
  const segment = planSegment(model, parent, { index: first.index, mac, mtu, isJoint });
  // Two cables to one bridge would be a loop, so all others end at stations that are silent.
  const silents = isJoint ? plugged : others;
  return {
    ...segment,
    cables: [
      ...(isJoint ? [] : [cable(first, segment.router)]),
      ...silents.map((item) => cable(item, silent(item))),
    ],
    ...(isJoint && { end: { joins: SWITCHED.has(mode) ? 'bridge' : 'bond', mode } }),
  };
}

/** Modes that need nothing of a switch; in the others its ports are a group, too. */
const SWITCHED: ReadonlySet<string> = new Set(['active-backup', 'balance-tlb', 'balance-alb']);

function planVlan(model: Model, parent: Parent, below: Segment, index: number): Segment {
  const mac = parent.macaddress ?? below.mac;
  const segment = planSegment(model, parent, { index, mac, mtu: parent.mtu ?? below.mtu });
  return { ...segment, cables: [], end: { vlan: parent.vlan?.id ?? 1, on: below.router.name } };
}

/** Guests on one parent at a time. */
const MOST_GUESTS = 12;

interface Numbered {
  readonly index: number;
  /** That of the parent. */
  readonly mac: string;
  readonly mtu: number;
  readonly isJoint?: boolean;
}

function planSegment(
  model: Model,
  parent: Parent,
  { index, mac, mtu, isJoint = false }: Numbered,
): Omit<Segment, 'cables'> {
  const isOn = (upper: Attachment): boolean => upper.parent.name === parent.name;
  const shims = model.shims.filter(isOn);
  const near = shims.filter(({ mode }) => !isRoutedMode(mode));
  const offers = planOffers(model, index, parent, near, (link) =>
    link === parent ? mac : (link.macaddress ?? mac),
  );
  const given = withOffers(parent, near, offers);
  const subnets = planSubnets(given.parent, given.shims, offers);
  const router = planRouter({ index, isJoint }, [parent, ...near], subnets);
  const guest: Station = {
    name: `guest${index}`,
    mac: macOf(index, 'c6'),
    addresses: [...new Set(subnets.flatMap(({ onGuest }) => onGuest ?? []))],
  };
  // In passthru mode one has the parent to itself, and beside an ipvlan there is no macvlan.
  const isFull =
    shims.some(({ device }) => device === 'ipvlan') ||
    [...shims, ...model.taps.filter(isOn)].some(({ mode }) => mode === 'passthru');
  return {
    parent: parent.name,
    mac,
    mtu,
    router,
    behind: shims.filter(({ mode }) => isRoutedMode(mode)).flatMap((shim) => behind(parent, shim)),
    ...(!isFull && { guest }),
    subnets,
    offers,
  };
}

/** Addresses of an ipvlan that answers no ARP, by an address of the parent. */
const behind = (parent: Parent, { addresses }: Shim): Behind[] =>
  addresses.flatMap(({ family, address, prefix, network }) => {
    const via = parent.addresses.find((own) => own.family === family)?.address;
    const base = baseOf(network.ip, Math.floor(prefix / 8));
    return via === undefined
      ? []
      : [{ address, network: `${base}/${Math.floor(prefix / 8) * 8}`, via }];
  });

/** The links with the addresses that they will have, given ones included. */
function withOffers(
  parent: Parent,
  shims: readonly Shim[],
  offers: readonly Offer[],
): { parent: Parent; shims: Shim[] } {
  const given = withOffer(parent, offers);
  return {
    parent: given,
    shims: shims.map((shim) => ({ ...withOffer(shim, offers), parent: given })),
  };
}

function withOffer<T extends Link>(link: T, offers: readonly Offer[]): T {
  const { ipv4, ipv6 } = offers.find((offer) => offer.link === link.name) ?? {};
  // What is leased and not advertised has no network that others could be in.
  const leases = [ipv4, ipv6?.isAdvertised ? ipv6 : undefined].filter((item) => item !== undefined);
  const given = leases.map(
    ({ network, address }): Address => ({
      family: network.ip.family,
      address,
      prefix: network.prefix,
      network: { ip: parseAddress(address), prefix: network.prefix },
      origin: [],
    }),
  );
  return { ...link, addresses: [...link.addresses, ...given] };
}

/** The model as the host will have it: with what its LANs give it. */
export function withGiven(model: Model, segments: readonly Segment[]): Model {
  const offers = segments.flatMap((segment) => segment.offers);
  const parents = model.parents.map((parent) => withOffer(parent, offers));
  const below = (shim: Shim): Parent =>
    parents.find(({ name }) => name === shim.parent.name) ?? shim.parent;
  const shims = model.shims.map((shim) => ({ ...withOffer(shim, offers), parent: below(shim) }));
  return { ...model, parents, shims };
}

const cable = ({ nic, index }: Plugged, far: Station): Cable => ({
  nic: nic.name,
  mac: macOf(index, '01'),
  far,
});

const silent = ({ index }: Plugged): Station => ({
  name: `lan${index}`,
  mac: macOf(index, 'fe'),
  addresses: [],
});

function planRouter(
  { index, isJoint }: Pick<Numbered, 'index' | 'isJoint'>,
  links: readonly (Shim | Parent)[],
  subnets: readonly Planned[],
): Station {
  const taken = new Set(subnets.flatMap(({ routers }) => routers));
  // A gateway outside every subnet (link-local, or on-link) is still the router's.
  const beside = links
    .flatMap(({ routes }) => routes.flatMap(({ via }) => via ?? []))
    .filter((gateway) => !taken.has(gateway))
    .map((gateway) => `${gateway}/${besidePrefix(gateway)}`);
  // Shims in mode source hear nobody but the listed stations.
  const [heard] = links.filter(isShim).flatMap(({ sourceMacs }) => sourceMacs);
  return {
    name: `${isJoint ? 'joint' : 'lan'}${index}`,
    mac: heard?.macaddress ?? macOf(index, 'fe'),
    addresses: [...new Set([...subnets.flatMap(({ onRouter }) => onRouter), ...beside])],
  };
}

const macOf = (index: number, last: string): string =>
  `52:54:00:51:${(index + 1).toString(16).padStart(2, '0')}:${last}`;

function besidePrefix(address: string): number {
  const ip = parseIp(address);
  if (!ip) throw new Error(`no address: ${address}`);
  return ip.range === 'linkLocal' ? 64 : bitsOf(ip);
}

/** The subnets of a parent and of the shims on it, each with its stations. */
function planSubnets(parent: Parent, shims: readonly Shim[], offers: readonly Offer[]): Planned[] {
  const leases = offers.flatMap(({ ipv4, ipv6 }) =>
    [ipv4, ipv6].filter((item) => item !== undefined),
  );
  const servers = leases.map(({ server }) => server);
  const madeUp = offers.flatMap(({ ipv6 }) => (ipv6 && !ipv6.isLeased ? ipv6.address : []));
  const links = [parent, ...shims];
  const hosts = links.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const sidesOf = (family: Family): Shim[] =>
    shims.filter((shim) =>
      shim.addresses.some((own) => own.family === family && besideWhat(shim, own)),
    );
  const ofParent = parent.addresses.map((own) =>
    planSubnet(parent, own, links, sidesOf(own.family), hosts, servers),
  );
  const ofShims = shims.flatMap((shim) =>
    shim.addresses.map((own): Planned => {
      const below = besideWhat(shim, own);
      if (!below) return planSubnet(shim, own, [shim], sidesOf(own.family), hosts, servers);
      const shared = ofParent.find(({ host }) => host === below.address);
      if (!shared) throw new Error(`no subnet of ${below.address}`);
      return { ...shared, host: own.address, owner: shim };
    }),
  );
  // A side shim may have its parent's address: that is one address of the host.
  return (
    [...ofParent, ...ofShims]
      // An address of a subnet of its own says nothing of any neighbour.
      .filter(({ routers }) => routers.length > 0)
      .filter(({ host }, index, all) => all.findIndex((item) => item.host === host) === index)
      .map((subnet) => (madeUp.includes(subnet.host) ? { ...subnet, isMadeUp: true } : subnet))
  );
}

/**
 * @param links whose gateways may be in the subnet
 * @param sides the side shims on the same parent
 * @param hosts all addresses of the host, none of which is anybody else's
 * @param servers addresses of the router itself
 */
function planSubnet(
  owner: Shim | Parent,
  own: Address,
  links: readonly Link[],
  sides: readonly Shim[],
  hosts: readonly string[],
  servers: readonly string[],
): Planned {
  const { family, address: host, prefix, network } = own;
  const common = { family, host, owner, isShared: sides.length > 0 };
  if (isNarrow(own)) {
    // The router is a neighbour by the host's route alone, and has one back to it.
    const routers = onLinkGateways(owner, family);
    const onRouter = routers.map((router) => `${router} peer ${host}/${bitsOf(network.ip)}`);
    return { ...common, routers, onRouter, over: [] };
  }
  const ranges = sides.flatMap((side) => guestRanges(side, network));
  const gateways = [
    ...links.flatMap(({ routes }) => routes.flatMap(({ via }) => via ?? [])),
    ...servers,
  ].filter((gateway) => isIn(network, gateway));
  const taken = [...hosts, ...gateways];
  const routers =
    gateways.length > 0 ? [...new Set(gateways)] : [freeAddress(network, 254, taken, ranges)];
  const guests = ranges[0] ?? network;
  const guest = freeAddress(guests, 198, [...taken, ...routers]);
  const leads = (side: Shim): boolean =>
    guestRanges(side, network).some((range) => isIn(range, guest));
  return {
    ...common,
    routers,
    guest,
    more: freeAddresses(MOST_GUESTS, guests, 199, [...taken, ...routers, guest]).map(
      (address) => `${address}/${prefix}`,
    ),
    over: isShim(owner) ? [owner] : sides.filter(leads),
    onRouter: routers.map((router) => `${router}/${prefix}`),
    onGuest: `${guest}/${prefix}`,
  };
}

const isShim = (link: Shim | Parent): link is Shim => 'parent' in link;

/** Where a side shim says that guests are. */
const guestRanges = ({ routes }: Shim, subnet: Network): Network[] =>
  routes
    .filter(({ via, table, isDefault }) => !isDefault && via === undefined && table === undefined)
    .map(({ network }) => network)
    .filter(({ ip }) => contains(subnet, ip));
