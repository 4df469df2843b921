/** Healthy hosts on which other programs have links and rules: nothing may be named on them. */
import type { Fault } from '../fault.ts';
import { table } from './stations.ts';

export const LIVED_IN: readonly Fault[] = [
  {
    name: "Docker's rules and bridge",
    from: 'moby/moby#39439, docker/for-linux#949',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up',
      'iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A DOCKER-USER -j RETURN',
      'iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
    ],
    first: ['nothing'],
  },
  {
    name: "firewalld's way to accept, and its last reject",
    from: 'firewalld/firewalld#746',
    backend: 'netplan-networkmanager',
    host: [
      table(
        'inet',
        'type filter hook input priority 10; policy accept; ct state { established, related } accept; iifname "lo" accept; ct state invalid drop; meta l4proto { icmp, ipv6-icmp } accept; tcp dport 22 accept; reject with icmpx admin-prohibited',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: "libvirt's own network, with its rules",
    from: 'moby/moby#52612',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up',
      'iptables -N LIBVIRT_INP; iptables -A INPUT -j LIBVIRT_INP; iptables -A LIBVIRT_INP -i virbr0 -p udp --dport 53 -j ACCEPT',
      'iptables -A FORWARD -o virbr0 -j REJECT; iptables -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE',
    ],
    first: ['nothing'],
  },
  {
    name: 'banned addresses of strangers, and drops that were counted before',
    from: 'crowdsecurity/crowdsec#4517',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      table(
        'ip',
        'type filter hook input priority -10; policy accept; ip saddr @banned counter packets 4711 bytes 300000 drop',
        'set banned {\ntype ipv4_addr; elements = { 203.0.113.7, 203.0.113.8 }\n}\n',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'a mesh VPN that has no route for the LAN',
    from: 'tailscale/tailscale#13958',
    backend: 'networkmanager',
    host: [
      'ip link add tailscale0 type ifb; ip link set tailscale0 up',
      'ip route add 100.71.166.52 dev tailscale0 table 52; ip rule add priority 5270 lookup 52',
      'ip rule add priority 5250 fwmark 0x80000/0xff0000 unreachable',
    ],
    first: ['nothing'],
  },
  {
    name: 'a container on a macvlan of its own beside the guest',
    from: 'moby/libnetwork#2384',
    suite: 'bookworm',
    host: [
      'ip link add link eth0 name mv-app type macvlan mode bridge',
      // Containers have theirs in a namespace; until then they are down.
    ],
    first: ['nothing'],
  },
  {
    name: 'a policer and a shaper that let all through',
    from: 'magnific0/wondershaper#100',
    backend: 'netplan-networkd',
    host: [
      'tc qdisc add dev eth0 root tbf rate 1gbit burst 1mb latency 400ms',
      'ip link add ifb0 type ifb; ip link set ifb0 up; tc qdisc add dev eth0 handle ffff: ingress',
      'tc filter add dev eth0 parent ffff: protocol ip prio 5 u32 match ip dport 9 0xffff match ip protocol 17 0xff action mirred egress redirect dev ifb0',
    ],
    first: ['nothing'],
  },
  {
    name: 'settings against ARP flux',
    from: 'firewalld/firewalld#923',
    backend: 'ifupdown',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter',
    ],
    first: ['nothing'],
  },
];
