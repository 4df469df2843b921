/** The change script where the system refuses what it rarely refuses, and where the clock is set meanwhile. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const NETDEV = '/etc/systemd/network/00-macvtap-veth0.netdev';
const SITE_FILE = '/etc/systemd/network/20-eth0.network';

const installed = copiesOf(() => {
  const host = fakeHost({}, { isHostile: true });
  host.write(SITE_FILE, '[Match]\nName=eth0\n', 0o640);
  installedOn(host, rendered());
  return host;
});

/** Replaces a command of this host. */
const command = (host: FakeHost, name: string, body: string): void =>
  writeFileSync(join(host.root, '../bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

test('a list that cannot be made does not end a rollback, as without a free inode', () => {
  for (const list of ['links', 'created', 'addresses', 'default-routes', 'log']) {
    const host = installed();
    rmSync(join(host.root, PENDING, list), { force: true, recursive: true });
    // Whoever opens it to write fails.
    mkdirSync(join(host.root, PENDING, list));
    host.commands();
    const { output } = host.change(['rollback']);
    if (list !== 'log') assert.match(output, /Announcing addresses[\s\S]*Rolled back/, list);
    assert.ok(host.commands().includes('networkctl reload'), list);
    if (list !== 'created') assert.is(host.read(NETDEV), undefined, list);
  }
});

test('no special built-in utility writes a file: a shell ends where that fails', () => {
  assert.equal(rendered().script.match(/^\s*(?::|\.|exec|eval|export|unset) [^'\n]*>.*$/gm), null);
});

test('only the file system of /etc is waited for: another one may hang, as NFS without its network', () => {
  for (const isOld of [false, true]) {
    const host = installed();
    // As an old busybox, or one that waits for all.
    command(host, 'sync', `[ "$1" != -f ] || exit ${isOld ? 1 : 0}\nsleep 60 >/dev/null 2>&1`);
    const begun = Date.now();
    const { status, output } = host.change(['rollback']);
    assert.is(status, 0, output);
    assert.ok(Date.now() - begun < 45_000);
  }
});

test('guests are waited for by the uptime, whatever becomes of the clock', () => {
  const moments = (...times: readonly (readonly [uptime: string, clock: number])[]): string[] => {
    const host = installed();
    const [head = '', rest = ''] = rendered().script.split('\nmain() {');
    const steps = times.flatMap(([uptime, clock], index) => [
      `printf '%s' '${uptime}' >"$ROOT/proc/uptime"; echo ${clock} >"$ROOT/clock"`,
      ...(index === 0 ? ['true >"$PENDING/guests-now"', 'start_time 5'] : []),
      'if is_in_time "$end"; then echo in time; else echo late; fi',
    ]);
    assert.ok(rest.includes('case $word in'));
    const clock = 'date() { cat "$ROOT/clock"; }';
    const script = host.send(`${head}\n${clock}\n${steps.join('\n')}\n`);
    return host.change([], script).output.split('\n').slice(0, -1);
  };
  assert.equal(moments(['8.2 1\n', 5000], ['13.9 1\n', 1000], ['14.0 1\n', 1000]), [
    'in time',
    'in time',
    'late',
  ]);
  // It cannot be read any more, or only later: nothing waits for hours.
  assert.equal(moments(['8.2 1\n', 5000], ['', 5000]), ['in time', 'late']);
  assert.equal(moments(['', 5000], ['14.0 1\n', 5006]), ['in time', 'late']);
});

test('what cannot be replaced is restored where it is as it was, and reported where it is not', () => {
  for (const [mode, problems] of [
    [0o640, 0],
    [0o644, 1],
  ] as const) {
    const host = installed();
    host.change(['keep', SITE_FILE]);
    host.write(SITE_FILE, '[Match]\nName=eth0\n', mode);
    command(
      host,
      'mv',
      `case "$*" in *20-eth0.network) echo 'Operation not permitted' >&2; exit 1 ;; esac\nPATH=/usr/bin:/bin\nexec mv "$@"`,
    );
    const { status, output } = host.change(['rollback']);
    assert.is(status, problems, output);
    assert.is(output.includes('20-eth0.network cannot be restored'), problems === 1);
  }
});

test('a pending directory that cannot be renamed is not called none', () => {
  const host = installed();
  command(host, 'mv', `echo 'mv: Read-only file system' >&2\nexit 1`);
  for (const word of ['confirm', 'rollback']) {
    const { status, output } = host.change([word]);
    assert.is(status, 1, word);
    assert.match(output, /pending cannot be renamed, and nothing was done\. Is \S+ writable\?/);
  }
  assert.ok(host.read(`${PENDING}/change`));
});

test('what only an activation does is not confirmed without one', () => {
  for (const note of ['move', 'rewrite', 'interfaces', 'enable', 'domains']) {
    const host = installed();
    host.write(`${PENDING}/${note}`, 'x\n');
    const early = host.change(['confirm']);
    assert.is(early.status, 1, note);
    assert.match(early.output, /is not activated: activate it first, or run rollback/);
    host.write(`${PENDING}/activated`, '');
    assert.is(host.change(['confirm']).status, 0, note);
  }
  // A boot enables and moves nothing, unless it is the one that the change was armed for.
  for (const [note, status] of [
    ['boot', 1],
    ['reboot-once', 0],
  ] as const) {
    const host = installed();
    host.write(`${PENDING}/enable`, 'x\n');
    host.write(`${PENDING}/${note}`, 'boot-1\n');
    host.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
    assert.is(host.change(['confirm']).status, status, note);
  }
});

test('without room for its notes nothing is activated', () => {
  for (const words of [['activate'], ['arm', '60', 'reboot']]) {
    const host = installed();
    command(
      host,
      'head',
      `case "$2" in ?????*) exit 1 ;; esac\nPATH=/usr/bin:/bin\nexec head "$@"`,
    );
    host.commands();
    const { status, output } = host.change(words);
    assert.is(status, 1);
    assert.match(
      output,
      /Nothing was changed: there is no room .* Free 1 MiB below \S+macvtap-render\./,
    );
    assert.not.ok(host.commands().includes('networkctl reload'));
    assert.is(host.read(`${PENDING}/links`), undefined);
    assert.is(host.read(`${PENDING}/reboot-once`), undefined);
  }
});

test('what the caller has in its environment is not removed', () => {
  const host = installed();
  host.change(['arm', '60']);
  host.write('/other/file', '');
  host.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  const change = join(host.root, PENDING, 'change');
  host.write('/caller', `export work='${host.root}/other'\nexec sh '${change}' "$@"\n`);
  const { status, output } = host.change(['boot'], join(host.root, 'caller'));
  assert.is(status, 0, output);
  assert.match(output, /Rolled back/);
  assert.is(host.read('/other/file'), '');
});

test.run();
