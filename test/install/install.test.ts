/** Installing over what is there: ours, an interrupted run's, somebody else's, another host's. */
import { spawn, spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { placeIn } from '../../src/backends/places.ts';
import { backendOf, backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { interimOf } from '../../src/install/interim.ts';
import { inOrder } from '../../src/install/order.ts';
import { treePlacements } from '../../src/install/places.ts';
import { inRemovalOrder } from '../../src/install/rank.ts';
import { writeFiles } from '../../src/install/write.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { type Directory, SystemError } from '../../src/system.ts';
import { intentNamed, isGenerated, isSameHost, LOCK_PREFIX } from '../../src/view/ownership.ts';
import { RANK } from '../../src/view/place.ts';
import type { RenderedFile } from '../../src/view/rendered.ts';
import { COMMAND, temporaryFolder } from '../command.ts';
import { caseNames, goldenTree, intentOf, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const NETWORK = 'etc/systemd/network';
const PARENT = `${NETWORK}/00-macvtap-eth0.network`;
const SHIM = `${NETWORK}/00-macvtap-veth0.network`;
const SET =
  compile(intentOf('original'), { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? [];

const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

const install = (root: string, intent = ORIGINAL, ...more: string[]) =>
  runHere(intent, '-b', 'networkd', '--root', root, ...more);

/** An intent of one's own, in a file. */
function intentFile(text: string): string {
  const file = join(temporaryFolder(), 'macvtap.yaml');
  writeFileSync(file, text);
  return file;
}

const renamed = (): string => intentFile(intentOf('original').replaceAll('veth0', 'shim0'));

test('a directory that is not there is named all the same, and not the root of this machine', async () => {
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

test('every way takes the place of every other, and leaves nothing of it', async () => {
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

test('the mark is known in every format, and says whose it is', () => {
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

test('a rank that no place has given does not compile', () => {
  const { sets } = compile(intentOf('original'), { file: 'x', backends: ['networkd'] });
  const [file] = sets?.[0]?.files ?? [];
  if (!file) throw new Error('no file');
  // @ts-expect-error: `inPlace` alone makes ranks
  const other: RenderedFile = { ...file, rank: RANK.keepOff };
  assert.ok(other.rank !== file.rank);
});

test('what is taken away goes in the reverse of the order in which it came, whatever the case', () => {
  let pairs = 0;
  const wrong = new Set<string>();
  for (const name of caseNames()) {
    const backendIds = backends.map(({ id }) => id);
    const { sets = [] } = compile(intentOf(name), {
      file: name,
      backends: backendIds,
      ...targetOf(name),
    });
    for (const { backend, files: rendered } of sets) {
      const found = rendered.map(({ path, text, rank }) => ({ target: path, text, rank }));
      // From any order in which they are found.
      const removed = inRemovalOrder([...found].sort((a, b) => (a.target < b.target ? -1 : 1)));
      for (const [index, later] of removed.entries()) {
        for (const earlier of removed.slice(0, index)) {
          if (earlier.rank !== later.rank) pairs += 1;
          if (earlier.rank < later.rank)
            wrong.add(`${backend} ${name}: ${later.target} after ${earlier.target}`);
        }
      }
    }
  }
  assert.equal([...wrong], []);
  assert.ok(pairs > 5000, `${pairs} pairs`);
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

/** A directory in which the system refuses the `count`th new file. */
function failingAt(count: number, top: Directory): Directory {
  let renames = 0;
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => wrap(inner.enterOrCreate(name)),
    renameNew: (from, to) => {
      renames += 1;
      if (renames === count) throw new SystemError('refused', to, 'refused');
      inner.renameNew(from, to);
    },
  });
  return wrap(top);
}

/** The directory, in which somebody else does something just before the first name of ours is there. */
function disturbed(top: Directory, disturb: () => void): Directory {
  let isDone = false;
  const first = (): void => {
    if (!isDone) disturb();
    isDone = true;
  };
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => wrap(inner.enterOrCreate(name)),
    sync: () => {
      first();
      inner.sync();
    },
    renameNew: (from, to) => {
      first();
      inner.renameNew(from, to);
    },
  });
  return wrap(top);
}

test('what appears or changes between look and rename is not overwritten, nor removed', () => {
  const system = nodeSystem([], {});
  const placements = treePlacements(SET);
  const shimGone = intentOf('original').replaceAll('veth0', 'shim0');
  const other = treePlacements(
    compile(shimGone, { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? [],
  );
  for (const [path, before] of [
    [PARENT, undefined],
    ['etc/sysctl.d/90-macvtap.conf', undefined],
    [PARENT, other],
    [`${NETWORK}/00-macvtap-shim0.network`, other],
  ] as const) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    if (before) writeFiles(top, before, [{ steps: [] }]);
    const mine = '# of somebody else\n';
    const disturb = (): void => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), mine);
    };
    assert.throws(
      () => writeFiles(disturbed(top, disturb), placements, [{ steps: [] }]),
      (error: Error) => /is there already|changed by another program/.test(error.message),
    );
    assert.is(readFileSync(join(root, path), 'utf8'), mine, path);
    top.close();
    assert.equal(
      files(root).filter((name) => /macvtap-(?:new|lock)/.test(name)),
      [],
    );
  }
});

test('a failure half-way says how far it came', () => {
  const system = nodeSystem([], {});
  for (const [count, findings] of [
    [1, /^refused$/],
    [3, /^refused; 2 of 7 changed files are in place/],
  ] as const) {
    const top = system.openDirectory(temporaryFolder());
    const failing = failingAt(count, top);
    assert.throws(
      () => writeFiles(failing, treePlacements(SET), [{ steps: [] }]),
      (error: Error) => findings.test(error.message),
    );
    assert.is(writeFiles(top, treePlacements(SET), [{ steps: [] }]).problems.length, 0);
    top.close();
  }
});

test('a directory with the name of a lock or of a temporary file is named, and in nobody’s way', async () => {
  const root = temporaryFolder();
  await install(root);
  // A name that a lock of another boot could have.
  const name = `${LOCK_PREFIX}0-0.1.1.1`;
  const folders = [name, '.00-macvtap-veth9.netdev.macvtap-new', '.macvtap-lock.x.y.1.2'];
  for (const item of folders) mkdirSync(join(root, NETWORK, item));
  const changed = intentFile(intentOf('original').replace('198.51.100.254', '198.51.100.253'));
  const { status, stderr } = await install(root, changed);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^left: .*macvtap-lock\.0-0\.1\.1\.1 \(it is a directory/m);
  assert.match(stderr, /^left: .*veth9\.netdev\.macvtap-new \(it is a directory/m);
  assert.ok(folders.every((item) => existsSync(join(root, NETWORK, item))));
  const { stdout } = await runHere('check', changed, '-b', 'networkd', '--root', root);
  assert.match(stdout, /macvtap-lock\.0-0\.1\.1\.1: warning\[file-in-the-way\]/);
  // The temporary name of a file of the set: it is named, and nothing is written.
  mkdirSync(join(root, NETWORK, '.00-macvtap-eth0.network.macvtap-new'));
  writeFileSync(join(root, PARENT), `${readFileSync(join(root, PARENT), 'utf8')}\n`);
  const refused = await install(root, changed);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /\.00-macvtap-eth0\.network\.macvtap-new: is there already/);
});

test('a standard error that cannot be looked at, or written, changes no status but to 4', () => {
  const { fstatSync } = fs;
  fs.fstatSync = (() => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  }) as typeof fstatSync;
  syncBuiltinESMExports();
  try {
    assert.is(nodeSystem([], {}).stderr.isTerminal, false);
  } finally {
    fs.fstatSync = fstatSync;
    syncBuiltinESMExports();
  }
  const root = temporaryFolder();
  const words = [COMMAND, ORIGINAL, '-b', 'networkd', '--root', root];
  const full = openSync('/dev/full', 'w');
  const ran = spawnSync(process.execPath, words, { stdio: ['ignore', 'ignore', full] });
  assert.is(ran.status, 4);
  closeSync(full);
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

test('what an interrupted run left is cleaned away, even where nothing else is to be done', async () => {
  const root = temporaryFolder();
  await install(root);
  const left = [
    `${NETWORK}/.00-macvtap-veth7.netdev.macvtap-new`,
    'etc/sysctl.d/.90-macvtap.conf.macvtap-new',
    `${NETWORK}/${LOCK_PREFIX}0.0.1.1`,
  ].map((path) => join(root, path));
  for (const path of left) writeFileSync(path, 'half');
  const foreign = join(root, NETWORK, '.20-lan.network.macvtap-new');
  writeFileSync(foreign, 'not of our names');
  assert.is((await install(root)).status, 0);
  assert.equal(
    left.map((path) => existsSync(path)),
    [false, false, false],
  );
  assert.ok(existsSync(foreign));
});

test('--dry-run says all of it and touches nothing, not even the directory', async () => {
  const root = join(temporaryFolder(), 'not', 'made');
  const { status, stderr } = await install(root, ORIGINAL, '--dry-run');
  assert.is(status, 0);
  assert.match(stderr, /^would be created: .*00-macvtap-eth0\.network$/m);
  assert.match(stderr, /change activate/);
  assert.not.ok(existsSync(root));
});

test('what differs in mode alone is made anew: a second name of the old file keeps what it had', async () => {
  const root = temporaryFolder();
  await install(root);
  const elsewhere = join(root, 'elsewhere');
  linkSync(join(root, PARENT), elsewhere);
  chmodSync(elsewhere, 0o666);
  assert.match((await install(root)).stderr, /^mode: .*00-macvtap-eth0\.network$/m);
  assert.is(statSync(join(root, PARENT)).mode & 0o777, 0o644);
  assert.is(statSync(elsewhere).mode & 0o777, 0o666);
});

test('two at once: one waits for the other, and a lock of the dead is taken down', async () => {
  const root = temporaryFolder();
  const runs = Array.from({ length: 6 }, (_, index) => {
    const intent = index % 2 === 0 ? ORIGINAL : renamed();
    return new Promise<number | null>((done) => {
      spawn(process.execPath, [COMMAND, intent, '-b', 'networkd', '--root', root], {
        stdio: 'ignore',
      }).on('exit', done);
    });
  });
  assert.equal(await Promise.all(runs), [0, 0, 0, 0, 0, 0]);
  const there = files(root);
  assert.is(there.length, SET.length, there.join('\n'));
  const has = (name: string): boolean => there.includes(`${NETWORK}/00-macvtap-${name}.network`);
  assert.ok(has('veth0') !== has('shim0'));
});

test('a lock that a living process holds keeps another out', () => {
  const root = temporaryFolder();
  const system = nodeSystem([], {});
  const top = system.openDirectory(root);
  const unlock = top.lock();
  assert.is(readdirSync(root).length, 1);
  const [boot, namespace] = (readdirSync(root)[0] ?? '').slice(LOCK_PREFIX.length).split('.');
  unlock();
  assert.equal(readdirSync(root), []);
  // The same process number, begun at another time: dead. Another boot: dead.
  for (const dead of [
    `${boot}.${namespace}.${process.pid}.1`,
    `0-0.${namespace}.${process.pid}.1`,
  ]) {
    writeFileSync(join(root, LOCK_PREFIX + dead), '');
  }
  top.lock()();
  assert.equal(readdirSync(root), []);
  top.close();
});

test('what gives an address goes before what loses it, and ranks hold otherwise', () => {
  const networkd = '/etc/systemd/network/00-macvtap-';
  const profile = '/etc/NetworkManager/system-connections/macvtap-';
  const replacement = (target: string, before: string | undefined, after: string) => ({
    target,
    before,
    after,
  });
  const order = (...list: ReturnType<typeof replacement>[]): string[] =>
    inOrder(list).map(({ target }) => target.replace(/^.*macvtap-/, ''));
  const address = 'Address=198.51.100.50/24\n';
  assert.equal(
    order(
      replacement(`${networkd}new.netdev`, undefined, '[NetDev]\n'),
      replacement(`${networkd}shim.network`, `[Network]\n${address}`, '[Network]\n'),
      replacement(`${networkd}parent.network`, '[Network]\n', `[Network]\n${address}`),
    ),
    ['new.netdev', 'parent.network', 'shim.network'],
  );
  assert.equal(
    order(
      replacement(`${networkd}eth0.network`, 'MACVLAN=veth0\n', 'DHCP=no\n'),
      replacement(`${networkd}eth1.network`, 'DHCP=no\n', 'MACVLAN=veth0\n'),
    ),
    ['eth1.network', 'eth0.network'],
  );
  // Two that exchange theirs: there is no such order, and the ranks stand.
  assert.equal(
    order(
      replacement(`${profile}a.nmconnection`, 'address1=192.0.2.1/24\n', 'address1=192.0.2.2/24\n'),
      replacement(`${profile}b.nmconnection`, 'address1=192.0.2.2/24\n', 'address1=192.0.2.1/24\n'),
    ),
    ['a.nmconnection', 'b.nmconnection'],
  );
});

/** What a back end says in one of its files, in every golden case that has it. */
const renderedBy = (backend: string, path: string): string[] =>
  caseNames().flatMap((name) => {
    const { sets } = compile(intentOf(name), { file: name, backends: [backend] });
    return sets?.[0]?.files.filter((file) => file.path === path).map(({ text }) => text) ?? [];
  });

test('between two texts of netplan’s YAML there is one with the links of both', () => {
  const path = '/etc/netplan/60-macvtap.yaml';
  const idsOf = (text: string): string[] => {
    const { network } = parse(text) as { network: Record<string, object> };
    const kinds = Object.entries(network).filter(([, value]) => typeof value === 'object');
    return kinds.flatMap(([, links]) => Object.keys(links)).sort();
  };
  for (const backend of ['netplan-networkd', 'netplan-networkmanager']) {
    const texts = [...new Set(renderedBy(backend, path))].slice(0, 40);
    assert.ok(texts.length > 10);
    let merged = 0;
    for (const [before, after] of texts.flatMap((a) => texts.map((b) => [a, b] as const))) {
      const both = interimOf(path, before, after);
      const ids = new Set([...idsOf(before), ...idsOf(after)]);
      assert.equal(idsOf(both ?? after), [...ids].sort());
      const { network } = parse(both ?? after) as { network: Record<string, object> };
      const own = (parse(after) as { network: Record<string, object> }).network;
      for (const [kind, links] of Object.entries(own)) {
        if (typeof links !== 'object') continue;
        for (const [id, link] of Object.entries(links)) {
          assert.equal((network[kind] as Record<string, unknown>)[id], link, id);
        }
      }
      if (both === undefined) continue;
      merged += 1;
      assert.ok(isGenerated(both));
      // A run that was stopped there goes on: nothing is to be added to it.
      assert.ok([both, undefined].includes(interimOf(path, both, after)));
    }
    assert.ok(merged > 50, `${merged} pairs`);
  }
});

test('what somebody has edited into netplan’s YAML never comes twice', () => {
  const path = '/etc/netplan/60-macvtap.yaml';
  const [before = '', after = ''] = ['veth0', 'shim0'].map((name) => {
    const text = intentOf('original').replaceAll('veth0', name);
    const { sets } = compile(text, { file: 'x', backends: ['netplan-networkd'] });
    return sets?.[0]?.files.find((file) => file.path === path)?.text;
  });
  const edits: readonly ((text: string) => string)[] = [
    (text) => text.replace('  ethernets:', '  "ethernets":'),
    (text) => text.replace('  ethernets:', '  ethernets: # mine'),
    (text) => `${text}    "shim0":\n      optional: true\n`,
    (text) => `${text}    'shim0': {optional: true}\n`,
    (text) => `${text}  ethernets: {}\n`,
    (text) => `${text}nonsense: 1\n`,
  ];
  for (const edit of edits) {
    const both = interimOf(path, edit(before), after) ?? '';
    // Which refuses keys that are there twice.
    const { network, ...others } = parse(both) as { network: { ethernets: object } };
    assert.equal(Object.keys(network.ethernets).sort(), ['shim0', 'veth0'], both);
    assert.equal(others, {});
  }
});

test('between two lists of what NetworkManager manages there is one that has both', () => {
  const path = '/etc/NetworkManager/conf.d/90-macvtap.conf';
  const list = (words: string): string => `[keyfile]\nunmanaged-devices+=${words}\n`;
  const [eth0, old, added] = ['except:interface-name:eth0', 'except:old0', 'except:new0'];
  const both = interimOf(path, list(`${eth0},${old},x`), list(`${eth0},${added},x`));
  assert.is(both, list(`${old},${eth0},${added},x`));
  assert.is(interimOf(path, list(`${eth0},x`), list(`${eth0},${added},x`)), undefined);
  assert.is(interimOf('/etc/sysctl.d/90-macvtap.conf', 'a', 'b'), undefined);
});

/** A directory whose `count`th renaming, counted over all folders, is an interruption. */
function stoppingAt(count: number, top: Directory): Directory {
  let renames = 0;
  const step = (): void => {
    renames += 1;
    if (renames === count) throw new Error('interrupted');
  };
  const stopping = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && stopping(next);
    },
    enterOrCreate: (name) => stopping(inner.enterOrCreate(name)),
    rename: (from, to) => {
      step();
      inner.rename(from, to);
    },
    renameNew: (from, to) => {
      step();
      inner.renameNew(from, to);
    },
  });
  return stopping(top);
}

test('a change of intent, interrupted after any number of files, never lacks the address', () => {
  const moved = `version: 1
host: kvm1
shims:
  aaa0: {parent: eth0, dhcp4: true}
  veth1: {parent: eth0, addresses: [198.51.100.50/24]}
`;
  const first = `version: 1
host: kvm1
shims:
  aaa0: {parent: eth0, addresses: [198.51.100.50/24]}
  veth1: {parent: eth0, dhcp4: true}
`;
  const placementsOf = (text: string) =>
    treePlacements(compile(text, { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? []);
  const system = nodeSystem([], {});
  let stops = 0;
  for (let stopAt = 1; ; stopAt += 1) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    writeFiles(top, placementsOf(first), [{ steps: [] }]);
    let isStopped = false;
    try {
      writeFiles(stoppingAt(stopAt, top), placementsOf(moved), [{ steps: [] }]);
    } catch {
      isStopped = true;
      stops += 1;
    }
    top.close();
    const addresses = files(root).filter((path) =>
      readFileSync(join(root, path), 'utf8').includes('198.51.100.50/24'),
    );
    assert.ok(addresses.length > 0, `after ${stopAt - 1} files`);
    if (!isStopped) break;
  }
  assert.ok(stops >= 2, `${stops} stops`);
});

test('a host that has got another name, and its shim too: interrupted after any file, it keeps an address', () => {
  const rendered = (text: string) =>
    treePlacements(
      compile(text, { file: 'x', backends: ['netplan-networkd'] }).sets?.[0]?.files ?? [],
    );
  const first = intentOf('original');
  const other = first.replace('host: kvm1', 'host: kvm2').replaceAll('veth0', 'shim0');
  const system = nodeSystem([], {});
  let stops = 0;
  for (let stopAt = 1; ; stopAt += 1) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    writeFiles(top, rendered(first), [{ steps: [] }]);
    let isStopped = false;
    try {
      const stopping = stoppingAt(stopAt, top);
      writeFiles(stopping, rendered(other), [{ steps: [] }], { force: true });
    } catch {
      isStopped = true;
      stops += 1;
    }
    top.close();
    const [, shim = '?'] =
      /^MACVLAN=(.+)$/m.exec(
        readFileSync(join(root, NETWORK, '10-netplan-eth0.network'), 'utf8'),
      ) ?? [];
    const yaml = readFileSync(join(root, 'etc/netplan/60-macvtap.yaml'), 'utf8');
    // What the parent puts on itself is what netplan gives the address to.
    assert.ok(yaml.includes(`    ${shim}:\n`), `${shim}, after ${stopAt - 1} files:\n${yaml}`);
    if (!isStopped) break;
  }
  assert.ok(stops >= 4, `${stops} stops`);
});

test('the steps: arm, activate, verify, confirm, by one script for every host back end', async () => {
  for (const [id, wanted] of [
    [
      'iproute2',
      /Nothing has been run yet:[\s\S]*^ {2}usr\/local\/sbin\/macvtap-trial \\$[\s\S]*^sh \S+macvtap-trial --try 60$/m,
    ],
    ['libvirt', /Nothing has been run yet:[\s\S]*^virsh net-define \S+macvtap-network-eth0\.xml$/m],
  ] as const) {
    const { stderr } = await runHere(ORIGINAL, '-b', id, '--root', temporaryFolder());
    assert.match(stderr, wanted);
    assert.not.match(stderr, /change (?:arm|keep)/);
  }
  for (const { id } of backends.filter(({ scope }) => scope === 'host')) {
    const root = temporaryFolder();
    const words = [ORIGINAL, '-b', id, '--root', root];
    const dry = await runHere(...words, '--dry-run');
    const first = await runHere(...words);
    // A copy of a host may be below the tree: none of it goes to the host.
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/shadow'), 'root:*::');
    const steps = stepsIn(first.stderr);
    assert.ok(steps.length > 0);
    assert.is(stepsIn(dry.stderr), steps, 'a dry run prints what the run after it prints');
    assert.is((await runHere('steps', ...words)).stdout, steps);
    for (const word of ['arm 300', 'activate', 'confirm', 'rollback']) {
      assert.ok(
        steps.includes(`\nssh root@kvm1 sh /etc/macvtap-render/pending/change ${word}\n`),
        `${id}, ${word}`,
      );
    }
    assert.match(steps, /^macvtap-render steps --script \S+ --backend \S+ \| ssh root@kvm1 /m);
    assert.match(steps, /^ping -c 3 198\.51\.100\.254$/m);
    assert.match(steps, /^ip -br addr show veth0$/m);
    // Only the files of the set, and each of them.
    const copied = [...steps.matchAll(/^ {2}(etc\/\S+) \\$/gm)].map(([, path]) => path ?? '');
    const isThere = (path: string): boolean => existsSync(join(root, path));
    assert.ok(copied.length > 3 && copied.every(isThere));
    assert.ok(
      copied.every((path) => /macvtap|10-netplan/.test(path)),
      copied.join(' '),
    );
    assert.match(steps, /^tar -C \S+ -c --owner=0 --group=0 \\$/m);
    assert.is(stepsIn((await runHere(...words)).stderr), '');
    const vepa = intentFile(
      intentOf('original').replace('parent: eth0', 'parent: eth0\n    mode: vepa'),
    );
    const recreated = await runHere(vepa, '-b', id, '--root', root);
    assert.match(recreated.stderr, /change activate$/m);
    assert.not.match(recreated.stderr, /reboot\b.*must|systemctl reboot/);
  }
});

const stepsIn = (text: string): string => {
  const at = text.indexOf('The running network of ');
  return at < 0 ? '' : text.slice(at);
};

test('the steps: orphaned files are kept before they are removed on the host', async () => {
  const root = temporaryFolder();
  await install(root);
  const renamed = intentFile(intentOf('original').replaceAll('veth0', 'veth7'));
  const { stderr } = await install(root, renamed);
  const orphan = '/etc/systemd/network/00-macvtap-veth0.netdev';
  assert.match(stderr, new RegExp(`change keep ${orphan}.*'$`, 'm'));
  assert.match(stderr, new RegExp(`^ssh root@kvm1 rm -f .*${orphan}`, 'm'));
});

test('the steps: reboot only where nothing else recreates a device, and where nothing was kept', async () => {
  const root = temporaryFolder();
  const vlan =
    'version: 1\nhost: kvm1\nparents:\n  eth0.7: {id: 7, link: eth0}\nshims:\n  veth0:\n    parent: eth0.7\n    addresses: [198.51.100.50/24]\n';
  await runHere(intentFile(vlan), '-b', 'networkd', '--root', root);
  const other = await runHere(
    intentFile(vlan.replace('id: 7', 'id: 8')),
    '-b',
    'networkd',
    '--root',
    root,
  );
  assert.match(other.stderr, /`eth0\.7` must be recreated, which only a reboot does/);
  assert.match(other.stderr, /systemctl reboot$/m);
  assert.match(other.stderr, /change arm 300 reboot$/m);
  const flat = await runHere(ORIGINAL, '-b', 'networkd', '--output', temporaryFolder());
  assert.match(flat.stderr, /There is no rollback: nothing was kept\./);
  assert.not.match(flat.stderr, /change (?:arm|activate)/);
});

test('steps: takes one host, one back end of a host, and prints the script that runs', async () => {
  const { stdout, status } = await runHere('steps', ORIGINAL, '-b', 'networkd');
  assert.is(status, 0);
  assert.match(stdout, /^The running network of kvm1 has not changed yet/);
  assert.match(stdout, /^sh \/etc\/macvtap-render\/pending\/change arm 300$/m);
  const script = await runHere('steps', ORIGINAL, '-b', 'netplan', '--script');
  assert.match(script.stdout, /^#!\/bin\/sh\n# Written by macvtap-render/);
  assert.match(script.stdout, /^SYSTEM=netplan-networkd$/m);
  assert.is((await runHere('steps', ORIGINAL, '-b', 'libvirt', '--script')).status, 3);
  assert.is((await runHere('steps', ORIGINAL)).status, 3);
  assert.is((await runHere('steps', ORIGINAL, '-b', 'networkd', '--output', '/x')).status, 3);
  assert.is((await runHere(ORIGINAL, '-b', 'networkd', '--script')).status, 3);
});

test('a folder that is none is told of once', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd'), { recursive: true });
  symlinkSync('/tmp', join(root, NETWORK));
  const { stderr, status } = await install(root);
  assert.is(status, 4);
  assert.is(stderr.split(`${NETWORK}: `).length - 1, 1, stderr);
});

test.run();
