/**
 * netplan over NetworkManager: the shim is an `nm-devices` entry; what netplan has no key for is
 * passthrough. Links under a shim or tap are keyfiles, to which other YAML cannot add; other links are
 * in the YAML.
 */

import type { Path } from '../../diagnostics/diagnostic.ts';
import { deriveUuid } from '../../model/derive.ts';
import {
  type Family,
  hasStatic,
  type Link,
  type Model,
  type Parent,
  type Shim,
} from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { judgeForNetworkManager, watchesForNetworkManager } from '../host/by-networkmanager.ts';
import { checkGuests, UNMANAGED_PLACES, unmanagedByNetworkd } from '../host/unmanaged.ts';
import { checkNetworkManager, MODE_NUMBER, managedConf } from '../networkmanager/conf.ts';
import { hostnameSetting, ipSettings } from '../networkmanager/ip.ts';
import { routeMetricOf, routesOf } from '../networkmanager/ip-routes.ts';
import { MANAGED, PROFILE } from '../networkmanager/places.ts';
import { parentProfile, profileOf, upperProfile } from '../networkmanager/profile.ts';
import { zoneAndMdns } from '../networkmanager/profile-sections.ts';
import { networkManagerActivation } from '../shared/activation.ts';
import { checkNoIpvlan } from '../shared/ipvlan.ts';
import { WHY_PREFERRED, WHY_PROFILE_NAME, WHY_UUID, WHY_WAKE, whyMode } from '../shared/reasons.ts';
import { SYSCTL_FILE, sysctlFiles } from '../shared/sysctl.ts';
import { LINK_FILE, linkFiles, macFiles } from '../shared/udev-links.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import { checkBridges, checkIds, SECTION, yamlFile } from './common.ts';
import { netplanReader } from './generated.ts';
import { addressingView, deviceView, inYaml, type LinkYaml, vlanView } from './link-yaml.ts';
import { DIRECTORY, YAML_FILE } from './places.ts';
import { scalar } from './yaml.ts';

const ID = 'netplan-networkmanager';
const AUTHORITY = 'netplan-yaml(5), networkmanager, passthrough';

export const netplanNetworkManager: Backend = {
  id: ID,
  summary: 'netplan over NetworkManager: YAML with passthrough settings',
  scope: 'host',
  directory: DIRECTORY,
  needs: ['netplan', 'networkmanager'],
  daemons: ['netplan', 'NetworkManager'],
  places: [LINK_FILE, UDEV_RULES, MANAGED, PROFILE, YAML_FILE, SYSCTL_FILE, ...UNMANAGED_PLACES],
  check: (model: Model, target: Target) => [
    ...checkIds(model, ID),
    ...checkNoIpvlan(model, ID),
    ...checkBridges(model, ID),
    ...checkNetworkManager(model, target, ID),
    ...checkGuests(model, ID),
  ],
  render: (model: Model, target: Target): RenderedFile[] => [
    ...linkFiles(model, target, false),
    ...udevRules(model, true),
    ...macFiles(model),
    managedConf(model),
    ...sysctlFiles(model, target, 'NetworkManager'),
    ...yaml(model, target),
    ...model.taps.map((tap) => upperProfile(model, tap, target)),
    ...model.parents.filter(isKeyfile).map((parent) => parentProfile(model, parent, target)),
    ...unmanagedByNetworkd(model, target),
  ],
  activation: (model) => networkManagerActivation(model, ['netplan generate']),
  reader: netplanReader,
  watches: watchesForNetworkManager,
  judge: (model, rendered, files) => judgeForNetworkManager(model, rendered, files, ID),
};

/** Links under a shim or tap, and those that refer to a matched NIC, which netplan would require in its YAML. */
const isKeyfile = ({ hasMacvlans, isMatchedByMac }: Parent): boolean =>
  hasMacvlans || isMatchedByMac;

/** Links of keyfiles are named here, too: a link that other YAML gives to networkd would be unmanaged. */
function yaml(model: Model, target: Target): RenderedFile[] {
  const isStub = (parent: Parent): boolean => isKeyfile(parent) && isInYaml(model, parent);
  const stubs = (kind: Parent['kind']): LinkYaml[] =>
    model.parents
      .filter((parent) => parent.kind === kind && isStub(parent))
      .map(({ id, vlan, origin }) => ({
        id: inYaml(
          SECTION[kind],
          scalar(id),
          'Leaves the link to NetworkManager; its settings are in a keyfile.',
          origin,
        ),
        renderer: renderer(origin),
        ...(vlan && vlanView(vlan, origin)),
      }));
  const plain = (kind: Parent['kind']): LinkYaml[] =>
    model.parents
      .filter((parent) => !isKeyfile(parent) && parent.kind === kind)
      .map((parent) => ({
        ...deviceView(model, parent),
        ...linkView(model, parent, target, plainLines(parent)),
        wakeonlan: undefined,
      }));
  return yamlFile(model, [
    ...(['ethernet', 'vlan', 'bond', 'bridge'] as const).map(
      (kind) => [SECTION[kind], [...stubs(kind), ...plain(kind)]] as const,
    ),
    [
      'nm-devices',
      model.shims.map((shim) => linkView(model, shim, target, macvlanLines(model, shim))),
    ],
  ]);
}

