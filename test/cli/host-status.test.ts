/** `status`, as it is run on a host: what it asks, what it prints, and how it ends. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../command.ts';
import { type FakeWorld, fakeSystem } from '../fake-system.ts';
import { runHere } from '../in-process.ts';
import { problemsOf } from '../output-schema.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const INTENT = readFileSync(new URL('../../golden/original/intent.yaml', import.meta.url), 'utf8');

/** As `ip` prints the host of the original, with `veth0` in some mode. */
const linksIn = (mode: string): string =>
  JSON.stringify([
    {},
    { ifindex: 2, ifname: 'eth0', flags: ['UP', 'LOWER_UP'], mtu: 1500, addr_info: [] },
    {
      ifindex: 3,
      ifname: 'veth0',
      link: 'eth0',
      flags: ['UP', 'LOWER_UP'],
      mtu: 1500,
      address: 'ce:56:b6:6f:2b:36',
      linkinfo: { info_kind: 'macvlan', info_data: { mode } },
      addr_info: [{ family: 'inet', local: '198.51.100.50', prefixlen: 24 }],
    },
  ]);

const ROUTES = JSON.stringify([
  { dst: 'default', gateway: '198.51.100.254', dev: 'veth0', protocol: '4', flags: [] },
  { dst: '198.51.100.0/24', dev: 'veth0', protocol: '2', scope: '253', flags: [] },
]);

const worldOf = (root: string, mode = 'bridge'): FakeWorld => ({
  root,
  files: {
    'macvtap.yaml': INTENT,
    '/run/systemd/netif/links/2': 'ADMIN_STATE=configured\n',
    '/run/systemd/netif/links/3': 'ADMIN_STATE=configured\n',
    '/proc/sys/net/ipv4/conf/eth0/arp_ignore': '1\n',
  },
  programs: {
    'ip -j -d addr': linksIn(mode),
    'ip -4 -N -j -d route show table all': ROUTES,
    ip: '[]',
  },
});

async function status(world: FakeWorld, ...more: readonly string[]) {
  const system = fakeSystem({ ...world, args: ['status', 'macvtap.yaml', ...more] });
  const ended = await run(system, '0.0.0');
  return { status: ended, ...system.written, record: system.record };
}

async function installed(...backends: readonly string[]): Promise<string> {
  const root = temporaryFolder();
  for (const backend of backends) {
    assert.is((await runHere(ORIGINAL, '-b', backend, '--root', root, '--no-prune')).status, 0);
  }
  return root;
}

test('an installed host needs no option; what is right ends with 0', async () => {
  const root = await installed('networkd');
  const ran = await status(worldOf(root));
  assert.is(ran.stderr, '');
  assert.is(
    ran.stdout,
    'Network  as the intent says (networkd)\nFiles    up to date (7 files)\nChange   none pending\n',
  );
  assert.is(ran.status, 0);
  // It only asks.
  for (const line of ran.record) {
    assert.match(
      line,
      /^(?:ip (?:-[46] )?(?:-N )?-j (?:-d )?(?:addr|route show table all|rule|neigh)|resolvectl dns|systemctl show .*)$/,
    );
  }
});

test('files for the versions of this host need no option either', async () => {
  const root = temporaryFolder();
  const words = ['-b', 'networkd', '--target', 'debian-11', '--root', root];
  assert.is((await runHere(ORIGINAL, ...words)).status, 0);
  const world = worldOf(root);
  const on = (id: string): FakeWorld => ({
    ...world,
    files: { ...world.files, '/etc/os-release': `ID=debian\nVERSION_ID="${id}"\n` },
  });
  const ran = await status(on('11'));
  assert.match(ran.stdout, /^Files {4}up to date \(\d files, for the versions of this host\)$/m);
  assert.is(ran.status, 0);
  // On another host they are not what it would get; and one that is asked for is the one compared.
  assert.is((await status(on('13'))).status, 1);
  assert.is((await status(on('11'), '--target', 'debian-13')).status, 1);
  assert.is((await status(world)).status, 1);
});

