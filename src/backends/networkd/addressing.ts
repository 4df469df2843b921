/** What networkd is told of a link's addresses, a shim's or a parent's. systemd.network(5). */

import type { Path } from '../../diagnostics/diagnostic.ts';
import {
  type Addressing,
  type Dhcp4,
  type Dhcp6,
  type DhcpOverrides,
  hasAddress,
  KERNEL_METRIC,
  type Link,
  type PolicyRule,
  type Route,
} from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry, type View } from '../../view/rendered.ts';
import { networkEntry } from '../shared/networkd-words.ts';

const inNetwork = (key: NetworkKey<'Network'>, text: string, why: string, at: Path): Entry =>
  networkEntry('Network', key, text, why, at);

/** `[Network]` and the sections after it, as far as they are about addresses. */
export function addressingView(link: Link, target: Target): View {
  const { origin } = link;
  const { withoutRa, dhcp6Client, raUseDns } = ipv6ClientView(link);
  const { duidType, ...olderDuid } = duidView(link, target);
  const dhcp6 = {
    duidType,
    withoutRa,
    ...(link.dhcp6 && overridesView('DHCPv6', link.dhcp6, target)),
  };
  return {
    addresses: link.addresses.map(({ address, prefix, origin: at }) =>
      inNetwork('Address', `${address}/${prefix}`, whyAddress(link), at),
    ),
    dhcp: inNetwork('DHCP', dhcpFamilies(link), whyDhcp(link), [
      ...origin,
      link.dhcp6 && !link.dhcp4 ? 'dhcp6' : 'dhcp4',
    ]),
    ...acceptRaView(link, target),
    linkLocalAddressing: inNetwork('LinkLocalAddressing', linkLocal(link), whyLinkLocal(link), [
      ...origin,
      'link-local',
    ]),
    nameservers: link.nameservers.map(({ address, origin: at }) =>
      inNetwork('DNS', address, 'A name server, asked over this link.', at),
    ),
    domains:
      link.search.length === 0
        ? undefined
        : link.search.map(({ domain, origin: at }) =>
            inNetwork(
              'Domains',
              domain,
              'Searched (with `~` in front: routed) over this link.',
              at,
            ),
          ),
    dnsDefaultRoute: dnsDefaultRoute(link),
    configureWithoutCarrier: link.ignoreCarrier
      ? inNetwork(
          'ConfigureWithoutCarrier',
          'yes',
          link.addresses.length > 0
            ? 'The addresses stand while the cable is out; it works on the link that has them only, not on the one below.'
            : 'What stands on it is ready while the cable is out; before systemd 249 this link would not be, and boot would wait for it.',
          [...origin, 'ignore-carrier'],
        )
      : undefined,
    routes: link.routes.map((route) => routeView(route, target)),
    rules: link.rules.map(ruleView),
    dhcp4: link.dhcp4 && dhcp4View(link, link.dhcp4, target),
    dhcp6: Object.values(dhcp6).some((value) => value !== undefined) ? dhcp6 : undefined,
    ...olderDuid,
    ipv6AcceptRaSection: (dhcp6Client ?? raUseDns) && { dhcp6Client, raUseDns },
  };
}

const whyAddress = (link: Link): string =>
  link.origin[0] === 'shims'
    ? "The host's address is on the shim."
    : 'As the intent says: this link keeps an address of its own.';

function whyDhcp(link: Addressing): string {
  if (!hasAddress(link)) return 'The link is silent: no lease.';
  return 'The families that take their address by DHCP.';
}

/** Router advertisements, under the name by which the version knows them. */
function acceptRaView(link: Link, target: Target): View {
  const why = link.acceptRa
    ? 'IPv6 addresses and routes come from router advertisements.'
    : hasAddress(link)
      ? 'Left on, boot would wait for a router that advertises, where there is none.'
      : 'The link is silent: no address or route from router advertisements.';
  const newer = inNetwork('IPv6AcceptRA', link.acceptRa ? 'yes' : 'no', why, [
    ...link.origin,
    'accept-ra',
  ]);
  if (knows(target, newer.authority)) return { ipv6AcceptRa: newer };
  const older = inNetwork('IPv6AcceptRouterAdvertisements', newer.text, why, newer.origin);
  return { ipv6AcceptRouterAdvertisements: older };
}

/** netplan's drop-in says it, too. */
export function dnsDefaultRoute({ dnsDefaultRoute: said, origin }: Link): Entry | undefined {
  return said === undefined
    ? undefined
    : inNetwork(
        'DNSDefaultRoute',
        yesNo(said),
        said
          ? "This link's name servers are asked for any name."
          : "This link's name servers are asked for its own domains only.",
        [...origin, 'dns-default-route'],
      );
}

