/** The ninth set: hosts with lived-in surroundings, where all is well. */
import type { Fault } from '../fault.ts';

const link = (name: string, address: string): string[] => [
  `ip link add ${name} type veth peer name ${name}x`,
  `ip link set ${name} up`,
  `ip link set ${name}x up`,
  `ip addr add ${address} dev ${name}`,
];
const healthy = (
  name: string,
  from: string,
  rest: Omit<Fault, 'name' | 'from' | 'first'>,
): Fault => ({
  name: `ninth: healthy: ${name}`,
  from,
  cause: 'Nothing.',
  first: ['nothing'],
  isHarmless: true,
  ...rest,
});

export const NINTH_LIVED_IN: readonly Fault[] = [
  healthy('docker', 'docs.docker.com, packet filtering and firewalls', {
    case: 'dual-stack',
    suite: 'bookworm',
    scenery: { host: ['ip link set macvtap0 allmulticast on'] },
    host: [
      'ip link add docker0 type bridge',
      'ip addr add 172.17.0.1/16 dev docker0',
      'ip link set docker0 up',
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      'iptables -P FORWARD DROP',
      'iptables -N DOCKER',
      'iptables -N DOCKER-USER',
      'iptables -A FORWARD -j DOCKER-USER',
      'iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'iptables -A DOCKER ! -i docker0 -o docker0 -j DROP',
      'iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      'ip6tables -P FORWARD DROP',
    ],
  }),
  healthy("libvirt's default network", 'libvirt.org/firewall.html', {
    backend: 'networkmanager',
    host: [
      'ip link add virbr0 type bridge',
      'ip addr add 192.168.122.1/24 dev virbr0',
      'ip link set virbr0 up',
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      'nft add table ip libvirt_network',
      'nft "add chain ip libvirt_network forward { type filter hook forward priority 0; }"',
      'nft add rule ip libvirt_network forward oifname virbr0 ct state established accept',
      'nft add rule ip libvirt_network forward oifname virbr0 counter reject',
      'nft add rule ip libvirt_network forward iifname virbr0 counter reject',
    ],
  }),
  healthy('firewalld', 'firewalld/firewalld#1508: its rules', {
    case: 'slaac',
    backend: 'netplan-networkd',
    scenery: { host: ['ip link set macvtap0 allmulticast on'] },
    host: [
      'nft add table inet firewalld',
      'nft "add chain inet firewalld pre { type filter hook prerouting priority -290; }"',
      'nft add rule inet firewalld pre icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept',
      'nft add rule inet firewalld pre meta nfproto ipv6 fib saddr . mark . iif oif missing drop',
      'nft "add chain inet firewalld input { type filter hook input priority 10; }"',
      'nft add rule inet firewalld input ct state established,related accept',
      'nft add rule inet firewalld input iifname lo accept',
      'nft add rule inet firewalld input ct state invalid drop',
      'nft add rule inet firewalld input meta l4proto { icmp, ipv6-icmp } accept',
      'nft add rule inet firewalld input tcp dport 22 accept',
      'nft add rule inet firewalld input reject with icmpx type admin-prohibited',
    ],
  }),
  healthy('ufw', 'ufw(8)', {
    case: 'dual-stack',
    suite: 'bullseye',
    scenery: { host: ['ip link set macvtap0 allmulticast on'] },
    host: ['iptables', 'ip6tables'].flatMap((tables) => {
      const icmp = tables === 'iptables' ? 'icmp' : 'ipv6-icmp';
      return [
        `${tables} -A INPUT -i lo -j ACCEPT`,
        `${tables} -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        `${tables} -A INPUT -m conntrack --ctstate INVALID -j DROP`,
        `${tables} -A INPUT -p ${icmp} -j ACCEPT`,
        `${tables} -A INPUT -p tcp --dport 22 -j ACCEPT`,
        `${tables} -P INPUT DROP`,
        `${tables} -P FORWARD DROP`,
      ];
    }),
  }),
  healthy('tailscale', 'tailscale/tailscale#1527: its rules', {
    backend: 'networkmanager',
    suite: 'sid',
    host: [
      ...link('tailscale0', '100.64.0.5/32'),
      'ip route add 100.64.0.0/10 dev tailscale0 table 52',
      'ip rule add pref 5210 fwmark 0x80000/0xff0000 lookup main',
      'ip rule add pref 5230 fwmark 0x80000/0xff0000 lookup default',
      'ip rule add pref 5250 fwmark 0x80000/0xff0000 unreachable',
      'ip rule add pref 5270 lookup 52',
    ],
  }),
  healthy('wg-quick with a default route', 'wg-quick(8)', {
    backend: 'netplan-networkd',
    host: [
      ...link('wg0', '10.66.0.2/32'),
      'ip route add default dev wg0 table 51820',
      'ip rule add not fwmark 51820 table 51820',
      'ip rule add table main suppress_prefixlength 0',
      'echo 1 >/proc/sys/net/ipv4/conf/all/src_valid_mark',
    ],
  }),
  healthy('more addresses', 'keepalived.conf(5)', {
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip addr add 198.51.100.60/24 dev veth0',
      'ip addr add 198.51.100.61/32 dev veth0 label veth0:vip',
      'ip addr add 10.0.0.1/32 dev lo',
    ],
  }),
  healthy('a real server of LVS', 'kb.linuxvirtualserver.org, LVS-DR', {
    host: [
      'ip addr add 203.0.113.80/32 dev lo',
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
    ],
  }),
  healthy('containers and other guests on the NIC', 'podman-network-create(1), macvlan', {
    case: 'two-shims',
    suite: 'sid',
    host: [
      'ip link add link eth0 name macvtap9 type macvtap mode vepa',
      'ip link add link eth0 name mv-pod type macvlan mode bridge',
      'unshare -n sleep 300 >/dev/null 2>&1 & sleep 0.3; ip link set mv-pod netns $!',
    ],
  }),
  healthy('fail2ban and blackholes', 'fail2ban/fail2ban#104', {
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip route add blackhole 45.125.0.0/16',
      'ip route add unreachable 192.168.0.0/16 metric 999',
      'nft add table inet f2b-table',
      'nft "add set inet f2b-table sshd { type ipv4_addr; }"',
      'nft "add element inet f2b-table sshd { 141.98.0.9, 45.125.0.7, 192.0.2.66 }"',
      'nft "add chain inet f2b-table c { type filter hook input priority -1; }"',
      'nft add rule inet f2b-table c tcp dport 22 ip saddr @sshd reject',
      'nft add rule inet f2b-table c ip saddr @sshd drop',
    ],
  }),
  healthy('traffic shaping', 'tc-tbf(8)', {
    suite: 'bullseye',
    host: [
      'tc qdisc replace dev eth0 root tbf rate 100mbit burst 128kb latency 50ms',
      'tc qdisc add dev veth0 ingress',
    ],
  }),
  healthy('neighbours of all states', 'ip-neighbour(8)', {
    backend: 'netplan-networkmanager',
    host: [
      'ip neigh replace 198.51.100.254 lladdr 52:54:00:51:01:fe dev veth0 nud permanent',
      'ip neigh replace 198.51.100.77 lladdr 02:00:00:00:00:77 dev veth0 nud stale',
      'ping -c1 -W1 198.51.100.99 || true',
    ],
  }),
  healthy('flannel', 'flannel-io/flannel, backend vxlan', {
    case: 'two-parents',
    suite: 'bookworm',
    host: [
      'ip link add flannel.1 type vxlan id 1 dev veth0 dstport 8472 nolearning',
      'ip addr add 10.244.0.0/32 dev flannel.1',
      'ip link set flannel.1 up',
      'ip route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink',
      'ip neigh add 10.244.1.0 lladdr 02:00:00:00:01:00 dev flannel.1 nud permanent',
      'bridge fdb append 02:00:00:00:01:00 dev flannel.1 dst 192.0.2.77',
    ],
  }),
  healthy('IPsec to another site', 'strongswan, bypass-lan', {
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'ip xfrm policy add dir out src 198.51.100.0/24 dst 10.99.0.0/16 tmpl src 198.51.100.50 dst 203.0.113.77 proto esp mode tunnel',
      'ip xfrm policy add dir out src 198.51.100.0/24 dst 198.51.100.0/24 priority 1',
      'ip xfrm policy add dir in src 198.51.100.0/24 dst 198.51.100.0/24 priority 1',
    ],
  }),
  healthy('hardened sysctls', 'dev-sec/ansible-collection-hardening', {
    case: 'side-shim',
    backend: 'ifupdown',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter',
      'echo 1 >/proc/sys/net/ipv4/conf/all/log_martians',
      'echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects',
      'echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects',
      'echo 0 >/proc/sys/net/ipv6/conf/all/accept_redirects',
    ],
  }),
];
