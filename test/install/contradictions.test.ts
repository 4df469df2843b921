/** An intent that says something else than the host: a warning where it is installed there. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { runHere, runOn } from '../in-process.ts';

const ORIGINAL = 'golden/original/intent.yaml';

/** A host: links are links, as in /sys. */
function host(files: Readonly<Record<string, string>>, nics: readonly string[] = ['eth0']): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'sys/class/net'), { recursive: true });
  for (const nic of nics) symlinkSync(`../../devices/${nic}`, join(root, 'sys/class/net', nic));
  return root;
}

const CODES = /(?:warning|error)\[(host-name-differs|nic-not-found|address-differs)\]/g;

async function codesOn(root: string, ...words: string[]): Promise<string[]> {
  const intent = [ORIGINAL, '-b', 'networkd', '--root', '/', '--dry-run'];
  const { stderr } = await runOn(root, ...intent, ...words);
  return [...stderr.matchAll(CODES)].map(([, code = '']) => code);
}

test('the name of the host', async () => {
  const name = (text: string) => codesOn(host({ 'etc/hostname': text }));
  assert.equal(await name('kvm2\n'), ['host-name-differs']);
  assert.equal(await name('# a comment\n\nkvm10\n'), ['host-name-differs']);
  for (const text of ['kvm1\n', 'KVM1.example.net\n', '', 'localhost\n', '# kvm2\n', '\n']) {
    assert.equal(await name(text), [], text);
  }
  const { stderr } = await runOn(
    host({ 'etc/hostname': 'kvm2\n' }),
    ...[ORIGINAL, '-b', 'networkd', '--root', '/'],
  );
  assert.match(
    stderr,
    /\/etc\/hostname: warning\[host-name-differs\]: The name of the host is `kvm2`/,
  );
});

test('a NIC that is not there', async () => {
  assert.equal(await codesOn(host({}, ['lo', 'enp1s0', 'bonding_masters'])), ['nic-not-found']);
  assert.equal(await codesOn(host({}, ['lo', 'eth0'])), []);
  assert.equal(await codesOn(host({}, [])), []);
  assert.equal(await codesOn(temporaryFolder()), []);
  const matched = ['golden/matched-parent/intent.yaml', '-b', 'networkd', '--root', '/'];
  const { stderr, status } = await runOn(host({}, ['lo', 'enp1s0']), ...matched, '--dry-run');
  assert.is(status, 0);
  assert.not.match(stderr, /nic-not-found/);
});

const NETPLAN = (inner: string): Record<string, string> => ({
  'etc/netplan/50-site.yaml': `network:\n  version: 2\n  ethernets:\n    ${inner}\n`,
});
const NETWORKD = (text: string): Record<string, string> => ({
  'etc/systemd/network/20-lan.network': text,
});
const KEYFILE = (text: string): Record<string, string> => ({
  'etc/NetworkManager/system-connections/lan.nmconnection': text,
});
const INTERFACES = (text: string): Record<string, string> => ({ 'etc/network/interfaces': text });

test('an address that another system’s file gives the NIC', async () => {
  for (const [name, file, address] of [
    ['netplan', NETPLAN, (a: string) => `eth0: {addresses: [${a}/24]}`],
    ['set-name', NETPLAN, (a: string) => `x: {set-name: eth0, match: {}, addresses: ["${a}/24"]}`],
    ['networkd', NETWORKD, (a: string) => `[Match]\nName=eth0\n[Network]\nAddress=${a}/24\n`],
    ['section', NETWORKD, (a: string) => `[Match]\nName=eth0\n[Address]\nAddress=${a}/24\n`],
    [
      'keyfile',
      KEYFILE,
      (a: string) =>
        `[connection]\ninterface-name=eth0\n[ipv4]\naddress1=${a}/24,198.51.100.254\nmethod=manual\n`,
    ],
    [
      'interfaces',
      INTERFACES,
      (a: string) => `auto eth0\niface eth0 inet static\n\taddress ${a}\n\tnetmask 255.255.255.0\n`,
    ],
  ] as const) {
    assert.equal(await codesOn(host(file(address('198.51.100.60')))), ['address-differs'], name);
    assert.equal(await codesOn(host(file(address('198.51.100.50')))), [], name);
    assert.equal(
      await codesOn(host(file(address('198.51.100.60').replaceAll('eth0', 'eth9')))),
      [],
    );
  }
  // Only plain text in the format of the file is judged.
  for (const files of [
    NETPLAN('x: {match: {name: "eth*"}, addresses: [198.51.100.60/24]}'),
    NETPLAN('eth0: {dhcp4: true}'),
    NETPLAN('eth0: {addresses: [1, {}, null]}'),
    NETPLAN('eth0: [: }'),
    NETPLAN('eth0: *unknown'),
    NETWORKD('[Match]\nName=eth0\nVirtualization=no\n[Network]\nAddress=198.51.100.60/24\n'),
    INTERFACES('iface eth0 inet dhcp\n  address 198.51.100.60\n'),
    INTERFACES('iface eth0 inet static\niface eth9 inet static\n  address 198.51.100.60\n'),
  ]) {
    assert.equal(await codesOn(host(files)), [], JSON.stringify(files));
  }
});

test('it is a warning: --strict stops at it, --force does not; a tree for another host has none', async () => {
  const root = host({ 'etc/hostname': 'kvm2\n' });
  const words = [ORIGINAL, '-b', 'networkd', '--root', '/'];
  assert.is((await runOn(root, ...words, '--strict')).status, 4);
  assert.is((await runOn(root, ...words, '--strict', '--force')).status, 0);
  const tree = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.not.match(tree.stderr, CODES);
  // What is for guests says nothing of the host's network.
  const guests = await runOn(root, ORIGINAL, '-b', 'libvirt', '--root', '/', '--dry-run');
  assert.not.match(guests.stderr, CODES);
});

test.run();
