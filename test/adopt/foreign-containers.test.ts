/** `init` on hosts whose containers have a macvlan or ipvlan of the NIC: who reaches whom, by which route, and what is not known. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../command.ts';
import { fakeSystem, type Program } from '../fake-system.ts';
import { runHere } from '../in-process.ts';
import { problemsOf } from '../output-schema.ts';
import { allHosts, type Host, hostsIn, writeHost } from './fixtures.ts';

const folder = temporaryFolder();
let count = 0;

function rootOf(host: Pick<Host, 'files' | 'links'>): string {
  count += 1;
  const root = join(folder, `host-${count}`);
  mkdirSync(root);
  writeHost(host, root);
  return root;
}

const STATIC = `os: debian 12
start: networking.service
--- /etc/network/interfaces
auto eth0
iface eth0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
`;
const LEASE = STATIC.replace(/inet static[\s\S]*/, 'inet dhcp\n');

/** The tree of a host in the notation of the fixtures. */
function hostAt(...parts: readonly string[]): string {
  const [host] = hostsIn(`=== host\n${parts.join('')}`);
  if (!host) throw new Error('no host');
  return rootOf(host);
}

const init = (root: string, ...words: string[]) => runHere('init', '--root', root, ...words);
const BESIDE = ['--keep-parent', '--address', '198.51.100.222/32'];

async function lintOf(text: string, ...words: string[]): Promise<string> {
  const file = join(folder, `intent-${count}.yaml`);
  writeFileSync(file, text);
  const { status, stderr } = await runHere('lint', file, '--target', 'debian-12', ...words);
  return status === 0 ? '' : stderr;
}

const podman = (network: Record<string, unknown>): string =>
  `--- /etc/containers/networks/lan.json\n${JSON.stringify({ name: 'lan', driver: 'macvlan', network_interface: 'eth0', ...network }, null, 4)}\n`;
const subnets = (first?: string, last?: string, subnet = '198.51.100.0/24') => ({
  subnets: [{ subnet, ...(first && { lease_range: { start_ip: first, end_ip: last } }) }],
});

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
  assert.is(await lintOf(stdout, '-b', 'ifupdown'), '');
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
  assert.is(await lintOf(stdout, '-b', 'ifupdown'), '');
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
  assert.is(await lintOf(stdout, '-b', 'ifupdown'), '');
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
  assert.is(await lintOf(beside.stdout, '-b', 'ifupdown'), '');
  // A lease by MAC is one by DUID then.
  const leased = await init(
    hostAt(`${LEASE.replace('start:', 'mac: eth0 52:54:00:51:00:50\nstart:')}`, ipvlan),
  );
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

const deep = '['.repeat(100_000);
const HOSTILE: readonly (readonly [path: string, text: string])[] = [
  ['/etc/containers/networks/a.json', deep],
  ['/etc/containers/networks/a.json', '{"driver": "macvlan", "network_interface": '],
  ['/etc/containers/networks/a.json', ''],
  ['/etc/cni/net.d/a.conflist', `{"plugins": ${'{"a":'.repeat(90_000)}`],
  ['/var/lib/incus/containers/a/backup.yaml', 'container: &a [*a, *a]\n? ]'],
  ['/var/lib/incus/containers/a/backup.yaml', 'pool: {}\n'],
  ['/etc/systemd/nspawn/a.nspawn', '[Network\nMACVLAN=eth0\n'],
  ['/var/lib/lxc/a/config', 'lxc.include = /srv/common.conf\n'],
];

test('files that cannot be read are reported, each with its place, and the rest is read', async () => {
  for (const [path, text] of HOSTILE) {
    const root = hostAt(STATIC, '--- /etc/systemd/nspawn/web.nspawn\n[Network]\nMACVLAN=eth0\n');
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
    const started = performance.now();
    const { status, stderr } = await init(root);
    assert.is(status, 0, stderr);
    assert.match(stderr, /warning\[containers-not-read\]/, path);
    assert.ok(stderr.includes(`${path}:`), stderr);
    assert.match(stderr, /web\.nspawn:2: note\[containers-on-parent\]/);
    assert.ok(performance.now() - started < 10_000, path);
  }
});

