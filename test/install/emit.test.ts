/** Writing: right modes, no links followed, no file of another program touched, all or nothing. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { treePlacements } from '../../src/install/places.ts';
import { writeFiles } from '../../src/install/write.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { type Directory, SystemError } from '../../src/system.ts';
import { temporaryFolder } from '../command.ts';
import { commandHere } from '../command-here.ts';
import { goldenTree, intentOf } from '../golden/cases.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const PARENT = 'etc/systemd/network/00-macvtap-eth0.network';

const listing = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

const render = (root: string, backend = 'networkd'): ReturnType<typeof commandHere> =>
  commandHere([ORIGINAL, '-b', backend, '--root', root]);

test('--root writes the golden tree, with its modes, whatever the umask', async () => {
  for (const mask of [0o000, 0o022, 0o077]) {
    const root = join(temporaryFolder(), 'made', 'by us');
    const before = process.umask(mask);
    const { status } = await commandHere([
      ORIGINAL,
      ...backends.flatMap(({ id }) => ['-b', id]),
      '--root',
      root,
    ]);
    process.umask(before);
    assert.is(status, 0);
    const expected = backends.flatMap(({ id }) =>
      goldenTree('original', id).map((file) => [`${id}${file.path}`, file] as const),
    );
    assert.equal(listing(root), expected.map(([path]) => path).sort());
    for (const [path, { text, mode }] of expected) {
      assert.is(readFileSync(join(root, path), 'utf8'), text);
      assert.is(statSync(join(root, path)).mode & 0o7777, Number.parseInt(mode, 8), path);
    }
    for (const folder of ['..', '.', 'networkd/etc/systemd/network']) {
      assert.is(statSync(join(root, folder)).mode & 0o7777, 0o755, folder);
    }
  }
});

test('a back end that is named twice is written once', async () => {
  const root = temporaryFolder();
  const twice = ['-b', 'netplan', '-b', 'netplan-networkd', '-b', 'netplan'];
  assert.is((await commandHere([ORIGINAL, ...twice, '--root', root])).status, 0);
  assert.ok(existsSync(join(root, 'etc/netplan/60-macvtap.yaml')));
});

test('a directory that cannot be created is reported at once', async () => {
  assert.is(
    (await commandHere([ORIGINAL, '-b', 'networkd', '--root', '/proc/nowhere/at/all'])).status,
    4,
  );
});

test('the files of a single back end go to DIR itself', async () => {
  const root = join(temporaryFolder(), 'new', 'folder');
  const { status, stdout, stderr } = await render(root);
  assert.is(status, 0);
  assert.is(stdout, '');
  assert.ok(existsSync(join(root, PARENT)));
  assert.match(stderr, /^created: .*00-macvtap-eth0\.network$/m);
});

test('a second run changes nothing; a changed mode is put right; our own file is replaced', async () => {
  const root = temporaryFolder();
  await render(root);
  const first = statSync(join(root, PARENT));
  assert.ok(
    (await render(root)).stderr
      .split('\n')
      .filter(Boolean)
      .every((line) => line.startsWith('unchanged: ')),
  );
  assert.is(statSync(join(root, PARENT)).ino, first.ino);
  chmodSync(join(root, PARENT), 0o600);
  assert.match((await render(root)).stderr, /^mode: .*00-macvtap-eth0\.network$/m);
  assert.is(statSync(join(root, PARENT)).mode & 0o777, 0o644);
  writeFileSync(join(root, PARENT), `${readFileSync(join(root, PARENT), 'utf8')}MACVLAN=veth9\n`);
  assert.match((await render(root)).stderr, /^replaced: .*00-macvtap-eth0\.network$/m);
  assert.not.match(readFileSync(join(root, PARENT), 'utf8'), /veth9/);
});

test('a file that was not generated is not overwritten, and nothing else is written', async () => {
  for (const text of [
    '[Match]\nName=eth0\n',
    '',
    '\n# Written by macvtap-render from the intent of host kvm1.\n',
  ]) {
    const root = temporaryFolder();
    mkdirSync(join(root, 'etc/systemd/network'), { recursive: true });
    writeFileSync(join(root, PARENT), text);
    const { status, stderr } = await render(root);
    assert.is(status, 4);
    assert.match(
      stderr,
      /00-macvtap-eth0\.network: was not generated, or was edited: its first line is not that of a generated file/,
    );
    assert.is(readFileSync(join(root, PARENT), 'utf8'), text);
    assert.equal(listing(root), [PARENT]);
  }
});

test('all obstacles are reported at once', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd/network/00-macvtap-veth0.netdev'), { recursive: true });
  writeFileSync(join(root, PARENT), 'x');
  writeFileSync(join(root, 'etc/sysctl.d'), 'a file');
  const { status, stderr } = await render(root);
  assert.is(status, 4);
  assert.match(stderr, /00-macvtap-veth0\.netdev: is not a regular file/);
  assert.match(stderr, /00-macvtap-eth0\.network: was not generated/);
  assert.match(stderr, /etc\/sysctl\.d: is not a directory/);
  assert.match(stderr, /Nothing was written/);
});

test('nothing is written through a symbolic link, of a file or of a folder', async () => {
  const outside = temporaryFolder();
  const parent = goldenTree('original', 'networkd').find(({ path }) => path === `/${PARENT}`);
  writeFileSync(join(outside, 'target'), parent?.text ?? '');
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd/network'), { recursive: true });
  symlinkSync(join(outside, 'target'), join(root, PARENT));
  assert.is((await render(root)).status, 4);
  assert.is(readlinkSync(join(root, PARENT)), join(outside, 'target'));
  for (const folder of ['etc', 'etc/systemd', 'etc/systemd/network']) {
    const other = temporaryFolder();
    mkdirSync(join(other, folder, '..'), { recursive: true });
    symlinkSync(outside, join(other, folder));
    const { status, stderr } = await render(other);
    assert.is(status, 4, folder);
    assert.match(stderr, /is a symbolic link/);
  }
  assert.equal(listing(outside), ['target']);
});

test('a link in the place of our temporary file is not followed', async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, 'target'), 'precious');
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd/network'), { recursive: true });
  symlinkSync(
    join(outside, 'target'),
    join(root, 'etc/systemd/network/.00-macvtap-eth0.network.macvtap-new'),
  );
  assert.is((await render(root)).status, 0);
  assert.is(readFileSync(join(outside, 'target'), 'utf8'), 'precious');
  assert.ok(lstatSync(join(root, PARENT)).isFile());
  assert.ok(!listing(root).some((path) => path.endsWith('.macvtap-new')));
});

test('--output lays the files flat, names optional files, refuses where a required file lies elsewhere', async () => {
  const folder = temporaryFolder();
  const { status, stderr } = await commandHere([ORIGINAL, '-b', 'networkd', '--output', folder]);
  assert.is(status, 0);
  assert.equal(listing(folder), [
    '00-macvtap-eth0.network',
    '00-macvtap-veth0.netdev',
    '00-macvtap-veth0.network',
    '00-macvtap.network',
  ]);
  assert.match(stderr, /^not written: \/etc\/sysctl\.d\/90-macvtap\.conf/m);
  for (const backend of ['networkmanager', 'netplan-networkd', 'netplan-networkmanager']) {
    const other = temporaryFolder();
    const refused = await commandHere([ORIGINAL, '-b', backend, '--output', other]);
    assert.is(refused.status, 3, backend);
    assert.match(refused.stderr, /--root/);
    assert.equal(listing(other), []);
  }
});

test('nothing is written unless the whole intent is valid for every back end', async () => {
  const root = join(temporaryFolder(), 'not-made');
  const bad = await commandHere([
    'golden/slaac-without-dhcp6/intent.yaml',
    '-b',
    'networkd',
    '-b',
    'networkmanager',
    '--root',
    root,
  ]);
  assert.is(bad.status, 2);
  assert.ok(!existsSync(root));
});

/** A directory whose calls are recorded, and which fails at the given call. */
function watched(top: Directory, failAt: number): { directory: Directory; calls: string[] } {
  const calls: string[] = [];
  const step = (call: string): void => {
    calls.push(call);
    if (calls.length === failAt)
      throw new SystemError('refused', call, 'no space left on the device');
  };
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => {
      step(`enterOrCreate ${name}`);
      return wrap(inner.enterOrCreate(name));
    },
    create: (name, mode, text) => {
      step(`create ${name}`);
      inner.create(name, mode, text);
    },
    rename: (from, to) => {
      step(`rename ${to}`);
      inner.rename(from, to);
    },
    renameNew: (from, to) => {
      step(`rename ${to}`);
      inner.renameNew(from, to);
    },
    sync: () => {
      step('sync');
      inner.sync();
    },
  });
  return { directory: wrap(top), calls };
}

