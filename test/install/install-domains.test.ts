/** libvirt's domains in an installation on this host: the change script gets the same of them as from `apply`. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../command.ts';
import { bridged, domainXml, MAC, UUID } from '../domains/domains.ts';
import { fakeSystem } from '../fake-system.ts';

const PENDING = 'etc/macvtap-render/pending';
const DEFINITION = 'etc/libvirt/qemu/vm1.xml';
const intentWith = (mode: string): string => `version: 1
host: kvm1
shims:
  veth0: {parent: eth0, addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.254}]}
guests:
  vm1: {parent: eth0, macaddress: "${MAC}1", mode: ${mode}}
`;
const LINKS = JSON.stringify(
  [
    { ifindex: 2, ifname: 'eth0', master: 'br0' },
    { ifindex: 3, ifname: 'br0', linkinfo: { info_kind: 'bridge' } },
  ].map((link) => ({
    ...{ flags: ['UP', 'LOWER_UP'], mtu: 1500, address: '52:54:00:00:00:01', addr_info: [] },
    ...link,
  })),
);

function hostWith(nics: string): string {
  const root = temporaryFolder();
  for (const [path, text] of [
    ['etc/hostname', 'kvm1\n'],
    ['etc/libvirt/qemu/vm1.xml', domainXml(nics)],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

interface World {
  readonly mode?: string;
  /** More guests of the intent. */
  readonly more?: string;
  /** Interfaces of the running domain, where they differ from the stored ones. */
  readonly live?: string;
  readonly command?: readonly string[];
  /** What does not answer. */
  readonly silent?: 'libvirt' | 'links';
}

async function install(
  root: string,
  words: readonly string[],
  { mode = 'bridge', more = '', live, command = [], silent }: World = {},
) {
  const path = join(root, DEFINITION);
  const isThere = existsSync(path);
  const stored = isThere ? readFileSync(path, 'utf8') : '';
  const xml = (args: readonly string[]): string =>
    live === undefined || args.includes('--inactive') ? stored : domainXml(live);
  const system = fakeSystem({
    root,
    args: [...command, '/i.yaml', '-b', 'networkd', ...words],
    files: { '/i.yaml': `${intentWith(mode)}${more}` },
    programs: {
      ip: (args) => {
        if (args.includes('addr') && silent === 'links') return { status: 1, stderr: 'x' };
        return args.includes('addr') ? LINKS : '[]';
      },
      virsh: (args) => {
        if (silent === 'libvirt') return { status: 1, stderr: 'error: x' };
        if (args.some((word) => word.startsWith('--with-'))) return '';
        if (args.includes('list')) return isThere ? `${UUID}1\n` : '';
        return xml(args);
      },
    },
  });
  const status = await run(system, '0.0.0');
  return { status, ...system.written, record: system.record };
}

const noteIn = (root: string, name: string): string =>
  readFileSync(join(root, PENDING, name), 'utf8');

test('domains that must follow are printed, and kept for the activation and the rollback', async () => {
  const root = hostWith(bridged());
  const line =
    /^(\w.*): domain `vm1` \(stored and running\).* from bridge `br0` to macvtap on `eth0`$/m;
  const dry = await install(root, ['--root', '/', '--dry-run']);
  assert.is(dry.status, 0, dry.stderr);
  assert.is(line.exec(dry.stderr)?.[1], 'would be moved');
  assert.not.ok(existsSync(join(root, PENDING)));
  const { status, stderr } = await install(root, ['--root', '/']);
  assert.is(status, 0, stderr);
  assert.is(line.exec(stderr)?.[1], 'moved by the activation');
  assert.is(noteIn(root, 'domains'), `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`);
  for (const name of ['domain-1-stored', 'domain-1-after'])
    assert.match(noteIn(root, name), /^<interface type="direct".*<source dev="eth0" mode="bridge"/);
  assert.is(noteIn(root, 'files/etc/libvirt/qemu/vm1.xml'), domainXml(bridged()));
  // Again, while it is pending.
  const again = await install(root, ['--root', '/']);
  assert.is(again.status, 0, again.stderr);
  assert.is(noteIn(root, 'domain-1-after').split('\n').length, 2);
});