test('values that are none change nothing, and reach no message as they are', async () => {
  const values: readonly Record<string, unknown>[] = [
    { network_interface: 'eth0\nversion: 2' },
    { network_interface: ['eth0'], name: { a: 1 } },
    { subnets: 'x', options: [] },
    { subnets: Array.from({ length: 5000 }, () => ({ subnet: '999.1.1.1/99' })) },
    { subnets: [{ subnet: '224.0.0.0/4' }, { subnet: '0.0.0.0/0' }, { subnet: '::/0' }] },
    { name: `a\u001b[31m\u202e${'b'.repeat(5000)}` },
  ];
  for (const value of values) {
    const root = hostAt(STATIC, podman(value));
    const { status, stdout, stderr } = await init(root);
    assert.is(status, 0, stderr);
    assert.is(await lintOf(stdout, '-b', 'ifupdown'), '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    assert.not.match(`${stdout}${stderr}`, /\u001b\[31m|\u202e/);
    assert.ok(stderr.length < 4000, `${stderr.length}`);
    assert.is((await init(root, ...BESIDE)).status, 4);
  }
});

const LINKS = JSON.stringify([
  {
    ifindex: 2,
    ifname: 'eth0',
    flags: ['UP', 'LOWER_UP'],
    address: '52:54:00:51:00:50',
    mtu: 1500,
    addr_info: [{ family: 'inet', local: '198.51.100.50', prefixlen: 24 }],
  },
]);
const UNITS = ['docker', 'incus']
  .map((name) => `Id=${name}.service\nActiveState=active\n`)
  .join('\n');
const ID = '9c307d434f9596f8743196de7d2172a7';
/** After a public one of a host that answers its containers, with addresses for documentation. */
const NETWORK = [
  {
    Name: 'macv0',
    Id: ID,
    Scope: 'local',
    Driver: 'macvlan',
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: [
        {
          Subnet: '198.51.100.0/24',
          IPRange: '198.51.100.192/27',
          Gateway: '198.51.100.254',
          AuxiliaryAddresses: { host: '198.51.100.223' },
        },
      ],
    },
    Internal: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {
      aec6b4c3ab34: {
        Name: 'nginx',
        MacAddress: '02:42:ac:15:01:02',
        IPv4Address: '198.51.100.194/24',
        IPv6Address: '',
      },
    },
    Options: { macvlan_mode: 'bridge', parent: 'eth0' },
    Labels: {},
  },
];
const INSTANCES = [
  {
    name: 'c1',
    expanded_devices: { eth0: { name: 'eth0', network: 'lan', type: 'nic' } },
    state: {
      network: {
        eth0: {
          addresses: [
            { family: 'inet', address: '198.51.100.61', netmask: '24', scope: 'global' },
            { family: 'inet6', address: 'fe80::1', netmask: '64', scope: 'link' },
          ],
        },
      },
    },
  },
];

const DOCKER: Program = (words) =>
  words.includes('ls') ? `${ID}\n` : words.includes(ID) ? JSON.stringify(NETWORK) : undefined;
const INCUS: Program = (words) =>
  JSON.stringify(
    words[0] === 'network'
      ? [{ name: 'lan', type: 'macvlan', config: { parent: 'eth0' } }]
      : INSTANCES,
  );

/** `init` on the running host, with container engines that answer. */
async function live(programs: Readonly<Record<string, Program>>, ...words: string[]) {
  const root = hostAt(STATIC, '--- /var/lib/docker/network/files/local-kv.db\n(a database)\n');
  const system = fakeSystem({
    args: ['init', ...words],
    root,
    programs: {
      'ip -j -d addr': LINKS,
      ip: '[]',
      systemctl: UNITS,
      docker: DOCKER,
      incus: INCUS,
      ...programs,
    },
  });
  const at = system.openExisting;
  const world = {
    ...system,
    openExisting: (path: string) => {
      const there = at(path);
      return there && { ...there, isRoot: () => path === '/' };
    },
  };
  const status = await run(world, '0.0.0');
  return { status, record: system.record, ...system.written };
}

test('on the running host Docker and Incus are asked, over their local sockets', async () => {
  const { status, stdout, stderr, record } = await live({}, ...BESIDE);
  assert.is(status, 0, stderr);
  assert.match(
    stdout,
    /- \{to: 198\.51\.100\.192\/27, scope: link\} {2}# `docker network inspect`$/m,
  );
  assert.match(stdout, /- \{to: 198\.51\.100\.61\/32, scope: link\} {2}# `incus list`$/m);
  assert.is(await lintOf(stdout, '-b', 'ifupdown'), '');
  const asked = record.filter((line) => /^(?:docker|incus|lxc)\b/.test(line));
  assert.is(asked.length, 4, asked.join('\n'));
  // Neither another host is asked, nor anything changed.
  assert.ok(
    asked.every((line) =>
      /^docker --host unix:\/\/\/var\/run\/docker\.sock network (?:ls|inspect) |^incus (?:network )?list local: /.test(
        line,
      ),
    ),
    asked.join('\n'),
  );
  const reserved = await live({}, '--keep-parent');
  assert.is(reserved.status, 4);
  assert.match(
    reserved.stderr,
    /shim-address-missing\]: .*`198\.51\.100\.223` \(`host` of Docker's network `macv0`\)/,
  );
});

test('an engine that does not run, does not answer, or answers something else is reported', async () => {
  const off = await live({ systemctl: UNITS.replaceAll('=active', '=inactive') });
  assert.not.match(off.record.join('\n'), /^(?:docker|incus)/m);
  assert.match(
    off.stderr,
    /local-kv\.db: warning\[containers-not-read\]: .*shows no Docker that runs/,
  );
  for (const answer of [{ status: 1, stderr: 'permission denied' }, 'not JSON: [', '', deep]) {
    const { status, stderr } = await live({
      docker: (words) => (words.includes('ls') ? `${ID}\n` : answer),
    });
    assert.is(status, 0, stderr);
    assert.match(stderr, /local-kv\.db: warning\[containers-not-read\]/, stderr);
    assert.match(stderr, /note\[containers-on-parent\]: Incus's instance `c1`/);
  }
  const incus = await live({ incus: { status: undefined } });
  assert.match(
    incus.stderr,
    /\/var\/lib\/incus: warning\[containers-not-read\]: .*did not end in 10 s/,
  );
});

test.run();
