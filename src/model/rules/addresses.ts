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
import type { Address, Family, Route, Shim } from '../types.ts';
import { type Context, label } from './context.ts';

/** Routes and name servers against the addresses of their shim. */
export function checkReach({ model, damaged, report }: Context, shim: Shim): void {
  // What is known of a family's addresses is incomplete where one is faulty.
  if (['addresses', 'dhcp4', 'dhcp6', 'accept-ra'].some((key) => damaged([...shim.origin, key]))) {
    return;
  }
  const isDynamic = (family: Family): boolean =>
    family === 'ipv4' ? shim.dhcp4 !== undefined : shim.dhcp6 !== undefined || shim.acceptRa;
  const ofFamily = (family: Family): Address[] => shim.addresses.filter((a) => a.family === family);
  if (shim.search.length > 0 && shim.families.length === 0) {
    const message = '`search` has no effect without an address of the shim.';
    const at = [...shim.origin, 'nameservers', 'search'];
    report(diagnostic('setting-unused', at, message, { at: 'key' }));
  }
  for (const nameserver of shim.nameservers) {
    if (!shim.families.includes(nameserver.family)) {
      const message = `\`${shim.name}\` has no ${label(nameserver.family)} address to reach \`${nameserver.address}\` from.`;
      report(diagnostic('nameserver-unreachable', nameserver.origin, message));
    }
  }
  for (const route of shim.routes) {
    const own = ofFamily(route.family);
    if (!shim.families.includes(route.family)) {
      const message = `\`${shim.name}\` has no ${label(route.family)} address.`;
      report(diagnostic('route-without-address', [...route.origin, 'to'], message));
      continue;
    }
    const gateway = route.via === undefined ? undefined : parseIp(route.via);
    if (
      gateway?.range === 'linkLocal' &&
      gateway.family === 'ipv6' &&
      !shim.linkLocal.includes('ipv6')
    ) {
      const message = `\`${route.via}\` is reached from a link-local address, which \`${shim.name}\` has not.`;
      report(diagnostic('link-local-needed', [...route.origin, 'via'], message));
    }
    const holder = [shim, ...model.shims].find(({ addresses }) =>
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
      const message = `\`${route.via}\` is in no subnet of \`${shim.name}\` (${subnets}).`;
      report(diagnostic('gateway-unreachable', [...route.origin, 'via'], message));
    }
    if (
      route.from !== undefined &&
      !isDynamic(route.family) &&
      !own.some((a) => a.address === route.from)
    ) {
      const message = `\`${route.from}\` is no address of \`${shim.name}\`.`;
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

/** An address, and the shim that has it. */
interface Place {
  readonly shim: Shim;
  readonly address: Address;
}

/** Subnets seen so far, so that those that overlap are found without comparing all with all. */
function subnetIndex(): {
  add(place: Place): void;
  overlapping(network: Network, except?: Shim): Place | undefined;
} {
  // By exact network, and by every network that holds one; of each, the first of two shims.
  const exact = new Map<string, Place[]>();
  const holding = new Map<string, Place[]>();
  const lengths = new Set<number>();
  const put = (map: Map<string, Place[]>, key: string, place: Place): void => {
    const known = map.get(key);
    if (!known) map.set(key, [place]);
    else if (known.length < 2 && known[0]?.shim !== place.shim) known.push(place);
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
      return [...around, ...inside].find(({ shim }) => shim !== except);
    },
  };
}

export function checkSubnets({ intent, model, report }: Context): void {
  const taken = new Map<string, string>();
  const index = subnetIndex();
  const overlapsWith = ({ shim, address }: Place): string =>
    `The subnet overlaps with that of \`${shim.name}\` (\`${address.address}/${address.prefix}\`).`;
  for (const shim of model.shims) {
    for (const address of shim.addresses) {
      const owner = taken.get(address.address);
      if (owner !== undefined) {
        const message = `\`${address.address}\` is also an address of \`${owner}\`.`;
        report(diagnostic('address-taken', address.origin, message));
        continue;
      }
      taken.set(address.address, shim.name);
      const other = index.overlapping(networkOf(address), shim);
      if (other) report(diagnostic('shim-overlap', address.origin, overlapsWith(other)));
      index.add({ shim, address });
    }
  }
  for (const [id, parent] of intent.parents ?? []) {
    for (const [at, text] of (parent.addresses ?? []).entries()) {
      const network = parseCidr(text);
      const other = network && index.overlapping(network);
      if (!other) continue;
      const path = ['parents', id, 'addresses', at];
      report(diagnostic('subnet-overlap', path, overlapsWith(other)));
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
  const seen = new Map<string, Shim>();
  const keyOf = ({ to, metric, table }: Pick<Route, 'to' | 'metric' | 'table'>): string =>
    `${to} ${metric} ${table ?? MAIN_TABLE}`;
  const conflict = (other: Shim, shim: Shim, what: string, metric: number, path: Path): void => {
    const where = other === shim ? 'here' : `on \`${other.name}\``;
    const message = `There is another ${what} with metric ${metric} ${where}.`;
    report(diagnostic('duplicate-route', path, message));
  };
  for (const shim of model.shims) {
    // The route to its own subnet, which the kernel adds with every IPv4 address.
    for (const address of shim.addresses) {
      const { ip, prefix } = networkOf(address);
      if (ip.family === 'ipv4' && prefix < 32)
        seen.set(keyOf({ to: networkText(address), metric: 0 }), shim);
    }
    // The default route that the DHCP server is about to bring.
    if (shim.dhcp4?.useRoutes) {
      const { routeMetric, origin } = shim.dhcp4;
      const key = keyOf({ to: '0.0.0.0/0', metric: routeMetric });
      const other = seen.get(key);
      if (other)
        conflict(other, shim, 'default route for IPv4', routeMetric, [...origin, 'route-metric']);
      else seen.set(key, shim);
    }
    for (const route of shim.routes) {
      const key = keyOf(route);
      const other = seen.get(key);
      const what = route.isDefault
        ? `default route for ${label(route.family)}`
        : `route to \`${route.to}\``;
      if (other) conflict(other, shim, what, route.metric, [...route.origin, 'to']);
      else seen.set(key, shim);
    }
  }
}

const MAIN_TABLE = 254;
