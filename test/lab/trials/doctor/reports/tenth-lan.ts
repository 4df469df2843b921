/** The tenth set: MTUs, MACs, and what looks alike from inside. */
import type { Fault } from '../fault.ts';

const NIC = '52:54:00:51:01:01';
const SHIM = 'ce:56:b6:6f:2b:36';
const onLan = (hook: string, rule: string): string =>
  `nft 'table netdev switch { chain port { type filter hook ${hook} device "lan0" priority 0; policy accept; ${rule} }; }'`;

export const TENTH_LAN: readonly Fault[] = [
  {
    name: 'the LAN takes smaller packets than the host sends',
    from: 'cr0x.net, MTU problems; help.vates.tech, MTU mismatches',
    backend: 'networkmanager',
    router: ['ip link set lan0 mtu 1400'],
    cause: 'The LAN has a smaller MTU (1400) than veth0 (1500).',
    first: ['path-mtu'],
  },
  {
    name: 'the switch does not take jumbo frames',
    from: 'grokdatum.github.io, MTU footguns (jumbo frames on a part of the path)',
    case: 'jumbo-mtu',
    suite: 'bookworm',
    router: ['ip link set lan0 mtu 1500'],
    cause: 'The LAN has a smaller MTU (1500) than veth0 (9000).',
    first: ['path-mtu'],
  },
  {
    name: 'a DSL script lowers the MTU of the NIC, and with it that of all links on top',
    from: 'virtualarchitects.com, MTU (PPPoE)',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip link set eth0 mtu 1400'],
    cause: 'The MTU of eth0, and so of veth0, is 1400 instead of 1500.',
    first: ['mtu-drift'],
  },
  {
    name: 'the MAC of the shim is another one after an upgrade, and the router has the old one',
    from: 'systemd.link, MACAddressPolicy=; docker-net-dhcp#27',
    suite: 'bookworm',
    router: [`ip neigh replace 198.51.100.50 lladdr ${SHIM} dev lan0 nud permanent`],
    host: ['ip link set veth0 address 02:1f:00:51:77:03'],
    cause: `The MAC of veth0 is 02:1f:00:51:77:03 instead of ${SHIM}.`,
    first: ['mac-drift'],
  },
];

/** The right answer is the honest one: several causes, and how to find out. */
export const TENTH_ALIKE: readonly Fault[] = [
  {
    name: 'a switch port lets the MAC of the NIC alone in',
    from: 'moby/moby#21735 (promiscuous mode, forged transmits); Cisco, port security',
    router: [onLan('ingress', `ether saddr != ${NIC} counter drop;`)],
    cause:
      'The LAN answers the MAC of the NIC and not that of the shim: a switch, access point or hypervisor drops foreign MACs.',
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'a hypervisor delivers frames for the MAC of the NIC alone',
    from: 'moby/moby#21735 (ESXi, MAC address changes)',
    case: 'dual-stack',
    backend: 'networkmanager',
    suite: 'sid',
    router: [onLan('egress', `ether daddr != { ${NIC}, ff:ff:ff:ff:ff:ff } counter drop;`)],
    cause:
      'The LAN answers the MAC of the NIC and not that of the shim: a switch, access point or hypervisor drops foreign MACs.',
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'the firewall of the guest lets nothing in',
    from: 'serverfault, Windows guest does not answer pings; pi-hole',
    backend: 'netplan-networkd',
    inGuest: [
      "nft 'table inet fw { chain in { type filter hook input priority 0; policy drop; }; }'",
    ],
    cause:
      'The guest answers ARP and no pings: its own firewall or routes, which the host cannot see.',
    first: ['target-firewall'],
  },
  {
    name: 'the guest has a longer prefix, so that it does not know the host',
    from: 'oneuptime.com, fix incorrect subnet mask errors',
    backend: 'ifupdown',
    suite: 'bookworm',
    inGuest: [
      'ip addr del 198.51.100.198/24 dev guest0',
      'ip addr add 198.51.100.198/28 dev guest0',
    ],
    cause:
      'The guest answers ARP and no pings: its own firewall or routes, which the host cannot see.',
    first: ['target-firewall'],
  },
  {
    name: 'the port is in another VLAN',
    from: 'ashimov.com, Proxmox networking (wrong VLAN tag)',
    suite: 'sid',
    router: [onLan('ingress', 'counter drop;')],
    cause:
      'Nobody on the LAN answers, neither the shim nor the NIC: wrong VLAN, switch, or the router is off.',
    first: ['gateway-silent'],
  },
  {
    name: 'the guest has its interface down',
    from: 'libvirt, virsh domif-getlink; guests that are not configured',
    backend: 'networkmanager',
    inGuest: ['ip link set guest0 down'],
    cause:
      'The guest is attached and does not answer ARP: it is off, has another address, or its interface is down.',
    first: ['guest-silent'],
  },
  {
    name: 'the router has a static entry of another host for the address',
    from: 'cablefree.net, IP/ARP (static entries); OPNsense, static ARP',
    backend: 'networkmanager',
    router: ['ip neigh replace 198.51.100.50 lladdr 52:54:00:51:01:77 dev lan0 nud permanent'],
    cause:
      'The gateway answers ARP and no pings: it has a wrong MAC for the host, or its firewall drops them.',
    first: ['target-firewall'],
  },
];
