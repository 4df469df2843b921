/** Files of others for systemd-networkd, by its own grammar. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Claim } from '../../src/backends/host/foreign.ts';
import { matchOf } from '../../src/backends/host/networkd/match.ts';
import { systemdSettings, wordsOf } from '../../src/backends/host/systemd-file.ts';
import { MATCHES } from './foreign-tables.ts';
import { brief, findingsOf, HOSTS } from './judged.ts';

const NETWORK = '/etc/systemd/network';
const eth0: Claim = { name: 'eth0', kind: 'ethernet' };
const veth0: Claim = { name: 'veth0', kind: 'macvlan', mac: 'ce:56:b6:6f:2b:36' };

const answer = (match: string, claim: Claim) =>
  matchOf(systemdSettings(`[Match]\n${match}\n`) ?? [], claim, 'network') ?? 'ignored';

test('[Match] means what it means to networkd', () => {
  for (const [match, ofNic, ofShim] of MATCHES) {
    assert.is(answer(match, eth0), ofNic, `eth0: ${match}`);
    assert.is(answer(match, veth0), ofShim, `veth0: ${match}`);
  }
});

// A real NIC has no kind; in the trials it was a veth.
test('a list of negative words matches what has no value', () => {
  assert.is(answer('Kind=!*', eth0), 'yes');
  assert.is(answer('Kind=!*', veth0), 'no');
  assert.is(answer('Kind=*', eth0), 'no');
  assert.is(answer('Kind=*', veth0), 'yes');
  assert.is(answer('Kind=!bridge\nType=!wlan\nName=!lo', eth0), 'yes');
});

test('a MAC that is known decides; one of a passthru device is that of its parent', () => {
  const nic: Claim = { ...eth0, permanentMac: '52:54:00:00:00:01' };
  assert.is(answer('PermanentMACAddress=52:54:00:00:00:01', nic), 'yes');
  assert.is(answer('MACAddress=52:54:00:00:00:02', nic), 'no');
  const upper: Claim = { name: 'veth0', kind: 'macvlan', hasMacOfParent: true };
  assert.is(answer('PermanentMACAddress=52:54:00:00:00:01', upper), 'maybe');
  assert.is(
    answer('PermanentMACAddress=52:54:00:00:00:01', {
      ...upper,
      permanentMac: '52:54:00:00:00:01',
    }),
    'yes',
  );
});

test('a NIC that has a name by its place has no other of that kind', () => {
  const nic: Claim = { name: 'enp1s0', kind: 'ethernet' };
  assert.is(answer('Name=enp2s0', nic), 'no');
  assert.is(answer('Name=ens3', nic), 'unlikely');
  assert.is(answer('Name=eth0', nic), 'no');
});

test('files are read as systemd reads them', () => {
  assert.equal(systemdSettings('\ufeff[Match]\r\nName=eth0\r\n'), [
    { section: 'Match', key: 'Name', value: 'eth0', line: 2 },
  ]);
  assert.equal(systemdSettings('Name=eth0\n[Match]\nfoo\n=x\n# a\n; b\nA=1\\\n # c\n2\nB=3'), [
    { section: 'Match', key: 'A', value: '1 2', line: 7 },
    { section: 'Match', key: 'B', value: '3', line: 10 },
  ]);
  assert.is(systemdSettings('[Match]\nName=eth0\n[Foo\n'), undefined);
  assert.equal(wordsOf('a "b c" d\'e f\' "" g', 'unquoted'), ['a', 'b c', 'de f', '', 'g']);
  assert.equal(wordsOf('a b\\ c "d', 'unescaped'), ['a', 'b c', '"d']);
  assert.equal(wordsOf('a b\\', 'unescaped'), ['a']);
});

const SAYS = '\n[Network]\nDHCP=yes\n';

test('the first match of all files, with their drop-ins, counts', () => {
  const shadow = (tree: Record<string, string>) => brief(findingsOf('networkd', tree));
  const lan = `${NETWORK}/00-lan.network`;
  assert.equal(shadow({ [lan]: `[Match]\nName=eth0${SAYS}` }), [
    `error[shadowed] ${lan}:1`.replace(':1', ':2'),
  ]);
  // A drop-in decides, too.
  assert.equal(
    shadow({
      [lan]: `[Match]\nName=foo${SAYS}`,
      [`/run/systemd/network/00-lan.network.d/x.conf`]: '[Match]\nName=eth0\n',
    }),
    [`error[shadowed] ${lan}:2`],
  );
  assert.equal(
    shadow({
      [lan]: `[Match]\nName=eth0${SAYS}`,
      [`${lan}.d/x.conf`]: '[Match]\nName=\nName=foo\n',
    }),
    [],
  );
  // One of that name in /etc hides the other.
  assert.equal(
    shadow({
      [lan]: `[Match]\nName=foo${SAYS}`,
      [`/run/systemd/network/00-lan.network.d/x.conf`]: '[Match]\nName=eth0\n',
      [`${lan}.d/x.conf`]: '',
    }),
    [],
  );
  // systemd cannot parse them, and ignores them.
  assert.equal(shadow({ [lan]: `[Match]\nName=eth0${SAYS}[x\n` }), []);
  assert.equal(shadow({ [lan]: `[Match]\nName=eth0${SAYS}`, [`${lan}.d/x.conf`]: '[x\n' }), []);
  assert.equal(shadow({ [lan]: `[Match]\nName=foo \\\n  eth0${SAYS}` }), [
    `error[shadowed] ${lan}:2`,
  ]);
});

test('what a tree does not show is neither a match nor none', () => {
  const lan = `${NETWORK}/00-lan.network`;
  const tree = { [lan]: `[Match]\nType=ether\nDriver=virtio_net${SAYS}` };
  assert.equal(brief(findingsOf('networkd', tree)), [`warning[may-be-shadowed] ${lan}:2`]);
  assert.equal(brief(findingsOf('networkmanager', tree)), [`note[may-be-shadowed] ${lan}:2`]);
  assert.equal(brief(findingsOf('networkd', { [lan]: `[Match]\nName=ens3${SAYS}` })), [
    `note[may-be-shadowed] ${lan}:2`,
  ]);
  // Up to 244 it matched every link.
  assert.equal(brief(findingsOf('networkd', { [lan]: SAYS })), [`note[may-be-shadowed] ${lan}:1`]);
});

test('files of netplan for a port or VLAN are checked by their YAML, which may be generated', () => {
  const path = '/run/systemd/network/10-netplan-eth0.network';
  for (const backend of HOSTS) {
    for (const key of ['Bridge', 'VLAN']) {
      const found = brief(
        findingsOf(backend, { [path]: `[Match]\nName=eth0\n[Network]\n${key}=other\n` }),
      );
      assert.equal(
        found.filter((line) => /enslaved|on-link/.test(line)),
        [],
        `${backend} ${key}`,
      );
    }
  }
});

test('a NIC in a bridge, bond or VRF of networkd is an error whatever the back end', () => {
  const lan = `${NETWORK}/20-lan.network`;
  for (const backend of HOSTS) {
    for (const key of ['Bridge', 'Bond', 'VRF', 'BatmanAdvanced']) {
      const tree = { [lan]: `[Match]\nName=eth0\n[Network]\n${key}=br0\n` };
      const found = findingsOf(backend, tree);
      assert.equal(brief(found), [`error[link-enslaved-by-others] ${lan}:4`], `${backend} ${key}`);
      assert.match(found[0]?.message ?? '', /puts `eth0` into `br0`/);
    }
    assert.equal(
      brief(
        findingsOf(backend, {
          [lan]: `[Match]\nName=eth0${SAYS}`,
          [`${lan}.d/bridge.conf`]: '[Network]\nBridge=br0\n',
        }),
      ),
      [`error[link-enslaved-by-others] ${lan}.d/bridge.conf:2`],
      backend,
    );
  }
  const quiet = (files: Record<string, string>) => brief(findingsOf('networkd', files));
  // Another file has the link; the last assignment counts.
  assert.equal(
    quiet({
      [`${NETWORK}/10-eth0.network`]: `[Match]\nName=eth0${SAYS}`,
      [lan]: '[Match]\nName=e*\n[Network]\nBridge=br0\n',
    }),
    [],
  );
  assert.equal(quiet({ [lan]: '[Match]\nName=eth0\n[Network]\nBridge=br0\nBridge=\n' }), []);
  assert.equal(quiet({ [lan]: '[Match]\nName=eth7\n[Network]\nBridge=br0\n' }), []);
  assert.equal(quiet({ [lan]: '[Match]\nDriver=e1000\n[Network]\nBridge=br0\n' }), [
    `warning[link-enslaved-by-others] ${lan}:4`,
  ]);
});

const BOND = `
version: 1
host: kvm1
parents:
  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup}}
shims:
  veth0: {parent: bond0, addresses: [198.51.100.50/24]}
`;

test('the bond of the intent itself is nobody else’s', () => {
  const tree = { [`${NETWORK}/20-a.network`]: '[Match]\nName=eth0\n[Network]\nBond=bond0\n' };
  assert.equal(brief(findingsOf('networkd', tree, BOND)), []);
  assert.equal(brief(findingsOf('networkd', tree)), [
    `error[link-enslaved-by-others] ${NETWORK}/20-a.network:4`,
  ]);
});

test('what is on top of a link in the file that is replaced is named', () => {
  const lan = `${NETWORK}/20-lan.network`;
  const tree = (more: string) => ({ [lan]: `[Match]\nName=eth0\n[Network]\n${more}\n` });
  assert.equal(brief(findingsOf('networkd', tree('VLAN=lan7'))), [
    `error[link-used-by-others] ${lan}:4`,
  ]);
  assert.equal(brief(findingsOf('networkmanager', tree('VLAN=lan7'))), [
    `warning[link-used-by-others] ${lan}:4`,
  ]);
  // The same device, made by hand before.
  assert.equal(brief(findingsOf('networkd', tree('MACVLAN=veth0'))), []);
  assert.equal(brief(findingsOf('networkd', tree('VLAN=lan7\nVLAN='))), []);
});

test('drop-ins for our files: of any kind, and those that systemd cannot parse', () => {
  const of = (path: string, text: string) =>
    brief(findingsOf('networkd', { [`${NETWORK}/${path}`]: text }));
  const at = (severity: string, path: string, line = '') =>
    `${severity}[drop-in-of-others] ${NETWORK}/${path}${line}`;
  const link = '00-macvtap-eth0.network.d/x.conf';
  assert.equal(of(link, '[Network]\nNTP=192.0.2.1\n'), [at('warning', link, ':2')]);
  assert.equal(of(link, '[Network]\nBridge=br0\n'), [at('error', link, ':2')]);
  assert.equal(of(link, '[Match]\nDriver=e1000\n'), [at('error', link, ':2')]);
  assert.equal(of(link, '[Network\n'), [at('error', link)]);
  const device = '00-macvtap-veth0.netdev.d/x.conf';
  assert.equal(of(device, '[MACVLAN]\nMode=vepa\n'), [at('error', device, ':2')]);
});

const NAMED = `
version: 1
host: kvm1
parents:
  lan: {match: {macaddress: '52:54:00:00:00:01'}, set-name: lan0}
shims:
  veth0: {parent: lan, addresses: [198.51.100.50/24]}
`;

test('a .link file that sorts first takes the name away, whatever the back end', () => {
  const link = `${NETWORK}/00-a.link`;
  for (const backend of HOSTS) {
    const found = (match: string, intent?: string) =>
      brief(findingsOf(backend, { [link]: `[Match]\n${match}\n[Link]\nName=x\n` }, intent));
    assert.equal(found('PermanentMACAddress=52:54:00:00:00:01', NAMED), [
      `error[shadowed] ${link}:2`,
    ]);
    assert.equal(found('OriginalName=*', NAMED), [`error[shadowed] ${link}:2`], backend);
    assert.equal(found('OriginalName=eth0', NAMED), [`warning[may-be-shadowed] ${link}:2`]);
    assert.equal(found('PermanentMACAddress=52:54:00:00:00:02', NAMED), []);
    assert.equal(found('OriginalName=wlan*', NAMED), []);
    // Where the intent names no NIC, NetworkManager alone has a file: for the shim's MAC.
    const isNetworkManager = backend.endsWith('networkmanager');
    assert.equal(found('OriginalName=*'), isNetworkManager ? [`error[shadowed] ${link}:2`] : []);
  }
});

test.run();
