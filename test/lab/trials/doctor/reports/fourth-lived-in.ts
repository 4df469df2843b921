/** A fourth look: healthy hosts of unusual shape. Written down before the first run. */
import type { Fault } from '../fault.ts';
import { GATEWAY, HOST, ruleset, table } from './stations.ts';

/** What firewalld 2 has for the zone public, with the links in it. */
const FIREWALLD = ruleset(`table inet firewalld {
chain mangle_PREROUTING {
type filter hook prerouting priority mangle + 10; policy accept;
meta nfproto ipv6 fib saddr . mark . iif oif missing drop
}
chain filter_INPUT {
type filter hook input priority filter + 10; policy accept;
ct state { established, related } accept
ct status dnat accept
iifname "lo" accept
ct state invalid drop
jump filter_INPUT_POLICIES
reject with icmpx admin-prohibited
}
chain filter_FORWARD {
type filter hook forward priority filter + 10; policy accept;
ct state { established, related } accept
ct state invalid drop
reject with icmpx admin-prohibited
}
chain filter_OUTPUT {
type filter hook output priority filter + 10; policy accept;
ct state { established, related } accept
oifname "lo" accept
ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002:a00::/24, 2002:7f00::/24 } reject with icmpv6 addr-unreachable
}
chain filter_INPUT_POLICIES {
iifname "veth0" jump filter_IN_public
}
chain filter_IN_public {
tcp dport 22 accept
ip6 daddr fe80::/64 udp dport 546 accept
meta l4proto { icmp, ipv6-icmp } accept
reject with icmpx admin-prohibited
}
}`);

