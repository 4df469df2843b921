/** What people reported of routes, rules, filters by the return path and neighbours. */
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, HOST, NIC_MAC, SHIM_MAC } from './stations.ts';

/** The shim came up after the other link: of two equal routes the kernel takes the older one. */
const LATER = `ip addr del ${HOST}/24 dev veth0; ip addr add ${HOST}/24 dev veth0; ip route replace default via ${GATEWAY} dev veth0; ip neigh flush all`;

export const ROUTES: readonly Fault[] = [
  {
    name: 'a VPN mesh has a route for the subnet of the LAN',
    from: 'tailscale/tailscale#5999, #15055',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip link add tailscale0 type ifb; ip link set tailscale0 up',
      'ip route add 198.51.100.0/24 dev tailscale0 table 52',
      'ip rule add priority 5270 lookup 52',
    ],
    first: ['route-elsewhere'],
  },
  {
    name: "a virtual router's macvlan has an address with the length of the subnet",
    from: 'acassen/keepalived#1040, #334',
    backend: 'networkmanager',
    host: [
      'ip link add link eth0 name vrrp.51 address 00:00:5e:00:01:33 type macvlan mode private',
      'ip link set vrrp.51 up; ip addr add 198.51.100.20/24 dev vrrp.51',
      LATER,
    ],
    first: ['route-elsewhere'],
  },
  {
    name: 'the second NIC is in the same subnet, and its route is preferred',
    from: 'raspberrypi/linux#3718, IceWhaleTech/ZimaOS#574',
    backend: 'netplan-networkmanager',
    suite: 'bookworm',
    host: [
      'ip link add eth9 type veth peer name far9; ip link set eth9 up; ip link set far9 up',
      'ip addr add 198.51.100.60/24 dev eth9',
      LATER,
    ],
    first: ['route-elsewhere'],
  },
  {
    name: "a load balancer took the gateway's address",
    from: 'kubernetes/kubernetes#127410',
    backend: 'netplan-networkd',
    host: [`ip link add kube-ipvs0 type bridge; ip addr add ${GATEWAY}/32 dev kube-ipvs0`],
    first: ['route-elsewhere'],
  },
  {
    name: 'the startup blackholes of a VPN were left',
    from: 'peacey/split-vpn#1',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip route add blackhole 0.0.0.0/1; ip route add blackhole 128.0.0.0/1'],
    first: ['route-elsewhere'],
  },
  {
    name: 'the route of the own subnet is missing',
    from: 'systemd/systemd#40543, #34356',
    suite: 'bookworm',
    host: ['ip route del 198.51.100.0/24 dev veth0', 'ip neigh flush all'],
    first: ['route-missing', 'route-elsewhere'],
  },
  {
    name: 'the default route of its own table is missing',
    from: 'systemd/systemd#25971',
    case: 'policy-routing',
    backend: 'networkmanager',
    host: ['ip route del default table 100'],
    first: ['route-missing'],
  },
  {
    name: "an orchestrator wrote the guest's old MAC into the neighbours",
    from: 'projectcalico/felix#549, moby/moby#36069',
    backend: 'ifupdown',
    host: [`ip neigh replace ${GUEST} lladdr 02:42:ac:1e:00:0a dev veth0 nud permanent`],
    first: ['neighbour-static'],
  },
  {
    name: "a side shim, strict filtering, and a LAN that knows the shim's MAC",
    from: 'fifteenhex/xradio#11',
    case: 'side-shim',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done'],
    router: [`ip neigh replace ${HOST} lladdr ${SHIM_MAC} dev lan0 nud permanent`],
    first: ['rp-filter-drops'],
  },
  {
    name: 'iptables drops what comes in by another way, and the LAN knows the MAC of the NIC',
    from: 'NixOS/nixpkgs#10101',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: ['iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP'],
    router: [`ip neigh replace ${HOST} lladdr ${NIC_MAC} dev lan0 nud permanent`],
    first: ['firewall-drops'],
  },
  {
    name: 'the guest is outside of the range that goes by the side shim',
    from: 'pi-hole/docker-pi-hole#1252',
    case: 'side-shim',
    asks: '198.51.100.60',
    inGuest: ['ip addr add 198.51.100.60/24 dev guest0'],
    first: ['guest-outside-routes', 'route-elsewhere'],
  },
];
