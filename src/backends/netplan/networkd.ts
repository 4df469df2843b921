/**
 * netplan over systemd-networkd. netplan has no macvlan in any version: addresses, routes and
 * name servers are in its YAML; the device, and the links under it, in networkd's own files
 * beside it. Links without a shim or tap are netplan's alone.
 */

import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { refusedIn } from '../../fit.ts';
import { KERNEL_METRIC, type Link, type Model, type Parent } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { claimsOf } from '../host/foreign.ts';
import { judgeNetplan, netplanWatches } from '../host/netplan/judge.ts';
import { judgeNetworkd, networkdWatches, type Wanted } from '../host/networkd/judge.ts';
import { judgeNetworkFiles } from '../host/networkd/network-file.ts';
import { judgeNetworkManager, networkManagerWatches } from '../host/networkmanager/judge.ts';
import { hostWatches, judgeHost } from '../host/others.ts';
import {
  checkGuests,
  UNMANAGED_PLACES,
  unmanagedByNetworkManager,
  unmanagedGuests,
} from '../host/unmanaged.ts';
import { attachedFile, attachedPath, checkNetworkFiles } from '../networkd/attached.ts';
import { checkBridgePriority, checkDhcp6Hostname } from '../networkd/check.ts';
import { parentDeviceFiles, upperFile } from '../networkd/devices.ts';
import { parentNetworkFile, tapNetworkFile } from '../networkd/network.ts';
import { ATTACHED, NETDEV, NETWORK } from '../networkd/places.ts';
import { routeView, ruleView } from '../networkd/routes.ts';
import { checkRuleInterfaces } from '../networkd/rule-interfaces.ts';
import { networkdActivation } from '../shared/activation.ts';
import { checkFirewallZone } from '../shared/firewall-zone.ts';
import { checkNoIpvlan } from '../shared/ipvlan.ts';
import { DIRECTORY as NETWORKD, networkEntry } from '../shared/networkd-words.ts';
import {
  interfaceIdAt,
  WHY_ACCEPT_RA,
  WHY_IDENTIFIER,
  WHY_IGNORE_CARRIER,
  WHY_NO_RA,
  WHY_PRIVACY,
  whyInterfaceId,
} from '../shared/reasons.ts';
import { SYSCTL_FILE, sysctlFiles } from '../shared/sysctl.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import {
  NETWORK_ONLINE,
  WAIT_ONLINE,
  waitOnlineFile,
  wantWaitOnline,
} from '../shared/wait-online.ts';
import { checkWakeOnLan } from '../shared/wake-on-lan.ts';
import { checkIds, SECTION, yamlFile } from './common.ts';
import {
  dropIn,
  GENERATION,
  hasNoWord,
  hasNoWordForRule,
  IGNORE_CARRIER,
  needsDropIn,
  RA_OVERRIDES,
} from './drop-in.ts';
import { netplanReader } from './generated.ts';
import {
  addressingView,
  deviceView,
  inYaml,
  type LinkYaml,
  overridesView,
  raOverridesView,
} from './link-yaml.ts';
import { DIRECTORY, DROP_IN, YAML_FILE } from './places.ts';
import { scalar } from './yaml.ts';

const ID = 'netplan-networkd';

