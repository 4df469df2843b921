/**
 * An eighth, smaller set, from memory of public reports: other kinds and combinations. Written down, with the cause in
 * plain words, before its first run; the program's causes were known by then.
 */
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, GUEST_MAC, HOST, ruleset, SHIM_MAC, table } from './stations.ts';

const LAN = '198.51.100.0/24';
const DROPS = ['firewall-drops', 'firewall-may-drop'];

export const EIGHTH: readonly Fault[] = [
  {
    name: "libvirt's default network has the subnet of the LAN: a host inside a host",
    from: 'libvirt wiki: nested guests and 192.168.122.0/24',
    backend: 'ifupdown',
    host: [
      `ip link add virbr0 type bridge; ip addr add 198.51.100.1/24 dev virbr0 noprefixroute; ip link set virbr0 up; ip route prepend ${LAN} dev virbr0 src 198.51.100.1`,
    ],
    cause: 'Another link has the subnet of the LAN.',
    first: ['route-elsewhere'],
  },
  {
    name: "an entry without discovery for the router's IPv6 address",
    from: 'andreaskaris.github.io, NUD NOARP, of IPv6',
    case: 'ipv6-static',
    backend: 'networkmanager',
    host: ['ip -6 neigh replace 2001:db8:51::fe lladdr 02:00:00:de:ad:03 dev veth0 nud noarp'],
    cause: 'An entry has a wrong MAC for the gateway.',
    first: ['neighbour-static'],
  },
  {
    name: 'a trap policy of IPsec has the LAN',
    from: 'strongSwan: bypass-lan is not loaded',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [`ip xfrm policy add dir out src 0.0.0.0/0 dst ${LAN} action block`],
    cause: 'A policy of IPsec blocks packets to the LAN.',
    first: ['ipsec-drops'],
  },
  {
    name: 'a list of networks that are not routed has the LAN',
    from: 'firehol level1 blocks private networks',
    case: 'side-shim',
    backend: 'networkmanager',
    host: [
      ruleset(`table ip blocklist {
set firehol_level1 {
type ipv4_addr; flags interval; elements = { 0.0.0.0/8, 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 }
}
chain input {
type filter hook prerouting priority raw; policy accept;
ip saddr @firehol_level1 counter drop
}
}`),
    ],
    cause: "The host's firewall drops what comes from the LAN.",
    first: DROPS,
  },
  {
    name: 'a bouncer has banned the IPv6 address of the guest',
    from: 'crowdsecurity: cs-firewall-bouncer, nftables',
    case: 'dual-stack',
    backend: 'networkmanager',
    asks: '2001:db8:51::c6',
    host: [
      'ip link set macvtap0 allmulticast on',
      ruleset(`table ip6 crowdsec6 {
set crowdsec6-blacklists {
type ipv6_addr; flags timeout; elements = { 2001:db8:51::c6 timeout 4h }
}
chain crowdsec6-chain {
type filter hook input priority filter - 10; policy accept;
ip6 saddr @crowdsec6-blacklists counter drop
}
}`),
    ],
    cause: "The host's firewall drops packets of the guest.",
    first: DROPS,
  },
  {
    name: 'only the MAC of the router is let in at the shim',
    from: 'askubuntu: iptables -m mac',
    backend: 'ifupdown',
    host: [
      'iptables -A INPUT -i veth0 -m mac --mac-source 52:54:00:51:01:fe -j ACCEPT; iptables -A INPUT -i veth0 -j DROP',
    ],
    cause: "The host's firewall drops packets of the guest.",
    first: DROPS,
  },
  {
    name: 'connections are not tracked, and answers are let in by their state',
    from: 'a DDoS guide: notrack in raw',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      ruleset(`table inet raw {
chain out {
type filter hook output priority raw; ip protocol icmp notrack
}
chain in {
type filter hook prerouting priority raw; ip protocol icmp notrack
}
}
table inet filter {
chain input {
type filter hook input priority 0; policy drop;
iif "lo" accept
ct state established,related accept
meta l4proto ipv6-icmp accept
}
}`),
    ],
    cause: "The host's firewall drops answers that are not tracked.",
    first: DROPS,
  },
  {
    name: 'what leaves the NIC must have its own MAC: hardening against guests',
    from: 'nft(8), netdev egress; OVH: one MAC for each address',
    case: 'two-parents',
    backend: 'ifupdown',
    host: [
      table(
        'netdev',
        'type filter hook egress device "eth0" priority 0; ether saddr != 52:54:00:51:01:01 counter drop',
      ),
      'ip neigh flush all',
    ],
    cause: 'A rule at the NIC drops what the shim sends.',
    first: DROPS,
  },
  {
    name: 'ebtables drops ARP at a bridge below the shim',
    from: 'docker, weave: ebtables of old',
    case: 'bridge-parent',
    backend: 'ifupdown',
    host: [
      'ebtables -A INPUT -p ARP -j DROP; ebtables -A OUTPUT -p ARP -j DROP; ip neigh flush all',
    ],
    cause: "The host's firewall drops ARP on the bridge.",
    first: DROPS,
  },
  {
    name: 'a program of eBPF at the shim drops what comes in',
    from: 'Cilium: a program left at a link',
    backend: 'ifupdown',
    host: [
      "tc qdisc add dev veth0 clsact; tc filter add dev veth0 ingress bpf direct-action bytecode '1,6 0 0 2,'",
    ],
    cause: 'A program at the shim drops what comes in.',
    first: ['traffic-control-drops', 'xdp-may-drop'],
  },
  {
    name: "a container's bridge gives packets to the LAN its own address",
    from: 'moby/moby: wrong source address after a restart',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      `ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; ip route replace ${LAN} dev veth0 proto kernel scope link src 172.17.0.1`,
    ],
    cause: 'Packets to the LAN have the address of another link.',
    first: ['source-address-differs'],
  },
  {
    name: 'a rule sends packets for the guest to the gateway',
    from: 'serverfault: ip rule to, table with a default route alone',
    backend: 'networkmanager',
    host: [
      `ip route add default via ${GATEWAY} dev veth0 table 7; ip rule add priority 70 to ${GUEST}/32 lookup 7`,
    ],
    cause: 'Packets for the guest go to the gateway.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a DHCP client beside the static gateway: the lease has another router',
    from: 'NetworkManager: two default routes',
    backend: 'ifupdown',
    host: ['ip route prepend default via 198.51.100.1 dev veth0 proto dhcp'],
    cause: 'Another default route wins.',
    // Of the same metric: the message names the second gateway.
    first: ['route-elsewhere', 'route-missing'],
  },
  {
    name: 'the shim is private, and the guest is in mode vepa',
    from: 'two faults at once',
    backend: 'networkmanager',
    guest: { mode: 'vepa' },
    host: ['ip link set veth0 type macvlan mode private'],
    cause: "The shim's mode is private; the guest's is vepa.",
    first: ['link-setting-drift'],
  },
  {
    name: 'the cable of the second NIC is out, and a policy drops all',
    from: 'two faults at once',
    case: 'two-parents',
    backend: 'networkmanager',
    router: ['ip link set lan1 down'],
    host: ['iptables -P INPUT DROP'],
    cause: 'The second NIC has no carrier.',
    first: ['no-carrier'],
  },
  {
    name: 'the guest has the address of the router',
    from: 'proxmox forum: a guest took the address of the gateway',
    case: 'side-shim',
    backend: 'ifupdown',
    inGuest: [`ip addr add ${GATEWAY}/24 dev guest0`],
    cause: 'Two stations have the address of the gateway.',
    first: ['address-conflict'],
  },
  {
    name: 'the guest has no route back: a netmask of one address',
    from: 'cloud-init: /32 without a route on link',
    case: 'dual-stack',
    backend: 'ifupdown',
    inGuest: [`ip addr del ${GUEST}/24 dev guest0; ip addr add ${GUEST}/32 dev guest0`],
    cause: 'The guest answers ARP and no ping: its routes, or its firewall.',
    first: ['target-firewall'],
  },
  {
    name: 'a second guest has the MAC of the first',
    from: 'virt-clone without a new MAC',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      `ip link add link eth0 name macvtap5 address ${GUEST_MAC} type macvtap mode bridge; ip link set macvtap5 up || true`,
    ],
    cause: 'Two guests have one MAC.',
    first: ['duplicate-mac'],
  },
  {
    name: 'both families: the host answers no pings of IPv6',
    from: 'ip-sysctl: icmp.echo_ignore_all',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: ['echo 1 >/proc/sys/net/ipv6/icmp/echo_ignore_all'],
    cause: 'The host ignores pings.',
    first: ['echo-ignored'],
  },
  {
    name: 'frames of a size that the switch does not take, of IPv6 alone',
    from: 'a switch without jumbo frames',
    case: 'ipv6-static',
    backend: 'networkmanager',
    router: ['ip link set lan0 mtu 1400'],
    cause: 'Large packets do not come through.',
    first: ['path-mtu'],
  },
  {
    name: 'the address of the second shim is on the first, too',
    from: 'a script that adds addresses to each link',
    case: 'two-parents',
    backend: 'networkmanager',
    host: ['ip addr add 192.0.2.50/32 dev veth0'],
    cause: 'Two links have the address.',
    first: ['address-twice'],
  },
  {
    name: 'a mesh has a route for the guest, by a rule of its own',
    from: 'netbird, ZeroTier: routes of a peer in a table',
    case: 'side-shim',
    backend: 'networkmanager',
    host: [
      'ip link add wt0 type ifb; ip link set wt0 up; ip route add 198.51.100.192/27 dev wt0 table 7120; ip rule add priority 105 lookup 7120',
    ],
    cause: 'A rule and its table take packets for the guest.',
    first: ['route-elsewhere'],
  },
];

