/** libvirt's domains in an installation on this host: the change script gets the same of them as from `apply`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../command.ts';
import { bridged, domainXml, MAC, UUID } from '../domains/domains.ts';
import { fakeSystem } from '../fake-system.ts';

const PENDING = 'etc/macvtap-render/pending';
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

async function install(root: string, words: readonly string[], mode = 'bridge') {
  const xml = readFileSync(join(root, 'etc/libvirt/qemu/vm1.xml'), 'utf8');
  const system = fakeSystem({
    root,
    args: ['/i.yaml', '-b', 'networkd', ...words],
    files: { '/i.yaml': intentWith(mode) },
    programs: {
      ip: (args) => (args.includes('addr') ? LINKS : '[]'),
      virsh: (args) => {
        if (args.some((word) => word.startsWith('--with-'))) return '';
        return args.includes('list') ? `${UUID}1\n` : xml;
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
  const line = /would be moved: domain `vm1` \(stored and running\).* from bridge `br0` to macvtap/;
  const dry = await install(root, ['--root', '/', '--dry-run']);
  assert.is(dry.status, 0, dry.stderr);
  assert.match(dry.stderr, line);
  assert.not.ok(existsSync(join(root, PENDING)));
  const { status, stderr } = await install(root, ['--root', '/']);
  assert.is(status, 0, stderr);
  assert.match(stderr, line);
  assert.is(noteIn(root, 'domains'), `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`);
  for (const name of ['domain-1-stored', 'domain-1-after'])
    assert.match(noteIn(root, name), /^<interface type="direct".*<source dev="eth0" mode="bridge"/);
  assert.is(noteIn(root, 'files/etc/libvirt/qemu/vm1.xml'), domainXml(bridged()));
  // Again, while it is pending.
  const again = await install(root, ['--root', '/']);
  assert.is(again.status, 0, again.stderr);
  assert.is(noteIn(root, 'domain-1-after').split('\n').length, 2);
});

test('a pending change that moves domains in another way is not mixed with this one', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  const other = await install(root, ['--root', '/'], 'private');
  assert.is(other.status, 4);
  assert.match(other.stderr, /a change is pending already, and moves other domains/);
  assert.not.match(noteIn(root, 'domain-1-after'), /private/);
  // They have been moved by the activation.
  writeFileSync(join(root, PENDING, 'domains-stored'), '');
  writeFileSync(join(root, 'etc/libvirt/qemu/vm1.xml'), domainXml(''));
  const moved = await install(root, ['--root', '/']);
  assert.is(moved.status, 0, moved.stderr);
});

test('an interrupted installation that cannot be resumed leads to the rollback, and is not confirmed', async () => {
  const root = hostWith(bridged());
  await install(root, ['--root', '/']);
  writeFileSync(join(root, PENDING, 'installing'), '');
  // Of an earlier version, which would confirm it.
  writeFileSync(join(root, PENDING, 'change'), 'exit 0\n');
  const other = await install(root, ['--root', '/'], 'private');
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
