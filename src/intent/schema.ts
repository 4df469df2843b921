/**
 * The language, version 1: the one source of the type `Intent`, of validation and of the JSON
 * Schema. Where netplan has a word for something, that word is used (netplan-yaml(5)).
 *
 * Mappings whose keys the user chooses are `v.map`: a plain object would drop or reorder names
 * such as `constructor` or `10`. A check's message is the code of the diagnostic it becomes.
 */
import * as v from 'valibot';
import type { DiagnosticCode } from '../diagnostics.ts';

const code = (name: DiagnosticCode): DiagnosticCode => name;

/** Interface names and ids: what the kernel, systemd, NetworkManager and netplan all take. */
export const NAME = /^(?![0-9]+$)[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const MAC = /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/;
const HOSTNAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DOMAIN =
  /^(?:~\.|~?[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?)$/;

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));
const flag = (description: string) => v.optional(v.pipe(v.boolean(), about(description)));
const whole = (min: number, max: number, description: string) =>
  v.pipe(
    v.number(),
    v.integer(code('wrong-type')),
    v.minValue(min, code('wrong-value')),
    v.maxValue(max, code('wrong-value')),
    about(description),
  );

/** netplan up to 0.106 writes larger metrics and tables as negative numbers. */
const NETPLAN_MAX = 2147483647;

const macaddress = (description: string) =>
  v.optional(v.pipe(v.string(), v.regex(MAC, code('mac-malformed')), about(description)));

const mtu = (description: string) =>
  v.optional(
    v.pipe(
      v.number(),
      v.integer(code('wrong-type')),
      v.minValue(68, code('mtu-out-of-range')),
      v.maxValue(65535, code('mtu-out-of-range')),
      about(description),
    ),
  );

const ADDRESSES =
  'Static addresses, IPv4 and IPv6, each with its prefix length: `198.51.100.50/24`.';

const parent = v.pipe(
  v.object({
    match: v.optional(
      v.pipe(
        v.object({
          macaddress: v.pipe(
            v.string(),
            v.regex(MAC, code('mac-malformed')),
            about('The permanent MAC of the NIC, which stays whatever MAC is set.'),
          ),
        }),
        about('Which NIC is meant, where its name may change. Needs `set-name`.'),
      ),
    ),
    'set-name': v.optional(text('The name that udev gives the matched NIC.')),
    macaddress: macaddress('The MAC to set on the NIC, in place of its permanent one.'),
    mtu: mtu('The MTU of the NIC, in bytes; 1500 where unsaid.'),
    optional: flag(
      'Boot does not wait for this link. Unless said: when all its shims are optional.',
    ),
    addresses: v.optional(
      v.pipe(
        v.array(v.string()),
        about('Not yet: the parent of a shim is bare. An address here is an error that says so.'),
      ),
    ),
  }),
  about(
    'A NIC; needed only where there is something to say. The key is its id and, without `match`, the name of the interface.',
  ),
);

const route = v.pipe(
  v.object({
    to: text('`default`, or a network: `192.0.2.0/24`, `2001:db8::/32`.'),
    via: v.optional(text('The gateway.')),
    from: v.optional(text('The source address that packets on this route get.')),
    scope: v.optional(
      v.pipe(
        v.picklist(['global', 'link'], code('wrong-value')),
        about('`link` for a destination on the LAN itself, without gateway; `global` unless said.'),
      ),
    ),
    'on-link': flag('The gateway is reached directly, though no subnet of the shim holds it.'),
    metric: v.optional(
      whole(
        0,
        NETPLAN_MAX,
        'The metric; less is preferred. Unless said: 0 for IPv4 and 1024 for IPv6, as the kernel has it.',
      ),
    ),
    table: v.optional(whole(1, NETPLAN_MAX, 'The routing table; 254 (main) unless said.')),
  }),
  about('A route. `via`, or `scope: link`.'),
);

const sharedOverrides = {
  'use-dns': flag('Use the name servers that the server names; true unless said.'),
  'use-domains': v.optional(
    v.pipe(
      v.union([v.boolean(), v.literal('route')], code('wrong-value')),
      about(
        'Use the domains that the server names: `true` for searching, `route` for routing only.',
      ),
    ),
  ),
  'use-ntp': flag('Use the NTP servers that the server names; true unless said.'),
  'use-hostname': flag('Take the host name that the server gives; true unless said.'),
  'send-hostname': flag("Send the host's name to the server; true unless said."),
  hostname: v.optional(
    v.pipe(
      v.string(),
      v.regex(HOSTNAME, code('hostname-malformed')),
      about("Send this name in place of the host's."),
    ),
  ),
};

