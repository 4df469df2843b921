/** Parents that keep an address of their own, and the shims on them: side shims. */
import { diagnostic } from '../../diagnostics.ts';
import { contains, parseCidr } from '../ip.ts';
import { type Address, type Family, hasAddress, type Parent, type Shim } from '../types.ts';
import { type Context, label } from './context.ts';

export const isSingle = ({ family, prefix }: Address): boolean =>
  prefix === (family === 'ipv4' ? 32 : 128);

const isDynamic = (parent: Parent, family: Family): boolean =>
  family === 'ipv4' ? parent.dhcp4 !== undefined : parent.dhcp6 !== undefined || parent.acceptRa;

export function checkSide({ damaged, report }: Context, shim: Shim): void {
  const { parent } = shim;
  if (!hasAddress(parent)) return;
  if (parent.families.length === 0) return;
  for (const family of parent.families) {
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
    if (!isSide || damaged([...shim.origin, 'routes'])) continue;
    const other = own.find(({ address }) =>
      parent.addresses.every((one) => one.address !== address),
    );
    if (family === 'ipv6' && other) {
      const message = `\`${other.address}\` is no address of \`${parent.name}\`.`;
      report(diagnostic('side-shim-ipv6-address', other.origin, message));
    }
    const routes = shim.routes.filter((route) => route.family === family);
    const [first] = own;
    if (routes.length === 0 && first) {
      const message = `\`${shim.name}\` has no ${label(family)} route to the guests.`;
      report(diagnostic('side-shim-without-route', first.origin, message));
    }
    for (const route of routes) {
      const to = parseCidr(route.to);
      const beside = parent.addresses.find((address) => {
        if (address.family !== family || isSingle(address) || route.isDefault || !to) return false;
        const subnet = parseCidr(`${address.address}/${address.prefix}`);
        return subnet && to.prefix < subnet.prefix && contains(to, subnet.ip);
      });
      if (beside) {
        const message = `\`${route.to}\` is wider than \`${beside.address}/${beside.prefix}\` of \`${parent.name}\`.`;
        report(diagnostic('side-route-not-narrow', [...route.origin, 'to'], message));
      }
    }
  }
}

/** What the parent itself may not have, with something on it. */
export function checkBare({ report }: Context, parent: Parent): void {
  const isCarrying = parent.shims.length + parent.taps.length > 0;
  if (isCarrying && hasAddress(parent) && parent.families.length === 0) {
    const message = `\`${parent.id}\` would have a link-local address.`;
    report(diagnostic('parent-has-address', [...parent.origin, 'link-local'], message));
  }
}
