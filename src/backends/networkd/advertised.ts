/** `[IPv6AcceptRA]`: what of router advertisements is used, and how their addresses end. systemd.network(5). */
import type { Link, RaOverrides } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { Entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { networkEntry, yesNo } from '../shared/networkd-words.ts';
import { interfaceIdAt, whyAdvertised, whyInterfaceId } from '../shared/reasons.ts';

type AdvertisedView = Part<Views['networkd/link.network'], 'advertised'>;

/** What of router advertisements is used; netplan's drop-in has what its version has no word for. */
export const advertisedView = (
  link: Link,
): Pick<AdvertisedView, 'dhcp6Client' | 'useDns' | 'useDomains' | 'routeTable'> => {
  const { acceptRa, dhcp6ByRouter, dhcp6, raOverrides, origin } = link;
  return {
    dhcp6Client:
      acceptRa && !dhcp6ByRouter
        ? networkEntry(
            'IPv6AcceptRA',
            'DHCPv6Client',
            'no',
            "The intent has `dhcp6: false`; by default the router's managed flag would start the client.",
            [...origin, 'dhcp6'],
          )
        : undefined,
    ...(raOverrides && raOverridesView(raOverrides)),
    ...(acceptRa &&
      raOverrides?.useDns === undefined &&
      dhcp6?.useDns === false && {
        useDns: networkEntry(
          'IPv6AcceptRA',
          'UseDNS',
          'no',
          'The name servers in router advertisements are ignored, as those of the lease are.',
          [...dhcp6.origin, 'use-dns'],
        ),
      }),
  };
};

/** What netplan 1.1 and later has words for. */
function raOverridesView({
  useDns,
  useDomains,
  table,
  origin,
}: RaOverrides): Pick<AdvertisedView, 'useDns' | 'useDomains' | 'routeTable'> {
  const inRa = (
    key: NetworkKey<'IPv6AcceptRA'>,
    value: boolean | string | number | undefined,
    intentKey: 'use-dns' | 'use-domains' | 'table',
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry(
          'IPv6AcceptRA',
          key,
          typeof value === 'boolean' ? yesNo(value) : value,
          whyAdvertised(intentKey, value),
          [...origin, intentKey],
        );
  return {
    useDns: inRa('UseDNS', useDns, 'use-dns'),
    useDomains: inRa('UseDomains', useDomains, 'use-domains'),
    routeTable: inRa('RouteTable', table, 'table'),
  };
}

/** How addresses by router advertisement are made, unless that is networkd's default: from the MAC. */
function tokenText({ addressToken, addressGeneration }: Link): string | undefined {
  return addressToken ?? (addressGeneration === 'stable-privacy' ? 'prefixstable' : undefined);
}

const NEWER = 'systemd.network(5), [IPv6AcceptRA] Token=';

export const newerToken = (link: Link, target: Target): Entry | undefined => {
  const text = tokenText(link);
  return text === undefined || !knows(target, NEWER)
    ? undefined
    : networkEntry('IPv6AcceptRA', 'Token', text, whyInterfaceId(link), interfaceIdAt(link));
};

/** By the name that older versions know. */
export const olderToken = (link: Link, target: Target): Entry | undefined => {
  const text = tokenText(link);
  return text === undefined || knows(target, NEWER)
    ? undefined
    : networkEntry('Network', 'IPv6Token', text, whyInterfaceId(link), interfaceIdAt(link));
};
