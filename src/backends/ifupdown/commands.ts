/** What interfaces(5) has no words for that all three programs know: commands at its four moments. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Link, Parent, PolicyRule, Route } from '../../model/types.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import {
  deviceWords,
  routeWords,
  ruleWords,
  shellWords,
  sourceWords,
  typeOfUpper,
  upperWords,
  vlanLinkWords,
} from '../shared/ip-words.ts';
import { ipv6Settings, kernelDefault, kernelPath } from '../shared/ipv6-settings.ts';
import { isSilent } from '../shared/link-order.ts';
import type { KernelSetting } from '../shared/sysctl.ts';
import type { Links } from './links.ts';

type Moment = 'pre-up' | 'post-up' | 'pre-down' | 'post-down';

export const hook = (
  moment: Moment,
  command: string,
  why: string,
  authority: string,
  at: Path,
): Entry => entry(`${moment} ${command}`, why, `interfaces(5), ${moment}; ${authority}`, at);

/** Makes the device, and has the kernel know what it is, before it is up. */
export function commandsBefore(links: Links, link: Link): Entry[] {
  return [...deviceCommands(links, link), ...settingCommands(links, link)];
}

function deviceCommands(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const upper = links.uppers.get(name);
  if (upper) {
    const made = `ip link add ${quote(name)} ${shellWords(upperWords(upper))}`;
    return [
      makeUnlessThere(
        name,
        made,
        `${upper.mode}, on \`${upper.parent.name}\`: the device is made before it gets an address.`,
        origin,
      ),
      ...sourceWords(upper).map((mac) =>
        hook(
          'pre-up',
          `ip link set dev ${quote(name)} type ${typeOfUpper(upper)} macaddr add ${mac.text}`,
          'Frames from here are taken.',
          'ip-link(8), macaddr',
          [...origin, 'source-macaddresses'],
        ),
      ),
    ];
  }
  const parent = links.parents.get(name);
  return parent ? parentCommands(links, parent) : [];
}

function parentCommands(links: Links, parent: Parent): Entry[] {
  const { name, kind, macaddress, mtu, members, origin } = parent;
  const set = (text: string, why: string, at: Path, of = name): Entry =>
    hook('pre-up', `ip link set dev ${quote(of)} ${text}`, why, 'ip-link(8)', at);
  const isNic = kind === 'ethernet';
  const made = [
    'ip link add',
    ...(parent.vlan ? [shellWords(vlanLinkWords(parent))] : []),
    `name ${quote(name)}`,
    shellWords(deviceWords(parent)),
  ].join(' ');
  return [
    ...(isNic ? [] : [makeUnlessThere(name, made, `The ${kind}, as the intent says.`, origin)]),
    ...(!isNic || macaddress === undefined
      ? []
      : [set(`address ${macaddress}`, 'As the intent says.', [...origin, 'macaddress'])]),
    ...members.flatMap((member) => {
      const at = links.parents.get(member)?.origin ?? origin;
      return [
        set('down', 'A bond takes no member that is up.', at, member),
        set(`master ${quote(name)}`, `A member of \`${name}\`.`, at, member),
        set('up', 'Nothing comes or goes over a link that is down.', at, member),
      ];
    }),
    ...(mtu === undefined
      ? []
      : [
          set(`mtu ${mtu}`, 'As the intent says; links on top of it cannot have more.', [
            ...origin,
            'mtu',
          ]),
        ]),
  ];
}

/** `ifup --force`, and ifupdown-ng's and ifupdown2's own VLANs, find it there. */
const makeUnlessThere = (name: string, made: string, why: string, at: Path): Entry =>
  hook('pre-up', `[ -e /sys/class/net/${quote(name)} ] || ${made}`, why, 'ip-link(8)', at);

function settingCommands(links: Links, link: Link): Entry[] {
  return settingsOf(links, link).map((setting) =>
    hook('pre-up', write(setting, setting.value), setting.why, setting.authority, setting.origin),
  );
}

/** Straight into `/proc`: not every host has sysctl(8). A kernel without IPv6 has nothing to set. */
function write(setting: KernelSetting, value: number): string {
  const path = quote(`/proc/sys/${kernelPath(setting)}`);
  const guard = setting.family === 'ipv6' ? `[ ! -e ${path} ] || ` : '';
  return `${guard}echo ${value} > ${path}`;
}

const settingsOf = (links: Links, link: Link): KernelSetting[] => [
  ...(links.arp.get(link.name) ?? []),
  ...ipv6Settings(link),
];

/** Up, whatever the method; a silent parent without what an earlier configuration left on it. */
export function bringUp(link: Link): Entry[] {
  const { name, origin } = link;
  return [
    ...(isSilent(link)
      ? [
          hook(
            'pre-up',
            `ip address flush dev ${quote(name)}`,
            'What an earlier configuration may have left there: the addresses are for the shim.',
            'ip-address(8), flush',
            origin,
          ),
        ]
      : []),
    hook(
      'pre-up',
      `ip link set dev ${quote(name)} up`,
      "Nothing comes or goes over a link that is down; classic ifupdown's `manual` leaves it so.",
      'ip-link(8)',
      origin,
    ),
  ];
}

