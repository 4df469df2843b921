/** `init` on hosts whose containers have a macvlan or ipvlan of the NIC: who reaches whom, and by which route. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { problemsOf } from '../output-schema.ts';
import { allHosts } from './fixtures.ts';
import { BESIDE, hostAt, init, LEASE, lintOf, podman, rootOf, STATIC, subnets } from './trees.ts';

/** What is reported of containers, by host of the fixtures: code, place, and a part of the message. */
const REPORTED: Readonly<Record<string, readonly (readonly [string, RegExp])[]>> = {
  'docker-database': [
    [
      'containers-not-read',
      /^\/var\/lib\/docker\/network\/files\/local-kv\.db: Docker has its networks in a database/,
    ],
  ],
  'podman-macvlan-range': [
    [
      'containers-on-parent',
      /lan\.json:1: Podman's network `lan` \(macvlan, mode bridge, on `eth0`\): `veth0` reaches/,
    ],
  ],
  'podman-macvlan-dhcp': [
    ['containers-on-parent', /podman\.json:1: Podman's network `podman`.*on `lan`/],
  ],
  'cni-macvlan': [
    ['containers-on-parent', /10-macvlan\.conf:1: The CNI network `macvlan-conf`.*on `eno1`/],
  ],
  'lxd-profile-macvlan': [
    ['containers-on-parent', /backup\.yaml:12: LXD's instance `better-parakeet`.*on `enp4s0`/],
  ],
  'nspawn-macvlan': [
    ['containers-on-parent', /archwrt\.nspawn:6: systemd-nspawn's container `archwrt`/],
    ['containers-on-parent', /etrial\.nspawn:5: systemd-nspawn's container `etrial`/],
    ['containers-on-parent', /macvlan\.conf:3: systemd-nspawn's container `mail`/],
  ],
  'lxc-macvlan': [
    ['containers-on-parent', /macvlanbridge01\/config:2: LXC's container `macvlanbridge01`/],
    [
      'containers-not-reached',
      /second\/config:1: LXC's container `second` \(macvlan, mode private/,
    ],
  ],
};

test('each engine by the files that public hosts have', async () => {
  const hosts = allHosts().filter(({ name }) => name in REPORTED);
  assert.is(hosts.length, Object.keys(REPORTED).length);
  for (const host of hosts) {
    const { stdout } = await init(rootOf(host), '--format', 'json');
    assert.is(problemsOf(stdout), '');
    const [{ findings }] = JSON.parse(stdout).hosts;
    const found = findings
      .filter(({ code }: { code: string }) => code.startsWith('container'))
      .map(
        ({
          code,
          path,
          line,
          message,
        }: {
          code: string;
          path: string;
          line?: number;
          message: string;
        }) => [code, `${path}${line === undefined ? '' : `:${line}`}: ${message}`] as const,
      );
    const wanted = REPORTED[host.name] ?? [];
    assert.is(found.length, wanted.length, `${host.name}: ${JSON.stringify(found)}`);
    for (const [index, [code, text]] of wanted.entries()) {
      assert.is(found[index][0], code, host.name);
      assert.match(found[index][1], text);
    }
  }
});

test('a shim with the address of the host needs no route; another subnet keeps its router', async () => {
  const { stdout } = await init(
    hostAt(STATIC, podman(subnets('198.51.100.193', '198.51.100.223'))),
  );
  assert.not.match(stdout, /scope: link/);
  const other = await init(hostAt(STATIC, podman(subnets(undefined, undefined, '203.0.113.0/24'))));
  assert.match(other.stderr, /`lan`.* has 203\.0\.113\.0\/24, which is not a subnet of the host/);
});

test('--keep-parent: the route to the containers is the range of their engine, with its place', async () => {
  const root = hostAt(STATIC, podman(subnets('198.51.100.193', '198.51.100.223')));
  const { status, stdout } = await init(root, ...BESIDE);
  assert.is(status, 0);
  assert.match(stdout, /eth0:\n {4}managed: false/);
  assert.match(
    stdout,
    /- \{to: 198\.51\.100\.192\/27, scope: link\} {2}# \/etc\/containers\/networks\/lan\.json:6$/m,
  );
  assert.is(await lintOf(stdout), '');
  // A range that is given counts.
  const given = await init(root, ...BESIDE, '--range', '198.51.100.64/27');
  assert.match(given.stdout, /198\.51\.100\.64\/27/);
  assert.not.match(given.stdout, /192\/27, scope/);
});

test('a range that is not a network, or has the host or its gateway in it, gives no route', async () => {
  const ranges = [
    ['198.51.100.10', '198.51.100.40'],
    ['198.51.100.33', '198.51.100.63'],
    ['198.51.100.225', '198.51.100.255'],
    ['198.51.100.193', '2001:db8::1'],
    ['x', ''],
    [undefined, undefined],
  ] as const;
  for (const [first, last] of ranges) {
    const root = hostAt(STATIC, podman(subnets(first, last)));
    const { status, stdout, stderr } = await init(root, ...BESIDE);
    assert.is(status, 4, `${first} to ${last}: ${stdout}`);
    assert.match(stderr, /error\[guest-range-missing\].*`eth0`/);
    assert.match(
      stderr,
      /lan\.json:1: warning\[containers-not-reached\]: .*no range of its addresses/,
    );
  }
  // Of a lease no file shows the subnet: that of the containers may be the host's.
  const leased = hostAt(LEASE, podman(subnets(undefined, undefined, '203.0.113.0/24')));
  assert.is((await init(leased, ...BESIDE)).status, 4);
  const known = hostAt(STATIC, podman(subnets(undefined, undefined, '203.0.113.0/24')));
  assert.match((await init(known, ...BESIDE)).stdout, /to: 203\.0\.113\.0\/24, scope: link/);
});

test('single containers are routes where no range is known; those of a family without an address are reported', async () => {
  const config = `lxc.net.0.type = macvlan
lxc.net.0.macvlan.mode = bridge
lxc.net.0.link = eth0
lxc.net.0.ipv4.address = 198.51.100.60/24 198.51.100.255
lxc.net.0.ipv6.address = 2001:db8:51::60/64
`;
  const root = hostAt(STATIC, `--- /var/lib/lxc/web/config\n${config}`);
  const { status, stdout, stderr } = await init(root, ...BESIDE);
  assert.is(status, 0, stderr);
  assert.match(
    stdout,
    /- \{to: 198\.51\.100\.60\/32, scope: link\} {2}# \/var\/lib\/lxc\/web\/config:4$/m,
  );
  assert.not.match(stdout, /- \{to: 2001/);
  assert.match(
    stderr,
    /config:5: warning\[containers-not-reached\]: 2001:db8:51::60\/128.*no IPv6 address/,
  );
  assert.is(await lintOf(stdout), '');
});

test('the address of the shim is not guessed', async () => {
  const { status, stdout, stderr } = await init(
    hostAt(STATIC),
    '--keep-parent',
    '--range',
    '198.51.100.192/27',
  );
  assert.equal([status, stdout], [4, '']);
  assert.match(stderr, /interfaces:2: error\[shim-address-missing\]: `eth0` keeps its address/);
});

const MODES: readonly (readonly [mode: string, device: string, code: string])[] = [
  ['private', 'macvlan', 'containers-not-reached'],
  ['vepa', 'macvlan', 'containers-not-reached'],
  ['passthru', 'macvlan', 'containers-exclude-shim'],
  ['l3', 'ipvlan', 'containers-exclude-shim'],
  ['l3s', 'ipvlan', 'containers-exclude-shim'],
];

test('modes in which host and containers do not reach each other', async () => {
  for (const [mode, driver, code] of MODES) {
    const root = hostAt(
      STATIC,
      podman({ driver, options: { mode }, ...subnets('198.51.100.193', '198.51.100.223') }),
    );
    const { status, stderr } = await init(root);
    assert.match(
      stderr,
      new RegExp(`\\[${code}\\]: Podman's network .lan. \\(${driver}, mode ${mode}, on`),
      mode,
    );
    assert.is(status, code === 'containers-exclude-shim' ? 4 : 0, stderr);
  }
});

test('beside ipvlans the shim is one, with the MAC of its parent', async () => {
  const ipvlan = podman({ driver: 'ipvlan', ...subnets('198.51.100.193', '198.51.100.223') });
  const root = hostAt(STATIC, ipvlan);
  const { status, stdout, stderr } = await init(root);
  assert.is(status, 0, stderr);
  assert.match(
    stdout,
    /veth0:\n {4}parent: eth0\n {4}kind: ipvlan {2}# \/etc\/containers\/networks\/lan\.json:1\n {4}addresses/,
  );
  assert.is(await lintOf(stdout), '');
  const routed = hostAt(
    STATIC,
    podman({
      driver: 'ipvlan',
      options: { mode: 'l3' },
      ...subnets('198.51.100.193', '198.51.100.223'),
    }),
  );
  const beside = await init(routed, ...BESIDE);
  assert.match(beside.stdout, /kind: ipvlan.*\n {4}mode: l3 /);
  assert.is(await lintOf(beside.stdout), '');
  // A lease by MAC is one by DUID then.
  const leased = await init(hostAt(LEASE, ipvlan));
  assert.not.match(leased.stdout, /macaddress/);
  assert.match(leased.stderr, /warning\[lease-may-change\]: .*ipvlan/);
  const mixed = hostAt(
    STATIC,
    ipvlan,
    '--- /etc/systemd/nspawn/web.nspawn\n[Network]\nMACVLAN=eth0\n',
  );
  assert.match(
    (await init(mixed)).stderr,
    /lan\.json:1: error\[containers-exclude-shim\]: .*macvlans or ipvlans/,
  );
});

test('a bridge whose place the shim takes, and another link', async () => {
  const bridge = `os: debian 12
start: networking.service
--- /etc/network/interfaces
auto br0
iface br0 inet static
    bridge_ports eth0
    address 198.51.100.50/24
    gateway 198.51.100.254
iface eth0 inet manual
--- /etc/systemd/nspawn/web.nspawn
[Network]
Bridge=br0
--- /var/lib/lxc/db/config
lxc.net.0.type = macvlan
lxc.net.0.link = br0
--- /etc/systemd/nspawn/far.nspawn
[Network]
IPVLAN=eth7
`;
  const { status, stderr } = await init(hostAt(bridge));
  assert.is(status, 0, stderr);
  assert.match(
    stderr,
    /web\.nspawn:2: warning\[container-parent-removed\]: .*attached to `br0`, whose place the shim on `eth0` takes/,
  );
  assert.match(
    stderr,
    /db\/config:1: warning\[container-parent-removed\]: LXC's container `db` \(macvlan\) is on `br0`/,
  );
  assert.match(
    stderr,
    /far\.nspawn:2: warning\[containers-not-reached\]: .*on `eth7`\): the shim is on another link/,
  );
  // The bridge stays: nothing is lost.
  const kept = await init(hostAt(bridge), ...BESIDE, '--range', '198.51.100.192/27');
  assert.not.match(kept.stderr, /container-parent-removed/);
});

test('the value of an option of systemd-nspawn is in the same word or in the next', async () => {
  const words = [
    ['--network-macvlan=eth0', 'macvlan, mode bridge, on `eth0`'],
    ['--network-macvlan eth0', 'macvlan, mode bridge, on `eth0`'],
    ['--network-ipvlan  "eth0"', 'ipvlan, mode l2, on `eth0`'],
    ['--network-ipvlan eth0 --boot', 'ipvlan, mode l2, on `eth0`'],
    ['--network-bridge', undefined],
    ['--network-macvlan --boot', undefined],
  ] as const;
  for (const [option, shown] of words) {
    const root = hostAt(
      STATIC,
      '--- /etc/systemd/system/systemd-nspawn@mail.service.d/lan.conf\n',
      `[Service]\nExecStart=\nExecStart=systemd-nspawn --machine=%i ${option}\n`,
    );
    const { status, stderr } = await init(root);
    assert.is(status, 0, stderr);
    assert.is(
      stderr.includes(`lan.conf:3: note[containers-on-parent]`),
      shown !== undefined,
      stderr,
    );
    if (shown !== undefined) assert.ok(stderr.includes(`\`mail\` (${shown})`), stderr);
  }
});

test.run();
