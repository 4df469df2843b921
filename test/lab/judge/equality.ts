/**
 * The same intent, the same kernel state, whichever system wrote it and on whichever suite. What
 * the kernel shows is compared as a whole, but for a short list of what lies in the daemons' own
 * nature. The README prints that list.
 */
import { isIn } from '../network/networks.ts';
import type { Expected, ExpectedRoute } from './expected.ts';
import type { KernelAddress, KernelLink, KernelRoute, Observed } from './observed.ts';

/** A difference that no file can take away. */
export interface Nature {
  readonly what: string;
  readonly why: string;
}

/** In the order in which `canonical` sees to them. */
export const NATURE: readonly Nature[] = [
  {
    what: 'counters, queue lengths and numbers of links; what a bridge has learnt; lifetimes of leases; `operstate`, and NO-CARRIER, which comes of it (UP and LOWER_UP are compared)',
    why: "the kernel's own, and of the moment",
  },
  {
    what: '`noprefixroute`, `mngtmpaddr`, and `metric` of an address',
    why: "who adds the route of an address's own network: the kernel (networkd) or NetworkManager; the route is the same",
  },
  {
    what: 'the metric of that route, and its source address',
    why: 'the kernel gives 256 to IPv6 networks, NetworkManager 1024, networkd that of the lease; there is one such route on each link',
  },
  {
    what: 'the last 64 bits of a link-local or temporary address, and of one made from a secret (`stable-privacy`)',
    why: 'each system has a secret of its own; the network is the same',
  },
  {
    what: '`onlink` on a route',
    why: 'NetworkManager gets it, as it would else take the gateway for unreachable where another table holds its network; the kernel sends to the same neighbour',
  },
  {
    what: 'a route to the DHCP server itself; to 224.0.0.0/4 over a link-local address; to a DHCPv6 address of its own',
    why: 'networkd adds the first, NetworkManager the others; they lead where the network leads anyway',
  },
  {
    what: 'numbers of protocols, source addresses of leased routes, next-hop ids',
    why: 'who wrote a route or rule, and how it keeps book of it',
  },
  {
    what: 'the broadcast address of an address',
    why: 'ifupdown-ng and ifupdown2 set none; the kernel takes the last address of a network for one anyway',
  },
];

/** What the kernel shows, without what lies in the nature of the daemons; one line for each thing. */
export function canonical({ links, routes, rules }: Observed, expected: Expected): string[] {
  const optional = expected.routes.filter(({ isOptional }) => isOptional);
  return [
    ...links.map(ofLink),
    ...links.flatMap((link) => link.addr_info.map((address) => ofAddress(link, address, expected))),
    ...routes.filter((route) => !isOfNature(route, optional)).map(ofRoute),
    ...rules.map(({ protocol: _, ...rule }) => line('rule', rule)),
  ].sort();
}

const COUNTERS =
  /^(?:ifindex|link_index|link_netnsid|promiscuity|num_.*|gro_.*|gso_.*|tso_.*|txqlen|qdisc|group|min_mtu|max_mtu|netns-immutable|allmulti|operstate)$/;

/** Of a bridge: what is set, and not what it measures and has learnt. */
const SETTINGS =
  /^(?:mode|macaddr_.*|forward_delay|hello_time|max_age|ageing_time|stp_state|priority)$/;

function ofLink({ addr_info: _, linkinfo, flags, ...link }: KernelLink): string {
  const kept = Object.entries(link).filter(([key]) => !COUNTERS.test(key));
  const { info_kind: kind, info_data: data = {} } = linkinfo ?? {};
  const settings = Object.entries(data)
    .filter(([key]) => SETTINGS.test(key))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  // The kernel works NO-CARRIER out of the operational state, up to a second after the carrier.
  const lasting = flags.filter((flag) => flag !== 'NO-CARRIER');
  const fields = { ...Object.fromEntries(kept), flags: lasting, kind };
  return line('link', { ...fields, settings: settings.join(' ') });
}

function ofAddress({ ifname }: KernelLink, address: KernelAddress, expected: Expected): string {
  const { local, prefixlen, family, dynamic = false, ...rest } = address;
  const { scope, temporary = false } = rest as { scope?: string; temporary?: boolean };
  // An fe80:: of NetworkManager's may be made up, too; how many there are is what counts.
  const isMadeUp =
    family === 'inet6' &&
    (scope === 'link' ||
      temporary ||
      (dynamic &&
        expected.links.some(
          ({ name, madeUp }) =>
            name === ifname &&
            madeUp.some(({ ip, prefix }) => prefix === prefixlen && isIn({ ip, prefix }, local)),
        )));
  const shown = isMadeUp ? `one of ${local.split(':').slice(0, 1).join(':')}…` : local;
  return line(`address of ${ifname}`, {
    shown,
    prefixlen,
    scope,
    dynamic,
    ...(temporary && { temporary }),
  });
}

/** Networks that an address brings along, and what a daemon adds for itself. */
const isOfNature = (route: KernelRoute, optional: readonly ExpectedRoute[]): boolean =>
  route.protocol === 'kernel' ||
  optional.some(({ to, link }) => to === route.dst && link === route.dev);

const ofRoute = ({ dst, gateway, dev, metric, table, type, ...rest }: KernelRoute): string => {
  const { scope, prefsrc, protocol } = rest as {
    scope?: string;
    prefsrc?: string;
    protocol?: string;
  };
  const source = protocol === 'dhcp' || protocol === 'ra' ? undefined : prefsrc;
  return line('route', { dst, gateway, dev, metric: metric ?? 0, table, type, scope, source });
};

function line(what: string, fields: object): string {
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${what}: ${shown.join(', ')}`;
}

/** @returns a line for each thing that is in one state alone */
export function differences(
  item: readonly string[],
  other: readonly string[],
  names: readonly [string, string],
): string[] {
  return [
    ...item.filter((text) => !other.includes(text)).map((text) => `only ${names[0]}: ${text}`),
    ...other.filter((text) => !item.includes(text)).map((text) => `only ${names[1]}: ${text}`),
  ];
}
