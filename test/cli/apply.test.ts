/** `apply`, `confirm`, `rollback`: what they refuse, print and choose, before anything is touched. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { compile } from '../../src/compile.ts';
import { referencePage } from '../../src/explain/reference.ts';
import { distributionOf } from '../../src/targets/distributions.ts';
import { type FakeWorld, fakeSystem } from '../fake-system.ts';
import { intentOf } from '../golden/cases.ts';
import {
  BASE,
  IFUPDOWN,
  layOut,
  NETPLAN,
  NETWORKD,
  NETWORKD_ON,
  NETWORKMANAGER,
  on,
  type Tree,
} from '../host/trees.ts';
import { problemsOf } from '../output-schema.ts';

interface Seen {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly record: readonly string[];
}

/** Runs the command on a host that is a folder. */
async function at(
  root: string,
  args: readonly string[],
  programs: FakeWorld['programs'] = {},
  more: FakeWorld['files'] = {},
): Promise<Seen> {
  const system = fakeSystem({
    root,
    args: args.map((word) => ({ INTENT: '/i.yaml', WRONG: '/wrong.yaml' })[word] ?? word),
    files: {
      '/i.yaml': intentOf('original'),
      '/wrong.yaml': 'version: 1\nshim: {}\n',
      ...more,
    },
    programs: { id: '0\n', ...programs },
  });
  const status = await run(system, '0.0.0');
  return { status, ...system.written, record: system.record };
}

/** As sd_booted(3) asks: a folder. */
const BOOTED: Tree = { 'run/systemd/system/lab.target': '' };
const host = (tree: Tree): string => layOut({ ...BASE, ...BOOTED, ...tree });
const networkd = (more: Tree = {}): string => host({ ...NETWORKD, ...NETWORKD_ON, ...more });

const put = (root: string, path: string, text = ''): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

const SITE: Tree = {
  'etc/systemd/network/20-eth0.network':
    '[Match]\nName=eth0\n[Network]\nAddress=198.51.100.50/24\nGateway=198.51.100.254\n',
};

test('--dry-run prints what would happen, and touches nothing', async () => {
  const root = networkd(SITE);
  const { status, stderr, stdout } = await at(root, ['apply', 'INTENT', '--dry-run']);
  assert.is(status, 0, stderr);
  assert.match(stderr, /What the activation does/);
  assert.match(stderr, /^would be created: .*00-macvtap-veth0\.netdev$/m);
  assert.match(stderr, /Nothing was changed \(--dry-run\)\.\n$/);
  assert.is(stdout, '');
  assert.not.ok(readdirSync(join(root, 'etc')).includes('macvtap-render'));
});

test('--format json prints one document, and nothing on standard error', async () => {
  const args = ['apply', 'INTENT', '--dry-run', '--format', 'json'];
  const { status, stdout, stderr } = await at(networkd(SITE), args);
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  assert.is(problemsOf(stdout), '');
  const document = JSON.parse(stdout) as {
    command: string;
    hosts: { result: string; backend: string; files: { path: string; change: string }[] }[];
  };
  assert.is(document.command, 'apply');
  const [only] = document.hosts;
  assert.is(only?.result, 'would-change');
  assert.is(only?.backend, 'networkd');
  assert.ok(only?.files.some(({ change }) => change === 'created'));
});

test('what refuses a change, or has nothing to change, is a document, too', async () => {
  const json = ['--format', 'json'];
  const root = host({ ...NETWORKMANAGER, ...on('NetworkManager.service'), ...NETWORKD });
  const args = ['apply', 'INTENT', '--backend', 'networkd', ...json];
  for (const [ran, result] of [
    [await at(root, args), 'refused'],
    [await at(networkd(), ['apply', 'INTENT', ...json], { id: '7\n' }), 'refused'],
  ] as const) {
    assert.is(problemsOf(ran.stdout), '');
    assert.is(JSON.parse(ran.stdout).hosts[0].result, result);
  }
  const wrong = await at(networkd(), ['apply', 'WRONG', ...json]);
  assert.is(wrong.status, 2);
  assert.is(problemsOf(wrong.stdout), '');
  assert.equal(JSON.parse(wrong.stdout).hosts, []);
});