/** Routes and rules; what waits, and what is refused without a carrier, comes last. */
export function commandsAfter(link: Link): Entry[] {
  const routes = (some: readonly Route[]): Entry[] =>
    some.map((route) => routeCommand(link, route));
  return [
    ...routes(link.routes.filter((route) => !hasSource6(route))),
    ...link.rules.flatMap(ruleCommands),
    ...waitCommand(link),
    ...routes(link.routes.filter(hasSource6)),
  ];
}

/** An address that is still asked for (RFC 4862, 5.4) is no source of a route yet. */
const hasSource6 = ({ family, from }: Route): boolean => family === 'ipv6' && from !== undefined;

/**
 * An IPv6 address is of no use while it is still asked for; one by advertisement comes when it
 * comes. Boot waits for them here.
 */
function waitCommand(link: Link): Entry[] {
  const { name, routes, acceptRa, dhcp6, optional, origin } = link;
  const isDynamic = acceptRa && !dhcp6 && !optional;
  const isSource = routes.some(hasSource6);
  const isStatic = link.addresses.some(({ family }) => family === 'ipv6') && !optional;
  if (!isDynamic && !isSource && !isStatic) return [];
  return [
    hook(
      'post-up',
      isDynamic ? untilAddress(name, 'global') : untilReady(name),
      isDynamic
        ? 'Boot waits for an address by advertisement, ten seconds at most.'
        : isStatic
          ? 'An address is ready when nobody else has claimed it; boot waits for that, ten seconds at most.'
          : 'A route names an address as its source, which must be ready.',
      'ip-address(8)',
      [...origin, isDynamic ? 'accept-ra' : isStatic ? 'addresses' : 'routes'],
    ),
  ];
}

/** Until there is one that is ready, ten seconds at most. */
export const untilAddress = (name: string, scope: 'link' | 'global'): string =>
  until(`${addressesOf(name, scope)} -tentative | grep -q inet6`);

/** Until none is asked for any more, ten seconds at most. */
const untilReady = (name: string): string =>
  until(`! ${addressesOf(name, 'global')} tentative | grep -q inet6`);

const addressesOf = (name: string, scope: string): string =>
  `ip -6 address show dev ${quote(name)} scope ${scope}`;

const until = (condition: string): string =>
  `for second in 1 2 3 4 5 6 7 8 9 10; do ${condition} && break; sleep 1; done`;

function routeCommand({ name }: Link, route: Route): Entry {
  const { to, options } = routeWords(route);
  // What is there already is replaced by the same: `ifup --force`.
  const words = [
    `ip route replace ${shellWords(to)} dev ${quote(name)}`,
    ...(options.length === 0 ? [] : [shellWords(options)]),
  ];
  const why = route.isDefault ? 'The default route.' : 'The destination of the route.';
  return hook('post-up', words.join(' '), why, 'ip-route(8)', route.origin);
}

function ruleCommands(rule: PolicyRule): Entry[] {
  const words = shellWords(ruleWords(rule));
  const ip = rule.family === 'ipv4' ? 'ip -4' : 'ip -6';
  const entryOf = (moment: Moment, command: string, why: string): Entry =>
    hook(moment, command, why, 'ip-rule(8)', rule.origin);
  return [
    entryOf(
      'pre-up',
      `${ip} rule del ${words} 2>/dev/null || true`,
      'The kernel refuses a rule that is there already (`ifup --force`).',
    ),
    entryOf('post-up', `${ip} rule add ${words}`, 'Which table these packets are looked up in.'),
    entryOf(
      'pre-down',
      `${ip} rule del ${words}`,
      'A rule belongs to no link, and would outlive it.',
    ),
  ];
}

/** `ifdown`: what was made goes; a NIC is left as it was found, for whoever has it next. */
export function takeDown(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const isNic = 'kind' in link && link.kind === 'ethernet';
  const down = (command: string, why: string, authority = 'ip-link(8)'): Entry =>
    hook('post-down', command, why, authority, origin);
  if (!isNic) {
    return [
      down(
        `[ ! -e /sys/class/net/${quote(name)} ] || ip link del dev ${quote(name)}`,
        'The device goes, and with it its addresses and routes; or it went with the link below.',
      ),
    ];
  }
  return [
    down(`ip link set dev ${quote(name)} down`, 'As before `ifup`.'),
    ...settingsOf(links, link)
      .filter((setting) => setting.value !== kernelDefault(setting))
      .map((setting) =>
        down(
          write(setting, kernelDefault(setting)),
          "The kernel's default, for whoever has the NIC next.",
          setting.authority,
        ),
      ),
  ];
}