export const FOURTH_LIVED_IN: readonly Fault[] = [
  {
    name: 'UFW whole, with its logging and rate limits, and both families',
    from: 'crowdsecurity/cs-firewall-bouncer#46',
    case: 'dual-stack',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'for t in iptables ip6tables; do $t -N b; $t -N after; $t -N skip; $t -A INPUT -j b; $t -A INPUT -j after; $t -A b -i lo -j ACCEPT; $t -A b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; $t -A b -m conntrack --ctstate INVALID -j DROP; $t -A skip -j DROP; $t -A after -p udp --dport 137 -j skip; done',
      'for n in 1 128 133 134 135 136; do ip6tables -A b -p icmpv6 --icmpv6-type $n -j ACCEPT; done; iptables -A b -p icmp --icmp-type 8 -j ACCEPT',
      'iptables -A b -m addrtype --dst-type LOCAL -j RETURN; iptables -A b -m addrtype --dst-type MULTICAST -j RETURN; iptables -A b -m addrtype --dst-type BROADCAST -j RETURN; iptables -A b -m limit --limit 3/min --limit-burst 10 -j DROP',
      'for t in iptables ip6tables; do $t -P INPUT DROP; $t -P FORWARD DROP; done',
    ],
    first: ['nothing'],
  },
  {
    name: 'firewalld with its filter by the return path, and IPv6 alone',
    from: 'firewalld/firewalld#594',
    case: 'ipv6-static',
    backend: 'networkmanager',
    host: [FIREWALLD],
    first: ['nothing'],
  },
  {
    name: 'Docker 28 with rules before all others',
    from: 'moby/moby#49577',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; echo 1 >/proc/sys/net/ipv4/ip_forward',
      'iptables -t raw -A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP',
      'iptables -P FORWARD DROP; iptables -N DOCKER; iptables -A FORWARD -o docker0 -j DOCKER; iptables -A DOCKER ! -i docker0 -o docker0 -j DROP',
      'iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    ],
    first: ['nothing'],
  },
  {
    name: 'strict filtering by the return path on a host with two uplinks',
    from: 'openperouter/openperouter#564',
    case: 'policy-routing',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done'],
    first: ['nothing'],
  },
  {
    name: 'ARP is answered in the own subnet only',
    from: 'Kicksecure/security-misc#290',
    backend: 'networkmanager',
    host: ['for f in /proc/sys/net/ipv4/conf/*/arp_ignore; do echo 2 >$f; done'],
    first: ['nothing'],
  },
  {
    name: 'four guests, one of them in a container',
    from: 'autotest/tp-libvirt#2144',
    case: 'guests',
    suite: 'bookworm',
    host: [
      'for n in 2 4 6; do ip link add link eth0 name macvtap$n address 52:54:00:51:01:e$n type macvtap mode bridge; done',
      'unshare -n sleep 60 </dev/null >/dev/null 2>&1 & sleep 1; ip link add link eth0 name mv9 type macvlan mode bridge; ip link set mv9 netns $!',
    ],
    first: ['nothing'],
  },
  {
    name: 'a lease on the NIC beside a side shim',
    from: 'docker/docs#16360',
    case: 'side-shim-dhcp',
    backend: 'ifupdown',
    first: ['nothing'],
  },
  {
    name: 'a side shim with both families, and a loose filter by the return path',
    from: 'moby/libnetwork#2384',
    case: 'side-shim-ipv6',
    backend: 'networkmanager',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 >$f; done'],
    first: ['nothing'],
  },
  {
    name: 'a split tunnel, and blackholes for private networks',
    from: 'angristan/wireguard-install#577',
    suite: 'bookworm',
    host: [
      'ip link add wg0 type ifb; ip link set wg0 up; ip addr add 10.66.0.2/32 dev wg0; ip route add 10.66.0.0/16 dev wg0',
      'ip route add blackhole 10.0.0.0/8; ip route add blackhole 172.16.0.0/12; ip route add unreachable 192.168.0.0/16',
    ],
    first: ['nothing'],
  },
  {
    name: 'marks and tables of a second provider, for forwarded packets only',
    from: 'openwrt/netifd#12',
    case: 'two-parents',
    backend: 'netplan-networkd',
    host: [
      'ip route add default via 192.0.2.254 dev veth1 table 200; ip rule add fwmark 0x100/0xf00 lookup 200 priority 1000; ip rule add iif virbr0 lookup 200 priority 1001',
      'ip rule add fwmark 0x200/0xf00 unreachable priority 1002',
      table(
        'inet',
        'type filter hook prerouting priority mangle; iifname "virbr0" meta mark set 0x100',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'strangers are banned, in rules of old, and all else is dropped at the end',
    from: 'fail2ban/fail2ban#1491',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'iptables-legacy -N f2b-sshd; iptables-legacy -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd; iptables-legacy -A f2b-sshd -s 203.0.113.9 -j REJECT; iptables-legacy -A f2b-sshd -j RETURN',
      'iptables-legacy -A INPUT -i lo -j ACCEPT; iptables-legacy -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT; iptables-legacy -A INPUT -p icmp -j ACCEPT; iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-legacy -P INPUT DROP',
    ],
    first: ['nothing'],
  },
  {
    name: 'jumbo frames through and through, and a queue for each flow',
    from: 'siderolabs/talos#10696',
    case: 'jumbo-mtu',
    backend: 'ifupdown',
    host: [
      'tc qdisc replace dev eth0 root fq_codel; tc qdisc replace dev veth0 root pfifo limit 100',
    ],
    first: ['nothing'],
  },
  {
    name: 'a leased address beside a static one',
    from: 'CumulusNetworks/ifupdown2#93',
    case: 'dhcp-beside-static',
    first: ['nothing'],
  },
  {
    name: 'a rule against spoofed MACs at the port of another guest',
    from: 'canonical/lxd#2423',
    case: 'bridge-parent',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip link add vnet7 type veth peer name inside7; ip link set vnet7 master br0 up; ip link set inside7 up',
      'ebtables -A FORWARD -i vnet7 -s ! 00:16:3e:6c:31:c9 -j DROP; ebtables -A INPUT -i vnet7 -s ! 00:16:3e:6c:31:c9 -j DROP',
    ],
    first: ['nothing'],
  },
  {
    name: 'broadcasts of Windows are dropped without a line in the log',
    from: 'crowdsecurity/cs-firewall-bouncer#46: ufw-after-input',
    backend: 'netplan-networkmanager',
    suite: 'bookworm',
    host: [
      table(
        'ip',
        'type filter hook input priority 0; policy drop; iifname "lo" accept; ct state invalid counter drop; ct state established,related accept; icmp type echo-request accept; meta pkttype broadcast counter drop; udp dport { 137, 138 } counter drop',
      ),
      `ip route add 203.0.113.64/26 via ${GATEWAY} src ${HOST}`,
    ],
    first: ['nothing'],
  },
  {
    // It was written down as a fault: between macvlans the MTU of the NIC counts (macvlan_queue_xmit), and the shim
    // takes larger frames than it sends.
    name: "the shim's MTU is below that of the NIC",
    from: 'linux-system-roles/network#102',
    backend: 'networkmanager',
    host: ['ip link set veth0 mtu 1280'],
    first: ['nothing'],
  },
];