test('the back end is that of the files on the host, else that of the owner of its network', async () => {
  for (const [root, backend] of [
    [networkd(SITE), '00-macvtap-veth0.netdev'],
    [host({ ...NETWORKMANAGER, ...on('NetworkManager.service') }), 'macvtap-veth0.nmconnection'],
    [
      host({ ...IFUPDOWN, ...on('networking.service'), 'usr/sbin/ifup': '' }),
      'interfaces.d/60-macvtap',
    ],
  ] as const) {
    const { stderr } = await at(root, ['apply', 'INTENT', '--dry-run', '--force']);
    assert.ok(stderr.includes(backend), `${backend}: ${stderr}`);
  }
  const unknown = await at(host({}), ['apply', 'INTENT', '--dry-run']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, /`--backend ID`/);
});

test('a back end of the intent is installed: another than that of the host is a change of its owner', async () => {
  const text = intentOf('original').replace(/^host: .*$/m, '$&\nbackend: networkmanager');
  const dry = (root: string, ...words: string[]): Promise<Seen> =>
    at(root, ['apply', '/own.yaml', '--dry-run', ...words], {}, { '/own.yaml': text });
  const here = host({ ...NETWORKMANAGER, ...on('NetworkManager.service') });
  const right = await dry(here);
  assert.is(right.status, 0, right.stderr);
  assert.match(right.stderr, /^would be created: .*macvtap-veth0\.nmconnection$/m);
  const there = networkd({ ...SITE, ...NETWORKMANAGER });
  const other = await dry(there);
  assert.match(other.stderr, /error\[other-network-owner\]/);
  assert.is(other.status, 4);
  const switched = await dry(there, '--switch', '--force');
  assert.is(switched.status, 0, switched.stderr);
  assert.match(switched.stderr, /systemd-networkd/);
  // The command line wins.
  assert.match((await dry(there, '-b', 'networkd')).stderr, /00-macvtap-veth0\.netdev/);
});

test('only root, and one change at a time', async () => {
  const root = networkd(SITE);
  const other = await at(root, ['apply', 'INTENT'], { id: '1000\n' });
  assert.is(other.status, 4);
  assert.match(other.stderr, /only root can change the network/);
  put(root, 'etc/macvtap-render/pending/change');
  const second = await at(root, ['apply', 'INTENT']);
  assert.is(second.status, 4);
  assert.match(second.stderr, /a change is pending already/);
  assert.not.ok(
    second.record.some((line) => line.startsWith('sh ')),
    'nothing is run',
  );
});

const bridge = (stp: boolean): string => `version: 1
host: kvm1
parents:
  br0:
    type: bridge
    interfaces: [eth0]
    parameters: {stp: ${stp}}
    addresses: [198.51.100.50/24]
`;

/** A host with the generated files of an intent. */
function installed(intent: string, backend: string, target?: string): string {
  const root = networkd();
  const spec = distributionOf(target ?? '');
  const { sets } = compile(intent, {
    file: 'i.yaml',
    backends: [backend],
    ...(spec && { target: spec }),
  });
  for (const { path, text } of sets?.[0]?.files ?? []) put(root, path.slice(1), text);
  return root;
}

test('files that were installed with `--target` stay what they are without it', async () => {
  const original = intentOf('original');
  const args = ['apply', 'INTENT', '--dry-run'];
  const root = installed(original, 'networkd', 'debian-11');
  const same = await at(root, args);
  assert.match(same.stderr, /Up to date: nothing to change\./, same.stderr);
});

test('files of a target are not replaced silently where the intent has changed, too', async () => {
  const original = intentOf('original');
  const args = ['apply', 'INTENT', '--dry-run'];
  const other = { '/i.yaml': original.replace('198.51.100.50', '198.51.100.51') };
  const warning = /target-not-named(?:.|\n)*--target debian-11/;
  const root = installed(original, 'networkd', 'debian-11');
  const unnamed = await at(root, args, {}, other);
  assert.is(unnamed.status, 0, unnamed.stderr);
  assert.match(unnamed.stderr, warning);
  assert.match(
    referencePage('target-not-named') ?? '',
    /A warning: files are written, unless `--strict` is given\./,
  );
  assert.is((await at(root, [...args, '--strict'], {}, other)).status, 4);
  const named = await at(root, [...args, '--target', 'debian-11'], {}, other);
  assert.not.match(named.stderr, warning);
  const newest = await at(installed(original, 'networkd'), args, {}, other);
  assert.not.match(newest.stderr, warning);
  // Every change that adds a line which an old version does not know looks like a target: its host must fit.
  const back = `version: 1
host: kvm1
parents:
  eth0: {addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.254}], link-local: []}
`;
  for (const [release, isWarned] of [
    ['11', true],
    ['13', false],
  ] as const) {
    const here = installed(original, 'networkd', 'debian-11');
    put(here, 'etc/os-release', `ID=debian\nVERSION_ID="${release}"\n`);
    for (const text of [other['/i.yaml'], back]) {
      const { stderr } = await at(here, args, {}, { '/i.yaml': text });
      assert.is(warning.test(stderr), isWarned, stderr);
    }
  }
});

