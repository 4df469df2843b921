/** A fifth look: healthy hosts. Written down before the first run. */
import type { Fault } from '../fault.ts';
import { GUEST, HOST, ruleset, table } from './stations.ts';

export const FIFTH_LIVED_IN: readonly Fault[] = [
  {
    name: 'an address of a service beside the own one',
    from: 'acassen/keepalived#1040',
    backend: 'ifupdown',
    host: ['ip addr add 198.51.100.20/32 dev veth0'],
    first: ['nothing'],
  },
  {
    name: 'a personal firewall that knows neighbour discovery',
    from: 'evilsocket/opensnitch#435',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      ruleset(`table inet filter {
chain input {
type filter hook input priority 0; policy accept;
ct state { established, related } accept
ct state invalid drop
iifname "lo" accept
ip protocol icmp accept
meta l4proto ipv6-icmp accept
tcp dport 22 accept
meta pkttype host limit rate 5/second counter reject with icmpx admin-prohibited
counter reject with icmpx port-unreachable
}
chain forward {
type filter hook forward priority 0; policy drop;
}
}`),
    ],
    first: ['nothing'],
  },
  {
    name: 'rules of a cluster: what is local is looked up as the second',
    from: 'cilium/cilium#38212',
    case: 'dual-stack',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'for f in -4 -6; do ip $f rule add priority 9 fwmark 0x200/0xf00 lookup 2004; ip $f rule add priority 100 lookup local; ip $f rule del priority 0; done',
      'ip route add local default dev lo table 2004; ip -6 route add local default dev lo table 2004',
    ],
    first: ['nothing'],
  },
  {
    name: 'an endpoint of the host whose known connections come first',
    from: 'projectcalico/calico#873',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'iptables -N cali-fh; iptables -A INPUT -i veth0 -g cali-fh; iptables -A cali-fh -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A cali-fh -m conntrack --ctstate INVALID -j DROP; iptables -A cali-fh -p icmp -j ACCEPT; iptables -A cali-fh -j DROP',
    ],
    first: ['nothing'],
  },
  {
    name: 'settings against ARP flux on two NICs',
    from: 'stackhpc/ansible-collection-linux#38',
    case: 'two-parents',
    backend: 'networkmanager',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter',
    ],
    first: ['nothing'],
  },
  {
    name: 'a lease on the shim, and a firewall that drops all that is new',
    from: 'konstruktoid/hardening#336',
    case: 'dhcp',
    suite: 'bookworm',
    host: [
      'iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables -P INPUT DROP; iptables -P FORWARD DROP',
    ],
    first: ['nothing'],
  },
  {
    name: 'ARP of other subnets is dropped',
    from: 'OpenNebula/one#3556',
    backend: 'netplan-networkd',
    host: [
      table(
        'arp',
        'type filter hook input priority 0; policy accept; arp saddr ip 203.0.113.0/24 counter drop',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'rules for guests by their MACs at the ports of a bridge',
    from: 'ubicloud/ubicloud#810',
    case: 'bridge-parent',
    suite: 'bookworm',
    host: [
      'ip link add vnet1 type veth peer name inside1; ip link set vnet1 master br0 up; ip link set inside1 up',
      table(
        'bridge',
        'type filter hook forward priority 0; policy accept; iifname "vnet1" ether saddr != 52:54:00:aa:00:01 counter drop; iifname "vnet1" ip saddr != 198.51.100.201 counter drop',
      ),
      `ip neigh flush to ${GUEST}; ip neigh flush to ${HOST} || true`,
    ],
    first: ['nothing'],
  },
  {
    // It was written down as a fault: what comes in at the NIC of a side shim is answered there, and of guests by the shim.
    name: 'the defaults of the distribution filter strictly again',
    from: 'submariner-io/submariner#2541',
    case: 'side-shim',
    backend: 'ifupdown',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done'],
    first: ['nothing'],
  },
];
