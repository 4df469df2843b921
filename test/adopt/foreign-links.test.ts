/** `init` on hosts whose files name a link, its kind or its default route in a way of their own. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostAt, init } from './trees.ts';

const NM = 'os: fedora 41\nstart: NetworkManager.service\n';
const KEYFILES = '--- /etc/NetworkManager/system-connections';
const IFCFG = '--- /etc/sysconfig/network-scripts/ifcfg-';
const DEBIAN = 'os: debian 12\nstart: networking.service\n--- /etc/network/interfaces\n';
const NETWORKD = 'os: debian 12\nstart: systemd-networkd.service\n--- /etc/systemd/network';
const BOND = `${KEYFILES}/bond0.nmconnection
[connection]
id=bond0
uuid=54317911-f840-516b-a10d-82cb4c1f075c
type=bond
interface-name=bond0
[bond]
mode=active-backup
[ipv4]
method=manual
address1=198.51.100.2/24,198.51.100.1
${KEYFILES}/port.nmconnection
[connection]
id=port
type=ethernet
slave-type=bond
master=54317911-f840-516b-a10d-82cb4c1f075c
[ethernet]
mac-address=98:BB:9F:2C:E8:80
`;
const LEASED = `${KEYFILES}/eth0.nmconnection
[connection]
id=eth0
type=ethernet
interface-name=eth0
[ipv4]
method=auto
`;
const VLAN = `iface lan inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
    vlan-raw-device eth0
`;

/** A lease of networkd with these lines in [DHCPv4], from line 6 on. */
const leasedBy = (...lines: readonly string[]): string =>
  `${NETWORKD}/eth0.network
[Match]
Name=eth0
[Network]
DHCP=ipv4
[DHCPv4]
${lines.join('\n')}
`;

interface Read {
  readonly what: string;
  readonly host: string;
  readonly words?: readonly string[];
  /** In the intent or among the findings. */
  readonly has: readonly RegExp[];
  readonly hasNot?: readonly RegExp[];
}