test('drift ends with 1, with its fix; files and a pending change are seen', async () => {
  const root = await installed('networkd');
  const ran = await status(worldOf(root, 'vepa'));
  assert.is(ran.status, 1);
  assert.match(
    ran.stdout,
    /^error\[link-setting-drift\]: `veth0` has mode vepa, not bridge\.\n {2}help: /,
  );
  assert.match(ran.stdout, /^Network {2}1 error/m);
  rmSync(join(root, 'etc/sysctl.d/90-macvtap.conf'));
  const missing = await status(worldOf(root));
  assert.is(missing.status, 1);
  assert.match(missing.stdout, /error\[file-missing\]/);
  assert.match(
    missing.stdout,
    /^Files {4}1 error; `macvtap-render check` prints the difference \(name `--target` if/m,
  );
  mkdirSync(join(root, 'etc/macvtap-render/pending'), { recursive: true });
  writeFileSync(join(root, 'etc/macvtap-render/pending/boot'), '\n');
  assert.match(
    (await status(worldOf(root))).stdout,
    /^Change {3}pending: `macvtap-render confirm` keeps it$/m,
  );
});

test('a document for programs', async () => {
  const root = await installed('networkd');
  const ran = await status(worldOf(root, 'vepa'), '--format', 'json');
  assert.is(ran.status, 1);
  assert.is(problemsOf(ran.stdout), '');
  const { hosts } = JSON.parse(ran.stdout);
  assert.is(hosts[0].host, 'kvm1');
  assert.is(hosts[0].backend, 'networkd');
  assert.is(hosts[0].isDrift, true);
  assert.equal(
    hosts[0].running.map(({ code, link }: { code: string; link: string }) => [code, link]),
    [['link-setting-drift', 'veth0']],
  );
  const right = await status(worldOf(root), '--format', 'json');
  assert.is(right.status, 0);
  assert.is(problemsOf(right.stdout), '');
  assert.is(JSON.parse(right.stdout).hosts[0].isDrift, false);
});

test('the back end is that of the files; where it is not clear, it is asked for', async () => {
  for (const backend of [
    ...['networkd', 'networkmanager', 'ifupdown', 'netplan-networkd', 'netplan-networkmanager'],
  ]) {
    const ran = await status(worldOf(await installed(backend)), '--format', 'json');
    assert.is(JSON.parse(ran.stdout).hosts[0].backend, backend);
  }
  // The target of the files needs no `--backend` beside it.
  const ofTarget = await status(worldOf(await installed('networkd')), '--target', 'debian-13');
  assert.ok(ofTarget.status <= 1, ofTarget.stderr);
  const none = await status(worldOf(temporaryFolder()));
  assert.is(none.status, 3);
  assert.match(none.stderr, /no generated files on this host: name the back end/);
  const two = await status(worldOf(await installed('networkmanager', 'ifupdown')));
  assert.is(two.status, 3);
  assert.match(two.stderr, /several back ends on this host \(`networkmanager`, `ifupdown`\)/);
  const guests = await status(worldOf(temporaryFolder()), '-b', 'libvirt');
  assert.is(guests.status, 3);
  assert.match(guests.stderr, /`libvirt` configures no link of the host/);
});

test('without `ip` nothing is known, and that is an error', async () => {
  const root = await installed('networkd');
  const ran = await status({ ...worldOf(root), programs: {} });
  assert.is(ran.status, 1);
  assert.match(ran.stdout, /error\[state-unreadable\]: `ip`: is not installed\./);
});

test('the back end that the intent names is that of the host, whatever lies there; flags win', async () => {
  const withKeys = (world: FakeWorld, keys: string): FakeWorld => ({
    ...world,
    files: { ...world.files, 'macvtap.yaml': INTENT.replace(/^host: .*$/m, `$&\n${keys}`) },
  });
  const both = worldOf(await installed('networkmanager', 'networkd'));
  const backendIn = async (keys: string, ...more: string[]): Promise<unknown> => {
    const ran = await status(withKeys(both, keys), '--format', 'json', ...more);
    return JSON.parse(ran.stdout).hosts[0]?.backend;
  };
  assert.is(await backendIn('backend: networkd'), 'networkd');
  assert.is(await backendIn('backend: [libvirt, networkmanager]'), 'networkmanager');
  assert.is(await backendIn('backend: networkmanager', '-b', 'networkd'), 'networkd');
  assert.is(
    await backendIn('backend: netplan', '--renderer', 'NetworkManager'),
    'netplan-networkmanager',
  );
  // One that only guests have says nothing about the host.
  const guests = await status(withKeys(both, 'backend: libvirt'));
  assert.is(guests.status, 3);
  assert.match(guests.stderr, /generated files of several back ends on this host/);
  const two = await status(withKeys(both, 'backend: [networkd, networkmanager]'));
  assert.is(two.status, 3);
  assert.match(two.stderr, /`status` takes one back end here, and the intent of `kvm1` names/);
  // Installed with the target of the intent, it is up to date by the intent alone.
  const root = temporaryFolder();
  const file = join(temporaryFolder(), 'macvtap.yaml');
  writeFileSync(file, INTENT.replace(/^host: .*$/m, '$&\nbackend: networkd\ntarget: debian-11'));
  assert.is((await runHere(file, '--root', root)).status, 0);
  const own = await status(withKeys(worldOf(root), 'target: debian-11'));
  assert.match(own.stdout, /^Files {4}up to date/m);
  const newer = await status(withKeys(worldOf(root), 'target: debian-13'));
  assert.match(newer.stdout, /prints the difference; `macvtap-render apply` installs them again$/m);
});

test.run();
