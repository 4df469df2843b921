/** netplan's YAML over systemd-networkd: addresses, routes and name servers; the devices of links without a shim or tap. */
import { KERNEL_METRIC, type Link, type Model, type Parent } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import {
  interfaceIdAt,
  WHY_ACCEPT_RA,
  WHY_IDENTIFIER,
  WHY_IGNORE_CARRIER,
  WHY_NO_RA,
  WHY_PRIVACY,
  whyInterfaceId,
} from '../shared/reasons.ts';
import { SECTION, yamlFile } from './common.ts';
import {
  GENERATION,
  hasNoWord,
  hasNoWordForRule,
  IGNORE_CARRIER,
  RA_OVERRIDES,
} from './drop-in.ts';
import {
  addressingView,
  deviceView,
  inYaml,
  type LinkYaml,
  overridesView,
  raOverridesView,
} from './link-yaml.ts';
import { scalar } from './yaml.ts';

export function yaml(model: Model, target: Target): RenderedFile[] {
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
