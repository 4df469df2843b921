/** `init` and the ports of a bond of systemd-networkd: which one is primary, and those that no file names. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostAt, init } from './trees.ts';

const BOND = `os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/10-bond0.netdev
[NetDev]
Name=bond0
Kind=bond
[Bond]
Mode=active-backup
--- /etc/systemd/network/20-bond0.network
[Match]
Name=bond0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
--- /etc/systemd/network/30-other.network
[Match]
Name=eth1
[Network]
Bond=bond0
`;
const port = (match: string, key = 'Bond=bond0'): string =>
  `--- /etc/systemd/network/30-port.network\n[Match]\n${match}\n[Network]\n${key}\nPrimarySlave=yes\n`;
const DROP_IN = '--- /etc/systemd/network/30-port.network.d/primary.conf\n[Network]\nPrimarySlave=';

test('the last PrimarySlave= that is a boolean counts', async () => {
  const primary = async (...parts: string[]): Promise<string | undefined> =>
    /primary: ([^\s,}]+)/.exec((await init(hostAt(BOND, ...parts))).stdout)?.[1];
  assert.is(await primary(port('Name=eth0')), 'eth0');
  assert.is(await primary(port('Name=eth0'), `${DROP_IN}no\n`), undefined);
  assert.is(await primary(port('Name=eth0'), `${DROP_IN}perhaps\n`), 'eth0');
});

test('PrimarySlave= of a file of several ports is reported', async () => {
  const { stdout, stderr } = await init(hostAt(BOND, port('Name=eth0 eth2')));
  assert.not.match(stdout, /primary:/);
  assert.match(stderr, /30-port\.network:5: warning\[setting-not-adopted\]: .*PrimarySlave=yes/);
});

test('a port that a file matches by MAC or pattern, and not by name, is reported', async () => {
  const left = /30-port\.network:4: warning\[setting-not-adopted\]: .*Bond=bond0/;
  for (const match of ['MACAddress=52:54:00:51:00:50', 'Name=en*', 'Name=eth2 en*']) {
    const { stdout, stderr } = await init(hostAt(BOND, port(match)));
    assert.match(stderr, left, `${match}\n${stdout}${stderr}`);
    assert.match(stdout, /interfaces:\n(?: +- .*\n)* +- eth1 /, match);
  }
  assert.not.match((await init(hostAt(BOND, port('Name=eth0')))).stderr, left);
});

test.run();
