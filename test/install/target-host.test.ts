/** `--target host`: what can be looked up on the host is looked up. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { nodeSystem } from '../../src/node/node.ts';
import {
  BASE,
  HOST,
  IFUPDOWN,
  layOut,
  NETPLAN,
  NETWORKD,
  NETWORKMANAGER,
  ORIGINAL,
  type Tree,
} from '../host/trees.ts';

/** `lint --target host` on a host that has these files. */
async function lintHost(tree: Tree, backend: string, intent = ORIGINAL) {
  const root = layOut(tree);
  let text = '';
  const world = nodeSystem(['lint', intent, '-b', backend, '--target', 'host'], {});
  const write = (part: string): void => {
    text += part;
  };
  const at = (path: string): string => (path.startsWith('/') ? `${root}${path}` : path);
  const status = await run(
    {
      ...world,
      readText: (path, limit) => world.readText(at(path), limit),
      openExisting: (path) => world.openExisting(at(path)),
      stdout: { isTerminal: false, write },
      stderr: { isTerminal: false, write },
    },
    '0',
  );
  return { status, text };
}

const DEBIAN: Tree = { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };
const UBUNTU: Tree = { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n' };

test('--target host looks up what the host has, and not what its distribution would', async () => {
  for (const backend of HOST) {
    const { status, text } = await lintHost({ ...BASE, ...DEBIAN }, backend);
    assert.is(status, 2, backend);
    assert.match(text, /error\[target-without-system\]: This host has no /);
  }
  const full: Tree = {
    ...BASE,
    ...DEBIAN,
    ...NETWORKD,
    ...NETWORKMANAGER,
    ...IFUPDOWN,
    ...NETPLAN,
  };
  for (const backend of HOST) {
    const { status, text } = await lintHost(full, backend);
    assert.is(status, 0, text);
    assert.not.match(text, /cloud-init|system-not-installed|manages-nothing/);
  }
  // By the programs alone, where no systemd is.
  const alpine = { ...DEBIAN, 'usr/sbin/ifup': 'ELF', 'usr/sbin/NetworkManager': 'ELF' };
  assert.is((await lintHost(alpine, 'ifupdown')).status, 0);
  assert.is((await lintHost(alpine, 'networkmanager')).status, 0);
  assert.is((await lintHost(alpine, 'networkd')).status, 2);
});

test('--target host: habits of the distribution that this host has not got', async () => {
  const there: Tree = { ...BASE, ...UBUNTU, ...NETWORKMANAGER, ...NETWORKD };
  const cloud = { 'etc/cloud/cloud.cfg': 'users: [default]\n' };
  const off = { 'etc/cloud/cloud.cfg.d/99.cfg': 'network: {config: disabled}\n' };
  assert.match(
    (await lintHost({ ...there, ...cloud }, 'networkd')).text,
    /This host has cloud-init/,
  );
  assert.not.match((await lintHost({ ...there, ...cloud, ...off }, 'networkd')).text, /cloud-init/);
  assert.not.match((await lintHost(there, 'networkd')).text, /cloud-init/);
  const nothing = /note\[networkmanager-manages-nothing\]/;
  assert.not.match((await lintHost(there, 'networkmanager')).text, nothing);
  const globally = {
    'usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf':
      '[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm,except:type:cdma\n',
  };
  assert.match((await lintHost({ ...there, ...globally }, 'networkmanager')).text, nothing);
  const hidden = { 'etc/NetworkManager/conf.d/10-globally-managed-devices.conf': '' };
  assert.not.match(
    (await lintHost({ ...there, ...globally, ...hidden }, 'networkmanager')).text,
    nothing,
  );
  const side = 'golden/target-side-shim-strict/intent.yaml';
  const filter = (value: string): Tree => ({ 'proc/sys/net/ipv4/conf/all/rp_filter': value });
  assert.match(
    (await lintHost({ ...there, ...filter('1\n') }, 'networkd', side)).text,
    /\[rp-filter\]/,
  );
  for (const value of ['0\n', '2\n']) {
    const { text } = await lintHost({ ...there, ...filter(value) }, 'networkd', side);
    assert.not.match(text, /\[rp-filter\]/);
  }
});

test.run();
