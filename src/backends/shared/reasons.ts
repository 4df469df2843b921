/** Reasons that several back ends have in common. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Attachment, Guest, Link } from '../../model/types.ts';

export const whyAddress = ({ origin }: Pick<Link, 'origin'>): string =>
  origin[0] === 'shims'
    ? "The host's address is on the shim."
    : 'The intent gives this link an address of its own beside the shim.';

export const whyMac = (macDerived: boolean): string =>
  macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'The intent sets this MAC.';

/** Why a DHCP client identifies itself so. */
export const WHY_IDENTIFIER: Readonly<Record<Link['identifier'], string>> = {
  mac: 'Clones of one image share the machine-id that a DUID is made from; each has a MAC of its own.',
  duid: 'The intent asks for a DUID, which stays the same when the MAC changes.',
};

export function whyMode(mode: Attachment['mode'] | Guest['mode']): string {
  switch (mode) {
    case 'bridge':
      return 'Only in bridge mode do the host and its guests reach each other; by default the mode would be vepa.';
    case 'l2':
      return 'The device has neighbours of its own, as a NIC has; by default the kernel would choose l3, in which it has none.';
    case 'l3':
    case 'l3s':
      return 'The intent has this mode: the parent routes for the device, which has no ARP and no multicast.';
    default:
      return 'The intent has this mode; host and guests do not reach each other in it.';
  }
}

export const WHY_ROUTE = {
  isDefault: 'The default route.',
  to: 'The destination of the route.',
  via: 'The gateway.',
  onLink:
    'The gateway is on the LAN, though in no subnet of the link; without this the kernel refuses the route.',
  scope: 'The destination is on the LAN itself, behind no gateway.',
  from: 'The source address of packets that take this route.',
  metric: 'Of several routes to one destination, the one with the lowest metric is used.',
  table: 'The routing table that the route is in; by default it is main.',
} as const;

export const WHY_RULE = {
  from: 'Applies to packets from here.',
  to: 'Applies to packets to here.',
  everywhere:
    'Applies to packets from everywhere; without a network the rule would have no family.',
  iif: 'Applies to packets that came in by this interface.',
  oif: 'Applies to packets of programs that are bound to this interface.',
  typeOfService: 'Applies to packets with this type of service.',
  mark: 'Applies to packets with this mark.',
  table: 'The table that these packets are routed by.',
  priority:
    'Rules with a lower number come first; by default the kernel would number them by their order.',
} as const;

/** Why there is a line about a lease, by the key of the intent. */
export function whyOverride(key: string, value: boolean | string | number): string {
  const [isUsed, ifNot] = value === false ? ['ignored', ' not'] : ['used', ''];
  switch (key) {
    case 'use-dns':
      return `The name servers of the lease are ${isUsed}.`;
    case 'use-domains':
      return value === 'route'
        ? 'Queries for the domains of the lease go to its name servers; the domains are not searched.'
        : `The domains of the lease are${ifNot} searched.`;
    case 'use-ntp':
      return `The NTP servers of the lease are ${isUsed}.`;
    case 'use-hostname':
      return `The host name of the lease is ${isUsed}.`;
    case 'send-hostname':
      return `The host's name is${ifNot} sent to the server.`;
    case 'hostname':
      return "Sent to the server in place of the host's name.";
    case 'use-mtu':
      return `The MTU of the lease is ${isUsed}.`;
    case 'use-routes':
      return `The routes of the lease are ${isUsed}.`;
    case 'table':
      return 'Routes by DHCP are in this table, which rules select; by default they would be in main.';
    default:
      return 'The metric of routes by DHCP; without it each system would use another one.';
  }
}

/** Why there is a line about router advertisements, by the key of `ra-overrides`. */
export function whyAdvertised(
  key: 'use-dns' | 'use-domains' | 'table',
  value: boolean | string | number,
): string {
  if (key === 'table')
    return 'Advertised routes are in this table, which rules select; by default they would be in main.';
  if (key === 'use-dns')
    return `The name servers in router advertisements are ${value === false ? 'ignored' : 'used'}.`;
  return value === 'route'
    ? 'Queries for the domains in router advertisements go to their name servers; the domains are not searched.'
    : `The domains in router advertisements are${value === false ? ' not' : ''} searched.`;
}

