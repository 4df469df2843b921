/** The eleventh set: routes, firewalls, MTU, sysctls. Written before anybody looked at what is named. */
import type { Fault } from '../fault.ts';

const GUEST = '198.51.100.198';
const HOST = '198.51.100.50';
const ROUTER = '198.51.100.254';
const BEYOND = '203.0.113.9';
const BEYOND6 = '2001:db8:99::9';
const beyond = { router: [`ip addr add ${BEYOND}/32 dev lo; ip link set lo up`] };
const beyond6 = { router: [`ip addr add ${BEYOND6}/128 dev lo; ip link set lo up`] };
/** A tunnel, as far as routes are concerned. */
const tunnel = (name: string): string =>
  `ip link add ${name} type veth peer name ${name}p && ip link set ${name} up && ip link set ${name}p up`;

export const ROUTES: readonly Fault[] = [
  {
    name: 'no default route since an update',
    from: 'systemd/systemd#38894; systemd/systemd#24999',
    scenery: beyond,
    host: ['ip route del default'],
    broken: ['host', BEYOND],
    cause: 'The default route is missing.',
    first: ['route-missing'],
  },
  {
    name: 'no default route on a host of ifupdown',
    from: 'Debian: an interface that was down and up keeps no route',
    backend: 'ifupdown',
    suite: 'bookworm',
    scenery: beyond,
    host: ['ip link set veth0 down', 'ip link set veth0 up'],
    broken: ['host', BEYOND],
    cause: 'The default route is missing.',
    first: ['route-missing'],
  },
  {
    name: 'a default route to a gateway that was replaced',
    from: 'Server Fault: destination host unreachable after the router was replaced',
    backend: 'networkmanager',
    suite: 'bullseye',
    scenery: beyond,
    host: ['ip route flush exact default', 'ip route add default via 198.51.100.253 dev veth0'],
    broken: ['host', BEYOND],
    cause:
      'The default route leads to another gateway than that of the intent (and which does not answer): the right one is missing.',
    first: ['route-missing'],
  },
  {
    name: 'IPv6 without default route, IPv4 with it',
    from: 'docker/for-linux#844',
    backend: 'netplan-networkd',
    case: 'dual-stack',
    scenery: beyond6,
    host: ['ip -6 route del default'],
    broken: ['host', BEYOND6],
    cause: 'The IPv6 default route is missing.',
    first: ['route-missing'],
  },
  {
    name: 'a VPN that takes all by two halves',
    from: 'OpenVPN: redirect-gateway def1',
    suite: 'sid',
    scenery: beyond,
    host: [tunnel('tun0'), 'ip route add 0.0.0.0/1 dev tun0', 'ip route add 128.0.0.0/1 dev tun0'],
    broken: ['host', BEYOND],
    cause: 'Routes of tun0 (0.0.0.0/1, 128.0.0.0/1) take what goes by the default route.',
    // Missed: as in earlier sets whoever has it wants it, and it is printed.
    first: ['nothing'],
  },
  {
    name: 'accepted routes of a mesh VPN take the own LAN',
    from: 'tailscale/tailscale#5999, #15055',
    suite: 'bookworm',
    host: [
      tunnel('tailscale0'),
      'ip route add 198.51.100.0/24 dev tailscale0 table 52',
      'ip rule add priority 5270 lookup 52',
    ],
    broken: ['host', GUEST],
    cause: 'A rule and its table 52 send packets for the own LAN to tailscale0.',
    first: ['route-elsewhere'],
  },
  {
    name: "containers' bridge in the LAN's range",
    from: 'bitwarden/server#947; moby/moby#24796',
    backend: 'networkmanager',
    host: [
      'ip link add br-828c78b615e2 type bridge',
      'ip addr add 198.51.100.193/26 dev br-828c78b615e2; ip link set br-828c78b615e2 up',
      'sleep 1',
    ],
    broken: ['host', GUEST],
    cause: 'The bridge br-828c78b615e2 has a network that the guest is in: packets go to it.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a guest that was banned by a route',
    from: 'fail2ban: action.d/route.conf',
    backend: 'ifupdown',
    suite: 'trixie',
    host: [`ip route add unreachable ${GUEST}`],
    broken: ['host', GUEST],
    cause: 'A route says that the guest is unreachable.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a side shim without its route',
    from: 'pi-hole/docker-pi-hole#1252',
    case: 'side-shim',
    host: ['ip route del 198.51.100.192/27'],
    broken: ['host', GUEST],
    cause: 'The route to the range of the guests by the shim is missing.',
    first: ['route-missing'],
  },
  {
    name: 'a side shim with the route of another range',
    from: 'HolgerHees/smartserver; docker-pi-hole#1252',
    case: 'side-shim',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip route del 198.51.100.192/27', 'ip route add 198.51.100.224/27 dev veth0'],
    broken: ['host', GUEST],
    cause: 'The route to the range of the guests by the shim is missing.',
    first: ['route-missing'],
  },
];

