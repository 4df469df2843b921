/** The sections of a `.network` file on DHCP and router advertisements. systemd.network(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Dhcp4, Dhcp6, DhcpOverrides, Link } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { networkEntry, yesNo } from '../shared/networkd-words.ts';

type LinkNetwork = Views['networkd/link.network'];
type Dhcp4View = Part<LinkNetwork, 'dhcp4'>;
type Dhcp6View = Part<LinkNetwork, 'dhcp6'>;
type AdvertisedView = Part<LinkNetwork, 'advertised'>;

/** `[DHCPv4]`, `[DHCPv6]` and `[IPv6AcceptRA]`, where there is anything to say in them. */
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
      withoutRa: withoutRa(link),
      ...(link.dhcp6 && overridesView('DHCPv6', link.dhcp6, target)),
    },
    advertised: advertisedView(link),
  };
}

/** When the DHCPv6 client starts; netplan has no word for it, and its drop-in says the same. */
export const withoutRa = (link: Link): Entry | undefined =>
  link.dhcp6 && !link.acceptRa
    ? networkEntry(
        'DHCPv6',
        'WithoutRA',
        'solicit',
        'Advertisements are not listened to, so the client starts by itself.',
        [...link.origin, 'accept-ra'],
      )
    : undefined;

/** What of router advertisements is not followed; netplan has no word for it either. */
export const advertisedView = (link: Link): Pick<AdvertisedView, 'dhcp6Client' | 'useDns'> => ({
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
  useDns:
    link.acceptRa && link.dhcp6?.useDns === false
      ? networkEntry(
          'IPv6AcceptRA',
          'UseDNS',
          'no',
          'Nor are the name servers that router advertisements name.',
          [...link.dhcp6.origin, 'use-dns'],
        )
      : undefined,
});

/** A DUID from the MAC; older versions take the DHCPv6 client's from the section of DHCPv4. */
export function duidView(
  { dhcp6, dhcp6ByRouter, identifier, origin }: Link,
  target: Target,
): Pick<LinkNetwork, 'duid'> & Pick<Dhcp6View, 'duidType'> {
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

function dhcp4View({ identifier, origin: link }: Link, dhcp4: Dhcp4, target: Target): Dhcp4View {
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
): Pick<
  Dhcp4View & Dhcp6View,
  'useDns' | 'useDomains' | 'useNtp' | 'useHostname' | 'sendHostname' | 'hostname'
> {
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
