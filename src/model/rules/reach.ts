/** Routes and name servers against the addresses of their link. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { bitsOf, hostBitsAre, type Ip, prefixKey } from '../ip.ts';
import type { Family, Link, Route } from '../types.ts';
import { type Context, label, linksOf, listOf } from './context.ts';

/** Addresses of one link and family, for routes to be held against. */
interface Own {
  readonly addresses: ReadonlySet<string>;
  /** Their subnets, by `prefixKey`, and the prefix lengths that these have. */
  readonly subnets: ReadonlySet<string>;
  readonly lengths: readonly number[];
  readonly texts: readonly string[];
}

function ownOf(link: Link, family: Family): Own {
  const own = link.addresses.filter((address) => address.family === family);
  return {
    addresses: new Set(own.map(({ address }) => address)),
    subnets: new Set(own.map(({ network: { ip, prefix } }) => prefixKey(ip, prefix))),
    lengths: [...new Set(own.map(({ prefix }) => prefix))],
    texts: own.map(({ address, prefix }) => `${address}/${prefix}`),
  };
}

/** The rule, for one link after the other. */
export function reachRule(context: Context): (link: Link) => void {
  const holders = new Map<string, Link>();
  for (const link of linksOf(context.model)) {
    for (const { address } of link.addresses) {
      if (!holders.has(address)) holders.set(address, link);
    }
  }
  return (link) => {
    // What is known of a family's addresses is incomplete where one is faulty.
    const { damaged } = context;
    if (
      ['addresses', 'dhcp4', 'dhcp6', 'accept-ra'].some((key) => damaged([...link.origin, key]))
    ) {
      return;
    }
    checkNames(context, link);
    const own = { ipv4: ownOf(link, 'ipv4'), ipv6: ownOf(link, 'ipv6') };
    for (const route of link.routes) {
      const holder = own[route.family].addresses.has(route.via ?? '')
        ? link
        : holders.get(route.via ?? '');
      checkRoute(context, link, route, own[route.family], holder);
    }
  };
}

function checkNames({ report }: Context, link: Link): void {
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
}

const isDynamic = (link: Link, family: Family): boolean =>
  family === 'ipv4' ? link.dhcp4 !== undefined : link.dhcp6 !== undefined || link.acceptRa;

/** @param holder the link that has the address of the gateway */
function checkRoute(
  { report }: Context,
  link: Link,
  route: Route,
  own: Own,
  holder: Link | undefined,
): void {
  if (!link.families.includes(route.family)) {
    const message = `\`${link.name}\` has no ${label(route.family)} address.`;
    report(diagnostic('route-without-address', [...route.origin, 'to'], message));
    return;
  }
  const { gateway } = route;
  const at = [...route.origin, 'via'];
  const isLinkLocal6 = gateway?.range === 'linkLocal' && gateway.family === 'ipv6';
  if (isLinkLocal6 && !link.linkLocal.includes('ipv6')) {
    const message = `\`${route.via}\` is reached from a link-local address, which \`${link.name}\` has not.`;
    report(diagnostic('link-local-needed', at, message));
  }
  if (gateway && holder) {
    const message = `\`${route.via}\` is the address of \`${holder.name}\` itself.`;
    report(diagnostic('gateway-is-self', at, message));
  } else if (gateway && isNoHost(own, gateway)) {
    const message = `\`${route.via}\` is the network or the broadcast address of its subnet.`;
    report(diagnostic('gateway-malformed', at, message));
  } else if (
    gateway &&
    !route.onLink &&
    !isDynamic(link, route.family) &&
    !reaches(own, gateway, isLinkLocal6)
  ) {
    const message = `\`${route.via}\` is in no subnet of \`${link.name}\` (${listOf(own.texts)}).`;
    report(diagnostic('gateway-unreachable', at, message));
  }
  const { from } = route;
  if (from !== undefined && !isDynamic(link, route.family) && !own.addresses.has(from)) {
    const message = `\`${from}\` is no address of \`${link.name}\`.`;
    report(diagnostic('route-from-unknown', [...route.origin, 'from'], message));
  }
}

/** Whether a gateway is a neighbour: in a subnet, or link-local in IPv6. */
const reaches = ({ lengths, subnets }: Own, gateway: Ip, isLinkLocal6: boolean): boolean =>
  (isLinkLocal6 && lengths.length > 0) ||
  lengths.some((length) => subnets.has(prefixKey(gateway, length)));

/** Whether a gateway is a subnet's own or its broadcast address, which no router has. */
const isNoHost = ({ lengths, subnets }: Own, gateway: Ip): boolean =>
  lengths.some((prefix) => {
    if (bitsOf(gateway) - prefix < 2 || !subnets.has(prefixKey(gateway, prefix))) return false;
    const inSubnet = { ip: gateway, prefix };
    return hostBitsAre(inSubnet, 0) || (gateway.family === 'ipv4' && hostBitsAre(inSubnet, 1));
  });