/** Healthy hosts. */
export const EIGHTH_LIVED_IN: readonly Fault[] = [
  {
    name: 'one virtual MAC on two LANs',
    from: 'RFC 5798: one number of a virtual router on two links',
    case: 'two-parents',
    backend: 'ifupdown',
    host: [
      `ip link add link eth1 name vrrp9 address ${SHIM_MAC} type macvlan mode private; ip link set vrrp9 up`,
    ],
    first: ['nothing'],
  },
  {
    name: "an entry without ARP that has the guest's true MAC",
    from: 'andreaskaris.github.io, NUD NOARP',
    backend: 'networkmanager',
    host: [`ip neigh replace ${GUEST} lladdr ${GUEST_MAC} dev veth0 nud noarp`],
    first: ['nothing'],
  },
  {
    name: 'a full tunnel by rules, and a firewall that lets in answers only',
    from: 'wg-quick(8); ufw default deny',
    backend: 'ifupdown',
    host: [
      'ip link add wg7 type ifb; ip link set wg7 up; ip route add default dev wg7 table 51820; ip rule add priority 101 not fwmark 51820 table 51820; ip rule add priority 100 table main suppress_prefixlength 0',
      table(
        'inet',
        'type filter hook input priority 0; policy drop; ct state established,related accept; iif "lo" accept; meta l4proto ipv6-icmp accept',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'bridges of other managers with subnets of their own',
    from: 'LXD, Podman and libvirt on one host',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      'n=1; for b in lxdbr0 podman0 virbr0; do ip link add $b type bridge; ip addr add 10.$n.0.1/24 dev $b; ip link set $b up; n=$((n+1)); done; echo 1 >/proc/sys/net/ipv4/ip_forward',
    ],
    first: ['nothing'],
  },
  {
    name: 'a virtual address of a failover on the shim',
    from: 'acassen/keepalived: VIP on a macvlan',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      'ip addr add 198.51.100.20/32 dev veth0; ip addr add 2001:db8:51::20/128 dev veth0 nodad',
    ],
    first: ['nothing'],
  },
  {
    name: `packets of ${HOST} are counted and logged, and none is dropped`,
    from: 'vnstat, nft counters',
    case: 'two-parents',
    backend: 'networkmanager',
    host: [
      table(
        'inet',
        `type filter hook output priority 0; policy accept; ip saddr ${HOST} counter; ip daddr 203.0.113.0/24 counter drop`,
      ),
    ],
    first: ['nothing'],
  },
];
