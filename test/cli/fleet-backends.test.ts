/** `backend` and `target` in the intent: hosts of several systems in one fleet, and flags against them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { runHere, runOn } from '../in-process.ts';
import { documentOf } from '../output-schema.ts';
import { folderOf, treeOf } from './fleet-hosts.ts';

const MIXED = `version: 1
defaults:
  backend: networkd
  shims:
    veth0:
      parent: eth0
      routes: [{to: default, via: 198.51.100.254}]
hosts:
  kvm1: {target: debian-12, shims: {veth0: {addresses: [198.51.100.50/24]}}}
  kvm2: {backend: networkmanager, target: rhel-9, shims: {veth0: {addresses: [198.51.100.51/24]}}}
  kvm3: {backend: netplan, renderer: NetworkManager, shims: {veth0: {addresses: [198.51.100.52/24]}}}
  kvm4: {backend: ifupdown, shims: {veth0: {addresses: [198.51.100.53/24]}}}
`;

const ONE = `version: 1
host: kvm1
shims:
  veth0:
    parent: eth0
    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
`;

/** A file for each host that only its system has. */
const MARKS: Readonly<Record<string, string>> = {
  kvm1: 'etc/systemd/network/00-macvtap-veth0.netdev',
  kvm2: 'etc/NetworkManager/system-connections/macvtap-veth0.nmconnection',
  kvm3: 'etc/netplan/60-macvtap.yaml',
  kvm4: 'etc/network/interfaces.d/60-macvtap',
};

function mixed(text = MIXED): { file: string; folder: string } {
  const folder = folderOf({ 'fleet.yaml': text });
  return { folder, file: join(folder, 'fleet.yaml') };
}

test('each host has the files of its system; what was written is up to date', async () => {
  const { file, folder } = mixed();
  const hosts = join(folder, 'hosts');
  const written = await runHere(file, '--root', hosts);
  assert.is(written.status, 0, written.stderr);
  for (const [host, mark] of Object.entries(MARKS)) {
    assert.ok(existsSync(join(hosts, host, mark)), mark);
    for (const other of Object.values(MARKS).filter((path) => path !== mark)) {
      assert.not.ok(existsSync(join(hosts, host, other)), `${host} ${other}`);
    }
  }
  assert.match(
    readFileSync(join(hosts, 'kvm3', MARKS['kvm3'] ?? ''), 'utf8'),
    /renderer: NetworkManager/,
  );
  const checked = await runHere('check', file, '--root', hosts, '--format', 'json');
  assert.is(checked.status, 0, checked.stdout);
  // The negative: the same tree is not that of another back end.
  writeFileSync(file, MIXED.replace('backend: ifupdown', 'backend: networkd'));
  const other = await runHere('check', file, '--root', hosts, '--format', 'json');
  assert.is(other.status, 1);
  const { hosts: found } = documentOf('check', other.stdout);
  assert.equal(
    found.filter(({ findings }) => findings.length > 0).map(({ host }) => host),
    ['kvm4'],
  );
  // What it had under the old system goes with the installation.
  assert.is((await runHere(file, '--root', hosts)).status, 0);
  assert.not.ok(existsSync(join(hosts, 'kvm4', MARKS['kvm4'] ?? '')));
  assert.is((await runHere('check', file, '--root', hosts)).status, 0);
});

test('the command line wins, for every host', async () => {
  const { file } = mixed();
  const flagged = documentOf(
    'render',
    (await runHere(file, '-b', 'networkd', '--target', 'debian-13', '--format', 'json')).stdout,
  );
  const plain = documentOf(
    'render',
    (
      await runHere(
        mixed(MIXED.replace(/(?:backend|target|renderer): [\w-]+(?:, |\n {2})/g, '')).file,
        '-b',
        'networkd',
        '--target',
        'debian-13',
        '--format',
        'json',
      )
    ).stdout,
  );
  const textsOf = ({ hosts }: typeof plain) =>
    hosts.map(({ host, files }) => [host, files.map(({ path, text }) => [path, text])]);
  assert.equal(textsOf(flagged), textsOf(plain));
  assert.is(flagged.hosts.length, 4);
});

