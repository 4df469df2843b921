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
import { type Context, label } from './context.ts';

const isDynamic = (parent: Parent, family: Family): boolean =>
  family === 'ipv4' ? parent.dhcp4 !== undefined : parent.dhcp6 !== undefined || parent.acceptRa;

/** What the shims of a parent are held against. */
interface OfParent {
  readonly addresses: ReadonlySet<string>;
  /** An address whose subnet is narrower than a route to the network of this `prefixKey`. */
  readonly subnets: ReadonlyMap<string, Address>;
}

/** The rule, for one shim after the other. */
export function sideRule(context: Context): (shim: Shim) => void {
  const known = new Map<Parent, OfParent>();
  const lengths = routeLengths(context.model);
  return (shim) => {
    const { parent } = shim;
    if (!hasAddress(parent) || parent.families.length === 0) return;
    const ofParent = known.get(parent) ?? ofParentWith(parent, lengths);
    known.set(parent, ofParent);
    for (const family of parent.families) checkFamily(context, shim, family, ofParent);
  };
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

function checkFamily(
  { damaged, report }: Context,
  shim: Shim,
  family: Family,
  ofParent: OfParent,
): void {
  const { parent } = shim;
  const own = shim.addresses.filter((address) => address.family === family);
  const wide = own.find((address) => !isSingle(address));
  if (wide && isDynamic(parent, family)) {
    const message = `\`${parent.name}\` gets ${label(family)} addresses that are not known here.`;
    report(diagnostic('parent-subnet-unknown', wide.origin, message));
  }
  const isLeased =
    family === 'ipv4' ? shim.dhcp4 !== undefined : shim.dhcp6 !== undefined || shim.acceptRa;
  if (isLeased) {
    const key = family === 'ipv4' ? 'dhcp4' : shim.dhcp6 ? 'dhcp6' : 'accept-ra';
    const message = `\`${parent.name}\` has ${label(family)}, too: what \`${shim.name}\` gets may be of the same network.`;
    report(diagnostic('parent-subnet-unknown', [...shim.origin, key], message));
  }
  const isSide = own.length > 0 && !wide;
  if (!isSide || damaged([...shim.origin, 'routes'])) return;
  const other = own.find(({ address }) => !ofParent.addresses.has(address));
  if (family === 'ipv6' && other) {
    const message = `\`${other.address}\` is no address of \`${parent.name}\`.`;
    // An advertised or leased address is not known here, and so cannot be given to the shim.
    const hint = `Reach the host at \`${other.address}\` from guests, or give \`${parent.name}\` a static IPv6 address and the shim the same with /128.`;
    report(
      diagnostic(
        'side-shim-ipv6-address',
        other.origin,
        message,
        isDynamic(parent, 'ipv6') ? { hint } : {},
      ),
    );
  }
  const routes = shim.routes.filter((route) => route.family === family);
  const [first] = own;
  if (routes.length === 0 && first) {
    const message = `\`${shim.name}\` has no ${label(family)} route to the guests.`;
    report(diagnostic('side-shim-without-route', first.origin, message));
  }
  for (const { to, network, isDefault, origin } of routes) {
    const beside = !isDefault && ofParent.subnets.get(prefixKey(network.ip, network.prefix));
    if (!beside) continue;
    const message = `\`${to}\` is wider than \`${beside.address}/${beside.prefix}\` of \`${parent.name}\`.`;
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
