/** A third look at public reports: guests, the LAN, and healthy hosts. Written down before a look at the program's causes. */
import type { Fault } from '../fault.ts';
import { GUEST, HOST, NIC_MAC, table } from './stations.ts';

export const THIRD_LAN: readonly Fault[] = [
  {
    name: 'the guest has another netmask, without the host',
    from: 'teracyhq/dev#234, hashicorp/vagrant#1328',
    backend: 'networkmanager',
    suite: 'bookworm',
    inGuest: [`ip addr del ${GUEST}/24 dev guest0; ip addr add ${GUEST}/26 dev guest0`],
    cause: "The guest answers ARP and no ping: the guest's firewall, or its routes.",
    first: ['target-firewall'],
  },
  {
    name: 'the guest is in another subnet',
    from: 'vfarcic/ms-lifecycle#12',
    backend: 'netplan-networkd',
    asks: '203.0.113.9',
    inGuest: [`ip addr del ${GUEST}/24 dev guest0; ip addr add 203.0.113.9/24 dev guest0`],
    cause: "The guest's address is in no subnet of the shim: packets for it go to the gateway.",
    first: ['guest-outside-routes'],
  },
  {
    name: "another host of the LAN has the guest's IPv6 address",
    from: 'metallb/metallb#1592',
    case: 'ipv6-static',
    suite: 'bookworm',
    asks: '2001:db8:51::198',
    router: ['ip addr add 2001:db8:51::198/64 dev lan0 nodad'],
    host: ['ip link set macvtap0 allmulticast on; ip -6 neigh flush all'],
    cause: 'Two machines have the address.',
    first: ['address-conflict'],
  },
  {
    name: 'IPv6 is off inside the guest',
    from: 'microvm-nix/microvm.nix#365',
    case: 'ipv6-static',
    backend: 'ifupdown',
    suite: 'bookworm',
    asks: '2001:db8:51::198',
    inGuest: ['echo 1 >/proc/sys/net/ipv6/conf/guest0/disable_ipv6'],
    host: ['ip link set macvtap0 allmulticast on; ip -6 neigh flush all'],
    cause: 'The guest does not answer at that address.',
    first: ['guest-silent'],
  },
  {
    name: 'the guest is attached in mode source, and its list is empty',
    from: 'ip-link(8), macvtap mode source',
    backend: 'ifupdown',
    guest: { mode: 'source' },
    cause: "The guest's mode keeps it from the host.",
    first: ['guest-mode'],
  },
  {
    name: "the guest keeps the host's old MAC",
    from: 'containernetworking/cni#84',
    suite: 'bookworm',
    inGuest: [`ip neigh replace ${HOST} lladdr 02:42:ac:1e:00:0b dev guest0 nud permanent`],
    cause: 'The guest answers ARP and no ping: its firewall, its routes, or its neighbours.',
    first: ['target-firewall'],
  },
  {
    name: 'the provider drops packets from MACs that it did not give out, and lets ARP pass',
    from: 'siderolabs/talos#9837, lxc/incus-os#1269',
    backend: 'networkmanager',
    router: [
      table(
        'netdev',
        `type filter hook ingress device lan0 priority 0; ether type ip ether saddr != ${NIC_MAC} drop`,
      ),
    ],
    cause:
      'The gateway answers ARP and no ping: its firewall, or a switch that drops packets of this MAC.',
    first: ['target-firewall', 'foreign-macs-dropped'],
  },
  {
    name: 'the lease is from the wrong server',
    from: 'kubevirt/kubevirt#2847, rutgerblom/SDDC.Lab#383',
    case: 'dhcp',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'ip addr flush dev veth0 scope global; ip addr add 192.168.77.5/24 dev veth0',
      'ip route replace default via 192.168.77.1 dev veth0',
    ],
    cause: 'The gateway does not answer.',
    first: ['gateway-silent'],
  },
  {
    name: 'no server answered, and the host took a link-local address',
    from: 'kubevirt/kubevirt#2847, systemd/systemd#12145',
    case: 'dhcp',
    suite: 'sid',
    host: ['ip addr flush dev veth0 scope global; ip addr add 169.254.7.9/16 dev veth0 scope link'],
    cause: 'There is no lease.',
    first: ['lease-missing'],
  },
];