test('what only a reboot changes needs `--reboot`', async () => {
  const args = ['apply', 'INTENT', '--dry-run'];
  const live = await at(
    installed(bridge(false), 'networkd'),
    args,
    {},
    { '/i.yaml': bridge(true) },
  );
  assert.is(live.status, 4);
  assert.match(live.stderr, /only a reboot changes `br0`\n {2}help: Add `--reboot`/);
  const booted = [...args, '--reboot'];
  const root = installed(bridge(false), 'networkd');
  assert.is((await at(root, booted, {}, { '/i.yaml': bridge(true) })).status, 0);
  const same = await at(installed(bridge(true), 'networkd'), args, {}, { '/i.yaml': bridge(true) });
  assert.is(same.status, 0, same.stderr);
});

test('what conflicts on the host refuses it', async () => {
  const root = host({ ...NETWORKMANAGER, ...on('NetworkManager.service'), ...NETWORKD });
  const { status, stderr } = await at(root, ['apply', 'INTENT', '--backend', 'networkd']);
  assert.is(status, 4);
  assert.match(stderr, /other-network-owner/);
  assert.match(stderr, /Nothing was changed\.\n$/);
});

test('--switch says which systems it disables and enables', async () => {
  const root = host({ ...NETWORKMANAGER, ...on('NetworkManager.service'), ...NETWORKD });
  const args = ['apply', 'INTENT', '--backend', 'networkd', '--switch', '--dry-run'];
  const { status, stderr } = await at(root, args);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^would be disabled: NetworkManager\.service$/m);
  assert.match(stderr, /^would be enabled: systemd-networkd\.service$/m);
  const missing = host({ ...NETWORKMANAGER, ...on('NetworkManager.service'), ...IFUPDOWN });
  const none = await at(missing, ['apply', 'INTENT', '--backend', 'networkd', '--switch']);
  assert.is(none.status, 4);
  assert.match(none.stderr, /systemd-networkd\.service is not installed/);
});

test('what the remedy of a file of ifupdown names takes its links over', async () => {
  const file = '/etc/network/interfaces';
  const stanza = 'auto eth0\niface eth0 inet static\n  address 198.51.100.50/24\n';
  const tree = { ...NETWORKD, ...IFUPDOWN, ...on('networking.service'), [file.slice(1)]: stanza };
  const root = host({ ...tree, 'usr/sbin/ifup': '' });
  const args = ['apply', 'INTENT', '--backend', 'networkd', '--dry-run'];
  const alone = await at(root, args);
  assert.is(alone.status, 4);
  assert.match(
    alone.stderr,
    /ifupdown-claims-link.*\n.*`apply --switch --move \/etc\/network\/interfaces`/,
  );
  const taken = await at(root, [...args, '--switch', '--move', file]);
  assert.is(taken.status, 0, taken.stderr);
  assert.match(taken.stderr, /^would be moved: \/etc\/network\/interfaces /m);
});

test('`--move` without a change of files is refused, and what it would solve is still there', async () => {
  const old = 'etc/systemd/network/00-a.network';
  const root = networkd({ ...SITE, [old]: '[Match]\nName=eth0\n[Network]\nDHCP=yes\n' });
  const moved = ['--move', `/${old}`];
  const first = await at(root, ['apply', 'INTENT', '--dry-run', ...moved]);
  assert.is(first.status, 0, first.stderr);
  const files = ['INTENT', '-b', 'networkd', '--root', '/', '--force', '--no-backup'];
  assert.is((await at(root, files)).status, 0);
  const again = await at(root, ['apply', 'INTENT', ...moved]);
  assert.is(again.status, 4);
  assert.match(
    again.stderr,
    /error\[shadowed\].*\n.*`apply --move \/etc\/systemd\/network\/00-a\.network`/,
  );
  assert.match(
    again.stderr,
    /`--move` takes \/etc\/systemd\/network\/00-a\.network along with a change/,
  );
  const plain = await at(root, ['apply', 'INTENT']);
  assert.is(plain.status, 4);
  assert.match(plain.stderr, /help: Fix it first\./);
});

