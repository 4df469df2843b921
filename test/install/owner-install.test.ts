/** Whose network a host's is, and what is written there; who reads its name servers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { nodeSystem } from '../../src/node/node.ts';
import type { Directory } from '../../src/system.ts';
import { temporaryFolder } from '../command.ts';
import {
  BASE,
  foundIn,
  HOST,
  IFUPDOWN,
  IFUPDOWN_ON,
  layOut,
  MASK,
  NETPLAN,
  NETWORKD,
  NETWORKD_ON,
  NETWORKMANAGER,
  NETWORKMANAGER_ON,
  ORIGINAL,
  on,
  PROFILE,
  STANZA,
  SYSTEM,
  type Tree,
  unit,
  WANTS,
} from '../host/trees.ts';
import { runHere } from '../in-process.ts';

test('two owners: the first boot of an image would enable networkd beside NetworkManager', async () => {
  const image: Tree = { ...BASE, ...NETWORKD, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...NETPLAN };
  const { 'etc/machine-id': _, ...without } = image;
  for (const backend of HOST) {
    for (const tree of [without, { ...image, 'etc/machine-id': 'uninitialized\n' }]) {
      assert.equal(await foundIn(tree, backend), ['error[two-network-owners]'], backend);
    }
    const printed = {
      ...without,
      'etc/systemd/system-preset/00-network.preset': 'disable systemd-networkd.service\n',
    };
    assert.not.ok((await foundIn(printed, backend)).includes('error[two-network-owners]'), backend);
  }
  const { stderr, status } = await runHere(
    ORIGINAL,
    '-b',
    'networkmanager',
    '--root',
    layOut(without),
  );
  assert.is(status, 4);
  assert.match(
    stderr,
    /systemd-networkd\.service: error\[two-network-owners\]: The first boot \(\/etc\/machine-id is missing/,
  );
  assert.match(stderr, /help: Write `disable systemd-networkd\.service` into/);
});

test('a tree without units says nothing, and is written to', async () => {
  for (const tree of [
    {},
    PROFILE,
    { 'etc/network/interfaces': STANZA },
    { 'etc/systemd/network/20-lan.network': '[Match]\nName=eth0\n' },
    // A unit of a site's, and a drop-in: nothing that shows who is started.
    { 'etc/systemd/system/site.service': unit('multi-user.target') },
    // No link: systemd passes over it.
    { [`${WANTS}/dhcpcd.service`]: unit('multi-user.target') },
  ]) {
    for (const backend of HOST)
      assert.equal(await foundIn(tree, backend), [], `${JSON.stringify(tree)} ${backend}`);
  }
  // The links decide, though the units are elsewhere.
  assert.equal(await foundIn({ ...NETWORKMANAGER_ON, ...PROFILE }, 'networkd'), [
    'error[other-network-owner]',
  ]);
  assert.equal(await foundIn({ ...NETWORKMANAGER_ON, ...PROFILE }, 'networkmanager'), []);
  assert.equal(await foundIn(NETWORKD_ON, 'netplan-networkd'), []);
});

test('nothing is written for the wrong system unless it is forced; guests and a trial are for any', async () => {
  const tree: Tree = { ...BASE, ...NETWORKD, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...PROFILE };
  const root = layOut(tree);
  const refused = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.is(refused.status, 4);
  assert.match(
    refused.stderr,
    /systemd-networkd is disabled\.\n.*help: Use `--backend networkmanager`/,
  );
  assert.match(refused.stderr, /Nothing was written/);
  assert.is((await runHere(ORIGINAL, '-b', 'networkd', '--root', root, '--force')).status, 0);
  // A profile that was forced does not make networkd the owner.
  assert.is((await runHere('check', ORIGINAL, '-b', 'networkd', '--root', root)).status, 1);
  for (const backend of ['libvirt', 'iproute2']) {
    assert.is((await runHere(ORIGINAL, '-b', backend, '--root', layOut(tree))).status, 0);
  }
  assert.is((await runHere(ORIGINAL, '-b', 'networkmanager', '--root', layOut(tree))).status, 0);
  // The tree around a directory that is called as the back end's own.
  const output = join(layOut(tree), 'etc/systemd/network');
  const flat = await runHere(ORIGINAL, '-b', 'networkd', '--output', output);
  assert.is(flat.status, 4);
  assert.match(flat.stderr, /error\[other-network-owner\]/);
  assert.match(
    (await runHere('check', ORIGINAL, '-b', 'networkd', '--output', output)).stdout,
    /error\[other-network-owner\]/,
  );
});

test('the second run is right where the first was', async () => {
  const tree: Tree = {
    ...BASE,
    ...NETWORKD,
    ...NETWORKD_ON,
    ...NETWORKMANAGER,
    ...NETWORKMANAGER_ON,
    'etc/systemd/network/20-lan.network': '[Match]\nName=eth0\n',
  };
  for (const backend of ['networkd', 'networkmanager']) {
    const root = layOut(tree);
    for (const _ of [1, 2]) {
      assert.is((await runHere(ORIGINAL, '-b', backend, '--root', root)).status, 0, backend);
    }
    assert.is((await runHere('check', ORIGINAL, '-b', backend, '--root', root)).status, 0, backend);
    // The other one is configured to ignore the links by now.
    const other = backend === 'networkd' ? 'networkmanager' : 'networkd';
    const { stderr } = await runHere(ORIGINAL, '-b', other, '--root', root);
    assert.match(stderr, /other-network-owner/, backend);
  }
});

test('YAML of another back end goes, and with it what it starts', async () => {
  const root = layOut({ ...BASE, ...NETWORKD, ...NETPLAN });
  assert.is((await runHere(ORIGINAL, '-b', 'netplan-networkd', '--root', root)).status, 0);
  const { stderr } = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.match(stderr, /systemd-networkd is disabled: nothing reads these files at boot/);
  assert.not.match(stderr, /for this file alone/);
});

/** The command on a tree that is taken for the root of the host that runs. */
async function onHost(tree: Tree, ...args: string[]) {
  const root = layOut(tree);
  let text = '';
  const world = nodeSystem([...args, '--root', root], {});
  const asRoot = (folder: Directory | undefined) => folder && { ...folder, isRoot: () => true };
  const write = (part: string): void => {
    text += part;
  };
  const status = await run(
    {
      ...world,
      openExisting: (path) => asRoot(world.openExisting(path)),
      stdout: { isTerminal: false, write },
      stderr: { isTerminal: false, write },
    },
    '0',
  );
  return { status, text };
}