/** A matched NIC is not; nor a VLAN, at any height, whose link is not. */
function isInYaml(model: Model, { permanentMac, vlan }: Parent): boolean {
  const link = vlan && model.parents.find(({ id }) => id === vlan.linkId);
  return permanentMac === undefined && (link === undefined || isInYaml(model, link));
}

const renderer = (origin: Path): Entry =>
  inYaml(
    'renderer',
    'NetworkManager',
    'Set for each link, so that other links keep their own renderer.',
    origin,
  );

/** One line of `passthrough`: NetworkManager's own key, its value always as text. */
const passthrough = (
  key: string,
  text: string,
  why: string,
  origin: Path,
  authority: Authority = AUTHORITY,
): Entry => entry(`${key}: ${JSON.stringify(text)}`, why, authority, origin);

/**
 * A link with its profile. netplan writes routes and search domains of a family only where the link has
 * static addresses of it, and rules in its latest versions only (netplan, src/nm.c): what it would drop
 * is passthrough.
 */
function linkView(
  model: Model,
  link: Link | Parent,
  target: Target,
  lines: readonly Entry[],
): LinkYaml {
  const { name, origin, families } = link;
  const isMember = 'kind' in link && link.master !== undefined;
  const isStatic = (family: Family): boolean => hasStatic(link, family);
  return {
    // Addresses, routes and name servers where users of netplan look for them.
    ...addressingView(link, {
      routes: routesOf(link).filter(({ family }) => isStatic(family)),
      rules: [],
      nameservers: link.nameservers.filter(({ family }) => isStatic(family)),
      search: families[0] && isStatic(families[0]) && !link.dnsDefaultRoute ? link.search : [],
      defaultMetric: (family) => routeMetricOf(link, family),
    }),
    renderer: renderer(origin),
    // A member has no address settings at all, and netplan makes its profile.
    networkmanager: isMember
      ? undefined
      : {
          uuid: inYaml('networkmanager, uuid', deriveUuid(model.host, name), WHY_UUID, origin),
          name: inYaml('networkmanager, name', `macvtap-${name}`, WHY_PROFILE_NAME, origin),
          passthrough: [...lines, ...settings(link, target)],
        },
  };
}

function macvlanLines(model: Model, { name, mode, parent, origin }: Shim): Entry[] {
  return [
    passthrough('connection.type', 'macvlan', 'netplan has no key for a macvlan.', origin),
    passthrough(
      'connection.interface-name',
      name,
      'The interface that the profile creates; without it the profile would apply to none.',
      origin,
    ),
    passthrough('macvlan.mode', MODE_NUMBER[mode], `${mode}. ${whyMode(mode)}`, [
      ...origin,
      'mode',
    ]),
    passthrough(
      'macvlan.parent',
      profileOf(model, parent),
      'The link that the shim is on top of.',
      [...origin, 'parent'],
    ),
  ];
}

function plainLines({ wakeonlan, origin }: Parent): Entry[] {
  return [
    passthrough('connection.autoconnect-priority', '100', WHY_PREFERRED, origin),
    // netplan's own key sets NetworkManager's default, not the magic packet (src/nm.c).
    ...(wakeonlan
      ? [
          passthrough('ethernet.wake-on-lan', '64', `${WHY_WAKE} 64 (0x40) is the magic packet.`, [
            ...origin,
            'wakeonlan',
          ]),
        ]
      : []),
  ];
}

/** All settings of IPv4 and IPv6 that netplan does not write from the keys above. */
function settings(link: Link, target: Target): Entry[] {
  const written = /^(?:address|gateway|route[0-9]|dns)/;
  const isWritten = (family: Family, key: string): boolean =>
    hasStatic(link, family) && written.test(key) && !(key === 'dns-search' && link.dnsDefaultRoute);
  const lines = (['ipv4', 'ipv6'] as const).flatMap((family) =>
    ipSettings(link, family, target)
      .filter(({ key }) => !isWritten(family, key))
      .map(({ key, value }) =>
        passthrough(`${family}.${key}`, value.text, value.why, value.origin, value.authority),
      ),
  );
  for (const [key, value] of Object.entries(zoneAndMdns(link))) {
    if (!value) continue;
    lines.push(
      passthrough(`connection.${key}`, value.text, value.why, value.origin, value.authority),
    );
  }
  const hostname = hostnameSetting(link);
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
