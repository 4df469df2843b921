/** The change script where a parent is left to others: its shims, and the drop-in that creates them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn as installed, rendered } from './changed-host.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const SITE_FILE = '/etc/systemd/network/20-br0.network';
const SITE = '[Match]\nName=br0\n\n[Network]\nAddress=198.51.100.50/24\n';
const DROP_IN = `${SITE_FILE}.d/90-macvtap.conf`;
const RULES = '/etc/udev/rules.d/90-macvtap.rules';

const intent = (shims: string): string =>
  `version: 1\nhost: kvm1\nparents: {br0: {type: bridge, managed: false, network-file: 20-br0.network}}\n${shims}`;
const SHIM = intent('shims: {mac-shim: {parent: br0, addresses: [198.51.100.222/32]}}\n');
const MAC = '46:b1:b6:80:ba:a8';
/** As of networkd 247, which creates nothing of a drop-in by a reload. */
const OTHER = intent('shims: {other: {parent: br0, addresses: [198.51.100.222/32]}}\n');
const ELSEWHERE =
  'version: 1\nhost: kvm1\nshims: {veth0: {parent: eth1, addresses: [192.0.2.7/24]}}\n';

function hostWithBridge(): FakeHost {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  host.addLink('br0', { address: '02:00:00:00:00:05', mtu: '1500', kind: 'bridge' });
  return host;
}

function activated(host: FakeHost): void {
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(output, /Activated\.$/m);
}

for (const backend of ['networkd', 'netplan-networkd']) {
  test(`${backend}: a shim that a reload does not create is created on its parent, and goes`, () => {
    const host = hostWithBridge();
    const files = host.files();
    const set = rendered(SHIM, backend);
    // netplan names the file of the bridge.
    const dropIn = set.files.find(({ path }) => path.endsWith('.network.d/90-macvtap.conf'))?.path;
    assert.ok(dropIn);
    installed(host, set);
    activated(host);
    assert.is(host.link('mac-shim')?.['parent'], 'br0');
    assert.is(host.link('mac-shim')?.['address'], MAC);
    assert.is(host.change(['rollback']).status, 0);
    assert.is(host.link('mac-shim'), undefined);
    assert.equal(host.files(), files);
  });
}

test('the parent of a shim is found by its drop-in: one that is elsewhere is created again', () => {
  const host = hostWithBridge();
  const there = { address: MAC, mtu: '1500', kind: 'macvlan', mode: 'bridge' };
  host.addLink('mac-shim', { ...there, parent: 'eth0' });
  installed(host, rendered(SHIM));
  activated(host);
  assert.is(host.link('mac-shim')?.['parent'], 'br0');
});

test('a drop-in and rules that an intent lacks are named and kept, and come back', () => {
  for (const next of [OTHER, ELSEWHERE]) {
    const host = hostWithBridge();
    installed(host, rendered(SHIM));
    host.write(RULES, '# Written by macvtap-render from the intent of host kvm1.\n# rules\n');
    activated(host);
    assert.is(host.change(['confirm']).status, 0);
    const [dropIn, rules] = [host.read(DROP_IN), host.read(RULES)];
    assert.match(dropIn ?? '', /^MACVLAN=mac-shim$/m);
    const set = rendered(next);
    const { output } = host.change(['keep'], host.send(set.script));
    assert.match(output, /not in this set; .* \S+90-macvtap\.rules/);
    assert.is(output.includes(DROP_IN), next === ELSEWHERE);
    assert.is(host.read(`${PENDING}/files${DROP_IN}`), dropIn);
    assert.is(host.read(`${PENDING}/files${RULES}`), rules);
    for (const { path, text } of set.files) host.write(path, text);
    for (const path of host.files()) {
      const isGenerated = /^(?!\/etc\/macvtap-render).*macvtap(?:-|\.)/.test(path);
      if (isGenerated && !set.files.some((file) => file.path === path)) host.remove(path);
    }
    activated(host);
    assert.is(host.link('mac-shim'), undefined);
    assert.is(host.change(['rollback']).status, 0);
    assert.is(host.read(DROP_IN), dropIn);
    assert.is(host.read(RULES), rules);
    assert.is(host.link('mac-shim')?.['parent'], 'br0');
  }
});

test.run();