function dhcpFamilies({ dhcp4, dhcp6 }: Addressing): string {
  if (dhcp4 && dhcp6) return 'yes';
  if (dhcp4) return 'ipv4';
  return dhcp6 ? 'ipv6' : 'no';
}

function linkLocal({ linkLocal: families }: Addressing): string {
  return families.length === 2 ? 'yes' : (families[0] ?? 'no');
}

function whyLinkLocal(link: Addressing): string {
  if (link.linkLocal.includes('ipv6')) return 'IPv6 on a link works over its link-local address.';
  if (link.linkLocal.length > 0) return 'As the intent says.';
  return hasAddress(link)
    ? 'There is no IPv6 here; left on, boot would wait longer for what nobody uses.'
    : 'The link is silent: no fe80:: address, which it would have by default.';
}

/** A `[Route]` section. */
export function routeView(route: Route, target: Target): View {
  const at = (key: string): Path => [...route.origin, key];
  const inRoute = (
    key: NetworkKey<'Route'>,
    text: string | number,
    why: string,
    origin: Path,
  ): Entry => networkEntry('Route', key, text, why, origin);
  return {
    // A gateway without a destination is the default route.
    destination:
      route.isDefault && route.via !== undefined
        ? undefined
        : inRoute('Destination', route.to, 'Where the route leads.', at('to')),
    gateway:
      route.via === undefined
        ? undefined
        : inRoute(
            'Gateway',
            route.via,
            route.isDefault ? 'The default route.' : 'The gateway.',
            at('via'),
          ),
    ...onLinkView(route, target),
    // IPv6 routes have no scope (rtnetlink(7)).
    scope:
      route.via === undefined && route.family === 'ipv4'
        ? inRoute('Scope', 'link', 'The destination is on the LAN itself.', at('scope'))
        : undefined,
    preferredSource:
      route.from === undefined
        ? undefined
        : inRoute(
            'PreferredSource',
            route.from,
            'The source address of packets on this route.',
            at('from'),
          ),
    metric:
      route.metric === KERNEL_METRIC[route.family]
        ? undefined
        : inRoute(
            'Metric',
            route.metric,
            'Of several routes the one with the least metric is taken.',
            at('metric'),
          ),
    table:
      route.table === undefined
        ? undefined
        : inRoute('Table', route.table, 'The routing table.', at('table')),
  };
}

function onLinkView({ onLink, origin }: Route, target: Target): View {
  if (!onLink) return {};
  const why = 'The gateway is on the LAN, though in no subnet of the link.';
  const at = [...origin, 'on-link'];
  const newer = networkEntry('Route', 'GatewayOnLink', 'yes', why, at);
  if (knows(target, newer.authority)) return { gatewayOnLink: newer };
  return { gatewayOnlink: networkEntry('Route', 'GatewayOnlink', 'yes', why, at) };
}

