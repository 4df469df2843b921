/** Parents that keep an address of their own, and the shims on them: side shims. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { prefixKey } from '../ip.ts';
import {
  type Address,
  type Family,
  hasAddress,
  isSingle,
  type Model,
  type Parent,
  type Shim,
} from '../types.ts';
import { type Context, isDynamic, label } from './context.ts';

/** What the shims of a parent are compared with. */
interface OfParent {
  readonly addresses: ReadonlySet<string>;
  /** An address whose subnet is narrower than a route to the network of this `prefixKey`. */
  readonly subnets: ReadonlyMap<string, Address>;
}

/** What a parent keeps of addresses, and the shims on top of it, family by family. */
export function checkSides(context: Context): void {
  const known = new Map<Parent, OfParent>();
  const lengths = routeLengths(context.model);
  for (const shim of context.model.shims) {
    const { parent } = shim;
    if (parent.families.length === 0) continue;
    const ofParent = known.get(parent) ?? ofParentWith(parent, lengths);
    known.set(parent, ofParent);
    for (const family of parent.families) {
      checkUnknownSubnets(context, shim, family);
      if (!isSide(shim, family) || context.damaged([...shim.origin, 'routes'])) continue;
      if (family === 'ipv6') checkSideAddress(context, shim, ofParent);
      checkSideRoutes(context, shim, family, ofParent);
    }
  }
}

const routeLengths = ({ shims }: Model): readonly number[] => [
  ...new Set(shims.flatMap(({ routes }) => routes.map(({ network }) => network.prefix))),
];

function ofParentWith({ addresses }: Parent, lengths: readonly number[]): OfParent {
  const subnets = new Map<string, Address>();
  for (const address of addresses) {
    if (isSingle(address)) continue;
    const { ip, prefix } = address.network;
    for (const length of lengths) {
      const key = prefixKey(ip, length);
      if (length < prefix && !subnets.has(key)) subnets.set(key, address);
    }
  }
  return { addresses: new Set(addresses.map(({ address }) => address)), subnets };
}

const ownOf = ({ addresses }: Shim, family: Family): Address[] =>
  addresses.filter((address) => address.family === family);

/** Whether a shim has single addresses only: it is beside its parent, for the guests. */
function isSide(shim: Shim, family: Family): boolean {
  const own = ownOf(shim, family);
  return own.length > 0 && own.every(isSingle);
}

/** A subnet that comes by DHCP or advertisement cannot be compared with another. */
function checkUnknownSubnets({ report }: Context, shim: Shim, family: Family): void {
  const { name, parent, origin } = shim;
  const wide = ownOf(shim, family).find((address) => !isSingle(address));
  if (wide && isDynamic(parent, family)) {
    const message = `\`${parent.name}\` gets its ${label(family)} subnet at run time, which may overlap.`;
    report(diagnostic('parent-subnet-unknown', wide.origin, message));
  }
  if (!isDynamic(shim, family)) return;
  const key = family === 'ipv4' ? 'dhcp4' : shim.dhcp6 ? 'dhcp6' : 'accept-ra';
  const message = `\`${parent.name}\` also has ${label(family)}; the subnet that \`${name}\` gets may be the same.`;
  report(diagnostic('parent-subnet-unknown', [...origin, key], message));
}

/** In IPv6 a side shim has an address of its parent. */
function checkSideAddress({ report }: Context, shim: Shim, { addresses }: OfParent): void {
  const { parent } = shim;
  const other = ownOf(shim, 'ipv6').find(({ address }) => !addresses.has(address));
  if (!other) return;
  const message = `\`${other.address}\` is not an address of \`${parent.name}\`.`;
  // An advertised or leased address is not known here, and so cannot be given to the shim.
  const hint = `Reach the host at \`${other.address}\` from guests, or give \`${parent.name}\` a static IPv6 address and the shim the same with /128.`;
  const extra = isDynamic(parent, 'ipv6') ? { hint } : {};
  report(diagnostic('side-shim-ipv6-address', other.origin, message, extra));
}

/** A side shim has routes to the guests, narrower than the subnet of its parent. */
function checkSideRoutes(
  { report }: Context,
  shim: Shim,
  family: Family,
  { subnets }: OfParent,
): void {
  const routes = shim.routes.filter((route) => route.family === family);
  const [first] = ownOf(shim, family);
  if (routes.length === 0 && first) {
    const message = `\`${shim.name}\` has no ${label(family)} route to the guests.`;
    report(diagnostic('side-shim-without-route', first.origin, message));
  }
  for (const { to, network, isDefault, origin } of routes) {
    const beside = !isDefault && subnets.get(prefixKey(network.ip, network.prefix));
    if (!beside) continue;
    const message = `\`${to}\` is wider than the subnet of \`${shim.parent.name}\` (\`${beside.address}/${beside.prefix}\`).`;
    report(diagnostic('side-route-not-narrow', [...origin, 'to'], message));
  }
}

/** What the parent itself may not have, with something on it. */
export function checkBare({ report }: Context, parent: Parent): void {
  const hasUpperLinks = parent.shims.length + parent.taps.length > 0;
  if (hasUpperLinks && hasAddress(parent) && parent.families.length === 0) {
    const message = `\`${parent.id}\` would have a link-local address.`;
    report(diagnostic('parent-has-address', [...parent.origin, 'link-local'], message));
  }
}
