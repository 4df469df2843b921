/** The pending directory: what an installation keeps, and that it leads back whatever interrupts. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import type { PendingFolder } from '../../src/install/pending.ts';
import { treePlacements } from '../../src/install/places.ts';
import { writeFiles } from '../../src/install/write.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere, runOn } from '../in-process.ts';
import { isLong } from '../long.ts';
import { Stopped, stoppingAt } from './stopping.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const FOLDER = 'etc/macvtap-render';
const PENDING = `${FOLDER}/pending`;
const SHIM = 'etc/systemd/network/00-macvtap-veth0.network';
const BOOT = 'proc/sys/kernel/random/boot_id';
const ONE = '00000000-0000-0000-0000-000000000001';
const TWO = '00000000-0000-0000-0000-000000000002';

/** Path → what is there, but for the pending directory and the kernel's own. */
function treeOf(root: string, part = ''): Map<string, string> {
  const entries = readdirSync(join(root, part), { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(join(root, part).length), what(path)] as const)
      .filter(([path]) => !path.startsWith(`/${FOLDER}/`) && !path.startsWith('/proc/'))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function what(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  return stat.isSymbolicLink()
    ? `link ${readlinkSync(path)}`
    : `${mode} ${stat.uid}:${stat.gid} ${readFileSync(path, 'base64')}`;
}

/** What the rollback does with the files, in the plainest way. */
function restore(root: string): void {
  const created = readFileSync(join(root, PENDING, 'created'), 'utf8');
  for (const path of created.split('\n').filter(Boolean)) rmSync(join(root, path), { force: true });
  for (const [path, content] of treeOf(root, `${PENDING}/files`)) {
    const target = join(root, path);
    rmSync(target, { force: true });
    const [first = '', , bytes = ''] = content.split(' ');
    mkdirSync(dirname(target), { recursive: true });
    if (first === 'link') symlinkSync(content.slice('link '.length), target);
    else {
      writeFileSync(target, Buffer.from(bytes, 'base64'));
      chmodSync(target, Number.parseInt(first, 8));
    }
  }
}

function lay(root: string, path: string, text: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

const pendingAt = (root: string, path: string): string =>
  readFileSync(join(root, PENDING, path), 'utf8');

function intentFile(text: string): string {
  const file = join(temporaryFolder(), 'macvtap.yaml');
  writeFileSync(file, text);
  return file;
}

const withAddress = (last: number): string =>
  intentFile(intentOf('original').replace('.50/24', `.${last}/24`));

test('--root / keeps what it changes; other trees with --backup, and --no-backup nothing', async () => {
  const root = temporaryFolder();
  lay(root, BOOT, `${ONE}\n`);
  const first = await runOn(root, ORIGINAL, '-b', 'networkd', '--root', '/');
  assert.is(first.status, 0, first.stderr);
  assert.is(lstatSync(join(root, PENDING)).mode & 0o7777, 0o700);
  assert.is(pendingAt(root, 'boot'), `${ONE}\n`);
  const created = pendingAt(root, 'created').split('\n').filter(Boolean);
  assert.equal([...created].sort(), [...treeOf(root).keys()]);
  const kept = ['boot', 'change', 'created', 'files', 'folders'];
  assert.equal(readdirSync(join(root, PENDING)).sort(), kept);
  const other = temporaryFolder();
  await runHere(ORIGINAL, '-b', 'networkd', '--root', other);
  assert.not.ok(existsSync(join(other, FOLDER)));
  await runHere(withAddress(60), '-b', 'networkd', '--root', other, '--backup');
  assert.match(pendingAt(other, `files/${SHIM}`), /198\.51\.100\.50\/24/);
  assert.is(pendingAt(other, 'boot'), '\n');
  const none = temporaryFolder();
  await runOn(none, ORIGINAL, '-b', 'networkd', '--root', '/', '--no-backup');
  assert.not.ok(existsSync(join(none, FOLDER)));
  assert.ok(existsSync(join(none, SHIM)));
  for (const words of [
    ['--root', none, '--no-backup'],
    ['--root', '/', '--no-backup', '--backup'],
  ]) {
    assert.is((await runOn(none, ORIGINAL, '-b', 'networkd', ...words)).status, 3, words.join(' '));
  }
});

test('a change of the same boot is added to what is pending; one of another boot is replaced', async () => {
  const root = temporaryFolder();
  lay(root, BOOT, `${ONE}\n`);
  const at = (intent: string, ...more: string[]) =>
    runOn(root, intent, '-b', 'networkd', '--root', '/', ...more);
  await at(ORIGINAL);
  rmSync(join(root, FOLDER), { recursive: true });
  const confirmed = treeOf(root);
  const second = await at(withAddress(60));
  assert.not.match(second.stderr, /not confirmed/);
  const renamed = intentFile(readFileSync(withAddress(70), 'utf8').replaceAll('veth0', 'shim0'));
  for (const more of [['--dry-run'], []]) {
    const { stderr } = await at(renamed, ...more);
    assert.match(stderr, /A change is not confirmed yet \(.*\/pending\): the rollback restores/);
  }
  assert.match(pendingAt(root, `files/${SHIM}`), /198\.51\.100\.50\/24/);
  assert.match(pendingAt(root, 'created'), /00-macvtap-shim0\.network\n/);
  restore(root);
  assert.equal(treeOf(root), confirmed);
  await at(renamed);
  const booted = treeOf(root);
  lay(root, BOOT, `${TWO}\n`);
  const later = await at(withAddress(80));
  assert.not.match(later.stderr, /not confirmed/);
  assert.is(pendingAt(root, 'boot'), `${TWO}\n`);
  restore(root);
  assert.equal(treeOf(root), booted);
  assert.equal(readdirSync(join(root, FOLDER)), ['pending']);
});

test('kept files equal the old ones, of any kind', async () => {
  const root = temporaryFolder();
  lay(root, SHIM, Buffer.from([0xff, 0xfe, 0, 1]), 0o4640);
  const link = 'etc/systemd/network/00-macvtap-eth0.network';
  symlinkSync('/dev/null', join(root, link));
  lay(root, 'etc/network/interfaces', 'auto lo\niface lo inet loopback\n', 0o600);
  const before = treeOf(root);
  const { status, stderr } = await runOn(
    root,
    ORIGINAL,
    '-b',
    'ifupdown',
    '--root',
    '/',
    '--force',
  );
  assert.is(status, 0, stderr);
  assert.is(pendingAt(root, 'files/etc/network/interfaces'), 'auto lo\niface lo inet loopback\n');
  assert.is(readlinkSync(join(root, PENDING, 'files', link)), '/dev/null');
  restore(root);
  assert.equal(treeOf(root), before);
});

test('a claimed change, and --no-backup over one that is pending, are refused', async () => {
  const root = temporaryFolder();
  lay(root, BOOT, `${ONE}\n`);
  await runOn(root, ORIGINAL, '-b', 'networkd', '--root', '/');
  const change = withAddress(60);
  const before = treeOf(root);
  const off = await runOn(root, change, '-b', 'networkd', '--root', '/', '--no-backup');
  assert.is(off.status, 4);
  assert.match(off.stderr, /an earlier change is not confirmed[\s\S]*change confirm/);
  lay(root, `${PENDING}.claimed/boot`, `${ONE}\n`);
  const claimed = await runOn(root, change, '-b', 'networkd', '--root', '/');
  assert.is(claimed.status, 4);
  assert.match(
    claimed.stderr,
    /a rollback is running, or was interrupted[\s\S]*claimed\/change rollback/,
  );
  assert.equal(treeOf(root), before);
  rmSync(join(root, `${PENDING}.claimed`), { recursive: true });
  // A confirmation that was interrupted has decided.
  lay(root, `${PENDING}.confirmed/boot`, `${ONE}\n`);
  assert.is((await runOn(root, change, '-b', 'networkd', '--root', '/')).status, 0);
  assert.equal(readdirSync(join(root, FOLDER)), ['pending']);
});

/** By the library's function, without a command around it. */
function written(root: string, pendingFolder: PendingFolder) {
  const text = intentOf('original');
  const files = compile(text, { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? [];
  const top = nodeSystem([], {}).openDirectory(root);
  try {
    const options = { pendingFolders: [pendingFolder] };
    return writeFiles(top, treePlacements(files), [{ steps: [] }], options);
  } finally {
    top.close();
  }
}

test('folders that come with the files are noted, and others are not', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/sysctl.d'), { recursive: true });
  written(root, { base: [] });
  assert.equal(pendingAt(root, 'folders').split('\n').filter(Boolean), [
    '/etc/NetworkManager',
    '/etc/NetworkManager/conf.d',
    '/etc/systemd',
    '/etc/systemd/network',
    '/etc/systemd/system',
    '/etc/systemd/system/systemd-networkd-wait-online.service.d',
  ]);
});

test('an installation that keeps nothing ignores what another one has kept, and does not report it', () => {
  const root = temporaryFolder();
  lay(root, `${PENDING}/boot`, `${ONE}\n`);
  lay(root, `${PENDING}/installing`, '');
  lay(root, BOOT, `${TWO}\n`);
  const off = { base: [], isOff: true };
  assert.not.ok(written(root, off).isResumed);
  const again = written(root, off);
  assert.not.ok(again.isResumed);
  assert.ok(again.written?.every(({ change }) => change === 'unchanged'));
  assert.ok(existsSync(join(root, PENDING, 'installing')));
  assert.ok(written(root, { base: [] }).isResumed, 'one that keeps files resumes');
});

test('an exclusive change is refused while another is pending, and is notified when all is kept', () => {
  const root = temporaryFolder();
  lay(root, BOOT, `${ONE}\n`);
  const install = (text: string): { isWritten: boolean; seen: string[]; problems: string[] } => {
    const files = compile(text, { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? [];
    const seen: string[] = [];
    const top = nodeSystem([], {}).openDirectory(root);
    const { written, problems } = writeFiles(top, treePlacements(files), [{ steps: [] }], {
      isAlone: true,
      pendingFolders: [{ base: [], script: 'change', notes: { move: '/etc/x\n' } }],
      onKept: () => seen.push(...readdirSync(join(root, PENDING)), ...treeOf(root).keys()),
    });
    top.close();
    return { isWritten: !!written, seen, problems: problems.map(({ message }) => message) };
  };
  const first = install(intentOf('original'));
  assert.ok(first.isWritten);
  assert.ok(first.seen.includes('created') && first.seen.includes('move'), first.seen.join());
  assert.not.ok(first.seen.includes(`/${SHIM}`), 'none of them is in place');
  const second = install(intentOf('original').replace('.50/24', '.60/24'));
  assert.equal(second, { isWritten: false, seen: [], problems: ['another change is pending'] });
});

test('what an earlier change created is not forgotten where the list of it cannot be read', async () => {
  const root = temporaryFolder();
  lay(root, BOOT, `${ONE}\n`);
  assert.is((await runOn(root, ORIGINAL, '-b', 'networkd', '--root', '/')).status, 0);
  const list = `${pendingAt(root, 'created')}${'/x\n'.repeat(400_000)}`;
  lay(root, `${PENDING}/created`, list);
  const before = treeOf(root);
  const second = await runOn(root, withAddress(60), '-b', 'networkd', '--root', '/');
  assert.is(second.status, 4, second.stderr);
  assert.is(pendingAt(root, 'created'), list);
  assert.equal(treeOf(root), before);
});

test('check does not take the pending directory for something of its own', async () => {
  const root = temporaryFolder();
  await runOn(root, ORIGINAL, '-b', 'networkd', '--root', '/');
  const { stdout, status } = await runOn(root, 'check', ORIGINAL, '-b', 'networkd');
  assert.is(status, 0, stdout);
});

const made: string[] = [];
process.on('exit', () => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

const KEEP: readonly PendingFolder[] = [
  { base: [], script: '#!/bin/sh\n', also: ['/etc/hostname'] },
];

const compiled = new Map<string, ReturnType<typeof treePlacements>>();

const placementsOf = (text: string, backend: string) => {
  const known = compiled.get(`${backend} ${text}`);
  if (known) return known;
  const { sets, diagnostics } = compile(text, { file: 'x', backends: [backend] });
  if (!sets?.[0]) throw new Error(JSON.stringify(diagnostics));
  const placements = treePlacements(sets[0].files);
  compiled.set(`${backend} ${text}`, placements);
  return placements;
};

/**
 * Interrupted at any name (at every sixth, but in a long run), before and after the run that goes on: what is kept leads back.
 * @param lay makes what is there before; it may return the state that a rollback leads to
 */
function stopEverywhere(
  before: string,
  text: string,
  backend: string,
  lay: (root: string) => Map<string, string> | undefined,
): number {
  const system = nodeSystem([], {});
  const placements = placementsOf(text, backend);
  for (let stopAt = 1; ; stopAt += isLong ? 1 : 6) {
    // In memory, where every name is synced at once: these are hundreds of trees.
    const root = mkdtempSync(
      join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'macvtap-pending-'),
    );
    made.push(root);
    const first = lay(root);
    const state = treeOf(root);
    const top = system.openDirectory(root);
    let isStopped = false;
    try {
      writeFiles(stoppingAt(stopAt, top), placements, [{ steps: [] }], { pendingFolders: KEEP });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      isStopped = true;
    }
    const findings = `${before} → ${backend}, stopped at ${stopAt}`;
    const stoppedAt = treeOf(root);
    for (const path of [...stoppedAt.keys()]) {
      if (path.endsWith('.macvtap-new')) stoppedAt.delete(path);
    }
    const isChanged = [...stoppedAt].join() !== [...state].join();
    if (isChanged)
      assert.ok(existsSync(join(root, PENDING, 'created')), `${findings}: nothing pending`);
    const again = writeFiles(top, placements, [{ steps: [] }], { pendingFolders: KEEP });
    assert.ok(again.written, findings);
    if (isStopped && isChanged) assert.ok(again.isResumed, `${findings}: not reported`);
    const third = writeFiles(top, placements, [{ steps: [] }], { pendingFolders: KEEP });
    assert.not.ok(third.isResumed, `${findings}: reported twice`);
    assert.equal(readdirSync(join(root, FOLDER)), ['pending'], findings);
    assert.not.ok(existsSync(join(root, PENDING, 'installing')), findings);
    top.close();
    restore(root);
    assert.equal(treeOf(root), first ?? state, findings);
    if (!isStopped) return isLong ? stopAt - 1 : Math.ceil(stopAt / 6) - 1;
  }
}

test('interrupted at any name that is made, the next run completes it, and what is kept leads back', () => {
  const system = nodeSystem([], {});
  const original = intentOf('original');
  const renamed = original.replaceAll('veth0', 'lan0');
  let stops = 0;
  // Those that differ in what they write: folders, modes, texts between two.
  const backends = ['networkd', 'netplan-networkmanager', 'ifupdown'];
  for (const [index, backend] of backends.entries()) {
    const install = (from: string) => (root: string) => {
      lay(root, 'etc/hostname', 'kvm1\n');
      const top = system.openDirectory(root);
      writeFiles(top, placementsOf(original, from), [{ steps: [] }]);
      top.close();
      return undefined;
    };
    const other = backends[(index + 1) % backends.length] ?? backend;
    stops += stopEverywhere('nothing', original, backend, () => undefined);
    stops += stopEverywhere(backend, renamed, backend, install(backend));
    stops += stopEverywhere(other, original, backend, install(other));
  }
  assert.ok(stops > (isLong ? 200 : 30), `${stops} stops`);
});

test('interrupted while a change is added to one that is pending, or replaces that of another boot', () => {
  const system = nodeSystem([], {});
  const renamed = intentOf('original').replaceAll('veth0', 'lan0');
  const pending = (boot: string) => (root: string) => {
    lay(root, SHIM, '# Written by macvtap-render from the intent of host kvm1.\n');
    lay(root, BOOT, `${ONE}\n`);
    const first = treeOf(root);
    const top = system.openDirectory(root);
    writeFiles(top, placementsOf(intentOf('original'), 'networkd'), [{ steps: [] }], {
      pendingFolders: KEEP,
    });
    top.close();
    lay(root, BOOT, `${boot}\n`);
    return boot === ONE ? first : undefined;
  };
  for (const boot of [ONE, TWO]) {
    const stops = stopEverywhere('pending', renamed, 'networkd', pending(boot));
    assert.ok(stops > (isLong ? 12 : 2), `${stops} stops`);
  }
});

test.run();
