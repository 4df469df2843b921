/** Commands at the four moments of interfaces(5), for what has no option that all three programs know. */
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
import {
  interfaceIdAt,
  WHY_ALL_MULTICAST,
  WHY_MTU_PARENT,
  WHY_QUEUE,
  WHY_ROUTE,
  WHY_RULE,
  whyInterfaceId,
  whyMac,
} from '../shared/reasons.ts';
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

const WHY_UP = 'A link that is down neither sends nor receives.';

/** Creates the device and its settings, before it is up. */
export function commandsBefore(links: Links, link: Link): Entry[] {
  return [
    ...deviceCommands(links, link),
    ...settingCommands(links, link),
    ...interfaceIdCommands(link),
  ];
}

/**
 * How addresses by router advertisement end. The kernel takes a token only of a link that follows
 * advertisements; with a secret it makes addresses by RFC 7217 (ip-sysctl, stable_secret).
 */
function interfaceIdCommands(link: Link): Entry[] {
  const { name, addressToken, addressGeneration } = link;
  const command = (text: string, authority: string): Entry[] => [
    hook('pre-up', text, whyInterfaceId(link), authority, interfaceIdAt(link)),
  ];
  if (addressToken !== undefined)
    return command(`ip token set ${addressToken} dev ${quote(name)}`, 'ip-token(8)');
  if (addressGeneration === 'eui64') return [];
  const secret = quote(`/proc/sys/net/ipv6/conf/${name}/stable_secret`);
  return command(
    `[ ! -e ${secret} ] || [ ! -s /etc/machine-id ] || sed 's/..../&:/g; s/:$//' /etc/machine-id > ${secret}`,
    'Linux Documentation/networking/ip-sysctl, stable_secret',
  );
}

function deviceCommands(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const upper = links.uppers.get(name);
  if (upper) {
    const made = `ip link add ${quote(name)} ${shellWords(upperWords(upper))}`;
    return [
      createUnlessThere(
        name,
        made,
        `Creates the device on top of \`${upper.parent.name}\` in mode ${upper.mode}, before it gets an address.`,
        origin,
      ),
      ...sourceWords(upper).map((mac) =>
        hook(
          'pre-up',
          `ip link set dev ${quote(name)} type ${typeOfUpper(upper)} macaddr add ${mac.text}`,
          mac.why,
          'ip-link(8), macaddr',
          [...origin, 'source-macaddresses'],
        ),
      ),
      ...('families' in upper && upper.broadcastQueueLength !== undefined
        ? [
            hook(
              'pre-up',
              `ip link set dev ${quote(name)} type macvlan bcqueuelen ${upper.broadcastQueueLength} 2>/dev/null || true`,
              `${WHY_QUEUE} Linux and iproute2 before 5.11 cannot change that.`,
              'ip-link(8), bcqueuelen',
              [...origin, 'broadcast-queue-length'],
            ),
          ]
        : []),
      ...('allMulticast' in upper && upper.allMulticast
        ? [
            hook(
              'pre-up',
              `ip link set dev ${quote(name)} allmulticast on`,
              WHY_ALL_MULTICAST,
              'ip-link(8), allmulticast',
              [...origin, 'allmulticast'],
            ),
          ]
        : []),
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
    ...(isNic
      ? []
      : [createUnlessThere(name, made, `Creates the ${kind} unless it exists.`, origin)]),
    ...(!isNic || macaddress === undefined
      ? []
      : [set(`address ${macaddress}`, whyMac(false), [...origin, 'macaddress'])]),
    ...members.flatMap((member) => {
      const at = links.parents.get(member)?.origin ?? origin;
      return [
        set('down', 'A bond refuses a member that is up.', at, member),
        set(`master ${quote(name)}`, `Makes it a member of \`${name}\`.`, at, member),
        set('up', WHY_UP, at, member),
      ];
    }),
    ...(mtu === undefined ? [] : [set(`mtu ${mtu}`, WHY_MTU_PARENT, [...origin, 'mtu'])]),
  ];
}

/** It may exist: after `ifup --force`, or as a VLAN that ifupdown-ng or ifupdown2 has created. */
const createUnlessThere = (name: string, made: string, why: string, at: Path): Entry =>
  hook('pre-up', `[ -e /sys/class/net/${quote(name)} ] || ${made}`, why, 'ip-link(8)', at);

function settingCommands(links: Links, link: Link): Entry[] {
  return settingsOf(links, link).map((setting) =>
    hook('pre-up', write(setting, setting.value), setting.why, setting.authority, setting.origin),
  );
}

/** Written to `/proc`: not every host has sysctl(8). A kernel without IPv6 has nothing to set. */
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
            'Removes what an earlier configuration may have left there: the addresses move to the shim.',
            'ip-address(8), flush',
            origin,
          ),
        ]
      : []),
    hook(
      'pre-up',
      `ip link set dev ${quote(name)} up`,
      `${WHY_UP} The method \`manual\` of classic ifupdown leaves it down.`,
      'ip-link(8)',
      origin,
    ),
  ];
}

