/** Addresses, subnets, routes and name servers against each other. */
import { diagnostic, type Path } from '../../diagnostics.ts';
import {
  bitsOf,
  contains,
  hostBitsAre,
  type Network,
  parseCidr,
  parseIp,
  prefixKey,
} from '../ip.ts';
import type { Address, Family, Link, Route } from '../types.ts';
import { type Context, label, linksOf } from './context.ts';
import { isSingle } from './side.ts';

/** Routes and name servers against the addresses of their link. */
export function checkReach({ model, damaged, report }: Context, link: Link): void {
  // What is known of a family's addresses is incomplete where one is faulty.
  if (['addresses', 'dhcp4', 'dhcp6', 'accept-ra'].some((key) => damaged([...link.origin, key]))) {
    return;
  }
  const isDynamic = (family: Family): boolean =>
    family === 'ipv4' ? link.dhcp4 !== undefined : link.dhcp6 !== undefined || link.acceptRa;
  const ofFamily = (family: Family): Address[] => link.addresses.filter((a) => a.family === family);
  if (link.search.length > 0 && link.families.length === 0) {
    const message = '`search` has no effect without an address of the link.';
    const at = [...link.origin, 'nameservers', 'search'];
    report(diagnostic('setting-unused', at, message, { at: 'key' }));
  }
  if (link.dnsDefaultRoute !== undefined && link.families.length === 0) {
    const message = '`dns-default-route` has no effect without an address of the link.';
    report(
      diagnostic('setting-unused', [...link.origin, 'dns-default-route'], message, { at: 'key' }),
    );
  }
  for (const nameserver of link.nameservers) {
    if (!link.families.includes(nameserver.family)) {
      const message = `\`${link.name}\` has no ${label(nameserver.family)} address to reach \`${nameserver.address}\` from.`;
      report(diagnostic('nameserver-unreachable', nameserver.origin, message));
    }
  }
  for (const route of link.routes) {
    const own = ofFamily(route.family);
    if (!link.families.includes(route.family)) {
      const message = `\`${link.name}\` has no ${label(route.family)} address.`;
      report(diagnostic('route-without-address', [...route.origin, 'to'], message));
      continue;
    }
    const gateway = route.via === undefined ? undefined : parseIp(route.via);
    if (
      gateway?.range === 'linkLocal' &&
      gateway.family === 'ipv6' &&
      !link.linkLocal.includes('ipv6')
    ) {
      const message = `\`${route.via}\` is reached from a link-local address, which \`${link.name}\` has not.`;
      report(diagnostic('link-local-needed', [...route.origin, 'via'], message));
    }
    const holder = [link, ...linksOf(model)].find(({ addresses }) =>
      addresses.some((a) => a.address === route.via),
    );
    if (route.via !== undefined && holder) {
      const message = `\`${route.via}\` is the address of \`${holder.name}\` itself.`;
      report(diagnostic('gateway-is-self', [...route.origin, 'via'], message));
    } else if (route.via !== undefined && own.some((a) => isNoHost(a, route.via ?? ''))) {
      const message = `\`${route.via}\` is the network or the broadcast address of its subnet.`;
      report(diagnostic('gateway-malformed', [...route.origin, 'via'], message));
    } else if (
      route.via !== undefined &&
      !route.onLink &&
      !isDynamic(route.family) &&
      !own.some((a) => reaches(a, route.via ?? ''))
    ) {
      const subnets = own.map((a) => `\`${a.address}/${a.prefix}\``).join(', ');
      const message = `\`${route.via}\` is in no subnet of \`${link.name}\` (${subnets}).`;
      report(diagnostic('gateway-unreachable', [...route.origin, 'via'], message));
    }
    if (
      route.from !== undefined &&
      !isDynamic(route.family) &&
      !own.some((a) => a.address === route.from)
    ) {
      const message = `\`${route.from}\` is no address of \`${link.name}\`.`;
      report(diagnostic('route-from-unknown', [...route.origin, 'from'], message));
    }
  }
}

/** Whether a gateway is a neighbour: in the subnet, or link-local in IPv6. */
function reaches(address: Address, via: string): boolean {
  const gateway = parseIp(via);
  if (!gateway) return false;
  return (
    (gateway.family === 'ipv6' && gateway.range === 'linkLocal') ||
    contains(networkOf(address), gateway)
  );
}

/** Whether a gateway is the subnet's own or its broadcast address, which no router has. */
function isNoHost(address: Address, via: string): boolean {
  const gateway = parseIp(via);
  const network = networkOf(address);
  if (!gateway || !contains(network, gateway) || bitsOf(gateway) - network.prefix < 2) return false;
  const inSubnet = { ip: gateway, prefix: network.prefix };
  return hostBitsAre(inSubnet, 0) || (gateway.family === 'ipv4' && hostBitsAre(inSubnet, 1));
}

function networkOf({ address, prefix }: Address): Network {
  const network = parseCidr(`${address}/${prefix}`);
  if (!network) throw new Error(`not canonical: ${address}/${prefix}`);
  return network;
}

/** An address, and the link that has it. */
interface Place {
  readonly link: Link;
  readonly address: Address;
}

