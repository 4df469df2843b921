/**
 * The keys of a link's addresses: the same on a shim and on a parent that has
 * an address of its own. netplan-yaml(5).
 */
import * as v from 'valibot';
import {
  type AsRead,
  about,
  code,
  flag,
  NETPLAN_MAX,
  oneOf,
  optional,
  text,
  whole,
} from './words.ts';

const HOSTNAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DOMAIN =
  /^(?:~\.|~?[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?)$/;

const route = () =>
  v.pipe(
    v.object({
      to: text('`default`, or a network: `192.0.2.0/24`, `2001:db8::/32`.'),
      via: optional(() => text('The gateway.')),
      from: optional(() => text('The source address that packets on this route get.')),
      scope: oneOf(
        ['global', 'link'],
        '`link` for a destination on the LAN itself, without gateway; default: `global`.',
      ),
      'on-link': flag('The gateway is reached directly, though no subnet of the link holds it.'),
      metric: optional(() =>
        whole(
          0,
          NETPLAN_MAX,
          'The metric; less is preferred. Default: 0 for IPv4 and 1024 for IPv6, as the kernel has it.',
        ),
      ),
      table: optional(() => whole(1, NETPLAN_MAX, 'The routing table; default: 254 (main).')),
    }),
    about('A route. `via`, or `scope: link`.'),
  );

const rule = () =>
  v.pipe(
    v.object({
      from: optional(() => text('Packets from this network or address.')),
      to: optional(() => text('Packets to this network or address.')),
      iif: optional(() =>
        text('Packets that came in by this interface; `lo` for those of the host.'),
      ),
      oif: optional(() =>
        text('Packets of programs that are bound to this interface (SO_BINDTODEVICE).'),
      ),
      table: whole(1, NETPLAN_MAX, 'The routing table that they are looked up in.'),
      priority: optional(() =>
        whole(
          1,
          NETPLAN_MAX,
          'Rules of a lower number are evaluated first; default: 32765, just before the main table.',
        ),
      ),
      'type-of-service': optional(() =>
        whole(4, 252, 'Packets with this type of service: a multiple of 4, up to 28 for IPv4.'),
      ),
      mark: optional(() => whole(1, NETPLAN_MAX, 'Packets with this mark of the firewall.')),
    }),
    about(
      'A rule for choosing a routing table, by `from`, `to`, `iif` or `oif`; by an interface alone, for each family of the link.',
    ),
  );

const sharedOverrides = {
  'use-dns': flag('Use the name servers that the server names; default: true.'),
  'use-domains': optional(() =>
    v.pipe(
      v.union([v.boolean(), v.literal('route')], code('wrong-value')),
      about(
        'Use the domains that the server names: `true` for searching, `route` for routing only.',
      ),
    ),
  ),
  'use-ntp': flag('Use the NTP servers that the server names; default: true.'),
  'use-hostname': flag('Take the host name that the server gives; default: true.'),
  'send-hostname': flag("Send the host's name to the server; default: true."),
  hostname: optional(() =>
    v.pipe(
      v.string(),
      v.regex(HOSTNAME, code('hostname-malformed')),
      about("Send this name in place of the host's."),
    ),
  ),
};

/** firewalld.zone(5): at most 17 characters. */
const ZONE = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,16}$/;

