/** The sections of a `.network` file on DHCP. systemd.network(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Dhcp4, Dhcp6, DhcpOverrides, Link } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { networkEntry, yesNo } from '../shared/networkd-words.ts';
import { WHY_IDENTIFIER, whyOverride } from '../shared/reasons.ts';
import { advertisedView, newerToken } from './advertised.ts';

type LinkNetwork = Views['networkd/link.network'];
type Dhcp4View = Part<LinkNetwork, 'dhcp4'>;
type Dhcp6View = Part<LinkNetwork, 'dhcp6'>;

const WHY_IAID =
  'Derived from host and name: by default it follows from the MAC, which an ipvlan shares with its parent.';

/** `[DHCPv4]`, `[DHCPv6]` and `[IPv6AcceptRA]`. */
export function dhcpViews(
  link: Link,
  target: Target,
): Pick<LinkNetwork, 'dhcp4' | 'duid' | 'dhcp6' | 'advertised'> {
  const { duid, duidType } = duidView(link, target);
  return {
    dhcp4: link.dhcp4 && dhcp4View(link, link.dhcp4, target),
    duid,
    dhcp6: {
      duidType,
      iaid:
        link.iaid !== undefined && (link.dhcp6 || link.dhcp6ByRouter)
          ? networkEntry('DHCPv6', 'IAID', link.iaid, WHY_IAID, [...link.origin, 'kind'])
          : undefined,
      withoutRa: withoutRa(link),
      ...(link.dhcp6 ? overridesView('DHCPv6', link.dhcp6, target) : startedView(link)),
    },
    advertised: { ...advertisedView(link), token: newerToken(link, target) },
  };
}

/** When the DHCPv6 client starts; netplan has no word for it, and its drop-in has the same line. */
export const withoutRa = (link: Link): Entry | undefined =>
  link.dhcp6 && !link.acceptRa
    ? networkEntry(
        'DHCPv6',
        'WithoutRA',
        'solicit',
        'Router advertisements are ignored, so the client starts without one; by default it would wait for it.',
        [...link.origin, 'accept-ra'],
      )
    : undefined;

