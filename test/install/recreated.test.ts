/** What a change asks of devices that exist, from the texts of each back end's files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { recreated } from '../../src/install/recreated.ts';
import { intentOf } from '../golden/cases.ts';

const BACKENDS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

const filesOf = (intent: string, backend: string): Map<string, string> => {
  const { sets, diagnostics } = compile(intent, { file: 'intent.yaml', backends: [backend] });
  assert.ok(sets, JSON.stringify(diagnostics));
  return new Map(sets?.[0]?.files.map(({ path, text }) => [path, text]));
};

/** `device aspect how`, for a change of the intent and perhaps of the back end. */
function between(before: string, after: string, backend: string, backendAfter = backend): string[] {
  const [was, is] = [filesOf(before, backend), filesOf(after, backendAfter)];
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

for (const backend of BACKENDS) {
  test(`${backend}: addresses, routes and names of other devices recreate none`, () => {
    assert.equal(between(ORIGINAL, ORIGINAL, backend), []);
    assert.equal(
      between(ORIGINAL, ORIGINAL.replace('198.51.100.50', '198.51.100.60'), backend),
      [],
    );
    assert.equal(between(ORIGINAL, ORIGINAL.replaceAll('veth0', 'lan0'), backend), []);
    assert.equal(between(ORIGINAL, `${ORIGINAL}taps: {tap0: {parent: eth0}}\n`, backend), []);
  });

  test(`${backend}: MAC, mode and parent`, () => {
    const mac = backend === 'ifupdown' ? 'recreate' : 'live';
    assert.equal(between(ORIGINAL, shimWith('macaddress: "02:00:00:00:00:09"'), backend), [
      `veth0 mac ${mac}`,
    ]);
    assert.equal(between(ORIGINAL, shimWith('mode: vepa'), backend), [
      `veth0 mode ${hows('live')[backend]}`,
    ]);
    assert.equal(
      between(ORIGINAL, shimWith('mode: passthru'), backend).filter((line) => /mode/.test(line)),
      ['veth0 mode recreate'],
    );
    const two = `${ORIGINAL}  other: {parent: eth1, addresses: [192.0.2.7/24]}\n`;
    const moved = two.replace('parent: eth0', 'parent: eth2');
    assert.equal(between(two, moved, backend), ['veth0 parent recreate']);
  });

  test(`${backend}: a VLAN id waits for a reboot only under networkd`, () => {
    const vlan = `${ORIGINAL.replace('parent: eth0', 'parent: lan7')}parents: {lan7: {id: 7, link: eth0}}\n`;
    const how = /networkd$/.test(backend) ? 'reboot' : 'recreate';
    assert.equal(between(vlan, vlan.replace('id: 7', 'id: 8'), backend), [`lan7 vlan ${how}`]);
  });

  test(`${backend}: parameters of a bridge, whoever describes it`, () => {
    const bridge = (delay: number): string =>
      `version: 1\nhost: kvm1\nparents: {br0: {type: bridge, interfaces: [eth0], parameters: {forward-delay: ${delay}}, addresses: [192.0.2.7/24]}}\n`;
    const how = /networkd$/.test(backend) ? 'reboot' : 'recreate';
    assert.equal(between(bridge(4), bridge(5), backend), [`br0 parameters ${how}`]);
  });

  test(`${backend}: another back end with the same intent recreates nothing by itself`, () => {
    for (const other of BACKENDS) {
      assert.equal(between(ORIGINAL, ORIGINAL, backend, other), [], `to ${other}`);
    }
  });
}

test('no old file, no new file, and files that were not generated', () => {
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
