/**
 * A fourth look at public reports, within the closed list of causes: the LAN and guests.
 * Written down, with the cause in plain words, before the first run and without a look at the program's causes.
 */
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, NIC_MAC, table } from './stations.ts';

export const FOURTH_LAN: readonly Fault[] = [
  {
    name: 'the hypervisor below lets one MAC through, and the shim gets no lease',
    from: 'openSUSE/wicked#756',
    case: 'dhcp',
    suite: 'bookworm',
    router: [
      table(
        'netdev',
        `type filter hook ingress device lan0 priority 0; ether saddr != ${NIC_MAC} drop`,
      ),
    ],
    host: ['ip addr flush dev veth0 scope global'],
    cause: 'The shim has no lease; the switch may drop foreign MACs.',
    first: ['lease-missing', 'foreign-macs-dropped'],
  },
  {
    name: 'a switch drops foreign MACs on a host with IPv6 alone',
    from: 'canonical/lxd#2248',
    case: 'ipv6-static',
    backend: 'ifupdown',
    suite: 'bookworm',
    router: [
      table(
        'netdev',
        `type filter hook ingress device lan0 priority 0; ether saddr != ${NIC_MAC} drop`,
      ),
    ],
    host: ['ip -6 neigh flush all'],
    cause:
      'The gateway does not answer: it is down, another VLAN, or a switch that drops foreign MACs.',
    first: ['gateway-silent', 'foreign-macs-dropped'],
  },
  {
    name: 'the port is in another VLAN, below a side shim',
    from: 'cr0x.net: VMs of Proxmox have no Internet',
    case: 'side-shim',
    backend: 'ifupdown',
    router: [table('netdev', 'type filter hook ingress device lan0 priority 0; drop')],
    host: ['ip neigh flush all'],
    cause: 'The gateway does not answer: it is down, or in another VLAN.',
    first: ['gateway-silent'],
  },
  {
    name: 'the gateway answers by IPv6 alone',
    from: 'docker/docs#7370',
    case: 'dual-stack',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: [`ip addr del ${GATEWAY}/24 dev lan0`],
    host: ['ip neigh flush all'],
    cause: 'The IPv4 gateway does not answer.',
    first: ['gateway-silent'],
  },
  {
    name: 'the guest has lost its IPv6 address',
    from: 'openai/orchard#181',
    case: 'ipv6-static',
    suite: 'bookworm',
    inGuest: ['ip -6 addr flush dev guest0 scope global'],
    host: ['ip link set macvtap0 allmulticast on; ip -6 neigh flush all'],
    cause: 'The guest does not answer at that address.',
    first: ['guest-silent'],
  },
  {
    name: "the guest's firewall refuses pings, and says so",
    from: 'firewalld/firewalld#1205',
    backend: 'ifupdown',
    inGuest: [
      table(
        'inet',
        'type filter hook input priority 10; meta l4proto icmp reject with icmpx admin-prohibited',
      ),
    ],
    cause: "The guest's own firewall.",
    first: ['target-firewall'],
  },
  {
    name: 'the guest does not run, and others do',
    from: 'cloud-hypervisor/cloud-hypervisor#2215',
    backend: 'networkmanager',
    suite: 'bookworm',
    guest: 'none',
    asks: GUEST,
    host: [
      'for n in 1 2; do ip link add link eth0 name macvtap$n address 52:54:00:51:01:d$n type macvtap mode bridge; ip link set macvtap$n up; done',
    ],
    cause: 'The guest does not answer: none of those attached may be it.',
    first: ['guest-absent', 'guest-silent'],
  },
  {
    name: 'a side shim without a route to guests',
    from: 'docker/docs#22607',
    case: 'side-shim-without-route',
    asks: '198.51.100.198',
    inGuest: [`ip addr add ${GUEST}/24 dev guest0 || true`],
    cause: 'No route of the shim has the guest: packets leave by the NIC itself.',
    first: ['guest-outside-routes'],
  },
  {
    name: "the intent's own mode keeps the shim from guests",
    from: 'openshift/baremetal-runtimecfg#78',
    case: 'mode-private',
    asks: GUEST,
    inGuest: [`ip addr add ${GUEST}/24 dev guest0 || true`],
    cause: "The shim's mode, private, keeps the host from guests.",
    first: ['shim-mode', 'guest-mode'],
  },
  {
    name: "the intent's own mode needs a switch that reflects frames",
    from: 'jpetazzo/pipework#239',
    case: 'mode-vepa',
    backend: 'ifupdown',
    asks: GUEST,
    inGuest: [`ip addr add ${GUEST}/24 dev guest0 || true`],
    cause: "The shim's mode, vepa, keeps the host from guests unless the switch reflects frames.",
    first: ['shim-mode', 'guest-mode'],
  },
  {
    name: 'the IPv6 address of the guest is outside of what goes by the side shim',
    from: 'pi-hole/docker-pi-hole#1252',
    case: 'side-shim-ipv6',
    backend: 'ifupdown',
    asks: '2001:db8:51::60',
    inGuest: ['ip addr add 2001:db8:51::60/64 dev guest0 nodad'],
    cause: "The guest's address is outside of the routes of the side shim.",
    first: ['guest-outside-routes'],
  },
  {
    name: "the guest's IPv6 address is on a bridge inside, with another MAC",
    from: 'harvester/harvester#5401, kubevirt/kubevirt#2935',
    case: 'ipv6-static',
    backend: 'netplan-networkd',
    asks: '2001:db8:51::198',
    inGuest: [
      'ip link set guest0 down; ip link set guest0 address 52:54:00:51:01:c7 up; ip addr add 2001:db8:51::198/64 dev guest0 nodad',
    ],
    host: ['ip link set macvtap0 allmulticast on; ip -6 neigh flush all'],
    cause: "The guest uses another MAC than its device's.",
    first: ['guest-mac-differs', 'guest-silent'],
  },
];
