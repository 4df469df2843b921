/** Installing while others write, hold locks, or make calls fail. */
import { spawn, spawnSync } from 'node:child_process';
import fs, {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { treePlacements } from '../../src/install/places.ts';
import { writeFiles } from '../../src/install/write.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { sleep } from '../../src/node/sleep.ts';
import { type Directory, SystemError } from '../../src/system.ts';
import { LOCK_PREFIX } from '../../src/view/ownership.ts';
import { PROGRAM, temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere, runWith } from '../in-process.ts';
import {
  files,
  install,
  intentFile,
  NETWORK,
  ORIGINAL,
  PARENT,
  renamed,
  SET,
} from './installing.ts';

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

/** The directory, in which another program does something just before the first generated name is there. */
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

test('a failure before any file is in place leaves no folder', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc'));
  const top = nodeSystem([], {}).openDirectory(root);
  assert.throws(
    () => writeFiles(failingAt(1, top), treePlacements(SET), [{ steps: [] }]),
    /refused/,
  );
  top.close();
  assert.equal(readdirSync(root, { recursive: true }), ['etc']);
});

test('a failure in the middle reports how many files are in place', () => {
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

test('a directory with the name of a lock or of a temporary file is reported, and blocks nothing', async () => {
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
  const [program = '', ...words] = [...PROGRAM, ORIGINAL, '-b', 'networkd', '--root', root];
  const full = openSync('/dev/full', 'w');
  const ran = spawnSync(program, words, { stdio: ['ignore', 'ignore', full] });
  assert.is(ran.status, 4);
  closeSync(full);
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

test('two at once: one waits for the other, and a lock of the dead is taken down', async () => {
  const root = temporaryFolder();
  const runs = Array.from({ length: 6 }, (_, index) => {
    const intent = index % 2 === 0 ? ORIGINAL : renamed();
    return new Promise<number | null>((done) => {
      spawn(PROGRAM[0] ?? '', [...PROGRAM.slice(1), intent, '-b', 'networkd', '--root', root], {
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

/** The directory; `act` runs before each lock, with the path of its folder. */
function beforeLocks(top: Directory, act: (path: string) => void): Directory {
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => wrap(inner.enterOrCreate(name)),
    lock: () => {
      act(inner.path);
      return inner.lock();
    },
  });
  return wrap(top);
}

test('a folder that a failing run removes while another waits for its lock is created again', () => {
  const bases = [{ steps: [] }];
  for (const removed of ['etc', 'etc/systemd', 'etc/systemd/network']) {
    const root = temporaryFolder();
    const top = nodeSystem([], {}).openDirectory(root);
    let removals = 0;
    const racing = beforeLocks(top, (path) => {
      if (removals === 3 || !path.endsWith(`/${NETWORK}`)) return;
      removals += 1;
      rmSync(join(root, removed), { recursive: true });
    });
    assert.ok(writeFiles(racing, treePlacements(SET), bases).written, removed);
    assert.is(removals, 3);
    assert.is(files(root).length, SET.length);
    top.close();
    // A folder that is never there is not waited for without end.
    const dead = temporaryFolder();
    const gone = nodeSystem([], {}).openDirectory(dead);
    rmSync(dead, { recursive: true });
    assert.throws(() => writeFiles(gone, treePlacements(SET), bases), /is not there/);
    gone.close();
  }
});

test('a folder that is removed between a look at it and its opening is none, and is created again', () => {
  const root = temporaryFolder();
  const top = nodeSystem([], {}).openDirectory(root);
  const path = join(root, 'sub');
  const { lstatSync, fsyncSync } = fs;
  let removals = 0;
  const remove = (): void => {
    if (removals === 0 || !existsSync(path)) return;
    removals -= 1;
    rmdirSync(path);
  };
  Object.assign(fs, {
    lstatSync: (...words: Parameters<typeof lstatSync>) => {
      const found = lstatSync(...words);
      if (String(words[0]).endsWith('/sub')) remove();
      return found;
    },
    fsyncSync: (fd: number) => {
      fsyncSync(fd);
      remove();
    },
  });
  syncBuiltinESMExports();
  try {
    mkdirSync(path);
    removals = 1;
    assert.is(top.enter('sub'), undefined);
    mkdirSync(path);
    removals = 3;
    top.enterOrCreate('sub').close();
    assert.is(removals, 0);
    removals = 1000;
    assert.throws(() => top.enterOrCreate('sub'), /is not there/);
  } finally {
    Object.assign(fs, { lstatSync, fsyncSync });
    syncBuiltinESMExports();
    top.close();
  }
});

test('two runs: the first fails while the second waits, and the second installs', async () => {
  const root = temporaryFolder();
  const top = nodeSystem([], {}).openDirectory(root);
  let second: Promise<number | null> | undefined;
  let errors = '';
  const isOther = (path: string): boolean =>
    path.includes(LOCK_PREFIX) && path.split('.').at(-2) !== String(process.pid);
  const isWaiting = (): boolean => readdirSync(root, { recursive: true }).map(String).some(isOther);
  const start = (): void => {
    const words = [...PROGRAM.slice(1), ORIGINAL, '-b', 'networkd', '--root', root];
    const child = spawn(PROGRAM[0] ?? '', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data) => {
      errors += String(data);
    });
    second = new Promise((done) => child.on('exit', done));
    // One that gives way has its flag there for a moment only.
    let waits = false;
    for (let tries = 0; tries < 20_000 && !waits; tries += 1) {
      sleep(1);
      waits = isWaiting();
    }
    assert.ok(waits, 'the second run does not wait');
  };
  // It is refused its first file, once the other waits.
  const failing = disturbed(top, () => {
    start();
    throw new SystemError('refused', root, 'refused');
  });
  assert.throws(() => writeFiles(failing, treePlacements(SET), [{ steps: [] }]), /refused/);
  top.close();
  assert.is(await second, 0, errors);
  assert.is(files(root).length, SET.length);
});

test('a folder that must be written only since another run has ended is locked, too', () => {
  const root = temporaryFolder();
  const top = nodeSystem([], {}).openDirectory(root);
  const placements = treePlacements(SET);
  writeFiles(top, placements, [{ steps: [] }]);
  const other = files(root).find((path) => !path.startsWith(`${NETWORK}/`)) ?? '';
  rmSync(join(root, PARENT));
  const locked: string[] = [];
  const racing = beforeLocks(top, (path) => {
    locked.push(path.slice(root.length + 1));
    rmSync(join(root, other), { force: true });
  });
  assert.ok(writeFiles(racing, placements, [{ steps: [] }]).written);
  assert.ok(existsSync(join(root, other)));
  assert.ok(locked.includes(dirname(other)), locked.join(' '));
  top.close();
});

/** A directory in which there seems to be one more file, until it is read. */
function withGhost(inner: Directory, at: string, ghost: string): Directory {
  const isHere = ghost.startsWith(`${at}/`) && !ghost.slice(at.length + 1).includes('/');
  const name = ghost.slice(at.length + 1);
  const below = (next: string, folder: Directory | undefined): Directory | undefined =>
    folder && withGhost(folder, `${at}/${next}`, ghost);
  return {
    ...inner,
    list: () => (isHere ? [...inner.list(), name].sort() : inner.list()),
    kindOf: (wanted) => (isHere && wanted === name ? 'file' : inner.kindOf(wanted)),
    enter: (next) => below(next, inner.enter(next)),
    enterOrCreate: (next) => withGhost(inner.enterOrCreate(next), `${at}/${next}`, ghost),
  };
}

/** What another run removes: an orphan, a file that is compared; and what another program does. */
const GHOSTS = [
  '/etc/systemd/network/00-macvtap-gone.network',
  '/etc/systemd/network/00-macvtap-gone.netdev',
  '/etc/systemd/network/00-macvtap-veth0.network',
  '/etc/systemd/network/20-site.network',
  '/etc/NetworkManager/system-connections/macvtap-gone.nmconnection',
  '/etc/NetworkManager/system-connections/site.nmconnection',
  '/etc/NetworkManager/conf.d/20-site.conf',
  '/etc/netplan/50-cloud-init.yaml',
  '/etc/network/interfaces.d/site',
];

for (const backend of ['networkd', 'networkmanager', 'netplan-networkd', 'ifupdown']) {
  test(`${backend}: a file that is removed between its listing and its reading is none`, async () => {
    for (const ghost of GHOSTS) {
      const root = temporaryFolder();
      mkdirSync(join(root, ghost, '..'), { recursive: true });
      const { openDirectory, openExisting } = nodeSystem([], {});
      const haunted = (folder: Directory): Directory => withGhost(folder, '', ghost);
      const { status, stderr } = await runWith(
        {
          openDirectory: (path) => haunted(openDirectory(path)),
          openExisting: (path) => {
            const there = openExisting(path);
            return there && haunted(there);
          },
        },
        ['check', ORIGINAL, '--backend', backend, '--root', root],
      );
      assert.is(status, 1, `${ghost}: ${stderr}`);
      assert.not.match(stderr, /foreign-unreadable/, ghost);
    }
  });
}

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

test.run();
