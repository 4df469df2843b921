/** Commands of ip(8) and settings of the kernel, as words of a shell; for back ends that write commands. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import {
  type BondSetting,
  type BridgeSetting,
  bondSettings,
  bridgeSettings,
  unitOf,
} from '../../model/parameters.ts';
import {
  hasAddress,
  KERNEL_METRIC,
  type Link,
  type Model,
  type Parent,
  type PolicyRule,
  type Route,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { type Entry, entry, type View } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { whyMac, whyMode } from './reasons.ts';
import type { KernelSetting } from './sysctl.ts';

export const IP_LINK = 'ip-link(8)';
const IP_ADDRESS = 'ip-address(8)';
const IP_ROUTE = 'ip-route(8)';
const IP_RULE = 'ip-rule(8)';

/** An entry of a command: a word, or several that belong together. */
export const argumentEntry = (
  text: string | number,
  why: string,
  authority: Authority,
  origin: Path,
): Entry => entry(String(text).split(' ').map(quote).join(' '), why, authority, origin);

/** From the lowest to the highest: a link is created after the one below it. */
export const byHeight = (parents: readonly Parent[]): Parent[] =>
  [...parents].sort((a, b) => a.height - b.height);

function macEntry({
  macaddress,
  macDerived,
  origin,
}: Pick<Parent, 'macaddress' | 'macDerived' | 'origin'>): Entry | undefined {
  const at = macDerived ? origin : [...origin, 'macaddress'];
  return macaddress === undefined
    ? undefined
    : argumentEntry(macaddress, whyMac(macDerived), `${IP_LINK}, address`, at);
}

/** What follows `ip link add NAME …` of a parent that is made; undefined for a NIC. */
export function deviceView(parent: Parent): View | undefined {
  const { kind, vlan, bond, bridge, origin } = parent;
  if (kind === 'ethernet') return undefined;
  const option = (text: string, why: string, at: Path): Entry =>
    argumentEntry(text, why, `${IP_LINK}, type ${kind}`, at);
  return {
    type: argumentEntry(kind, 'As the intent says.', IP_LINK, [...origin, 'type']),
    link: vlan && argumentEntry(vlan.link, 'The link that it is on.', IP_LINK, [...origin, 'link']),
    macaddress: macEntry(parent),
    options: [
      ...(vlan ? [option(`id ${vlan.id}`, 'The tag of its frames.', [...origin, 'id'])] : []),
      ...[...(bond ? bondSettings(bond) : []), ...(bridge ? bridgeSettings(bridge) : [])].map(
        (setting) => option(parameterText(setting), setting.why, setting.origin),
      ),
    ],
  };
}

/** A bond's or bridge's parameter, as ip-link(8) takes it; a bridge's times in `USER_HZ`, hundredths. */
function parameterText({ row, value }: BondSetting | BridgeSetting): string {
  if (typeof value === 'boolean') return `${row.kernel} ${value ? 1 : 0}`;
  if (typeof value === 'number' && unitOf(row) === 's') return `${row.kernel} ${value * 100}`;
  return `${row.kernel} ${typeof value === 'object' ? value.join(',') : value}`;
}

/** What follows `ip link add NAME …` of a shim or tap, and what its name is. */
export function upperView(upper: Shim | Tap): View {
  const { name, parent, mode, sourceMacs, mtu, origin } = upper;
  const isTap = !('families' in upper);
  const type = isTap ? 'macvtap' : 'macvlan';
  const entryOf = (text: string | number, why: string, key?: string): Entry =>
    argumentEntry(
      text,
      why,
      `${IP_LINK}, type ${type}`,
      key === undefined ? origin : [...origin, key],
    );
  return {
    name: entryOf(name, 'The name of the device, which other files and the steps refer to.'),
    parent: entryOf(parent.name, 'The link below it.', 'parent'),
    macaddress: macEntry(upper),
    mtu: mtu === undefined ? undefined : entryOf(mtu, 'The MTU of the link.', 'mtu'),
    type: entryOf(
      type,
      isTap
        ? 'A macvtap, which a guest is given.'
        : 'A macvlan is what guests on macvtap can talk to.',
    ),
    mode: entryOf(mode, whyMode(mode), 'mode'),
    sources:
      mode === 'source'
        ? sourceMacs.map(({ macaddress: mac, origin: at }) =>
            argumentEntry(
              mac,
              'Frames from here are taken.',
              `${IP_LINK}, type ${type}, macaddr add`,
              at,
            ),
          )
        : undefined,
  };
}