export const WHY_NAME =
  'The name of the device; other files refer to it, and without one the kernel would choose it.';
export const WHY_TYPE = {
  macvlan: 'A macvlan: guests on macvtap reach the host over it, but not over the NIC itself.',
  ipvlan:
    'An ipvlan: it has the MAC of its parent, where an access point or switch drops frames of any other.',
  macvtap: 'A macvtap, which a guest opens.',
} as const;
export const WHY_MDNS = {
  yes: 'systemd-resolved resolves names by multicast DNS over this link, and answers for the name of the host.',
  resolve: 'systemd-resolved resolves names by multicast DNS over this link, and answers for none.',
  no: 'systemd-resolved does not use multicast DNS over this link.',
} as const;
export const WHY_ZONE = 'The zone of firewalld; by default it would be the default zone.';
export const WHY_QUEUE =
  'The parent queues so many broadcast and multicast frames; by default it drops them beyond 1000.';
/** @param threshold negative: there is no queue (ip-link(8), bclim) */
export const whyQueueThreshold = (threshold: number): string =>
  threshold < 0
    ? 'No multicast frame is queued: each is delivered at once, without the delay of the queue, however many links receive it.'
    : 'Multicast frames that more links than this receive are queued; the others are delivered at once, without the delay of the queue.';
export const WHY_ALL_MULTICAST =
  "The tap receives all multicast frames: without them neighbours cannot find the guest's IPv6 addresses.";
export const WHY_ACCESS =
  'Who may open the tap; by default the device belongs to root, and a guest of another user cannot start.';
export const WHY_SOURCE = 'Frames from this MAC are accepted; without it they are dropped.';
export const WHY_NAMESERVER = 'A name server that is queried over this link.';
export const WHY_ACCEPT_RA = 'IPv6 addresses and routes come from router advertisements.';
/** Why addresses by router advertisement end as they do. */
export function whyInterfaceId({
  addressToken,
  addressGeneration,
}: Pick<Link, 'addressToken' | 'addressGeneration'>): string {
  if (addressToken !== undefined)
    return 'The last 64 bits of the address, whatever prefix the router advertises; by default they would follow from the MAC.';
  return addressGeneration === 'stable-privacy'
    ? 'The address follows from a secret of the host and does not show the MAC; it is the same at every boot, and another one in another network.'
    : 'The address follows from the MAC: the same under every back end.';
}

/** The key of the intent that decides it. */
export const interfaceIdAt = ({
  addressToken,
  origin,
}: Pick<Link, 'addressToken' | 'origin'>): Path => [
  ...origin,
  addressToken === undefined ? 'ipv6-address-generation' : 'ipv6-address-token',
];

/** Temporary addresses, on or off. */
export const WHY_PRIVACY = {
  yes: 'The host sends from temporary addresses that change daily; its stable address stays reachable.',
  no: 'No temporary addresses beside the stable one, which is the default; some distributions have them by default.',
} as const;
export const WHY_NO_RA =
  'The intent has no addresses by router advertisement; by default boot would wait for a router that may not exist.';
export const WHY_MTU_PARENT = 'The MTU of the intent; links on top of this one cannot have more.';
export const WHY_MTU = 'The MTU of the intent; by default the link has that of the link below.';
export const WHY_VLAN_ID = 'The tag of its frames.';
export const WHY_VLAN_LINK = 'The link that its frames leave by.';
export const WHY_PERMANENT_MAC = 'Finds the NIC by its permanent MAC, whatever its name.';
export const WHY_WAKE = 'A magic packet wakes the host; by default the NIC is not armed.';
export const WHY_IGNORE_CARRIER = 'The addresses stay while the cable is out.';
export const WHY_PROFILE_NAME = 'The name of the profile in nmcli.';
export const WHY_UUID =
  'Derived from host and interface, so that it is the same in every rendering.';
export const WHY_PREFERRED =
  'Preferred to an older profile of this interface; by default NetworkManager prefers the one used last.';
