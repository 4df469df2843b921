/** A change that is pending over a reboot: the early unit, the countdown after it, and what is left. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const UNITS = '/etc/systemd/system';
const EARLY = `${UNITS}/macvtap-rollback.service`;
const EARLY_LINK = `${UNITS}/sysinit.target.wants/macvtap-rollback.service`;
const TIMER_LINK = `${UNITS}/timers.target.wants/macvtap-countdown.timer`;
const NETDEV = '/etc/systemd/network/00-macvtap-veth0.netdev';
const SITE_FILE = '/etc/systemd/network/20-eth0.network';

interface Armed {
  readonly isHostile?: boolean;
  /** Cases of systemctl. */
  readonly more?: string;
  /** What an installation notes for the change. */
  readonly notes?: Readonly<Record<string, string>>;
}

const known = new Map<string, () => FakeHost>();

/** A host with a change that is armed. */
function armed(words: readonly string[] = ['arm', '60'], how: Armed = {}): FakeHost {
  const key = JSON.stringify([words, how]);
  const copy = known.get(key) ?? copiesOf(() => newlyArmed(words, how));
  known.set(key, copy);
  return copy();
}

function newlyArmed(
  words: readonly string[],
  { isHostile = false, more = '', notes = {} }: Armed,
): FakeHost {
  const systemctl = {
    // What it has loaded is what a boot would have loaded.
    systemctl: `case "$*" in ${more}
  *list-units*) [ ! -e "$FAKE/loaded" ] || echo 'macvtap-rollback.service loaded inactive dead' ;;
  *is-active*systemd-networkd*) exit 0 ;;
  *is-active*) exit 3 ;;
esac`,
  };
  const host = fakeHost(systemctl, { isHostile });
  mkdirSync(join(host.root, UNITS), { recursive: true });
  host.write('/proc/1/stat', '1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 1 2\n');
  host.write('/proc/uptime', '1000.51 10.00\n');
  host.write(SITE_FILE, '[Match]\nName=eth0\n');
  host.write('/started', 'Start=1\n');
  installedOn(host, rendered());
  for (const [name, text] of Object.entries(notes)) host.write(`${PENDING}/${name}`, text);
  const { status, output } = host.change(words);
  assert.is(status, 0, output);
  return host;
}

const nextBoot = (host: FakeHost, id = 'boot-2'): void =>
  host.write('/proc/sys/kernel/random/boot_id', `${id}\n`);

/** Nothing of the change is left, and the old files are there. */
function assertRolledBack(host: FakeHost): void {
  assert.is(host.read(NETDEV), undefined);
  assert.is(host.read(SITE_FILE), '[Match]\nName=eth0\n');
  assertNothingLeft(host);
}
function assertNothingLeft(host: FakeHost): void {
  assert.equal(
    host.files().filter((path) => /macvtap-(?:rollback|countdown)|macvtap-render|wants/.test(path)),
    [],
  );
}

test('armed: the unit and its link are there, without `systemctl enable` and without a reload', () => {
  const host = armed();
  assert.ok(host.read(EARLY)?.includes('DefaultDependencies=no'));
  assert.is(readFileSync(join(host.root, EARLY_LINK), 'utf8'), host.read(EARLY));
  assert.is(host.read(`${PENDING}/deadline`), '1060\n');
  assert.equal(
    host.commands().filter((line) => /enable|daemon-reload/.test(line)),
    [],
  );
});

test('the next boot restores the files before any daemon, and removes all of it', () => {
  const host = armed();
  nextBoot(host);
  host.commands();
  const { status, output } = host.change(['boot']);
  assert.is(status, 0, output);
  const commands = host.commands();
  assert.equal(
    commands.filter((line) => /networkctl|nmcli|ifup|ping|^ip /.test(line)),
    [],
    'no daemon runs yet',
  );
  assert.ok(commands.includes('systemctl daemon-reload'));
  assertRolledBack(host);
});

test('started again in the boot in which it was armed, it does nothing', () => {
  const host = armed();
  assert.is(host.change(['boot']).status, 0);
  assert.ok(host.read(NETDEV));
  assert.ok(host.read(`${PENDING}/change`));
});

test('a container that boots again on the same kernel is another boot', () => {
  const host = armed();
  host.write(
    '/proc/1/stat',
    '1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9999 1 2\n',
  );
  assert.is(host.change(['boot']).status, 0);
  assertRolledBack(host);
});

test('a change that nobody has armed stays over a reboot', () => {
  const host = fakeHost();
  installedOn(host, rendered());
  nextBoot(host);
  assert.is(host.change(['boot']).status, 0);
  assert.ok(host.read(NETDEV));
});