/** `ip address add …` for each address, in the order of the intent. */
export const addressViews = (link: Link): View[] =>
  link.addresses.map(({ family, address, prefix, origin }) => ({
    address: argumentEntry(
      `${address}/${prefix}`,
      link.origin[0] === 'shims'
        ? "The host's address is on the shim."
        : 'As the intent says: this link keeps an address of its own.',
      IP_ADDRESS,
      origin,
    ),
    broadcast:
      family === 'ipv4' && prefix < 31
        ? argumentEntry(
            '+',
            "The subnet's own; ip(8) sets none by itself.",
            `${IP_ADDRESS}, broadcast`,
            origin,
          )
        : undefined,
  }));

/** `ip route add …`. IPv6's default route is `::/0`: the word alone would be IPv4's. */
export function routeView(route: Route): View {
  const { family, to, isDefault, via, from, onLink, metric, table, origin } = route;
  const entryOf = (text: string | number, why: string, key: string): Entry =>
    argumentEntry(text, why, IP_ROUTE, [...origin, key]);
  return {
    to: entryOf(
      isDefault && family === 'ipv4' ? 'default' : to,
      isDefault ? 'The default route.' : 'Where the route leads.',
      'to',
    ),
    via: via === undefined ? undefined : entryOf(via, 'The gateway.', 'via'),
    onLink: onLink
      ? entryOf('onlink', 'The gateway is on the LAN, though in no subnet of the link.', 'on-link')
      : undefined,
    // IPv6 routes have no scope (rtnetlink(7)).
    scope:
      via === undefined && family === 'ipv4'
        ? entryOf('link', 'The destination is on the LAN itself.', 'scope')
        : undefined,
    from:
      from === undefined
        ? undefined
        : entryOf(from, 'The source address of packets on this route.', 'from'),
    metric:
      metric === KERNEL_METRIC[family]
        ? undefined
        : entryOf(
            metric,
            'Of several routes the entryOf with the least metric is taken.',
            'metric',
          ),
    table: table === undefined ? undefined : entryOf(table, 'The routing table.', 'table'),
  };
}

/** `ip rule add …`. */
export function ruleView({
  from,
  to,
  typeOfService,
  mark,
  table,
  priority,
  origin,
}: PolicyRule): View {
  const entryOf = (
    text: string | number | undefined,
    why: string,
    key: string,
  ): Entry | undefined =>
    text === undefined ? undefined : argumentEntry(text, why, IP_RULE, [...origin, key]);
  return {
    from: entryOf(from, 'Packets from here.', 'from'),
    to: entryOf(to, 'Packets to here.', 'to'),
    typeOfService: entryOf(
      // ip(8) takes the number for hexadecimal.
      typeOfService === undefined ? undefined : `0x${typeOfService.toString(16)}`,
      'Packets with this type of service.',
      'type-of-service',
    ),
    mark: entryOf(mark, 'Packets with this mark.', 'mark'),
    table: entryOf(table, 'The table that they are looked up in.', 'table'),
    priority: entryOf(
      priority,
      'Rules of a lower number are asked first; unsaid, the kernel would number them by their order.',
      'priority',
    ),
  };
}

const WHATEVER = 'whatever the default of the host';