/** Subnets seen so far, so that those that overlap are found without comparing all with all. */
function subnetIndex(): {
  add(place: Place): void;
  overlapping(network: Network, except?: Link): Place | undefined;
} {
  // By exact network, and by every network that holds one; of each, the first of two links.
  const exact = new Map<string, Place[]>();
  const holding = new Map<string, Place[]>();
  const lengths = new Set<number>();
  const put = (map: Map<string, Place[]>, key: string, place: Place): void => {
    const known = map.get(key);
    if (!known) map.set(key, [place]);
    else if (known.length < 2 && known[0]?.link !== place.link) known.push(place);
  };
  return {
    add(place) {
      const { ip, prefix } = networkOf(place.address);
      lengths.add(prefix);
      put(exact, prefixKey(ip, prefix), place);
      for (let length = 1; length <= prefix; length += 1)
        put(holding, prefixKey(ip, length), place);
    },
    overlapping({ ip, prefix }, except) {
      const around = [...lengths]
        .filter((length) => length <= prefix && length <= bitsOf(ip))
        .flatMap((length) => exact.get(prefixKey(ip, length)) ?? []);
      const inside = holding.get(prefixKey(ip, prefix)) ?? [];
      return [...around, ...inside].find(({ link }) => link !== except);
    },
  };
}

export function checkSubnets({ model, report }: Context): void {
  const taken = new Map<string, Place>();
  const take = (link: Link, address: Address, mayShare: (owner: Place) => boolean): boolean => {
    const owner = taken.get(address.address);
    if (owner === undefined) {
      taken.set(address.address, { link, address });
      return true;
    }
    if (mayShare(owner)) {
      taken.set(address.address, { link, address });
      return true;
    }
    const message = `\`${address.address}\` is also an address of \`${owner.link.name}\`.`;
    report(diagnostic('address-taken', address.origin, message));
    return false;
  };
  const overlapsWith = ({ link, address }: Place): string =>
    `The subnet overlaps with that of \`${link.name}\` (\`${address.address}/${address.prefix}\`).`;
  const ofShims = subnetIndex();
  const wide = subnetIndex();
  for (const shim of model.shims) {
    for (const address of shim.addresses) {
      if (!take(shim, address, () => false)) continue;
      const other = ofShims.overlapping(networkOf(address), shim);
      if (other) report(diagnostic('shim-overlap', address.origin, overlapsWith(other)));
      ofShims.add({ link: shim, address });
      if (!isSingle(address)) wide.add({ link: shim, address });
    }
  }
  const ofParents = subnetIndex();
  for (const parent of model.parents) {
    for (const address of parent.addresses) {
      // A side shim may have its parent's own address: guests and LAN then use one.
      const isSideShims = (owner: Place): boolean =>
        isSingle(owner.address) && parent.shims.includes(owner.link.name);
      if (!take(parent, address, isSideShims)) continue;
      const network = networkOf(address);
      const shim = wide.overlapping(network);
      const other = ofParents.overlapping(network, parent);
      if (shim) report(diagnostic('subnet-overlap', address.origin, overlapsWith(shim)));
      else if (other) report(diagnostic('shim-overlap', address.origin, overlapsWith(other)));
      ofParents.add({ link: parent, address });
    }
  }
}

/** The network that an IPv4 address is in, as routes write it. */
function networkText(address: Address): string {
  const { ip, prefix } = networkOf(address);
  return `${prefixKey(ip, prefix).replace(/^[0-9]+\//, '')}/${prefix}`;
}

/** The kernel tells routes apart by destination, metric and table (`ip-route(8)`). */
export function checkDuplicateRoutes({ model, report }: Context): void {
  const seen = new Map<string, Link>();
  const keyOf = ({ to, metric, table }: Pick<Route, 'to' | 'metric' | 'table'>): string =>
    `${to} ${metric} ${table ?? MAIN_TABLE}`;
  const conflict = (other: Link, link: Link, what: string, metric: number, path: Path): void => {
    const where = other === link ? 'here' : `on \`${other.name}\``;
    const message = `There is another ${what} with metric ${metric} ${where}.`;
    report(diagnostic('duplicate-route', path, message));
  };
  for (const link of linksOf(model)) {
    // The route to its own subnet, which the kernel adds with every IPv4 address.
    for (const address of link.addresses) {
      const { ip, prefix } = networkOf(address);
      if (ip.family === 'ipv4' && prefix < 32)
        seen.set(keyOf({ to: networkText(address), metric: 0 }), link);
    }
    // The default route that the DHCP server is about to bring.
    if (link.dhcp4?.useRoutes) {
      const { routeMetric, origin } = link.dhcp4;
      const key = keyOf({ to: '0.0.0.0/0', metric: routeMetric });
      const other = seen.get(key);
      if (other)
        conflict(other, link, 'default route for IPv4', routeMetric, [...origin, 'route-metric']);
      else seen.set(key, link);
    }
    for (const route of link.routes) {
      const key = keyOf(route);
      const other = seen.get(key);
      const what = route.isDefault
        ? `default route for ${label(route.family)}`
        : `route to \`${route.to}\``;
      if (other) conflict(other, link, what, route.metric, [...route.origin, 'to']);
      else seen.set(key, link);
    }
  }
}

const MAIN_TABLE = 254;
