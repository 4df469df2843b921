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
  fromOf,
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
import {
  WHY_MTU,
  WHY_QUEUE,
  WHY_ROUTE,
  WHY_RULE,
  WHY_SOURCE,
  WHY_TYPE,
  WHY_VLAN_ID,
  WHY_VLAN_LINK,
  whyMac,
  whyMode,
  whyQueueThreshold,
} from './reasons.ts';

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
  pair('link', vlan?.link, WHY_VLAN_LINK, IP_LINK, [...origin, 'link']);

/** `address … type bond mode …` of a parent that is created; nothing of a NIC. */
export function deviceWords(parent: Parent): Entry[] {
  const { kind, vlan, bond, bridge, origin } = parent;
  if (kind === 'ethernet') return [];
  const authority = `${IP_LINK}, type ${kind}` as const;
  return [
    ...macWords(parent),
    entry(`type ${kind}`, `The intent has a ${kind} here.`, IP_LINK, [...origin, 'type']),
    ...pair('id', vlan?.id, WHY_VLAN_ID, authority, [...origin, 'id']),
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
export const typeOfUpper = (upper: Shim | Tap): Shim['device'] | 'macvtap' =>
  'families' in upper ? upper.device : 'macvtap';

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
    ...pair('mtu', mtu, WHY_MTU, authority, [...origin, 'mtu']),
    entry(`type ${type}`, WHY_TYPE[type], authority, origin),
    entry(`mode ${mode}`, whyMode(mode), authority, [...origin, 'mode']),
  ];
}

/** The MACs whose frames a shim or tap in mode `source` accepts. */
export const sourceWords = (upper: Shim | Tap): Entry[] =>
  upper.mode === 'source'
    ? upper.sourceMacs.map(({ macaddress, origin }) =>
        entry(
          macaddress,
          WHY_SOURCE,
          `${IP_LINK}, type ${typeOfUpper(upper)}, macaddr add`,
          origin,
        ),
      )
    : [];

/** A setting of the parent's queue for broadcasts: `ip link set dev veth0 type macvlan WORD VALUE`. */
export interface QueueWord {
  readonly word: 'bcqueuelen' | 'bclim';
  readonly value: string;
  /** The version of Linux and of iproute2 that knows the word. */
  readonly since: string;
  readonly why: string;
  readonly authority: Authority;
  readonly at: Path;
}

export function queueWords(shim: Shim): QueueWord[] {
  const { broadcastQueueLength: length, broadcastQueueThreshold: threshold, origin } = shim;
  const found: QueueWord[] = [];
  if (length !== undefined) {
    found.push({
      ...{ word: 'bcqueuelen', value: String(length), since: '5.11', why: WHY_QUEUE },
      authority: `${IP_LINK}, bcqueuelen`,
      at: [...origin, 'broadcast-queue-length'],
    });
  }
  if (threshold !== undefined) {
    found.push({
      ...{
        word: 'bclim',
        value: String(threshold),
        since: '6.4',
        why: whyQueueThreshold(threshold),
      },
      authority: `${IP_LINK}, bclim`,
      at: [...origin, 'broadcast-queue-threshold'],
    });
  }
  return found;
}

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
        isDefault ? WHY_ROUTE.isDefault : WHY_ROUTE.to,
        IP_ROUTE,
        at('to'),
      ),
      ...pair('via', via, WHY_ROUTE.via, IP_ROUTE, at('via')),
    ],
    options: [
      ...(onLink ? [entry('onlink', WHY_ROUTE.onLink, IP_ROUTE, at('on-link'))] : []),
      // IPv6 routes have no scope (rtnetlink(7)).
      ...pair(
        'scope',
        via === undefined && family === 'ipv4' ? 'link' : undefined,
        WHY_ROUTE.scope,
        IP_ROUTE,
        at('scope'),
      ),
      ...pair('src', from, WHY_ROUTE.from, IP_ROUTE, at('from')),
      ...pair(
        'metric',
        metric === KERNEL_METRIC[family] ? undefined : metric,
        WHY_ROUTE.metric,
        IP_ROUTE,
        at('metric'),
      ),
      ...pair('table', table, WHY_ROUTE.table, IP_ROUTE, at('table')),
    ],
  };
}

/** `from … table … priority …`. */
export function ruleWords(rule: PolicyRule): Entry[] {
  const { from, to, iif, oif, typeOfService, mark, table, priority, origin } = rule;
  const at = (key: string): Path => [...origin, key];
  return [
    ...pair(
      'from',
      fromOf(rule),
      from === undefined ? WHY_RULE.everywhere : WHY_RULE.from,
      IP_RULE,
      at('from'),
    ),
    ...pair('to', to, WHY_RULE.to, IP_RULE, at('to')),
    ...pair('iif', iif, WHY_RULE.iif, IP_RULE, at('iif')),
    ...pair('oif', oif, WHY_RULE.oif, IP_RULE, at('oif')),
    ...pair(
      'tos',
      // ip(8) takes the number for hexadecimal.
      typeOfService === undefined ? undefined : `0x${typeOfService.toString(16)}`,
      WHY_RULE.typeOfService,
      IP_RULE,
      at('type-of-service'),
    ),
    ...pair('fwmark', mark, WHY_RULE.mark, IP_RULE, at('mark')),
    ...pair('table', table, WHY_RULE.table, IP_RULE, at('table')),
    ...pair('priority', priority, WHY_RULE.priority, IP_RULE, at('priority')),
  ];
}
