/** Links with addresses, and what their leases follow from. */
import type { Addressing, Family, Model, Parent, Shim } from '../model/types.ts';
import { linkName } from './words.ts';

export const FAMILY: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

export type Addressed = Parent | Shim;

export const addressed = ({ parents, shims }: Model): Addressed[] => [...parents, ...shims];

/** The NIC, bond, bridge or VLAN that a link is, or is on top of: links with one uplink share a LAN. */
const uplinkOf = (link: Addressed): string => ('parent' in link ? link.parent.name : link.name);

/** Whether a shim replaces another: same uplink, another name. */
export const isRenamed = (before: Addressed | undefined, after: Addressed | undefined): boolean =>
  before !== undefined &&
  after !== undefined &&
  'parent' in before &&
  'parent' in after &&
  uplinkOf(before) === uplinkOf(after);

export const linkOf = (model: Model, name: string): Addressed | undefined =>
  addressed(model).find((link) => link.name === name);

/** Whether an address or route that moves between two links stays on one LAN, on shims. */
export const isMoveOfShim = (before: Model, from: string, after: Model, to: string): boolean =>
  isRenamed(linkOf(before, from), linkOf(after, to));

export const isDynamic = (link: Addressing, family: Family): boolean =>
  family === 'ipv4' ? link.dhcp4 !== undefined : link.dhcp6 !== undefined || link.acceptRa;

export const macName = (name: string, mac: string | undefined): string =>
  mac === undefined ? `the MAC of ${linkName(name)}` : `MAC ${mac}`;

/** What a change of MAC or identifier does to leases and autoconfigured addresses. */
export function leaseText({ name, macaddress, identifier, ...link }: Addressed): string {
  const mac = macName(name, macaddress);
  const isLeased = link.dhcp4 !== undefined || link.dhcp6 !== undefined;
  const lease =
    identifier === 'mac'
      ? `The lease will be another one; reserve it for ${mac}.`
      : `The lease may be another one; a reservation by MAC must name ${mac}.`;
  const made = 'The IPv6 address made from the MAC will be another one.';
  return [...(isLeased ? [lease] : []), ...(isMadeFromMac(link) ? [made] : [])].join(' ');
}

export const isMadeFromMac = ({
  acceptRa,
  addressToken,
  addressGeneration,
}: Pick<Addressing, 'acceptRa' | 'addressToken' | 'addressGeneration'>): boolean =>
  acceptRa && addressToken === undefined && addressGeneration === 'eui64';
