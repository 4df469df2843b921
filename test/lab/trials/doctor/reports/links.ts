/** What people reported of links and addresses. */
import type { Fault } from '../fault.ts';
import { HOST, SHIM_MAC } from './stations.ts';

export const LINKS: readonly Fault[] = [
  {
    name: 'the NIC has another name since the upgrade',
    from: 'offensive-security/kali-arm-build-scripts#70',
    backend: 'ifupdown',
    guest: 'none',
    host: ['ip link del veth0', 'ip link set eth0 down', 'ip link set eth0 name enp1s0 up'],
    first: ['link-missing'],
  },
  {
    name: 'NetworkManager does not manage the shim any more',
    from: 'acassen/keepalived#2164',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: ['nmcli device set veth0 managed no', 'sleep 1'],
    first: ['daemon-state', 'link-missing', 'link-down', 'address-missing'],
  },
  {
    name: 'VRRP took the carrier of the shim away',
    from: 'FRRouting, VRRP: protodown of macvlan devices',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: ['ip link set dev veth0 protodown on'],
    first: ['no-carrier'],
  },
  {
    name: 'the NIC is not in the bridge any more',
    from: 'devplayer0/docker-net-dhcp#19',
    case: 'bridge-parent',
    // Daemons make it a port again at once.
    backend: 'ifupdown',
    host: ['ip link set eth0 nomaster'],
    first: ['link-setting-drift', 'no-carrier'],
  },
  {
    name: 'the port of the bridge does not forward',
    from: 'bisdn/basebox#390, OpenNebula/one-deploy#290',
    case: 'bridge-parent',
    suite: 'bookworm',
    host: ['bridge link set dev eth0 state 0', 'ip neigh flush all'],
    first: ['bridge-port-blocked'],
  },
  {
    name: 'the cable of the port of the bridge is out',
    from: 'acassen/keepalived#2164',
    case: 'bridge-parent',
    backend: 'netplan-networkd',
    router: ['ip link set lan0 down'],
    host: ['sleep 1'],
    first: ['no-carrier'],
  },
  {
    name: 'a DHCP client gave the static address a lifetime, and it is over',
    from: 'canonical/cloud-init#6967',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      `ip addr change ${HOST}/24 dev veth0 valid_lft 1 preferred_lft 1`,
      // The kernel looks at lifetimes every few seconds.
      'for i in 1 2 3 4 5 6 7 8 9 10; do ip -4 addr show dev veth0 | grep -q inet || break; sleep 1; done',
    ],
    first: ['address-missing'],
  },
  {
    name: 'a shim that was made by hand before has the address, too',
    from: 'markdumay/synology-pihole#3',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'ip link add link eth0 name macvlan-shim type macvlan mode bridge',
      `ip addr add ${HOST}/32 dev macvlan-shim; ip link set macvlan-shim up`,
    ],
    first: ['address-twice'],
  },
  {
    name: 'another host has the IPv6 address: duplicate detection failed',
    from: 'metallb/metallb#1592, ClusterLabs/resource-agents#180',
    case: 'ipv6-static',
    backend: 'ifupdown',
    router: ['ip addr add 2001:db8:51::50/64 dev lan0 nodad'],
    host: [
      'ip addr del 2001:db8:51::50/64 dev veth0',
      'ip addr add 2001:db8:51::50/64 dev veth0; sleep 3',
      'ip -6 route replace default via 2001:db8:51::fe dev veth0 || true',
    ],
    first: ['address-duplicate'],
  },
  {
    name: 'IPv6 is turned off on the whole host',
    from: 'moby/moby#32639, ovh/overthebox-feeds#841',
    case: 'ipv6-static',
    // NetworkManager turns it on again for its links.
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6', 'sleep 1'],
    first: ['ipv6-disabled'],
  },
  {
    name: 'router advertisements are not accepted any more',
    from: 'truenas/middleware#15290, moby/moby#43466',
    case: 'slaac',
    backend: 'ifupdown',
    host: [
      'echo 0 >/proc/sys/net/ipv6/conf/veth0/accept_ra',
      'ip -6 addr flush dev veth0 scope global; ip -6 route flush dev veth0 proto ra; true',
    ],
    first: ['advertisements-ignored', 'lease-missing'],
  },
  {
    name: "a guest was started with the shim's MAC, and its device does not come up",
    from: 'moby/libnetwork#2273, systemd/systemd#680',
    backend: 'netplan-networkmanager',
    guest: 'none',
    host: [
      `ip link add link eth0 name macvtap0 address ${SHIM_MAC} type macvtap mode bridge`,
      'ip link set macvtap0 up || true',
    ],
    first: ['duplicate-mac'],
  },
];
