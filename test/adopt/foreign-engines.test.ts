/** `init` and container engines: hostile files, and daemons that answer, do not, or answer something else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { fakeSystem, type Program } from '../fake-system.ts';
import { BESIDE, hostAt, init, lintOf, podman, STATIC } from './trees.ts';

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
    assert.is(await lintOf(stdout), '');
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

/** The network of Docker, and one that it does not have. */
const COMPOSE = {
  networks: {
    lan: {
      driver: 'macvlan',
      driver_opts: { parent: 'eth0' },
      ipam: { config: [{ subnet: '198.51.100.0/24' }] },
    },
    other: {
      driver: 'macvlan',
      driver_opts: { parent: 'eth0' },
      ipam: { config: [{ subnet: '192.0.2.0/24' }] },
    },
  },
};

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
  return liveOn([], programs, ...words);
}

/** @param files in the notation of the fixtures */
async function liveOn(
  files: readonly string[],
  programs: Readonly<Record<string, Program>>,
  ...words: string[]
) {
  const database = '--- /var/lib/docker/network/files/local-kv.db\n(a database)\n';
  const root = hostAt(STATIC, database, ...files);
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
  assert.is(await lintOf(stdout), '');
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
  // Of a compose file, a network that Docker has is Docker's.
  const compose = `--- /compose.json\n${JSON.stringify(COMPOSE)}\n`;
  const both = await liveOn([compose], {}, '--compose', '/compose.json');
  assert.is(both.stderr.match(/Docker's network `/g)?.length, 2, both.stderr);
  assert.match(both.stderr, /`macv0`[\s\S]*`other`|`other`[\s\S]*`macv0`/);
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

test('of an engine that does not answer the files of its instances count, and of one that does they do not', async () => {
  const files = [
    '--- /var/lib/incus/database/local.db\n(a database)\n',
    '--- /var/lib/incus/containers/c2/backup.yaml\n',
    'instance:\n  name: c2\n  expanded_devices:\n',
    '    eth0: {type: nic, nictype: macvlan, parent: eth0}\n',
  ];
  const failed = await liveOn(files, { incus: { status: 1, stderr: 'unknown flag' } });
  assert.is(failed.status, 0, failed.stderr);
  assert.match(failed.stderr, /\/var\/lib\/incus: warning\[containers-not-read\]: .*unknown flag/);
  assert.match(
    failed.stderr,
    /c2\/backup\.yaml:\d+: note\[containers-on-parent\]: Incus's instance `c2`/,
  );
  const answered = await liveOn(files, {});
  assert.match(answered.stderr, /Incus's instance `c1`/);
  assert.not.match(answered.stderr, /backup\.yaml|containers-not-read/);
  // The database is not reported beside the daemon that does not answer.
  const bare = await liveOn(files.slice(0, 1), { incus: { status: 1 } });
  assert.is(bare.stderr.match(/containers-not-read/g)?.length, 1, bare.stderr);
});

test.run();
