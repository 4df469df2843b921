/** The change script where paths are not what they were, commands are missing, and steps were interrupted. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { changeScript } from '../../src/install/change-script.ts';
import { intentOf } from '../golden/cases.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const CLAIMED = `${PENDING}.claimed`;
const SITE = 'of somebody\n';
const SITE_FILE = '/etc/systemd/network/20-eth0.network';
const NETDEV = '/etc/systemd/network/00-macvtap-veth0.netdev';

const { sets, model } = compile(intentOf('original'), {
  file: 'intent.yaml',
  backends: ['networkd'],
});
const [set] = sets ?? [];
const networkd = backends.find(({ id }) => id === 'networkd');
if (!set || !model || !networkd) throw new Error('nothing rendered');
const SCRIPT = changeScript(networkd, model, set.files);

/** A host whose change is pending: `veth0`'s definition was somebody's. */
const pendingHost = copiesOf(() => {
  const host = fakeHost({}, { isHostile: true });
  host.write(NETDEV, SITE, 0o640);
  host.write(SITE_FILE, '[Match]\nName=eth0\n');
  keep(host);
  for (const { path, text } of set?.files ?? []) host.write(path, text);
  return host;
});
function keep(host: FakeHost): void {
  const { status, output } = host.change(['keep'], host.send(SCRIPT));
  assert.is(status, 0, output);
}

test('a file that became a folder: the rollback reports it, does not change the folder, and can be tried again', () => {
  const host = pendingHost();
  host.remove(NETDEV);
  host.write(`${NETDEV}/of-somebody`, 'kept\n');
  const { status, output } = host.change(['rollback']);
  assert.is(status, 1, output);
  assert.match(output, /00-macvtap-veth0\.netdev cannot be restored/);
  assert.match(output, /If the network is as it should be: rm -r \S+\/pending\.claimed$/m);
  assert.equal(
    host.files().filter((path) => path.startsWith(`${NETDEV}/`)),
    [`${NETDEV}/of-somebody`],
  );
  rmSync(join(host.root, NETDEV), { recursive: true });
  assert.is(host.change(['rollback'], join(host.root, CLAIMED, 'change')).status, 0);
  assert.is(host.read(NETDEV), SITE);
});

test('a file that became a link to a folder: the link is replaced, and nothing is written where it led', () => {
  const host = pendingHost();
  host.remove(NETDEV);
  mkdirSync(join(host.root, 'etc/elsewhere'));
  symlinkSync('/etc/elsewhere', join(host.root, 'absolute'));
  symlinkSync(join(host.root, 'etc/elsewhere'), join(host.root, NETDEV));
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.is(host.read(NETDEV), SITE);
  assert.equal(
    host.files().filter((path) => path.startsWith('/etc/elsewhere/')),
    [],
  );
});

test('what an interrupted rollback left under a temporary name is not written through', () => {
  const host = pendingHost();
  host.write('/etc/victim', 'of somebody\n');
  symlinkSync(
    join(host.root, 'etc/victim'),
    join(host.root, '/etc/systemd/network/.00-macvtap-veth0.netdev.macvtap-new'),
  );
  assert.is(host.change(['rollback']).status, 0);
  assert.is(host.read('/etc/victim'), 'of somebody\n');
  assert.is(host.read(NETDEV), SITE);
});

test('a file that became a link before the activation: what it leads to is not written', () => {
  const host = pendingHost();
  host.remove(NETDEV);
  host.write('/etc/victim', set?.files.find(({ path }) => path === NETDEV)?.text ?? '');
  symlinkSync(join(host.root, 'etc/victim'), join(host.root, NETDEV));
  const before = host.read('/etc/victim');
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.is(host.read('/etc/victim'), before);
});

test('a link is kept and restored as a link', () => {
  const host = fakeHost({}, { isHostile: true });
  mkdirSync(join(host.root, 'etc/systemd/network'), { recursive: true });
  symlinkSync('/dev/null', join(host.root, NETDEV));
  keep(host);
  host.remove(NETDEV);
  host.write(NETDEV, 'new\n');
  assert.is(host.change(['rollback']).status, 0);
  assert.is(readlinkSync(join(host.root, NETDEV)), '/dev/null');
});

test('lists that cannot be written (a full disk) lose no file, when it is kept and when it is restored', () => {
  const host = pendingHost();
  // In the place of each list a folder: whoever writes there fails.
  mkdirSync(join(host.root, PENDING, 'restore'));
  assert.is(host.change(['rollback']).status, 0);
  assert.is(host.read(NETDEV), SITE);

  const second = fakeHost({}, { isHostile: true });
  keep(second);
  mkdirSync(join(second.root, PENDING, 'paths'));
  second.write('/etc/another', 'of somebody\n');
  const { status, output } = second.change(['keep', '/etc/another'], second.send(SCRIPT));
  assert.is(status, 0, output);
  assert.is(second.read(`${PENDING}/files/etc/another`), 'of somebody\n');
});

test('a path that cannot be recorded is not kept', () => {
  for (const [list, path] of [
    ['created', '/etc/systemd/network/another'],
    ['folders', '/etc/new-folder/another'],
  ] as const) {
    const host = pendingHost();
    rmSync(join(host.root, PENDING, list), { force: true });
    // Nothing can be written into it, as on a full disk.
    mkdirSync(join(host.root, PENDING, list));
    const { status, output } = host.change(['keep', path], host.send(SCRIPT));
    assert.is(status, 1, output);
    assert.match(output, new RegExp(`${path} cannot be kept`), list);
  }
});

