/**
 * Faults that people reported, put into healthy hosts. The list was written before the program's
 * causes, and names what an administrator would need to know first.
 */
import type { Fault } from './fault.ts';

const NFT_IN = (what: string): string =>
  `nft -f - <<'X'\ntable inet filter {\nchain input {\ntype filter hook input priority 0; ${what}\n}\n}\nX`;

const SHIM = 'ce:56:b6:6f:2b:36';
const HOST = '198.51.100.50';
const GUEST = '198.51.100.198';
const GATEWAY = '198.51.100.254';

/** A NIC that is in another LAN. */
const OTHER_NIC = [
  'ip link add eth9 address 52:54:00:51:09:01 type veth peer name far9',
  'ip link set eth9 up; ip link set far9 up',
];

export const FAULTS: readonly Fault[] = [
  // The NIC
  {
    name: 'the cable is out',
    from: 'facts: traps 23',
    router: ['ip link set lan0 down'],
    first: ['no-carrier'],
  },
  {
    name: 'the NIC is down',
    from: 'facts: traps 9',
    host: ['ip link set eth0 down'],
    first: ['link-down'],
  },
  {
    name: 'the NIC was made a port of a bridge',
    from: 'truenas/middleware#5166',
    host: [
      'ip link del veth0; ip link del macvtap0',
      'ip link add br9 type bridge; ip link set eth0 master br9; ip link set br9 up',
    ],
    first: ['link-setting-drift'],
  },
  {
    name: 'a DHCP client put the address on the NIC again',
    from: 'pi-hole/docker-pi-hole#1252',
    host: [`ip addr add ${HOST}/24 dev eth0`],
    first: ['address-on-bare-link'],
  },
  {
    name: 'another address of the subnet on the NIC, whose route wins',
    from: 'IceWhaleTech/ZimaOS#574',
    host: [
      'ip addr add 198.51.100.77/24 dev eth0',
      'ip route replace 198.51.100.0/24 dev veth0 metric 100 src 198.51.100.50',
      'ip route del 198.51.100.0/24 dev veth0 metric 0',
    ],
    first: ['address-on-bare-link'],
  },
  // The shim
  {
    name: 'the shim is gone',
    from: 'moby/libnetwork#1915',
    host: ['ip link del veth0'],
    first: ['link-missing'],
  },
  {
    name: 'the shim is down',
    from: 'k8snetworkplumbingwg/multus-cni#372',
    host: ['ip link set veth0 down'],
    first: ['link-down'],
  },
  {
    name: 'the shim is vepa, as ip-link makes it by default',
    from: 'jpetazzo/pipework#239',
    host: ['ip link set veth0 type macvlan mode vepa'],
    first: ['link-setting-drift'],
  },
  {
    name: 'the shim is private',
    from: 'openshift/baremetal-runtimecfg#78',
    host: ['ip link set veth0 type macvlan mode private'],
    first: ['link-setting-drift'],
  },
  {
    name: 'the shim is on another NIC',
    from: 'k8snetworkplumbingwg/multus-cni#1183',
    host: [
      ...OTHER_NIC,
      'ip link del veth0',
      `ip link add link eth9 name veth0 address ${SHIM} type macvlan mode bridge`,
      `ip addr replace ${HOST}/24 dev veth0; ip link set veth0 up; ip route replace default via ${GATEWAY}`,
    ],
    first: ['link-setting-drift'],
  },
  {
    name: 'ARP is off on the shim',
    from: 'ip-link(8), arp off',
    host: ['ip link set veth0 arp off; ip neigh flush all'],
    first: ['arp-off'],
  },
  // Addresses and routes
  {
    name: 'the shim has no address',
    from: 'microvm-nix/microvm.nix#106',
    host: [`ip addr del ${HOST}/24 dev veth0`],
    first: ['address-missing'],
  },
  {
    name: 'the address has another prefix length',
    from: 'facts: lab, an address without its length',
    host: [`ip addr del ${HOST}/24 dev veth0; ip addr add ${HOST}/32 dev veth0`],
    first: ['address-missing'],
  },
  {
    name: 'no default route',
    from: 'design: apply, verify',
    host: ['ip route del default'],
    first: ['route-missing'],
  },
  {
    name: "a container network covers the guest's address",
    from: 'moby/moby#21141, bitwarden/server#947',
    host: [
      'ip link add br9 type bridge; ip addr add 198.51.100.193/27 dev br9; ip link set br9 up',
    ],
    first: ['route-elsewhere'],
  },
  {
    name: "a tunnel's rule takes all packets",
    from: 'wg-quick(8), AllowedIPs = 0.0.0.0/0',
    host: [
      'ip link add wg9 type bridge; ip link set wg9 up',
      'ip route add default dev wg9 table 51820',
      'ip rule add not fwmark 51820 table 51820 priority 100',
    ],
    first: ['route-elsewhere'],
  },
  {
    name: 'a blackhole route',
    from: 'fail2ban, action route',
    host: [`ip route add blackhole ${GUEST}/32`],
    first: ['route-elsewhere'],
  },
  {
    name: 'IPv6 is turned off for the shim',
    from: 'moby/moby, disable_ipv6',
    case: 'dual-stack',
    host: [
      'sysctl -qw net.ipv6.conf.veth0.disable_ipv6=1 || echo 1 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6',
    ],
    first: ['ipv6-disabled'],
  },
  {
    name: 'a static neighbour entry for another gateway',
    from: 'opiproject/opi-evpn-bridge#156',
    host: [`ip neigh replace ${GATEWAY} lladdr 02:00:00:00:00:99 dev veth0 nud permanent`],
    first: ['neighbour-static'],
  },
  {
    name: 'the route of the side shim is gone',
    from: 'moby/libnetwork#1915',
    case: 'side-shim',
    host: ['ip route del 198.51.100.192/27 dev veth0'],
    first: ['route-missing'],
  },
  {
    name: 'the rule of its own table is gone',
    from: 'firewalld/firewalld#923',
    case: 'policy-routing',
    host: ['ip rule del priority 100'],
    first: ['rule-missing'],
  },
  // Who else has it
  {
    name: 'another host of the LAN has the address',
    from: 'openai/orchard#181',
    router: [`ip addr add ${HOST}/24 dev lan0`],
    first: ['address-conflict'],
  },
  {
    name: 'the gateway has the MAC of the shim: a cloned machine',
    from: 'utmapp/UTM#7035',
    router: [`ip link set lan0 down; ip link set lan0 address ${SHIM}; ip link set lan0 up`],
    first: ['duplicate-mac'],
  },
  {
    name: "a guest has the NIC's own MAC",
    from: 'harvester/harvester#9973',
    host: [
      'ip link del macvtap0',
      'ip link add link eth0 name macvtap0 address 52:54:00:51:01:01 type macvtap mode bridge',
      'ip link set macvtap0 up || true',
    ],
    first: ['duplicate-mac'],
  },
  // Filters
  {
    name: 'nftables drops what comes in',
    from: 'docker/for-linux#949',
    host: [NFT_IN('ip protocol icmp counter drop')],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables lets in nothing by default',
    from: 'dl1ye.com, guest networking with libvirt and nftables',
    host: [NFT_IN('policy drop; tcp dport 22 accept')],
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'nftables drops what goes out',
    from: 'moby/moby#52612',
    host: [
      "nft -f - <<'X'\ntable inet f {\nchain o {\ntype filter hook output priority 0; ip daddr 198.51.100.0/24 counter drop\n}\n}\nX",
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables drops ARP',
    from: 'nft(8), arp family',
    host: [
      "nft -f - <<'X'\ntable arp f {\nchain i {\ntype filter hook input priority 0; counter drop\n}\n}\nX",
      'ip neigh flush all',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables drops at the NIC',
    from: 'nft(8), netdev family',
    host: [
      `nft -f - <<'X'\ntable netdev f {\nchain i {\ntype filter hook ingress device eth0 priority 0; ip saddr ${GATEWAY} counter drop\n}\n}\nX`,
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'iptables drops what comes in',
    from: 'moby/moby#39439',
    host: ['iptables -A INPUT -p icmp -j DROP'],
    first: ['firewall-drops'],
  },
  {
    name: 'iptables of old has the policy DROP',
    from: 'Juniper/contrail-charms#143',
    host: ['iptables-legacy -P INPUT DROP'],
    first: ['firewall-drops'],
  },
  {
    name: 'strict filtering by the return path, and a LAN that knows the MAC of the NIC',
    from: 'kube-vip/kube-vip#1170',
    host: ['for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >$f; done'],
    router: [`ip neigh replace ${HOST} lladdr 52:54:00:51:01:01 dev lan0 nud permanent`],
    first: ['rp-filter-drops'],
  },
  {
    name: 'the shim answers no ARP at all',
    from: 'fifteenhex/xradio#11, arp_ignore',
    host: ['echo 8 >/proc/sys/net/ipv4/conf/veth0/arp_ignore'],
    first: ['arp-ignored'],
  },
  {
    name: 'the NIC answers ARP for the shim',
    from: 'virt-manager/virt-manager#49',
    host: ['echo 0 >/proc/sys/net/ipv4/conf/eth0/arp_ignore'],
    first: ['sysctl-drift'],
  },
  // The LAN
  {
    name: 'the switch drops MACs that it does not know',
    from: 'docker/docs#15855, canonical/lxd#2248',
    router: [
      "nft -f - <<'X'\ntable netdev f {\nchain i {\ntype filter hook ingress device lan0 priority 0; ether saddr != 52:54:00:51:01:01 drop\n}\n}\nX",
      'ip neigh flush all',
    ],
    host: ['ip neigh flush all'],
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'another VLAN: nobody answers',
    from: 'alfredhuang211/study-doc#3',
    router: [
      "nft -f - <<'X'\ntable netdev f {\nchain i {\ntype filter hook ingress device lan0 priority 0; drop\n}\n}\nX",
    ],
    host: ['ip neigh flush all'],
    first: ['gateway-silent'],
  },
  {
    name: 'the gateway has another address',
    from: 'docker/docs#7370',
    router: [`ip addr del ${GATEWAY}/24 dev lan0; ip addr add 198.51.100.253/24 dev lan0`],
    host: ['ip neigh flush all'],
    first: ['gateway-silent'],
  },
  {
    name: 'the LAN takes smaller packets',
    from: 'harvester/harvester#534; jumbo frames',
    router: ['ip link set lan0 mtu 1400'],
    first: ['path-mtu'],
  },
  // The guest
  {
    name: 'the guest is attached in mode private',
    from: 'canonical/lxd#11319',
    guest: { mode: 'private' },
    first: ['guest-mode'],
  },
  {
    name: "the guest is attached in libvirt's default mode, vepa",
    from: 'Red Hat, guests cannot reach the host with macvtap',
    guest: { mode: 'vepa' },
    first: ['guest-mode'],
  },
  {
    name: 'the guest is on another NIC',
    from: 'kubevirt/kubevirt#2925',
    host: [
      ...OTHER_NIC,
      'ip link del macvtap0',
      'ip link add link eth9 name macvtap0 address 52:54:00:51:01:c6 type macvtap mode bridge; ip link set macvtap0 up',
    ],
    first: ['guest-on-other-link'],
  },
  {
    name: "the guest's device is down",
    from: 'microvm-nix/microvm.nix#80',
    host: ['ip link set macvtap0 down'],
    first: ['guest-down'],
  },
  {
    name: 'the guest does not run',
    from: 'cloud-hypervisor/cloud-hypervisor#2215',
    guest: 'none',
    first: ['guest-absent'],
  },
  {
    name: "the guest's own firewall",
    from: 'scottslowe/learning-tools#58',
    inGuest: [NFT_IN('policy drop')],
    first: ['target-firewall'],
  },
  {
    name: 'the guest has another address',
    from: 'openai/orchard#181',
    inGuest: [`ip addr del ${GUEST}/24 dev guest0; ip addr add 198.51.100.199/24 dev guest0`],
    first: ['guest-silent'],
  },
];

/** Written after the causes, and tried once before a line of them was changed for it. */
export const MORE_FAULTS: readonly Fault[] = [
  {
    name: 'the interface inside the guest is down',
    from: 'kubevirt/kubevirt#2925',
    inGuest: ['ip link set guest0 down'],
    first: ['guest-silent'],
  },
  {
    name: 'the guest has its address with /32 and no route back',
    from: 'facts: lab, an address without its length',
    inGuest: [`ip addr del ${GUEST}/24 dev guest0; ip addr add ${GUEST}/32 dev guest0`],
    first: ['target-firewall'],
  },
  {
    name: 'the guest has the address of the host',
    from: 'openai/orchard#181',
    inGuest: [`ip addr add ${HOST}/24 dev guest0`],
    first: ['address-conflict'],
  },
  {
    name: 'the gateway answers no ping',
    from: 'scottslowe/learning-tools#58',
    router: [NFT_IN('ip protocol icmp drop')],
    first: ['target-firewall'],
  },
  {
    name: 'ip6tables drops ICMPv6, and neighbour discovery with it',
    from: 'moby/moby#48365',
    case: 'ipv6-static',
    host: ['ip6tables -A INPUT -p ipv6-icmp -j DROP', 'ip -6 neigh flush all'],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables drops frames on the bridge below the shim',
    from: 'docker/docs#7370, seapath/ansible#909',
    case: 'bridge-parent',
    host: [
      "nft -f - <<'X'\ntable bridge f {\nchain i {\ntype filter hook input priority 0; counter drop\n}\nchain p {\ntype filter hook prerouting priority 0; counter drop\n}\n}\nX",
      'ip neigh flush all',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'nftables rejects packets to the guest, and counts none',
    from: 'moby/moby#52612',
    host: [
      `nft -f - <<'X'\ntable ip f {\nchain o {\ntype filter hook output priority 0; ip daddr ${GUEST} reject\n}\n}\nX`,
    ],
    first: ['firewall-may-drop'],
  },
  {
    name: 'nftables drops what leaves the shim',
    from: 'nft(8), netdev family, egress',
    host: [
      "nft -f - <<'X'\ntable netdev f {\nchain e {\ntype filter hook egress device veth0 priority 0; ip protocol icmp counter drop\n}\n}\nX",
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'the side shim is gone',
    from: 'moby/libnetwork#1915, docker/docs#22607',
    case: 'side-shim',
    host: ['ip link del veth0'],
    first: ['link-missing'],
  },
  {
    name: 'no shim: the normal setup',
    from: 'IceWhaleTech/ZimaOS#574, docker/docs#16360',
    case: 'normal-setup',
    asks: GUEST,
    first: ['no-shim'],
  },
  {
    name: 'the cable of the second NIC is out',
    from: 'facts: traps 23',
    case: 'two-parents',
    router: ['ip link set lan1 down'],
    first: ['no-carrier'],
  },
  {
    name: 'the lease is lost',
    from: 'canonical/lxd#2248',
    case: 'dhcp',
    host: ['ip addr flush dev veth0 scope global'],
    first: ['lease-missing'],
  },
  {
    name: 'the switch knows the MAC that the intent gives the shim, and it has another',
    from: 'moby/moby#21735',
    host: ['ip link set veth0 address 02:00:5e:00:00:01'],
    router: [
      `nft -f - <<'X'\ntable netdev f {\nchain i {\ntype filter hook ingress device lan0 priority 0; ether saddr != ${SHIM} drop\n}\n}\nX`,
      'ip neigh flush all',
    ],
    first: ['mac-drift'],
  },
  {
    name: 'two guests have one MAC',
    from: 'harvester/harvester#9973',
    host: [
      'ip link add link eth0 name macvtap9 address 52:54:00:51:01:c6 type macvtap mode bridge',
      'ip link set macvtap9 up || true',
    ],
    first: ['duplicate-mac'],
  },
  {
    name: 'no link answers ARP',
    from: 'fifteenhex/xradio#11, arp_ignore',
    host: ['echo 8 >/proc/sys/net/ipv4/conf/all/arp_ignore'],
    first: ['arp-ignored'],
  },
  {
    name: 'a rule prohibits the guest',
    from: 'ip-rule(8), prohibit',
    host: [`ip rule add to ${GUEST}/32 prohibit priority 10`],
    first: ['route-elsewhere'],
  },
  {
    name: "the host has the guest's address on its loopback",
    from: 'kube-vip/kube-vip#1170',
    host: [`ip addr add ${GUEST}/32 dev lo`],
    first: ['route-elsewhere'],
  },
  {
    name: 'the shim takes the frames of a list only',
    from: 'ip-link(8), mode source',
    host: [
      'ip link del veth0',
      `ip link add link eth0 name veth0 address ${SHIM} type macvlan mode source`,
      `ip addr replace ${HOST}/24 dev veth0; ip link set veth0 up; ip route replace default via ${GATEWAY}`,
    ],
    first: ['link-setting-drift'],
  },
];

/** Healthy hosts on which nothing may be named, with a guest of each. */
export const HEALTHY: readonly string[] = [
  ...['original', 'dual-stack', 'side-shim', 'bridge-parent', 'two-parents', 'two-shims', 'dhcp'],
  ...['taps', 'policy-routing', 'ipv6-static', 'mac-takeover', 'slaac'],
];
