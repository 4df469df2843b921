/** Known limits of keys: what a key does not do on some system, printed by `explain KEY`. */

/** By the key, wherever it is in the language. */
export const LIMITS: Readonly<Record<string, readonly string[]>> = {
  'ipv6-address-generation': [
    'It counts for addresses by router advertisement; NetworkManager and the kernel (ifupdown) make the link-local address in the same way, systemd-networkd makes that from the MAC.',
    'With `stable-privacy` each system has a secret of its own, so that the address changes with the back end: networkd and ifupdown use the machine-id, NetworkManager a file in /var/lib/NetworkManager. Clones of one image that share it have different addresses only if their MACs differ.',
    'A host under ifupdown without /etc/machine-id makes its addresses from the MAC, and so does ifupdown2.',
  ],
  'ipv6-address-token': [
    'It counts for addresses by router advertisement only: not for leases by DHCPv6, nor for the link-local address.',
    'Each advertised prefix must be a /64 (RFC 4862, 5.5.3).',
  ],
  'broadcast-queue-length': [
    'NetworkManager has no setting for it, neither by itself nor under netplan.',
    'systemd-networkd has it from 248 on; ip(8) of iproute2 5.10 does not know it.',
  ],
  'broadcast-queue-threshold': [
    'The kernel has one value for each parent, that of the link which set it last, and knows it from Linux 6.4 on.',
    'NetworkManager has no setting for it, neither by itself nor under netplan.',
    'systemd-networkd has it from 256 on, ip(8) from iproute2 6.4 on; ifupdown leaves the default where ip(8) does not know it.',
  ],
  kind: [
    'netplan has no type for an ipvlan, in any version; NetworkManager has it since 1.52.',
    'A parent has macvlans and macvtaps, or ipvlans, never both: guests attached by macvtap cannot be on the parent of an ipvlan.',
    'All ipvlans of one parent have one mode.',
    'A DHCPv4 client on an ipvlan has to ask for broadcast answers, for which systemd-networkd alone has a setting.',
  ],
  'routing-policy': [
    'netplan has no word for `iif` and `oif`: over systemd-networkd a drop-in has such rules, over NetworkManager they are passthrough.',
    'Under systemd-networkd `iif` and `oif` must be links of the intent, or `lo`: it waits for the interface, and boot with it. Elsewhere a rule counts as soon as its interface exists.',
  ],
  oif: [
    'It counts for programs that bind to the interface (SO_BINDTODEVICE): answers of other programs are routed by their source address, for which a rule needs `from`.',
  ],
  iif: ['It counts for packets that the host forwards; `iif: lo` for all that it sends itself.'],
  'ra-overrides': [
    '`table` is refused under ifupdown and for a trial: the kernel puts advertised routes into its main table.',
    'NetworkManager has one setting for the name servers of DHCPv6 and of advertisements, and takes domains with them.',
    'netplan has the key for systemd-networkd from 1.1 on; for older versions a drop-in has it.',
    'What is not mentioned is left to the system: NetworkManager searches the domains in advertisements, systemd-networkd does not.',
  ],
  'dhcp4-overrides': [
    '`table` is refused under ifupdown, where the DHCP client adds its routes to the main table, and under NetworkManager beside static addresses of IPv4.',
    '`table` has no effect on a program that chooses no source address: a rule of `routing-policy` must select the table.',
    'Without `use-domains`, NetworkManager and ifupdown search the domain of a lease, systemd-networkd does not: with `use-domains: true` it does, which NetworkManager takes as its default.',
  ],
  'ipv6-privacy': [
    'It counts for addresses by router advertisement only: leases by DHCPv6 and static addresses stay as they are.',
    'Guests and LAN reach the host at its stable address; what the host opens comes from a temporary one.',
  ],
};