test('confirmed or rolled back: no unit, link or folder is left, and what was there before is', () => {
  for (const word of ['confirm', 'rollback']) {
    const host = armed(['arm', '60', 'reboot']);
    if (word === 'confirm') {
      nextBoot(host);
      host.change(['boot']);
    }
    assert.is(host.change([word]).status, 0);
    assertNothingLeft(host);
    const other = fakeHost();
    mkdirSync(join(other.root, UNITS, 'sysinit.target.wants'), { recursive: true });
    installedOn(other, rendered());
    other.change(['arm']);
    other.change([word]);
    assert.ok(existsSync(join(other.root, UNITS, 'sysinit.target.wants')));
  }
});

test('only what systemd has loaded needs a reload to be forgotten', () => {
  const host = armed();
  host.commands();
  host.change(['confirm']);
  assert.not.ok(host.commands().includes('systemctl daemon-reload'));
  const booted = armed();
  booted.write('/loaded', '');
  booted.commands();
  booted.change(['confirm']);
  assert.ok(booted.commands().includes('systemctl daemon-reload'));
});

test('with reboot: the first boot counts, the second rolls back', () => {
  const host = armed(['arm', '60', 'reboot']);
  assert.ok(!host.commands().some((line) => line.includes('--on-active')), 'no timer of this boot');
  assert.ok(existsSync(join(host.root, TIMER_LINK)));
  assert.is(host.read(`${PENDING}/deadline`), undefined);
  nextBoot(host);
  host.write('/proc/uptime', '3.20 1.00\n');
  for (let start = 0; start < 2; start += 1) {
    const { status, output } = host.change(['boot']);
    assert.is(status, 0, output);
    assert.ok(host.read(NETDEV), 'the change is in effect');
    assert.is(host.read(`${PENDING}/counting`), '60\n');
    assert.is(host.read(`${PENDING}/deadline`), '63\n');
    assert.is(host.read(`${PENDING}/boot`), 'boot-2\n');
  }
  nextBoot(host, 'boot-3');
  assert.is(host.change(['boot']).status, 0);
  assertRolledBack(host);
});

test('with reboot: it cannot be confirmed before the boot that activates it', () => {
  const host = armed(['arm', '60', 'reboot'], { more: SOFT });
  const { status, output } = host.change(['confirm']);
  assert.is(status, 1, output);
  assert.match(output, /The next boot activates this change: reboot and verify it before/);
  assert.ok(host.read(`${PENDING}/reboot-once`), 'it is still armed');
  const live = host.change(['activate']);
  assert.is(live.status, 1, live.output);
  assert.match(live.output, /The next boot activates this change: reboot, or run arm without/);
  const again = armed(['arm', '60', 'reboot']);
  again.change(['arm', '60']);
  assert.is(again.change(['confirm']).status, 0, 'armed for this boot');
  // The early unit may be missing or may have failed: the change is in effect.
  const late = armed(['arm', '60', 'reboot']);
  nextBoot(late);
  assert.is(late.change(['confirm']).status, 0);
  softlyRebooted(host);
  assert.is(host.change(['confirm']).status, 0, 'a soft reboot is a boot');
});

test('with reboot: what is kept again is armed no more', () => {
  const host = armed(['arm', '60', 'reboot']);
  assert.is(host.change(['keep']).status, 0);
  assert.is(host.read(`${PENDING}/reboot-once`), undefined);
  assert.is(host.change(['confirm']).status, 0);
});

test('with reboot: the countdown begins after the early unit, whose file its condition wants', () => {
  const timer = armed(['arm', '60', 'reboot']).read(`${UNITS}/macvtap-countdown.timer`) ?? '';
  assert.match(timer, /^After=macvtap-rollback\.service$/m);
  assert.match(timer, /^ConditionPathExists=\|.*\/pending\/counting$/m);
});

test('with reboot: the countdown runs the rollback of this change and of no other', () => {
  const host = armed(['arm', '60', 'reboot']);
  const service = host.read(`${UNITS}/macvtap-countdown.service`) ?? '';
  const [, token = ''] =
    /^ExecStart=\/bin\/sh -c '.*\/change rollback-here (\S+); done'$/m.exec(service) ?? [];
  nextBoot(host);
  host.change(['boot']);
  assert.is(host.change(['rollback-here', `${token}x`]).status, 1);
  assert.ok(host.read(NETDEV));
  const { status, output } = host.change(['rollback-here', token]);
  assert.is(status, 0, output);
  assertRolledBack(host);
});

/** What of systemctl is asked for by what can be rebooted softly. */
const SOFT = `
  *--help*) echo 'soft-reboot' ;;
  *UserspaceTimestampMonotonic*) cat "$FAKE/started" ;;`;

const softlyRebooted = (host: FakeHost): void => host.write('/started', 'Start=2\n');

