/** `init` and keys of a host's files that are names of what every object of JavaScript has. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { netplanReader } from '../../src/adopt/netplan.ts';
import { networkdReader } from '../../src/adopt/networkd.ts';
import { networkmanagerReader } from '../../src/adopt/networkmanager.ts';
import { readNetworkManager } from '../../src/backends/networkmanager/generated.ts';
import { hostAt, init } from './trees.ts';

const NAMES = ['constructor', '__proto__', 'toString', 'valueOf'];
const KEYS = NAMES.map((name) => `${name}=yes\n`).join('');

const IFCFG = `os: rocky 9
--- /etc/sysconfig/network-scripts/ifcfg-eth0
DEVICE=eth0
IPADDR=198.51.100.50
PREFIX=24
GATEWAY=198.51.100.254
${KEYS}`;
const KEYFILE = `os: debian 12
start: NetworkManager.service
--- /etc/NetworkManager/system-connections/lan.nmconnection
[connection]
id=lan
uuid=6e4a05a5-1c0d-4a52-9a9d-2f0b7f7d0c01
type=ethernet
interface-name=eth0
${KEYS}[ethernet]
${KEYS}[ipv4]
method=manual
address1=198.51.100.50/24,198.51.100.254
${KEYS}route1=192.0.2.0/24,198.51.100.253
route1_options=constructor=yes,__proto__=1
`;
const SECTIONS = ['DHCPv4', 'DHCPv6', 'DHCP', 'IPv6AcceptRA', 'Link', 'constructor'];
const NETWORKD = `os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/20-lan.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
${KEYS}[Route]
Gateway=198.51.100.253
Destination=192.0.2.0/24
${KEYS}[RoutingPolicyRule]
From=198.51.100.50
Table=100
${NAMES.map((name) => `${name}=7\n`).join('')}${SECTIONS.map(
  (section) => `[${section}]\n${KEYS}`,
).join('')}`;
const NETDEV = NAMES.map(
  (name) => `--- /etc/systemd/network/${name}.netdev\n[NetDev]\nName=x${name}\nKind=${name}\n`,
).join('');
const IFUPDOWN = `os: debian 12
start: networking.service
--- /etc/network/interfaces
auto eth0
iface eth0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
${NAMES.map((name) => `    ${name} yes\n    bond-${name} yes\n    bridge-${name} yes\n`).join('')}`;
const NETPLAN = `os: ubuntu 24.04
--- /etc/netplan/90-lan.yaml
network:
  version: 2
  ethernets:
    eth0:
      addresses: [198.51.100.50/24]
      routes: [{to: default, via: 198.51.100.254, constructor: 1, __proto__: 1}]
      dhcp4-overrides: {constructor: true, __proto__: true, toString: true, valueOf: true}
${NAMES.map((name) => `      ${name}: yes\n`).join('')}${NAMES.map((name) => `  ${name}:\n    x${name}: {id: 1}\n`).join('')}`;

for (const [what, text] of Object.entries({ IFCFG, KEYFILE, NETWORKD, NETDEV, IFUPDOWN, NETPLAN }))
  test(`keys called ${NAMES.join(', ')} are unknown ones: ${what.toLowerCase()}`, async () => {
    const host = what === 'NETDEV' ? `${NETWORKD}${NETDEV}` : text;
    const { status, stdout, stderr } = await init(hostAt(host), '--parent', 'eth0');
    assert.is(status, 0, stderr);
    assert.match(stdout, /198\.51\.100\.50\/24/);
    assert.not.match(stdout, /native code|function|\[object/);
    assert.not.match(stderr, /native code|function|\[object/);
    for (const name of NAMES) assert.ok(stderr.includes(name), `${name}: ${stderr}`);
  });

test('a kind called constructor is another kind', async () => {
  const { status, stderr } = await init(hostAt(NETWORKD, NETDEV), '--parent', 'xconstructor');
  assert.not.equal(status, 70, stderr);
  assert.not.match(stderr, /native code|function/);
  const file = (path: string, text: string) => {
    const at = path.lastIndexOf('/');
    return [{ path, folder: path.slice(0, at), name: path.slice(at + 1), text }];
  };
  const profile = '[connection]\ntype=constructor\ninterface-name=xconstructor\n';
  const yaml = 'network: {version: 2, constructor: {xconstructor: {}}}\n';
  const netdev = '[NetDev]\nName=xconstructor\nKind=constructor\n';
  for (const [reader, files] of [
    [networkdReader, file('/etc/systemd/network/x.netdev', netdev)],
    [networkmanagerReader, file('/etc/NetworkManager/system-connections/x.nmconnection', profile)],
    [netplanReader, file('/etc/netplan/x.yaml', yaml)],
  ] as const) {
    const kind: unknown = reader.names(files).get('xconstructor');
    assert.ok(kind === undefined || typeof kind === 'string', String(kind));
  }
});

test('a mode or a word called constructor is that word', () => {
  const path = '/etc/NetworkManager/system-connections/macvtap-veth0.nmconnection';
  const text =
    '[connection]\ntype=macvlan\ninterface-name=veth0\nmdns=constructor\n[macvlan]\nmode=constructor\n';
  const link = readNetworkManager(new Map([[path, text]])).all.get('veth0');
  assert.is(link?.mode, 'constructor');
  assert.is(link?.multicastDns, undefined);
});

test.run();
