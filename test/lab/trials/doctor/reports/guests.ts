/** What people reported of guests. */
import type { Fault } from '../fault.ts';
import { GUEST_MAC } from './stations.ts';

export const GUESTS: readonly Fault[] = [
  {
    name: "the guest uses another MAC than its device's",
    from: 'kubevirt/kubevirt#2935, liquidmetal-dev/flintlock#231',
    inGuest: ['ip link set guest0 down; ip link set guest0 address 52:54:00:51:01:c7 up'],
    host: ['ip neigh flush all'],
    first: ['guest-mac-differs'],
  },
  {
    name: 'the guest answers by its second interface',
    from: 'harvester/harvester#5401',
    backend: 'networkmanager',
    suite: 'bookworm',
    inGuest: [
      'ip link add eth1 type bridge; ip link set eth1 up; ip addr add 198.51.100.77/24 dev eth1',
      'ip route del 198.51.100.0/24 dev guest0',
    ],
    first: ['target-firewall'],
  },
  {
    name: "the guest is on libvirt's own network",
    from: 'cockpit-project/cockpit#14676',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    guest: 'none',
    asks: '198.51.100.198',
    host: [
      'ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up',
      'ip link add vnet0 type veth peer name inside0; ip link set vnet0 master virbr0 up; ip link set inside0 up',
    ],
    first: ['guest-absent', 'guest-on-other-link'],
  },
  {
    name: 'the guest does not get multicast, and so no neighbour discovery',
    from: 'virt-manager/virt-manager#676, debops/debops#2675',
    case: 'ipv6-static',
    backend: 'networkmanager',
    // Another one than the device's own, whose group the host joins for it.
    asks: '2001:db8:51::198',
    host: [
      'ip link set macvtap0 allmulticast off; ip link set macvtap0 promisc off',
      'echo 1 >/proc/sys/net/ipv6/conf/macvtap0/disable_ipv6; ip -6 neigh flush all',
    ],
    first: ['guest-multicast'],
  },
  {
    name: 'hardening: the guest answers no echo requests',
    from: 'konstruktoid/hardening#336',
    backend: 'netplan-networkmanager',
    suite: 'bookworm',
    inGuest: ['echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'],
    first: ['target-firewall'],
  },
  {
    name: 'a device was made, and no guest has opened it',
    from: 'microvm-nix/microvm.nix#365',
    backend: 'netplan-networkd',
    guest: 'none',
    asks: '198.51.100.198',
    host: [
      `ip link add link eth0 name macvtap0 address ${GUEST_MAC} type macvtap mode bridge; ip link set macvtap0 up`,
    ],
    first: ['guest-silent', 'guest-absent'],
  },
  {
    name: 'a mainframe attaches its guests in mode vepa',
    from: 'IBM/Ansible-OpenShift-Provisioning#509',
    backend: 'networkmanager',
    suite: 'bookworm',
    guest: { mode: 'vepa' },
    first: ['guest-mode'],
  },
];
