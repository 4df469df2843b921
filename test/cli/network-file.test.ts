/** The file of a link with `managed: false`, which a host knows and the intent need not. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../command.ts';
import { fakeSystem } from '../fake-system.ts';

const intentOf = (parent = ''): string =>
  `version: 1\nhost: kvm1\nparents: {eth0: {managed: false${parent}}}\nshims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]}}\n`;

const NETWORK = 'etc/systemd/network';
const EXACT = '[Match]\nName=eth0\n[Network]\nDHCP=yes\n';
const BY_MAC = EXACT.replace('Name=eth0', 'MACAddress=02:00:00:00:00:01');

function hostWith(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** On a host whose `/` is a folder. */
async function on(root: string, intent: string, args: readonly string[], mac?: string) {
  const files = {
    'macvtap.yaml': intent,
    ...(mac && {
      '/sys/class/net/eth0/address': `${mac}\n`,
      '/sys/class/net/eth0/addr_assign_type': '0\n',
    }),
  };
  const [command = '', ...more] = args;
  const all = [command, 'macvtap.yaml', '-b', 'networkd', ...more];
  const system = fakeSystem({ root, files, args: all });
  return { status: await run(system, '0.0.0'), ...system.written };
}

test('on a host the file is found: the first that matches the link', async () => {
  const root = hostWith({
    [`${NETWORK}/10-other.network`]: EXACT.replace('eth0', 'eth1'),
    [`${NETWORK}/20-eth0.network`]: EXACT,
    [`${NETWORK}/90-any.network`]: EXACT.replace('eth0', 'e*'),
  });
  const installed = await on(root, intentOf(), ['render', '--root', '/', '--no-prune']);
  assert.is(installed.status, 0, installed.stderr);
  const dropIn = join(root, NETWORK, '20-eth0.network.d/90-macvtap.conf');
  assert.match(readFileSync(dropIn, 'utf8'), /^MACVLAN=mac-shim$/m);
  const checked = await on(root, intentOf(), ['check']);
  assert.is(checked.status, 0, checked.stdout + checked.stderr);
  // What the intent says comes first, and is compared with what is there.
  const named = await on(root, intentOf(', network-file: 90-any.network'), ['check']);
  assert.match(named.stdout, /error\[network-file-shadowed\]/);
});

test('without a file that matches, or for no host, the intent must name it', async () => {
  const root = hostWith({ [`${NETWORK}/20-eth1.network`]: EXACT.replace('eth0', 'eth1') });
  for (const args of [['check'], ['render', '--root', '/'], ['render']]) {
    const { status, stderr } = await on(root, intentOf(), args);
    assert.is(status, 2);
    assert.match(stderr, /error\[network-file-needed\]/);
  }
  const there = hostWith({ [`${NETWORK}/20-eth0.network`]: EXACT });
  assert.is((await on(there, intentOf(), ['render'])).status, 2);
});

test('a file that matches by MAC is compared with that of the link', async () => {
  const root = hostWith({ [`${NETWORK}/20-eth0.network`]: BY_MAC });
  const right = await on(root, intentOf(), ['render', '--root', '/'], '02:00:00:00:00:01');
  assert.is(right.status, 0, right.stderr);
  assert.is((await on(root, intentOf(), ['check'], '02:00:00:00:00:01')).status, 0);
  const named = intentOf(', network-file: 20-eth0.network');
  // Of another machine, whose tree this is, no MAC is known.
  assert.is((await on(root, named, ['check'])).status, 0);
  const other = await on(root, named, ['check'], '02:00:00:00:00:02');
  assert.is(other.status, 1);
  assert.match(other.stdout, /error\[network-file-not-exact\]/);
  assert.match(other.stdout, /whose MAC is 02:00:00:00:00:02/);
  assert.is((await on(root, intentOf(), ['check'], '02:00:00:00:00:02')).status, 2);
});

test.run();