const nft = (chain: string, ...rules: readonly string[]): string[] => [
  'nft add table inet filter',
  `nft add chain inet filter c '{ ${chain} }'`,
  ...rules.map((rule) => `nft add rule inet filter c ${rule}`),
];

export const SETTINGS: readonly Fault[] = [
  {
    name: 'a firewall that knows the NIC by name, and not the shim',
    from: 'firewalld/firewalld#923; kubernetes/kubernetes#59044',
    host: nft(
      'type filter hook input priority 0; policy drop;',
      'iif lo accept',
      'iifname eth0 accept',
      'counter',
    ),
    broken: ['guest', HOST],
    cause: 'A firewall rule of the host (nftables, input) drops what comes in by the shim.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'the same with iptables',
    from: 'serverfault.com: iptables -i eth0 after the move to macvlan',
    backend: 'ifupdown',
    suite: 'bullseye',
    host: [
      'iptables -A INPUT -i lo -j ACCEPT',
      'iptables -A INPUT -i eth0 -j ACCEPT',
      'iptables -P INPUT DROP',
    ],
    broken: ['router', HOST],
    cause: 'The firewall of the host (iptables, INPUT) drops what comes in by the shim.',
    first: ['firewall-drops'],
  },
  {
    name: 'an egress rule for the range of the guests',
    from: 'containers/netavark#528',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: nft(
      'type filter hook output priority 0;',
      'oifname veth0 ip daddr 198.51.100.192/27 counter reject',
    ),
    broken: ['host', GUEST],
    cause: 'A firewall rule of the host (nftables, output) rejects what goes to the guests.',
    first: ['firewall-drops'],
  },
  {
    name: 'a blocklist that has the range of the guests',
    from: 'crazy-max/docker-fail2ban#29; CrowdSec bouncer',
    suite: 'sid',
    host: [
      'nft add table ip crowdsec',
      "nft add set ip crowdsec black '{ type ipv4_addr; flags interval; }'",
      "nft add element ip crowdsec black '{ 198.51.100.192/27, 192.0.2.0/24 }'",
      "nft add chain ip crowdsec in '{ type filter hook input priority -10; }'",
      'nft add rule ip crowdsec in ip saddr @black counter drop',
    ],
    broken: ['guest', HOST],
    cause: 'A firewall rule of the host (nftables, a set) drops what comes from the guest.',
    first: ['firewall-drops'],
  },
  {
    name: 'ARP filtered by a table of its own',
    from: 'netfilter: arptables; moby/libnetwork#2008',
    suite: 'trixie',
    host: [
      'nft add table arp filter',
      "nft add chain arp filter in '{ type filter hook input priority 0; }'",
      'nft add rule arp filter in iifname veth0 counter drop',
    ],
    broken: ['host', GUEST],
    cause: 'A firewall rule of the host (nftables, family arp) drops ARP on the shim.',
    first: ['firewall-drops'],
  },
  {
    name: 'ICMPv6 blocked as a whole',
    from: 'RFC 4890; moby/moby#48365',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: ['ip6tables -A INPUT -p icmpv6 -j DROP'],
    broken: ['guest', '2001:db8:51::50'],
    cause:
      'The firewall of the host (ip6tables, INPUT) drops ICMPv6, neighbour solicitations among them.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'the shim lowered for a VPN',
    from: 'moby/libnetwork#2274; rancher/rancher#10498',
    host: ['ip link set veth0 mtu 1400'],
    broken: ['host', `ping -c 2 -W 1 -s 1472 -M do ${GUEST}`],
    cause: "The shim's MTU (1400) is less than that of the LAN and the guests.",
    // Missed: what others send is taken, and this host sends smaller packets. It is printed now.
    first: ['nothing'],
  },
  {
    name: 'jumbo frames, and a switch that forwards none',
    from: 'albb0920/aqtion-freebsd-aq2#3; Server Fault: jumbo frames on the switch',
    case: 'jumbo-mtu',
    router: ['ip link set lan0 mtu 1500'],
    broken: ['host', `ping -c 2 -W 1 -s 8000 -M do ${ROUTER}`],
    cause:
      'The LAN (switch or router) forwards no frames as long as the MTU of NIC and shim (9000).',
    first: ['path-mtu'],
  },
  {
    name: 'jumbo frames lost on the NIC',
    from: 'openedx-unsupported/configuration#1861',
    case: 'jumbo-mtu',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip link set eth0 mtu 1500'],
    broken: ['host', `ping -c 2 -W 1 -s 8000 -M do ${ROUTER}`],
    cause:
      'The MTU of the NIC (1500) is less than that of the intent (9000), and with it the shim.',
    first: ['mtu-drift'],
  },
  {
    name: "strict ARP of a cluster's proxy, with a side shim",
    from: 'kubernetes: kube-proxy strictARP; lxc/incus-os#386',
    case: 'side-shim-other-address',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
    ],
    broken: ['guest', HOST],
    cause: "arp_ignore=1: the host does not answer guests' ARP for the NIC's address by the shim.",
    first: ['arp-ignored', 'sysctl-drift'],
  },
  {
    name: 'strict rp_filter by a hardening guide, with a side shim of another address',
    from: 'kube-vip/kube-vip#1170, #1218; CIS: rp_filter',
    case: 'side-shim-other-address',
    suite: 'bookworm',
    host: [
      'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done; echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_ignore',
    ],
    broken: ['router', '198.51.100.51'],
    cause:
      'rp_filter=1: what the LAN sends to the shim is dropped, as the answer leaves by the NIC.',
    first: ['rp-filter-drops'],
  },
  {
    name: 'IPv6 disabled by a hardening guide',
    from: 'CIS: disable IPv6; docker/docs#25376',
    case: 'dual-stack',
    suite: 'bookworm',
    host: ['echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'],
    broken: ['guest', '2001:db8:51::50'],
    cause: 'IPv6 is disabled (disable_ipv6); or: the IPv6 address is missing. Both are right.',
    first: ['ipv6-disabled', 'address-missing'],
  },
  {
    name: 'forwarding for containers: router advertisements are ignored',
    from: 'moby/moby#43466; nextcloud/all-in-one#4392',
    case: 'slaac',
    backend: 'ifupdown',
    scenery: beyond6,
    host: [
      'echo 1 >/proc/sys/net/ipv6/conf/veth0/accept_ra',
      'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
      'ip -6 route del default dev veth0 2>/dev/null || true',
      'sleep 6',
    ],
    broken: ['host', BEYOND6],
    cause:
      'The host forwards IPv6 and ignores router advertisements (accept_ra is not 2); or: the IPv6 default route is missing. Both are right.',
    first: ['advertisements-ignored', 'route-missing'],
  },
];
