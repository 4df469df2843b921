/** A third look at public reports: links, routes and rules. Written down before a look at the program's causes. */
import type { Fault } from '../fault.ts';
import { GATEWAY, GATEWAY_MAC, GUEST_MAC, HOST } from './stations.ts';

const IN_NAMESPACE = 'unshare -n sleep 60 </dev/null >/dev/null 2>&1 & sleep 1';

export const THIRD_LINKS: readonly Fault[] = [
  {
    name: 'a container has taken the NIC',
    from: 'openwrt/netifd#83, jpetazzo/pipework#242',
    backend: 'ifupdown',
    host: [`${IN_NAMESPACE}; ip link set eth0 netns $!`],
    cause: 'The NIC is not in this network namespace.',
    first: ['link-missing'],
  },
  {
    name: 'the NIC was handed to a guest with the rest of its IOMMU group',
    from: 'ra1nstorm/ra1nstorm-helper#131, kubernetes-sigs/dranet#186',
    suite: 'bookworm',
    guest: 'none',
    host: ['ip link del eth0'],
    cause: 'The NIC does not exist.',
    first: ['link-missing'],
  },
  {
    name: "the shim's MTU is below what IPv6 needs",
    from: 'sonic-net/SONiC#294, systemd/systemd#3046',
    case: 'ipv6-static',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip link set veth0 mtu 1000'],
    cause: "The shim's MTU is another than the intent's, and turns IPv6 off.",
    first: ['mtu-drift'],
  },
  {
    name: 'the port of the switch wants 802.1X, and nobody has logged in',
    from: 'openSUSE/wicked#69, NixOS/nixpkgs#10804',
    backend: 'netplan-networkd',
    router: [
      `nft -f - <<'X'\ntable netdev f {\nchain i {\ntype filter hook ingress device lan0 priority 0; ether type != 0x888e drop\n}\n}\nX`,
    ],
    host: [
      'ip link set dev eth0 mode dormant; ip link set dev eth0 state dormant; ip neigh flush all',
    ],
    cause: 'The NIC is dormant: it has a carrier and waits for 802.1X.',
    first: ['link-dormant'],
  },
  {
    name: 'the queue for broadcasts has the length 0',
    from: 'ip-link(8), macvlan bcqueuelen',
    host: [
      'ip link set veth0 type macvlan bcqueuelen 0; ip link set macvtap0 type macvtap bcqueuelen 0',
    ],
    cause:
      'Broadcasts of the LAN, ARP requests among them, are dropped at the NIC: bcqueuelen is 0.',
    first: ['broadcasts-dropped'],
  },
  {
    name: 'the port of the bridge neither learns nor floods',
    from: 'libvirt.org/formatnetwork.html, macTableManager',
    case: 'bridge-parent',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      `bridge link set dev eth0 learning off flood off; bridge fdb del ${GATEWAY_MAC} dev eth0 master || true`,
    ],
    cause: 'The port does not send frames for MACs that the bridge does not know.',
    first: ['bridge-port-blocked'],
  },
  {
    name: "the bridge has an entry for the gateway's MAC at another port",
    from: 'FRRouting/frr#21473, CumulusNetworks/quagga#27',
    case: 'bridge-parent',
    backend: 'ifupdown',
    host: [
      'ip link add eth9 type veth peer name far9; ip link set eth9 master br0; ip link set eth9 up; ip link set far9 up',
      `bridge fdb replace ${GATEWAY_MAC} dev eth9 master static sticky`,
    ],
    cause: "The bridge sends the gateway's frames to the wrong port by a static entry.",
    first: ['bridge-entry-static'],
  },
  {
    name: 'a guest in mode passthru has the NIC for itself',
    from: 'k8snetworkplumbingwg/multus-cni#715, #1339',
    backend: 'ifupdown',
    suite: 'bookworm',
    guest: 'none',
    asks: '198.51.100.198',
    host: [
      'ip link del veth0',
      `ip link add link eth0 name macvtap0 address ${GUEST_MAC} type macvtap mode passthru; ip link set macvtap0 up`,
    ],
    cause: 'The shim is missing, or: the guest is attached in mode passthru, which admits no shim.',
    first: ['link-missing', 'guest-mode'],
  },
  {
    name: 'networking was turned off in NetworkManager and not on again',
    from: 'vmware/open-vm-tools#699, #426',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: ['nmcli networking off', 'sleep 1'],
    cause: 'NetworkManager does not manage the links, or: the shim is missing.',
    first: ['daemon-state', 'link-missing'],
  },
  {
    name: 'the address was given up, as another host has it',
    from: 'threefoldfoundation/tfchain#216, systemd/systemd#39460',
    backend: 'ifupdown',
    router: [`ip addr add ${HOST}/24 dev lan0`],
    host: [`ip addr del ${HOST}/24 dev veth0`],
    cause: 'The address is missing, or: another host has it.',
    first: ['address-missing', 'address-conflict'],
  },
];

