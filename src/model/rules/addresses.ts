/** Addresses, subnets and routes against each other. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { type Fix, removeItem } from '../../diagnostics/fix.ts';
import { prefixKey } from '../ip.ts';
import { type Address, isSingle, type Link, type Parent, type Route, type Shim } from '../types.ts';
import { type Context, label, linksOf } from './context.ts';
import { type Place, subnetIndex } from './subnets.ts';

/** No two links have the same address, nor subnets that overlap. */
export function checkSubnets({ model, report }: Context): void {
  const all = linksOf(model).flatMap(({ addresses }) => addresses.map(({ prefix }) => prefix));
  const lengths = [...new Set(all)].sort((a, b) => a - b);
  const ofShims = subnetIndex(lengths);
  const wide = subnetIndex(lengths);
  const ofParents = subnetIndex(lengths);
  const owners = new Map<string, Place>();
  for (const place of placesIn(model.shims)) {
    const { link, address } = place;
    if (isTaken(place, owners, report)) continue;
    const other = ofShims.overlapping(address.network, link);
    if (other) report(overlap('shim-overlap', address, other));
    ofShims.add(place);
    if (!isSingle(address)) wide.add(place);
  }
  for (const place of placesIn(model.parents)) {
    const { link, address } = place;
    if (isTaken(place, owners, report)) continue;
    const shim = wide.overlapping(address.network);
    const other = ofParents.overlapping(address.network, link);
    if (shim) report(overlap('subnet-overlap', address, shim));
    else if (other) report(overlap('shim-overlap', address, other));
    ofParents.add(place);
  }
}

const placesIn = (links: readonly (Shim | Parent)[]): Place[] =>
  links.flatMap((link) => link.addresses.map((address) => ({ link, address })));

/**
 * Whether another link has the address, which is reported; else the link owns it now.
 * A side shim may have its parent's own address: guests and LAN then use one. An ipvlan may not: it
 * takes what comes for its addresses (ipvlan_core.c), and guests cannot attach beside it.
 */
function isTaken(place: Place, owners: Map<string, Place>, report: Context['report']): boolean {
  const { link, address } = place;
  const owner = owners.get(address.address);
  const isShared =
    owner &&
    'shims' in link &&
    isSingle(owner.address) &&
    link.shims.includes(owner.link.name) &&
    !isIpvlan(owner.link);
  if (!owner || isShared) {
    owners.set(address.address, place);
    return false;
  }
  const message = `\`${address.address}\` is also an address of \`${owner.link.name}\`.`;
  const isSame = owner.link === link && owner.address.prefix === address.prefix;
  const fix = isSame && removeItem('Remove this address, which is there already.');
  report(diagnostic('address-taken', address.origin, message, fix ? { fix } : {}));
  return true;
}

const isIpvlan = (link: Shim | Parent): boolean => 'device' in link && link.device === 'ipvlan';

function overlap(
  code: 'shim-overlap' | 'subnet-overlap',
  { origin }: Address,
  { link, address }: Place,
): Diagnostic {
  const message = `The subnet overlaps with that of \`${link.name}\` (\`${address.address}/${address.prefix}\`).`;
  return diagnostic(code, origin, message);
}

/** The network that an IPv4 address is in, as routes write it. */
function networkText(address: Address): string {
  const { ip, prefix } = address.network;
  return `${prefixKey(ip, prefix).replace(/^[0-9]+\//, '')}/${prefix}`;
}

/** The kernel distinguishes routes by destination, metric and table (`ip-route(8)`). */
export function checkDuplicateRoutes({ model, report }: Context): void {
  const seen = new Map<string, Link>();
  const keyOf = ({ to, metric, table }: Pick<Route, 'to' | 'metric' | 'table'>): string =>
    `${to} ${metric} ${table ?? MAIN_TABLE}`;
  const conflict = (
    other: Link,
    link: Link,
    what: string,
    metric: number,
    path: Path,
    fix?: Fix,
  ): void => {
    const where = other === link ? 'of this link' : `on \`${other.name}\``;
    const message = `Duplicate ${what} with metric ${metric} ${where}.`;
    report(diagnostic('duplicate-route', path, message, fix ? { fix } : {}));
  };
  // The route to its own subnet, which the kernel adds with every IPv4 address; of all links before
  // any other route, so that the order of links does not matter.
  for (const link of linksOf(model)) {
    for (const address of link.addresses) {
      const { ip, prefix } = address.network;
      if (ip.family === 'ipv4' && prefix < 32)
        seen.set(keyOf({ to: networkText(address), metric: 0 }), link);
    }
  }
  for (const link of linksOf(model)) {
    // The default route that the DHCP server gives.
    if (link.dhcp4?.useRoutes) {
      const { routeMetric, table, origin } = link.dhcp4;
      const key = keyOf({ to: '0.0.0.0/0', metric: routeMetric, ...(table && { table }) });
      const other = seen.get(key);
      if (other)
        conflict(other, link, 'default route for IPv4', routeMetric, [...origin, 'route-metric']);
      else seen.set(key, link);
    }
    const own = new Map<string, Route>();
    for (const route of link.routes) {
      const key = keyOf(route);
      const other = seen.get(key);
      const first = own.get(key);
      if (!first) own.set(key, route);
      const fix = first && isSame(first, route) ? repeated(route.origin) : undefined;
      const what = route.isDefault
        ? `default route for ${label(route.family)}`
        : `route to \`${route.to}\``;
      if (other) conflict(other, link, what, route.metric, [...route.origin, 'to'], fix);
      else seen.set(key, link);
    }
  }
}

const isSame = ({ origin: _, ...one }: Route, { origin: __, ...other }: Route): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const repeated = (origin: Path): Fix =>
  removeItem('Remove this route, which is there already.', origin);

const MAIN_TABLE = 254;
