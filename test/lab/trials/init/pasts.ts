/**
 * Hosts as they were before the program came: the files of one system, in the LAN of a change. None matches its NIC
 * by MAC: a NIC of the lab has no permanent one.
 */
import type { Flavour } from '../../drive/flavours.ts';
import type { TargetFile } from '../../image/host.ts';
import { GATEWAY, OTHER_GATEWAY } from '../change/lan.ts';
import type { Probed } from '../not-tested.ts';

export interface InitPast {
  readonly name: string;
  readonly backend: string;
  readonly nics: readonly string[];
  /** The link with the default route. */
  readonly uplink: string;
  readonly isLeased: boolean;
  /** Links that a kernel may not make: such a past is tried in a virtual machine. */
  readonly needs?: readonly Probed[];
  /** The LAN is this VLAN of the cables. */
  readonly tag?: number;
  /** Which ifupdown; default: the classic one. */
  readonly flavour?: Flavour;
  /** The router advertises a network. */
  readonly isAdvertised?: true;
  /** A container has a macvlan on the NIC. */
  readonly hasContainer?: true;
  /** The NIC keeps what it has; the shim is beside it. */
  readonly isKept?: true;
  /** Warnings of `lint` that are about the host as it was. */
  readonly deserves?: readonly string[];
  /** Options of `init`, and of `apply`. */
  readonly words?: readonly string[];
  readonly applied?: readonly string[];
  readonly files: readonly TargetFile[];
}

export const ADDRESS = '198.51.100.50';

export const file = (path: string, ...lines: readonly string[]): TargetFile => ({
  path,
  mode: path.endsWith('.nmconnection') || path.includes('netplan') ? 0o600 : 0o644,
  text: lines.map((line) => `${line}\n`).join(''),
});

export const networkd = (name: string, ...lines: readonly string[]): TargetFile =>
  file(`/etc/systemd/network/${name}`, ...lines);

/** Everything that the kernel shows of a static host: addresses, routes, a table with its rule, MTU, name servers. */
const NETWORKD_STATIC = networkd(
  '20-lan.network',
  ...['[Match]', 'Name=eth0', '[Link]', 'MTUBytes=1400'],
  ...['[Network]', `Address=${ADDRESS}/24`, 'Address=192.0.2.50/24', 'Address=2001:db8:51::50/64'],
  ...[`Gateway=${GATEWAY}`, 'DNS=198.51.100.53', 'IPv6AcceptRA=no'],
  ...['[Route]', 'Destination=198.18.0.0/16', `Gateway=${OTHER_GATEWAY}`, 'Metric=50'],
  ...['[Route]', `Gateway=${OTHER_GATEWAY}`, 'Table=100'],
  ...['[Route]', 'Destination=198.51.100.0/24', 'Scope=link', 'Table=100'],
  ...['[RoutingPolicyRule]', 'From=192.0.2.50', 'Table=100', 'Priority=1000'],
);

/** The rule is for an address of a subnet that the table has no route to. */
const DESERVED = ['table-without-subnet'];

/** By advertisement, beside a static address. */
const NETWORKD_ADVERTISED = networkd(
  '20-lan.network',
  ...['[Match]', 'Name=eth0', '[Network]', `Address=${ADDRESS}/24`, `Gateway=${GATEWAY}`],
  ...['DNS=198.51.100.53', 'IPv6AcceptRA=yes'],
);

const BRIDGE: readonly TargetFile[] = [
  networkd('10-br0.netdev', ...['[NetDev]', 'Name=br0', 'Kind=bridge']),
  networkd('10-br0-port.network', ...['[Match]', 'Name=eth0', '[Network]', 'Bridge=br0']),
  networkd(
    '20-br0.network',
    ...['[Match]', 'Name=br0', '[Network]', `Address=${ADDRESS}/24`, `Gateway=${GATEWAY}`],
    ...['DNS=198.51.100.53', 'IPv6AcceptRA=no'],
  ),
];

/** The container's own address is in the range that its engine assigns. */
export const CONTAINER = { address: '198.51.100.194', mac: '52:54:00:51:00:c6' };
/** Free, and of no DHCP server. */
export const SHIM_ADDRESS = '198.51.100.222';

/** As `podman network create -d macvlan --ip-range 198.51.100.192/27 -o parent=eth0 lan` writes it. */
const PODMAN = file(
  '/etc/containers/networks/lan.json',
  JSON.stringify(
    {
      name: 'lan',
      id: '86ba9a1f1d0a3e1ab3a4a0b34c5f7b7b1e2a9d0f6a1c2b3d4e5f60718293a4b5',
      driver: 'macvlan',
      network_interface: 'eth0',
      subnets: [
        {
          subnet: '198.51.100.0/24',
          gateway: GATEWAY,
          lease_range: { start_ip: '198.51.100.193', end_ip: '198.51.100.223' },
        },
      ],
      ipam_options: { driver: 'host-local' },
    },
    null,
    5,
  ),
);

