/**
 * netplan over NetworkManager: the shim as an `nm-devices` entry whose passthrough says what
 * netplan has no word for. netplan 0.104 and later.
 */
import type { Path } from '../../diagnostics.ts';
import { deriveUuid } from '../../model/derive.ts';
import type { Family, Model, Shim } from '../../model/types.ts';
import { file } from '../../template.ts';
import { keepNetworkdOff } from '../keep-off.ts';
import { linkFiles, whyMode } from '../networkd-files.ts';
import { checkNetworkManager, MODE_NUMBER, managedConf } from '../networkmanager-conf.ts';
import { hostnameSetting, ipSettings, routeMetricOf } from '../networkmanager-ip.ts';
import { parentProfile } from '../networkmanager-profile.ts';
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
    ...linkFiles(model),
    managedConf(model),
    sysctlFile(model),
    file({
      path: YAML_PATH,
      mode: 0o600,
      role: 'essential',
      rank: RANK.shim,
      about: entry(
        'the shims',
        'The shims, as netplan hands them to NetworkManager.',
        'netplan-yaml(5)',
        [],
      ),
      template: 'netplan/networkmanager.yaml',
      view: {
        header: header(model),
        version: inYaml('version', 2, "The version of netplan's language.", []),
        parents: model.parents
          .filter(({ permanentMac }) => permanentMac === undefined)
          .map(({ id, origin }) => ({
            id: inYaml(
              'ethernets',
              scalar(id),
              'The parent; its profile is a keyfile of its own.',
              origin,
            ),
            renderer: renderer(origin),
          })),
        shims: model.shims.map((shim) => shimView(model, shim)),
      },
    }),
    ...model.parents.map((parent) => parentProfile(model, parent)),
    ...keepNetworkdOff(model),
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

function shimView(model: Model, shim: Shim): View {
  const { name, parent, origin } = shim;
  const isSaid = (family: Family): boolean => hasStatic(shim, family);
  const uuidOf = (interfaceName: string): string => deriveUuid(model.host, interfaceName);
  return {
    // Addresses, routes and name servers where users of netplan look for them.
    ...addressingView(shim, {
      routes: shim.routes.filter(({ family }) => isSaid(family)),
      nameservers: shim.nameservers.filter(({ family }) => isSaid(family)),
      search: shim.families[0] && isSaid(shim.families[0]) ? shim.search : [],
      defaultMetric: (family) => routeMetricOf(shim, family),
    }),
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

/**
 * netplan hands on routes and search domains of a family only where it sees static addresses of
 * it (netplan, src/nm.c): without, all of the family is said by passthrough.
 */
const hasStatic = ({ addresses }: Shim, family: Family): boolean =>
  addresses.some((address) => address.family === family);

/** All of IPv4 and IPv6 that netplan does not write by itself from the keys above. */
function settings(shim: Shim): Entry[] {
  const written = /^(?:address|gateway|route[0-9]|dns)/;
  const lines = (['ipv4', 'ipv6'] as const).flatMap((family) =>
    ipSettings(shim, family)
      .filter(({ key }) => !(hasStatic(shim, family) && written.test(key)))
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