export const netplanNetworkd: Backend = {
  id: ID,
  summary: 'netplan over systemd-networkd: YAML, with networkd files beside it',
  scope: 'host',
  directory: DIRECTORY,
  needs: ['netplan', 'networkd'],
  daemons: ['netplan', 'systemd'],
  places: [
    UDEV_RULES,
    NETDEV,
    NETWORK,
    ATTACHED,
    DROP_IN,
    YAML_FILE,
    SYSCTL_FILE,
    WAIT_ONLINE,
    NETWORK_ONLINE,
    ...UNMANAGED_PLACES,
  ],
  check: (model: Model, target: Target): Diagnostic[] => [
    ...checkIds(model, ID),
    ...checkNoIpvlan(model, ID),
    ...checkNetworkFiles(model, ID, networkFileOf),
    ...checkBridgePriority(model, ID),
    ...checkRuleInterfaces(model, ID),
    ...checkShadowed(model),
    ...checkWritten(model, target),
    ...checkDhcp6Hostname(model, target, ID),
    ...checkWakeOnLan(model, ID),
    ...checkFirewallZone(model, ID),
    ...checkGuests(model, ID),
    ...[...model.parents, ...model.shims].flatMap(checkOverrides),
  ],
  render: (model: Model, target: Target): RenderedFile[] => {
    const under = model.parents.filter(({ hasMacvlans }) => hasMacvlans);
    const plain = model.parents.filter(({ hasMacvlans }) => !hasMacvlans);
    return [
      ...udevRules(model, false),
      ...model.shims.flatMap((shim) => [
        upperFile(model, shim),
        dropIn(model, shim.name, shim, target),
      ]),
      ...model.taps.flatMap((tap) => [upperFile(model, tap), tapNetworkFile(model, tap, target)]),
      ...plain.filter(needsDropIn).map((parent) => dropIn(model, parent.id, parent, target)),
      ...sysctlFiles(model, target, 'systemd'),
      ...yaml(model, target),
      ...waitOnlineFiles(model, under, target),
      // `/etc` hides netplan's own file of this name in `/run`, whatever other YAML adds to it.
      ...under.flatMap((parent) => [
        ...parentDeviceFiles(model, parent, `${NETWORKD}/10-netplan-${parent.id}.netdev`),
        parentNetworkFile(model, parent, parentPath(parent), target),
      ]),
      ...model.unmanaged.flatMap((parent) =>
        attachedFile(model, parent, networkFileOf(parent), 'netplan'),
      ),
      unmanagedGuests(model),
      unmanagedByNetworkManager(model),
    ];
  },
  activation: () => networkdActivation(['netplan generate']),
  reader: netplanReader,
  watches: [...networkdWatches, ...networkManagerWatches, ...netplanWatches, ...hostWatches],
  judge: (model, rendered, files) => [
    ...judgeNetworkd(wanted(model), files, { severity: 'error', rendered }),
    ...judgeNetworkFiles(model, networkFileOf, files),
    ...judgeNetworkManager(model, rendered, files, ID),
    ...judgeNetplan(model, rendered, files, ID),
    ...judgeHost(model, rendered, files, ID),
  ],
};

/** The file of each link: netplan's own, except for taps and the links under shims and taps. */
function wanted(model: Model): Wanted[] {
  return claimsOf(model).map((claim) => {
    const parent = model.parents.find(({ name }) => name === claim.name);
    const byNetplan = `10-netplan-${parent?.id ?? claim.name}`;
    const own = `00-macvtap-${claim.name}`;
    return {
      claim,
      file: `${claim.kind === 'macvtap' ? own : byNetplan}.network`,
      ...(claim.permanentMac !== undefined && { link: `${byNetplan}.link` }),
      ...(claim.kind !== 'ethernet' && { netdev: `${parent ? byNetplan : own}.netdev` }),
    };
  });
}

/** The name that netplan gives its own file for the parent. */
const parentPath = ({ id }: Parent): string => `${NETWORKD}/10-netplan-${id}.network`;

const hasUppers = ({ shims, taps }: Parent): boolean => shims.length + taps.length > 0;

/** netplan names its own file after the id; a file of another name may configure the link. */
const networkFileOf = ({ id, networkFile = `10-netplan-${id}.network` }: Parent): string =>
  networkFile;

