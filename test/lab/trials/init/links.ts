/**
 * Hosts whose address is on a VLAN, on a bond, or on a VLAN of a bond. An active-backup bond has two ports of one switch,
 * and a VLAN is a tagged port.
 */
import type { TargetFile } from '../../image/host.ts';
import { GATEWAY, OTHER_GATEWAY } from '../change/lan.ts';
import { ADDRESS, file, INTERFACES, type InitPast, networkd, past } from './pasts.ts';

const TAG = 10;

const BOND: Partial<InitPast> = { nics: ['eth0', 'eth1'], uplink: 'bond0', needs: ['bond'] };
const VLAN: Partial<InitPast> = { uplink: `eth0.${TAG}`, needs: ['vlan'], tag: TAG };
const VLAN_ON_BOND: Partial<InitPast> = {
  ...BOND,
  uplink: `bond0.${TAG}`,
  needs: ['bond', 'vlan'],
  tag: TAG,
};

const NETWORKD_BOND: readonly TargetFile[] = [
  networkd(
    '10-bond0.netdev',
    ...['[NetDev]', 'Name=bond0', 'Kind=bond'],
    ...['[Bond]', 'Mode=active-backup', 'MIIMonitorSec=100ms'],
  ),
  networkd('10-ports.network', ...['[Match]', 'Name=eth0 eth1', '[Network]', 'Bond=bond0']),
];

const networkdVlan = (below: string): readonly TargetFile[] => [
  networkd(
    `15-${below}.${TAG}.netdev`,
    ...['[NetDev]', `Name=${below}.${TAG}`, 'Kind=vlan', '[VLAN]', `Id=${TAG}`],
  ),
  networkd(
    `20-${below}.network`,
    ...['[Match]', `Name=${below}`],
    ...['[Network]', `VLAN=${below}.${TAG}`, 'LinkLocalAddressing=no', 'IPv6AcceptRA=no'],
  ),
];

const networkdStatic = (link: string): TargetFile =>
  networkd(
    `30-${link}.network`,
    ...['[Match]', `Name=${link}`, '[Link]', 'MTUBytes=1400'],
    ...['[Network]', `Address=${ADDRESS}/24`, `Gateway=${GATEWAY}`],
    ...['DNS=198.51.100.53', 'IPv6AcceptRA=no'],
    ...['[Route]', 'Destination=198.18.0.0/16', `Gateway=${OTHER_GATEWAY}`, 'Metric=50'],
    ...['[Route]', `Gateway=${OTHER_GATEWAY}`, 'Table=100'],
    ...['[Route]', 'Destination=198.51.100.0/24', 'Scope=link', 'Table=100'],
    ...['[RoutingPolicyRule]', `From=${ADDRESS}`, 'Table=100', 'Priority=1000'],
  );

const keyfile = (id: string, type: string, ...lines: readonly string[]): TargetFile =>
  file(
    `/etc/NetworkManager/system-connections/${id}.nmconnection`,
    ...['[connection]', `id=${id}`, `uuid=${uuidOf(id)}`, `type=${type}`, `interface-name=${id}`],
    ...lines,
  );

/** Another one for each name, in the form of one. */
const uuidOf = (id: string): string =>
  `5f1d7e0c-5d5b-4b71-9d0e-${[...id.padEnd(6, '0').slice(0, 6)]
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')}`;

const NO_ADDRESS = ['[ipv4]', 'method=disabled', '[ipv6]', 'method=disabled'];

const keyfileStatic = [
  ...['[ipv4]', 'method=manual', `address1=${ADDRESS}/24,${GATEWAY}`, 'dns=198.51.100.53;'],
  ...[`route1=198.18.0.0/16,${OTHER_GATEWAY},50`, '[ipv6]', 'method=link-local'],
];

const keyfileBond = (...ip: readonly string[]): readonly TargetFile[] => [
  keyfile('bond0', 'bond', '[bond]', 'mode=active-backup', 'miimon=100', ...ip),
  ...['eth0', 'eth1'].map((nic) =>
    file(
      `/etc/NetworkManager/system-connections/port-${nic}.nmconnection`,
      ...['[connection]', `id=port-${nic}`, `uuid=${uuidOf(nic)}`, 'type=ethernet'],
      ...[`interface-name=${nic}`, 'master=bond0', 'slave-type=bond'],
    ),
  ),
];

