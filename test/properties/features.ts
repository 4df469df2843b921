/** What the drawn intents have in them. */

import { hasAddress } from './expected/addressing.ts';
import { isSide } from './expected/describe.ts';
import { ignoresCarrier, isParentOptional } from './expected/links.ts';
import { hasMacvlans, heightOf, isManaged, mtuOf, nodesOf } from './expected/nodes.ts';
import type { AddressingData, IntentData, ParentData, TapData } from './intents/data.ts';

const linksWithAddresses = (data: IntentData): readonly AddressingData[] => [
  ...(data.parents?.values() ?? []),
  ...(data.shims?.values() ?? []),
];

const hasLink =
  (has: (link: AddressingData) => boolean) =>
  (data: IntentData): boolean =>
    linksWithAddresses(data).some(has);

const hasParent =
  (has: (parent: ParentData) => boolean) =>
  (data: IntentData): boolean =>
    [...(data.parents?.values() ?? [])].some(has);

const hasUpper =
  (has: (upper: TapData) => boolean) =>
  (data: IntentData): boolean =>
    [...(data.shims?.values() ?? []), ...(data.taps?.values() ?? [])].some(has);

/** Each must be in a share of the intents, else the properties say nothing of it. */
export const FEATURES: Readonly<Record<string, (data: IntentData) => boolean>> = {
  shims: ({ shims }) => shims !== undefined,
  taps: ({ taps }) => taps !== undefined,
  guests: ({ guests }) => guests !== undefined,
  targets: ({ guests }) => [...(guests?.values() ?? [])].some(({ target }) => target !== undefined),
  match: hasParent(({ match }) => match !== undefined),
  'wake-on-LAN': hasParent(({ wakeonlan }) => wakeonlan === true),
  VLAN: hasParent(({ link }) => link !== undefined),
  bond: hasParent(({ type }) => type === 'bond'),
  bridge: hasParent(({ type }) => type === 'bridge'),
  'bond with primary': hasParent(({ parameters }) => parameters?.['primary'] !== undefined),
  'bond by ARP': hasParent(({ parameters }) => parameters?.['arp-interval'] !== undefined),
  unmanaged: hasParent(({ managed }) => managed === false),
  'unmanaged, and others': (data) => {
    const nodes = nodesOf(data);
    return nodes.some(isManaged) && !nodes.every(isManaged);
  },
  'side shim on an unmanaged link': (data) =>
    nodesOf(data).some(
      (node) => !isManaged(node) && node.shims.some(({ given: shim }) => isSide(shim, node)),
    ),
  'normal setup': (data) =>
    nodesOf(data).some((node) => hasAddress(node.given) && !hasMacvlans(node)),
  'side shim': (data) =>
    nodesOf(data).some((node) => node.shims.some(({ given: shim }) => isSide(shim, node))),
  'parent with an address, under others': (data) =>
    nodesOf(data).some((node) => hasAddress(node.given) && node.shims.length > 0),
  'deep stack': (data) => nodesOf(data).some((node) => heightOf(node) > 1),
  "netplan's own beside what carries": (data) => {
    const nodes = nodesOf(data);
    return nodes.some(hasMacvlans) && !nodes.every(hasMacvlans);
  },
  'mode source': hasUpper(({ mode }) => mode === 'source'),
  ipvlan: ({ shims }) => [...(shims?.values() ?? [])].some(({ kind }) => kind === 'ipvlan'),
  passthru: hasUpper(({ mode }) => mode === 'passthru'),
  rules: hasLink((link) => (link['routing-policy'] ?? []).length > 0),
  routes: hasLink(({ routes = [] }) => routes.length > 0),
  'route table': hasLink(({ routes = [] }) => routes.some(({ table }) => table !== undefined)),
  'name servers': hasLink(({ nameservers }) => (nameservers?.addresses ?? []).length > 0),
  'dns-default-route': hasLink((link) => link['dns-default-route'] === true),
  dhcp4: hasLink(({ dhcp4 }) => dhcp4 === true),
  dhcp6: hasLink(({ dhcp6 }) => dhcp6 === true),
  'accept-ra': hasLink((link) => link['accept-ra'] === true),
  'ra-overrides': hasLink((link) => link['ra-overrides'] !== undefined),
  'table of leases': hasLink((link) => link['dhcp4-overrides']?.table !== undefined),
  'ipv6-address-token': hasLink((link) => link['ipv6-address-token'] !== undefined),
  'stable-privacy': hasLink((link) => link['ipv6-address-generation'] === 'stable-privacy'),
  'ipv6-privacy': hasLink((link) => link['ipv6-privacy'] === true),
  duid: hasLink((link) => link['dhcp-identifier'] === 'duid'),
  overrides: hasLink((link) => link['dhcp4-overrides'] !== undefined),
  'link-local': hasLink((link) => link['link-local'] !== undefined),
  'ignore-carrier': (data) => nodesOf(data).some(ignoresCarrier),
  optional: (data) => nodesOf(data).some(isParentOptional),
  mtu: (data) => nodesOf(data).some((node) => mtuOf(node) !== undefined),
};

export const RAREST = 0.02;
