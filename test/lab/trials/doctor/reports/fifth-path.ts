/**
 * A fifth look at public reports, within the closed list of causes: filters, the LAN and guests.
 * Written down, with the cause in plain words, before the first run; the program's causes were known by then.
 */
import type { Fault } from '../fault.ts';
import { NIC_MAC, ruleset, table } from './stations.ts';

export const FIFTH_FILTERS: readonly Fault[] = [
  {
    name: 'a policy that drops, and ICMPv6 is not on the list',
    from: 'YunoHost/yunohost#2165',
    case: 'dual-stack',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; iif "lo" accept; ct state established,related accept; ct state invalid drop; ip protocol icmp accept; tcp dport { 22, 80, 443 } accept',
      ),
      'ip -6 neigh flush all',
    ],
    cause: 'The policy of nftables drops neighbour discovery.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'a personal firewall drops what goes out and is not on its list',
    from: 'evilsocket/opensnitch#1423',
    case: 'ipv6-static',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      ruleset(`table inet mangle {
chain output {
type route hook output priority mangle; policy drop;
icmp type { echo-reply, destination-unreachable, echo-request } accept
icmpv6 type { destination-unreachable, echo-request, echo-reply } accept
ct state established,related accept
}
}`),
      'ip -6 neigh flush all',
    ],
    cause: 'The policy of nftables drops neighbour discovery.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'known connections are not let in again',
    from: 'pitkley/dfw#705',
    case: 'side-shim',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -p tcp -m state --state NEW --dport 22 -j ACCEPT; iptables -P INPUT DROP',
    ],
    cause: 'The policy of iptables drops what comes in.',
    first: ['firewall-drops'],
  },
  {
    name: 'an endpoint of the host with a policy of a cluster',
    from: 'projectcalico/calico#4478',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'iptables -N cali-INPUT; iptables -N cali-from-host-endpoint; iptables -N cali-fh-veth0; iptables -A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT',
      'iptables -A cali-INPUT -j MARK --set-xmark 0x0/0xf0000; iptables -A cali-INPUT -j cali-from-host-endpoint; iptables -A cali-from-host-endpoint -i veth0 -g cali-fh-veth0',
      'iptables -A cali-fh-veth0 -p tcp -m multiport --dports 22,6443 -j ACCEPT; iptables -A cali-fh-veth0 -m comment --comment "Drop if no profiles matched" -j DROP',
    ],
    cause: 'A rule of iptables drops what comes in.',
    first: ['firewall-drops'],
  },
  {
    name: 'requests of ARP are dropped, and the host finds all others',
    from: 'arno-iptables-firewall/aif#52; nft(8), arp',
    host: [table('arp', 'type filter hook input priority 0; arp operation request drop')],
    cause: 'A rule drops ARP requests: the LAN and guests do not find the host.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'arptables drops requests for the host',
    from: 'LVS HOWTO: arptables on real servers',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: ['arptables -A INPUT -i veth0 --opcode 1 -j DROP'],
    cause: 'A rule of arptables drops ARP requests: the LAN and guests do not find the host.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'only known MACs are let in, and the new router is not among them',
    from: 'arno-iptables-firewall/aif#52',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      table(
        'netdev',
        'type filter hook ingress device "eth0" priority 0; ether saddr != @known counter drop',
        'set known {\ntype ether_addr; elements = { 02:00:00:00:00:01, 52:54:00:51:01:c6 }\n}\n',
      ),
      'ip neigh flush all',
    ],
    cause: 'A rule at the NIC drops frames of the gateway.',
    first: ['firewall-drops'],
  },
  {
    name: 'the own subnet is on a list of networks that are not routed',
    from: 'bunkerity/bunkerweb#66',
    case: 'two-parents',
    backend: 'ifupdown',
    host: [
      'for n in 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24; do iptables -t raw -A PREROUTING -s $n -j DROP; done',
    ],
    cause: 'A rule of iptables drops what comes from the LAN.',
    first: ['firewall-drops'],
  },
];

export const FIFTH_LAN: readonly Fault[] = [
  {
    name: 'a machine of the LAN has the address of a guest beside a side shim',
    from: 'OpenNebula/one#869',
    case: 'side-shim',
    backend: 'ifupdown',
    router: ['for n in 193 198; do ip addr add 198.51.100.$n/24 dev lan0; done'],
    cause: 'Two machines have the address.',
    first: ['address-conflict'],
  },
  {
    name: 'the guest has got no lease',
    from: 'MusicDin/kubitect#11',
    case: 'bridge-parent',
    backend: 'ifupdown',
    suite: 'bookworm',
    inGuest: ['ip addr flush dev guest0'],
    cause: 'The guest does not answer at that address.',
    first: ['guest-silent'],
  },
  {
    name: 'the guest is suspended, and others run',
    from: 'harvester/harvester#5831',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip link set macvtap0 down; for n in 5 6; do ip link add link eth0 name macvtap$n address 52:54:00:51:01:d$n type macvtap mode bridge; ip link set macvtap$n up; done; ip neigh flush all',
    ],
    cause: "The guest's device is down.",
    first: ['guest-down'],
  },
  {
    name: 'the switch drops foreign MACs of both families',
    from: 'vmware/vic#4759',
    case: 'dual-stack',
    backend: 'ifupdown',
    suite: 'bookworm',
    router: [
      table(
        'netdev',
        `type filter hook ingress device lan0 priority 0; ether saddr != ${NIC_MAC} drop`,
      ),
      'ip neigh flush all',
    ],
    host: ['ip neigh flush all'],
    cause: 'The LAN answers the MAC of the NIC alone.',
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'the second NIC is in another VLAN',
    from: 'cr0x.net: VMs of Proxmox have no Internet',
    case: 'two-parents',
    backend: 'ifupdown',
    suite: 'bookworm',
    router: [table('netdev', 'type filter hook ingress device lan1 priority 0; drop')],
    host: ['ip neigh flush all'],
    cause: 'The second gateway does not answer: it is down, or in another VLAN.',
    first: ['gateway-silent'],
  },
  {
    name: 'the router answers no pings of IPv6',
    from: 'YunoHost/yunohost#2165',
    case: 'ipv6-static',
    suite: 'bookworm',
    router: [table('ip6', 'type filter hook input priority 0; icmpv6 type echo-request drop')],
    cause: "The gateway's own firewall.",
    first: ['target-firewall'],
  },
  {
    name: 'the LAN of the second NIC takes smaller packets',
    from: 'raspberrypi/linux#2660',
    case: 'two-parents',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: ['ip link set lan1 mtu 1400'],
    cause: 'Large packets do not come through.',
    first: ['path-mtu'],
  },
  {
    name: 'another machine has the address of the second shim',
    from: 'openai/orchard#181, OpenNebula/one#5376',
    case: 'two-shims',
    backend: 'networkmanager',
    router: ['ip addr add 192.0.2.50/24 dev lan0'],
    cause: 'Another machine has the address.',
    first: ['address-conflict'],
  },
];
