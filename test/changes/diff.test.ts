/** `diff`: what happens on the machine when one intent takes the place of another. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { changesBetween } from '../../src/changes/changes.ts';
import type { Change } from '../../src/changes/words.ts';
import { compile } from '../../src/compile.ts';
import { changesOfHost, patchesOfHost } from '../../src/install/replacement.ts';
import type { Model } from '../../src/model/types.ts';
import { macvtapRender, temporaryFolder } from '../command.ts';
import { caseNames, compiledCase, intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { sample } from '../long.ts';
import { documentOf } from '../output-schema.ts';

const ORIGINAL = intentOf('original');

function modelOf(text: string): Model {
  const { model, diagnostics } = compile(text, { file: 'x', backends: [] });
  if (!model) throw new Error(JSON.stringify(diagnostics));
  return model;
}

const between = (before: string, after: string): Change[] =>
  changesBetween(modelOf(before), modelOf(after));

const DHCP = ORIGINAL.replace(/ {4}addresses[\s\S]*/, '    dhcp4: true\n');

const shim = (more: string): string =>
  ORIGINAL.replace('parent: eth0', `parent: eth0\n    ${more}`);

/** A change of the original, and the sentence that reports it. */
const SENTENCES: readonly [
  after: string,
  severity: Change['severity'],
  sentence: RegExp,
  before?: string,
][] = [
  [
    ORIGINAL.replaceAll('198.51.100.50', '198.51.100.51'),
    'may-lock-out',
    /^`veth0` loses the address 198\.51\.100\.50\. Reconnect at 198\.51\.100\.51\.$/,
  ],
  // Of several addresses the new one, and that of the link with the default route, is the one to name.
  [
    ORIGINAL.replace('198.51.100.50/24', '198.51.100.60/24'),
    'may-lock-out',
    /loses the address 198\.51\.100\.50\. Reconnect at 198\.51\.100\.60\.$/,
    ORIGINAL.replace('[198.51.100.50/24]', '[198.51.100.50/24, 198.51.100.49/24]'),
  ],
  [
    ORIGINAL.replace('[198.51.100.50/24]', '[198.51.100.50/24, 198.51.100.49/24]').replace(
      '198.51.100.50/24, ',
      '',
    ),
    'may-lock-out',
    /loses the address 198\.51\.100\.50\. Reconnect at 198\.51\.100\.49\.$/,
    ORIGINAL.replace('[198.51.100.50/24]', '[198.51.100.50/24, 198.51.100.49/24]'),
  ],
  [
    DHCP,
    'may-lock-out',
    /loses the address 198\.51\.100\.50\. The address will be that of the DHCP lease of `veth0`; reserve it for MAC ce:56:b6:6f:2b:36\.$/,
  ],
  [
    ORIGINAL,
    'may-lock-out',
    /^`veth0` no longer requests an address by DHCP\. If you reach the host at another IPv4 address than 198\.51\.100\.50 today, reconnect there\.$/,
    DHCP,
  ],
  [
    ORIGINAL.replace('50/24', '50/25').replace('.254', '.126'),
    'may-lock-out',
    /becomes a \/25 \(was \/24\)/,
  ],
  [
    ORIGINAL.replace('.254', '.253'),
    'may-lock-out',
    /default route \(IPv4\) becomes via 198\.51\.100\.253 on `veth0` \(was via 198\.51\.100\.254/,
  ],
  // 1024 is the kernel's own metric in IPv6 alone.
  [
    ORIGINAL.replace('via: 198.51.100.254', 'via: 198.51.100.254, metric: 1024'),
    'drops-connections',
    /^The default route \(IPv4\) becomes via 198\.51\.100\.254 with metric 1024 on `veth0` \(was via 198\.51\.100\.254 on `veth0`\)\.$/,
  ],
  [
    ORIGINAL.replace('parent: eth0', 'parent: eth1'),
    'may-lock-out',
    /`veth0` moves from `eth0` to `eth1`/,
  ],
  // A shim that is renamed has its address on the same LAN: no lock-out.
  [
    ORIGINAL.replaceAll('veth0', 'shim0'),
    'drops-connections',
    /The address 198\.51\.100\.50 moves from `veth0` to `shim0` \(MAC [0-9a-f:]+\)/,
  ],
  [
    ORIGINAL.replaceAll('veth0', 'shim0'),
    'drops-connections',
    /The default route \(IPv4\) becomes via 198\.51\.100\.254 on `shim0` \(was/,
  ],
  [ORIGINAL.replaceAll('veth0', 'shim0'), 'drops-connections', /The shim `veth0` .* is deleted/],
  // On another NIC the same address is on another LAN, perhaps.
  [
    ORIGINAL.replaceAll('veth0', 'shim0').replace('parent: eth0', 'parent: eth1'),
    'may-lock-out',
    /The address 198\.51\.100\.50 moves from `veth0` to `shim0`/,
  ],
  [
    shim('macaddress: "52:54:00:00:00:09"'),
    'drops-connections',
    /^The MAC of `veth0` becomes 52:54:00:00:00:09 \(was ce:56:b6:6f:2b:36\)/,
  ],
  [
    shim('accept-ra: true\n    ra-overrides: {table: 101}'),
    'may-lock-out',
    /^Router advertisements on `veth0`: `table` 101 \(was the default\)\.$/,
    shim('accept-ra: true'),
  ],
  [
    shim('accept-ra: true\n    ra-overrides: {use-dns: false}'),
    'harmless',
    /^Router advertisements on `veth0`: `use-dns` false/,
    shim('accept-ra: true'),
  ],
  [
    DHCP.replace('dhcp4: true', 'dhcp4: true\n    dhcp4-overrides: {table: 101}'),
    'may-lock-out',
    /^DHCP of `veth0`: `table` 101/,
    DHCP,
  ],
  [
    shim('accept-ra: true\n    ipv6-address-token: "::50"'),
    'may-lock-out',
    /^Addresses of `veth0` by router advertisement end in the token `::50` \(before, they were made from the MAC\)/,
    shim('accept-ra: true'),
  ],
  [
    shim('accept-ra: true'),
    'may-lock-out',
    /by router advertisement are made from the MAC \(before, they were made from a secret of the host\)/,
    shim('accept-ra: true\n    ipv6-address-generation: stable-privacy'),
  ],
  [
    shim('accept-ra: true\n    ipv6-privacy: true'),
    'drops-connections',
    /^The host sends from temporary IPv6 addresses over `veth0`/,
    shim('accept-ra: true'),
  ],
  [
    shim('accept-ra: true'),
    'drops-connections',
    /^`veth0` loses its temporary IPv6 addresses/,
    shim('accept-ra: true\n    ipv6-privacy: true'),
  ],
  [
    DHCP.replace('dhcp4: true', 'dhcp4: true\n    macaddress: "52:54:00:00:00:09"'),
    'may-lock-out',
    /The lease will be another one; reserve it for MAC 52:54:00:00:00:09\.$/,
    DHCP,
  ],
  [
    DHCP.replace('dhcp4: true', 'dhcp4: true\n    dhcp-identifier: duid'),
    'may-lock-out',
    /identifies itself to DHCP servers by its DUID \(was MAC\)\. The lease may be another one/,
    DHCP,
  ],
  [
    DHCP.replace('dhcp4: true', 'dhcp4: true\n    dhcp4-overrides: {route-metric: 300}'),
    'may-lock-out',
    /^DHCP of `veth0`: `route-metric` 300 \(was 100\)\.$/,
    DHCP,
  ],
  [
    DHCP.replace('dhcp4: true', 'dhcp4: true\n    dhcp4-overrides: {use-dns: false}'),
    'harmless',
    /^DHCP of `veth0`: `use-dns` false \(was the client's default\)\.$/,
    DHCP,
  ],
  [
    ORIGINAL.replace('parent: eth0', 'parent: eth0\n    dhcp4: true'),
    'harmless',
    /`veth0` requests an address by DHCP\.$/,
  ],
  [
    shim('mode: private'),
    'drops-connections',
    /becomes private \(was bridge\): nothing else on the same parent reaches it/,
  ],
  [
    shim('mtu: 1400'),
    'drops-connections',
    /The MTU of `veth0` becomes 1400 \(was the default\)\.$/,
  ],
  [
    ORIGINAL.replace('shims:', 'parents:\n  eth0: {mtu: 9000}\nshims:'),
    'may-lock-out',
    /The MTU of `eth0` becomes 9000 \(was the default\)\. If the MTU of the LAN is lower/,
  ],
  [shim('optional: true'), 'harmless', /Boot does not wait for `veth0`/],
  [
    shim('nameservers: {addresses: [192.0.2.53]}'),
    'harmless',
    /Name servers of `veth0`: 192\.0\.2\.53/,
  ],
  [
    ORIGINAL.replace('host: kvm1', 'host: kvm2'),
    'drops-connections',
    /name becomes `kvm2` \(was `kvm1`\)/,
  ],
  [
    ORIGINAL,
    'may-lock-out',
    /The address 198\.51\.100\.50 moves from `eth0` to `veth0` \(MAC ce:56:b6:6f:2b:36\)/,
    intentOf('normal-setup'),
  ],
];

test('each change is described with what it does, and how bad that may be', () => {
  for (const [after, severity, sentence, before = ORIGINAL] of SENTENCES) {
    const changes = between(before, after);
    const found = changes.find(({ message }) => sentence.test(message));
    assert.ok(found, `${sentence}\n${JSON.stringify(changes, null, 1)}`);
    assert.is(found.severity, severity, found.message);
    const worst = ['may-lock-out', 'drops-connections', 'harmless'];
    const ranks = changes.map((item) => worst.indexOf(item.severity));
    assert.equal(ranks, [...ranks].sort(), 'the worst first');
  }
});

test('of all pairs of cases: no change is described exactly where the files are the same', () => {
  const good = caseNames()
    .filter((name) => !name.startsWith('bad-') && !name.startsWith('target-'))
    .flatMap((name) => {
      const text = intentOf(name);
      const { model } = compile(text, { file: name, backends: [] });
      return model ? [{ name, model, files: filesOf(name) }] : [];
    });
  assert.ok(good.length > 40, `${good.length} cases`);
  let pairs = 0;
  for (const a of sample(good, 3)) {
    for (const b of good) {
      const changes = changesBetween(a.model, b.model);
      if (a === b) assert.equal(changes, [], a.name);
      else if (a.files !== b.files) {
        pairs += 1;
        assert.ok(changes.length > 0, `${a.name} ${b.name}`);
      }
      for (const { message } of changes) assert.match(message, /^\S.*[^.]\.$|^\S.*\.$/);
      for (const { message } of changes) assert.not.match(message, /undefined|\[object|NaN/);
    }
  }
  assert.ok(pairs > 1000, `${pairs} pairs`);
});

/** What every back end that can renders. */
const filesOf = (name: string): string =>
  backends
    .map(({ id }) => {
      const { sets } = compiledCase(name, id);
      return JSON.stringify(sets?.[0]?.files.map(({ path, text: content }) => [path, content]));
    })
    .join('\n');

test('a place in the file, a comment, another order of keys: nothing changes', () => {
  const moved = `# a comment\nshims:\n  veth0:\n    routes: [{via: 198.51.100.254, to: default}]\n    addresses: [198.51.100.50/24]\n    parent: eth0\nhost: kvm1\nversion: 1\n`;
  assert.equal(between(ORIGINAL, moved), []);
});

test('a host that moves to another back end: all files change, and one change names the system', () => {
  const hosts = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);
  const under = (id: string, more = '') =>
    compile(`${ORIGINAL}backend: [${id}, libvirt]\n${more}`, { file: 'x' });
  let moves = 0;
  for (const from of hosts) {
    for (const to of hosts) {
      const changes = changesOfHost(under(from), under(to));
      const patches = patchesOfHost(under(from), under(to));
      if (from === to) {
        assert.equal([changes, patches], [[], []], from);
        continue;
      }
      moves += 1;
      assert.equal(
        changes.map(({ severity, subject }) => [severity, subject]),
        [['may-lock-out', 'host']],
        `${from} → ${to}: ${JSON.stringify(changes)}`,
      );
      // The guests' files are those of the same back end.
      assert.equal(
        patches.map(({ backend }) => backend),
        [to],
      );
    }
  }
  assert.is(moves, hosts.length * (hosts.length - 1));
  // By netplan's renderer it is reported as such, and once.
  const [over, manager] = ['networkd', 'NetworkManager'].map((renderer) =>
    compile(`${ORIGINAL}backend: netplan\nrenderer: ${renderer}\n`, { file: 'x' }),
  );
  assert.equal(over && manager && changesOfHost(over, manager).map(({ subject }) => subject), [
    'renderer',
  ]);
  // A back end more, or less: its files are new, or gone.
  const alone = compile(`${ORIGINAL}backend: networkd\n`, { file: 'x' });
  assert.match(patchesOfHost(alone, under('networkd'))[0]?.patch ?? '', /^--- \/dev\/null$/m);
  assert.match(patchesOfHost(under('networkd'), alone)[0]?.patch ?? '', /^\+\+\+ \/dev\/null$/m);
});

/** Two files, and what the command makes of them. */
function pair(): { before: string; after: string } {
  const folder = temporaryFolder();
  const before = join(folder, 'before.yaml');
  const after = join(folder, 'after.yaml');
  writeFileSync(before, ORIGINAL);
  writeFileSync(after, ORIGINAL.replace('.254', '.253'));
  return { before, after };
}

test('text, JSON and Markdown; 1 where they differ, 0 where not, 2 where one is wrong', async () => {
  const { before, after } = pair();
  const text = await runHere('diff', before, after, '-b', 'networkd');
  assert.is(text.status, 1);
  assert.match(text.stdout, /^May lock you out:\n {2}- The default route/);
  assert.match(text.stdout, /^\+Gateway=198\.51\.100\.253$/m);
  const json = await runHere('diff', before, after, '--format', 'json');
  const [host] = documentOf('diff', json.stdout).hosts;
  assert.equal(
    host?.changes.map(({ severity, subject }) => [severity, subject]),
    [['may-lock-out', 'veth0']],
  );
  const markdown = await runHere('diff', before, after, '-b', 'networkd', '--format', 'markdown');
  assert.match(markdown.stdout, /^\*\*🛑 May lock you out\*\*$/m);
  assert.match(markdown.stdout, /^```diff$/m);
  const same = await runHere('diff', before, before, '-b', 'networkd');
  assert.is(same.status, 0);
  assert.is(same.stdout, 'Nothing changes on the machine.\n');
  writeFileSync(after, 'version: 2\n');
  assert.is((await runHere('diff', before, after)).status, 2);
});

/** Sentences of `diff`, as the command prints them. */
async function findings(before: string, after: string, ...backend: string[]): Promise<string> {
  const folder = temporaryFolder();
  const files = ['before.yaml', 'after.yaml'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(files[0], before);
  writeFileSync(files[1], after);
  const words = backend.flatMap((id) => ['-b', id]);
  const { stdout } = await runHere('diff', ...files, ...words, '--format', 'json');
  const { hosts } = documentOf('diff', stdout);
  return (hosts[0]?.changes ?? []).map(({ message }) => message).join('\n');
}

test('recreated devices and reboots are reported for the requested back ends', async () => {
  const other = shim('macaddress: "52:54:00:00:00:09"');
  for (const { id, scope } of backends.filter((item) => item.scope === 'host')) {
    // A MAC is set live everywhere but under ifupdown, where the link goes down and comes up.
    const text = await findings(ORIGINAL, other, id);
    assert.not.match(text, /reboot/, `${id} ${scope}`);
    assert.is(/The activation deletes `veth0`/.test(text), id === 'ifupdown', id);
  }
  const mode = await findings(
    ORIGINAL,
    shim('mode: private'),
    'networkd',
    'networkmanager',
    'ifupdown',
  );
  assert.match(mode, /^With `networkmanager` and `ifupdown`, the activation deletes `veth0`/m);
  const vlan = intentOf('vlan-parents');
  const retagged = vlan.replace('id: 10', 'id: 30');
  assert.match(await findings(vlan, retagged, 'networkd'), /^`\S+` changes only at a reboot\.$/m);
  assert.not.match(await findings(vlan, retagged, 'networkmanager'), /reboot/);
  // The output names no back end that was not asked about.
  assert.not.match(await findings(vlan, retagged), /reboot|activation/);
  assert.not.match(await findings(ORIGINAL, shim('mode: private')), /reboot|activation/);
});

test('changes for netplan only are reported for netplan, or without a back end', async () => {
  const renamed = ORIGINAL.replace('version: 1', 'version: 1\nrenderer: NetworkManager');
  assert.match(await findings(ORIGINAL, renamed), /^netplan's renderer becomes NetworkManager/);
  assert.match(
    await findings(ORIGINAL, renamed, 'netplan'),
    /^netplan's renderer becomes NetworkManager/,
  );
  assert.is(await findings(ORIGINAL, renamed, 'networkd'), '');
  assert.is(await findings(ORIGINAL, renamed, 'netplan-networkd'), '');
  const matched = intentOf('matched-parent');
  const other = matched.replaceAll('uplink', 'another');
  assert.not.equal(other, matched);
  assert.match(await findings(matched, other, 'netplan-networkd'), /The netplan id of/);
  assert.is(await findings(matched, other, 'networkd'), '');
});

test('names of an intent become no markup of a review', async () => {
  const { before, after } = pair();
  writeFileSync(
    after,
    ORIGINAL.replaceAll('veth0', 'a_b_c').replace(
      'parent: eth0',
      'parent: eth0\n    nameservers: {search: ["x.example"]}',
    ),
  );
  const { stdout } = await runHere('diff', before, after, '--format', 'markdown');
  const [sentences = ''] = stdout.split('<details>');
  assert.match(sentences, /`a_b_c`/);
  assert.not.match(sentences.replaceAll(/`[^`]*`/g, ''), /a_b_c/);
});

test('one intent at two revisions of a git repository', () => {
  const folder = temporaryFolder();
  const git = (...words: string[]): void => {
    const { status, stderr } = spawnSync('git', words, {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'x',
        GIT_AUTHOR_EMAIL: 'x@example.net',
        GIT_COMMITTER_NAME: 'x',
        GIT_COMMITTER_EMAIL: 'x@example.net',
      },
    });
    assert.is(status, 0, stderr);
  };
  const file = join(folder, 'macvtap.yaml');
  git('init', '-q', '-b', 'main');
  writeFileSync(file, ORIGINAL);
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  writeFileSync(file, ORIGINAL.replace('.254', '.253'));
  const run = (...words: string[]) => macvtapRender(['diff', ...words], { cwd: folder });
  const changed = run('main:macvtap.yaml', 'macvtap.yaml');
  assert.is(changed.status, 1, changed.stderr);
  assert.match(changed.stdout, /The default route/);
  assert.is(run('main:macvtap.yaml', 'HEAD:macvtap.yaml').status, 0);
  assert.match(run('nope:macvtap.yaml', 'macvtap.yaml').stderr, /is not known to git/);
  assert.is(run('main:nope.yaml', 'macvtap.yaml').status, 2);
  assert.is(run('--', '-x:macvtap.yaml', 'macvtap.yaml').status, 2);
  // A file that is really called so comes first.
  writeFileSync(join(folder, 'main:macvtap.yaml'), ORIGINAL.replace('.254', '.253'));
  assert.is(run('main:macvtap.yaml', 'macvtap.yaml').status, 0);
});

test.run();