test('after a soft reboot the countdown begins again, and a reboot rolls back', () => {
  const host = armed(['arm', '60'], { more: SOFT });
  assert.ok(existsSync(join(host.root, TIMER_LINK)));
  assert.is(host.change(['boot']).status, 0);
  assert.is(host.read(`${PENDING}/counting`), undefined, 'the same start of systemd');
  softlyRebooted(host);
  host.write('/proc/uptime', '1030.00 1.00\n');
  for (let start = 0; start < 2; start += 1) {
    const { status, output } = host.change(['boot']);
    assert.is(status, 0, output);
    assert.ok(host.read(NETDEV), 'the change is in effect');
    assert.is(host.read(`${PENDING}/counting`), '');
    assert.is(host.read(`${PENDING}/activated`), '');
    assert.is(host.read(`${PENDING}/deadline`), '1090\n');
    host.write('/proc/uptime', '1040.00 1.00\n');
  }
  nextBoot(host);
  assert.is(host.change(['boot']).status, 0);
  assertRolledBack(host);
});

test('a soft reboot does not activate what only an activation does, unless it was armed for a boot', () => {
  for (const [words, activated] of [
    [['arm', '60'], undefined],
    [['arm', '60', 'reboot'], ''],
  ] as const) {
    const host = armed(words, { more: SOFT });
    host.write(`${PENDING}/rewrite`, '1 /etc/other\n');
    softlyRebooted(host);
    assert.is(host.change(['boot']).status, 0);
    assert.is(host.read(`${PENDING}/activated`), activated, words.join(' '));
    assert.is(host.change(['confirm']).status, activated === undefined ? 1 : 0);
  }
});

test('a soft reboot in place of the reboot counts, and rolls back without another one', () => {
  const host = armed(['arm', '60', 'reboot'], { more: SOFT, notes: { 'reboot-only': 'vlan5\n' } });
  softlyRebooted(host);
  assert.is(host.change(['boot']).status, 0);
  assert.is(host.read(`${PENDING}/reboot-once`), undefined);
  host.commands();
  assert.is(host.change(['rollback']).status, 0);
  assert.not.ok(host.commands().includes('systemctl reboot'));
  assertRolledBack(host);
});

test('a systemd that has no soft reboot gets no countdown', () => {
  assert.not.ok(existsSync(join(armed().root, TIMER_LINK)));
});

test('what only a reboot changes is rolled back by one, and cannot be confirmed meanwhile', () => {
  const host = armed(['arm', '60', 'reboot'], { notes: { 'reboot-only': 'vlan5\nbond0\n' } });
  nextBoot(host);
  assert.is(host.change(['boot']).status, 0);
  host.commands();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.match(output, /Only a reboot changes vlan5 bond0: rebooting, which rolls back\./);
  assert.ok(host.commands().includes('systemctl reboot'));
  assert.ok(host.read(NETDEV), 'the files change at the boot');
  const claimed = join(host.root, `${PENDING}.claimed/change`);
  assert.is(host.change(['confirm'], claimed).status, 1);
  nextBoot(host, 'boot-3');
  assert.is(host.change(['boot'], claimed).status, 0);
  assertRolledBack(host);
});

test('what the boot has created is rolled back by a reboot, also when it is armed again', () => {
  const host = armed(['arm', '60', 'reboot'], { notes: { 'reboot-only': 'vlan5\n' } });
  nextBoot(host);
  assert.is(host.change(['boot']).status, 0);
  assert.is(host.change(['arm', '600']).status, 0);
  host.commands();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.ok(host.commands().includes('systemctl reboot'));
});

test('the activation, live or by a boot, is noted until other files come', () => {
  const isNoted = (host: FakeHost): boolean => host.read(`${PENDING}/activated`) !== undefined;
  const live = armed();
  assert.not.ok(isNoted(live));
  assert.is(live.change(['activate']).status, 0);
  assert.ok(isNoted(live));
  const booted = armed(['arm', '60', 'reboot']);
  assert.not.ok(isNoted(booted));
  nextBoot(booted);
  assert.is(booted.change(['boot']).status, 0);
  for (const host of [live, booted]) {
    assert.ok(isNoted(host));
    assert.is(host.change(['arm', '60']).status, 0);
    assert.ok(isNoted(host));
    assert.is(host.change(['keep']).status, 0);
    assert.not.ok(isNoted(host));
  }
});

test('before the reboot nothing of it runs, so that the rollback needs none', () => {
  const host = armed(['arm', '60', 'reboot'], { notes: { 'reboot-only': 'vlan5\n' } });
  host.commands();
  assert.is(host.change(['rollback']).status, 0);
  assert.not.ok(host.commands().includes('systemctl reboot'));
  assertRolledBack(host);
});

