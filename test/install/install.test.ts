/** Installing over what is there: files that were generated before, another program's, another host's. */
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { placeIn } from '../../src/backends/places.ts';
import { backendOf, backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { intentNamed, isGenerated, isSameHost } from '../../src/view/ownership.ts';
import { temporaryFolder } from '../command.ts';
import { caseNames, goldenTree, intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import {
  files,
  install,
  intentFile,
  NETWORK,
  ORIGINAL,
  PARENT,
  renamed,
  SHIM,
} from './installing.ts';

test('a directory that is not there is still named, and not the root of this machine', async () => {
  const root = join(temporaryFolder(), 'none');
  const planned = await install(root, ORIGINAL, '--dry-run');
  assert.is(planned.status, 0);
  assert.ok(planned.stderr.includes(`would be created: ${root}/${PARENT}\n`), planned.stderr);
  const checked = await runHere('check', ORIGINAL, '-b', 'networkd', '--root', root);
  assert.is(checked.status, 1);
  assert.ok(checked.stdout.includes(`${root}/${PARENT}: error[file-missing]`), checked.stdout);
  assert.not.match(checked.stdout, /^\+\+\+ b\/etc/m);
  assert.not(existsSync(root));
});

test('what the intent has no more is removed, and --no-prune leaves it', async () => {
  const root = temporaryFolder();
  await install(root);
  writeFileSync(join(root, NETWORK, '00-macvtap-mine.network'), '[Match]\nName=eth9\n');
  writeFileSync(join(root, NETWORK, '20-lan.network'), '[Match]\nName=eth8\n');
  const kept = await install(root, renamed(), '--no-prune');
  assert.is(kept.status, 0);
  assert.match(kept.stderr, /^left: .*00-macvtap-veth0\.netdev \(no longer in the intent\)$/m);
  assert.ok(existsSync(join(root, SHIM)));
  const pruned = await install(root, renamed());
  assert.match(pruned.stderr, /^removed: .*00-macvtap-veth0\.network$/m);
  assert.equal(
    files(root).filter((path) => path.startsWith(NETWORK)),
    [
      '00-macvtap-eth0.network',
      '00-macvtap-mine.network',
      '00-macvtap-shim0.netdev',
      '00-macvtap-shim0.network',
      '00-macvtap.network',
      '20-lan.network',
    ].map((name) => `${NETWORK}/${name}`),
  );
});

test('every back end replaces every other, and leaves no file of it', async () => {
  const root = temporaryFolder();
  const backendIds = backends.filter(({ scope }) => scope === 'host');
  for (const { id } of [...backendIds, ...[...backendIds].reverse()]) {
    const { status } = await runHere(ORIGINAL, '-b', id, '--root', root);
    assert.is(status, 0, id);
    const expected = goldenTree('original', id).map(({ path }) => path.slice(1));
    assert.equal(files(root), expected.sort(), id);
  }
});

test('guests and a trial leave the files of the host alone, and it theirs; each removes its own', async () => {
  const root = temporaryFolder();
  const guests = 'golden/guests/intent.yaml';
  const run = async (intent: string, backend: string): Promise<string[]> => {
    assert.is((await runHere(intent, '-b', backend, '--root', root)).status, 0, backend);
    return files(root);
  };
  const host = await run(guests, 'networkd');
  const both = await run(guests, 'libvirt');
  const xml = both.filter((path) => path.startsWith('etc/libvirt/'));
  assert.is(xml.length, 3);
  assert.equal(both, [...host, ...xml].sort());
  const all = await run(guests, 'iproute2');
  assert.equal(all, [...both, 'usr/local/sbin/macvtap-trial'].sort());
  assert.equal(await run(guests, 'networkd'), all);
  const less = intentFile(intentOf('guests').replace(/^ {2}vm2:/m, '  vm3:'));
  const now = await run(less, 'libvirt');
  assert.ok(!now.includes('etc/libvirt/macvtap/macvtap-guest-vm2.xml'));
  assert.ok(now.includes('etc/libvirt/macvtap/macvtap-guest-vm3.xml'));
});

test('the mark is known in every format, and names the host', () => {
  for (const backend of ['networkd', 'libvirt', 'iproute2']) {
    const { sets } = compile(intentOf('guests'), { file: 'x', backends: [backend] });
    const [{ text } = { text: '' }] = sets?.[0]?.files ?? [];
    assert.is(intentNamed(text), 'the intent of host kvm1', backend);
    assert.ok(isSameHost(text, text));
    assert.not.ok(isSameHost(text, text.replace('kvm1', 'kvm2')));
    assert.not.ok(isGenerated(text.replace('Written by', 'Edited after')));
  }
});

test('every file that any case renders is found again in the place that its back end declares', () => {
  let count = 0;
  for (const name of caseNames()) {
    const backendIds = backends.map(({ id }) => id);
    const { sets = [] } = compile(intentOf(name), { file: name, backends: backendIds });
    for (const { backend, files } of sets) {
      const declared = backendOf(backend, 'networkd').places;
      for (const { path, text, place } of files) {
        count += 1;
        assert.ok(isGenerated(text), path);
        assert.ok(declared.includes(place), `${backend}: ${path} is in no place that it declares`);
        assert.is(placeIn(path, text), place, path);
      }
    }
  }
  assert.ok(count > 1000, `${count} files`);
});

test('an edited file and that of another host want --force; --backup keeps them', async () => {
  const root = temporaryFolder();
  await install(root);
  writeFileSync(join(root, PARENT), '# Ansible managed\n[Match]\nName=eth0\n');
  writeFileSync(
    join(root, SHIM),
    readFileSync(join(root, SHIM), 'utf8').replace('host kvm1', 'host kvm2'),
  );
  const before = files(root);
  const refused = await install(root);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /it says to be Ansible's/);
  assert.match(
    refused.stderr,
    /was generated from the intent of host kvm2, not from the intent of host kvm1/,
  );
  assert.equal(files(root), before);
  const { status } = await install(root, ORIGINAL, '--force', '--backup');
  assert.is(status, 0);
  const kept = join(root, 'etc/macvtap-render/pending/files', PARENT);
  assert.match(readFileSync(kept, 'utf8'), /Ansible managed/);
  assert.ok(isGenerated(readFileSync(join(root, PARENT), 'utf8')));
  // Another time, what was kept first stays.
  writeFileSync(join(root, PARENT), 'again\n');
  await install(root, ORIGINAL, '--force', '--backup');
  assert.match(readFileSync(kept, 'utf8'), /Ansible managed/);
});

test('--output keeps a backup beside the file, each text once', async () => {
  const folder = temporaryFolder();
  const lay = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const name = 'user-data';
  const packed = (...more: string[]) =>
    runHere(ORIGINAL, '-b', 'networkd', '--format', 'cloud-init', '--output', folder, ...more);
  const backup = (n: number): string => `.${name}.macvtap-backup${n === 1 ? '' : `-${n}`}`;
  lay(name, 'mine\n');
  const { stderr } = await packed('--force', '--backup');
  assert.match(stderr, /kept as .*\.user-data\.macvtap-backup$/m);
  lay(name, 'again\n');
  await packed('--force', '--backup');
  for (const text of ['mine\n', 'again\n']) {
    lay(name, text);
    const { status, stderr: findings } = await packed('--force', '--backup');
    assert.is(status, 0);
    assert.match(findings, /kept as/);
  }
  assert.equal(readdirSync(folder).sort(), [backup(1), backup(2), name].sort());
  assert.is(readFileSync(join(folder, backup(1)), 'utf8'), 'mine\n');
  assert.is(readFileSync(join(folder, backup(2)), 'utf8'), 'again\n');
});

test('another host’s orphans are left, unless forced', async () => {
  const root = temporaryFolder();
  await install(root);
  const orphan = join(root, NETWORK, '00-macvtap-old.network');
  writeFileSync(orphan, '# Written by macvtap-render from the intent of host kvm9.\n');
  assert.match((await install(root)).stderr, /left: .*\(generated from .*kvm9\)/);
  assert.ok(existsSync(orphan));
  await install(root, ORIGINAL, '--force');
  assert.not.ok(existsSync(orphan));
});

test('a link in the place of a file is replaced with --force, and what it points to stays', async () => {
  const root = temporaryFolder();
  const outside = join(temporaryFolder(), 'target');
  writeFileSync(outside, 'precious\n');
  mkdirSync(join(root, NETWORK), { recursive: true });
  symlinkSync(outside, join(root, PARENT));
  const refused = await install(root);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /is a symbolic link \(to .*target\)/);
  assert.is((await install(root, ORIGINAL, '--force', '--backup')).status, 0);
  assert.is(readFileSync(outside, 'utf8'), 'precious\n');
  assert.ok(lstatSync(join(root, PARENT)).isFile());
  const kept = join(root, 'etc/macvtap-render/pending/files', PARENT);
  assert.ok(lstatSync(kept).isSymbolicLink());
});

test('--dry-run says all of it and touches nothing, not even the directory', async () => {
  const root = join(temporaryFolder(), 'not', 'made');
  const { status, stderr } = await install(root, ORIGINAL, '--dry-run');
  assert.is(status, 0);
  assert.match(stderr, /^would be created: .*00-macvtap-eth0\.network$/m);
  assert.match(stderr, /change activate/);
  assert.not.ok(existsSync(root));
});

test('a file with a wrong mode is recreated: another hard link to the old file is unchanged', async () => {
  const root = temporaryFolder();
  await install(root);
  const elsewhere = join(root, 'elsewhere');
  linkSync(join(root, PARENT), elsewhere);
  chmodSync(elsewhere, 0o666);
  assert.match((await install(root)).stderr, /^mode: .*00-macvtap-eth0\.network$/m);
  assert.is(statSync(join(root, PARENT)).mode & 0o777, 0o644);
  assert.is(statSync(elsewhere).mode & 0o777, 0o666);
});

test.run();
