/** `init` and container networks in files that others name: compose files of Docker, files that LXC includes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergedNode, type Unmerged } from '../../src/adopt/containers/compose-merge.ts';
import type { YamlNode } from '../../src/backends/host/netplan/yaml.ts';
import { temporaryFolder } from '../command.ts';
import { hostAt, init, lintOf, STATIC } from './trees.ts';

const folder = temporaryFolder();
const BESIDE = ['--keep-parent', '--address', '198.51.100.222/32'];
const ID = 'aec6b4c3ab34aec6b4c3ab34aec6b4c3ab34aec6b4c3ab34aec6b4c3ab34aec6';
const DATABASE = '--- /var/lib/docker/network/files/local-kv.db\n(a database)\n';

const COMPOSE = `services:
  web:
    image: nginx
    networks:
      lan:
        ipv4_address: 198.51.100.194
networks:
  lan:
    driver: macvlan
    driver_opts:
      parent: eth0
    ipam:
      config:
        - subnet: 198.51.100.0/24
          ip_range: 198.51.100.192/27
          gateway: 198.51.100.254
          aux_addresses: {host: 198.51.100.223}
  inner: {}
`;

/** A container of Docker's, as its folder has it. */
const container = (labels: Record<string, string>): string =>
  `--- /var/lib/docker/containers/${ID}/config.v2.json\n${JSON.stringify({ ID, Config: { Labels: labels } })}\n`;

const labelled = (files: string, working = '/srv/web'): string =>
  container({
    'com.docker.compose.project': 'web',
    'com.docker.compose.project.config_files': files,
    'com.docker.compose.project.working_dir': working,
  });

test('compose files that containers have in their labels are read in a copy of the host', async () => {
  for (const path of ['/srv/web/compose.yaml', 'docker-compose.yml', './docker-compose.yml']) {
    const file = path.startsWith('/') ? path : `/srv/web/${path.replace('./', '')}`;
    const root = hostAt(STATIC, DATABASE, labelled(path), `--- ${file}\n${COMPOSE}`);
    const { status, stdout, stderr } = await init(root, ...BESIDE);
    assert.is(status, 0, stderr);
    assert.ok(stdout.includes(`- {to: 198.51.100.192/27, scope: link}  # ${file}:14`), stdout);
    assert.match(stderr, /note\[containers-on-parent\]: Docker's network `lan`/);
    assert.match(stderr, /local-kv\.db: warning\[containers-not-read\].*\n.*`--compose FILE`/);
    assert.is(await lintOf(stdout), '');
  }
});

test('compose files that the command line names are read; a free address is proposed', async () => {
  const file = join(folder, 'compose.yaml');
  writeFileSync(file, COMPOSE);
  const { status, stdout, stderr } = await init(hostAt(STATIC), ...BESIDE, '--compose', file);
  assert.is(status, 0, stderr);
  assert.match(stdout, /- \{to: 198\.51\.100\.192\/27, scope: link\}/);
  const free = await init(hostAt(STATIC), '--keep-parent', '--compose', file);
  assert.match(free.stderr, /shim-address-missing\]: .*`198\.51\.100\.223`/);
  // Without it, nothing is known.
  assert.match((await init(hostAt(STATIC), ...BESIDE)).stderr, /guest-range-missing/);
  assert.is((await init(hostAt(STATIC), '--compose', join(folder, 'none.yaml'))).status, 4);
});

test('a compose file that cannot be read, is not there, or has a variable is reported', async () => {
  const at = '--- /srv/web/compose.yaml\n';
  for (const [files, text, message] of [
    [
      '/srv/web/compose.yaml',
      `${at}networks: [\n`,
      /compose\.yaml:\d+: warning\[containers-not-read\]/,
    ],
    ['/srv/web/gone.yaml', '', /gone\.yaml: warning\[containers-not-read\]: Labels of a container/],
    [
      '/srv/web/compose.yaml',
      at + COMPOSE.replace('parent: eth0', `parent: \${NIC}`),
      /compose\.yaml:9: warning\[containers-not-read\]: Network `lan` has a variable \(`\$\{NIC\}`\)/,
    ],
  ] as const) {
    const { status, stderr } = await init(hostAt(STATIC, labelled(files), text));
    assert.is(status, 0, stderr);
    assert.match(stderr, message);
  }
});

