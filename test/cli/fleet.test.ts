/** Many hosts: read, written, packaged. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { groupPatches } from '../../src/changes/fleet.ts';
import { patchOf } from '../../src/changes/patch.ts';
import { run } from '../../src/cli/run.ts';
import { compile } from '../../src/compile.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { packagesOf } from '../../src/package/packages.ts';
import { macvtapRender } from '../command.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { isLong, sample } from '../long.ts';
import { documentOf } from '../output-schema.ts';
import { FLEET, folderOf, toOne, treeOf } from './fleet-hosts.ts';

test('one file, several, and a directory are the same fleet', async () => {
  const folder = folderOf({
    'one.yaml': FLEET,
    'fleet/defaults.yaml': FLEET.slice(0, FLEET.indexOf('hosts:')),
    'fleet/hosts/b.yml': `version: 1\n${FLEET.slice(FLEET.indexOf('hosts:'), FLEET.indexOf('  kvm3'))}`,
    'fleet/hosts/kvm3.json':
      '{"version": 1, "host": "kvm3", "shims": {"veth0": {"addresses": ["198.51.100.52/24"]}}}',
    'fleet/.git/x.yaml': 'no: intent\n',
    'fleet/README.md': 'not read\n',
  });
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd');
  const fleet = join(folder, 'fleet');
  const parts = ['defaults.yaml', 'hosts/b.yml', 'hosts/kvm3.json'].map((name) =>
    join(fleet, name),
  );
  assert.is((await at(join(folder, 'one.yaml'), '--root', join(folder, '1'))).status, 0);
  assert.is((await at(fleet, '--root', join(folder, '2'))).status, 0);
  assert.is((await at(...parts.reverse(), '--root', join(folder, '3'))).status, 0);
  const tree = treeOf(join(folder, '1'));
  assert.ok('kvm3/etc/systemd/network/00-macvtap-veth0.network' in tree);
  assert.equal(treeOf(join(folder, '2')), tree);
  assert.equal(treeOf(join(folder, '3')), tree);
  // A file that cannot be read is reported with the errors of the rest.
  symlinkSync(fleet, join(fleet, 'hosts/loop.yaml'));
  writeFileSync(join(fleet, 'hosts/latin.yaml'), Buffer.from([0xe9]));
  writeFileSync(join(fleet, 'hosts/b.yml'), 'version: 1\nhosts: {kvm1: {shimz: {}}}\n');
  const { status, stderr } = await at(fleet);
  assert.is(status, 2);
  for (const code of ['intent-not-a-file', 'not-utf8', 'unknown-key']) {
    assert.match(stderr, new RegExp(`error\\[${code}\\]`));
  }
});

test('nothing is written unless all are right; with --keep-going, those that are', async () => {
  const bad = FLEET.replace('198.51.100.52/24', '198.51.100.520/24');
  const folder = folderOf({ 'fleet.yaml': bad });
  const out = join(folder, 'out');
  const render = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out, ...words);
  const refused = await render();
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /Nothing was written: 1 error, in 1 of 3 hosts\./);
  assert.not.ok(existsSync(out));
  const kept = await render('--keep-going');
  assert.is(kept.status, 2);
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm2']);
  assert.match(kept.stderr, /Not written: 1 host: kvm3\./);
  // Two that clash: which of them is right, nobody knows.
  const clash = FLEET.replace('198.51.100.52/24', '198.51.100.51/24');
  writeFileSync(join(folder, 'fleet.yaml'), clash);
  rmSync(out, { recursive: true });
  assert.is((await render('--keep-going')).status, 2);
  assert.equal(readdirSync(out), ['kvm1']);
  // A file of another program conflicts with one.
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  const foreign = join(out, 'kvm2/etc/systemd/network/00-macvtap-veth0.network');
  mkdirSync(join(foreign, '..'), { recursive: true });
  writeFileSync(foreign, '# mine\n');
  const before = treeOf(out);
  const blocked = await render();
  assert.is(blocked.status, 4);
  assert.match(blocked.stderr, /refused for 1 host: kvm2/);
  assert.equal(treeOf(out), before);
  const rest = await render('--keep-going');
  assert.is(rest.status, 4);
  assert.match(rest.stderr, /Not written: 1 host: kvm2\./);
  assert.is(readFileSync(foreign, 'utf8'), '# mine\n');
  assert.ok(existsSync(join(out, 'kvm3/etc')));
});

test('a second run changes nothing; a removed host is reported and left', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const render = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out, ...words);
  const dry = await render('--dry-run');
  assert.match(dry.stderr, /would be 7 created: 3 hosts: kvm1, kvm2, kvm3/);
  assert.not.ok(existsSync(out));
  assert.match((await render()).stderr, /3 hosts, 21 files: 3 changed, 0 unchanged\./);
  assert.match((await render()).stderr, /3 hosts, 21 files: 0 changed, 3 unchanged\./);
  writeFileSync(join(folder, 'fleet.yaml'), FLEET.replace(/ {2}kvm3.*\n/, ''));
  const less = await render();
  assert.match(less.stderr, /left in .*out: files of hosts no longer in the fleet, 1 host: kvm3/);
  assert.ok(existsSync(join(out, 'kvm3')));
  const { status, stdout } = await runHere(
    ...['check', join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out],
  );
  assert.is(status, 1);
  assert.match(stdout, /error\[host-extra\]/);
});

test('--host: some of them, one here, none that is not there', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const fleet = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  assert.is(
    (await runHere(fleet, '-b', 'networkd', '--root', out, '--host', 'kvm1,kvm3')).status,
    0,
  );
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm3']);
  const wrong = await runHere(fleet, '-b', 'networkd', '--host', 'kvm9');
  assert.is(wrong.status, 3);
  assert.match(wrong.stderr, /did you mean `kvm1`/);
  const alone = await runHere(fleet, '-b', 'networkd', '--host', 'kvm2');
  assert.is(alone.status, 0);
  assert.match(alone.stdout, /^# ==> \/etc\/systemd\/network\//m);
  const all = await runHere(fleet, '-b', 'networkd');
  assert.is(all.status, 3);
  assert.match(all.stderr, /`--host NAME`/);
  for (const words of [
    ['--root', '/'],
    ['--root', '/', '--host', 'kvm1,kvm2'],
  ]) {
    const here = await runHere(fleet, '-b', 'networkd', '--dry-run', ...words);
    assert.is(here.status, 3);
    assert.match(here.stderr, /`\/` is one host, and the intent has several/);
  }
  // By force: whose network this machine's is, is another question.
  const mine = await runHere(
    ...[fleet, '-b', 'networkd', '--dry-run', '--force', '--root', '/', '--host', 'kvm1'],
  );
  assert.match(mine.stderr, /created: \/etc\/systemd\/network\/00-macvtap-veth0\.network/);
  assert.is((await runHere('check', fleet, '-b', 'networkd')).status, 3);
  const explained = await runHere('explain', fleet, '-b', 'networkd', '--host', 'kvm2');
  assert.match(explained.stdout, /fleet\.yaml:10;/);
  assert.match(explained.stdout, /fleet\.yaml:5;/);
  // This one is rendered in spite of another's fault, which is reported.
  writeFileSync(fleet, FLEET.replace('198.51.100.52/24', '198.51.100.520/24'));
  const other = await runHere(fleet, '-b', 'networkd', '--host', 'kvm1');
  assert.is(other.status, 0);
  assert.match(other.stderr, /Another host has errors that are not reported here: kvm3\./);
  // But what it shares with this one is.
  writeFileSync(fleet, FLEET.replace('198.51.100.52/24', '198.51.100.50/24'));
  const shared = await runHere(fleet, '-b', 'networkd', '--host', 'kvm1');
  assert.is(shared.status, 2);
  assert.match(shared.stderr, /`198\.51\.100\.50` is also an address of `veth0` on kvm3/);
  // An intent of one host has a name, too.
  const single = folderOf({ 'i.yaml': intentOf('original') });
  assert.is((await runHere(join(single, 'i.yaml'), '-b', 'networkd', '--host', 'kvm1')).status, 0);
  assert.is((await runHere(join(single, 'i.yaml'), '-b', 'networkd', '--host', 'x')).status, 3);
});

test('a folder for each host, whatever the layout', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const at = (...words: string[]) => runHere(join(folder, 'fleet.yaml'), ...words);
  const backends = join(folder, 'ways');
  assert.is((await at('-b', 'networkd', '-b', 'networkmanager', '--root', backends)).status, 0);
  assert.equal(readdirSync(backends).sort(), ['networkd', 'networkmanager']);
  assert.equal(readdirSync(join(backends, 'networkd')).sort(), ['kvm1', 'kvm2', 'kvm3']);
  // Each back end's is a fleet's tree of its own.
  const checked = await runHere(
    ...[
      'check',
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--root',
      join(backends, 'networkd'),
    ],
  );
  assert.is(checked.status, 0);
  const flat = join(folder, 'flat');
  const printed = await at('-b', 'networkd', '--output', flat);
  assert.is(printed.status, 0);
  assert.ok(existsSync(join(flat, 'kvm2/00-macvtap-veth0.network')));
  assert.is(printed.stderr.match(/not written: \/etc\/sysctl\.d/g)?.length, 1);
});

test('packagings of a fleet', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const at = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', ...words);
  const { hosts } = documentOf('render', (await at('--format', 'json')).stdout);
  assert.equal(
    hosts.map(({ host }) => host),
    ['kvm1', 'kvm2', 'kvm3'],
  );
  // What tar makes of it is what --root writes.
  const archive = macvtapRender([join(folder, 'fleet.yaml'), '-b', 'networkd', '--format', 'tar']);
  mkdirSync(join(folder, 'tar'));
  const unpacked = spawnSync('tar', ['-x', '-C', join(folder, 'tar')], { input: archive.stdout });
  assert.is(unpacked.status, 0);
  await at('--root', join(folder, 'root'));
  assert.equal(treeOf(join(folder, 'tar')), treeOf(join(folder, 'root')));
  for (const [format, name] of [
    ['cloud-init', 'user-data'],
    ['ignition', 'config.ign'],
  ] as const) {
    const refused = await at('--format', format);
    assert.is(refused.status, 3);
    assert.match(refused.stderr, /name it with `--host NAME`; with `--output DIR`/);
    const out = join(folder, format);
    assert.is((await at('--format', format, '--output', out)).status, 0);
    const alone = await at('--format', format, '--host', 'kvm2');
    assert.is(alone.status, 0);
    if (format === 'cloud-init') {
      // Those who find one there already may go on having it: it has our mark.
      assert.is(readFileSync(join(out, 'kvm2', name), 'utf8'), alone.stdout);
    } else assert.is(readFileSync(join(out, 'kvm2', name), 'utf8'), alone.stdout);
  }
});

test('the role of a fleet: one, with an inventory and a folder for each host', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const role = join(folder, 'roles/macvtap');
  const at = (...words: string[]) =>
    runHere(
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--format',
      'ansible',
      '--output',
      role,
      ...words,
    );
  assert.is((await at()).status, 0);
  const tree = treeOf(role);
  assert.equal((parse(tree['inventory.yml'] ?? '') as { macvtap: unknown }).macvtap, {
    hosts: { kvm1: {}, kvm2: {}, kvm3: {} },
  });
  assert.is(Object.keys(tree).filter((path) => path.startsWith('vars/')).length, 3);
  assert.match((await at()).stderr, /^3 hosts, 27 files: 0 changed, 3 unchanged\.\n$/);
  // One alone does not take the others out of the inventory.
  assert.match(
    (await at('--host', 'kvm1')).stderr,
    /^1 host, 9 files: 0 changed, 1 unchanged\.\n$/,
  );
  // A file that the intent has no more goes; another host's stay.
  const old = join(role, 'files/kvm1/etc/systemd/network/00-macvtap-veth9.netdev');
  writeFileSync(
    old,
    (tree['files/kvm1/etc/systemd/network/00-macvtap-veth0.netdev'] ?? '').replaceAll(
      'veth0',
      'veth9',
    ),
  );
  assert.match((await at('--no-prune')).stderr, /left: .*veth9/);
  assert.match((await at('--dry-run')).stderr, /would be removed: .*veth9/);
  assert.ok(existsSync(old));
  assert.match((await at()).stderr, /removed: .*veth9/);
  assert.not.ok(existsSync(old));
  writeFileSync(join(folder, 'fleet.yaml'), FLEET.replace(/ {2}kvm3.*\n/, ''));
  assert.match(
    (await at()).stderr,
    /left in .*files: files of hosts no longer in the fleet, 1 host: kvm3;/,
  );
  // The same files as without a fleet, and the same facts about them.
  const { hosts } = toOne(FLEET);
  const packages = hosts.flatMap((host) => packagesOf(host, host.host));
  assert.equal(
    packages.map((each) => each.folder),
    ['kvm1', 'kvm2', 'kvm3'],
  );
});

test('what is derived from the name of a host does not count as a difference between hosts, in any case of letters', () => {
  let count = 0;
  for (const name of sample(caseNames(), 4)) {
    const text = intentOf(name);
    const hosts = ['kvm1', 'b--x.example.net', 'kvm-3'];
    if (name.startsWith('bad-') || !/^host: /m.test(text)) continue;
    const compiled = hosts.map((host) => {
      const intent = text.replace(/^host: .*$/m, `host: ${host}`);
      const backendIds = backends.map(({ id }) => id);
      return {
        host,
        sets: compile(intent, { file: name, backends: backendIds, ...targetOf(name) }).sets ?? [],
      };
    });
    for (const { backend } of compiled[0]?.sets ?? []) {
      const patches = compiled.map(({ host, sets }) => ({
        host,
        patch: patchOf(
          (sets.find((set) => set.backend === backend)?.files ?? []).map((file) => ({
            path: file.path,
            before: undefined,
            after: file.text,
          })),
        ),
      }));
      if (patches[0]?.patch === '') continue;
      assert.equal(
        groupPatches(patches).map((group) => group.hosts),
        [hosts],
        `${name}, ${backend}`,
      );
      count += 1;
    }
  }
  assert.ok(count > (isLong ? 200 : 50), `${count}`);
});

test('--keep-going: not where a text itself is broken, which may be any host’s', async () => {
  const folder = folderOf({ 'fleet.yaml': `${FLEET}  kvm1: {}\n` });
  const words = [join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', join(folder, 'out')];
  const { status, stderr } = await runHere(...words, '--keep-going');
  assert.is(status, 2);
  assert.match(stderr, /`--keep-going` does not apply/);
  assert.not.ok(existsSync(join(folder, 'out')));
});

test('a folder that is none stops its own host alone', async () => {
  const folder = folderOf({
    'fleet.yaml': FLEET,
    'out/kvm2': 'a file\n',
    'role/files/kvm2': 'x\n',
  });
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd');
  const fleet = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  const refused = await at(fleet, '--root', out);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /kvm2: is not a directory[\s\S]*refused for 1 host: kvm2/);
  assert.equal(readdirSync(out), ['kvm2']);
  const { status, stderr } = await at(fleet, '--root', out, '--keep-going');
  assert.is(status, 4);
  assert.match(stderr, /Not written: 1 host: kvm2\./);
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm2', 'kvm3']);
  const checked = await at('check', fleet, '--root', out);
  assert.is(checked.status, 1);
  assert.match(checked.stdout, /error\[file-in-the-way\].*\n {2}help: .*\n {2}1 host: kvm2/);
  const role = ['--format', 'ansible', '--output', join(folder, 'role')];
  assert.is((await at(fleet, ...role)).status, 4);
  const kept = await at(fleet, ...role, '--keep-going');
  assert.is(kept.status, 4);
  assert.match(kept.stderr, /Not written: 1 host: kvm2\./);
  assert.ok(existsSync(join(folder, 'role/files/kvm3/etc')));
});

test('names that Ansible has for groups; control characters; the root, however it is written', async () => {
  const named = FLEET.replace('kvm2:', 'all:');
  const folder = folderOf({
    'fleet.yaml': named,
    'esc.yaml': 'version: 1\nhosts: {"a\\e[31m": {}}\n',
  });
  const at = (file: string, ...words: string[]) =>
    runHere(join(folder, file), '-b', 'networkd', ...words);
  const role = await at('fleet.yaml', '--format', 'ansible', '--output', join(folder, 'role'));
  assert.is(role.status, 3);
  assert.match(role.stderr, /`all` cannot be a host's name/);
  assert.is((await at('fleet.yaml', '--root', join(folder, 'out'))).status, 0);
  assert.not.ok((await at('esc.yaml')).stderr.includes('\u001b'));
  for (const root of ['/.', '//', '/../']) {
    assert.is((await at('fleet.yaml', '--dry-run', '--root', root)).status, 3, root);
  }
});

test('a bar on a terminal, with rate and time left; silence anywhere else', async () => {
  const hosts = Array.from(
    { length: 20 },
    (_, i) => `  h${i}: {shims: {veth0: {addresses: [198.51.100.${i + 1}/24]}}}\n`,
  );
  const text = `version: 1\ndefaults: {shims: {veth0: {parent: eth0}}}\nhosts:\n${hosts.join('')}`;
  const folder = folderOf({ 'fleet.yaml': text });
  const onTerminal = async (isTerminal: boolean, term: string): Promise<string> => {
    let now = 0;
    let stderr = '';
    const words = [
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--root',
      join(folder, `out-${isTerminal}-${term}`),
    ];
    await run(
      {
        ...nodeSystem(words, { TERM: term }),
        stdout: { isTerminal, write: () => {} },
        stderr: {
          isTerminal,
          write: (more) => {
            stderr += more;
          },
        },
        milliseconds: () => {
          now += 50;
          return now;
        },
      },
      '0',
    );
    return stderr.replaceAll('\u001b[K', '<clear>');
  };
  const shown = await onTerminal(true, 'xterm');
  assert.match(shown, /\rrendering \[#+\.+\] \d+\/20 hosts, \d+\/s, \d+ s left<clear>/);
  assert.match(shown, /\rwriting \[/);
  // It is removed before any other message.
  assert.match(shown, /\r<clear>\d+ created: 20 hosts/);
  assert.not.match(await onTerminal(false, 'xterm'), /\r|hosts, \d+\/s/);
  assert.not.match(await onTerminal(true, 'dumb'), /\r|hosts, \d+\/s/);
});

test('a host is written whole or not at all by two runs at once', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const words = [join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', join(folder, 'out')];
  const runs = await Promise.all([runHere(...words), runHere(...words)]);
  assert.equal(
    runs.map(({ status }) => status),
    [0, 0],
  );
  assert.is((await runHere('check', ...words)).status, 0);
  assert.not.ok(
    Object.keys(treeOf(join(folder, 'out'))).some((path) => /macvtap-(?:lock|new)/.test(path)),
  );
});

test.run();
