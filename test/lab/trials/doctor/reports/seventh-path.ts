/** The seventh look: filters, the LAN and guests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, HOST, ruleset, SHIM_MAC, table } from './stations.ts';

const XDP = readFileSync(fileURLToPath(new URL('xdp-drop.py', import.meta.url)), 'utf8');
/** Derived from the names of host and bridge. */
const BRIDGE_MAC = '02:55:10:1c:89:dd';
const DROPS = ['firewall-drops', 'firewall-may-drop'];

export const SEVENTH_FILTERS: readonly Fault[] = [
  {
    // It was written down as a fault. Who has such rules wants them (others of the third set are healthy): printed.
    name: 'a firewall of the host that lets in answers only',
    from: 'itplaybook.org, firewalls',
    backend: 'ifupdown',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; ct state established,related accept; iif "lo" accept',
      ),
    ],
    cause: "The host's firewall drops what comes in.",
    first: ['nothing'],
  },
  {
    name: 'a policy for what goes out was tightened',
    from: 'infrarunbook.com, network unreachable',
    backend: 'networkmanager',
    host: [table('inet', 'type filter hook output priority 0; policy drop; oif "lo" accept')],
    cause: "The host's firewall drops what goes out.",
    first: DROPS,
  },
  {
    name: 'the guest is in a set of banned addresses',
    from: 'docker-mailserver/docker-mailserver#3897',
    case: 'bridge-parent',
    backend: 'networkmanager',
    host: [
      ruleset(`table inet f2b-table {
set addr-set-sshd {
type ipv4_addr; flags interval; elements = { 203.0.113.4, ${GUEST} }
}
chain f2b-chain {
type filter hook input priority filter - 1; policy accept;
ip saddr @addr-set-sshd drop
}
}`),
    ],
    cause: "The host's firewall drops packets of the guest.",
    first: DROPS,
  },
  {
    name: 'a new rule drops ICMPv6',
    from: 'kallesblog, why ICMPv6 is important',
    case: 'dual-stack',
    backend: 'networkmanager',
    host: [table('inet', 'type filter hook input priority 0; meta l4proto ipv6-icmp drop')],
    cause: "The host's firewall drops ICMPv6.",
    first: DROPS,
  },
  {
    name: 'the default policy for ARP is to drop',
    from: 'bbonev/eoip#38',
    case: 'side-shim',
    host: [table('arp', 'type filter hook input priority 0; policy drop')],
    cause: "The host's firewall drops ARP.",
    first: DROPS,
  },
  {
    name: 'a filter against spoofed MACs at the NIC takes the shim for one',
    from: 'ovirt.org, network filtering',
    backend: 'ifupdown',
    host: [
      table(
        'netdev',
        `type filter hook ingress device "eth0" priority 0; ether daddr ${SHIM_MAC} drop`,
      ),
    ],
    cause: 'A rule at the NIC drops what is for the shim.',
    first: DROPS,
  },
  {
    // The machine's kernel has no `action drop`: a classifier that returns it.
    name: 'traffic control drops what comes in',
    from: 'hashnode, dropping packets using tc',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [
      "tc qdisc add dev eth0 ingress; tc filter add dev eth0 parent ffff: bpf direct-action bytecode '1,6 0 0 2,'",
    ],
    cause: 'A tc filter at the NIC drops.',
    first: ['traffic-control-drops'],
  },
  {
    // The machine's kernel has no netem: the queue that drops all.
    name: 'a test of losses was forgotten on the shim',
    from: 'walterfan, tc netem',
    case: 'side-shim',
    backend: 'ifupdown',
    host: ['tc qdisc replace dev veth0 root blackhole'],
    cause: 'A queue on the shim drops.',
    first: ['traffic-control-drops'],
  },
  {
    name: 'shaping by an ifb that is down',
    from: 'walterfan, tc: ifb',
    case: 'bridge-parent',
    backend: 'ifupdown',
    host: [
      'ip link add ifb0 type ifb; tc qdisc add dev eth0 handle ffff: ingress; tc filter add dev eth0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ifb0',
    ],
    cause: 'A tc filter at the NIC redirects everything to ifb0.',
    first: ['traffic-control-drops'],
  },
  {
    name: 'an XDP program at the parent of two shims',
    from: 'cilium/cilium#3107',
    case: 'two-shims',
    backend: 'ifupdown',
    host: [`cat >/run/x.py <<'X'\n${XDP}X\npython3 /run/x.py eth0`],
    cause: 'An XDP program at the NIC.',
    first: ['xdp-may-drop'],
  },
  {
    // It was written down as a fault. Who has such rules wants them (others of the third set are healthy): printed.
    name: 'the firewall has the name of the NIC, and the shim is new',
    from: 'ronzz.org, ufw allow in on eth0',
    case: 'two-parents',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; ct state established,related accept; iif "lo" accept; iifname "eth0" accept',
      ),
    ],
    cause: "The host's firewall drops what arrives on the shim.",
    first: ['nothing'],
  },
  {
    name: 'iptables has the guest as a source to drop',
    from: 'blackbox-atlas, deny traffic safely',
    case: 'dual-stack',
    backend: 'ifupdown',
    host: [`iptables -I INPUT -s ${GUEST} -j DROP`],
    cause: "The host's firewall drops packets of the guest.",
    first: ['firewall-drops'],
  },
];