test('whichever call fails: what is there is a prefix of the activation order, and no temporary stays', () => {
  const { sets } = compile(intentOf('original'), { file: 'x', backends: ['networkd'] });
  const placements = treePlacements(sets?.[0]?.files ?? []);
  const order = placements.map(({ steps }) => steps.join('/'));
  const system = nodeSystem([], {});
  let failures = 0;
  for (let failAt = 1; ; failAt += 1) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    const { directory, calls } = watched(top, failAt);
    let failed = false;
    try {
      writeFiles(directory, placements);
    } catch (error) {
      assert.instance(error, SystemError);
      failed = true;
      failures += 1;
    }
    top.close();
    const there = listing(root);
    assert.equal(there, order.slice(0, there.length).sort(), `call ${failAt}: ${calls.at(-1)}`);
    if (!failed) {
      assert.is(there.length, order.length);
      const firstRename = calls.findIndex((call) => call.startsWith('rename'));
      const lastCreate = calls.findLastIndex((call) => call.startsWith('create '));
      assert.ok(lastCreate < firstRename, 'everything is written before anything takes effect');
      assert.equal(
        calls.filter((call) => call.startsWith('rename')),
        placements.map(({ steps }) => `rename ${steps.at(-1)}`),
      );
      break;
    }
  }
  assert.ok(failures > 15, `${failures} failures`);
});

test('what an interrupted run left behind is replaced', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd/network'), { recursive: true });
  const left = join(root, 'etc/systemd/network/.00-macvtap-veth0.netdev.macvtap-new');
  writeFileSync(left, 'half');
  assert.is((await render(root)).status, 0);
  assert.ok(!existsSync(left));
});

test('a directory swapped for a link after it was opened is not left', () => {
  const root = temporaryFolder();
  const outside = temporaryFolder();
  mkdirSync(join(root, 'etc'));
  const system = nodeSystem([], {});
  const top = system.openDirectory(root);
  const etc = top.enter('etc');
  // The path means another place by now; the open directory does not.
  symlinkSync(outside, join(root, 'new'));
  assert.throws(() => top.enter('new'), /symbolic link/);
  etc?.create('a', 0o644, 'text\n');
  assert.equal(listing(outside), []);
  assert.is(readFileSync(join(root, 'etc/a'), 'utf8'), 'text\n');
  for (const name of ['..', '.', '', 'a/b', '../x'])
    assert.throws(() => etc?.create(name, 0o644, ''), /single name/);
  etc?.close();
  top.close();
});

test.run();