test('until it is activated, a pending change follows what becomes of the domains', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  const same = await install(root, ['--root', '/', '--dry-run']);
  assert.match(same.stderr, /^moved by the activation: domain `vm1`/m);
  // The intent has another mode, and its definition was edited.
  const edited = domainXml(bridged(1, `<boot order='1'/>`));
  writeFileSync(join(root, DEFINITION), edited);
  const { status, stderr } = await install(root, ['--root', '/'], { mode: 'private' });
  assert.is(status, 0, stderr);
  assert.match(noteIn(root, 'domain-1-after'), /mode="private".*<boot order="1"/);
  assert.is(noteIn(root, 'files/etc/libvirt/qemu/vm1.xml'), edited);
  assert.not.ok(existsSync(join(root, PENDING, 'installing')));
  // It is gone: a rollback must not bring it back.
  rmSync(join(root, DEFINITION));
  const gone = await install(root, ['--root', '/']);
  assert.is(gone.status, 0, gone.stderr);
  assert.not.match(gone.stderr, /domain/);
  assert.equal(
    readdirSync(join(root, PENDING), { recursive: true }).filter((name) =>
      /domain|vm1/.test(String(name)),
    ),
    [],
  );
});

test('a definition whose other settings are edited meanwhile is kept again: a rollback restores the edit', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  const edited = domainXml(bridged()).replace('</domain>', '<title>edited</title></domain>');
  assert.ok(edited.includes('edited'));
  writeFileSync(join(root, DEFINITION), edited);
  const { status, stderr } = await install(root, ['--root', '/']);
  assert.is(status, 0, stderr);
  assert.is(noteIn(root, 'files/etc/libvirt/qemu/vm1.xml'), edited);
  assert.is(noteIn(root, 'domains'), `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`);
});

test('what is kept of the domains stays where libvirt is silent or the links are unknown', async () => {
  for (const [silent, words, report] of [
    ['libvirt', ['--force'], /libvirt does not answer/],
    ['links', [], /lose the LAN is unknown: the links of this host cannot be read/],
  ] as const) {
    const root = hostWith(bridged());
    await install(root, ['--root', '/']);
    const before = noteIn(root, 'domains');
    const { status, stderr } = await install(root, ['--root', '/', ...words], { silent });
    assert.is(status, 0, stderr);
    assert.match(stderr, report);
    assert.is(noteIn(root, 'domains'), before);
    assert.ok(existsSync(join(root, PENDING, 'domain-1-after')));
  }
});

test('an interrupted installation is resumed, whatever became of the domains', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  const created = noteIn(root, 'created');
  for (const boot of ['', 'another']) {
    writeFileSync(join(root, PENDING, 'boot'), `${boot}\n`);
    writeFileSync(join(root, PENDING, 'installing'), '');
    // As if it had stopped between the two.
    rmSync(join(root, PENDING, 'domains'));
    const dry = await install(root, ['--root', '/', '--dry-run']);
    assert.match(dry.stderr, /in place; a run without `--dry-run`.* completes it/);
    const { status, stderr } = await install(root, ['--root', '/']);
    assert.is(status, 0, stderr);
    assert.match(stderr, /in place; this run completes it/);
    assert.not.ok(existsSync(join(root, PENDING, 'installing')));
    assert.is(noteIn(root, 'domains'), `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`);
    assert.is(noteIn(root, 'created'), created);
  }
});