/** Routes and rules; what waits, and what the kernel refuses without a carrier, comes last. */
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

/** An address that is still tentative (RFC 4862, 5.4) cannot be the source of a route. */
const hasSource6 = ({ family, from }: Route): boolean => family === 'ipv6' && from !== undefined;

/**
 * A tentative IPv6 address cannot be used, and one by router advertisement may come at any time: boot
 * waits for them here.
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
        ? 'Boot waits for an address by router advertisement, for at most ten seconds.'
        : isStatic
          ? 'An IPv6 address is usable once nobody else has claimed it; boot waits for that, for at most ten seconds.'
          : 'A route has an address as its source, which the kernel accepts only when it is ready.',
      'ip-address(8)',
      [...origin, isDynamic ? 'accept-ra' : isStatic ? 'addresses' : 'routes'],
    ),
  ];
}

/** Until there is one that is ready, for at most ten seconds. */
export const untilAddress = (name: string, scope: 'link' | 'global'): string =>
  until(`${addressesOf(name, scope)} -tentative | grep -q inet6`);

/** Until none is tentative any more, for at most ten seconds. */
const untilReady = (name: string): string =>
  until(`! ${addressesOf(name, 'global')} tentative | grep -q inet6`);

const addressesOf = (name: string, scope: string): string =>
  `ip -6 address show dev ${quote(name)} scope ${scope}`;

const until = (condition: string): string =>
  `for second in 1 2 3 4 5 6 7 8 9 10; do ${condition} && break; sleep 1; done`;

function routeCommand({ name }: Link, route: Route): Entry {
  const { to, options } = routeWords(route);
  // What exists already is replaced by the same (`ifup --force`).
  const words = [
    `ip route replace ${shellWords(to)} dev ${quote(name)}`,
    ...(options.length === 0 ? [] : [shellWords(options)]),
  ];
  const why = route.isDefault ? WHY_ROUTE.isDefault : WHY_ROUTE.to;
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
      'The kernel refuses a rule that exists already (`ifup --force`).',
    ),
    entryOf('post-up', `${ip} rule add ${words}`, WHY_RULE.table),
    entryOf(
      'pre-down',
      `${ip} rule del ${words}`,
      'A rule belongs to no link, and would stay when the link goes.',
    ),
  ];
}

/** `ifdown`: created devices go; a NIC is left as it was, for whoever uses it next. */
export function takeDown(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const isNic = 'kind' in link && link.kind === 'ethernet';
  const down = (command: string, why: string, authority = 'ip-link(8)'): Entry =>
    hook('post-down', command, why, authority, origin);
  if (!isNic) {
    return [
      down(
        `[ ! -e /sys/class/net/${quote(name)} ] || ip link del dev ${quote(name)}`,
        'Deletes the device with its addresses and routes, unless it went with the link below.',
      ),
    ];
  }
  return [
    ...(link.addressToken === undefined
      ? []
      : [
          down(
            `ip token set :: dev ${quote(name)} || true`,
            'The NIC has no token again, as before `ifup`.',
            'ip-token(8)',
          ),
        ]),
    ...(link.addressGeneration === 'eui64'
      ? []
      : [
          down(
            `echo 0 > ${quote(`/proc/sys/net/ipv6/conf/${name}/addr_gen_mode`)} || true`,
            'Addresses follow from the MAC again; a secret makes them from it.',
            'Linux Documentation/networking/ip-sysctl, addr_gen_mode',
          ),
        ]),
    down(`ip link set dev ${quote(name)} down`, 'The NIC is down again, as before `ifup`.'),
    ...settingsOf(links, link)
      .filter((setting) => setting.value !== kernelDefault(setting))
      .map((setting) =>
        down(
          write(setting, kernelDefault(setting)),
          "Restores the kernel's default for whoever uses the NIC next.",
          setting.authority,
        ),
      ),
  ];
}