/** Healthy hosts again: of what broke hosts above, what breaks none. */
export const THIRD_LIVED_IN: readonly Fault[] = [
  {
    // It was written down as a fault: between macvlans the MTU of the NIC counts (macvlan_queue_xmit).
    name: "the MTU of the guest's device is smaller than the shim's",
    from: 'canonical/lxd#18006, xapi-project/xenopsd#521',
    backend: 'networkmanager',
    host: ['ip link set macvtap0 mtu 1400'],
    first: ['nothing'],
  },
  {
    // It was written down as a fault: what the host itself sends is flooded in spite of it (br_flood).
    name: 'the port of the bridge does not flood broadcasts of other ports',
    from: 'sonic-net/sonic-linux-kernel#28, openshift/ovn-kubernetes#3362',
    case: 'bridge-parent',
    host: ['bridge link set dev eth0 bcast_flood off', 'ip neigh flush all'],
    first: ['nothing'],
  },
  {
    name: 'IPsec to another site',
    from: 'opnsense/core#2571',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      `ip xfrm policy add dir out src ${HOST}/32 dst 10.9.0.0/16 tmpl src ${HOST} dst 203.0.113.8 proto esp mode tunnel reqid 1`,
      `ip xfrm policy add dir in src 10.9.0.0/16 dst ${HOST}/32 tmpl src 203.0.113.8 dst ${HOST} proto esp mode tunnel reqid 1`,
    ],
    first: ['nothing'],
  },
  {
    name: 'a queue that is passed by while nobody listens',
    from: 'OISF/suricata#2883',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['iptables-legacy -A INPUT -j NFQUEUE --queue-num 0 --queue-bypass'],
    first: ['nothing'],
  },
  {
    name: 'arp_filter, as is advised for hosts with several NICs',
    from: 'home-assistant/operating-system#5003',
    case: 'two-parents',
    host: ['echo 1 >/proc/sys/net/ipv4/conf/all/arp_filter'],
    first: ['nothing'],
  },
  {
    name: 'a transparent proxy for the web',
    from: 'shadowsocks/shadowsocks-libev#2286',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      'ip route add local default dev lo table 100; ip rule add fwmark 1 lookup 100',
      'iptables -t mangle -A OUTPUT -p tcp --dport 80 -j MARK --set-mark 1',
    ],
    first: ['nothing'],
  },
  {
    name: 'filters of eBPF that let all pass, and limits that are wide',
    from: 'cilium/cilium#17292, openvswitch/ovs-issues#210',
    host: [
      "tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress bpf direct-action bytecode '1,6 0 0 0,'",
      'tc qdisc replace dev macvtap0 root tbf rate 1gbit burst 1mb latency 400ms',
    ],
    first: ['nothing'],
  },
  {
    name: "a load balancer's address on the loopback, hidden from ARP",
    from: 'acassen/keepalived#1876',
    backend: 'ifupdown',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; ip addr add 198.51.100.99/32 dev lo',
    ],
    first: ['nothing'],
  },
  {
    name: 'a modem as the second way out',
    from: 'openSUSE/wicked#842',
    case: 'dhcp',
    backend: 'networkmanager',
    host: [
      'ip link add wwan0 type ifb; ip link set wwan0 up; ip addr add 203.0.113.5/24 dev wwan0',
      'ip route add default via 203.0.113.1 dev wwan0 metric 20700',
    ],
    first: ['nothing'],
  },
  {
    name: 'a firewall that lets ten pings a second in',
    from: 'firewalld/firewalld#672',
    backend: 'netplan-networkmanager',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; policy drop; iifname "lo" accept; ct state established,related accept; icmp type echo-request limit rate 10/second accept; meta l4proto ipv6-icmp accept; tcp dport 22 accept',
      ),
    ],
    first: ['nothing'],
  },
  {
    name: 'a host that forwards and takes advertisements',
    from: 'docker/for-linux#1373, moby/moby#43466',
    case: 'slaac',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'],
    first: ['nothing'],
  },
  {
    name: 'a route of last resort that refuses, behind the default route',
    from: 'ffnord/ffnord-puppet-gateway#35',
    suite: 'bookworm',
    host: ['ip route add unreachable default metric 4278198272'],
    first: ['nothing'],
  },
];