test('once it is activated, a pending change moves the domains that it was made for, and no others', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  // Captured, as `change arm 600 reboot` and then `change arm 600` leave it: nothing is in effect.
  writeFileSync(join(root, PENDING, 'links'), '');
  const armed = await install(root, ['--root', '/']);
  assert.match(armed.stderr, /has not changed yet/);
  assert.match(armed.stderr, /moved by the activation/);
  writeFileSync(join(root, PENDING, 'activated'), '');
  const note = noteIn(root, 'domain-1-before');
  // A guest that was started again, on the same interface.
  const same = await install(root, ['--root', '/'], { live: bridged(1, `<boot order='2'/>`) });
  assert.is(same.status, 0, same.stderr);
  assert.match(same.stderr, /\nThe pending change is activated already\. /);
  assert.not.match(same.stderr, /has not changed yet/);
  // It has kept its interface: no activation follows.
  assert.match(
    same.stderr,
    /warning\[guest-cut-off\].*`vm1` has not released its interface .*\n.*help: Run `virsh shutdown vm1`/,
  );
  assert.not.match(same.stderr, /moved by the activation/);
  assert.is(noteIn(root, 'domain-1-before'), note);
  const changed = async (label: string, world: World) => {
    const { status, stderr } = await install(root, ['--root', '/'], world);
    assert.is(status, 4, stderr);
    assert.match(
      stderr,
      /the pending change has begun already, and was not made to move the interface 52:54:00:51:00:1\d of the domain 0b1f3a52-/,
    );
    assert.is(noteIn(root, 'domain-1-before'), note, label);
    assert.not.ok(existsSync(join(root, PENDING, 'installing')));
    return stderr;
  };
  assert.match(await changed('mode', { mode: 'private' }), /`macvtap-render confirm` or/);
  writeFileSync(join(root, DEFINITION), domainXml(bridged(1) + bridged(2)));
  await changed('another interface', { more: `  vm2: {parent: eth0, macaddress: "${MAC}2"}\n` });
  // They have been moved by the activation.
  writeFileSync(join(root, DEFINITION), domainXml(''));
  const moved = await install(root, ['--root', '/']);
  assert.is(moved.status, 0, moved.stderr);
});

test('a change that is armed for the next boot is not activated yet, and is not offered for confirmation before that', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  // As `change arm 600 reboot` leaves it.
  writeFileSync(join(root, PENDING, 'links'), 'eth0 52:54:00:00:00:01 1500 br0\n');
  writeFileSync(join(root, PENDING, 'reboot-once'), '600\n');
  const note = noteIn(root, 'domain-1-before');
  const reboot =
    /is armed for the next boot, .*Reboot, verify .*, then confirm it:\n\nsystemctl reboot\nsh \S+ confirm\n/;
  for (const words of [[], ['--dry-run']]) {
    const same = await install(root, ['--root', '/', ...words]);
    assert.is(same.status, 0, same.stderr);
    assert.match(same.stderr, reboot);
    assert.not.match(same.stderr, /activated already|has not changed yet/);
  }
  const first =
    /The next boot activates it: reboot, verify and confirm it, or run `macvtap-render rollback` first/;
  const other = await install(root, ['--root', '/'], { mode: 'private' });
  assert.is(other.status, 4);
  assert.match(other.stderr, /the pending change is armed for the next boot, and was not made to/);
  assert.match(other.stderr, first);
  assert.is(noteIn(root, 'domain-1-before'), note);
  const file = { more: 'parents:\n  eth0: {mtu: 9000}\n' };
  assert.match((await install(root, ['--root', '/', '--no-backup'], file)).stderr, first);
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
  assert.match((await install(root, [], { command: ['apply'] })).stderr, first);
  // The boot has come.
  renameSync(join(root, PENDING, 'reboot-once'), join(root, PENDING, 'counting'));
  writeFileSync(join(root, PENDING, 'activated'), '');
  assert.match((await install(root, ['--root', '/'])).stderr, /is activated already/);
  // What is installed on top of it is not.
  assert.is((await install(root, ['--root', '/'], file)).status, 0);
  assert.match((await install(root, ['--root', '/'], file)).stderr, /has not changed yet/);
});

