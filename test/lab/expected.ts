/** What the kernel and the daemon must say, computed from the model and not from any file. */
import type { Family, Mode, Model, Route } from '../../src/model/types.ts';
import type { Segment } from './plan.ts';

export type Place = 'host' | 'guest' | 'router';

export interface Ping {
  readonly from: Place;
  readonly to: Place;
  readonly address: string;
}

export interface Expected {
  readonly links: readonly ExpectedLink[];
  readonly routes: readonly ExpectedRoute[];
  readonly pings: readonly (Ping & { readonly answered: boolean })[];
  /** What the router learns: address of the host → MAC. */
  readonly neighbours: ReadonlyMap<string, string>;
}

export interface ExpectedLink {
  readonly name: string;
  /** Of a shim alone. */
  readonly macvlan?: { readonly mode: Mode; readonly parent: string };
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

/** What must come of a model in the LANs planned for it. */
export function expect(model: Model, segments: readonly Segment[]): Expected {
  const parents = model.parents.map((parent): ExpectedLink => {
    const { mac, mtu } = segmentOf(segments, parent.name);
    return { name: parent.name, mac: parent.macaddress ?? mac, mtu, addresses: [], linkLocal: [] };
  });
  const shims = model.shims.map((shim): ExpectedLink => {
    const below = parents.find(({ name }) => name === shim.parent.name);
    if (!below) throw new Error(`no parent ${shim.parent.name}`);
    return {
      name: shim.name,
      macvlan: { mode: shim.mode, parent: below.name },
      // In passthru mode the shim has its parent's.
      mac: shim.macaddress ?? below.mac,
      mtu: shim.mtu ?? below.mtu,
      addresses: shim.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
      linkLocal: shim.linkLocal,
    };
  });
  const macs = new Map(shims.map(({ name, mac }) => [name, mac]));
  const subnets = segments.flatMap((segment) => segment.subnets);
  return {
    links: [...parents, ...shims],
    routes: model.shims.flatMap(({ name, routes }) =>
      routes.map((route) => expectRoute(name, route)),
    ),
    pings: segments.flatMap(expectPings),
    neighbours: new Map(subnets.map(({ host, shim }) => [host, macs.get(shim.name) ?? ''])),
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

/** All that live in one subnet reach each other, but host and guest in bridge mode only. */
function expectPings({ subnets, guest: station }: Segment): Expected['pings'] {
  return subnets.flatMap(({ shim, host, routers, guest }): Expected['pings'] => {
    const bridged = shim.mode === 'bridge';
    const toRouters = (from: Place): Expected['pings'] =>
      routers.map((address) => one(from, 'router', address, true));
    const ofHost = [...toRouters('host'), one('router', 'host', host, true)];
    if (!station) return ofHost;
    return [
      ...ofHost,
      one('host', 'guest', guest, bridged),
      one('guest', 'host', host, bridged),
      ...toRouters('guest'),
      one('router', 'guest', guest, true),
    ];
  });
}

const one = (
  from: Place,
  to: Place,
  address: string,
  answered: boolean,
): Expected['pings'][number] => ({ from, to, address, answered });

function segmentOf(segments: readonly Segment[], parent: string): Segment {
  const found = segments.find((segment) => segment.parent === parent);
  if (!found) throw new Error(`no LAN at ${parent}`);
  return found;
}
