/** The eleventh set: healthy hosts that are lived in. Nothing may be named. */
import type { Fault } from '../fault.ts';

const NOTHING = { isHarmless: true, cause: 'Nothing: all is well.', first: ['nothing'] } as const;
const HARDENED = 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 >$f; done';
const bridge = (name: string, address: string): string =>
  `ip link add ${name} type bridge && ip addr add ${address} dev ${name} && ip link set ${name} up`;
const tunnel = (name: string, address: string): string =>
  `ip link add ${name} type veth peer name ${name}p && ip addr add ${address} dev ${name} && ip link set ${name} up && ip link set ${name}p up`;

export const LIVED_IN: readonly Fault[] = [
  {
    name: 'lived-in: Docker beside it',
    from: 'moby/moby#39439',
    host: [
      bridge('docker0', '172.17.0.1/16'),
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      'iptables -P FORWARD DROP',
      'iptables -N DOCKER-USER',
      'iptables -A FORWARD -j DOCKER-USER',
      'iptables -A FORWARD -i docker0 -j ACCEPT',
    ],
    ...NOTHING,
  },
  {
    name: "lived-in: libvirt's own network beside it",
    from: 'docker/for-linux#949',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      bridge('virbr0', '192.168.122.1/24'),
      'iptables -N LIBVIRT_INP',
      'iptables -I INPUT -j LIBVIRT_INP',
      'iptables -A LIBVIRT_INP -i virbr0 -p udp --dport 67 -j ACCEPT',
      'iptables -A FORWARD -o virbr0 -j REJECT',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: a mesh VPN that takes no LAN',
    from: 'tailscale/tailscale#15055',
    suite: 'sid',
    host: [
      tunnel('tailscale0', '100.64.0.9/32'),
      'ip route add 100.64.0.1 dev tailscale0 table 52',
      'ip rule add priority 5210 fwmark 0x80000/0xff0000 lookup main',
      'ip rule add priority 5250 fwmark 0x80000/0xff0000 unreachable',
      'ip rule add priority 5270 lookup 52',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: a firewall that drops by default and lets ping, ssh and answers in',
    from: 'Debian wiki: nftables, workstation',
    suite: 'bookworm',
    host: [
      'nft add table inet filter',
      "nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'",
      'nft add rule inet filter input iif lo accept',
      'nft add rule inet filter input meta l4proto icmp accept',
      'nft add rule inet filter input tcp dport 22 accept',
      'nft add rule inet filter input counter drop',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: containers on macvlans of their own',
    from: 'moby/moby#21735',
    backend: 'netplan-networkd',
    host: [
      'ip link add link eth0 name mv1 type macvlan mode bridge',
      'ip link add link eth0 name mv2 type macvlan mode bridge',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: two stacks, and ICMPv6 let in',
    from: 'RFC 4890',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      // As a hypervisor does that trusts the guest's filters.
      'ip link set macvtap0 allmulticast on',
      'ip6tables -A INPUT -i lo -j ACCEPT',
      'ip6tables -A INPUT -p icmpv6 -j ACCEPT',
      'ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT',
      'ip6tables -P INPUT DROP',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: sysctls of a hardening guide that harm nothing here',
    from: 'moonbuggy in fifteenhex/xradio#11',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
      HARDENED,
      'for f in /proc/sys/net/ipv4/conf/*/accept_redirects; do echo 0 >$f; done',
    ],
    ...NOTHING,
  },
  {
    name: "lived-in: a cluster's bridge and forwarding",
    from: 'flannel: cni0 and its routes',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      bridge('cni0', '10.244.0.1/24'),
      'ip route add 10.244.1.0/24 via 198.51.100.254',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: neighbours that are switched off',
    from: 'royhills/arp-scan#47',
    suite: 'sid',
    host: ['ping -c 1 -W 1 198.51.100.77 || true', 'ping -c 1 -W 1 198.51.100.78 || true'],
    ...NOTHING,
  },
  {
    name: 'lived-in: banned strangers beside a side shim',
    from: 'crazy-max/docker-fail2ban#29',
    case: 'side-shim',
    host: [
      'nft add table inet f2b',
      "nft add set inet f2b banned '{ type ipv4_addr; }'",
      "nft add element inet f2b banned '{ 192.0.2.66, 203.0.113.66 }'",
      "nft add chain inet f2b in '{ type filter hook input priority -1; }'",
      'nft add rule inet f2b in ip saddr @banned counter drop',
      'ip route add unreachable 203.0.113.77',
    ],
    ...NOTHING,
  },
  {
    name: 'lived-in: a virtual address of keepalived on the shim',
    from: 'acassen/keepalived#1234',
    case: 'two-parents',
    backend: 'ifupdown',
    host: ['ip addr add 198.51.100.40/32 dev veth0'],
    ...NOTHING,
  },
  {
    name: 'lived-in: a lease, jumbo-capable tunnel, and a second default route of higher metric',
    from: 'canonical/cloud-init#6854',
    case: 'dhcp',
    host: [
      tunnel('wg0', '10.8.0.2/24'),
      'ip link set wg0 mtu 1420',
      'ip route add default dev wg0 metric 4000',
      'ip route add 10.9.0.0/16 dev wg0',
    ],
    ...NOTHING,
  },
];
