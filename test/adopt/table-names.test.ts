/** `init` and routing tables by name: each system knows its own names, and the intent has their numbers. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostAt, init, lintOf } from './trees.ts';

const NETWORKD = `start: systemd-networkd.service
--- /etc/systemd/network/20-lan.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
IPv6AcceptRA=no
[Route]
Gateway=198.51.100.253
Table=cable
[Route]
Destination=198.51.100.0/24
Scope=link
Table=cable
[RoutingPolicyRule]
From=198.51.100.50
Table=cable
`;
const CONF =
  '--- /etc/systemd/networkd.conf.d/tables.conf\n[Network]\nRouteTable=dsl:100 cable:0xc8\n';
const RT_TABLES = `# reserved values\n255\tlocal\n0 unspec\n200 cable # the second\nx bad\n`;

test("networkd's names are those of networkd.conf, and not those of iproute2", async () => {
  const { stdout, stderr } = await init(hostAt(NETWORKD, CONF));
  for (const line of [
    '{to: default, via: 198.51.100.253, table: 200}',
    '{to: 198.51.100.0/24, scope: link, table: 200}',
    '{from: 198.51.100.50/32, table: 200}',
  ])
    assert.ok(stdout.includes(line), stdout);
  assert.not.match(stderr, /cable/);
  assert.is(await lintOf(stdout), '');
  for (const other of [
    '',
    `--- /etc/iproute2/rt_tables\n${RT_TABLES}`,
    CONF.replace('[Network]', '[Other]'),
    `${CONF}RouteTable=\n`,
    CONF.replace('cable:0xc8', 'cable:many'),
  ]) {
    const { stdout: text, stderr: reported } = await init(hostAt(NETWORKD, other));
    assert.not.match(text, /table: 200/, other);
    assert.match(reported, /20-lan\.network:9: warning\[setting-not-adopted\]: .*Table=cable/);
    assert.match(reported, /\[RoutingPolicyRule\] Table=cable/);
  }
});

test('the first pair of a name counts, and the folder of the administrator hides the vendor', async () => {
  const later = CONF.replace('tables.conf', 'z.conf').replace('dsl:100 cable:0xc8', 'cable:201');
  const vendor = CONF.replace('/etc/', '/usr/lib/').replace('0xc8', '202');
  assert.match((await init(hostAt(NETWORKD, CONF, later))).stdout, /table: 200/);
  assert.match((await init(hostAt(NETWORKD, later, CONF, vendor))).stdout, /table: 200/);
  assert.match((await init(hostAt(NETWORKD, vendor))).stdout, /table: 202/);
  const reset = later.replace('RouteTable=', 'RouteTable=\nRouteTable=');
  assert.match((await init(hostAt(NETWORKD, CONF, reset))).stdout, /table: 201/);
});

test('a number that has a name, a number of the kernel and a name of digits are ignored', async () => {
  for (const pairs of ['dsl:200 cable:200', 'cable:0', 'cable:253', 'cable:254', 'cable:255']) {
    const conf = CONF.replace('dsl:100 cable:0xc8', pairs);
    const { stderr } = await init(hostAt(NETWORKD, conf));
    assert.match(stderr, /setting-not-adopted\]: .*Table=cable/, pairs);
  }
  // A name of digits takes no number from another name.
  const digits = CONF.replace('dsl:100 cable:0xc8', '7:200 cable:200');
  assert.match((await init(hostAt(NETWORKD, digits))).stdout, /table: 200/);
});

test('leases and advertisements have a table by name, too', async () => {
  const text = NETWORKD.replace(
    'Address=198.51.100.50/24\nGateway=198.51.100.254\n',
    'DHCP=ipv4\n',
  ).replace('IPv6AcceptRA=no\n', '[DHCPv4]\nRouteTable=cable\n[IPv6AcceptRA]\nRouteTable=dsl\n');
  const { stdout } = await init(hostAt(text, CONF), '--parent', 'eth0');
  assert.match(stdout, /dhcp4-overrides:\n(?: {6}.*\n)* {6}table: 200/);
  assert.match(stdout, /ra-overrides:\n {6}table: 100/);
});

const INTERFACES = `start: networking.service
--- /etc/network/interfaces
auto eth0
iface eth0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
    up ip route add default via 198.51.100.253 dev eth0 table cable
    up ip route add 198.51.100.0/24 dev eth0 scope link table cable
    up ip rule add from 198.51.100.50 table cable
    up ip route add 192.0.2.0/24 via 198.51.100.253 dev eth0 table main
`;

test('names of iproute2 in hooks of ifupdown are those of rt_tables, wherever it is', async () => {
  for (const path of [
    '/etc/iproute2/rt_tables',
    '/usr/share/iproute2/rt_tables',
    '/usr/lib/iproute2/rt_tables',
    '/etc/iproute2/rt_tables.d/site.conf',
  ]) {
    const { stdout, stderr } = await init(hostAt(INTERFACES, `--- ${path}\n${RT_TABLES}`));
    for (const line of [
      '{to: default, via: 198.51.100.253, table: 200}',
      '{to: 198.51.100.0/24, scope: link, table: 200}',
      '{from: 198.51.100.50/32, table: 200}',
      '{to: 192.0.2.0/24, via: 198.51.100.253}',
    ])
      assert.ok(stdout.includes(line), stdout);
    assert.not.match(stderr, /setting-not-adopted/);
    assert.is(await lintOf(stdout), '');
  }
  const own = `--- /etc/iproute2/rt_tables\n100 cable\n`;
  const vendor = `--- /usr/share/iproute2/rt_tables\n${RT_TABLES}`;
  assert.match((await init(hostAt(INTERFACES, own, vendor))).stdout, /table: 100/);
  for (const other of ['', '--- /etc/iproute2/rt_tables.d/site\n200 cable\n', CONF]) {
    const { stderr, stdout } = await init(hostAt(INTERFACES, other));
    assert.is(
      stderr.match(/interfaces:\d+: warning\[setting-not-adopted\]: .*table cable/g)?.length,
      3,
    );
    assert.match(stdout, /\{to: 192\.0\.2\.0\/24, via: 198\.51\.100\.253\}/);
  }
});

const IFCFG = `os: rocky 9
--- /etc/sysconfig/network-scripts/ifcfg-eth0
DEVICE=eth0
IPADDR=198.51.100.50
PREFIX=24
GATEWAY=198.51.100.254
--- /etc/sysconfig/network-scripts/route-eth0
192.0.2.0/24 via 198.51.100.253 table main
203.0.113.0/24 via 198.51.100.253 table cable
--- /etc/sysconfig/network-scripts/rule-eth0
from 198.51.100.50 table cable prio 7
`;

test('names of iproute2 beside an ifcfg file are those of rt_tables, and `main` is one without any', async () => {
  const { stdout, stderr } = await init(
    hostAt(IFCFG, `--- /etc/iproute2/rt_tables\n${RT_TABLES}203 other\n`),
  );
  for (const line of [
    '{to: 192.0.2.0/24, via: 198.51.100.253, metric: 100}',
    '{to: 203.0.113.0/24, via: 198.51.100.253, metric: 100, table: 200}',
    '{from: 198.51.100.50/32, table: 200, priority: 7}',
  ])
    assert.ok(stdout.includes(line), stdout);
  assert.not.match(stderr, /setting-not-adopted\]: .*table/);
  const plain = await init(hostAt(IFCFG));
  assert.ok(
    plain.stdout.includes('{to: 192.0.2.0/24, via: 198.51.100.253, metric: 100}'),
    plain.stdout,
  );
  assert.is(plain.stderr.match(/setting-not-adopted\]: .*table cable/g)?.length, 2, plain.stderr);
});

test('`prio` of a hook is a priority, as ip-rule(8) abbreviates it', async () => {
  const hook = INTERFACES.replace(
    'table cable\n    up ip route add 192',
    'table 100 prio 7\n    up ip route add 192',
  );
  const { stdout } = await init(hostAt(hook));
  assert.ok(stdout.includes('{from: 198.51.100.50/32, table: 100, priority: 7}'), stdout);
});

test.run();
