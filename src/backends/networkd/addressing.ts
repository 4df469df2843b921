/** Addresses, leases and name servers in the `.network` file of a link. systemd.network(5). */

import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Addressing, hasAddress, type Link } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { Entry } from '../../view/rendered.ts';
import type { Views } from '../../view/views.ts';
import { networkEntry, yesNo } from '../shared/networkd-words.ts';
import {
  WHY_ACCEPT_RA,
  WHY_IGNORE_CARRIER,
  WHY_MDNS,
  WHY_NAMESERVER,
  WHY_NO_RA,
  WHY_PRIVACY,
  whyAddress,
} from '../shared/reasons.ts';
import { olderToken } from './advertised.ts';
import { dhcpViews } from './dhcp.ts';
import { routeView, ruleView } from './routes.ts';

type LinkNetwork = Views['networkd/link.network'];

/** What follows from a link's addressing alone. */
type AddressingView = Omit<
  LinkNetwork,
  | 'header'
  | 'match'
  | 'link'
  | 'shims'
  | 'taps'
  | 'vlans'
  | 'bond'
  | 'bridge'
  | 'primarySlave'
  | 'silent'
>;

const inNetwork = (key: NetworkKey<'Network'>, text: string, why: string, at: Path): Entry =>
  networkEntry('Network', key, text, why, at);

/** `[Network]` and the sections after it, as far as they are about addresses. */
export function addressingView(link: Link, target: Target): AddressingView {
  const { origin } = link;
  return {
    addresses: link.addresses.map(({ address, prefix, origin: at }) =>
      inNetwork('Address', `${address}/${prefix}`, whyAddress(link), at),
    ),
    dhcp: inNetwork('DHCP', dhcpFamilies(link), whyDhcp(link), [
      ...origin,
      link.dhcp6 && !link.dhcp4 ? 'dhcp6' : 'dhcp4',
    ]),
    ...acceptRaView(link, target),
    ipv6PrivacyExtensions: privacyExtensions(link),
    ipv6Token: olderToken(link, target),
    linkLocalAddressing: inNetwork('LinkLocalAddressing', linkLocal(link), whyLinkLocal(link), [
      ...origin,
      'link-local',
    ]),
    linkLocalGeneration:
      link.iaid !== undefined && link.linkLocal.includes('ipv6')
        ? inNetwork(
            'IPv6LinkLocalAddressGenerationMode',
            'stable-privacy',
            'By default it follows from the MAC, which is that of the parent, and from a number that the kernel gives the ipvlan when it is created.',
            [...origin, 'kind'],
          )
        : undefined,
    nameservers: link.nameservers.map(({ address, origin: at }) =>
      inNetwork('DNS', address, WHY_NAMESERVER, at),
    ),
    domains: link.search.map(({ domain, origin: at }) =>
      inNetwork(
        'Domains',
        domain,
        'Searched over this link; with `~` in front, queries for names in it go to its name servers only.',
        at,
      ),
    ),
    dnsDefaultRoute: dnsDefaultRoute(link),
    multicastDns: hasAddress(link) ? multicastDns(link) : undefined,
    configureWithoutCarrier: link.ignoreCarrier
      ? inNetwork(
          'ConfigureWithoutCarrier',
          'yes',
          link.addresses.length > 0
            ? `${WHY_IGNORE_CARRIER} The setting counts on the link that has them, not on the one below.`
            : 'Links on top of it are ready while the cable is out; before systemd 249 this link would not be, and boot would wait for it.',
          [...origin, 'ignore-carrier'],
        )
      : undefined,
    routes: link.routes.map((route) => routeView(route, target)),
    rules: link.rules.map(ruleView),
    ...dhcpViews(link, target),
  };
}

function whyDhcp(link: Addressing): string {
  if (!hasAddress(link)) return 'The link is silent: it asks for no lease.';
  return 'The families that ask for a lease; by default none does.';
}

/** Router advertisements, by the name that the version knows. */
function acceptRaView(
  link: Link,
  target: Target,
): Pick<LinkNetwork, 'ipv6AcceptRa' | 'ipv6AcceptRouterAdvertisements'> {
  const why = link.acceptRa
    ? WHY_ACCEPT_RA
    : hasAddress(link)
      ? WHY_NO_RA
      : 'The link is silent; by default it would take addresses and routes from router advertisements.';
  const newer = inNetwork('IPv6AcceptRA', link.acceptRa ? 'yes' : 'no', why, [
    ...link.origin,
    'accept-ra',
  ]);
  if (knows(target, newer.authority)) return { ipv6AcceptRa: newer };
  const older = inNetwork('IPv6AcceptRouterAdvertisements', newer.text, why, newer.origin);
  return { ipv6AcceptRouterAdvertisements: older };
}

/** netplan's drop-in has it, too: netplan writes nothing where there are no temporary addresses. */
export const privacyExtensions = ({ acceptRa, ipv6Privacy, origin }: Link): Entry | undefined =>
  acceptRa
    ? inNetwork('IPv6PrivacyExtensions', yesNo(ipv6Privacy), WHY_PRIVACY[yesNo(ipv6Privacy)], [
        ...origin,
        'ipv6-privacy',
      ])
    : undefined;

/** netplan's drop-in has it, too. */
export function dnsDefaultRoute({ dnsDefaultRoute: isDefault, origin }: Link): Entry | undefined {
  return isDefault === undefined
    ? undefined
    : inNetwork(
        'DNSDefaultRoute',
        yesNo(isDefault),
        isDefault
          ? "Queries for any name go to this link's name servers."
          : "Only queries for its own domains go to this link's name servers.",
        [...origin, 'dns-default-route'],
      );
}

/** netplan's drop-in has it, too. */
export const multicastDns = ({ multicastDns: value, origin }: Link): Entry | undefined =>
  value === undefined
    ? undefined
    : inNetwork('MulticastDNS', value, WHY_MDNS[value], [...origin, 'multicast-dns']);

function dhcpFamilies({ dhcp4, dhcp6 }: Addressing): string {
  if (dhcp4 && dhcp6) return 'yes';
  if (dhcp4) return 'ipv4';
  return dhcp6 ? 'ipv6' : 'no';
}

function linkLocal({ linkLocal: families }: Addressing): string {
  return families.length === 2 ? 'yes' : (families[0] ?? 'no');
}

function whyLinkLocal(link: Addressing): string {
  if (link.linkLocal.includes('ipv6'))
    return 'IPv6 needs a link-local address; without it the link has no neighbours.';
  if (link.linkLocal.length > 0) return 'The intent has link-local addresses of this family only.';
  return hasAddress(link)
    ? 'The link has no IPv6; by default boot would wait for an fe80:: address.'
    : 'The link is silent; by default it would have an fe80:: address.';
}
