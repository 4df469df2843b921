/** The steps after an installation: what they are, in which order, for which host. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { install, intentFile, NETWORK, ORIGINAL } from './installing.ts';

test('the steps: arm, activate, verify, confirm, by one script for every host back end', async () => {
  for (const [id, wanted] of [
    [
      'iproute2',
      /Nothing has been run yet:[\s\S]*^ {2}usr\/local\/sbin\/macvtap-trial \\$[\s\S]*^sh \S+macvtap-trial --try 60$/m,
    ],
    ['libvirt', /Nothing has been run yet:[\s\S]*^virsh net-define \S+macvtap-network-eth0\.xml$/m],
  ] as const) {
    const { stderr } = await runHere(ORIGINAL, '-b', id, '--root', temporaryFolder());
    assert.match(stderr, wanted);
    assert.not.match(stderr, /change (?:arm|keep)/);
  }
  for (const { id } of backends.filter(({ scope }) => scope === 'host')) {
    const root = temporaryFolder();
    const words = [ORIGINAL, '-b', id, '--root', root];
    const dry = await runHere(...words, '--dry-run');
    const first = await runHere(...words);
    // A copy of a host may be below the tree: none of it goes to the host.
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/shadow'), 'root:*::');
    const steps = stepsIn(first.stderr);
    assert.ok(steps.length > 0);
    assert.is(stepsIn(dry.stderr), steps, 'a dry run prints what the run after it prints');
    assert.is((await runHere('steps', ...words)).stdout, steps);
    for (const word of ['arm 300', 'activate', 'confirm', 'rollback']) {
      assert.ok(
        steps.includes(`\nssh root@kvm1 sh /etc/macvtap-render/pending/change ${word}\n`),
        `${id}, ${word}`,
      );
    }
    assert.match(steps, /^macvtap-render steps --script \S+ --backend \S+ \| ssh root@kvm1 /m);
    assert.match(steps, /^ping -c 3 198\.51\.100\.254$/m);
    assert.match(steps, /^ip -br addr show veth0$/m);
    // Only the files of the set, and each of them.
    const copied = [...steps.matchAll(/^ {2}(etc\/\S+) \\$/gm)].map(([, path]) => path ?? '');
    const isThere = (path: string): boolean => existsSync(join(root, path));
    assert.ok(copied.length > 3 && copied.every(isThere));
    assert.ok(
      copied.every((path) => /macvtap|10-netplan/.test(path)),
      copied.join(' '),
    );
    assert.match(steps, /^tar -C \S+ -c --owner=0 --group=0 \\$/m);
    assert.is(stepsIn((await runHere(...words)).stderr), '');
    const vepa = intentFile(
      intentOf('original').replace('parent: eth0', 'parent: eth0\n    mode: vepa'),
    );
    const recreated = await runHere(vepa, '-b', id, '--root', root);
    assert.match(recreated.stderr, /change activate$/m);
    assert.not.match(recreated.stderr, /reboot\b.*must|systemctl reboot/);
  }
});

const stepsIn = (text: string): string => {
  const at = text.indexOf('The running network of ');
  return at < 0 ? '' : text.slice(at);
};

test('the steps: orphaned files are kept before they are removed on the host', async () => {
  const root = temporaryFolder();
  await install(root);
  const renamed = intentFile(intentOf('original').replaceAll('veth0', 'veth7'));
  const { stderr } = await install(root, renamed);
  const orphan = '/etc/systemd/network/00-macvtap-veth0.netdev';
  assert.match(stderr, new RegExp(`change keep ${orphan}.*'$`, 'm'));
  assert.match(stderr, new RegExp(`^ssh root@kvm1 rm -f .*${orphan}`, 'm'));
});

test('the steps: reboot only where nothing else recreates a device, and where nothing was kept', async () => {
  const root = temporaryFolder();
  const vlan =
    'version: 1\nhost: kvm1\nparents:\n  eth0.7: {id: 7, link: eth0}\nshims:\n  veth0:\n    parent: eth0.7\n    addresses: [198.51.100.50/24]\n';
  await runHere(intentFile(vlan), '-b', 'networkd', '--root', root);
  const other = await runHere(
    intentFile(vlan.replace('id: 7', 'id: 8')),
    '-b',
    'networkd',
    '--root',
    root,
  );
  assert.match(other.stderr, /`eth0\.7` must be recreated, which only a reboot does/);
  assert.match(other.stderr, /systemctl reboot$/m);
  assert.match(other.stderr, /change arm 300 reboot$/m);
  const flat = await runHere(ORIGINAL, '-b', 'networkd', '--output', temporaryFolder());
  assert.match(flat.stderr, /There is no rollback: nothing was kept\./);
  assert.not.match(flat.stderr, /change (?:arm|activate)/);
});

test('steps: takes one host, one back end of a host, and prints the script that runs', async () => {
  const { stdout, stderr, status } = await runHere('steps', ORIGINAL, '-b', 'networkd');
  assert.is(status, 0);
  assert.match(stdout, /^The running network of kvm1 has not changed yet/);
  const command = `macvtap-render ${ORIGINAL} --backend networkd --root /`;
  assert.is(stderr, `First install the files, on the host: \`${command}\`.\n`);
  assert.match(stdout, /^sh \/etc\/macvtap-render\/pending\/change arm 300$/m);
  const script = await runHere('steps', ORIGINAL, '-b', 'netplan', '--script');
  assert.match(script.stdout, /^#!\/bin\/sh\n# Written by macvtap-render/);
  assert.match(script.stdout, /^SYSTEM=netplan-networkd$/m);
  assert.is((await runHere('steps', ORIGINAL, '-b', 'libvirt', '--script')).status, 3);
  assert.is((await runHere('steps', ORIGINAL)).status, 3);
  assert.is((await runHere('steps', ORIGINAL, '-b', 'networkd', '--output', '/x')).status, 3);
  assert.is((await runHere(ORIGINAL, '-b', 'networkd', '--script')).status, 3);
});

test('a non-directory in place of a folder is reported once', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/systemd'), { recursive: true });
  symlinkSync('/tmp', join(root, NETWORK));
  const { stderr, status } = await install(root);
  assert.is(status, 4);
  assert.is(stderr.split(`${NETWORK}: `).length - 1, 1, stderr);
});

test.run();