const keyfileVlan = (below: string): TargetFile =>
  keyfile(
    `${below}.${TAG}`,
    'vlan',
    ...['[vlan]', `parent=${below}`, `id=${TAG}`, 'flags=1'],
    ...keyfileStatic,
  );

const netplan = (...lines: readonly string[]): TargetFile =>
  file('/etc/netplan/01-netcfg.yaml', 'network:', '  version: 2', ...lines);

const netplanStatic = (indent: string): string[] =>
  [
    ...[`addresses: [${ADDRESS}/24]`, 'accept-ra: false', 'mtu: 1400'],
    `routes: [{to: default, via: ${GATEWAY}}, {to: 198.18.0.0/16, via: ${OTHER_GATEWAY}, metric: 50}]`,
    'nameservers: {addresses: [198.51.100.53]}',
  ].map((line) => `${indent}${line}`);

const NETPLAN_PORTS = ['  ethernets:', '    eth0: {}', '    eth1: {}'];
const NETPLAN_BOND = [
  ...['  bonds:', '    bond0:', '      interfaces: [eth0, eth1]'],
  '      parameters: {mode: active-backup, mii-monitor-interval: 100}',
];
const netplanVlan = (below: string): string[] => [
  ...['  vlans:', `    ${below}.${TAG}:`, `      id: ${TAG}`, `      link: ${below}`],
  ...netplanStatic('      '),
];

const INTERFACES_STATIC = [
  ...[`    address ${ADDRESS}/24`, `    gateway ${GATEWAY}`],
  `    up ip route add 198.18.0.0/16 via ${OTHER_GATEWAY} dev $IFACE metric 50`,
];

export const LINK_PASTS: readonly InitPast[] = [
  past('a VLAN', 'networkd', [...networkdVlan('eth0'), networkdStatic(`eth0.${TAG}`)], VLAN),
  past('a bond', 'networkd', [...NETWORKD_BOND, networkdStatic('bond0')], BOND),
  past(
    'a VLAN of a bond',
    'networkd',
    [...NETWORKD_BOND, ...networkdVlan('bond0'), networkdStatic(`bond0.${TAG}`)],
    VLAN_ON_BOND,
  ),
  past(
    'a VLAN',
    'networkmanager',
    [keyfile('eth0', 'ethernet', ...NO_ADDRESS), keyfileVlan('eth0')],
    VLAN,
  ),
  past('a bond', 'networkmanager', keyfileBond(...keyfileStatic), BOND),
  past(
    'a VLAN of a bond',
    'networkmanager',
    [...keyfileBond(...NO_ADDRESS), keyfileVlan('bond0')],
    VLAN_ON_BOND,
  ),
  past(
    'a VLAN',
    'netplan-networkd',
    [netplan('  ethernets:', '    eth0: {}', ...netplanVlan('eth0'))],
    VLAN,
  ),
  past(
    'a bond',
    'netplan-networkd',
    [netplan(...NETPLAN_PORTS, ...NETPLAN_BOND, ...netplanStatic('      '))],
    BOND,
  ),
  past(
    'a VLAN of a bond',
    'netplan-networkd',
    [netplan(...NETPLAN_PORTS, ...NETPLAN_BOND, ...netplanVlan('bond0'))],
    VLAN_ON_BOND,
  ),
  past(
    'a VLAN',
    'ifupdown',
    [
      INTERFACES(
        ...['auto eth0', 'iface eth0 inet manual', '', `auto eth0.${TAG}`],
        ...[`iface eth0.${TAG} inet static`, '    vlan-raw-device eth0', ...INTERFACES_STATIC],
      ),
    ],
    VLAN,
  ),
  past(
    'a bond',
    'ifupdown',
    [
      INTERFACES(
        ...['auto eth0', 'iface eth0 inet manual', '', 'auto eth1', 'iface eth1 inet manual', ''],
        ...['auto bond0', 'iface bond0 inet static', ...INTERFACES_STATIC],
        ...['    bond-slaves eth0 eth1', '    bond-mode active-backup', '    bond-miimon 100'],
      ),
    ],
    { ...BOND, flavour: 'ifupdown2' },
  ),
];