/** A DHCPv6 client that the router starts follows the keys about its advertisements. */
export function startedView({
  dhcp6,
  dhcp6ByRouter,
  raOverrides,
}: Link): Pick<Dhcp6View, 'useDns' | 'useDomains'> {
  if (dhcp6 || !dhcp6ByRouter || !raOverrides) return {};
  const { useDns, useDomains, origin } = raOverrides;
  const inDhcp = (
    key: 'UseDNS' | 'UseDomains',
    value: boolean | 'route' | undefined,
    intentKey: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry(
          'DHCPv6',
          key,
          value === 'route' ? value : yesNo(value),
          whyOverride(intentKey, value),
          [...origin, intentKey],
        );
  return {
    useDns: inDhcp('UseDNS', useDns, 'use-dns'),
    useDomains: inDhcp('UseDomains', useDomains, 'use-domains'),
  };
}

/** The table of routes by DHCP, which netplan has no word for. */
export const leaseTable = (dhcp4: Dhcp4 | undefined, target: Target): Entry | undefined =>
  dhcp4?.table === undefined
    ? undefined
    : networkEntry(
        dhcp4Section(target),
        'RouteTable',
        dhcp4.table,
        whyOverride('table', dhcp4.table),
        [...dhcp4.origin, 'table'],
      );

/** A DUID from the MAC; older versions take the DHCPv6 client's from the section of DHCPv4. */
export function duidView(
  { dhcp6, dhcp6ByRouter, identifier, origin }: Link,
  target: Target,
): Pick<LinkNetwork, 'duid'> & Pick<Dhcp6View, 'duidType'> {
  if (!(dhcp6 || dhcp6ByRouter) || identifier !== 'mac') return {};
  const at = [...origin, 'dhcp-identifier'];
  const why = WHY_IDENTIFIER.mac;
  const duidType = networkEntry('DHCPv6', 'DUIDType', 'link-layer', why, at);
  if (knows(target, duidType.authority)) return { duidType };
  const section = dhcp4Section(target);
  return {
    duid: {
      section: entry(
        section,
        'This version has the DUID of both DHCP clients in one section.',
        `systemd.network(5), [${section}]`,
        at,
      ),
      duidType: networkEntry(section, 'DUIDType', 'link-layer', why, at),
    },
  };
}

/** The section of the DHCPv4 client, which has another name in older versions. */
export const dhcp4Section = (target: Target): 'DHCPv4' | 'DHCP' =>
  knows(target, 'systemd.network(5), [DHCPv4]') ? 'DHCPv4' : 'DHCP';

function dhcp4View(
  { identifier, iaid, origin: link }: Link,
  dhcp4: Dhcp4,
  target: Target,
): Dhcp4View {
  const { origin } = dhcp4;
  const section = dhcp4Section(target);
  const inDhcp = (
    key: NetworkKey<'DHCPv4' | 'DHCP'>,
    text: string | number,
    why: string,
    at: Path,
  ): Entry => networkEntry(section, key, text, why, at);
  return {
    section: entry(
      section,
      'The intent has DHCPv4 on the link: these are settings of its client.',
      `systemd.network(5), [${section}]`,
      [...link, 'dhcp4'],
    ),
    clientIdentifier: inDhcp('ClientIdentifier', identifier, WHY_IDENTIFIER[identifier], [
      ...link,
      'dhcp-identifier',
    ]),
    iaid: iaid === undefined ? undefined : inDhcp('IAID', iaid, WHY_IAID, [...link, 'kind']),
    requestBroadcast:
      iaid === undefined
        ? undefined
        : inDhcp(
            'RequestBroadcast',
            'yes',
            'The kernel passes a frame to an ipvlan by its IP address: until it has one, it receives broadcasts only.',
            [...link, 'kind'],
          ),
    routeMetric: inDhcp(
      'RouteMetric',
      dhcp4.routeMetric,
      whyOverride('route-metric', dhcp4.routeMetric),
      [...origin, 'route-metric'],
    ),
    routeTable: leaseTable(dhcp4, target),
    useMtu: inDhcp(
      'UseMTU',
      yesNo(dhcp4.useMtu),
      dhcp4.useMtu
        ? 'The MTU of the lease is used; networkd ignores it by default.'
        : whyOverride('use-mtu', false),
      [...origin, 'use-mtu'],
    ),
    useRoutes: dhcp4.useRoutes
      ? undefined
      : inDhcp('UseRoutes', 'no', whyOverride('use-routes', false), [...origin, 'use-routes']),
    ...overridesView(section, dhcp4, target),
  };
}

/** What DHCPv4 and DHCPv6 have in common; only what the intent has is written. */
function overridesView(
  section: 'DHCPv4' | 'DHCP' | 'DHCPv6',
  overrides: DhcpOverrides | Dhcp6,
  target: Target,
): Pick<
  Dhcp4View & Dhcp6View,
  'useDns' | 'useDomains' | 'useNtp' | 'useHostname' | 'sendHostname' | 'hostname'
> {
  const inDhcp = (
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
          whyOverride(intentKey, value),
          [...overrides.origin, intentKey],
        );
  const sends = section !== 'DHCPv6' || knows(target, DHCP6_HOSTNAME);
  return {
    useDns: inDhcp('UseDNS', overrides.useDns, 'use-dns'),
    useDomains: inDhcp('UseDomains', overrides.useDomains, 'use-domains'),
    useNtp: inDhcp('UseNTP', overrides.useNtp, 'use-ntp'),
    useHostname: inDhcp('UseHostname', overrides.useHostname, 'use-hostname'),
    ...(sends && {
      sendHostname: inDhcp('SendHostname', overrides.sendHostname, 'send-hostname'),
      hostname: inDhcp('Hostname', overrides.hostname, 'hostname'),
    }),
  };
}

/** The DHCPv6 client of older versions sends no host name. */
export const DHCP6_HOSTNAME = 'systemd.network(5), [DHCPv6] SendHostname=';
