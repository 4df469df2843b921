/** `init`: what udev sets for a NIC by `.link` files, whichever system configures it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostAt, init, lintOf, STATIC } from './trees.ts';

const link = (match: string, ...lines: readonly string[]): string =>
  `--- /etc/systemd/network/10-lan.link\n[Match]\n${match}\n[Link]\n${lines.join('\n')}\n`;

const NETPLAN = `os: ubuntu 24.04
start: systemd-networkd.service
mac: eth0 52:54:00:51:00:50
--- /etc/netplan/a.yaml
network:
  ethernets:
    eth0:
      addresses: [198.51.100.50/24]
      routes: [{to: default, via: 198.51.100.254}]
`;
const NAMED = '      match: {macaddress: "52:54:00:51:00:50"}\n      set-name: eth0\n';
const NETWORKD = `os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/eth0.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
`;
const KEYFILE = `os: fedora 41
start: NetworkManager.service
--- /etc/NetworkManager/system-connections/eth0.nmconnection
[connection]
id=eth0
type=ethernet
interface-name=eth0
[ipv4]
method=manual
address1=198.51.100.50/24,198.51.100.254
`;

for (const [system, host] of Object.entries({ STATIC, NETPLAN, NETWORKD, KEYFILE })) {
  test(`${system}: the MTU of the NIC, and what the language has no word for`, async () => {
    const file = link('OriginalName=eth*', 'MTUBytes=9000', 'RxBufferSize=4096');
    const { status, stdout, stderr } = await init(hostAt(host, file));
    assert.is(status, 0, stderr);
    assert.match(stdout, /eth0:\n(?: {4}.*\n)* {4}mtu: 9000 {2}# .*10-lan\.link:4$/m);
    assert.match(stderr, /10-lan\.link:5: warning\[setting-not-adopted\]: `RxBufferSize=4096`/);
  });
}

test('a file with the MAC of the NIC and its name', async () => {
  const file = link(
    'PermanentMACAddress=52:54:00:51:00:50',
    'Name=eth0',
    'MTUBytes=9000',
    'WakeOnLan=magic',
  );
  const { stdout, stderr } = await init(hostAt(STATIC, file));
  assert.match(stdout, /mtu: 9000 {2}# .*10-lan\.link:5$/m);
  assert.match(stderr, /10-lan\.link:6: warning.*`wakeonlan` .* before the NIC is renamed/);
  assert.is(await lintOf(stdout), '');
  assert.is(stderr.match(/10-lan/g)?.length, 1);
});

test('the MAC of the NIC goes to the shim only where udev does not set it any more', async () => {
  const mac = 'MACAddress=52:54:00:51:00:99';
  for (const host of [STATIC, NETWORKD]) {
    const { stdout, stderr } = await init(hostAt(host, link('OriginalName=eth0', mac)));
    assert.not.match(stdout, /macaddress: "52:54:00:51:00:99"/);
    assert.match(stderr, /10-lan\.link:4: warning.*`MACAddress=.* udev sets it for the NIC/);
  }
  const named = link('PermanentMACAddress=52:54:00:51:00:50', 'Name=eth0', mac);
  const { stdout } = await init(hostAt(NETWORKD, named));
  assert.match(stdout, /macaddress: "52:54:00:51:00:99" {2}# .*10-lan\.link:5$/m);
});

test('a file of another NIC counts for nothing, and one that may match is reported', async () => {
  const others = [
    link('OriginalName=eth1', 'MTUBytes=9000'),
    link('PermanentMACAddress=52:54:00:51:00:51', 'MTUBytes=9000'),
    link('Driver=igb', 'Name=eth1', 'MTUBytes=9000'),
  ];
  for (const file of others) {
    const { stdout, stderr } = await init(hostAt(STATIC, file));
    assert.not.match(stdout, /mtu:/);
    assert.not.match(stderr, /MTUBytes/);
  }
  const { stdout, stderr } = await init(hostAt(STATIC, link('Driver=igb', 'MTUBytes=9000')));
  assert.not.match(stdout, /mtu:/);
  assert.match(stderr, /10-lan\.link:4: warning.*`MTUBytes=9000` .* whether its \[Match\] fits/);
});

test('the system of the NIC overrides it; netplan also by the file that it writes', async () => {
  const file = link('OriginalName=eth0', 'MTUBytes=9000');
  const own = await init(hostAt(STATIC, '    mtu 1400\n', file));
  assert.match(own.stdout, /mtu: 1400 {2}# \/etc\/network\/interfaces:5$/m);
  assert.match(
    own.stderr,
    /10-lan\.link:4: warning.*`mtu: 9000` .*`\/etc\/network\/interfaces` overrides it/,
  );
  const later = file.replace('10-lan', '50-lan');
  const [before, after] = [
    await init(hostAt(NETPLAN, later)),
    await init(hostAt(NETPLAN, NAMED, later)),
  ];
  assert.match(before.stdout, /mtu: 9000/);
  assert.is(after.status, 0, after.stderr);
  assert.not.match(after.stdout, /mtu:/);
});

test.run();
