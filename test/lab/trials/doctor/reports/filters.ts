/** What people reported of what drops packets on the host. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../fault.ts';
import { GATEWAY, GUEST, NIC_MAC, table } from './stations.ts';

const XDP = readFileSync(fileURLToPath(new URL('xdp-drop.py', import.meta.url)), 'utf8');

export const FILTERS: readonly Fault[] = [
  {
    name: 'the guest is on a list of banned addresses',
    from: 'crowdsecurity/cs-firewall-bouncer#130',
    backend: 'ifupdown',
    suite: 'bookworm',
    host: [
      table(
        'ip',
        'type filter hook input priority -10; policy accept; ip saddr @banned drop',
        `set banned {\ntype ipv4_addr; flags timeout; elements = { ${GUEST} timeout 4h }\n}\n`,
      ),
    ],
    first: ['firewall-may-drop', 'firewall-drops'],
  },
  {
    name: 'the gateway is on a list of banned addresses, dropped at ingress',
    from: 'mitchellkrogza/nginx-ultimate-bad-bot-blocker#666',
    backend: 'networkmanager',
    host: [
      table(
        'netdev',
        'type filter hook ingress device veth0 priority -500; policy accept; ip saddr @banned counter drop',
        `set banned {\ntype ipv4_addr; elements = { ${GATEWAY} }\n}\n`,
      ),
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'a filter of the bridge admits IP addresses, and so no ARP',
    from: 'vyos/vyos-1x#3901',
    case: 'bridge-parent',
    backend: 'netplan-networkd',
    suite: 'bookworm',
    host: [
      table(
        'bridge',
        'type filter hook input priority 0; policy drop; ip saddr 198.51.100.0/24 accept',
      ),
      'ip neigh flush all',
    ],
    first: ['firewall-may-drop', 'firewall-drops'],
  },
  {
    name: 'the kill switch of a VPN lets packets out by its tunnel only',
    from: 'Rafficer/linux-cli-community#223',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: [
      'iptables -A OUTPUT -o lo -j ACCEPT; iptables -A OUTPUT -o proton0 -j ACCEPT; iptables -P OUTPUT DROP',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'the rules are for the NIC, and the address is on the shim now',
    from: 'binhex/arch-delugevpn#34',
    backend: 'netplan-networkd',
    host: [
      'iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -i eth0 -j ACCEPT; iptables -P INPUT DROP',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'a chain that is jumped to rejects what goes to the LAN',
    from: 'chaifeng/ufw-docker#11',
    backend: 'ifupdown',
    host: [
      'iptables -N ufw-before-output; iptables -N ufw-reject-output; iptables -A OUTPUT -j ufw-before-output',
      'iptables -A ufw-before-output -d 198.51.100.0/24 -j ufw-reject-output',
      'iptables -A ufw-reject-output -j REJECT --reject-with icmp-admin-prohibited',
    ],
    first: ['firewall-drops'],
  },
  {
    name: "a rule against spoofed MACs knows the NIC's alone",
    from: 'canonical/lxd#2423',
    suite: 'bookworm',
    host: [
      table(
        'netdev',
        `type filter hook egress device eth0 priority 0; ether saddr != ${NIC_MAC} counter drop`,
      ),
      'ip neigh flush all',
    ],
    first: ['firewall-drops'],
  },
  {
    name: 'a proxy sends packets for the guest elsewhere',
    from: 'SagerNet/sing-box#3705',
    backend: 'networkmanager',
    host: [
      table('ip', `type nat hook output priority -1; ip daddr ${GUEST} dnat to 198.51.100.77`),
    ],
    first: ['nat-rewrites'],
  },
  {
    name: 'packets leave with the address of a failed gateway',
    from: 'shadowsocks/shadowsocks-libev#1844',
    suite: 'bookworm',
    host: [
      table('ip', 'type nat hook postrouting priority 100; oifname "veth0" snat to 198.51.100.99'),
    ],
    first: ['nat-rewrites'],
  },
  {
    name: 'a shaper sends all that comes in to a device that is down',
    from: 'magnific0/wondershaper#100, dtaht/sch_cake#151',
    host: [
      'ip link add ifb0 type ifb; tc qdisc add dev eth0 handle ffff: ingress',
      'tc filter add dev eth0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ifb0',
      'ip neigh flush all',
    ],
    first: ['traffic-control-drops'],
  },
  {
    name: 'a limit of the bandwidth lets nothing through',
    from: 'cloudfoundry-attic/warden#105',
    backend: 'networkmanager',
    suite: 'bookworm',
    host: ['tc qdisc add dev veth0 root tbf rate 8bit burst 10 limit 1', 'ip neigh flush all'],
    first: ['traffic-control-drops'],
  },
  {
    name: 'an XDP program on the NIC drops all frames',
    from: 'xdp-project/xdp-tutorial#285, gamemann/xdp-firewall#5',
    backend: 'netplan-networkd',
    host: [`python3 - eth0 <<'PROGRAM'\n${XDP}PROGRAM`, 'ip neigh flush all'],
    first: ['xdp-may-drop'],
  },
];