test('on the host itself what is not started is an error', async () => {
  const nobody: Tree = { ...BASE, ...NETWORKD };
  const tree = await runHere(ORIGINAL, '-b', 'networkd', '--root', layOut(nobody));
  assert.is(tree.status, 0);
  assert.match(tree.stderr, /warning\[system-not-enabled\][\s\S]*systemctl --root=DIR enable/);
  const host = await onHost(nobody, ORIGINAL, '-b', 'networkd');
  assert.is(host.status, 4);
  assert.match(host.text, /error\[system-not-enabled\][\s\S]*`systemctl enable systemd-networkd/);
  assert.is((await onHost(nobody, 'check', ORIGINAL, '-b', 'networkd')).status, 1);
  assert.is((await onHost({ ...nobody, ...NETWORKD_ON }, ORIGINAL, '-b', 'networkd')).status, 0);
  const masked = { ...nobody, 'etc/systemd/system/systemd-networkd.service': MASK };
  assert.match(
    (await onHost(masked, ORIGINAL, '-b', 'networkd')).text,
    /is masked[\s\S]*systemctl unmask systemd-networkd/,
  );
  assert.match(
    (await onHost(BASE, ORIGINAL, '-b', 'networkmanager')).text,
    /Install NetworkManager/,
  );
  assert.match(
    (await onHost({ ...nobody, ...NETWORKD_ON }, ORIGINAL, '-b', 'netplan-networkd')).text,
    /error\[system-not-enabled\].*netplan's generator/,
  );
});

test('name servers of ifupdown need somebody who reads them', async () => {
  const intent = join(layOut({}), 'intent.yaml');
  writeFileSync(
    intent,
    'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    addresses: [198.51.100.50/24]\n    nameservers: {addresses: [198.51.100.53]}\n',
  );
  const there: Tree = {
    ...BASE,
    ...IFUPDOWN,
    ...IFUPDOWN_ON,
    [`${SYSTEM}/systemd-resolved.service`]: unit(
      'sysinit.target',
      'Alias=dbus-org.freedesktop.resolve1.service\n',
    ),
  };
  const isWarned = async (tree: Tree, name: string, backend: string): Promise<boolean> => {
    const { stderr, status } = await runHere(
      name,
      '-b',
      backend,
      '--root',
      layOut({ ...there, ...tree }),
    );
    assert.is(status, backend === 'ifupdown' ? 0 : 4, stderr);
    return /60-macvtap: warning\[resolver-missing\]: .*name servers of `veth0`/.test(stderr);
  };
  assert.is(await isWarned({}, intent, 'ifupdown'), true);
  // networkd has one way to hand them on, NetworkManager needs nobody.
  const networkd = { ...NETWORKD, ...NETWORKD_ON, 'usr/sbin/resolvconf': '#!/bin/sh\n' };
  for (const [backend, resolved, printed] of [
    ['networkd', {}, true],
    ['networkd', on('systemd-resolved.service'), false],
    ['netplan-networkd', {}, true],
    ['networkmanager', {}, false],
  ] as const) {
    const tree = {
      ...there,
      ...networkd,
      ...NETPLAN,
      ...NETWORKMANAGER,
      ...resolved,
      [`${WANTS}/networking.service`]: MASK,
    };
    const { stderr } = await runHere(intent, '-b', backend, '--root', layOut(tree));
    assert.is(
      /warning\[resolver-missing\]: systemd-resolved is not/.test(stderr),
      printed,
      backend,
    );
  }
  const UNIT = 'etc/systemd/system/systemd-resolved.service';
  const { [`${SYSTEM}/systemd-resolved.service`]: _, ...without } = there;
  for (const [tree, help] of [
    [{ ...there, ...networkd }, 'help: Run `systemctl enable --now systemd-resolved`.'],
    [{ ...there, ...networkd, [UNIT]: MASK }, 'help: Run `systemctl unmask systemd-resolved && '],
    [{ ...without, ...networkd }, 'help: Install the package systemd-resolved,'],
  ] as const) {
    const { stderr } = await runHere(intent, '-b', 'networkd', '--root', layOut(tree));
    assert.ok(stderr.includes(help), stderr);
  }
  assert.is(
    await isWarned({ 'usr/sbin/resolvconf': '-> ../bin/resolvectl' }, intent, 'ifupdown'),
    true,
  );
  assert.is(await isWarned({ 'usr/sbin/resolvconf': '#!/bin/sh\n' }, intent, 'ifupdown'), false);
  const enabled = on('systemd-resolved.service', 'etc/systemd/system/sysinit.target.wants');
  assert.is(await isWarned(enabled, intent, 'ifupdown'), false);
  const bare = join(layOut({}), 'bare.yaml');
  writeFileSync(
    bare,
    'version: 1\nhost: kvm1\nshims:\n  veth0: {parent: eth0, addresses: [198.51.100.50/24]}\n',
  );
  assert.is(await isWarned({}, bare, 'ifupdown'), false);
  // Without units nobody knows what is installed.
  const alone = await runHere(intent, '-b', 'ifupdown', '--root', layOut({}));
  assert.not.match(alone.stderr, /resolver/);
  const lint = await runHere('lint', intent, '-b', 'ifupdown');
  assert.match(lint.stderr, /intent\.yaml:7:\d+: note\[resolver-needed\]: .*`veth0`/);
  assert.not.match((await runHere('lint', intent, '-b', 'networkd')).stderr, /resolver-needed/);
  assert.not.match((await runHere('lint', bare, '-b', 'ifupdown')).stderr, /resolver-needed/);
});

test('the root of the host is known by what it is, and not by how it is written', () => {
  const { openExisting } = nodeSystem([], {});
  for (const [path, isRoot] of [
    ['/', true],
    ['/proc/self/root', true],
    ['/usr/..', true],
    [temporaryFolder(), false],
  ] as const) {
    const folder = openExisting(path);
    assert.is(folder?.isRoot(), isRoot, path);
    folder?.close();
  }
});

test.run();