test('--renderer and --target are for what the intent renders', async () => {
  const { file } = mixed();
  const over = (renderer: string) =>
    runHere(file, '--host', 'kvm3', '--renderer', renderer, '--format', 'json');
  assert.match((await over('networkd')).stdout, /"backend": "netplan-networkd"/);
  assert.match((await over('NetworkManager')).stdout, /"backend": "netplan-networkmanager"/);
  const none = await runHere(file, '--host', 'kvm1', '--renderer', 'networkd');
  assert.is(none.status, 3);
  assert.match(none.stderr, /`--renderer` is for the back end `netplan`/);
  const { file: without } = mixed(ONE);
  const lint = await runHere('lint', without, '--target', 'debian-12');
  assert.is(lint.status, 3);
  assert.match(lint.stderr, /`--target` needs `--backend ID`/);
  assert.is((await runHere('lint', file, '--target', 'debian-12', '--host', 'kvm1')).status, 0);
});

test('a target without the back end, and what it cannot, is reported for the host that has it', async () => {
  const { file } = mixed(MIXED.replace('backend: ifupdown', 'backend: ifupdown, target: rhel-9'));
  const { stdout, status } = await runHere('lint', file, '--format', 'json');
  const { diagnostics } = documentOf('lint', stdout);
  const found = diagnostics.filter(({ code }) => code === 'target-without-system');
  assert.equal(
    found.map(({ hosts, backend }) => [hosts, backend]),
    [[['kvm4'], 'ifupdown']],
  );
  assert.is(status, 2);
  // Of hosts that are not asked for, what is wrong with the intent counts, and nothing is rendered.
  const other = await runHere(file, '--host', 'kvm1');
  assert.is(other.status, 0);
  assert.is(other.stderr, '');
});

test('hosts without a back end beside others that have one: one error, and the others are written', async () => {
  const { file, folder } = mixed(
    MIXED.replace('  backend: networkd\n', '').replace('backend: ifupdown, ', ''),
  );
  const run = (...words: string[]) => runHere(...words, '--root', join(folder, 'hosts'));
  const { status, stderr } = await run(file);
  assert.is(status, 2);
  assert.is(stderr.match(/error\[backend-missing\]/g)?.length, 1, stderr);
  assert.match(stderr, /^ {2}8 \| {3}kvm1: /m);
  assert.match(stderr, /in 2 of 4 hosts/);
  assert.not.ok(existsSync(join(folder, 'hosts')));
  assert.is((await run(file, '--keep-going')).status, 2);
  assert.ok(existsSync(join(folder, 'hosts/kvm2', MARKS['kvm2'] ?? '')));
  assert.not.ok(existsSync(join(folder, 'hosts/kvm1')));
  // Named for all, or of no host that is asked for.
  assert.is((await run(file, '-b', 'networkd')).status, 0);
  assert.is((await runHere(file, '--host', 'kvm2')).status, 0);
  assert.is((await runHere('lint', file)).status, 2);
  // Of nobody it is a matter of the command line.
  const none = await runHere(mixed(ONE).file);
  assert.is(none.status, 3);
  assert.match(none.stderr, /`--backend ID` is missing .*, and the intent has no `backend`/);
});

