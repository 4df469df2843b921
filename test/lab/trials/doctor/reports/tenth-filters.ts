/** The tenth set: packets that a rule of the host drops, rejects or rewrites, in any table, hook and family. */
import type { Fault } from '../fault.ts';

const SHIM = 'ce:56:b6:6f:2b:36';
const ROUTER = '52:54:00:51:01:fe';
const GUEST = '52:54:00:51:01:c6';
const drops = (rule: string): string => `A rule of nftables drops packets: ${rule}.`;

export const TENTH_FILTERS: readonly Fault[] = [
  {
    name: 'a firewall at the NIC knows the MAC of the NIC alone',
    from: 'wiki.nftables.org, netdev family, ingress',
    host: [
      `nft 'table netdev guard { chain in { type filter hook ingress device "eth0" priority -500; ether daddr ${SHIM} counter drop; }; }'`,
    ],
    cause: drops("netdev guard in, ingress of eth0, ether daddr of veth0's MAC"),
    first: ['firewall-drops'],
  },
  {
    name: 'packets to guests are dropped on their way out of the shim',
    from: 'wiki.nftables.org, netdev family, egress',
    backend: 'networkmanager',
    host: [
      'nft \'table netdev shape { chain out { type filter hook egress device "veth0" priority 0; ip daddr 198.51.100.192/27 counter drop; }; }\'',
    ],
    cause: drops('netdev shape out, egress of veth0, ip daddr 198.51.100.192/27'),
    first: ['firewall-drops'],
  },
  {
    name: 'the ingress hook of an inet table drops the LAN',
    from: 'nft(8), inet family, ingress since Linux 5.10',
    suite: 'sid',
    host: [
      `nft 'table inet edge { chain first { type filter hook ingress device "veth0" priority 0; policy accept; ether saddr ${ROUTER} counter drop; }; }'`,
    ],
    cause: drops("inet edge first, ingress of veth0, ether saddr of the router's MAC"),
    first: ['firewall-drops'],
  },
  {
    name: 'arptables of a load balancer hides the address',
    from: 'austintek.com, the ARP problem; Red Hat, Direct Routing and arptables_jf',
    host: [
      'arptables -A INPUT -d 198.51.100.50 -j DROP',
      'arptables -A OUTPUT -s 198.51.100.50 -j DROP',
      'ip neigh flush dev veth0',
    ],
    cause: drops('table arp filter, ARP for and from 198.51.100.50'),
    first: ['firewall-drops'],
  },
  {
    name: 'an arp table of nftables takes no answers',
    from: 'wiki.nftables.org, arp family',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      "nft 'table arp antispoof { chain input { type filter hook input priority 0; policy accept; arp operation reply counter drop; }; }'",
      'ip neigh flush dev veth0',
    ],
    cause: drops('arp antispoof input, arp operation reply'),
    first: ['firewall-drops'],
  },
  {
    name: 'a rule of iptables-legacy drops the guests',
    from: 'docker/for-linux, iptables-legacy beside nft; wiki.debian.org/nftables',
    suite: 'bookworm',
    host: ['iptables-legacy -I INPUT -i veth0 -s 198.51.100.192/27 -j DROP'],
    cause: 'A rule of iptables-legacy in INPUT drops packets from 198.51.100.192/27.',
    first: ['firewall-drops'],
  },
  {
    name: 'a rule by MAC drops the guest',
    from: 'iptables-extensions(8), mac; serverfault, macvlan and iptables',
    suite: 'bullseye',
    host: [`iptables -A INPUT -m mac --mac-source ${GUEST} -j DROP`],
    cause: drops("ip filter INPUT, the guest's MAC"),
    first: ['firewall-drops'],
  },
  {
    name: 'the raw table drops before anything is tracked',
    from: 'kubernetes/kubernetes#59044; iptables(8), raw',
    backend: 'ifupdown',
    host: ['iptables -t raw -A PREROUTING -i veth0 ! -s 10.0.0.0/8 -j DROP'],
    cause: drops('ip raw PREROUTING, -i veth0 ! -s 10.0.0.0/8'),
    first: ['firewall-drops'],
  },
  {
    name: 'neighbour solicitations are dropped with the rest of ICMPv6',
    from: 'oneuptime.com, ICMPv6 that must not be blocked',
    case: 'dual-stack',
    host: [
      'ip6tables -A INPUT -p ipv6-icmp --icmpv6-type echo-reply -j ACCEPT',
      'ip6tables -A INPUT -p ipv6-icmp --icmpv6-type echo-request -j ACCEPT',
      'ip6tables -A INPUT -p ipv6-icmp -j DROP',
      'ip -6 neigh flush dev veth0',
    ],
    cause: drops('ip6 filter INPUT, all ICMPv6 but echo: neighbour discovery'),
    first: ['firewall-drops'],
  },
  {
    name: 'neighbour advertisements are dropped in ip6 raw',
    from: 'oneuptime.com, ICMPv6 that must not be blocked; docker/for-linux#914',
    case: 'ipv6-static',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'ip6tables -t raw -A PREROUTING -p ipv6-icmp --icmpv6-type neighbour-advertisement -j DROP',
      'ip -6 neigh flush dev veth0',
    ],
    cause: drops('ip6 raw PREROUTING, neighbour advertisements'),
    first: ['firewall-drops'],
  },
  {
    name: 'router advertisements are dropped until the routes expire',
    from: 'usableprivacy/upribox#53; oneuptime.com, ICMPv6 that must not be blocked',
    case: 'slaac',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      "nft 'table inet filter { chain input { type filter hook input priority 0; policy accept; icmpv6 type nd-router-advert counter drop; }; }'",
      'sleep 8',
      'sleep 8',
    ],
    cause: drops('inet filter input, nd-router-advert: the IPv6 default route has expired'),
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'ebtables of the bridge drops the router',
    from: 'wiki.nftables.org, bridge family; Proxmox, firewall ebtables',
    case: 'bridge-parent',
    host: [
      `nft 'table bridge filter { chain input { type filter hook input priority -200; policy accept; ether saddr ${ROUTER} counter drop; }; }'`,
    ],
    cause: drops("bridge filter input, ether saddr of the router's MAC"),
    first: ['firewall-drops'],
  },
  {
    name: 'iptables drops what br_netfilter hands to it',
    from: 'wiki.libvirt.org, net.bridge.bridge-nf-call; moby/libnetwork#2497',
    case: 'bridge-parent',
    backend: 'netplan-networkd',
    host: [
      'echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables',
      'iptables -t mangle -A PREROUTING -i br0 -s 198.51.100.0/24 -j DROP',
    ],
    cause: drops('ip mangle PREROUTING, -i br0, which sees bridged packets by br_netfilter'),
    first: ['firewall-drops'],
  },
  {
    name: 'an old port forward rewrites packets to the guest',
    from: 'docker/docs#6745; iptables-extensions(8), DNAT in OUTPUT',
    backend: 'netplan-networkmanager',
    host: ['iptables -t nat -A OUTPUT -d 198.51.100.198 -j DNAT --to-destination 198.51.100.199'],
    cause:
      'A rule in ip nat OUTPUT rewrites the destination 198.51.100.198 to 198.51.100.199 (DNAT).',
    first: ['nat-rewrites'],
  },
  {
    name: 'packets leave with an old public address',
    from: 'serverfault, SNAT after a change of address; iptables-extensions(8), SNAT',
    suite: 'bookworm',
    host: ['iptables -t nat -A POSTROUTING -o veth0 -j SNAT --to-source 203.0.113.5'],
    cause: 'A rule in ip nat POSTROUTING gives packets by veth0 the source 203.0.113.5 (SNAT).',
    first: ['nat-rewrites'],
  },
  {
    name: 'firewalld is in panic mode',
    from: 'firewall-cmd(1), --panic-on',
    backend: 'networkmanager',
    suite: 'sid',
    host: [
      "nft 'table inet firewalld_policy_drop { chain filter_prerouting { type filter hook prerouting priority -310; policy drop; }; chain filter_output { type filter hook output priority -310; policy drop; }; }'",
    ],
    cause: drops('inet firewalld_policy_drop (panic mode), policy drop'),
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'large packets alone are dropped',
    from: 'grokdatum.github.io, MTU footguns; nft(8), meta length',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      "nft 'table inet mangle { chain prerouting { type filter hook prerouting priority -150; policy accept; meta length > 1400 counter drop; }; }'",
    ],
    cause: drops('inet mangle prerouting, meta length > 1400'),
    first: ['firewall-drops'],
  },
  {
    name: 'an intrusion list has the gateway in it',
    from: 'crowdsecurity/cs-firewall-bouncer, nftables sets; crazy-max/docker-fail2ban#29',
    host: [
      "nft 'table ip crowdsec { set crowdsec-blacklists { type ipv4_addr; flags timeout; elements = { 203.0.113.66 timeout 4h, 198.51.100.254 timeout 4h }; }; chain crowdsec-chain-input { type filter hook input priority -10; policy accept; ip saddr @crowdsec-blacklists counter drop; }; }'",
    ],
    cause: drops('ip crowdsec crowdsec-chain-input, the gateway is in @crowdsec-blacklists'),
    first: ['firewall-drops'],
  },
  {
    name: 'a rule several chains down rejects packets to guests',
    from: 'ufw-framework(8), ufw-user-output; binhex/arch-delugevpn#34',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      'iptables -N ufw-before-output',
      'iptables -N ufw-user-output',
      'iptables -A OUTPUT -j ufw-before-output',
      'iptables -A ufw-before-output -o lo -j ACCEPT',
      'iptables -A ufw-before-output -j ufw-user-output',
      'iptables -A ufw-user-output -o veth0 -d 198.51.100.192/27 -j REJECT',
    ],
    cause: drops('ip filter ufw-user-output rejects packets to 198.51.100.192/27'),
    first: ['firewall-drops'],
  },
  {
    name: 'a map of verdicts drops the guest',
    from: 'wiki.nftables.org, verdict maps',
    backend: 'netplan-networkd',
    suite: 'sid',
    host: [
      "nft 'table inet fw { map verdicts { type ipv4_addr : verdict; elements = { 198.51.100.198 : drop, 198.51.100.10 : accept }; }; chain in { type filter hook input priority 0; policy accept; counter ip saddr vmap @verdicts; }; }'",
    ],
    cause: drops('inet fw in, ip saddr vmap, 198.51.100.198 : drop'),
    first: ['firewall-drops'],
  },
  {
    name: 'packets are queued for an inspection that is not running',
    from: 'docs.suricata.io, NFQUEUE without bypass',
    host: ['iptables -I INPUT -i veth0 -j NFQUEUE --queue-num 0'],
    cause: 'A rule in ip filter INPUT queues packets (NFQUEUE 0) for a program that does not run.',
    first: ['firewall-drops', 'firewall-may-drop'],
  },
  {
    name: 'a firewall lets each link take its own addresses alone',
    from: 'nft(8), fib expression (drop packets to addresses of another interface)',
    case: 'side-shim-other-address',
    host: [
      'nft \'table inet rpf { chain pre { type filter hook prerouting priority -300; policy accept; iifname "veth0" fib daddr . iif type != { local, broadcast, multicast } counter drop; }; }\'',
    ],
    cause: drops("inet rpf pre, fib daddr . iif: guests' packets to the address of eth0"),
    first: ['firewall-drops', 'firewall-may-drop'],
  },
];