/** A `[RoutingPolicyRule]` section. */
export function ruleView(rule: PolicyRule): View {
  const one = (
    key: NetworkKey<'RoutingPolicyRule'>,
    value: string | number | undefined,
    why: string,
    said: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry('RoutingPolicyRule', key, value, why, [...rule.origin, said]);
  return {
    from: one('From', rule.from, 'Packets from here.', 'from'),
    to: one('To', rule.to, 'Packets to here.', 'to'),
    typeOfService: one(
      'TypeOfService',
      rule.typeOfService,
      'Packets with this type of service.',
      'type-of-service',
    ),
    firewallMark: one('FirewallMark', rule.mark, 'Packets with this mark.', 'mark'),
    table: one('Table', rule.table, 'The table that they are looked up in.', 'table'),
    priority: one(
      'Priority',
      rule.priority,
      'Rules of a lower number are asked first; unsaid, the kernel would number them by their order.',
      'priority',
    ),
  };
}

/** What of DHCPv6 and router advertisements netplan cannot say; networkd's own file says it too. */
export function ipv6ClientView(link: Link): {
  readonly [key in 'dhcp6Client' | 'raUseDns' | 'withoutRa']: Entry | undefined;
} {
  return {
    dhcp6Client:
      link.acceptRa && !link.dhcp6ByRouter
        ? networkEntry(
            'IPv6AcceptRA',
            'DHCPv6Client',
            'no',
            "`dhcp6: false` holds against the router's managed flag.",
            [...link.origin, 'dhcp6'],
          )
        : undefined,
    raUseDns:
      link.acceptRa && link.dhcp6?.useDns === false
        ? networkEntry(
            'IPv6AcceptRA',
            'UseDNS',
            'no',
            'Nor are the name servers that router advertisements name.',
            [...link.dhcp6.origin, 'use-dns'],
          )
        : undefined,
    withoutRa:
      link.dhcp6 && !link.acceptRa
        ? networkEntry(
            'DHCPv6',
            'WithoutRA',
            'solicit',
            'Advertisements are not listened to, so the client starts by itself.',
            [...link.origin, 'accept-ra'],
          )
        : undefined,
  };
}

/** A DUID from the MAC; older versions take the DHCPv6 client's from the section of DHCPv4. */
export function duidView(
  { dhcp6, dhcp6ByRouter, identifier, origin }: Link,
  target: Target,
): { readonly duidType?: Entry; readonly duid?: View } {
  if (!(dhcp6 || dhcp6ByRouter) || identifier !== 'mac') return {};
  const at = [...origin, 'dhcp-identifier'];
  const why =
    'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.';
  const duidType = networkEntry('DHCPv6', 'DUIDType', 'link-layer', why, at);
  if (knows(target, duidType.authority)) return { duidType };
  const section = dhcp4Section(target);
  return {
    duid: {
      section: entry(
        section,
        'The DUID of both DHCP clients.',
        `systemd.network(5), [${section}]`,
        at,
      ),
      duidType: networkEntry(section, 'DUIDType', 'link-layer', why, at),
    },
  };
}

/** The section of the DHCPv4 client, which older versions call by another name. */
const dhcp4Section = (target: Target): 'DHCPv4' | 'DHCP' =>
  knows(target, 'systemd.network(5), [DHCPv4]') ? 'DHCPv4' : 'DHCP';

function dhcp4View({ identifier, origin: link }: Link, dhcp4: Dhcp4, target: Target): View {
  const { origin } = dhcp4;
  const section = dhcp4Section(target);
  const inDhcp = (
    key: NetworkKey<'DHCPv4' | 'DHCP'>,
    text: string | number,
    why: string,
    at: Path,
  ): Entry => networkEntry(section, key, text, why, at);
  return {
    section: entry(section, 'Settings of the DHCPv4 client.', `systemd.network(5), [${section}]`, [
      ...link,
      'dhcp4',
    ]),
    clientIdentifier: inDhcp(
      'ClientIdentifier',
      identifier,
      identifier === 'mac'
        ? 'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.'
        : 'As the intent says.',
      [...link, 'dhcp-identifier'],
    ),
    routeMetric: inDhcp(
      'RouteMetric',
      dhcp4.routeMetric,
      'The same on every system; each would take another by itself.',
      [...origin, 'route-metric'],
    ),
    useMtu: inDhcp(
      'UseMTU',
      yesNo(dhcp4.useMtu),
      dhcp4.useMtu
        ? "The server's MTU is used, which networkd would not do by itself."
        : "The server's MTU is not used.",
      [...origin, 'use-mtu'],
    ),
    useRoutes: dhcp4.useRoutes
      ? undefined
      : inDhcp('UseRoutes', 'no', "The server's routes are not used.", [...origin, 'use-routes']),
    ...overridesView(section, dhcp4, target),
  };
}

/** What DHCPv4 and DHCPv6 have in common; only what the intent says is written. */
function overridesView(
  section: 'DHCPv4' | 'DHCP' | 'DHCPv6',
  said: DhcpOverrides | Dhcp6,
  target: Target,
): View {
  const one = (
    key: NetworkKey<'DHCPv4' | 'DHCP' | 'DHCPv6'>,
    value: boolean | string | undefined,
    intentKey: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry(
          section,
          key,
          typeof value === 'boolean' ? yesNo(value) : value,
          'As the intent says.',
          [...said.origin, intentKey],
        );
  const sends = section !== 'DHCPv6' || knows(target, DHCP6_HOSTNAME);
  return {
    useDns: one('UseDNS', said.useDns, 'use-dns'),
    useDomains: one('UseDomains', said.useDomains, 'use-domains'),
    useNtp: one('UseNTP', said.useNtp, 'use-ntp'),
    useHostname: one('UseHostname', said.useHostname, 'use-hostname'),
    ...(sends && {
      sendHostname: one('SendHostname', said.sendHostname, 'send-hostname'),
      hostname: one('Hostname', said.hostname, 'hostname'),
    }),
  };
}

/** The DHCPv6 client sends no host name before. */
export const DHCP6_HOSTNAME = 'systemd.network(5), [DHCPv6] SendHostname=';

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
