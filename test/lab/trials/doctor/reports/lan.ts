/** What people reported of the LAN, and several faults at once. */
import type { Fault } from '../fault.ts';
import { GUEST_MAC, HOST, NIC_MAC, table } from './stations.ts';

export const LAN: readonly Fault[] = [
  {
    name: 'the hypervisor delivers frames to the MAC of the NIC alone',
    from: 'canonical/lxd#1343, vmware/vic#4759: promiscuous mode is off',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: [
      table(
        'netdev',
        `type filter hook egress device lan0 priority 0; ether daddr != { ${NIC_MAC}, ${GUEST_MAC}, ff:ff:ff:ff:ff:ff } drop`,
      ),
      'ip neigh flush all',
    ],
    host: ['ip neigh flush all'],
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'a router answers ARP for every address (proxy ARP)',
    from: 'v-byte-cpu/sx#117, lxc/lxc#775',
    backend: 'ifupdown',
    suite: 'bookworm',
    router: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/forwarding; echo 1 >/proc/sys/net/ipv4/conf/lan0/proxy_arp_pvlan',
      'echo 0 >/proc/sys/net/ipv4/neigh/lan0/proxy_delay',
    ],
    first: ['address-conflict'],
  },
  {
    name: 'the gateway keeps the MAC that the host had before',
    from: 'moby/moby#30238, rkt/rkt#1765',
    router: [`ip neigh replace ${HOST} lladdr 02:42:ac:1e:00:0a dev lan0 nud permanent`],
    suite: 'bookworm',
    first: ['target-firewall'],
  },
  {
    name: 'jumbo frames on the host alone',
    from: 'esnet/iperf#955, boretom in opnsense/src#251',
    case: 'jumbo-mtu',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: ['ip link set lan0 mtu 1500'],
    first: ['path-mtu'],
  },
  {
    name: 'the cable is out, and a firewall drops other things',
    from: 'facts: traps 23, fail2ban',
    backend: 'ifupdown',
    router: ['ip link set lan0 down'],
    host: ['iptables -A INPUT -p tcp --dport 22 -s 203.0.113.7 -j DROP'],
    first: ['no-carrier'],
  },
  {
    name: 'the guest is private, and Docker forwards nothing',
    from: 'canonical/lxd#11319 beside moby/moby#39439',
    backend: 'networkmanager',
    suite: 'bookworm',
    guest: { mode: 'private' },
    host: ['iptables -P FORWARD DROP', 'nft add table ip docker-bridges'],
    first: ['guest-mode'],
  },
  {
    name: "the guest's own firewall, and one of the host that lets all in that is known",
    from: 'scottslowe/learning-tools#58 beside firewalld/firewalld#746',
    backend: 'netplan-networkmanager',
    inGuest: [table('inet', 'type filter hook input priority 0; policy drop')],
    host: [
      'iptables -P FORWARD DROP',
      table(
        'inet',
        'type filter hook input priority 10; policy accept; ct state established,related accept; iifname lo accept; meta l4proto { icmp, ipv6-icmp } accept; tcp dport 22 accept; reject with icmpx admin-prohibited',
      ),
    ],
    first: ['target-firewall'],
  },
  {
    name: 'a shim in mode vepa, and the address on the NIC, too',
    from: 'jpetazzo/pipework#239 beside pi-hole/docker-pi-hole#1252',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['ip link set veth0 type macvlan mode vepa', `ip addr add ${HOST}/24 dev eth0`],
    first: ['link-setting-drift', 'address-on-bare-link'],
  },
];
