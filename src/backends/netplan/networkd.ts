/**
 * netplan over systemd-networkd. netplan has no macvlan in any version: addresses, routes and
 * name servers are in its YAML, the device and its parent in networkd's own files beside it.
 * netplan 0.104 and later.
 */
import { type Diagnostic, diagnostic } from '../../diagnostics.ts';
import {
  KERNEL_METRIC,
  type Model,
  type Parent,
  type Route,
  type Shim,
} from '../../model/types.ts';
import { file } from '../../template.ts';
import { checkDhcp6Hostname } from '../dhcp.ts';
import { keepNetworkManagerOff } from '../keep-off.ts';
import { DIRECTORY as NETWORKD, netdevFile, parentNetworkFile } from '../networkd-files.ts';
import { ipv6ClientView, onlineView, routeView } from '../networkd-shim.ts';
import { header } from '../shared.ts';
import { sysctlFile } from '../sysctl.ts';
import { type Backend, type Entry, entry, RANK, type RenderedFile, type View } from '../types.ts';
import { waitOnlineFile, wantWaitOnline } from '../wait-online.ts';
import { checkIds, DIRECTORY, YAML_PATH } from './common.ts';
import { addressingView, inYaml, overridesView } from './shim-yaml.ts';
import { scalar } from './yaml.ts';

const ID = 'netplan-networkd';

export const netplanNetworkd: Backend = {
  id: ID,
  summary: 'netplan over systemd-networkd: YAML, with networkd files beside it',
  directory: DIRECTORY,
  check: (model: Model): Diagnostic[] => [
    ...checkIds(model, ID),
    ...checkDhcp6Hostname(model, ID),
    ...model.shims.flatMap(checkOverrides),
  ],
  render: (model: Model): RenderedFile[] => [
    ...model.shims.flatMap((shim) => [netdevFile(model, shim), dropIn(model, shim)]),
    sysctlFile(model),
    yamlFile(model),
    ...waitOnlineFiles(model),
    keepNetworkManagerOff(model),
    // `/etc` hides netplan's own file of this name in `/run`, whatever other YAML adds to it.
    ...model.parents.map((parent) => parentNetworkFile(model, parent, parentPath(parent))),
  ],
};

/** The very name that netplan gives its own file for the parent. */
const parentPath = ({ id }: Parent): string => `${NETWORKD}/10-netplan-${id}.network`;

/** netplan refuses overrides that differ between the families (netplan-yaml(5), DHCP overrides). */
function checkOverrides({ dhcp4, dhcp6 }: Shim): Diagnostic[] {
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
        dhcp6.origin,
        `\`${key}\` differs from that in \`dhcp4-overrides\`.`,
        { backend: ID, at: 'key' },
      ),
    );
}

function yamlFile(model: Model): RenderedFile {
  const renderer = inYaml(
    'renderer',
    'networkd',
    'Said for each link, so that other links keep theirs.',
    ['renderer'],
  );
  const matched = model.parents.filter((parent) => parent.permanentMac !== undefined);
  return file({
    path: YAML_PATH,
    mode: 0o600,
    role: 'essential',
    rank: RANK.shim,
    about: entry(
      'addresses',
      "The shims' addresses, where users of netplan look for them.",
      'netplan-yaml(5)',
      [],
    ),
    template: 'netplan/networkd.yaml',
    view: {
      header: header(model),
      version: inYaml('version', 2, "The version of netplan's language.", []),
      parents: matched.map((parent) => matchView(parent, renderer)),
      shims: model.shims.map((shim) => shimView(shim, renderer)),
    },
  });
}

/** netplan has udev name a matched NIC; all else of a parent is in its `.network`. */
function matchView({ id, name, permanentMac = '', origin }: Parent, renderer: Entry): View {
  return {
    id: inYaml('ethernets', scalar(id), 'The parent.', origin),
    renderer,
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
  };
}

/**
 * An IPv6 route without gateway: netplan wants a scope with it, which IPv6 has not, and networkd
 * warns of.
 */