/** The keys themselves, for the objects that have them among others. */
export const addressing = {
  addresses: optional(() =>
    v.pipe(
      v.array(v.string()),
      about('Static addresses, IPv4 and IPv6, each with its prefix length: `198.51.100.50/24`.'),
    ),
  ),
  routes: optional(() => v.pipe(v.array(route()), about('Routes over the link.'))),
  'routing-policy': optional(() =>
    v.pipe(v.array(rule()), about('Which packets are looked up in which routing table.')),
  ),
  nameservers: optional(() =>
    v.pipe(
      v.object({
        addresses: optional(() => v.pipe(v.array(v.string()), about('Addresses of name servers.'))),
        search: optional(() =>
          v.pipe(
            v.array(v.pipe(v.string(), v.regex(DOMAIN, code('search-malformed')))),
            about('Domains to search; with `~` in front, to route queries only.'),
          ),
        ),
      }),
      about('Name servers and search domains.'),
    ),
  ),
  'dns-default-route': flag(
    "Whether the link's name servers are asked for names that no link has a domain for; default: the system decides by the default route.",
  ),
  'multicast-dns': optional(() =>
    v.pipe(
      v.union([v.boolean(), v.literal('resolve')], code('wrong-value')),
      about(
        'Whether systemd-resolved resolves names by multicast DNS over the link, and answers for the name of the host (`true`), or only resolves (`resolve`); default: the system decides. Without systemd-resolved it has no effect.',
      ),
    ),
  ),
  'firewall-zone': optional(() =>
    v.pipe(
      v.string(),
      v.regex(ZONE, code('wrong-value')),
      about(
        "The zone of firewalld that the link is in; default: firewalld's default zone. NetworkManager alone has a setting for it, which has no effect without firewalld.",
      ),
    ),
  ),
  dhcp4: flag('Take an IPv4 address by DHCP.'),
  dhcp6: flag(
    "Take an IPv6 address by DHCPv6. Default with `accept-ra`: per the router's managed flag.",
  ),
  'dhcp-identifier': oneOf(
    ['mac', 'duid'],
    'The client identifier of the DHCP clients: their MAC (default), or a DUID of the system, which clones of one image share.',
  ),
  'dhcp4-overrides': optional(() =>
    v.pipe(
      v.object({
        ...sharedOverrides,
        'use-mtu': flag('Use the MTU that the server names; default: true.'),
        'use-routes': flag(
          'Use the routes, and the default route, that the server names; default: true.',
        ),
        'route-metric': optional(() =>
          whole(0, NETPLAN_MAX, 'The metric of routes by DHCP; default: 100.'),
        ),
        table: optional(() =>
          whole(1, NETPLAN_MAX, 'The routing table of routes by DHCP; default: 254 (main).'),
        ),
      }),
      about('Which settings of the DHCPv4 server are used.'),
    ),
  ),
  'dhcp6-overrides': optional(() =>
    v.pipe(v.object(sharedOverrides), about('Which settings of the DHCPv6 server are used.')),
  ),
  'accept-ra': flag(
    'Take IPv6 addresses and routes from router advertisements; default: the value of `dhcp6`.',
  ),
  'ra-overrides': optional(() =>
    v.pipe(
      v.object({
        'use-dns': flag(
          'Use the name servers in router advertisements; default: as `use-dns` of DHCPv6, else true.',
        ),
        'use-domains': optional(() =>
          v.pipe(
            v.union([v.boolean(), v.literal('route')], code('wrong-value')),
            about(
              'Use the domains in router advertisements: `true` for searching, `route` for routing only.',
            ),
          ),
        ),
        table: optional(() =>
          whole(1, NETPLAN_MAX, 'The routing table of advertised routes; default: 254 (main).'),
        ),
      }),
      about(
        'Which settings of router advertisements are used, and of a DHCPv6 client that they start.',
      ),
    ),
  ),
  'ipv6-address-generation': oneOf(
    ['eui64', 'stable-privacy'],
    'How addresses by router advertisement are made: from the MAC (`eui64`, default), or from a secret of the host (`stable-privacy`, RFC 7217).',
  ),
  'ipv6-address-token': optional(() =>
    text(
      'The last 64 bits of addresses by router advertisement, whatever the advertised prefix: `::50`.',
    ),
  ),
  'ipv6-privacy': flag(
    'Use temporary addresses (RFC 8981) beside the stable address by router advertisement, and prefer them as source; default: false.',
  ),
  'link-local': optional(() =>
    v.pipe(
      v.array(v.picklist(['ipv4', 'ipv6'], code('wrong-value'))),
      about(
        'Families with a link-local address. Default: `[ipv6]` on a link with any IPv6, else none.',
      ),
    ),
  ),
};

const addressed = v.object(addressing);
export type AddressingIntent = AsRead<v.InferOutput<typeof addressed>>;
export type RouteIntent = AsRead<v.InferOutput<ReturnType<typeof route>>>;
export type RuleIntent = AsRead<v.InferOutput<ReturnType<typeof rule>>>;
