/** A link's addresses in its `.network` file, a shim's or a parent's. systemd.network(5). */

import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Addressing, hasAddress, type Link } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { Entry } from '../../view/rendered.ts';
import type { Views } from '../../view/views.ts';
import { networkEntry, yesNo } from '../shared/networkd-words.ts';
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
    linkLocalAddressing: inNetwork('LinkLocalAddressing', linkLocal(link), whyLinkLocal(link), [
      ...origin,
      'link-local',
    ]),
    nameservers: link.nameservers.map(({ address, origin: at }) =>
      inNetwork('DNS', address, 'A name server, asked over this link.', at),
    ),
    domains: link.search.map(({ domain, origin: at }) =>
      inNetwork('Domains', domain, 'Searched (with `~` in front: routed) over this link.', at),
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
    ...dhcpViews(link, target),
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
function acceptRaView(
  link: Link,
  target: Target,
): Pick<LinkNetwork, 'ipv6AcceptRa' | 'ipv6AcceptRouterAdvertisements'> {
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