export const SEVENTH_LAN: readonly Fault[] = [
  {
    name: 'the router has cached the MAC of the old machine',
    from: 'shebangme.blogspot.com, clear its ARP',
    case: 'side-shim',
    backend: 'ifupdown',
    router: [`ip neigh replace ${HOST} lladdr 02:00:00:de:ad:02 dev lan0 nud permanent`],
    cause: 'The gateway answers ARP and no ping: its firewall, or an old MAC there.',
    first: ['target-firewall'],
  },
  {
    name: 'a workstation has the address of the host',
    from: 'jmaclabs.com, duplicate IP',
    case: 'dual-stack',
    backend: 'networkmanager',
    router: [`ip addr add ${HOST}/24 dev lan0`],
    cause: 'Another station has the address of the host.',
    first: ['address-conflict'],
  },
  {
    name: 'a cloned guest has the address of the host',
    from: 'cr0x.net, find the culprit of an IP conflict',
    case: 'two-parents',
    backend: 'ifupdown',
    inGuest: [`ip addr add ${HOST}/24 dev guest0`],
    cause: 'A guest has the address of the host.',
    first: ['address-conflict'],
  },
  {
    name: 'a test machine has the address of the guest',
    from: 'grokdatum.github.io, ARP flux and duplicate IP',
    case: 'bridge-parent',
    backend: 'ifupdown',
    router: [`ip addr add ${GUEST}/24 dev lan0`],
    cause: 'Two stations have the address of the guest.',
    first: ['address-conflict'],
  },
  {
    name: 'a provider with port security',
    from: 'maciej.lasyk.info (Hetzner), williamlam.com (ESXi)',
    case: 'bridge-parent',
    backend: 'networkmanager',
    router: [
      table(
        'netdev',
        `type filter hook ingress device lan0 priority 0; ether saddr != ${BRIDGE_MAC} drop`,
      ),
      'ip neigh flush all',
    ],
    host: ['ip neigh flush all'],
    cause: 'The switch drops MACs other than that of the NIC.',
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'the trunk does not have the VLAN of the host',
    from: 'msazure.club, Docker macvlan demystified',
    case: 'dual-stack',
    backend: 'networkmanager',
    router: [table('netdev', 'type filter hook ingress device lan0 priority 0; drop')],
    host: ['ip neigh flush all'],
    cause: 'Nobody answers: VLAN, switch, port.',
    first: ['gateway-silent'],
  },
  {
    name: 'the router is off, and a neighbour of the LAN is on',
    from: 'explaintopic.com, destination host unreachable',
    backend: 'networkmanager',
    router: [`ip addr add 198.51.100.1/24 dev lan0; ip addr del ${GATEWAY}/24 dev lan0`],
    host: ['ip neigh flush all'],
    cause: 'The gateway does not answer.',
    first: ['gateway-silent'],
  },
  {
    name: 'the guest of a side shim changed its MAC itself',
    from: 'libvirt: NIC_RX_FILTER_CHANGED; cockpit-project/cockpit-machines#1968',
    case: 'side-shim',
    backend: 'networkmanager',
    inGuest: ['ip link set guest0 down; ip link set guest0 address aa:00:04:00:01:04 up'],
    host: ['ip neigh flush all'],
    cause: 'The guest sends from another MAC than its macvtap has.',
    first: ['guest-mac-differs'],
  },
  {
    name: 'multicast does not reach the guest of a host with both families',
    from: 'microvm-nix/microvm.nix#97, canonical/lxd#11309, virt-manager/virt-manager#676',
    case: 'dual-stack',
    backend: 'ifupdown',
    asks: '2001:db8:51::198',
    host: [
      'ip link set macvtap0 allmulticast off; ip link set macvtap0 promisc off',
      'echo 1 >/proc/sys/net/ipv6/conf/macvtap0/disable_ipv6; ip -6 neigh flush all',
    ],
    cause: 'Multicast does not reach the guest.',
    first: ['guest-multicast'],
  },
  {
    name: "the cloud image's own firewall",
    from: 'kata-containers/runtime#1808',
    case: 'bridge-parent',
    backend: 'networkmanager',
    inGuest: [table('inet', 'type filter hook input priority 0; policy drop')],
    cause: "The guest answers ARP and no ping: the guest's firewall.",
    first: ['target-firewall'],
  },
  {
    name: 'the guest has an address of another subnet',
    from: 'oneuptime.com, fix incorrect subnet mask',
    case: 'two-parents',
    backend: 'networkmanager',
    inGuest: ['ip addr flush dev guest0; ip addr add 192.168.1.198/24 dev guest0'],
    cause: 'The guest is silent: address, interface, driver.',
    first: ['guest-silent'],
  },
  {
    name: "libvirt set the guest's link down",
    from: 'libvirt: link state; balena-io-experimental/balena-virt#3',
    case: 'bridge-parent',
    backend: 'networkmanager',
    inGuest: ['ip link set guest0 down'],
    cause: 'The guest is silent: address, interface, driver.',
    first: ['guest-silent'],
  },
  {
    name: 'the list of running guests is empty',
    from: 'avocado-framework/avocado-vt#522',
    case: 'dual-stack',
    backend: 'networkmanager',
    guest: 'none',
    asks: GUEST,
    cause: 'The guest does not run.',
    first: ['guest-absent'],
  },
];