test('armed again without reboot, the next boot does not count', () => {
  const host = armed(['arm', '60', 'reboot']);
  host.change(['arm', '60']);
  nextBoot(host);
  host.change(['boot']);
  assertRolledBack(host);
});

test('a rollback that was interrupted is resumed at boot', () => {
  const host = armed();
  host.rename(PENDING, `${PENDING}.claimed`);
  nextBoot(host);
  const script = join(host.root, `${PENDING}.claimed/change`);
  assert.is(host.change(['boot'], script).status, 0);
  assertRolledBack(host);
});

test('a confirmation that was interrupted is finished at boot, and the change stays', () => {
  const host = armed();
  host.rename(PENDING, `${PENDING}.confirmed`);
  nextBoot(host);
  const script = join(host.root, `${PENDING}.confirmed/change`);
  assert.is(host.change(['boot'], script).status, 0);
  assert.ok(host.read(NETDEV));
  assertNothingLeft(host);
});

test('a rollback at boot that fails stays claimed, for the next boot', () => {
  const host = armed(['arm', '60'], { isHostile: true });
  nextBoot(host);
  // A folder in the place of a file that was created.
  host.remove(NETDEV);
  host.write(`${NETDEV}/inside`, '');
  assert.is(host.change(['boot']).status, 1);
  assert.ok(host.read(`${PENDING}.claimed/change`));
  assert.ok(host.read(EARLY));
});

test('a rollback at boot that fails is tried again by the countdown, which does not reboot', () => {
  const host = armed(['arm', '60', 'reboot'], {
    isHostile: true,
    notes: { 'reboot-only': 'vlan5\n' },
  });
  nextBoot(host);
  assert.is(host.change(['boot']).status, 0);
  nextBoot(host, 'boot-3');
  host.remove(NETDEV);
  host.write(`${NETDEV}/inside`, '');
  host.commands();
  assert.is(host.change(['boot']).status, 1);
  const stop = 'systemctl --no-block stop macvtap-countdown.timer';
  assert.not.ok(host.commands().includes(stop));
  const claimed = join(host.root, `${PENDING}.claimed/change`);
  const again = host.change(['rollback-here'], claimed);
  assert.is(again.status, 1, again.output);
  assert.not.ok(host.commands().includes('systemctl reboot'));
  host.remove(`${NETDEV}/inside`);
  rmdirSync(join(host.root, NETDEV));
  assert.is(host.change(['rollback-here'], claimed).status, 0);
  assertRolledBack(host);
});

test('what an installation that was killed has left goes with a rollback; locks of others stay', () => {
  for (const word of ['rollback', 'boot']) {
    const host = armed();
    const folder = '/etc/systemd/network';
    const [dead, other] = [
      `${folder}/.macvtap-lock.boot-0.1.1.1`,
      `${folder}/.macvtap-lock.boot-1.77.1.1`,
    ];
    const temporary = `${folder}/.00-macvtap-veth0.netdev.macvtap-new`;
    for (const path of [dead, other, temporary]) host.write(path, '');
    host.write('/etc/macvtap-render/.macvtap-lock.boot-0.1.1.1', '');
    if (word === 'boot') nextBoot(host, 'boot-1b');
    const { status, output } = host.change([word]);
    assert.is(status, 0, output);
    assert.is(host.read(dead), undefined, word);
    assert.is(host.read(other), word === 'boot' ? undefined : '');
    // Another program may be at work there.
    assert.is(host.read(temporary), word === 'boot' ? undefined : '');
    assert.not.ok(host.files().includes('/etc/macvtap-render'));
  }
});

test('without systemd it says that a reboot keeps the change, and refuses one that needs a reboot', () => {
  const host = fakeHost();
  installedOn(host, rendered());
  host.rename('run/systemd/system', 'run/systemd/gone');
  assert.match(host.change(['arm', '60']).output, /Without systemd a reboot keeps the change/);
  const { status, output } = host.change(['arm', '60', 'reboot']);
  assert.is(status, 1);
  assert.match(output, /Without systemd nothing can roll back after a reboot/);
  assert.is(host.read(EARLY), undefined);
  host.change(['confirm']);
});

test('a folder of units that cannot be written: nothing is armed', () => {
  const host = fakeHost({}, { isHostile: true });
  installedOn(host, rendered());
  host.write(`${UNITS}/sysinit.target.wants`, 'a file\n');
  const { status, output } = host.change(['arm', '60']);
  assert.is(status, 1);
  assert.match(output, /The rollback is not armed: \S+\/etc\/systemd\/system cannot be written/);
  assert.equal(
    readdirSync(join(host.root, PENDING)).filter((name) => name === 'timer'),
    [],
  );
});

test.run();