const READ: readonly Read[] = [
  {
    what: 'a VLAN of ifupdown whose name has no number',
    host: `${DEBIAN}auto lan\n${VLAN}    vlan-id 20\n`,
    has: [/lan:\n {4}id: 20 .*:6$/m, /link: eth0/],
  },
  {
    what: 'options of loopback',
    host: `${DEBIAN}auto lo eth0
iface lo inet loopback
    dns-nameservers 192.0.2.53
iface eth0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
`,
    has: [/interfaces:2: note\[link-not-adopted\]: `lo` keeps.*\n {2}help: Nothing to do\.$/m],
    hasNot: [/nameservers:/],
  },
  {
    what: 'a bridge that only a `.netdev` file has',
    host: `${NETWORKD}/br1.netdev
[NetDev]
Name=br1
Kind=bridge
--- /etc/systemd/network/lan.netdev
[NetDev]
Name=lan
Kind=vlan
[VLAN]
Id=17
--- /etc/systemd/network/eth0.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
VLAN=lan
--- /etc/systemd/network/lan.network
[Match]
Name=lan
[Network]
Bridge=br1
`,
    has: [/br1:\n {4}type: bridge\n {4}interfaces:\n {6}- lan /],
  },
  {
    what: 'a VLAN profile without a name',
    host: `${NM}${KEYFILES}/lan.nmconnection
[connection]
id=lan
type=vlan
[vlan]
id=20
parent=eth0
[ipv4]
method=manual
address1=198.51.100.2/24,198.51.100.1
`,
    has: [/parent: eth0\.20/, /eth0\.20:\n {4}id: 20 /],
  },
  {
    what: 'members of a bond by their MAC',
    host: `${NM}mac: enp1s0 98:bb:9f:2c:e8:80\n${BOND}`,
    has: [/interfaces:\n {6}- enp1s0 /],
  },
  {
    what: 'an empty gateway of a route',
    host: `${NM}${KEYFILES}/eth0.nmconnection
[connection]
id=eth0
type=ethernet
interface-name=eth0
[ipv4]
method=manual
address1=198.51.100.2/24,198.51.100.1
route1=203.0.113.0/24,,1024
route1_options=table=254
`,
    has: [/\{to: 203\.0\.113\.0\/24, scope: link, metric: 1024\}/],
  },
  {
    what: 'a lease that sets no default route, beside a NIC that has one',
    host: `${NM}${IFCFG}eth0
DEVICE=eth0
BOOTPROTO=dhcp
DEFROUTE=no
${IFCFG}eth1
DEVICE=eth1
IPADDR=198.51.100.2
PREFIX=24
GATEWAY=198.51.100.1
`,
    has: [/parent: eth1/, /`eth0` keeps/],
  },
  {
    what: 'a lease without its default route',
    host: `${NM}${LEASED}never-default=true\n`,
    words: ['--parent', 'eth0'],
    has: [/use-routes: false .*:7/, /note\[setting-not-adopted\]: `\[ipv4\] never-default=true`/],
  },
  {
    what: 'a gateway that is not used',
    host: `${NM}${IFCFG}eth0
DEVICE=eth0
IPADDR=198.51.100.2
PREFIX=24
GATEWAY=198.51.100.1
DEFROUTE=no
`,
    words: ['--parent', 'eth0'],
    has: [
      /ifcfg-eth0:4: note.*`gateway 198\.51\.100\.1` .*`DEFROUTE=no`: it is not used\.\n {2}help: Nothing to do/,
    ],
    hasNot: [/routes:/],
  },
  {
    what: 'advertisements without their default route',
    host: `${NM}${IFCFG}eth0
DEVICE=eth0
BOOTPROTO=dhcp
IPV6INIT=yes
IPV6_DEFROUTE=no
`,
    has: [/accept-ra: true/, /ifcfg-eth0:4: warning\[setting-not-adopted\]: `IPV6_DEFROUTE=no`/],
    hasNot: [/no default route for this family/],
  },
  {
    what: 'a lease without its default route, and no IPv6',
    host: `${NM}${IFCFG}eth0
DEVICE=eth0
BOOTPROTO=dhcp
DEFROUTE=no
IPV6INIT=no
`,
    words: ['--parent', 'eth0'],
    has: [/use-routes: false .*:3/],
  },
  {
    what: 'a lease whose gateway networkd ignores',
    host: leasedBy('UseGateway=no'),
    words: ['--parent', 'eth0'],
    has: [/use-routes: false .*:6/],
  },
  {
    what: 'a lease whose gateway networkd ignores, whatever comes after',
    host: leasedBy('UseGateway=no', 'UseRoutes=yes'),
    words: ['--parent', 'eth0'],
    has: [/use-routes: false .*:6/, /eth0\.network:6: note.*`UseGateway=no`/],
  },
  {
    what: 'a lease whose gateway a later line of networkd uses',
    host: leasedBy('UseGateway=no', 'UseGateway=yes'),
    has: [/dhcp4: true/],
    hasNot: [/use-routes|UseGateway/],
  },
  {
    what: 'a lease of whose routes networkd uses the default route',
    host: leasedBy('UseRoutes=no', 'UseGateway=yes'),
    has: [/eth0\.network:6: warning.*`UseRoutes=no` .* uses all routes of the lease/],
    hasNot: [/use-routes/],
  },
  {
    what: 'an address that is reported to the server',
    host: 'os: debian 11\nstart: dhcpcd.service\n--- /etc/dhcpcd.conf\ninterface eth0\ninform 198.51.100.23/24\nstatic routers=198.51.100.1\n',
    has: [/- 198\.51\.100\.23\/24 .*:2$/m, /dhcpcd\.conf:2: warning.*`inform /],
    hasNot: [/dhcp4: true/],
  },
  {
    what: 'links of network-scripts, which set no metrics',
    host: `os: rhel 7.9
start: network.service
${IFCFG}bond0
DEVICE=bond0
BONDING_OPTS="mode=1"
${IFCFG}em1
DEVICE=em1
MASTER=bond0
SLAVE=yes
${IFCFG}bond0.2
DEVICE=bond0.2
VLAN=yes
IPADDR=198.51.100.50
PREFIX=24
GATEWAY=198.51.100.1
`,
    has: [/bond0\.2:\n {4}id: 2 /, /type: bond/, /- em1 /, /via: 198\.51\.100\.1\}/],
    hasNot: [/metric/],
  },
  {
    what: 'a VLAN of network-scripts with its id in the name, and the link below beside it',
    host: `os: rhel 7.9
start: network.service
${IFCFG}vlan0100
DEVICE=vlan0100
VLAN=yes
PHYSDEV=eth0
IPADDR=198.51.100.50
PREFIX=24
GATEWAY=198.51.100.1
`,
    has: [/vlan0100:\n {4}id: 100 .*:1\n {4}link: eth0 /],
  },
  {
    what: 'a route of netplan without a gateway',
    host: `os: ubuntu 24.04
start: systemd-networkd.service
--- /etc/netplan/a.yaml
network:
  ethernets:
    eth0:
      addresses: [198.51.100.2/24]
      routes: [{to: default, via: 198.51.100.1}, {to: 203.0.113.0/24, table: 100}]
`,
    has: [/\{to: 203\.0\.113\.0\/24, scope: link, table: 100\}/],
  },
  {
    what: 'a token by its old name',
    host: `${NETWORKD}/eth0.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
IPv6Token=static:::11
`,
    has: [/ipv6-address-token: "::11" .*:6/],
  },
];

for (const { what, host, words = [], has, hasNot = [] } of READ) {
  test(what, async () => {
    const { status, stdout, stderr } = await init(hostAt(host), ...words);
    assert.is(status, 0, stderr);
    const all = `${stderr}\n${stdout}`;
    for (const pattern of has) assert.match(all, pattern);
    for (const pattern of hasNot) assert.not.match(stdout, pattern);
    assert.not.match(all, /any NIC/);
  });
}

test('a bond whose members nobody can name is an error, with what to do', async () => {
  const { status, stdout, stderr } = await init(hostAt(`${NM}${BOND}`));
  assert.equal([status, stdout], [4, '']);
  assert.match(stderr, /error\[uplink-missing\]: The files do not name the members of `bond0`\./);
  assert.match(stderr, /help: Run `init` on the host itself, or add `\/sys\/class\/net/);
});

test('the primary of a bond is in the file of its port', async () => {
  const host = `${NETWORKD}/10-bond0.netdev
[NetDev]
Name=bond0
Kind=bond
[Bond]
Mode=active-backup
--- /etc/systemd/network/10-eth0.network
[Match]
Name=eth0
[Network]
Bond=bond0
PrimarySlave=true
--- /etc/systemd/network/10-eth1.network
[Match]
Name=eth1
[Network]
Bond=bond0
PrimarySlave=false
--- /etc/systemd/network/20-bond0.network
[Match]
Name=bond0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
`;
  const { stdout, stderr } = await init(hostAt(host));
  assert.match(stdout, /primary: eth0 {2}# \/etc\/systemd\/network\/10-eth0\.network:5/);
  assert.not.match(stderr, /PrimarySlave/);
  const none = await init(hostAt(host.replace('PrimarySlave=true', 'PrimarySlave=maybe')));
  assert.not.match(none.stdout, /primary/);
  assert.match(none.stderr, /PrimarySlave=maybe` of `eth0` is not in the intent/);
});

test.run();
