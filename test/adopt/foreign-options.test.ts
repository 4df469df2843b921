/** `init`: which link it takes, what its options change, what it refuses, and the running host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { fakeSystem } from '../fake-system.ts';
import { runHere } from '../in-process.ts';
import { problemsOf } from '../output-schema.ts';
import { hostAt, init, LEASE, STATIC } from './trees.ts';

const TWO = `${STATIC}
auto eth1
iface eth1 inet static
    address 192.0.2.50/24
    gateway 192.0.2.254
`;

test('the uplink is the link with the default route; of several, the one that is named', async () => {
  const several = hostAt(TWO);
  const { status, stdout, stderr } = await init(several);
  assert.is(status, 4);
  assert.is(stdout, '');
  assert.match(
    stderr,
    /error\[uplink-ambiguous\]: .*`eth0` \(\/etc\/network\/interfaces:2\), `eth1`/,
  );
  const named = await init(several, '--parent', 'eth1');
  assert.match(named.stdout, /parent: eth1\n[\s\S]*192\.0\.2\.50\/24/);
  // The other one keeps its stanza, and that is a note.
  assert.match(
    named.stderr,
    /interfaces:2: note\[link-not-adopted\]: `eth0` keeps its configuration/,
  );
});

test('without an uplink, or for a port of a bridge, it says which link to name', async () => {
  const none = hostAt(STATIC.replace(/ {4}gateway.*\n/, ''));
  assert.match((await init(none)).stderr, /error\[uplink-missing\]: No link has a default route/);
  assert.is((await init(none, '--parent', 'eth0')).status, 0);
  assert.match(
    (await init(none, '--parent', 'eth7')).stderr,
    /uplink-missing\]: No file configures `eth7`/,
  );
  const loopback = await init(
    hostAt(STATIC, 'auto lo\niface lo inet loopback\n    dns-nameservers 192.0.2.53\n'),
    ...['--parent', 'lo'],
  );
  assert.equal([loopback.status, loopback.stdout], [4, '']);
  assert.match(loopback.stderr, /error\[uplink-missing\]: `lo` is the loopback link/);
  const pattern = hostAt(`os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/20-wired.network
[Match]
Name=en*
[Network]
DHCP=yes
`);
  assert.match(
    (await init(pattern)).stderr,
    /20-wired\.network:2: error\[uplink-missing\]: .*`Name=en\*`/,
  );
  const bridge = hostAt(`os: debian 12
start: networking.service
--- /etc/network/interfaces
auto br0
iface br0 inet dhcp
    bridge_ports eth0
iface eth0 inet manual
`);
  assert.match(
    (await init(bridge, '--parent', 'eth0')).stderr,
    /`eth0` is a port of `br0`[\s\S]*--parent br0/,
  );
});

test('a lease keeps its MAC, and the NIC gets another; --new-mac derives that of the shim', async () => {
  const lease = hostAt(LEASE);
  const kept = (await init(lease)).stdout;
  assert.match(kept, /eth0:\n {4}macaddress: "[0-9a-f:]{17}" {2}# derived/);
  assert.match(kept, /veth0:\n {4}parent: eth0\n {4}macaddress: "52:54:00:51:00:50" {2}# \/sys/);
  const derived = await init(lease, '--new-mac', '--shim', 'lan0');
  assert.not.match(derived.stdout, /macaddress/);
  assert.match(derived.stdout, /^ {2}lan0:$/m);
  assert.not.match(derived.stderr, /lease-may-change/);
  const unknown = await init(hostAt(LEASE.replace(/^mac:.*\n/m, '')));
  assert.match(unknown.stderr, /interfaces:2: warning\[lease-may-change\]/);
});

test('--keep-parent: the link is unmanaged, and the shim beside it has its own address and the range', async () => {
  const root = hostAt(STATIC);
  const words = ['--keep-parent', '--address', '198.51.100.222/32', '--range', '198.51.100.192/27'];
  const { status, stdout } = await init(root, ...words);
  assert.is(status, 0);
  assert.match(stdout, /eth0:\n {4}managed: false/);
  assert.match(
    stdout,
    /- 198\.51\.100\.222\/32\n[\s\S]*- \{to: 198\.51\.100\.192\/27, scope: link\}/,
  );
  const file = join(root, 'intent.yaml');
  writeFileSync(file, stdout);
  const lint = await runHere('lint', file, '-b', 'ifupdown', '--target', 'debian-12');
  assert.is(lint.status, 0, lint.stderr);
  assert.is((await init(root, '--keep-parent')).status, 4);
  assert.is((await init(root, '--range', '192.0.2.0/24')).status, 3);
});

test('--write makes a new file, and overwrites none', async () => {
  const root = hostAt(STATIC);
  const file = join(root, 'macvtap.yaml');
  const { status, stdout } = await init(root, '--write', file);
  assert.equal([status, stdout], [0, '']);
  assert.is(readFileSync(file, 'utf8'), (await init(root)).stdout);
  assert.is((await init(root, '--write', file)).status, 4);
  assert.is((await init(root, '--write', join(root, 'none', 'x.yaml'))).status, 4);
  assert.is((await init(root, '--write', file, '--format', 'json')).status, 3);
});

test('a host without a name, a system without a back end', async () => {
  const nameless = hostAt(`${STATIC}--- /etc/hostname\n\n`);
  assert.match((await init(nameless)).stderr, /error\[host-name-missing\]/);
  assert.match((await init(nameless, '--host', 'kvm7')).stdout, /^host: kvm7$/m);
  const dhcpcd = hostAt(`os: debian 11
start: dhcpcd.service
--- /etc/dhcpcd.conf
interface eth0
static ip_address=198.51.100.50/24
static routers=198.51.100.254
`);
  const { status, stdout, stderr } = await init(dhcpcd);
  assert.is(status, 0);
  assert.match(stderr, /warning\[owner-without-back-end\]: dhcpcd configures `eth0`/);
  assert.not.match(stdout, /^backend:/m);
});

test('several trees are a fleet: what they have in common is in `defaults`', async () => {
  const named = (name: string, address: string): string =>
    hostAt(
      `${STATIC.replace('198.51.100.50', address).replace(/^mac:.*\n/m, '')}--- /etc/hostname\n${name}\n`,
    );
  const [first, second] = [named('kvm1', '198.51.100.51'), named('kvm2', '198.51.100.52')];
  const { status, stdout } = await init(first, second);
  assert.is(status, 0);
  const [defaults = '', hosts = ''] = stdout.split(/^hosts:$/m);
  assert.match(
    defaults,
    /^defaults:\n {2}backend: ifupdown\n {2}target: debian-12\n[\s\S]*via: 198\.51\.100\.254/m,
  );
  assert.match(
    hosts,
    /kvm1:\n[\s\S]*198\.51\.100\.51\/24 {2}# \/etc\/network\/interfaces:3\n[\s\S]*kvm2:\n/,
  );
  assert.not.match(hosts, /backend|via/);
  const file = join(first, 'fleet.yaml');
  writeFileSync(file, stdout);
  const lint = await runHere('lint', file);
  assert.is(lint.status, 0, lint.stderr);
  // Each host of the fleet is the one that its tree alone gives.
  const alone = join(first, 'alone.yaml');
  writeFileSync(alone, (await init(second)).stdout);
  const render = (path: string, ...more: string[]) =>
    runHere(path, '--format', 'tar', '-b', 'ifupdown', ...more);
  assert.is((await render(file, '--host', 'kvm2')).stdout, (await render(alone)).stdout);
  // Two of one name.
  assert.is((await init(first, named('kvm1', '198.51.100.53'))).status, 3);
  assert.is((await init(first, second, '--host', 'kvm9')).status, 3);
});

test('JSON has errors, too, and is as its schema says', async () => {
  const good = await init(hostAt(STATIC), '--format', 'json');
  assert.is(problemsOf(good.stdout), '');
  const [host] = JSON.parse(good.stdout).hosts;
  assert.equal(host.intent.shims.veth0.addresses, ['198.51.100.50/24']);
  assert.is(host.backend, 'ifupdown');
  const bad = await init(hostAt(TWO), '--format', 'json');
  assert.is(bad.status, 4);
  assert.is(problemsOf(bad.stdout), '');
  assert.is(JSON.parse(bad.stdout).hosts[0].findings[0].code, 'uplink-ambiguous');
});

test('other commands do not take the options, and init not theirs', async () => {
  for (const words of [
    ['lint', '--new-mac'],
    ['init', '-b', 'networkd'],
    ['init', 'macvtap.yaml'],
    ['init', '--parent', 'a/b'],
    ['init', '--force'],
  ]) {
    assert.is((await runHere(...words)).status, 3, words.join(' '));
  }
});

const LINKS = JSON.stringify([
  { ifindex: 1, ifname: 'lo', flags: ['LOOPBACK', 'UP'], addr_info: [] },
  ...[2, 3].map((ifindex) => ({
    ifindex,
    ifname: `enp${ifindex}s0`,
    flags: ['UP', 'LOWER_UP'],
    address: `52:54:00:51:00:5${ifindex}`,
    mtu: 1500,
    addr_info: [],
  })),
]);
const ROUTES = JSON.stringify([
  {
    type: '1',
    dst: 'default',
    gateway: '198.51.100.254',
    dev: 'enp3s0',
    table: '254',
    protocol: '16',
  },
]);

test('on the running host the kernel has the names, the MACs and the default route', async () => {
  const root = hostAt(`os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/20-wired.network
[Match]
Name=en*
[Network]
DHCP=yes
`);
  const system = fakeSystem({
    args: ['init'],
    root,
    programs: {
      'ip -j -d addr': LINKS,
      'ip -4 -N -j -d route show table all': ROUTES,
      ip: '[]',
    },
  });
  const at = system.openExisting;
  const status = await run(
    {
      ...system,
      openExisting: (path) => {
        const there = at(path);
        return there && { ...there, isRoot: () => path === '/' };
      },
    },
    '0.0.0',
  );
  assert.is(status, 0, system.written.stderr);
  assert.match(
    system.written.stdout,
    /parent: enp3s0\n {4}macaddress: "52:54:00:51:00:53" {2}# `ip -d addr`/,
  );
  // Nothing is changed: what it runs only shows.
  assert.ok(
    system.record.every((line) => /^(?:ip|resolvectl|systemctl show)\b/.test(line)),
    system.record.join('\n'),
  );
});

test('an address without a mask has that of its class, where the system takes it', async () => {
  const dhcpcd = `os: debian 12
start: dhcpcd.service
--- /etc/dhcpcd.conf
slaac private
interface eth0
static ip_address=198.51.100.50
static routers=198.51.100.254
`;
  const interfaces = `os: debian 12
start: networking.service
--- /etc/network/interfaces
auto eth0
iface eth0 inet static
    address 198.51.100.50
    gateway 198.51.100.254
`;
  for (const host of [dhcpcd, interfaces]) {
    for (const [address, expected] of [
      ['198.51.100.50', '198.51.100.50/24'],
      ['172.16.0.50', '172.16.0.50/16'],
      ['10.1.2.50', '10.1.2.50/8'],
      ['198.51.100.50/26', '198.51.100.50/26'],
    ] as const) {
      const { stdout } = await init(hostAt(host.replace('198.51.100.50', address)));
      assert.ok(stdout.includes(`      - ${expected} `), stdout);
    }
  }
  assert.match((await init(hostAt(dhcpcd))).stdout, /ipv6-address-generation: stable-privacy/);
  const hardware = await init(hostAt(dhcpcd.replace('private', 'hwaddr')));
  assert.not.match(hardware.stdout, /stable-privacy/);
  assert.not.match(hardware.stderr, /slaac/);
  const comment = interfaces.replace('198.51.100.254', '198.51.100.254 # the router');
  const { stderr } = await init(hostAt(comment), '--parent', 'eth0');
  assert.match(stderr, /interfaces:4: .*the router` .*part of the value/);
});

test.run();
