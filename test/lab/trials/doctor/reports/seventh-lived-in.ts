/** The seventh look: healthy hosts of unusual shape. */
import type { Fault } from '../fault.ts';
import { GATEWAY, GATEWAY_MAC, ruleset, table } from './stations.ts';

export const SEVENTH_LIVED_IN: readonly Fault[] = [
  {
    name: 'containers, their bridge, and a policy that forwards nothing',
    from: 'dipankardas, network coexistence; wiki.libvirt.org, bridge-nf-call',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; iptables -P FORWARD DROP; iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      'echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables || true',
    ],
    first: ['nothing'],
  },
  {
    name: 'a parent without ARP',
    from: 'miniupnp/miniupnp#470',
    backend: 'ifupdown',
    host: ['ip link set eth0 arp off'],
    first: ['nothing'],
  },
  {
    // It was written down as healthy, and looks like a router that has an old MAC of the host.
    name: 'a router that answers ARP and no pings',
    from: 'itplaybook.org, firewalls',
    case: 'side-shim',
    backend: 'ifupdown',
    router: [table('ip', 'type filter hook input priority 0; icmp type echo-request drop')],
    first: ['target-firewall'],
  },
  {
    name: 'a firewall that is open to the LAN, with counters',
    from: 'fastfox.pro, nftables and ICMPv6',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; ct state invalid counter drop; ct state established,related counter accept; iif "lo" accept; ip protocol icmp counter accept; meta l4proto ipv6-icmp counter accept; ip saddr 198.51.100.0/24 counter accept; counter drop',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'a tunnel for a few networks, with its marks',
    from: 'layer77.net, split tunnels',
    backend: 'networkmanager',
    host: [
      'ip link add wg0 type ifb; ip link set wg0 up; ip addr add 10.8.0.2/24 dev wg0; ip route add 10.4.0.0/16 dev wg0; ip route add 10.9.0.0/16 dev wg0 table 51820',
      'ip rule add priority 100 fwmark 0xca6c lookup main; ip rule add priority 101 not fwmark 0xca6c lookup 51820',
    ],
    first: ['nothing'],
  },
  {
    name: 'all rules of a mesh, and no route of the LAN',
    from: 'tailscale/tailscale#15055',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      'ip link add tailscale0 type ifb; ip link set tailscale0 up; ip addr add 100.71.166.52/32 dev tailscale0; ip route add 100.64.0.0/10 dev tailscale0 table 52',
      'ip rule add priority 5210 fwmark 0x80000/0xff0000 lookup main; ip rule add priority 5230 fwmark 0x80000/0xff0000 lookup default; ip rule add priority 5250 fwmark 0x80000/0xff0000 unreachable; ip rule add priority 5270 lookup 52',
    ],
    first: ['nothing'],
  },
  {
    name: 'a spare NIC without a cable',
    from: 'moby/moby#49593',
    backend: 'ifupdown',
    host: ['ip link add eth7 type veth peer name far7; ip link set eth7 up'],
    first: ['nothing'],
  },
  {
    name: 'strict filtering by the return path, everywhere',
    from: 'Red Hat solution 53031',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done'],
    first: ['nothing'],
  },
  {
    name: 'jumbo frames on all of the path',
    from: 'grokdatum.github.io, MTU street ops',
    case: 'jumbo-mtu',
    backend: 'networkmanager',
    first: ['nothing'],
  },
  {
    name: 'stations that are gone, among the neighbours',
    from: 'devopsaitoolkit.com, ip neigh',
    backend: 'ifupdown',
    host: [
      'ip neigh add 198.51.100.77 lladdr 02:00:00:00:00:77 dev veth0 nud stale; ping -c 1 -W 1 198.51.100.78 || true',
    ],
    first: ['nothing'],
  },
  {
    name: 'traffic control of others: a filter for GRE, and a queue for each flow',
    from: 'hashnode, dropping packets using tc',
    case: 'side-shim',
    backend: 'ifupdown',
    host: [
      'ip link add ifb0 type ifb; tc qdisc add dev eth0 ingress; tc filter add dev eth0 parent ffff: protocol ip prio 1 u32 match ip protocol 47 0xff action mirred egress redirect dev ifb0; tc qdisc replace dev veth0 root pfifo limit 100',
    ],
    first: ['nothing'],
  },
  {
    name: 'blackholes for strangers and private networks',
    from: 'fail2ban/fail2ban#104, systemd/systemd#797',
    backend: 'ifupdown',
    host: [
      'ip route add blackhole 203.0.113.7/32; ip route add unreachable 10.0.0.0/8 metric 4000',
    ],
    first: ['nothing'],
  },
  {
    name: 'a container with a macvlan of its own',
    from: 'moby: macvlan driver',
    backend: 'networkmanager',
    host: [
      'unshare -n sleep 60 </dev/null >/dev/null 2>&1 & sleep 1; ip link add link eth0 name mv7 type macvlan mode bridge; ip link set mv7 netns $!; nsenter -t $! -n sh -c "ip addr add 198.51.100.210/24 dev mv7; ip link set mv7 up"',
    ],
    first: ['nothing'],
  },
  {
    name: 'a second default route of a higher metric',
    from: 'unix.stackexchange.com 337332',
    backend: 'ifupdown',
    host: [
      'ip link add wwan7 type ifb; ip link set wwan7 up; ip addr add 192.168.77.2/24 dev wwan7; ip route add default via 192.168.77.1 dev wwan7 metric 5000',
    ],
    first: ['nothing'],
  },
  {
    name: "a permanent entry that has the gateway's true MAC",
    from: 'explaintopic.com, ARP table not updating',
    backend: 'networkmanager',
    host: [`ip neigh replace ${GATEWAY} lladdr ${GATEWAY_MAC} dev veth0 nud permanent`],
    first: ['nothing'],
  },
  {
    name: 'strangers in a set of banned addresses',
    from: 'docker-mailserver/docker-mailserver#2669',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [
      ruleset(`table inet f2b-table {
set addr-set-custom {
type ipv4_addr; flags interval; elements = { 74.120.14.0/24, 162.142.125.0/24 }
}
chain f2b-chain {
type filter hook input priority filter - 1; policy accept;
ip saddr @addr-set-custom counter drop
}
}`),
    ],
    first: ['nothing'],
  },
  {
    // It was written down as a fault: between macvlans the MTU of the NIC counts (macvlan_queue_xmit).
    name: "the guest's device has a smaller MTU",
    from: 'blog.ipspace.net, Linux bridge MTU hell',
    backend: 'ifupdown',
    host: ['ip link set macvtap0 mtu 1280'],
    first: ['nothing'],
  },
];