/** Keys that netplan writes for networkd from its YAML, and that this version of networkd lacks. */
function checkWritten(model: Model, target: Target): Diagnostic[] {
  const inYamlFile = [...model.shims, ...model.parents.filter(({ hasMacvlans }) => !hasMacvlans)];
  const views = inYamlFile.map((link) => ({
    routes: link.routes
      .filter((route) => !hasNoWord(route))
      .map((route) => routeView(route, target)),
    rules: link.rules.filter((rule) => !hasNoWordForRule(rule)).map(ruleView),
    token: writtenToken(link),
  }));
  return refusedIn({ views }, target, ID);
}

/** netplan writes the older name of the key, with a prefix that the daemon has not always known. */
function writtenToken(link: Link): Entry | undefined {
  const why = whyInterfaceId(link);
  if (link.addressToken !== undefined)
    return entry(
      link.addressToken,
      why,
      'systemd.network(5), [Network] IPv6Token= (static:)',
      interfaceIdAt(link),
    );
  return link.addressGeneration === 'stable-privacy'
    ? networkEntry('Network', 'IPv6Token', 'prefixstable', why, interfaceIdAt(link))
    : undefined;
}

/** The file that leaves guests' devices unmanaged sorts before netplan's own files. */
const checkShadowed = (model: Model): Diagnostic[] =>
  [...model.parents, ...model.shims]
    .filter(({ name }) => name.startsWith('macvtap'))
    .map(({ name, origin }) =>
      diagnostic('name-shadowed', origin, `\`${name}\` begins as guests' devices do.`, {
        backend: ID,
        at: 'key',
      }),
    );

/** netplan refuses overrides that differ between the families (netplan-yaml(5), DHCP overrides). */
function checkOverrides({ dhcp4, dhcp6, origin }: Link): Diagnostic[] {
  if (!dhcp4 || !dhcp6) return [];
  const shared = [
    ['use-dns', dhcp4.useDns ?? true, dhcp6.useDns ?? true],
    ['use-domains', dhcp4.useDomains, dhcp6.useDomains],
    ['use-ntp', dhcp4.useNtp ?? true, dhcp6.useNtp ?? true],
    ['use-hostname', dhcp4.useHostname ?? true, dhcp6.useHostname ?? true],
  ] as const;
  return shared
    .filter(([, four, six]) => four !== six)
    .map(([key]) =>
      diagnostic(
        'overrides-differ',
        [...origin, 'dhcp6-overrides'],
        `\`${key}\` differs from that in \`dhcp4-overrides\`.`,
        { backend: ID, at: 'key' },
      ),
    );
}

function yaml(model: Model, target: Target): RenderedFile[] {
  // netplan has udev name a matched NIC; all else of a link under a shim is in its `.network`.
  const matched = model.parents
    .filter(({ hasMacvlans, permanentMac }) => hasMacvlans && permanentMac !== undefined)
    .map((parent) => ({
      id: inYaml(
        'ethernets',
        scalar(parent.id),
        'The parent: netplan has udev name it.',
        parent.origin,
      ),
      renderer: RENDERER,
      ...deviceView(model, parent),
    }));
  const plain = (kind: Parent['kind']): LinkYaml[] =>
    model.parents
      .filter((parent) => !parent.hasMacvlans && parent.kind === kind)
      .map((parent) => ({ ...linkView(parent, target), ...deviceView(model, parent) }));
  return yamlFile(model, [
    [
      SECTION.ethernet,
      [...matched, ...plain('ethernet'), ...model.shims.map((shim) => linkView(shim, target))],
    ],
    [SECTION.vlan, plain('vlan')],
    [SECTION.bond, plain('bond')],
    [SECTION.bridge, plain('bridge')],
  ]);
}

const WHY_DHCP = 'Whether the link asks for a lease of this family; by default it does not.';

const RENDERER = inYaml(
  'renderer',
  'networkd',
  'Set for each link, so that other links keep their own renderer.',
  ['renderer'],
);

