/** Routes and name servers against the addresses of their link. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { bitsOf, hostBitsAre, type Ip, prefixKey } from '../ip.ts';
import { type Family, hasAddress, type Link, type Route } from '../types.ts';
import { type Context, isDynamic, label, linksOf, listOf } from './context.ts';

/** Addresses of one link and family, which its routes are compared with. */
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

/** Keys without which it is not known what addresses a link has. */
const SOURCES = ['addresses', 'dhcp4', 'dhcp6', 'accept-ra'] as const;

/** Gateways are in a subnet of the link, and are not addresses of the host. */
export function checkRoutes(context: Context): void {
  const { damaged } = context;
  const links = linksOf(context.model);
  const holders = new Map<string, Link>();
  for (const link of links) {
    for (const { address } of link.addresses) {
      if (!holders.has(address)) holders.set(address, link);
    }
  }
  for (const link of links) {
    if (SOURCES.some((key) => damaged([...link.origin, key]))) continue;
    const own = { ipv4: ownOf(link, 'ipv4'), ipv6: ownOf(link, 'ipv6') };
    for (const route of link.routes) {
      const { family, via = '' } = route;
      const holder = own[family].addresses.has(via) ? link : holders.get(via);
      checkRoute(context, link, route, own[family], holder);
    }
  }
}

/** Name servers and domains are used from an address of the link. */
export function checkNameservers({ model, damaged, report }: Context): void {
  for (const link of linksOf(model)) {
    const { name, families, nameservers, search, dnsDefaultRoute, multicastDns, origin } = link;
    if (SOURCES.some((key) => damaged([...origin, key]))) continue;
    const unused = (key: string, path: Path): void => {
      const message = `\`${key}\` has no effect without an address of the link.`;
      report(diagnostic('setting-unused', path, message, { at: 'key' }));
    };
    if (families.length === 0) {
      if (search.length > 0) unused('search', [...origin, 'nameservers', 'search']);
      if (dnsDefaultRoute !== undefined) {
        unused('dns-default-route', [...origin, 'dns-default-route']);
      }
      if (multicastDns !== undefined && !hasAddress(link)) {
        unused('multicast-dns', [...origin, 'multicast-dns']);
      }
    }
    for (const { family, address, origin: at } of nameservers) {
      if (families.includes(family)) continue;
      const message = `\`${name}\` has no ${label(family)} address to reach \`${address}\` from.`;
      report(diagnostic('nameserver-unreachable', at, message));
    }
  }
}

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
    const message = `Gateway \`${route.via}\` needs a link-local address, which \`${link.name}\` does not have.`;
    report(diagnostic('link-local-needed', at, message));
  }
  if (gateway && holder) {
    const message = `Gateway \`${route.via}\` is an address of \`${holder.name}\` itself.`;
    report(diagnostic('gateway-is-self', at, message));
  } else if (gateway && isNoHost(own, gateway)) {
    const message = `Gateway \`${route.via}\` is the network or broadcast address of its subnet.`;
    report(diagnostic('gateway-malformed', at, message));
  } else if (
    gateway &&
    !route.onLink &&
    !isDynamic(link, route.family) &&
    !reaches(own, gateway, isLinkLocal6)
  ) {
    const message = `Gateway \`${route.via}\` is not in any subnet of \`${link.name}\` (${listOf(own.texts)}).`;
    report(diagnostic('gateway-unreachable', at, message));
  }
  const { from } = route;
  if (from !== undefined && !isDynamic(link, route.family) && !own.addresses.has(from)) {
    const message = `\`${from}\` is not an address of \`${link.name}\`.`;
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