test('packagings: a role with a group for each system, archives, one host', async () => {
  const { file, folder } = mixed();
  const role = join(folder, 'role');
  assert.is((await runHere(file, '--format', 'ansible', '--output', role)).status, 0);
  const inventory = parse(readFileSync(join(role, 'inventory.yml'), 'utf8'));
  assert.equal(Object.keys(inventory.macvtap.hosts), ['kvm1', 'kvm2', 'kvm3', 'kvm4']);
  assert.equal(inventory.macvtap.children, {
    macvtap_networkd: { vars: { macvtap_backend: 'networkd' }, hosts: { kvm1: {} } },
    macvtap_networkmanager: { vars: { macvtap_backend: 'networkmanager' }, hosts: { kvm2: {} } },
    macvtap_netplan_networkmanager: {
      vars: { macvtap_backend: 'netplan-networkmanager' },
      hosts: { kvm3: {} },
    },
    macvtap_ifupdown: { vars: { macvtap_backend: 'ifupdown' }, hosts: { kvm4: {} } },
  });
  for (const [host, mark] of Object.entries(MARKS)) {
    assert.ok(existsSync(join(role, 'files', host, mark)), mark);
    assert.match(readFileSync(join(role, `changes/${host}.sh`), 'utf8'), new RegExp(mark));
  }
  // One host rendered again: the inventory stays that of the fleet.
  const before = treeOf(role);
  assert.is(
    (await runHere(file, '--host', 'kvm2', '--format', 'ansible', '--output', role)).status,
    0,
  );
  assert.equal(treeOf(role), before);
  // By the command line the system of a host is not that of the intent: no groups.
  const flagged = join(folder, 'flagged');
  await runHere(file, '-b', 'networkd', '--format', 'ansible', '--output', flagged);
  const flat = parse(readFileSync(join(flagged, 'inventory.yml'), 'utf8'));
  assert.is(flat.macvtap.children, undefined);
  const tar = await runHere(file, '--format', 'tar');
  for (const [host, mark] of Object.entries(MARKS))
    assert.ok(tar.stdout.includes(`${host}/${mark}`));
  for (const format of ['cloud-init', 'ignition', 'stream']) {
    const one = await runHere(file, '--host', 'kvm2', '--format', format);
    assert.is(one.status, 0, one.stderr);
    assert.match(one.stdout, /NetworkManager/, format);
  }
  const group = mixed(MIXED.replace('kvm4:', 'macvtap_networkd:'));
  const named = await runHere(group.file, '--format', 'ansible', '--output', join(folder, 'x'));
  assert.is(named.status, 3);
  assert.match(named.stderr, /`macvtap_networkd` cannot be a host's name/);
});

test('several back ends of a host: a folder for each; what is of the host alone takes its network', async () => {
  const { file, folder } = mixed(
    MIXED.replace('backend: networkmanager', 'backend: [networkmanager, iproute2]'),
  );
  const hosts = join(folder, 'hosts');
  assert.is((await runHere(file, '--root', hosts)).status, 0);
  assert.ok(existsSync(join(hosts, 'networkmanager/kvm2', MARKS['kvm2'] ?? '')));
  assert.ok(existsSync(join(hosts, 'iproute2/kvm2')));
  assert.ok(existsSync(join(hosts, 'kvm1', MARKS['kvm1'] ?? '')));
  // Where a host's files are does not depend on which hosts are asked for.
  const before = treeOf(hosts);
  assert.is((await runHere(file, '--root', hosts, '--host', 'kvm2')).status, 0);
  assert.equal(treeOf(hosts), before);
  assert.is((await runHere('check', file, '--root', hosts)).status, 0);
  const mark = join(hosts, 'networkmanager/kvm2', MARKS['kvm2'] ?? '');
  writeFileSync(mark, `${readFileSync(mark, 'utf8')}# edited\n`);
  const edited = await runHere('check', file, '--root', hosts, '--format', 'json');
  assert.is(edited.status, 1);
  const found = documentOf('check', edited.stdout).hosts.find(({ host }) => host === 'kvm2');
  assert.equal(
    found?.patches.map(({ backend }) => backend),
    ['networkmanager'],
  );
  const role = await runHere(file, '--format', 'ansible', '--output', join(folder, 'role'));
  assert.is(role.status, 0);
  assert.match(role.stderr, /^Not included: `iproute2`, which the intent names too;/m);
  const stream = await runHere(file, '--host', 'kvm2');
  assert.is(stream.status, 3);
  assert.match(stream.stderr, /the intent of `kvm2` names `networkmanager`, `iproute2`/);
  assert.is((await runHere('steps', file, '--host', 'kvm2')).status, 0);
  // Of two systems for the network of one host none is preferred.
  const two = mixed(
    MIXED.replace('backend: networkmanager', 'backend: [networkmanager, networkd]'),
  );
  const steps = await runHere('steps', two.file, '--host', 'kvm2');
  assert.is(steps.status, 3);
  assert.match(steps.stderr, /takes one back end here, and the intent of `kvm2` names/);
  const guests = mixed(MIXED.replace('backend: networkmanager', 'backend: libvirt'));
  const unfit = await runHere('steps', guests.file, '--host', 'kvm2');
  assert.is(unfit.status, 3);
  assert.match(unfit.stderr, /`libvirt` does not configure \(kvm2\)/);
});

test('commands about one host, and a drawing, need no flag', async () => {
  const { file } = mixed();
  const explained = await runHere('explain', file, '--host', 'kvm2', '--format', 'json');
  assert.equal(
    [...new Set(documentOf('explain', explained.stdout).hosts[0]?.files.map((f) => f.backend))],
    ['networkmanager'],
  );
  const steps = await runHere('steps', file, '--host', 'kvm4', '--format', 'json');
  assert.is(documentOf('steps', steps.stdout).hosts[0]?.backend, 'ifupdown');
  assert.is((await runHere('graph', file, '--host', 'kvm3')).status, 0);
  const lint = documentOf('lint', (await runHere('lint', file, '--format', 'json')).stdout);
  assert.equal(
    lint.hosts.map(({ host, valid, backends }) => [host, valid, backends]),
    [
      ['kvm1', true, ['networkd']],
      ['kvm2', true, ['networkmanager']],
      ['kvm3', true, ['netplan-networkmanager']],
      ['kvm4', true, ['ifupdown']],
    ],
  );
});

test('diff: a host that changes its system, and one side that names none', async () => {
  const { file, folder } = mixed();
  const after = join(folder, 'after.yaml');
  writeFileSync(after, MIXED.replace('backend: ifupdown', 'backend: networkd'));
  const { stdout, status } = await runHere('diff', file, after, '--format', 'json');
  assert.is(status, 1);
  const changed = documentOf('diff', stdout).hosts.filter(({ patches }) => patches.length > 0);
  assert.equal(
    changed.map(({ host }) => host),
    ['kvm4'],
  );
  assert.equal(
    changed[0]?.changes.map(({ severity, message }) => [severity, message]),
    [
      [
        'may-lock-out',
        'The network of the host moves from ifupdown to systemd-networkd, which must be installed and enabled.',
      ],
    ],
  );
  assert.match(changed[0]?.patches[0]?.patch ?? '', /^-auto veth0/m);
  assert.match(changed[0]?.patches[0]?.patch ?? '', /^\+\[NetDev\]/m);
  // One that names none is compared under the other's: nothing changes, in both directions.
  const [plain, named] = [join(folder, 'plain.yaml'), join(folder, 'named.yaml')];
  writeFileSync(plain, ONE);
  writeFileSync(named, ONE.replace('host: kvm1', 'host: kvm1\nbackend: networkd'));
  assert.is((await runHere('diff', plain, named)).stdout, 'Nothing changes on the machine.\n');
  assert.is((await runHere('diff', named, plain)).stdout, 'Nothing changes on the machine.\n');
  writeFileSync(plain, ONE.replace('.254', '.253'));
  assert.match((await runHere('diff', plain, named)).stdout, /^networkd:$/m);
  assert.match((await runHere('diff', named, plain)).stdout, /^\+Gateway=198\.51\.100\.253$/m);
  // netplan's renderer, by the name of the back end.
  writeFileSync(plain, ONE.replace('host: kvm1', 'host: kvm1\nbackend: netplan-networkd'));
  writeFileSync(named, ONE.replace('host: kvm1', 'host: kvm1\nbackend: netplan-networkmanager'));
  const over = await runHere('diff', plain, named);
  assert.match(
    over.stdout,
    /moves from netplan over systemd-networkd to netplan over NetworkManager/,
  );
});

test('check of an installed host takes the back end that is there, unless the intent names one', async () => {
  const { file, folder } = mixed(ONE);
  const root = join(folder, 'root');
  assert.is((await runHere(file, '-b', 'networkmanager', '--root', root)).status, 0);
  for (const words of [
    ['check', file, '--root', root],
    ['check', file, '--root', root, '-b', 'networkmanager'],
  ]) {
    const { status, stdout } = await runHere(...words);
    assert.is(status, 0, stdout);
  }
  assert.match((await runOn(root, 'check', file)).stdout, /Up to date/);
  writeFileSync(file, ONE.replace('.254', '.253'));
  const fix = (await runHere('check', file, '--root', root)).stdout;
  assert.match(fix, /macvtap-render \S+ --backend networkmanager --root /);
  writeFileSync(file, ONE.replace('host: kvm1', 'host: kvm1\nbackend: networkd'));
  const other = await runHere('check', file, '--root', root);
  assert.is(other.status, 1);
  assert.match(other.stdout, /00-macvtap-veth0\.network/);
  assert.not.match(other.stdout, /--backend/);
});

test.run();