const PROFILE = '/etc/NetworkManager/system-connections/lan.nmconnection';
const CONNECTION = [
  ...['[connection]', 'id=lan', 'uuid=5f1d7e0c-5d5b-4b71-9d0e-0e6a5c1c7a11', 'type=ethernet'],
  ...['interface-name=eth0', ''],
];

const NETPLAN = (...lines: readonly string[]): TargetFile =>
  file(
    '/etc/netplan/50-cloud-init.yaml',
    ...['network:', '  version: 2', '  ethernets:', '    eth0:'],
    ...lines.map((line) => `      ${line}`),
  );

export const INTERFACES = (...lines: readonly string[]): TargetFile =>
  file(
    '/etc/network/interfaces',
    ...['source /etc/network/interfaces.d/*', '', 'auto lo', 'iface lo inet loopback', ''],
    ...lines,
  );

export const past = (
  name: string,
  backend: string,
  files: readonly TargetFile[],
  more: Partial<InitPast> = {},
): InitPast => ({ name, backend, nics: ['eth0'], uplink: 'eth0', isLeased: false, files, ...more });

export const INIT_PASTS: readonly InitPast[] = [
  past('static, tables and rules', 'networkd', [NETWORKD_STATIC], { deserves: DESERVED }),
  past(
    'a lease',
    'networkd',
    [
      networkd(
        '20-lan.network',
        ...['[Match]', 'Name=eth0', '[Network]', 'DHCP=ipv4', 'IPv6AcceptRA=no'],
        ...['[DHCPv4]', 'RouteMetric=77'],
      ),
    ],
    { isLeased: true },
  ),
  past('static, dual stack', 'networkmanager', [
    file(
      PROFILE,
      ...CONNECTION,
      ...['[ipv4]', 'method=manual', `address1=${ADDRESS}/24,${GATEWAY}`, 'dns=198.51.100.53;'],
      ...[`route1=198.18.0.0/16,${OTHER_GATEWAY},50`, ''],
      ...['[ipv6]', 'method=manual', 'address1=2001:db8:51::50/64'],
    ),
  ]),
  past(
    'a lease',
    'networkmanager',
    [file(PROFILE, ...CONNECTION, '[ipv4]', 'method=auto', '', '[ipv6]', 'method=link-local')],
    { isLeased: true },
  ),
  past('static, by cloud-init', 'netplan-networkd', [
    NETPLAN(
      ...[`addresses: [${ADDRESS}/24, "2001:db8:51::50/64"]`, 'accept-ra: false', 'mtu: 1400'],
      ...[
        `routes: [{to: 0.0.0.0/0, via: ${GATEWAY}}, {to: 198.18.0.0/16, via: ${OTHER_GATEWAY}, metric: 50}]`,
      ],
      'nameservers: {addresses: [198.51.100.53]}',
    ),
  ]),
  past(
    'a lease, by cloud-init',
    'netplan-networkd',
    [NETPLAN(...['dhcp4: true', 'accept-ra: false'])],
    { isLeased: true },
  ),
  past("the installer's file, with hooks", 'ifupdown', [
    INTERFACES(
      'auto eth0',
      ...['iface eth0 inet static', `    address ${ADDRESS}`, '    netmask 255.255.255.0'],
      ...[`    gateway ${GATEWAY}`, '    mtu 1400'],
      `    up ip route add 198.18.0.0/16 via ${OTHER_GATEWAY} dev eth0 metric 50`,
      '    down ip route del 198.18.0.0/16',
    ),
  ]),
  past('static and advertised', 'networkd', [NETWORKD_ADVERTISED], { isAdvertised: true }),
  past(
    'static and advertised',
    'networkmanager',
    [
      file(
        PROFILE,
        ...CONNECTION,
        ...['[ipv4]', 'method=manual', `address1=${ADDRESS}/24,${GATEWAY}`, 'dns=198.51.100.53;'],
        ...['', '[ipv6]', 'method=auto', 'addr-gen-mode=eui64'],
      ),
    ],
    { isAdvertised: true },
  ),
  past('static, by netplan', 'netplan-networkmanager', [
    NETPLAN(
      ...[`addresses: [${ADDRESS}/24]`, 'renderer: NetworkManager', 'accept-ra: false'],
      `routes: [{to: default, via: ${GATEWAY}}]`,
      'nameservers: {addresses: [198.51.100.53]}',
    ),
  ]),
  past(
    'a lease, by netplan',
    'netplan-networkmanager',
    [NETPLAN(...['dhcp4: true', 'renderer: NetworkManager', 'accept-ra: false'])],
    { isLeased: true },
  ),
  past('a bridge', 'networkd', BRIDGE, {
    uplink: 'br0',
    applied: BRIDGE.flatMap(({ path }) => ['--move', path]),
  }),
  past('containers behind the host', 'networkd', [NETWORKD_STATIC, PODMAN], {
    deserves: DESERVED,
    hasContainer: true,
  }),
  past(
    'containers beside a lease',
    'ifupdown',
    [INTERFACES('auto eth0', 'iface eth0 inet dhcp'), PODMAN],
    {
      isLeased: true,
      hasContainer: true,
      isKept: true,
      words: ['--keep-parent', '--address', `${SHIM_ADDRESS}/32`],
    },
  ),
];