/**
 * What the kernel takes of a router advertisement. networkd and NetworkManager read advertisements
 * themselves, and take the same of them on every host; the kernel would leave routes to more than
 * `::/0` out (RFC 4191, 2.3: a Thread border router sends them), and the rest to the host's defaults.
 */
const ADVERTISED: readonly (readonly [key: string, value: number, why: string])[] = [
  [
    'accept_ra',
    2,
    'Addresses and routes come from router advertisements, also where the host forwards (for guests on NAT).',
  ],
  ['autoconf', 1, `Addresses are made from advertised prefixes, ${WHATEVER}.`],
  ['accept_ra_pinfo', 1, `Advertised prefixes are used, ${WHATEVER}.`],
  ['accept_ra_defrtr', 1, `The default route comes from the router, ${WHATEVER}.`],
  [
    'accept_ra_rt_info_max_plen',
    128,
    'Advertised routes of any length are taken; by default the kernel drops those to single networks.',
  ],
  [
    'use_tempaddr',
    0,
    'No temporary addresses beside the stable entryOf; some distributions have them by default.',
  ],
];

/** What the kernel has by default where it is not 0 (Documentation/networking/ip-sysctl). */
const NOT_ZERO: ReadonlySet<string> = new Set([
  'accept_ra',
  'autoconf',
  'accept_ra_pinfo',
  'accept_ra_defrtr',
]);

/** The kernel's default of a setting, for a link that is left to others. */
export const kernelDefault = ({ key }: KernelSetting): number => (NOT_ZERO.has(key) ? 1 : 0);

/** Who hears router advertisements, and who has a link-local address; a silent link has no IPv6 at all. */
export function ipv6Settings(link: Link): KernelSetting[] {
  const entryOf = (key: string, value: number, why: string, at: string): KernelSetting => ({
    link: link.name,
    family: 'ipv6',
    key,
    value,
    why,
    authority: `Linux Documentation/networking/ip-sysctl, ${key}`,
    origin: [...link.origin, at],
  });
  if (!link.families.includes('ipv6') && !link.linkLocal.includes('ipv6')) {
    return [
      entryOf(
        'disable_ipv6',
        1,
        hasAddress(link)
          ? 'There is no IPv6 here: no address by advertisement, and no fe80:: address.'
          : 'The link is silent: no fe80:: address, and none by advertisement.',
        'link-local',
      ),
    ];
  }
  return [
    entryOf(
      'disable_ipv6',
      0,
      'There is IPv6 here, whatever the default of the host.',
      'link-local',
    ),
    ...(link.acceptRa
      ? ADVERTISED.map(([key, value, why]) => entryOf(key, value, why, 'accept-ra'))
      : [
          entryOf(
            'accept_ra',
            0,
            'No addresses or routes from router advertisements.',
            'accept-ra',
          ),
        ]),
    ...(link.linkLocal.includes('ipv6')
      ? []
      : [entryOf('addr_gen_mode', 1, 'As the intent says: no fe80:: address.', 'link-local')]),
  ];
}

/** `net/ipv4/conf/eth0/arp_ignore` and its value, below `/proc/sys`. */
export const kernelPath = ({ family, link, key }: KernelSetting): string =>
  `net/${family}/conf/${link}/${key}`;

/** Links whose addresses the intent says: parents from the lowest, shims, taps. */
export const allLinks = (model: Model): (Parent | Shim)[] => [
  ...byHeight(model.parents),
  ...model.shims,
];

/** What no kernel does by itself: it takes a program that runs all the time. */
export function checkLinkLocal4(link: Link, backend: string, why: string): Diagnostic[] {
  if (!link.linkLocal.includes('ipv4')) return [];
  const path = [...link.origin, 'link-local'];
  return [diagnostic('setting-not-expressible', path, why, { backend })];
}

/** A parent without an address of its own. */
export const isSilent = (link: Link): link is Parent => 'kind' in link && !hasAddress(link);
