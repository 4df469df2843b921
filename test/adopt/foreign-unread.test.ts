/** `init` on hosts with files that nobody can read, or of a system whose files are not read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { type Directory, SystemError } from '../../src/system.ts';
import { fakeSystem } from '../fake-system.ts';
import { hostAt, init, STATIC } from './trees.ts';

test('files and folders that cannot be read are reported, also where there is no uplink without them', async () => {
  const binary = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]);
  const root = hostAt(STATIC);
  mkdirSync(join(root, 'etc/netplan'));
  writeFileSync(join(root, 'etc/netplan/50-lan.yaml'), binary);
  // A generator is a program, which every host has.
  const generators = join(root, 'usr/lib/systemd/system-generators');
  mkdirSync(generators, { recursive: true });
  writeFileSync(join(generators, 'netplan'), binary);
  const { status, stdout, stderr } = await init(root);
  assert.is(status, 0, stderr);
  assert.match(stderr, /\/etc\/netplan\/50-lan\.yaml: warning\[host-file-not-read\]/);
  assert.match(stdout, /^# - \/etc\/netplan\/50-lan\.yaml: It cannot be read/m);
  assert.not.match(stderr, /system-generators/);
  writeFileSync(join(root, 'etc/network/interfaces'), binary);
  const without = await init(root);
  assert.is(without.status, 4);
  assert.match(without.stderr, /\/etc\/network\/interfaces: warning\[host-file-not-read\]/);
  // A folder for root only; root itself reads everything.
  const system = fakeSystem({ args: ['init', '--root', '/'], root: hostAt(STATIC) });
  const denied = await run(
    {
      ...system,
      openExisting: (path) => {
        const top = system.openExisting(path);
        return top && { ...deniedBelow(top, 'var'), isRoot: () => false };
      },
    },
    '0.0.0',
  );
  assert.is(denied, 0, system.written.stderr);
  assert.match(system.written.stderr, /\/var\/lib\/lxc: warning\[host-file-not-read\]/);
});

/** A directory in which nobody may enter a name. */
const deniedBelow = (directory: Directory, denied: string): Directory => ({
  ...directory,
  kindOf: (name) => (name === denied ? 'directory' : directory.kindOf(name)),
  enter(name) {
    if (name === denied) throw new SystemError('refused', `/${denied}`, 'permission denied');
    return directory.enter(name);
  },
});

const WICKED = `os: opensuse-leap 15.6
start: wicked.service
--- /etc/sysconfig/network/ifcfg-eth0
IPADDR='198.51.100.50/24'
BOOTPROTO='static'
STARTMODE='auto'
`;
const CONNMAN = `os: debian 12
start: connman.service
--- /etc/connman/main.conf
[General]
PreferredTechnologies=ethernet
`;

test('a system whose files are not read is named, and the NIC can be left to it', async () => {
  const beside = [
    '--keep-parent',
    '--address',
    '198.51.100.222/32',
    '--range',
    '198.51.100.192/27',
  ];
  for (const [host, title, place] of [
    [WICKED, 'wicked', '/etc/sysconfig/network/ifcfg-eth0'],
    [CONNMAN, 'ConnMan', '/etc/systemd/system/multi-user.target.wants/connman.service'],
  ] as const) {
    const root = hostAt(host);
    const { status, stdout, stderr } = await init(root);
    assert.equal([status, stdout], [4, ''], title);
    assert.ok(stderr.includes(`${place}: error[owner-not-read]: ${title} configures `), stderr);
    assert.match(stderr, /help: Enable a system of a back end/);
    const named = await init(root, '--parent', 'eth0');
    assert.match(named.stderr, new RegExp(`error\\[owner-not-read\\]: ${title} configures .eth0.`));
    const kept = await init(root, '--parent', 'eth0', ...beside);
    assert.is(kept.status, 0, kept.stderr);
    assert.match(kept.stdout, /eth0:\n {4}managed: false/);
    assert.match(kept.stderr, /warning\[owner-without-back-end\][\s\S]*have it ignore `eth0`/);
  }
  // A copy of a file is not a link.
  const copies = hostAt(`${WICKED}--- /etc/sysconfig/network/ifcfg-eth1.bak\nBOOTPROTO='dhcp'\n`);
  assert.not.match((await init(copies)).stderr, /eth1/);
});

test.run();