function linkView(link: Link | Parent, target: Target): LinkYaml {
  const { origin, dhcp4, dhcp6 } = link;
  const hasBoth = dhcp4 !== undefined && dhcp6 !== undefined;
  return {
    ...addressingView(link, {
      ...link,
      routes: link.routes.filter((route) => !hasNoWord(route)),
      rules: link.rules.filter((rule) => !hasNoWordForRule(rule)),
      defaultMetric: (family) => KERNEL_METRIC[family],
    }),
    renderer: RENDERER,
    dhcp4: inYaml('dhcp4', String(dhcp4 !== undefined), WHY_DHCP, [...origin, 'dhcp4']),
    dhcp6: inYaml('dhcp6', String(dhcp6 !== undefined), WHY_DHCP, [...origin, 'dhcp6']),
    acceptRa: inYaml(
      'accept-ra',
      String(link.acceptRa),
      link.acceptRa ? WHY_ACCEPT_RA : WHY_NO_RA,
      [...origin, 'accept-ra'],
    ),
    addressGeneration:
      link.addressToken === undefined &&
      link.addressGeneration !== 'eui64' &&
      knows(target, GENERATION)
        ? inYaml(
            'ipv6-address-generation',
            link.addressGeneration,
            whyInterfaceId(link),
            interfaceIdAt(link),
          )
        : undefined,
    addressToken:
      link.addressToken === undefined
        ? undefined
        : inYaml(
            'ipv6-address-token',
            scalar(link.addressToken),
            whyInterfaceId(link),
            interfaceIdAt(link),
          ),
    ipv6Privacy: link.ipv6Privacy
      ? inYaml('ipv6-privacy', 'true', WHY_PRIVACY.yes, [...origin, 'ipv6-privacy'])
      : undefined,
    linkLocal: inYaml(
      'link-local',
      `[${link.linkLocal.join(', ')}]`,
      link.linkLocal.includes('ipv6')
        ? 'IPv6 needs a link-local address; without it the link has no neighbours.'
        : 'The link has no IPv6; by default boot would wait for an fe80:: address.',
      [...origin, 'link-local'],
    ),
    dhcpIdentifier:
      dhcp4 &&
      inYaml('dhcp-identifier', link.identifier, WHY_IDENTIFIER[link.identifier], [
        ...origin,
        'dhcp-identifier',
      ]),
    dhcp4Overrides: overridesView(dhcp4),
    // netplan requires that the two are equal; what DHCPv6 does not know has no effect on it.
    dhcp6Overrides: overridesView(hasBoth ? dhcp4 : dhcp6),
    raOverrides: knows(target, RA_OVERRIDES) ? raOverridesView(link.raOverrides) : [],
    optional: link.optional
      ? inYaml('optional', 'true', 'Boot does not wait for the link; by default it would.', [
          ...origin,
          'optional',
        ])
      : undefined,
    ignoreCarrier:
      link.ignoreCarrier && knows(target, IGNORE_CARRIER)
        ? inYaml('ignore-carrier', 'true', WHY_IGNORE_CARRIER, [...origin, 'ignore-carrier'])
        : undefined,
  };
}

/**
 * netplan 1.0.1 and later decides what boot waits for by the interfaces that exist when it runs, before
 * the shim does; where it finds none, boot does not wait at all; and 1.2 waits for a resolver, too,
 * which fails without systemd-resolved.
 */
function waitOnlineFiles(model: Model, under: readonly Parent[], target: Target): RenderedFile[] {
  const wait = waitOnlineFile(model, target, {
    role: 'required',
    why: 'netplan does not know that the shim will be there.',
    // Half installed, without the parent's file, there will be no shim to wait for.
    after: [
      ...under.map((parent) => ({ path: parentPath(parent), origin: parent.origin })),
      ...model.unmanaged.filter(hasUppers).map((parent) => ({
        path: attachedPath(networkFileOf(parent)),
        origin: parent.origin,
      })),
    ],
  });
  return wait ? [wait, wantWaitOnline(model)] : [];
}
