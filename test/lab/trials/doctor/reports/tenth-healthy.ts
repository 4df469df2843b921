/** The tenth set: healthy hosts that are lived in. Nothing may be named. */
import type { Fault } from '../fault.ts';

const NOTHING = ['nothing'];
const bridge = (name: string, address: string): string =>
  `ip link add ${name} type bridge; ip addr add ${address} dev ${name}; ip link set ${name} up`;
const tunnel = (name: string): string =>
  `ip link add ${name} type veth peer name peer-of-tun; ip link set peer-of-tun up; ip link set ${name} arp off up`;

export const TENTH_LIVED_IN: readonly Fault[] = [
  {
    name: 'healthy: Docker with its chains and a network',
    from: 'moby/moby, DOCKER-USER, DOCKER-FORWARD',
    host: [
      bridge('docker0', '172.17.0.1/16'),
      bridge('br-0a1b2c3d4e5f', '172.18.0.1/16'),
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      'iptables -P FORWARD DROP',
      'for chain in DOCKER DOCKER-FORWARD DOCKER-USER DOCKER-BRIDGE; do iptables -N $chain; done',
      'iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -j DOCKER-FORWARD; iptables -A DOCKER-USER -j RETURN',
      'iptables -A DOCKER-FORWARD -i docker0 -j ACCEPT; iptables -A DOCKER ! -i docker0 -o docker0 -j DROP; iptables -A DOCKER-BRIDGE -o docker0 -j DOCKER',
      'iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      'iptables -t raw -A PREROUTING -d 172.18.0.2/32 ! -i br-0a1b2c3d4e5f -j DROP',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: libvirt with its default network',
    from: 'libvirt, network driver, nftables backend',
    backend: 'networkmanager',
    host: [
      bridge('virbr0', '192.168.122.1/24'),
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      `nft 'table ip libvirt_network { chain forward { type filter hook forward priority 0; policy accept; jump guest_cross; jump guest_input; jump guest_output; }; chain guest_output { ip saddr 192.168.122.0/24 iif "virbr0" counter accept; iif "virbr0" counter reject; }; chain guest_input { oif "virbr0" ip daddr 192.168.122.0/24 ct state established,related counter accept; oif "virbr0" counter reject; }; chain guest_cross { iif "virbr0" oif "virbr0" counter accept; }; chain guest_nat { type nat hook postrouting priority 100; ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 counter masquerade; }; }'`,
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: firewalld with the shim in public',
    from: 'firewalld, nftables backend',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'nft \'table inet firewalld { chain filter_PREROUTING { type filter hook prerouting priority 10; policy accept; icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept; meta nfproto ipv6 fib saddr . mark . iif oif missing drop; }; chain filter_INPUT { type filter hook input priority 10; policy accept; ct state { established, related } accept; ct status dnat accept; iifname "lo" accept; ct state invalid drop; jump zones; reject with icmpx admin-prohibited; }; chain zones { iifname "eth1" goto public; goto public; }; chain public { tcp dport 22 ct state new,untracked accept; meta l4proto { icmp, ipv6-icmp } accept; reject with icmpx admin-prohibited; }; }\'',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: ufw with its defaults',
    from: 'ufw-framework(8), before.rules',
    backend: 'netplan-networkd',
    host: [
      'iptables -N ufw-before-input; iptables -N ufw-after-input; iptables -N ufw-not-local',
      'iptables -A INPUT -j ufw-before-input; iptables -A INPUT -j ufw-after-input',
      'iptables -A ufw-before-input -i lo -j ACCEPT; iptables -A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'iptables -A ufw-before-input -m conntrack --ctstate INVALID -j DROP',
      'for type in destination-unreachable time-exceeded parameter-problem echo-request; do iptables -A ufw-before-input -p icmp --icmp-type $type -j ACCEPT; done',
      'iptables -A ufw-before-input -j ufw-not-local; iptables -A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN; iptables -A ufw-not-local -m addrtype --dst-type MULTICAST -j RETURN; iptables -A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN; iptables -A ufw-not-local -j DROP',
      'iptables -P INPUT DROP; iptables -P FORWARD DROP',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: tailscale with routes of other sites',
    from: 'tailscale/tailscale, router_linux',
    suite: 'bookworm',
    host: [
      tunnel('tailscale0'),
      'ip addr add 100.79.30.91/32 dev tailscale0',
      'ip route add 100.71.166.52 dev tailscale0 table 52; ip route add 192.168.80.0/24 dev tailscale0 table 52; ip route add throw 127.0.0.0/8 table 52',
      'ip rule add pref 5210 fwmark 0x80000/0xff0000 lookup main; ip rule add pref 5230 fwmark 0x80000/0xff0000 lookup default; ip rule add pref 5250 fwmark 0x80000/0xff0000 unreachable; ip rule add pref 5270 lookup 52',
      'iptables -N ts-input; iptables -I INPUT -j ts-input; iptables -A ts-input -s 100.79.30.91/32 -i lo -j ACCEPT; iptables -A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP; iptables -A ts-input -i tailscale0 -j ACCEPT',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: kubernetes with a block of calico',
    from: 'projectcalico/calico#2612; kubernetes, KUBE-FIREWALL',
    suite: 'sid',
    host: [
      'ip route add blackhole 10.33.92.0/26 proto bird',
      'ip link add cali0f1e2d3c type veth peer name c0; ip link set cali0f1e2d3c up; ip route add 10.33.92.9/32 dev cali0f1e2d3c scope link',
      'iptables -N KUBE-FIREWALL; iptables -A INPUT -j KUBE-FIREWALL; iptables -A OUTPUT -j KUBE-FIREWALL; iptables -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
      'iptables -N KUBE-FORWARD; iptables -A FORWARD -j KUBE-FORWARD; iptables -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: keepalived with a second address and ARP settings',
    from: 'kb.linux-vs.org, ARP issues in LVS/DR; acassen/keepalived',
    backend: 'ifupdown',
    host: [
      'ip addr add 198.51.100.60/32 dev veth0',
      'ip addr add 203.0.113.80/32 dev lo',
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: incus with its bridge, dual stack',
    from: 'lxc/incus, nftables driver',
    case: 'dual-stack',
    suite: 'sid',
    backend: 'networkmanager',
    host: [
      `${bridge('incusbr0', '10.118.22.1/24')}; ip -6 addr add fd42:4242:1::1/64 dev incusbr0 nodad`,
      'nft \'table inet incus { chain pstrt.incusbr0 { type nat hook postrouting priority 100; policy accept; ip saddr 10.118.22.0/24 ip daddr != 10.118.22.0/24 masquerade; }; chain fwd.incusbr0 { type filter hook forward priority 0; policy accept; oifname "incusbr0" accept; iifname "incusbr0" accept; }; chain in.incusbr0 { type filter hook input priority 0; policy accept; iifname "incusbr0" udp dport 67 accept; }; }\'',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: two containers of Podman on macvlans of the NIC',
    from: 'containers/netavark#690',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'for n in 1 2; do unshare -n sleep 300 >/dev/null 2>&1 & sleep 0.3; ip link add pod$n link eth0 type macvlan mode bridge; ip link set pod$n netns $!; nsenter -t $! -n sh -c "ip addr add 198.51.100.21$n/24 dev pod$n; ip link set pod$n up"; done',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: a fallback default route with a high metric',
    from: 'netplan.io, route metrics; LTE as a fallback',
    backend: 'netplan-networkmanager',
    host: [
      tunnel('wwan0'),
      'ip addr add 10.64.64.2/30 dev wwan0; ip route add default via 10.64.64.1 dev wwan0 metric 20700 onlink',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: fail2ban and crowdsec with other stations in their lists',
    from: 'crazy-max/docker-fail2ban#29',
    suite: 'bullseye',
    host: [
      "nft 'table inet f2b-table { set addr-set-sshd { type ipv4_addr; elements = { 120.18.36.14, 192.0.2.77 }; }; chain f2b-chain { type filter hook input priority -1; policy accept; tcp dport 22 ip saddr @addr-set-sshd reject with icmp type port-unreachable; }; }'",
      "nft 'table ip crowdsec { set blacklists { type ipv4_addr; elements = { 203.0.113.66 }; }; chain input { type filter hook input priority -10; policy accept; ip saddr @blacklists counter packets 1402 bytes 84120 drop; }; }'",
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: a strict IPv6 firewall that knows neighbour discovery',
    from: 'RFC 4890; wiki.nftables.org, simple ruleset for a server',
    case: 'dual-stack',
    suite: 'bookworm',
    host: [
      "nft 'table inet filter { chain input { type filter hook input priority 0; policy drop; iif lo accept; ct state established,related accept; ct state invalid counter drop; ip protocol icmp icmp type { echo-request, destination-unreachable } accept; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, echo-request, packet-too-big } accept; tcp dport { 22, 16509 } accept; counter; }; chain forward { type filter hook forward priority 0; policy drop; }; }'",
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: the right entries, permanent',
    from: 'arp(8); cablefree.net, IP/ARP (static entries)',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip neigh replace 198.51.100.198 lladdr 52:54:00:51:01:c6 dev veth0 nud permanent',
      'ip neigh replace 198.51.100.254 lladdr 52:54:00:51:01:fe dev veth0 nud permanent',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: a hardening guide was followed',
    from: 'CIS Debian Linux Benchmark, network parameters',
    suite: 'bookworm',
    host: [
      'for k in all default veth0 eth0; do echo 1 >/proc/sys/net/ipv4/conf/$k/rp_filter; echo 1 >/proc/sys/net/ipv4/conf/$k/log_martians; echo 0 >/proc/sys/net/ipv4/conf/$k/accept_redirects; echo 0 >/proc/sys/net/ipv4/conf/$k/send_redirects; done',
      'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts; echo 1 >/proc/sys/net/ipv4/conf/all/arp_filter',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: a table for the own address that has the subnet',
    from: 'serverfault.com/questions/869481, the answer',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'ip route add 198.51.100.0/24 dev veth0 src 198.51.100.50 table 200; ip route add default via 198.51.100.254 dev veth0 table 200',
      'ip rule add from 198.51.100.50 lookup 200 pref 1000',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: wg-quick with all addresses, and the LAN beside it',
    from: 'wg-quick(8), suppress_prefixlength',
    host: [
      tunnel('wg0'),
      'ip addr add 10.66.0.2/32 dev wg0; ip route add 10.66.0.0/24 dev wg0',
      'ip rule add not fwmark 0xca6c table 51820 pref 32765; ip rule add table main suppress_prefixlength 0 pref 32764; ip route add 10.66.0.0/16 dev wg0 table 51820',
      'nft \'table ip wg-quick-wg0 { chain preraw { type filter hook prerouting priority -300; policy accept; iifname != "wg0" ip daddr 10.66.0.2 fib saddr type != local drop; }; }\'',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: bogons are discarded with high metrics',
    from: 'team-cymru.com, bogon routes; OpenWrt, unreachable routes',
    backend: 'networkmanager',
    suite: 'sid',
    host: [
      'for net in 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10; do ip route add unreachable $net metric 4278198272; done',
      'ip -6 route add unreachable fc00::/7 dev lo metric 2147483647 || true',
    ],
    first: NOTHING,
  },
  {
    name: 'healthy: the local table is asked later',
    from: 'ip-rule(8); l3mdev, local table after others',
    backend: 'ifupdown',
    suite: 'sid',
    host: ['ip rule add pref 1000 lookup local; ip rule del pref 0'],
    first: NOTHING,
  },
];
