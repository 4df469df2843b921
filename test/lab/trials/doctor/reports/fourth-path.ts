/**
 * A fourth look at public reports, within the closed list of causes: routes, filters and ARP.
 * Written down, with the cause in plain words, before the first run and without a look at the program's causes.
 */
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, HOST, NIC_MAC, ruleset, table } from './stations.ts';

export const FOURTH_ROUTES: readonly Fault[] = [
  {
    name: 'a network of containers is the upper half of the LAN',
    from: 'jakeswenson/BitBetter#79',
    backend: 'ifupdown',
    host: [
      'ip link add br-5a1c type bridge; ip addr add 198.51.100.129/25 dev br-5a1c; ip link set br-5a1c up',
    ],
    cause: 'Another route takes packets for gateway and guest.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a tunnel has a route for the IPv6 subnet of the LAN, with a lower metric',
    from: 'firewalla/firerouter#699, wg-easy/wg-easy#626',
    case: 'ipv6-static',
    host: [
      'ip link add wg0 type ifb; ip link set wg0 up; ip -6 route add 2001:db8:51::/64 dev wg0 metric 1',
    ],
    cause: 'Another route takes packets for gateway and guest.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a rule sends what is for the own subnet to the gateway',
    from: 'systemd/systemd#37231',
    suite: 'bookworm',
    host: [
      `ip route add default via ${GATEWAY} dev veth0 onlink table 10`,
      'ip rule add to 198.51.100.0/24 lookup 10 priority 50; ip rule add from 198.51.100.0/24 lookup 10 priority 51',
    ],
    cause: "A rule sends packets for the guest to the gateway, which is not the guest's.",
    first: ['route-elsewhere'],
  },
  {
    name: 'the own table has lost the route of the subnet',
    from: 'kubernetes/kubernetes#22698',
    case: 'policy-routing',
    backend: 'ifupdown',
    host: ['ip route del 198.51.100.0/24 table 100'],
    cause: 'A route of the table is missing.',
    first: ['route-missing'],
  },
  {
    name: 'the IPv4 rule of the second uplink is missing',
    from: 'systemd/systemd#25971',
    case: 'policy-routing',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip -4 rule del priority 101'],
    cause: 'A rule is missing.',
    first: ['rule-missing'],
  },
  {
    name: 'the IPv6 default route of a host with both families is missing',
    from: 'jpetazzo/pipework#87',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: ['ip -6 route del default dev veth0'],
    cause: 'A default route is missing.',
    first: ['route-missing'],
  },
  {
    name: 'the default route leads out by the second NIC',
    from: 'siderolabs/talos#7163, systemd/systemd#7200',
    case: 'two-parents',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip route replace default via 192.0.2.254 dev veth1'],
    cause: 'The default route is another than the intent has.',
    first: ['route-missing', 'route-elsewhere'],
  },
  {
    name: 'the route behind the second gateway is missing',
    from: 'openwrt/openwrt#20511',
    case: 'two-parents',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: ['ip route del 203.0.113.0/24'],
    cause: 'A route is missing.',
    first: ['route-missing'],
  },
  {
    name: 'the gateway was banned by an unreachable route',
    from: 'fail2ban/fail2ban#1276, nextcloud/nextcloudpi#340',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [`ip route add unreachable ${GATEWAY}`],
    cause: 'A route refuses packets for the gateway.',
    first: ['route-elsewhere'],
  },
  {
    name: "arp -s was the workaround once, and the gateway's MAC has changed",
    from: 'mylearning9.com: cannot ping some addresses in the same subnet',
    case: 'ipv6-static',
    backend: 'networkmanager',
    host: ['ip -6 neigh replace 2001:db8:51::fe lladdr 02:00:00:00:00:99 dev veth0 nud permanent'],
    cause: 'The neighbour entry of the gateway is static, and wrong.',
    first: ['neighbour-static'],
  },
  {
    name: "the guest's entry is static and has the MAC of another guest",
    from: 'projectcalico/felix#549',
    case: 'dual-stack',
    suite: 'bookworm',
    host: [`ip neigh replace ${GUEST} lladdr 52:54:00:51:01:c9 dev veth0 nud permanent`],
    asks: GUEST,
    cause: 'The neighbour entry of the guest is static, and wrong.',
    first: ['neighbour-static'],
  },
  {
    name: 'strict filtering for all links of a host with both families, and a LAN that knows the NIC',
    from: 'ovn-kubernetes/ovn-kubernetes#3006, autotest/tp-libvirt#6375',
    case: 'dual-stack',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: [`ip neigh replace ${HOST} lladdr ${NIC_MAC} dev lan0 nud permanent`],
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter; for f in veth0 eth0; do echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter; done',
    ],
    cause: 'rp_filter drops what comes in at the NIC.',
    first: ['rp-filter-drops'],
  },
  {
    name: 'hardening has ARP answered in the own subnet only, and that of a side shim is one address',
    from: 'Kicksecure/security-misc#290',
    case: 'side-shim',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore'],
    cause: 'The shim answers no ARP request of guests: arp_ignore is 2, and its subnet is /32.',
    first: ['arp-ignored'],
  },
];

