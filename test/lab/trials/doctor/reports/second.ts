/** A second look at public reports, chosen and written down before any of it was run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, GUEST_MAC, HOST, table } from './stations.ts';

const XDP = readFileSync(fileURLToPath(new URL('xdp-drop.py', import.meta.url)), 'utf8');

export const SECOND: readonly Fault[] = [
  {
    name: 'an exit node takes everything, the LAN included',
    from: 'tailscale/tailscale#9413',
    backend: 'netplan-networkmanager',
    host: [
      'ip link add tailscale0 type ifb; ip link set tailscale0 up',
      'ip route add default dev tailscale0 table 52; ip rule add priority 5270 lookup 52',
    ],
    first: ['route-elsewhere'],
  },
  {
    name: 'a rule sends what comes from the subnet of the LAN into a tunnel',
    from: 'skycoin/skywire#3551, sonic-net/SONiC#551',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip link add tun9 type ifb; ip link set tun9 up; ip route add default dev tun9 table 100',
      'ip rule add priority 50 from 198.51.100.0/24 lookup 100',
    ],
    first: ['route-elsewhere'],
  },
  {
    name: 'packets to the LAN are refused by a rule',
    from: 'tailscale/tailscale#15055: unreachable',
    suite: 'sid',
    host: ['ip rule add priority 5250 to 198.51.100.0/24 unreachable'],
    first: ['route-elsewhere'],
  },
  {
    name: "a DHCP client has put an address on the guest's device",
    from: 'NixOS/nixpkgs#67966',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'ip addr add 198.51.100.120/24 dev macvtap0',
      `ip addr del ${HOST}/24 dev veth0; ip addr add ${HOST}/24 dev veth0; ip route replace default via ${GATEWAY} dev veth0; ip neigh flush all`,
    ],
    first: ['route-elsewhere'],
  },
  {
    name: 'the bridge is down',
    from: 'bisdn/basebox#399',
    case: 'bridge-parent',
    backend: 'ifupdown',
    host: ['ip link set br0 down'],
    first: ['link-down'],
  },
  {
    name: 'a container has taken the shim',
    from: 'canonical/lxd: nictype physical; incus#2596',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: ['unshare -n sleep 60 </dev/null >/dev/null 2>&1 & sleep 1; ip link set veth0 netns $!'],
    first: ['link-missing'],
  },
  {
    name: 'NetworkManager has disconnected the shim',
    from: 'netgroup-polito/un-orchestrator#126',
    backend: 'networkmanager',
    host: ['nmcli device disconnect veth0', 'sleep 1'],
    first: ['link-missing', 'daemon-state', 'link-down'],
  },
  {
    // It was written down as a fault, and `path-mtu` expected. The kernel makes packets fit, and all arrive: printed.
    name: 'a route with a small MTU that is locked',
    from: 'firewalld/firewalld#835: it was an invalid MTU',
    backend: 'ifupdown',
    suite: 'bullseye',
    host: [`ip route replace 198.51.100.0/24 dev veth0 src ${HOST} mtu lock 1200`],
    first: ['nothing'],
  },
  {
    name: 'the lease has gone on a host of netplan',
    from: 'openSUSE/wicked#756',
    case: 'dhcp',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: ['ip addr flush dev veth0 scope global'],
    first: ['lease-missing'],
  },
  {
    name: "two machines have the guest's address",
    from: 'openai/orchard#181, moby/moby#22174',
    backend: 'ifupdown',
    suite: 'bookworm',
    router: [`ip addr add ${GUEST}/24 dev lan0`],
    first: ['address-conflict'],
  },
  {
    name: "the guest has the gateway's address, too",
    from: 'moby/libnetwork#1447',
    backend: 'networkmanager',
    inGuest: [`ip addr add ${GATEWAY}/24 dev guest0`],
    first: ['address-conflict'],
  },
  {
    name: "the guest's firewall drops neighbour discovery",
    from: 'firewalld/firewalld#36',
    case: 'ipv6-static',
    backend: 'networkmanager',
    suite: 'bookworm',
    inGuest: [
      table('ip6', 'type filter hook input priority 0; policy drop; ct state established accept'),
    ],
    host: ['ip link set macvtap0 allmulticast on; ip -6 neigh flush all'],
    first: ['guest-silent'],
  },
  {
    name: 'the cables of two NICs are swapped',
    from: 'k8snetworkplumbingwg/multus-cni#1183',
    case: 'two-parents',
    router: [
      `ip addr del ${GATEWAY}/24 dev lan0; ip addr del 192.0.2.254/24 dev lan1`,
      `ip addr add ${GATEWAY}/24 dev lan1; ip addr add 192.0.2.254/24 dev lan0`,
      // Each answers for its own addresses only, as two machines would.
      'echo 1 >/proc/sys/net/ipv4/conf/lan0/arp_ignore; echo 1 >/proc/sys/net/ipv4/conf/lan1/arp_ignore',
    ],
    host: ['ip neigh flush all'],
    first: ['gateway-silent'],
  },
  {
    name: 'connections are not tracked, and the rules rely on it',
    from: 'crowdsecurity/crowdsec#1572',
    backend: 'netplan-networkd',
    host: [
      'iptables -t raw -A OUTPUT -p icmp -j CT --notrack; iptables -t raw -A PREROUTING -p icmp -j CT --notrack',
      'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables -A INPUT -i lo -j ACCEPT; iptables -P INPUT DROP',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables lets out what leaves by the NIC, and the host uses the shim',
    from: 'NixOS/nixpkgs#271453, binhex/arch-delugevpn#34',
    suite: 'bullseye',
    host: [
      table(
        'inet',
        'type filter hook output priority 0; policy drop; oifname { "lo", "eth0" } accept',
      ),
    ],
    first: ['firewall-may-drop', 'firewall-drops'],
  },
  {
    name: "the guest's MAC is on a list",
    from: 'irai/netfilter#19',
    backend: 'netplan-networkmanager',
    suite: 'bookworm',
    host: [`iptables-legacy -A INPUT -m mac --mac-source ${GUEST_MAC} -j DROP`],
    first: ['firewall-drops'],
  },
  {
    name: 'ip6tables denies by default, and neighbour discovery with it',
    from: 'ComplianceAsCode/content#5257',
    case: 'ipv6-static',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip6tables -A INPUT -i lo -j ACCEPT; ip6tables -A INPUT -m state --state ESTABLISHED -j ACCEPT; ip6tables -P INPUT DROP',
      'ip -6 neigh flush all',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'no ARP leaves by default',
    from: 'threefoldtech/zos#1102',
    backend: 'netplan-networkd',
    host: [
      table('arp', 'type filter hook output priority 0; policy drop; arp operation reply accept'),
      'ip neigh flush all',
    ],
    first: ['firewall-may-drop', 'firewall-drops'],
  },
  {
    name: 'a rule at the ingress of the NIC drops the LAN',
    from: 'mitchellkrogza/nginx-ultimate-bad-bot-blocker#666: ingress of the inet family',
    backend: 'networkmanager',
    suite: 'sid',
    host: [
      table(
        'inet',
        'type filter hook ingress device "eth0" priority 0; ip saddr 198.51.100.0/24 drop',
      ),
    ],
    first: ['firewall-may-drop', 'firewall-drops'],
  },
  {
    name: 'an XDP program on the shim',
    from: 'gamemann/xdp-firewall#5',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [`python3 - veth0 <<'PROGRAM'\n${XDP}PROGRAM`, 'ip neigh flush all'],
    first: ['xdp-may-drop'],
  },
  {
    name: 'what leaves the NIC is mirrored to a device that is down',
    from: 'firehol/firehol#6',
    backend: 'ifupdown',
    host: [
      'ip link add fireqos_monitor type ifb; tc qdisc add dev eth0 clsact',
      'tc filter add dev eth0 egress protocol all u32 match u32 0 0 action mirred egress redirect dev fireqos_monitor',
      'ip neigh flush all',
    ],
    first: ['traffic-control-drops'],
  },
  {
    name: 'a private shim, and a blackhole for the guest',
    from: 'openshift/baremetal-runtimecfg#78 beside fail2ban, action route',
    suite: 'bookworm',
    host: ['ip link set veth0 type macvlan mode private', `ip route add blackhole ${GUEST}/32`],
    first: ['link-setting-drift', 'route-elsewhere'],
  },
];

/** Healthy hosts again. */
export const SECOND_LIVED_IN: readonly Fault[] = [
  {
    name: 'a full tunnel that excepts the LAN',
    from: 'firewalld/firewalld#1600, wg-quick(8)',
    backend: 'networkmanager',
    host: [
      'ip link add wg9 type ifb; ip link set wg9 up; ip route add default dev wg9 table 51820',
      'ip rule add priority 101 not fwmark 51820 table 51820; ip rule add priority 100 table main suppress_prefixlength 0',
    ],
    first: ['nothing'],
  },
  {
    name: 'half of the world each by a tunnel',
    from: 'openvpn(8), redirect-gateway def1',
    suite: 'bookworm',
    host: [
      'ip link add tun9 type ifb; ip link set tun9 up; ip route add 0.0.0.0/1 dev tun9; ip route add 128.0.0.0/1 dev tun9',
    ],
    first: ['nothing'],
  },
  {
    name: 'services of Kubernetes',
    from: 'kubernetes/kubernetes#59976',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip link add kube-ipvs0 type bridge; ip addr add 10.96.0.1/32 dev kube-ipvs0',
      'iptables -t nat -N KUBE-SERVICES; iptables -t nat -A OUTPUT -j KUBE-SERVICES; iptables -t nat -A KUBE-SERVICES -d 10.96.0.10/32 -p udp --dport 53 -j DNAT --to-destination 10.244.0.2:53',
      'iptables -t nat -N KUBE-POSTROUTING; iptables -t nat -A POSTROUTING -j KUBE-POSTROUTING; iptables -t nat -A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
      'iptables -N KUBE-FIREWALL; iptables -A OUTPUT -j KUBE-FIREWALL; iptables -A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP',
    ],
    first: ['nothing'],
  },
  {
    name: 'UFW as it is by default',
    from: 'konstruktoid/hardening#336',
    backend: 'netplan-networkd',
    suite: 'bullseye',
    host: [
      'iptables -N ufw-before-input; iptables -A INPUT -j ufw-before-input; iptables -A ufw-before-input -i lo -j ACCEPT',
      'iptables -A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A ufw-before-input -m conntrack --ctstate INVALID -j DROP',
      'iptables -A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT; iptables -P INPUT DROP; iptables -P FORWARD DROP',
    ],
    first: ['nothing'],
  },
];
