/** What a change asks of devices that exist, from the texts of each back end's files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends, compile, recreated } from '../../src/index.ts';
import { intentOf } from '../golden/cases.ts';

const WAYS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

const filesOf = (intent: string, way: string): Map<string, string> => {
  const { sets, diagnostics } = compile(intent, { file: 'intent.yaml', ways: [way] });
  assert.ok(sets, JSON.stringify(diagnostics));
  return new Map(sets?.[0]?.files.map(({ path, text }) => [path, text]));
};

/** `device aspect how`, for a change of the intent and perhaps of the back end. */
function between(before: string, after: string, way: string, wayAfter = way): string[] {
  const [was, is] = [filesOf(before, way), filesOf(after, wayAfter)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return recreated(paths.map((path) => ({ path, before: was.get(path), after: is.get(path) }))).map(
    ({ device, aspect, how }) => `${device} ${aspect} ${how}`,
  );
}

const ORIGINAL = intentOf('original');
const shimWith = (more: string): string =>
  ORIGINAL.replace('parent: eth0', `parent: eth0\n    ${more}`);

/** The same for every back end, but for how. */
const hows = (live: string): Readonly<Record<string, string>> => ({
  networkd: live,
  'netplan-networkd': live,
  networkmanager: 'recreate',
  'netplan-networkmanager': 'recreate',
  ifupdown: 'recreate',
});

for (const way of WAYS) {
  test(`${way}: addresses, routes and names of other devices recreate none`, () => {
    assert.equal(between(ORIGINAL, ORIGINAL, way), []);
    assert.equal(between(ORIGINAL, ORIGINAL.replace('198.51.100.50', '198.51.100.60'), way), []);
    assert.equal(between(ORIGINAL, ORIGINAL.replaceAll('veth0', 'lan0'), way), []);
    assert.equal(between(ORIGINAL, `${ORIGINAL}taps: {tap0: {parent: eth0}}\n`, way), []);
  });

  test(`${way}: MAC, mode and parent`, () => {
    const mac = way === 'ifupdown' ? 'recreate' : 'live';
    assert.equal(between(ORIGINAL, shimWith('macaddress: "02:00:00:00:00:09"'), way), [
      `veth0 mac ${mac}`,
    ]);
    assert.equal(between(ORIGINAL, shimWith('mode: vepa'), way), [
      `veth0 mode ${hows('live')[way]}`,
    ]);
    assert.equal(
      between(ORIGINAL, shimWith('mode: passthru'), way).filter((line) => /mode/.test(line)),
      ['veth0 mode recreate'],
    );
    const two = `${ORIGINAL}  other: {parent: eth1, addresses: [192.0.2.7/24]}\n`;
    const moved = two.replace('parent: eth0', 'parent: eth2');
    assert.equal(between(two, moved, way), ['veth0 parent recreate']);
  });

  test(`${way}: a VLAN id waits for a reboot only under networkd`, () => {
    const vlan = `${ORIGINAL.replace('parent: eth0', 'parent: lan7')}parents: {lan7: {id: 7, link: eth0}}\n`;
    const how = /networkd$/.test(way) ? 'reboot' : 'recreate';
    assert.equal(between(vlan, vlan.replace('id: 7', 'id: 8'), way), [`lan7 vlan ${how}`]);
  });

  test(`${way}: another back end with the same intent recreates nothing by itself`, () => {
    for (const other of WAYS) {
      assert.equal(between(ORIGINAL, ORIGINAL, way, other), [], `to ${other}`);
    }
  });
}

test('nothing before, nothing after, and files that are none of ours', () => {
  assert.equal(recreated([]), []);
  assert.equal(recreated([{ path: '/etc/systemd/network/00-macvtap-x.netdev' }]), []);
  const odd = '[NetDev\nName\n=\n\0\n[[]]';
  for (const path of [
    '/etc/systemd/network/a.netdev',
    '/etc/netplan/60-macvtap.yaml',
    '/etc/NetworkManager/system-connections/a.nmconnection',
    '/etc/network/interfaces.d/60-macvtap',
    '/etc/x',
  ]) {
    assert.equal(recreated([{ path, before: odd, after: odd }]), []);
  }
});

test.run();
