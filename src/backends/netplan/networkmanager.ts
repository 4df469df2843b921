/**
 * netplan over NetworkManager: the shim as an `nm-devices` entry whose passthrough says what
 * netplan has no word for. netplan 0.104 and later.
 */
import type { Path } from '../../diagnostics.ts';
import { deriveUuid } from '../../model/derive.ts';
import type { Model, Parent, Shim } from '../../model/types.ts';
import { file } from '../../template.ts';
import { keepNetworkdOff } from '../keep-off.ts';
import { whyMode } from '../networkd-files.ts';
import { checkNetworkManager, MODE_NUMBER, managedConf } from '../networkmanager-conf.ts';
import { hostnameSetting, ipSettings } from '../networkmanager-ip.ts';
import { header } from '../shared.ts';
import { sysctlFile } from '../sysctl.ts';
import { type Backend, type Entry, entry, RANK, type RenderedFile, type View } from '../types.ts';
import { checkIds, DIRECTORY, YAML_PATH } from './common.ts';
import { addressingView, inYaml } from './shim-yaml.ts';
import { scalar } from './yaml.ts';

const ID = 'netplan-networkmanager';
const AUTHORITY = 'netplan-yaml(5), networkmanager, passthrough';

export const netplanNetworkManager: Backend = {
  id: ID,
  summary: 'netplan over NetworkManager: YAML with passthrough settings',
  directory: DIRECTORY,
  check: (model: Model) => [...checkIds(model, ID), ...checkNetworkManager(model, ID)],
  render: (model: Model): RenderedFile[] => [
    managedConf(model),
    sysctlFile(model),
    ...keepNetworkdOff(model),
    file({
      path: YAML_PATH,
      mode: 0o600,
      role: 'essential',
      // One file has it all, so it is the one that activates.
      rank: RANK.parent,
      about: entry(
        'the arrangement',
        'Parents and shims, as netplan hands them to NetworkManager.',
        'netplan-yaml(5)',
        [],
      ),
      template: 'netplan/networkmanager.yaml',
      view: {
        header: header(model),
        version: inYaml('version', 2, "The version of netplan's language.", []),
        parents: model.parents.map((parent) => parentView(model, parent)),
        shims: model.shims.map((shim) => shimView(model, shim)),
      },
    }),
  ],
};

const renderer = (origin: Path): Entry =>
  inYaml(
    'renderer',
    'NetworkManager',
    'Said for each link, so that other links keep theirs.',
    origin,
  );

/** One line of `passthrough`: NetworkManager's own key, its value always as text. */
const passthrough = (
  key: string,
  text: string,
  why: string,
  origin: Path,
  authority = AUTHORITY,
): Entry => entry(`${key}: ${JSON.stringify(text)}`, why, authority, origin);

function parentView(model: Model, parent: Parent): View {
  const { id, name, permanentMac, origin } = parent;
  const off = (key: string): Entry =>
    inYaml(key, 'false', 'The parent is silent, whatever another file says of it.', origin);
  return {
    id: inYaml('ethernets', scalar(id), 'The parent.', origin),
    renderer: renderer(origin),
    match:
      permanentMac === undefined
        ? undefined
        : {
            macaddress: inYaml(
              'match, macaddress',
              scalar(permanentMac),
              'Finds the NIC by its permanent MAC.',
              [...origin, 'match', 'macaddress'],
            ),
            setName: inYaml(
              'set-name',
              scalar(name),
              'Other files name the interface, so its name must not change.',
              [...origin, 'set-name'],
            ),
          },
    macaddress:
      parent.macaddress === undefined
        ? undefined
        : inYaml('macaddress', scalar(parent.macaddress), 'As the intent says.', [
            ...origin,
            'macaddress',
          ]),
    mtu:
      parent.mtu === undefined
        ? undefined
        : inYaml('mtu', parent.mtu, 'As the intent says; a shim cannot have more.', [
            ...origin,
            'mtu',
          ]),
    dhcp4: off('dhcp4'),
    dhcp6: off('dhcp6'),
    acceptRa: off('accept-ra'),
    linkLocal: inYaml(
      'link-local',
      '[]',
      'The parent is silent, whatever another file says of it.',
      origin,
    ),
    uuid: inYaml(
      'networkmanager, uuid',
      deriveUuid(model.host, name),
      'Derived from host and interface: the same in every rendering.',
      origin,
    ),
    connection: inYaml(
      'networkmanager, name',
      `macvtap-${name}`,
      'How nmcli calls the profile.',
      origin,
    ),
    passthrough: [
      passthrough(
        'connection.autoconnect-priority',
        '100',
        'Wins against an older profile of this interface, which NetworkManager would prefer as the one used last.',
        origin,
      ),
      passthrough(
        'ipv4.method',
        'disabled',
        'netplan would write `link-local`, and the parent get 169.254.x.x.',
        origin,
      ),
      passthrough('ipv6.method', 'disabled', 'Not even a link-local address.', origin),
    ],
  };
}

function shimView(model: Model, shim: Shim): View {
  const { name, parent, origin } = shim;
  const uuidOf = (interfaceName: string): string => deriveUuid(model.host, interfaceName);
  return {
    // Addresses, routes and name servers where users of netplan look for them.
    ...addressingView(shim),
    renderer: renderer(origin),
    uuid: inYaml(
      'networkmanager, uuid',
      uuidOf(name),
      'Derived from host and interface: the same in every rendering.',
      origin,
    ),
    connection: inYaml(
      'networkmanager, name',
      `macvtap-${name}`,
      'How nmcli calls the profile.',
      origin,
    ),
    passthrough: [
      passthrough('connection.type', 'macvlan', 'netplan has no word for a macvlan.', origin),
      passthrough('connection.interface-name', name, 'The interface that is made.', origin),
      passthrough('macvlan.mode', MODE_NUMBER[shim.mode], `${shim.mode}. ${whyMode(shim)}`, [
        ...origin,
        'mode',
      ]),
      passthrough(
        'macvlan.parent',
        parent.permanentMac === undefined ? parent.name : uuidOf(parent.name),
        'What the shim stands on.',
        [...origin, 'parent'],
      ),
      ...settings(shim),
    ],
  };
}

/** All of IPv4 and IPv6 that netplan does not write by itself from the keys above. */
function settings(shim: Shim): Entry[] {
  const written = /^(?:address|gateway|route[0-9]|dns)/;
  const lines = (['ipv4', 'ipv6'] as const).flatMap((family) =>
    ipSettings(shim, family)
      .filter(({ key }) => !written.test(key))
      .map(({ key, value }) =>
        passthrough(`${family}.${key}`, value.text, value.why, value.origin, value.authority),
      ),
  );
  const hostname = hostnameSetting(shim);
  if (hostname) {
    lines.push(
      passthrough(
        'hostname.from-dhcp',
        hostname.text,
        hostname.why,
        hostname.origin,
        hostname.authority,
      ),
    );
  }
  return lines;
}
