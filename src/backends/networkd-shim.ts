/** What networkd's own file for a shim and netplan's drop-in for it have in common. */
import type { Path } from '../diagnostics.ts';
import { KERNEL_METRIC, type Route, type Shim } from '../model/types.ts';
import { networkEntry } from './networkd-files.ts';
import { shimOnline, whyShimOnline } from './shared.ts';
import type { Entry, View } from './types.ts';

/** What a shim's `.network` says of being online; netplan's drop-in says it too. */
export function onlineView(shim: Shim): View {
  const state = shimOnline(shim);
  const [first, second] = shim.families;
  return {
    requiredForOnline: networkEntry('Link', 'RequiredForOnline', state, whyShimOnline(shim), [
      ...shim.origin,
      'optional',
    ]),
    // With one family alone, `routable` can mean no other.
    requiredFamilyForOnline:
      state === 'routable' && first !== undefined
        ? networkEntry(
            'Link',
            'RequiredFamilyForOnline',
            second === undefined ? first : 'both',
            'An address of each family that the shim is to have.',
            shim.origin,
          )
        : undefined,
  };
}

/** What of DHCPv6 and router advertisements netplan cannot say; networkd's own file says it too. */
export function ipv6ClientView(shim: Shim): {
  readonly [key in 'dhcp6Client' | 'raUseDns' | 'withoutRa']: Entry | undefined;
} {
  return {
    dhcp6Client:
      shim.acceptRa && !shim.dhcp6ByRouter
        ? networkEntry(
            'IPv6AcceptRA',
            'DHCPv6Client',
            'no',
            "`dhcp6: false` holds against the router's managed flag.",
            [...shim.origin, 'dhcp6'],
          )
        : undefined,
    raUseDns:
      shim.acceptRa && shim.dhcp6?.useDns === false
        ? networkEntry(
            'IPv6AcceptRA',
            'UseDNS',
            'no',
            'Nor are the name servers that router advertisements name.',
            [...shim.dhcp6.origin, 'use-dns'],
          )
        : undefined,
    withoutRa:
      shim.dhcp6 && !shim.acceptRa
        ? networkEntry(
            'DHCPv6',
            'WithoutRA',
            'solicit',
            'Advertisements are not listened to, so the client starts by itself.',
            [...shim.origin, 'accept-ra'],
          )
        : undefined,
  };
}

/** A `[Route]` section. */
export function routeView(route: Route): View {
  const at = (key: string): Path => [...route.origin, key];
  const inRoute = (key: string, text: string | number, why: string, origin: Path): Entry =>
    networkEntry('Route', key, text, why, origin);
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
    gatewayOnLink: route.onLink
      ? inRoute(
          'GatewayOnLink',
          'yes',
          'The gateway is on the LAN, though in no subnet of the shim.',
          at('on-link'),
        )
      : undefined,
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
