/** `macvtap-trial`: what stands in the script. */

import { asLink, type Link, type Model, type Parent } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile, type View } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import {
  addressViews,
  allLinks,
  argumentEntry,
  byHeight,
  deviceView,
  IP_LINK,
  ipv6Settings,
  isSilent,
  kernelPath,
  routeView,
  ruleView,
  upperView,
} from '../shared/ip-commands.ts';
import { header } from '../shared/online.ts';
import { arpSettings, type KernelSetting } from '../shared/sysctl.ts';

/** Where a host's own programs lie (hier(7)). */
export const DIRECTORY = '/usr/local/sbin';

export const SCRIPT = {
  folder: DIRECTORY,
  name: /^macvtap-trial$/,
  scope: 'trial',
  rank: RANK.parent,
} as const satisfies Place;

const POSIX = 'POSIX.1, Shell Command Language';

/** Heads of paragraphs: what the lines below them are for. */
const PARTS = {
  settings: ['A command that fails ends the script, and with it goes what was made so far.', POSIX],
  messages: ['What is told, and what is counted.', POSIX],
  checks: ['Looked at before anything is touched.', IP_LINK],
  session: [
    'The session that the script is run in: sshd says whence it came, also below sudo or su.',
    'ssh(1), SSH_CONNECTION; proc(5), /proc/pid/environ',
  ],
  journal: [
    'What is made is written down, and what was there before, in a folder that no reboot outlives.',
    'ip-address(8), save; ip-route(8), save',
  ],
  steps: [
    "The steps: ip's own commands, that leave alone what is there already and write down the rest.",
    'ip(8)',
  ],
  announce: [
    'Neighbours learn where an address is from a request; else they go on sending to its old MAC for half a minute.',
    'RFC 826; ip-neighbour(8), flush',
  ],
  undo: [
    'Undoes it: what was made goes, the last first; then settings, addresses and routes return.',
    'ip(8), -batch; ip-address(8), restore; ip-route(8), restore',
  ],
  timer: [
    'The timed rollback runs by itself, whatever becomes of the session; it is armed first.',
    POSIX,
  ],
  data: [
    'What must be so on this host: links that fall silent, addresses that are kept, names.',
    IP_LINK,
  ],
  parents: ['The links under the shims; what they have now is saved for the rollback.', IP_LINK],
  uppers: ['The shims, as in `ip link add veth0 link eth0 type macvlan mode bridge`.', IP_LINK],
  addresses: [
    'The addresses go over to the shims; until they are there the host is silent.',
    'ip-address(8)',
  ],
  routes: ['Routes and rules, once the links are up.', 'ip-route(8)'],
  main: ['What is asked for.', POSIX],
} as const satisfies Record<string, readonly [string, string]>;

export function scriptFile(model: Model): RenderedFile {
  const settings = [
    ...arpSettings(model),
    ...[...allLinks(model), ...model.taps.map(asLink)].flatMap(ipv6Settings),
  ];
  return file({
    path: `${DIRECTORY}/macvtap-trial`,
    mode: 0o755,
    role: 'required',
    ...inPlace(SCRIPT),
    about: entry(
      'the trial',
      'Makes the arrangement until the next boot, and undoes it when told, or when a time is up.',
      'ip(8)',
      [],
    ),
    template: 'iproute2/trial',
    view: {
      header: header(model),
      parts: Object.fromEntries(
        Object.entries(PARTS).map(([key, [why, authority]]) => [
          key,
          entry(why, why, authority, []),
        ]),
      ),
      ...dataView(model),
      parents: byHeight(model.parents).map((parent) => parentView(model, parent)),
      uppers: [...model.shims, ...model.taps].map(upperView),
      links: [...allLinks(model), ...model.taps.map(asLink)].map((link) =>
        linkView(
          link,
          settings.filter((item) => item.link === link.name),
        ),
      ),
    },
    hasParagraphs: true,
  });
}