test('--switch from ifupdown needs a reboot where the NIC is a port of its bridge', async () => {
  const root = host({
    ...IFUPDOWN,
    ...on('networking.service'),
    ...NETWORKD,
    'etc/network/interfaces': 'auto br0\niface br0 inet dhcp\n    bridge_ports eth0\n',
  });
  // As the kernel has it: a link to the device.
  const device = join(root, 'sys/devices/virtual/net/eth0');
  for (const folder of [device, join(root, 'sys/class/net')])
    mkdirSync(folder, { recursive: true });
  symlinkSync('../../devices/virtual/net/eth0', join(root, 'sys/class/net/eth0'));
  const args = ['apply', 'INTENT', '--backend', 'networkd', '--switch', '--dry-run', '--force'];
  const free = await at(root, args);
  assert.is(free.status, 0, free.stderr);
  assert.match(free.stderr, /^would be disabled: networking\.service$/m);
  symlinkSync('../br0', join(device, 'master'));
  const held = await at(root, args);
  assert.is(held.status, 4);
  assert.match(
    held.stderr,
    /`eth0` is a port of a bridge or bond of ifupdown.*\n {2}help: Add `--reboot`/,
  );
  assert.is((await at(root, [...args, '--reboot'])).status, 0);
  // ifupdown2 takes its bridge down.
  mkdirSync(join(root, 'etc/network/ifupdown2'));
  assert.is((await at(root, args)).status, 0);
});

test('without systemd as init networkd, --switch and --reboot are refused, and NetworkManager is not', async () => {
  const tree = { ...BASE, ...NETWORKMANAGER, ...on('NetworkManager.service'), ...NETWORKD };
  const root = layOut(tree);
  const withBackend = (...words: string[]) =>
    at(root, ['apply', 'INTENT', '--dry-run', '--backend', ...words]);
  for (const backend of ['networkd', 'netplan-networkd']) {
    const { status, stderr } = await withBackend(backend);
    assert.is(status, 4);
    assert.match(stderr, /systemd-networkd runs under systemd only/);
    assert.match(stderr, /Nothing was changed\.\n$/);
  }
  const { status, stderr } = await withBackend('networkmanager');
  assert.is(status, 0, stderr);
  assert.match(stderr, /^Without systemd a reboot keeps the change/m);
  assert.match(
    (await withBackend('networkmanager', '--switch')).stderr,
    /`--switch` enables units/,
  );
  assert.match(
    (await withBackend('networkmanager', '--reboot')).stderr,
    /`--reboot` needs systemd/,
  );
});

test('--switch away from netplan moves the YAML that has the link, and no other', async () => {
  const yaml = (link: string): string =>
    `network:\n  version: 2\n  ethernets:\n    ${link}: {dhcp4: true}\n`;
  const root = host({
    ...NETWORKD,
    ...NETWORKD_ON,
    ...NETPLAN,
    'etc/netplan/50-cloud-init.yaml': yaml('eth0'),
    'etc/netplan/70-storage.yaml': yaml('eth9'),
  });
  const args = ['apply', 'INTENT', '--backend', 'networkd', '--switch', '--dry-run'];
  const { stderr } = await at(root, args);
  assert.match(stderr, /^would be moved: \/etc\/netplan\/50-cloud-init\.yaml /m);
  assert.not.match(stderr, /moved: .*storage/);
});