export const THIRD_ROUTES: readonly Fault[] = [
  {
    name: "a modem's default route is preferred",
    from: 'opnsense/core#1811, openSUSE/wicked#842',
    case: 'dhcp',
    suite: 'bookworm',
    host: [
      'ip link add wwan0 type ifb; ip link set wwan0 up; ip addr add 203.0.113.5/24 dev wwan0',
      'ip route add default via 203.0.113.1 dev wwan0 metric 20',
    ],
    cause: 'What is not for the LAN leaves by another link: its default route is preferred.',
    first: ['route-elsewhere'],
  },
  {
    name: 'the default route has another gateway',
    from: 'systemd/systemd#33470, opnsense/core#2690',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip route replace default via 198.51.100.1 dev veth0'],
    cause: 'The default route is another than the intent has.',
    first: ['route-missing'],
  },
  {
    name: 'half of the default route is a gateway that does not exist',
    from: 'drsound/fault_tolerant_router#24',
    backend: 'ifupdown',
    host: [
      `ip route replace default nexthop via ${GATEWAY} dev veth0 nexthop via 198.51.100.253 dev veth0`,
    ],
    cause: 'The default route is another than the intent has: it has a second gateway.',
    first: ['route-missing'],
  },
  {
    name: 'the rule for the main table is gone',
    from: 'svinota/pyroute2#158',
    suite: 'bookworm',
    host: ['ip rule del priority 32766'],
    cause: 'The rule that looks up the table main is missing.',
    first: ['rule-missing'],
  },
  {
    name: 'another table is looked up before the local one',
    from: 'FRRouting/frr#15909, sonic-net/sonic-buildimage#4058',
    backend: 'ifupdown',
    host: [
      `ip route add 198.51.100.0/24 dev veth0 table 1000; ip route add default via ${GATEWAY} dev veth0 table 1000`,
      'ip rule add priority 1000 lookup 1000; ip rule add priority 32765 lookup local; ip rule del priority 0',
    ],
    cause: 'A rule before that of the table local takes what is for the host itself.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a local route makes the guests addresses of the host',
    from: 'openziti/edge#64',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: ['ip route add local 198.51.100.192/27 dev lo'],
    cause: "The route for the guest's address leads to the host itself.",
    first: ['route-elsewhere'],
  },
  {
    name: 'the address is on the loopback, too, with the length of the subnet',
    from: 'acassen/keepalived#1367, LVS: the real server',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [`ip addr add ${HOST}/24 dev lo`],
    cause:
      "The route for the guest's address leads to the host itself, or: the address is on two links.",
    first: ['route-elsewhere', 'address-twice'],
  },
  {
    name: 'the route of the subnet prefers the address of a service as its source',
    from: 'acassen/keepalived#1390, kube-vip/kube-vip#1170',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; ip addr add 198.51.100.99/32 dev lo',
      'ip route replace 198.51.100.0/24 dev veth0 proto kernel scope link src 198.51.100.99',
    ],
    cause: 'Packets to the LAN have the wrong source address: the route of the subnet says so.',
    first: ['source-address-differs'],
  },
  {
    name: 'a transparent proxy marks all that goes to the LAN',
    from: 'longsleep/linux-pine64#49',
    host: [
      'ip route add local default dev lo table 100; ip rule add fwmark 1 lookup 100',
      'iptables -t mangle -A OUTPUT -d 198.51.100.0/24 -j MARK --set-mark 1',
    ],
    cause: 'Packets to the LAN are marked, and a rule sends what is marked elsewhere.',
    first: ['route-elsewhere'],
  },
  {
    name: 'an unreachable route of a delegated prefix covers the LAN',
    from: 'NetworkConfiguration/dhcpcd#137, openthread/ot-br-posix#2830',
    case: 'ipv6-static',
    backend: 'networkmanager',
    host: ['ip -6 route add unreachable 2001:db8:51::/64 dev lo metric 1'],
    cause: 'A route refuses what is for the LAN.',
    first: ['route-elsewhere'],
  },
  {
    name: 'a rogue router is preferred',
    from: 'libremesh/lime-packages#236',
    case: 'ipv6-static',
    backend: 'ifupdown',
    host: ['ip -6 route add default via fe80::bad dev veth0 proto ra metric 1'],
    cause: 'Another default route is preferred to that of the intent.',
    first: ['route-elsewhere'],
  },
  {
    name: 'advertisements are not accepted, as the host forwards',
    from: 'docker/for-linux#1373, arno-iptables-firewall/aif#21',
    case: 'slaac',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'echo 1 >/proc/sys/net/ipv6/conf/veth0/accept_ra; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
      'ip -6 route flush dev veth0 proto ra; ip -6 addr flush dev veth0 scope global; true',
    ],
    cause: 'Router advertisements are ignored, as the host forwards and accept_ra is 1.',
    first: ['advertisements-ignored'],
  },
  {
    name: 'no default route is taken from advertisements',
    from: 'openSUSE/wicked#570',
    case: 'slaac',
    backend: 'ifupdown',
    host: [
      'echo 0 >/proc/sys/net/ipv6/conf/veth0/accept_ra_defrtr; ip -6 route del default dev veth0',
    ],
    cause:
      'The default route of router advertisements is missing, or: advertisements do not set it.',
    first: ['route-missing', 'advertisements-ignored'],
  },
];