const entryOf = (text: string, why: string, { origin }: Pick<Link, 'origin'>): Entry =>
  argumentEntry(text, why, IP_LINK, origin);

/** What the checks ask for. */
function dataView(model: Model): View {
  const { parents, shims, taps } = model;
  const silent = parents.filter(isSilent);
  return {
    silent: silent.map((parent) => entryOf(parent.name, 'It has no address of its own.', parent)),
    kept: [...parents, ...shims].flatMap(({ addresses }) =>
      addresses.map(({ address, origin }) =>
        entryOf(address, 'A session by this address goes on.', { origin }),
      ),
    ),
    nics: byHeight(parents).map((parent) => ({
      isNic:
        parent.kind === 'ethernet'
          ? entryOf(parent.name, 'A NIC must be there.', parent)
          : undefined,
      name: entryOf(parent.name, 'It must be in no other bond or bridge.', parent),
      permanentMac:
        parent.permanentMac === undefined
          ? undefined
          : entryOf(parent.permanentMac, 'It must be this NIC.', {
              origin: [...parent.origin, 'match', 'macaddress'],
            }),
      master: parent.master && entryOf(parent.master.name, 'Where it belongs.', parent),
    })),
    made: [
      ...parents.flatMap((parent) => {
        const { name, kind, vlan } = parent;
        if (kind === 'ethernet') return [];
        const parts = vlan
          ? [`${name}@${vlan.link}:`, `vlan protocol 802.1Q id ${vlan.id}`]
          : [kind];
        return [madeView(parent, parts)];
      }),
      ...[...shims, ...taps].map((upper) =>
        madeView(upper, [
          `${upper.name}@${upper.parent.name}:`,
          `${'families' in upper ? 'macvlan' : 'macvtap'} mode ${upper.mode}`,
          ...(upper.macaddress === undefined ? [] : [`link/ether ${upper.macaddress}`]),
        ]),
      ),
    ],
  };
}

const madeView = (link: Pick<Link, 'name' | 'origin'>, parts: readonly string[]): View => ({
  name: entryOf(link.name, 'If it is there already, it must be the same.', link),
  parts: parts.map((part) =>
    entry(`'${part}'`, 'As `ip -d link` shows it.', `${IP_LINK}, show`, link.origin),
  ),
});

function parentView(model: Model, parent: Parent): View {
  const { name, macaddress, mtu, members, origin } = parent;
  const device = deviceView(parent);
  return {
    name: entryOf(name, 'The link under the shim.', parent),
    ...device,
    setMac:
      device || macaddress === undefined
        ? undefined
        : argumentEntry(macaddress, 'As the intent says.', `${IP_LINK}, address`, [
            ...origin,
            'macaddress',
          ]),
    members: members.map((member) => {
      const found = model.parents.find((candidate) => candidate.name === member);
      return entryOf(member, `A member of \`${name}\`.`, found ?? parent);
    }),
    mtu:
      mtu === undefined
        ? undefined
        : argumentEntry(
            mtu,
            'As the intent says; links on top of it cannot have more.',
            `${IP_LINK}, mtu`,
            [...origin, 'mtu'],
          ),
  };
}

function linkView(link: Link, settings: readonly KernelSetting[]): View {
  return {
    name: entryOf(link.name, 'Nothing comes or goes over a link that is down.', link),
    flush: isSilent(link)
      ? entryOf(link.name, 'The link falls silent: its addresses are for the shim.', link)
      : undefined,
    settings: settings.map((setting) =>
      argumentEntry(
        `${kernelPath(setting)} ${setting.value}`,
        setting.why,
        setting.authority,
        setting.origin,
      ),
    ),
    addresses: addressViews(link),
    // An address that is still asked for (RFC 4862, 5.4) is no source yet.
    wait: link.routes.some(({ family, from }) => family === 'ipv6' && from !== undefined)
      ? entryOf(link.name, 'A route names an address as its source, which must be ready.', link)
      : undefined,
    routes: link.routes.map(routeView),
    rules: link.rules.map(ruleView),
  };
}