test('an interrupted installation over one that is activated leads to the rollback, and is not confirmed', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  writeFileSync(join(root, PENDING, 'links'), '');
  writeFileSync(join(root, PENDING, 'installing'), '');
  // Of an earlier version, which would confirm it.
  writeFileSync(join(root, PENDING, 'change'), 'exit 0\n');
  const other = await install(root, ['--root', '/'], { mode: 'private' });
  assert.is(other.status, 4);
  assert.match(other.stderr, /interrupted: run `macvtap-render rollback` first/);
  assert.not.match(other.stderr, /confirm/);
  const system = fakeSystem({
    root,
    args: ['confirm'],
    files: {
      '/etc/macvtap-render/pending/change': '',
      '/etc/macvtap-render/pending/installing': '',
    },
    programs: { sh: () => '' },
  });
  assert.is(await run(system, '0.0.0'), 4);
  assert.match(
    system.written.stderr,
    /an installation was interrupted[\s\S]*`macvtap-render rollback`/,
  );
});

test('where no file changes and nothing is pending, no message says that a domain moves', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  rmSync(join(root, PENDING), { recursive: true });
  const WARNING =
    /warning\[guest-cut-off\].*`vm1`.* No file changes and no change is pending, so no activation moves it\./;
  for (const words of [
    ['--root', '/'],
    ['--root', '/', '--dry-run'],
  ]) {
    const { status, stderr } = await install(root, words);
    assert.is(status, 0, stderr);
    assert.match(stderr, WARNING);
    assert.not.match(stderr, /moved|`--force` writes/);
  }
  const apply = await install(root, [], { command: ['apply', '--dry-run'] });
  assert.match(apply.stderr, WARNING);
  assert.not.match(apply.stderr, /would be moved/);
  // Nothing is written, whatever `--force` is.
  const strict = await install(root, ['--root', '/', '--strict']);
  assert.is(strict.status, 4);
  assert.match(strict.stderr, /\nNothing was written\.\n$/);
});

test('a domain that cannot follow prevents the installation; `--force` installs', async () => {
  const root = hostWith(bridged(1, `<filterref filter='x'/>`));
  const { status, stderr } = await install(root, ['--root', '/']);
  assert.is(status, 4);
  assert.match(stderr, /error\[guest-cut-off\].*`vm1`/);
  assert.not.ok(existsSync(join(root, PENDING)));
  assert.is((await install(root, ['--root', '/', '--force'])).status, 0);
  const unkept = hostWith(bridged());
  assert.match(
    (await install(unkept, ['--root', '/', '--no-backup'])).stderr,
    /guest-cut-off.*`--no-backup`/,
  );
});

test('`--no-backup` over a pending change moves what that has kept, and nothing else', async () => {
  const root = hostWith(bridged());
  const definition = readFileSync(join(root, DEFINITION), 'utf8');
  rmSync(join(root, DEFINITION));
  await install(root, ['--root', '/']);
  writeFileSync(join(root, DEFINITION), definition);
  const late = await install(root, ['--root', '/', '--no-backup']);
  assert.is(late.status, 4, late.stderr);
  assert.match(
    late.stderr,
    /error\[guest-cut-off\].*`vm1`.* Nothing is kept .*\n.*help: Leave `--no-backup` out/,
  );
  assert.not.match(late.stderr, /moved/);
  assert.not.ok(existsSync(join(root, PENDING, 'domains')));
  await install(root, ['--root', '/']);
  const kept = await install(root, ['--root', '/', '--no-backup']);
  assert.is(kept.status, 0, kept.stderr);
  assert.match(kept.stderr, /^moved by the activation: domain `vm1`/m);
});

test('of files for another tree no domain is asked for', async () => {
  const root = hostWith(bridged());
  const { status, stderr, record } = await install(root, [
    '--root',
    temporaryFolder(),
    '--dry-run',
  ]);
  assert.is(status, 0, stderr);
  assert.match(stderr, /\n\d\. Domains of libvirt .* do not follow by themselves/);
  assert.equal(
    record.filter((line) => /^(?:virsh|ip) /.test(line)),
    [],
  );
});

test.run();