test('a full disk: files come back though none can be copied', () => {
  const host = pendingHost();
  const cp = join(host.root, '../bin/cp');
  writeFileSync(
    cp,
    '#!/bin/sh\nfor to; do :; done\ncase $to in *.macvtap-new) echo half >"$to"; exit 1 ;; esac\nexec /bin/cp "$@"\n',
    { mode: 0o755 },
  );
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.is(host.read(NETDEV), SITE);
  assert.is(statSync(join(host.root, NETDEV)).mode & 0o777, 0o640);
});

test('without systemd and setsid nothing is reported as armed', () => {
  const host = fakeHost({}, { isHostile: true });
  rmSync(join(host.root, 'run/systemd'), { recursive: true });
  keep(host);
  const bin = join(host.root, '../bin');
  writeFileSync(join(bin, 'setsid'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const { status, output } = host.change(['arm', '60']);
  assert.is(status, 1, output);
  assert.not.match(output, /Armed/);
  assert.match(output, /not armed/);
});

/** Seconds that the timer without systemd sleeps, with what `/proc/uptime` has before each and after the last. */
function slept(uptimes: readonly string[], seconds = '12', end = ''): number[] {
  const host = fakeHost(
    {
      setsid: 'exec "$@"',
      sleep: `[ "$1" != 0.1 ] || exit 0
n=$(($(cat "$FAKE/n") + 1))
echo $n >"$FAKE/n"
[ $n -lt 30 ] || kill -KILL $PPID
cp "$FAKE/uptimes/$n" "$FAKE/proc/uptime" 2>/dev/null || : >"$FAKE/proc/uptime"
${end}`,
    },
    { isHostile: true },
  );
  rmSync(join(host.root, 'run/systemd'), { recursive: true });
  keep(host);
  host.write('/n', '0\n');
  for (const [index, text] of uptimes.entries()) host.write(`/uptimes/${index}`, text);
  host.write('/proc/uptime', uptimes[0] ?? '');
  assert.match(host.change(['arm', seconds]).output, /Armed: rolls back in/);
  const latest = Date.now() + 10_000;
  const folders = [PENDING, CLAIMED].map((path) => join(host.root, path));
  while (folders.some(existsSync) && Date.now() < latest)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  assert.not.ok(folders.some(existsSync), `no rollback with ${JSON.stringify(uptimes)}`);
  return host.commands().flatMap((line) => {
    const [, text] = /^sleep (\d+)$/.exec(line) ?? [];
    return text === undefined ? [] : [Number(text)];
  });
}

test('without systemd the rollback comes at its time, whatever the uptime is', () => {
  assert.equal(slept(['100.5 1\n', '105.5 1\n', '110.5 1\n', '112.5 1\n']), [5, 5, 2]);
  // The host was slow.
  assert.equal(slept(['100.5 1\n', '107.5 1\n', '112.5 1\n']), [5, 5]);
  assert.equal(slept([]), [5, 5, 2], 'never readable');
  assert.equal(slept(['100.5 1\n', '', '110.5 1\n']), [5, 5, 2], 'not readable once');
  assert.equal(slept(['', '105.5 1\n', '110.5 1\n']), [5, 5, 2], 'not readable at first');
  assert.equal(slept(['100.5 1\n', '900000.5 1\n', '900005.5 1\n']), [5, 5, 2], 'forward');
  assert.equal(slept(['900000.5 1\n', '100.5 1\n', '105.5 1\n']), [5, 5, 2], 'backward');
  assert.equal(slept([], '2', 'exit 1'), [2, 1, 1, 1], 'never readable, and each sleep killed');
  assert.equal(slept(['08x 1\n', '09 1\n', 'a[b 1\n']), [5, 5, 2], 'no numbers');
});

test('a confirmation that was interrupted before it stopped the timer: the next change stops it', () => {
  for (const next of ['keep', 'confirm']) {
    const host = pendingHost();
    if (next === 'confirm')
      writeFileSync(join(host.root, 'kept'), host.read(`${PENDING}/change`) ?? '');
    host.rename(PENDING, `${PENDING}.confirmed`);
    host.commands();
    if (next === 'keep') keep(host);
    else assert.is(host.change(['confirm'], join(host.root, 'kept')).status, 1);
    assert.ok(host.commands().includes('systemctl stop macvtap-timer.timer'), next);
    assert.not.ok(existsSync(join(host.root, `${PENDING}.confirmed`)));
  }
});

test('a timer of an earlier change does nothing to the next one', () => {
  const host = pendingHost();
  assert.is(host.change(['arm', '60']).status, 0);
  const words = (): string[] =>
    (host.commands().findLast((line) => line.includes('--on-active')) ?? '').split(' ').slice(-2);
  const stale = words();
  // Interrupted before the timer was stopped; the program, unlike the script, does not stop it either.
  rmSync(join(host.root, PENDING), { recursive: true });
  keep(host);
  assert.is(host.change(stale).status, 1);
  assert.ok(existsSync(join(host.root, PENDING)));
  assert.is(host.change(['arm', '60']).status, 0);
  assert.is(host.change(stale).status, 1);
  assert.is(host.change(words()).status, 0);
  assert.not.ok(existsSync(join(host.root, PENDING)));
});

test('a few of the old neighbours are asked for after the change', () => {
  const host = pendingHost();
  const bin = join(host.root, '../bin');
  const ip = readFileSync(join(bin, 'ip'), 'utf8');
  const lines = Array.from(
    { length: 40 },
    (_, n) => `echo '192.0.2.${n + 1} dev eth0 lladdr 02:00:00:00:00:01 REACHABLE'`,
  );
  writeFileSync(join(bin, 'ip'), `${ip}\ncase "$*" in 'neigh show') ${lines.join(';')} ;; esac\n`);
  host.commands();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.not.match(output, /sed/);
  const asked = host.commands().filter((line) => /^ping .* 192\.0\.2\.\d+$/.test(line));
  assert.is(asked.length, 6);
});

test.run();