test('labels lead to no place outside of the tree, and to no pattern', async () => {
  const outside = join(folder, 'outside.yaml');
  writeFileSync(outside, COMPOSE);
  for (const path of [
    '/srv/../../outside.yaml',
    '/srv/*',
    '/srv/web/../x.yaml',
    '',
    'a\u0000b',
    '/',
  ]) {
    const { status, stderr } = await init(
      hostAt(STATIC, labelled(path, '/srv'), `--- /srv/x.yaml\n${COMPOSE}`),
    );
    assert.is(status, 0, stderr);
    assert.not.match(stderr, /containers-on-parent/, path);
    if (/\.\.|\*/.test(path))
      assert.match(
        stderr,
        /config\.v2\.json: warning\[containers-not-read\]: Labels of the container name the compose file `/,
      );
  }
  const { stderr } = await init(hostAt(STATIC, labelled(outside)));
  assert.not.match(stderr, /containers-on-parent/);
});

test('files of one project are merged, from labels and from the command line', async () => {
  const [base, override] = [
    COMPOSE.replace(/ {4}driver_opts:\n.*\n/, '')
      .replace(/ {10}ip_range.*\n/, '')
      .replace('        ipv4', '        #ipv4'),
    'networks: {lan: {driver_opts: {parent: eth0}}}\nservices: {web: {networks: {lan: {ipv4_address: 198.51.100.7}}}}\n',
  ];
  assert.ok(!base.includes('parent') && override.includes('parent'));
  const root = hostAt(
    STATIC,
    labelled('/srv/web/a.yml,/srv/web/b.yml'),
    labelled('/srv/web/a.yml').replace(ID, ID.replaceAll('a', 'f')),
    `--- /srv/web/a.yml\n${base}--- /srv/web/b.yml\n${override}`,
  );
  const read = await init(root, ...BESIDE);
  assert.is(read.stderr.match(/Docker's network `lan`/g)?.length, 1, read.stderr);
  assert.match(read.stderr, /a\.yml:9: note\[containers-on-parent\]: .*198\.51\.100\.7\/32/);
  assert.match(read.stdout, /198\.51\.100\.7\/32, scope: link\} {2}# \/srv\/web\/b\.yml:2/);
  // Old containers have the list without the later file.
  const old = await init(
    hostAt(
      STATIC,
      labelled('/srv/web/a.yml,/srv/web/b.yml,../c.yml'),
      labelled('/srv/web/a.yml,../c.yml').replace(ID, ID.replaceAll('a', 'f')),
      `--- /srv/web/a.yml\n${COMPOSE}--- /srv/web/b.yml\n${override}`,
    ),
    ...BESIDE,
  );
  assert.is(old.stderr.match(/note.*Docker's network `lan`/g)?.length, 1, old.stderr);
  assert.is(old.stderr.match(/whose path is not followed/g)?.length, 1, old.stderr);
  const files = ['a.yml', 'b.yml'].map((name) => join(folder, name));
  for (const [index, text] of [base, override].entries()) writeFileSync(files[index] ?? '', text);
  const named = await init(
    hostAt(STATIC),
    ...BESIDE,
    ...files.flatMap((file) => ['--compose', file]),
  );
  assert.match(named.stderr, /containers-on-parent\]: Docker's network `lan`/);
});

/** What `init` makes of COMPOSE with an override beside it. */
const withOverride = (override: string, base = COMPOSE): ReturnType<typeof init> => {
  const files = ['base.yml', 'override.yml'].map((name) => join(folder, name));
  for (const [index, text] of [base, override].entries()) writeFileSync(files[index] ?? '', text);
  return init(hostAt(STATIC), ...BESIDE, ...files.flatMap((file) => ['--compose', file]));
};
const LAN = /containers-on-parent\]: Docker's network `lan`/;

test('a later file removes with !reset and replaces with !override, and a null changes nothing', async () => {
  const removed = await withOverride('networks: {lan: !reset null}\n');
  assert.not.match(removed.stderr, LAN);
  const noAddress = await withOverride('services: {web: {networks: {lan: !reset {}}}}\n');
  assert.match(noAddress.stderr, LAN);
  assert.not.match(noAddress.stdout, /198\.51\.100\.194/);
  const replaced = await withOverride(
    'services: {web: {networks: !override {lan: {ipv4_address: 198.51.100.7}}}}\nnetworks: {lan: {ipam: !override {config: [{subnet: 198.51.100.0/24}]}}}\n',
  );
  assert.match(replaced.stdout, /198\.51\.100\.7\/32/);
  assert.not.match(replaced.stdout, /198\.51\.100\.192\/27/);
  const plain = await withOverride(
    'networks: {lan: {ipam: {config: [{subnet: 198.51.100.0/24}]}}}\n',
  );
  for (const { stdout, stderr } of [
    plain,
    await withOverride('networks: {lan: }\nservices: {web: {networks: [lan, inner]}}\n'),
    await withOverride('networks: {inner: !reset null}\n'),
  ]) {
    assert.match(stdout, /198\.51\.100\.192\/27, scope: link/, stderr);
    assert.not.match(stderr, /containers-not-read/);
  }
  // In its own file, too; and a third file may set it again.
  const own = join(folder, 'own.yml');
  writeFileSync(own, COMPOSE.replace('  lan:\n    driver', '  lan: !reset\n    driver'));
  assert.not.match((await init(hostAt(STATIC), ...BESIDE, '--compose', own)).stderr, LAN);
});

test('an address of a network that is listed by an earlier file is kept', async () => {
  const base = COMPOSE.replace(/networks:\n {6}lan:\n.*\n/, 'networks: [lan]\n');
  assert.ok(base.includes('networks: [lan]'));
  const { stdout } = await withOverride(
    'services: {web: {networks: {lan: {ipv4_address: 198.51.100.7}}}}\n',
    base,
  );
  assert.match(stdout, /198\.51\.100\.7\/32/);
});

test('pools of one subnet are merged, and one that a later file has not is reported', async () => {
  const pool = (text: string): string => `networks: {lan: {ipam: {config: [{${text}}]}}}\n`;
  const same = await withOverride(pool('subnet: 198.51.100.0/24, ip_range: 198.51.100.64/27'));
  assert.match(same.stdout, /198\.51\.100\.64\/27, scope: link/);
  assert.not.match(same.stdout, /198\.51\.100\.192\/27/);
  assert.not.match(same.stderr, /containers-not-read/);
  const other = await withOverride(pool('subnet: 192.0.2.0/24'));
  assert.match(
    other.stderr,
    /base\.yml:14: warning\[containers-not-read\]: A later file has other pools/,
  );
});

test('each pool is looked at a few times, however many there are, and a network has one report', () => {
  const COUNT = 500;
  let reads = 0;
  const scalar = (text: string): YamlNode => ({ kind: 'scalar', text, line: 1 });
  const pool = (subnet: string): YamlNode => ({
    kind: 'map',
    line: 1,
    get pairs() {
      reads += 1;
      return [{ key: 'subnet', line: 1, value: scalar(subnet) }];
    },
  });
  const tree = (prefix: string): YamlNode => {
    const items = Array.from({ length: COUNT }, (_, index) => pool(`${prefix}${index}`));
    const config: YamlNode = { kind: 'list', line: 1, items };
    return ['config', 'ipam', 'lan', 'networks'].reduce<YamlNode>(
      (value, key) => ({ kind: 'map', line: 1, pairs: [{ key, line: 1, value }] }),
      config,
    );
  };
  const reports: string[] = [];
  const merging = { homes: new Map(), report: ({ message }: Unmerged) => reports.push(message) };
  mergedNode(tree('a'), tree('b'), merging);
  assert.is(reports.length, 1);
  assert.ok(reads < COUNT * 10, String(reads));
  reads = 0;
  mergedNode(tree('a'), tree('a'), merging);
  assert.is(reports.length, 1);
  assert.ok(reads < COUNT * 20, String(reads));
});

test('a service that extends one of a file that is not read is reported', async () => {
  const base = (file: string): string =>
    COMPOSE.replace('    image', `    extends: {service: base, file: ${file}}\n    image`);
  const { stderr } = await withOverride('services: {}\n', base('common.yml'));
  assert.match(
    stderr,
    /base\.yml:3: warning\[containers-not-read\]: Service `web` extends one of `common\.yml`/,
  );
  for (const text of [
    base('./override.yml'),
    base('x').replace('{service: base, file: x}', 'base'),
  ]) {
    const known = await withOverride('services: {base: {image: nginx}}\n', text);
    assert.not.match(known.stderr, /containers-not-read/);
  }
});

test('merge keys are read, and the own value of a mapping counts', async () => {
  const file = join(folder, 'merge.yaml');
  writeFileSync(
    file,
    `x-a: &a {driver: macvlan, driver_opts: {parent: eth9}}
x-b: &b {driver: ipvlan, ipam: {config: [{subnet: 198.51.100.0/24, ip_range: 198.51.100.192/27}]}}
networks:
  lan:
    <<: [*a, *b]
    driver_opts: {parent: eth0}
`,
  );
  const { stderr, stdout } = await init(hostAt(STATIC), ...BESIDE, '--compose', file);
  assert.match(stderr, /`lan` \(macvlan, mode bridge, on `eth0`\)/);
  assert.match(stdout, /198\.51\.100\.192\/27, scope: link/);
});

test('what is not read of a compose file is reported, and the rest is read', async () => {
  const file = join(folder, 'variables.yaml');
  for (const [from, to, message, isRead] of [
    ['driver: macvlan', `driver: \${D:-macvlan}`, /:9: .*`lan` has a variable \(`\$\{D:-m/, false],
    ['parent: eth0', 'parent: eth0\n      macvlan_mode: $M', /:9: .*variable \(`\$M`\)/, false],
    ['.100.194', `.100.\${IP}`, /:6: .*`lan` has a variable \(`198\.51\.100\.\$/, true],
    ['host: 198.51.100.223', 'host: $H', /:17: .*variable \(`\$H`\)/, true],
    ['services:', 'include: [b.yml]\nservices:', /:1: .*Files of `include` are not read/, true],
  ] as const) {
    writeFileSync(file, COMPOSE.replace(from, to));
    const { stderr } = await init(hostAt(STATIC), ...BESIDE, '--compose', file);
    assert.match(stderr, /variables\.yaml:\d+: warning\[containers-not-read\]/, to);
    assert.match(stderr, message);
    assert.is(/containers-on-parent\]: Docker's/.test(stderr), isRead, stderr);
  }
  // Of drivers without a link of the host, nothing is missing.
  writeFileSync(file, COMPOSE.replace('driver: macvlan', 'driver: bridge').replace('194', '$IP'));
  const { stderr } = await init(hostAt(STATIC), ...BESIDE, '--compose', file);
  assert.not.match(stderr, /containers-not-read/);
});

const LXC = (text: string): string => `--- /var/lib/lxc/web/config\n${text}`;
const NET = 'lxc.net.0.type = macvlan\nlxc.net.0.link = eth0\nlxc.net.0.macvlan.mode = bridge\n';

test('what a container of LXC includes is read in its place, from a file or a folder', async () => {
  for (const [host, place] of [
    [
      `${LXC('lxc.include = /srv/lan.conf\n')}--- /srv/lan.conf\n${NET}`,
      /\/srv\/lan\.conf:1: note/,
    ],
    [
      `${LXC('lxc.include = /srv/lxc.d\n')}--- /srv/lxc.d/lan.conf\n${NET}`,
      /lxc\.d\/lan\.conf:1: note/,
    ],
    [
      `${LXC('lxc.include = /srv/a.conf\n')}--- /srv/a.conf\nlxc.include = /srv/b.conf\n--- /srv/b.conf\n${NET}`,
      /\/srv\/b\.conf:1: note/,
    ],
  ] as const) {
    const { status, stderr } = await init(hostAt(STATIC, host));
    assert.is(status, 0, stderr);
    assert.match(stderr, place);
    assert.match(stderr, /\[containers-on-parent\]: LXC's container `web` \(macvlan, mode bridge/);
    assert.not.match(stderr, /containers-not-read/);
  }
  // A later line counts.
  const later = LXC(`lxc.include = /srv/lan.conf\nlxc.net.0.macvlan.mode = private\n`);
  const { stderr } = await init(hostAt(STATIC, later, `--- /srv/lan.conf\n${NET}`));
  assert.match(stderr, /containers-not-reached\]: LXC's container `web` \(macvlan, mode private/);
});

test('files of LXC that include each other end, and are reported', async () => {
  const loop = `${LXC(`${NET}lxc.include = /srv/a.conf\n`)}--- /srv/a.conf\nlxc.include = /srv/b.conf\n--- /srv/b.conf\nlxc.include = /srv/a.conf\n`;
  const { status, stderr } = await init(hostAt(STATIC, loop));
  assert.is(status, 0, stderr);
  assert.match(
    stderr,
    /\/srv\/b\.conf:1: warning\[containers-not-read\]: `\/srv\/a\.conf` is included/,
  );
  // Each includes the next one twice: 2^40 lines.
  const twice = Array.from(
    { length: 40 },
    (_, index) => `--- /srv/${index}.conf\n${`lxc.include = /srv/${index + 1}.conf\n`.repeat(2)}`,
  ).join('');
  const started = performance.now();
  await init(hostAt(STATIC, LXC('lxc.include = /srv/0.conf\n'), twice));
  assert.ok(performance.now() - started < 10_000);
  const outside = await init(hostAt(STATIC, LXC('lxc.include = /srv/../../x.conf\n')));
  assert.match(outside.stderr, /is included, and cannot be read/);
});

test.run();