test('--move takes a file that is there, below /etc', async () => {
  const root = networkd({
    ...SITE,
    'etc/systemd/network/10-br0.netdev': '[NetDev]\nName=br0\nKind=bridge\n',
  });
  const at0 = (path: string) => at(root, ['apply', 'INTENT', '--dry-run', '--move', path]);
  const { stderr } = await at0('/etc/systemd/network/10-br0.netdev');
  assert.match(stderr, /^would be moved: \/etc\/systemd\/network\/10-br0\.netdev /m);
  assert.match((await at0('/etc/systemd/network/gone')).stderr, /there is no file/);
  for (const wrong of ['/var/x', 'etc/x', '/etc/../root/x', '/etc/a\nb', '/etc/']) {
    assert.is((await at0(wrong)).status, 3, wrong);
  }
});

test('ifupdown: the old stanzas of the links go with the change', async () => {
  const root = host({
    ...IFUPDOWN,
    ...on('networking.service'),
    'usr/sbin/ifup': '',
    'etc/network/interfaces':
      'source /etc/network/interfaces.d/*\nauto eth0\niface eth0 inet dhcp\n',
  });
  const { status, stderr } = await at(root, ['apply', 'INTENT', '--dry-run']);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^would be changed: \/etc\/network\/interfaces /m);
  assert.not.match(stderr, /ifupdown-other-stanza/);
});

test('ifupdown: a bridge goes with the files that are named, and what else is in them stays', async () => {
  const bridge = 'auto br0\niface br0 inet dhcp\n    bridge_ports eth0\n';
  const lines = 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n';
  const tree = (more: string) =>
    host({
      ...IFUPDOWN,
      ...on('networking.service'),
      'usr/sbin/ifup': '',
      'etc/network/interfaces': `${lines}${bridge}${more}`,
    });
  const args = ['apply', 'INTENT', '--dry-run'];
  const named = [...args, '--move', '/etc/network/interfaces'];
  const unnamed = await at(tree(''), args);
  assert.is(unnamed.status, 4);
  assert.match(unnamed.stderr, /ifupdown-enslaves-link/);
  const { status, stderr } = await at(tree(''), named);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^would be changed: \/etc\/network\/interfaces \(without /m);
  assert.not.match(stderr, /ifupdown-enslaves-link|would be moved/);
  const port = 'etc/network/interfaces.d/eth0';
  const apart = host({
    ...IFUPDOWN,
    ...on('networking.service'),
    'usr/sbin/ifup': '',
    'etc/network/interfaces': `${lines}auto eth0\n${bridge}`,
    [port]: 'iface eth0 inet manual\n',
  });
  const other = await at(apart, [...args, '--move', `/${port}`]);
  assert.is(other.status, 4, 'the file of the bridge is not named');
  assert.match(other.stderr, /ifupdown-enslaves-link/);
  const vlan = await at(tree('iface br0.5 inet manual\n'), named);
  assert.is(vlan.status, 4);
  assert.match(vlan.stderr, /interfaces:7 needs the bridge br0, which the change removes/);
  assert.match(vlan.stderr, /Nothing was changed\.\n$/);
});

test('confirm and rollback: without a change they say so; with one they run its script', async () => {
  for (const word of ['confirm', 'rollback']) {
    const root = networkd();
    const none = await at(root, [word]);
    assert.is(none.status, 4);
    assert.match(none.stderr, /no change is pending/);
    assert.is(/as it was before/.test(none.stderr), word === 'rollback');
    put(root, 'etc/macvtap-render/pending/change');
    const { status, stderr, record } = await at(root, [word], { sh: 'macvtap: It is done.\n' });
    assert.is(status, 0);
    assert.is(stderr, 'It is done.\n');
    assert.equal(record, [`sh /etc/macvtap-render/pending/change ${word}`]);
    const late = await at(root, [word], { sh: { status: 1, stderr: 'macvtap: Too late.\n' } });
    assert.is(late.status, 4);
    assert.match(late.stderr, /Too late/);
  }
});

test('options that are not of the command, or not together', async () => {
  const root = networkd();
  for (const args of [
    ['apply', 'INTENT', '--timeout', '5s'],
    ['apply', 'INTENT', '--yes', '--reboot'],
    ['apply', 'INTENT', '--root', '/'],
    ['apply', 'INTENT', '--backend', 'libvirt'],
    ['lint', 'INTENT', '--yes'],
    ['check', 'INTENT', '--backend', 'networkd', '--switch'],
    ['confirm', 'INTENT'],
    ['rollback', '--backend', 'networkd'],
  ]) {
    assert.is((await at(root, args)).status, 3, args.join(' '));
  }
});

test.run();
