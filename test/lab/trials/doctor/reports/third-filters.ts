/** A third look at public reports: filters and ARP. Written down before a look at the program's causes. */
import type { Fault } from '../fault.ts';
import { GUEST, HOST, table } from './stations.ts';

export const THIRD_FILTERS: readonly Fault[] = [
  {
    name: 'packets wait for a program that does not run',
    from: 'OISF/suricata#2883, safing/portmaster#110',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['iptables-legacy -A INPUT -j NFQUEUE --queue-num 0'],
    cause: 'A rule queues packets for a program that does not run, and they are dropped.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'a filter of eBPF was left on the NIC',
    from: 'cilium/cilium#30609, #26472',
    host: [
      "tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress bpf direct-action bytecode '1,6 0 0 2,'",
      'ip neigh flush all',
    ],
    cause: 'Traffic control drops what comes in at the NIC.',
    first: ['traffic-control-drops'],
  },
  {
    name: 'an IPsec policy takes all, the LAN included',
    from: 'libreswan/libreswan#1984, strongswan/strongswan#2428',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip xfrm policy add dir out src 0.0.0.0/0 dst 0.0.0.0/0 tmpl proto esp mode tunnel reqid 1',
    ],
    cause: 'An IPsec policy takes what is for the LAN, and there is no association for it.',
    first: ['ipsec-drops'],
  },
  {
    name: 'an IPsec policy blocks what is not encrypted',
    from: 'libreswan/libreswan#1188',
    backend: 'netplan-networkd',
    host: ['ip xfrm policy add dir in src 0.0.0.0/0 dst 0.0.0.0/0 action block'],
    cause: 'An IPsec policy blocks what comes in.',
    first: ['ipsec-drops'],
  },
  {
    name: 'frames are forwarded to another device at the ingress of the NIC',
    from: 'srl-labs/vrnetlab#504; nft(8), fwd statement',
    suite: 'sid',
    host: [
      'ip link add ifb9 type ifb',
      table('netdev', 'type filter hook ingress device eth0 priority 0; fwd to "ifb9"'),
      'ip neigh flush all',
    ],
    cause: 'A rule of nftables sends what comes in at the NIC to another device.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'pings are limited to one a minute',
    from: 'firewalld/firewalld#672, debops/ansible-ferm#102',
    backend: 'ifupdown',
    host: [
      table(
        'inet',
        'type filter hook input priority 0; meta l4proto icmp limit rate over 1/minute burst 1 packets counter drop',
      ),
    ],
    cause: 'A rule of nftables drops packets.',
    first: ['firewall-drops'],
  },
  {
    name: 'a verdict map drops the guest',
    from: 'wiki.nftables.org, verdict maps; stangri/source.openwrt.melmac.ca#207',
    backend: 'networkmanager',
    host: [
      table(
        'ip',
        'type filter hook output priority 0; ip daddr vmap @verdicts',
        `map verdicts {\ntype ipv4_addr : verdict; elements = { ${GUEST} : drop, 203.0.113.7 : accept }\n}\n`,
      ),
    ],
    cause: 'A rule of nftables drops packets.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'the LAN is mapped to another network, as a VPN has the same one',
    from: 'netbirdio/netbird#4664, tailscale/tailscale#13817',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: ['iptables -t nat -A OUTPUT -d 198.51.100.0/24 -j NETMAP --to 10.8.0.0/24'],
    cause: 'Address translation changes where packets go.',
    first: ['nat-rewrites'],
  },
  {
    name: 'a kill switch in the table mangle',
    from: 'wknapik/vpnfailsafe#35',
    suite: 'bullseye',
    host: ['iptables -t mangle -A POSTROUTING -d 198.51.100.0/24 ! -o tun0 -j DROP'],
    cause: 'A rule of iptables drops packets.',
    first: ['firewall-drops'],
  },
  {
    name: "a rule at the guest's device drops what goes to it",
    from: 'NVIDIA/OpenShell#1400',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      table(
        'netdev',
        `type filter hook ingress device macvtap0 priority 0; ip daddr ${GUEST} drop`,
      ),
    ],
    cause: "A rule of nftables at the guest's device drops packets.",
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: "the guest's bandwidth is limited to nothing",
    from: 'kata-containers/kata-containers#250, kubevirt/kubevirt#17200',
    host: [
      'tc qdisc replace dev macvtap0 root tbf rate 8bit burst 10 limit 1',
      'ip neigh flush all',
    ],
    cause: "Traffic control at the guest's device drops packets.",
    first: ['traffic-control-drops'],
  },
  {
    name: "arptables hides the host's address",
    from: 'LVS HOWTO: arptables on real servers',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [`arptables -A INPUT -d ${HOST} -j DROP`, 'ip neigh flush all'],
    cause: 'A rule of arptables drops ARP.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'hardening: the host answers no echo requests',
    from: 'trailofbits/algo#475',
    backend: 'netplan-networkd',
    host: ['echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'],
    cause: 'The host does not answer pings: icmp_echo_ignore_all.',
    first: ['echo-ignored'],
  },
  {
    name: 'ARP requests are left to a program that does not run',
    from: 'arpd(8): mcast_solicit=0, app_solicit',
    backend: 'ifupdown',
    host: [
      'echo 0 >/proc/sys/net/ipv4/neigh/veth0/mcast_solicit; echo 3 >/proc/sys/net/ipv4/neigh/veth0/app_solicit',
      'ip neigh flush all',
    ],
    cause: 'The kernel sends no ARP requests: mcast_solicit is 0.',
    first: ['arp-not-sent'],
  },
  {
    name: 'the NIC answers ARP for every address of the LAN',
    from: 'threefoldtech/zos#544, acassen/keepalived#1507',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'echo 1 >/proc/sys/net/ipv4/conf/all/forwarding; echo 1 >/proc/sys/net/ipv4/conf/eth0/proxy_arp',
    ],
    cause: 'The NIC answers ARP for others: proxy_arp is on.',
    first: ['proxy-arp'],
  },
];
