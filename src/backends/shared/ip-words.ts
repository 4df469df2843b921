/**
 * What follows `ip link add`, `ip address add` and so on, for back ends that write commands: lists of
 * words, `mode bridge` as one of them. They are not quoted: who writes them knows what reads them.
 */
import type { Path } from '../../diagnostics/diagnostic.ts';
import {
  type BondSetting,
  type BridgeSetting,
  bondSettings,
  bridgeSettings,
  unitOf,
} from '../../model/parameters.ts';
import {
  type Address,
  KERNEL_METRIC,
  type Parent,
  type PolicyRule,
  type Route,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { whyMac, whyMode } from './reasons.ts';

export const IP_LINK = 'ip-link(8)';
const IP_ADDRESS = 'ip-address(8)';
const IP_ROUTE = 'ip-route(8)';
const IP_RULE = 'ip-rule(8)';

/** Words of a command in a shell. */
export const shellWords = (words: readonly Entry[]): string =>
  words.flatMap(({ text }) => text.split(' ').map(quote)).join(' ');

/** `key value`, or nothing where there is no value. */
const pair = (
  key: string,
  value: string | number | undefined,
  why: string,
  authority: Authority,
  origin: Path,
): Entry[] => (value === undefined ? [] : [entry(`${key} ${value}`, why, authority, origin)]);

const macWords = ({
  macaddress,
  macDerived,
  origin,
}: Pick<Parent, 'macaddress' | 'macDerived' | 'origin'>): Entry[] =>
  pair(
    'address',
    macaddress,
    whyMac(macDerived),
    `${IP_LINK}, address`,
    macDerived ? origin : [...origin, 'macaddress'],
  );

/** `link eth0` of a VLAN. */
export const vlanLinkWords = ({ vlan, origin }: Parent): Entry[] =>
  pair('link', vlan?.link, 'The link that its frames leave by.', IP_LINK, [...origin, 'link']);

/** `address … type bond mode …` of a parent that is created; nothing of a NIC. */
export function deviceWords(parent: Parent): Entry[] {
  const { kind, vlan, bond, bridge, origin } = parent;
  if (kind === 'ethernet') return [];
  const authority = `${IP_LINK}, type ${kind}` as const;
  return [
    ...macWords(parent),
    entry(`type ${kind}`, `The intent has a ${kind} here.`, IP_LINK, [...origin, 'type']),
    ...pair('id', vlan?.id, 'The tag of its frames.', authority, [...origin, 'id']),
    ...[...(bond ? bondSettings(bond) : []), ...(bridge ? bridgeSettings(bridge) : [])].map(
      (setting) => entry(parameterText(setting), setting.why, authority, setting.origin),
    ),
  ];
}

/** A bond's or bridge's parameter, as ip-link(8) takes it; a bridge's times in `USER_HZ`, hundredths. */
function parameterText({ row, value }: BondSetting | BridgeSetting): string {
  if (typeof value === 'boolean') return `${row.kernel} ${value ? 1 : 0}`;
  if (typeof value === 'number' && unitOf(row) === 's') return `${row.kernel} ${value * 100}`;
  return `${row.kernel} ${typeof value === 'object' ? value.join(',') : value}`;
}

/** The device of a shim or tap, as the kernel calls it. */
export const typeOfUpper = (upper: Shim | Tap): 'macvlan' | 'macvtap' =>
  'families' in upper ? 'macvlan' : 'macvtap';

/** `link eth0 … type macvlan mode bridge` of a shim or tap. */
export function upperWords(upper: Shim | Tap): Entry[] {
  const { parent, mode, mtu, origin } = upper;
  const type = typeOfUpper(upper);
  const authority = `${IP_LINK}, type ${type}` as const;
  return [
    ...pair('link', parent.name, 'The link that it is on top of.', authority, [
      ...origin,
      'parent',
    ]),
    ...macWords(upper),
    ...pair('mtu', mtu, 'The MTU of the link.', authority, [...origin, 'mtu']),
    entry(
      `type ${type}`,
      type === 'macvtap'
        ? 'A macvtap, which a guest opens.'
        : 'A macvlan: guests on macvtap reach the host over it, but not over the NIC itself.',
      authority,
      origin,
    ),
    entry(`mode ${mode}`, whyMode(mode), authority, [...origin, 'mode']),
  ];
}

/** The MACs whose frames a shim or tap in mode `source` accepts. */
export const sourceWords = (upper: Shim | Tap): Entry[] =>
  upper.mode === 'source'
    ? upper.sourceMacs.map(({ macaddress, origin }) =>
        entry(
          macaddress,
          'Frames from this MAC are accepted; without it they are dropped.',
          `${IP_LINK}, type ${typeOfUpper(upper)}, macaddr add`,
          origin,
        ),
      )
    : [];

/** `198.51.100.50/24 broadcast +`. */
export const addressWords = (
  { family, address, prefix, origin }: Address,
  why: string,
): Entry[] => [
  entry(`${address}/${prefix}`, why, IP_ADDRESS, origin),
  ...(family === 'ipv4' && prefix < 31
    ? pair(
        'broadcast',
        '+',
        "The subnet's broadcast address, which ip(8) does not set by default.",
        `${IP_ADDRESS}, broadcast`,
        origin,
      )
    : []),
];

/** What precedes and what follows the device: `default via …`, and `metric …`. */
export function routeWords(route: Route): { readonly to: Entry[]; readonly options: Entry[] } {
  const { family, to, isDefault, via, from, onLink, metric, table, origin } = route;
  const at = (key: string): Path => [...origin, key];
  return {
    to: [
      // IPv6's default route is `::/0`: the word alone would be IPv4's.
      entry(
        isDefault && family === 'ipv4' ? 'default' : to,
        isDefault ? 'The default route.' : 'The destination of the route.',
        IP_ROUTE,
        at('to'),
      ),
      ...pair('via', via, 'The gateway.', IP_ROUTE, at('via')),
    ],
    options: [
      ...(onLink
        ? [
            entry(
              'onlink',
              'The gateway is on the LAN, though in no subnet of the link; without it the kernel refuses the route.',
              IP_ROUTE,
              at('on-link'),
            ),
          ]
        : []),
      // IPv6 routes have no scope (rtnetlink(7)).
      ...pair(
        'scope',
        via === undefined && family === 'ipv4' ? 'link' : undefined,
        'The destination is on the LAN itself.',
        IP_ROUTE,
        at('scope'),
      ),
      ...pair('src', from, 'The source address of packets on this route.', IP_ROUTE, at('from')),
      ...pair(
        'metric',
        metric === KERNEL_METRIC[family] ? undefined : metric,
        'Of several routes to one destination, the one with the lowest metric is used.',
        IP_ROUTE,
        at('metric'),
      ),
      ...pair(
        'table',
        table,
        'The routing table; by default it would be main.',
        IP_ROUTE,
        at('table'),
      ),
    ],
  };
}

/** `from … table … priority …`. */
export function ruleWords(rule: PolicyRule): Entry[] {
  const { from, to, typeOfService, mark, table, priority, origin } = rule;
  const at = (key: string): Path => [...origin, key];
  return [
    ...pair('from', from, 'Applies to packets from here.', IP_RULE, at('from')),
    ...pair('to', to, 'Applies to packets to here.', IP_RULE, at('to')),
    ...pair(
      'tos',
      // ip(8) takes the number for hexadecimal.
      typeOfService === undefined ? undefined : `0x${typeOfService.toString(16)}`,
      'Applies to packets with this type of service.',
      IP_RULE,
      at('type-of-service'),
    ),
    ...pair('fwmark', mark, 'Applies to packets with this mark.', IP_RULE, at('mark')),
    ...pair('table', table, 'The table that these packets are routed by.', IP_RULE, at('table')),
    ...pair(
      'priority',
      priority,
      'Rules with a lower number come first; by default the kernel would number them by their order.',
      IP_RULE,
      at('priority'),
    ),
  ];
}