const hasNoWord = (route: Route): boolean => route.family === 'ipv6' && route.via === undefined;

function shimView(shim: Shim, renderer: Entry): View {
  const { origin, dhcp4, dhcp6 } = shim;
  const hasBoth = dhcp4 !== undefined && dhcp6 !== undefined;
  return {
    ...addressingView(shim, {
      ...shim,
      routes: shim.routes.filter((route) => !hasNoWord(route)),
      defaultMetric: (family) => KERNEL_METRIC[family],
    }),
    renderer,
    dhcp4: inYaml('dhcp4', String(dhcp4 !== undefined), 'As the intent says.', [
      ...origin,
      'dhcp4',
    ]),
    dhcp6: inYaml('dhcp6', String(dhcp6 !== undefined), 'As the intent says.', [
      ...origin,
      'dhcp6',
    ]),
    acceptRa: inYaml(
      'accept-ra',
      String(shim.acceptRa),
      shim.acceptRa
        ? 'IPv6 addresses and routes come from router advertisements.'
        : 'Left on, boot would wait for a router that advertises, where there is none.',
      [...origin, 'accept-ra'],
    ),
    linkLocal: inYaml(
      'link-local',
      `[${shim.linkLocal.join(', ')}]`,
      shim.linkLocal.includes('ipv6')
        ? 'IPv6 on a link works over its link-local address.'
        : 'The shim has no IPv6.',
      [...origin, 'link-local'],
    ),
    dhcpIdentifier:
      dhcp4 &&
      inYaml(
        'dhcp-identifier',
        dhcp4.identifier,
        dhcp4.identifier === 'mac'
          ? 'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.'
          : 'As the intent says.',
        [...origin, 'dhcp-identifier'],
      ),
    dhcp4Overrides: overridesView(dhcp4),
    // netplan wants the two equal; what DHCPv6 has no use for has no effect on it.
    dhcp6Overrides: overridesView(hasBoth ? dhcp4 : dhcp6),
    optional: shim.optional
      ? inYaml('optional', 'true', 'Boot does not wait for the shim.', [...origin, 'optional'])
      : undefined,
    ignoreCarrier: shim.ignoreCarrier
      ? inYaml('ignore-carrier', 'true', 'The addresses stand while the cable is out.', [
          ...origin,
          'ignore-carrier',
        ])
      : undefined,
  };
}

/** What netplan cannot say of a shim: beside the file that netplan writes for it. */
function dropIn(model: Model, shim: Shim): RenderedFile {
  const { withoutRa, dhcp6Client, raUseDns } = ipv6ClientView(shim);
  return file({
    path: `${NETWORKD}/10-netplan-${shim.name}.network.d/50-macvtap.conf`,
    mode: 0o644,
    role: 'essential',
    rank: RANK.device,
    about: entry(
      `the shim ${shim.name}`,
      `Adds to netplan's own file for \`${shim.name}\` what netplan has no word for.`,
      'systemd.network(5)',
      shim.origin,
    ),
    template: 'netplan/shim-drop-in.conf',
    view: {
      header: header(model),
      online: onlineView(shim),
      routes: shim.routes.filter(hasNoWord).map(routeView),
      withoutRa,
      ra: (dhcp6Client ?? raUseDns) && { dhcp6Client, raUseDns },
    },
  });
}

/**
 * netplan 1.0.1 and later works out what boot waits for from the interfaces that are there when
 * it runs, which the shim is not; and where it finds none, it takes waiting out of the boot.
 */
function waitOnlineFiles(model: Model): RenderedFile[] {
  const wait = waitOnlineFile(model, {
    role: 'essential',
    rank: RANK.boot,
    why: 'netplan does not know that the shim will be there.',
    // Half installed, without the parent's file, there will be no shim to wait for.
    after: model.parents.map((parent) => ({ path: parentPath(parent), origin: parent.origin })),
  });
  return wait ? [wait, wantWaitOnline(model)] : [];
}