const shim = v.pipe(
  v.object({
    parent: text('The NIC under the shim: an id of `parents`, or the name of an interface.'),
    mode: v.optional(
      v.pipe(
        v.picklist(['bridge', 'private', 'vepa', 'passthru'], code('wrong-value')),
        about(
          'The mode of the macvlan; `bridge` unless said, and only in `bridge` do host and guests reach each other.',
        ),
      ),
    ),
    macaddress: macaddress(
      'The MAC of the shim; derived from `host` and the name of the shim unless said.',
    ),
    mtu: mtu("The MTU of the shim, in bytes; the parent's unless said."),
    addresses: v.optional(v.pipe(v.array(v.string()), about(ADDRESSES))),
    routes: v.optional(v.pipe(v.array(route), about('Routes over the shim.'))),
    nameservers: v.optional(
      v.pipe(
        v.object({
          addresses: v.optional(v.pipe(v.array(v.string()), about('Addresses of name servers.'))),
          search: v.optional(
            v.pipe(
              v.array(v.pipe(v.string(), v.regex(DOMAIN, code('search-malformed')))),
              about('Domains to search; with `~` in front, to route queries only.'),
            ),
          ),
        }),
        about('Name servers and search domains.'),
      ),
    ),
    dhcp4: flag('Take an IPv4 address by DHCP.'),
    dhcp6: flag(
      "Take an IPv6 address by DHCPv6. Unsaid beside `accept-ra`: as the router's managed flag says.",
    ),
    'dhcp-identifier': v.optional(
      v.pipe(
        v.picklist(['mac', 'duid'], code('wrong-value')),
        about(
          'What the DHCPv4 client calls itself: its MAC (unless said), or a DUID, which clones of one image share.',
        ),
      ),
    ),
    'dhcp4-overrides': v.optional(
      v.pipe(
        v.object({
          ...sharedOverrides,
          'use-mtu': flag('Use the MTU that the server names; true unless said.'),
          'use-routes': flag(
            'Use the routes, and the default route, that the server names; true unless said.',
          ),
          'route-metric': v.optional(
            whole(0, NETPLAN_MAX, 'The metric of routes by DHCP; 100 unless said.'),
          ),
        }),
        about('How far the DHCPv4 server is followed.'),
      ),
    ),
    'dhcp6-overrides': v.optional(
      v.pipe(v.object(sharedOverrides), about('How far the DHCPv6 server is followed.')),
    ),
    'accept-ra': flag(
      'Take IPv6 addresses and routes from router advertisements; as `dhcp6` unless said.',
    ),
    'link-local': v.optional(
      v.pipe(
        v.array(v.picklist(['ipv4', 'ipv6'], code('wrong-value'))),
        about(
          'Families with a link-local address. Unless said: `[ipv6]` on a shim with any IPv6, else none.',
        ),
      ),
    ),
    optional: flag('Boot does not wait for this shim.'),
    'ignore-carrier': flag('Keep the static addresses also while the cable is out.'),
  }),
  about(
    "The macvlan that carries the host's address, routes and name servers. The key is its name.",
  ),
);

export const intentSchema = v.pipe(
  v.object({
    version: v.pipe(
      v.literal(1, code('version-unsupported')),
      about('The version of the language.'),
    ),
    host: v.optional(
      v.pipe(
        v.string(),
        v.regex(HOST, code('host-malformed')),
        about(
          "The host's name. It seeds derived MACs, so that no two hosts share one; required unless every shim says its `macaddress`.",
        ),
      ),
    ),
    renderer: v.optional(
      v.pipe(
        v.picklist(['networkd', 'NetworkManager'], code('wrong-value')),
        about('What renders netplan; `networkd` unless said.'),
      ),
    ),
    parents: v.optional(v.pipe(v.map(v.string(), parent), about('NICs, by id.'))),
    shims: v.optional(v.pipe(v.map(v.string(), shim), about('Shims, by name.'))),
  }),
  about(
    "The network of one virtualisation host: guests attach to the parent by macvtap, the host's address is on the shim.",
  ),
);

/** What the user wrote, once the schema has accepted it; what is unsaid is absent. */
export type Intent = v.InferOutput<typeof intentSchema>;
export type ParentIntent = v.InferOutput<typeof parent>;
export type ShimIntent = v.InferOutput<typeof shim>;
export type RouteIntent = v.InferOutput<typeof route>;
