/** Addresses, subnets and routes against each other. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { prefixKey } from '../ip.ts';
import { type Address, isSingle, type Link, type Route } from '../types.ts';
import { type Context, label, linksOf } from './context.ts';
import { type Place, subnetIndex } from './subnets.ts';

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
  const all = linksOf(model).flatMap(({ addresses }) => addresses.map(({ prefix }) => prefix));
  const lengths = [...new Set(all)].sort((a, b) => a - b);
  const ofShims = subnetIndex(lengths);
  const wide = subnetIndex(lengths);
  for (const shim of model.shims) {
    for (const address of shim.addresses) {
      if (!take(shim, address, () => false)) continue;
      const other = ofShims.overlapping(address.network, shim);
      if (other) report(diagnostic('shim-overlap', address.origin, overlapsWith(other)));
      ofShims.add({ link: shim, address });
      if (!isSingle(address)) wide.add({ link: shim, address });
    }
  }
  const ofParents = subnetIndex(lengths);
  for (const parent of model.parents) {
    for (const address of parent.addresses) {
      // A side shim may have its parent's own address: guests and LAN then use one.
      const isSideShims = (owner: Place): boolean =>
        isSingle(owner.address) && parent.shims.includes(owner.link.name);
      if (!take(parent, address, isSideShims)) continue;
      const { network } = address;
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
  const { ip, prefix } = address.network;
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
      const { ip, prefix } = address.network;
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
