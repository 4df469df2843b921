/** Commands that create a device and what belongs to it: its members, MAC, MTU. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Link, Parent } from '../../model/types.ts';
import type { Entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import {
  deviceWords,
  queueWords,
  shellWords,
  sourceWords,
  typeOfUpper,
  upperWords,
  vlanLinkWords,
} from '../shared/ip-words.ts';
import { WHY_ALL_MULTICAST, WHY_MTU_PARENT, whyMac } from '../shared/reasons.ts';
import { hook } from './hook.ts';
import type { Links } from './links.ts';

export const WHY_UP = 'A link that is down neither sends nor receives.';

export function deviceCommands(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const upper = links.uppers.get(name);
  if (upper) {
    const made = `ip link add ${quote(name)} ${shellWords(upperWords(upper))}`;
    return [
      ...parentFirst(upper.parent, origin),
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
      ...('families' in upper ? queueWords(upper) : []).map(
        ({ word, value, since, why, authority, at }) =>
          hook(
            'pre-up',
            `ip link set dev ${quote(name)} type macvlan ${word} ${value} 2>/dev/null || true`,
            `${why} Linux and iproute2 before ${since} cannot change that.`,
            authority,
            at,
          ),
      ),
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

/**
 * A stanza of the site that `ifup -a` reads later. Classic ifupdown (0.8.36, 0.8.44) and ifupdown-ng (0.12.1) bring the
 * parent up from within, once; without it the first exits with an error, and the second brings up nothing that follows.
 * ifupdown2 refuses a second instance of itself.
 */
function parentFirst({ name, kind, managed }: Parent, at: Path): Entry[] {
  if (managed || kind === 'ethernet') return [];
  const program = '$(command -v ifup || echo ifup-ng)';
  return [
    hook(
      'pre-up',
      `[ -e /sys/class/net/${quote(name)} ] || ${program} ${quote(name)} || true`,
      `Brings up \`${name}\`, whose stanza may be in a file that is read later.`,
      'ifup(8)',
      [...at, 'parent'],
    ),
  ];
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
