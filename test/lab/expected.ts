/** What the kernel and the daemon must say, computed from the model and not from any file. */
import type {
  Family,
  Link,
  Mode,
  Model,
  Parent,
  PolicyRule,
  Route,
  Shim,
  Tap,
} from '../../src/model/types.ts';
import type { Cable, Segment, Subnet } from './plan.ts';

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
}

export interface ExpectedLink {
  readonly name: string;
  /** Of what networkd makes. */
  readonly kind?: 'macvlan' | 'macvtap' | 'bridge';
  /** Of a shim or tap. */
  readonly standing?: {
    readonly mode: Mode;
    readonly parent: string;
    readonly sources: readonly string[];
  };
  /** The bridge that it is in. */
  readonly master?: string;
  readonly mac: string;
  readonly mtu: number;
  /** All addresses but link-local ones, with prefix length. */
  readonly addresses: readonly string[];
  /** Families with exactly one link-local address; the others have none. */
  readonly linkLocal: readonly Family[];
}

export interface ExpectedRoute extends Pick<Route, 'via' | 'from' | 'metric' | 'table'> {
  /** As `ip` prints it: `default`, a network, or an address alone. */
  readonly to: string;
  readonly link: string;
}

export type ExpectedRule = Omit<PolicyRule, 'origin'>;

/** What must come of a model in the LANs planned for it. */
export function expect(model: Model, segments: readonly Segment[]): Expected {
  const parents = expectParents(model, segments);
  const shims = model.shims.map((shim) => ({
    ...expectStanding(shim, 'macvlan', parents),
    ...expectAddresses(shim),
  }));
  const taps = model.taps.map((tap) => expectStanding(tap, 'macvtap', parents));
  const links = [...parents, ...shims, ...taps];
  const addressed = [...model.parents, ...model.shims];
  return {
    links,
    routes: addressed.flatMap(({ name, routes }) =>
      routes.map((route) => expectRoute(name, route)),
    ),
    rules: addressed.flatMap(({ rules }) => rules),
    pings: segments.flatMap(expectPings),
    neighbours: new Map(
      segments.flatMap((segment) =>
        segment.subnets.map(
          (subnet) => [subnet.host, expectMacs(segment, subnet, model, links)] as const,
        ),
      ),
    ),
  };
}

const expectAddresses = ({
  addresses,
  linkLocal,
}: Link): Pick<ExpectedLink, 'addresses' | 'linkLocal'> => ({
  addresses: addresses.map(({ address, prefix }) => `${address}/${prefix}`),
  linkLocal,
});

function expectParents({ parents }: Model, segments: readonly Segment[]): ExpectedLink[] {
  const cables = segments.flatMap((segment) => segment.cables);
  return parents.map((parent): ExpectedLink => {
    const { name, kind, master } = parent;
    return {
      name,
      ...(kind === 'bridge' && { kind }),
      ...(master && { master: master.name }),
      mac: expectMac(parent, cables),
      mtu: expectMtu(parent, parents),
      ...expectAddresses(parent),
    };
  });
}

function expectMac({ name, macaddress }: Parent, cables: readonly Cable[]): string {
  const mac = macaddress ?? cables.find(({ nic }) => nic === name)?.mac;
  if (mac === undefined) throw new Error(`${name}: no MAC`);
  return mac;
}

/** A bridge that is told none has the least of its members' (the kernel's br_mtu_auto_adjust). */
function expectMtu({ mtu, members }: Parent, parents: readonly Parent[]): number {
  const below = parents.filter(({ name }) => members.includes(name));
  const least = below.length > 0 ? Math.min(...below.map((one) => one.mtu ?? 1500)) : 1500;
  return mtu ?? least;
}

/** A shim or a tap, as long as it has no address. */
function expectStanding(
  { name, mode, parent, sourceMacs, macaddress, mtu }: Shim | Tap,
  kind: 'macvlan' | 'macvtap',
  parents: readonly ExpectedLink[],
): ExpectedLink {
  const below = parents.find((one) => one.name === parent.name);
  if (!below) throw new Error(`no parent ${parent.name}`);
  const sources = sourceMacs.map((source) => source.macaddress);
  return {
    name,
    kind,
    standing: { mode, parent: below.name, sources },
    // In passthru mode it has its parent's.
    mac: macaddress ?? below.mac,
    mtu: mtu ?? below.mtu,
    addresses: [],
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
    ...subnet.routers.map((address) => one('host', 'router', address, hears)),
    one('router', 'host', subnet.host, hears),
  ];
}

function ofGuest({ guest: station }: Segment, subnet: Subnet): Judged[] {
  const { guest, host, routers } = subnet;
  if (!station || guest === undefined) return [];
  return [
    one('host', 'guest', guest, sendsToGuest(subnet)),
    one('guest', 'host', host, answersGuest(subnet)),
    ...routers.map((address) => one('guest', 'router', address, true)),
    one('router', 'guest', guest, true),
  ];
}

/** In mode source a shim takes frames of the stations that it is told of, and of no other. */
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

const one = (from: Place, to: Place, address: string, answered: boolean): Judged => ({
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