export const FOURTH_FILTERS: readonly Fault[] = [
  {
    name: 'UFW without IPv6 drops all of it',
    from: 'geerlingguy/ansible-role-firewall#113; ufw(8), IPV6=no',
    case: 'dual-stack',
    suite: 'bookworm',
    asks: '2001:db8:51::198',
    inGuest: ['ip addr add 2001:db8:51::198/64 dev guest0 nodad || true'],
    host: [
      'ip6tables -A INPUT -i lo -j ACCEPT; ip6tables -A OUTPUT -o lo -j ACCEPT; ip6tables -P INPUT DROP; ip6tables -P OUTPUT DROP; ip6tables -P FORWARD DROP',
      'ip link set macvtap0 allmulticast on; ip -6 neigh flush all',
    ],
    cause: 'A policy of ip6tables drops packets.',
    first: ['firewall-drops'],
  },
  {
    name: 'the zone drop of firewalld on a host with IPv6 alone',
    from: 'firewalld/firewalld#594',
    case: 'ipv6-static',
    backend: 'networkmanager',
    host: [
      ruleset(`table inet firewalld {
chain filter_INPUT {
type filter hook input priority filter + 10; policy accept;
ct state { established, related } accept
iifname "lo" accept
ct state invalid drop
jump filter_INPUT_ZONES
reject with icmpx admin-prohibited
}
chain filter_INPUT_ZONES {
iifname "veth0" goto filter_IN_drop
goto filter_IN_drop
}
chain filter_IN_drop {
jump filter_IN_drop_allow
counter drop
}
chain filter_IN_drop_allow {
tcp dport 22 ct state new accept
}
}`),
      'ip -6 neigh flush all',
    ],
    cause: 'A rule of nftables drops neighbour discovery.',
    first: ['firewall-drops'],
  },
  {
    name: 'a kill switch lets out what is for the server of the VPN',
    from: 'YunoHost-Apps/vpnclient_ynh#91',
    case: 'ipv6-static',
    backend: 'ifupdown',
    host: [
      'ip6tables -N vpnclient_out; ip6tables -A OUTPUT -o veth0 -g vpnclient_out',
      'ip6tables -A vpnclient_out -d 2001:db8:99::1 -p udp --dport 1194 -j ACCEPT; ip6tables -A vpnclient_out -j DROP',
      'ip -6 neigh flush all',
    ],
    cause: 'A rule of ip6tables drops what goes out.',
    first: ['firewall-drops'],
  },
  {
    name: 'ARP is dropped on its way out',
    from: 'OpenNebula/one#869',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: ['arptables -A OUTPUT -o veth0 -j DROP', 'ip neigh flush all'],
    cause: 'A rule of arptables drops ARP.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'the router has failed to log in, and is banned on all ports',
    from: 'nextcloud/nextcloudpi#340, bunkerity/bunkerweb#66',
    case: 'side-shim',
    backend: 'ifupdown',
    host: [
      'iptables -N f2b-nextcloud; iptables -I INPUT -p all -j f2b-nextcloud',
      `iptables -A f2b-nextcloud -s ${GATEWAY} -j REJECT --reject-with icmp-port-unreachable; iptables -A f2b-nextcloud -j RETURN`,
    ],
    cause: 'A rule of iptables rejects what comes from the gateway.',
    first: ['firewall-drops'],
  },
  {
    name: 'old rules of iptables beside those of nftables, which accept all',
    from: 'cilium/cilium#28260, cloudnativelabs/kube-router#1069',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy accept; ct state invalid drop; accept',
      ),
      'iptables-legacy -A INPUT -s 198.51.100.192/26 -j DROP',
    ],
    cause: 'A rule of iptables drops packets.',
    first: ['firewall-drops'],
  },
  {
    name: 'the set of interfaces of the zone has the NIC, and not the shim',
    from: 'kernelkit/infix#448',
    backend: 'netplan-networkmanager',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; iifname "lo" accept; iifname @lan_zone accept; tcp dport 22 accept',
        'set lan_zone {\ntype ifname; elements = { "eth0", "eth1" }\n}\n',
      ),
    ],
    cause: 'The policy of a chain drops what comes in at the shim.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
];
