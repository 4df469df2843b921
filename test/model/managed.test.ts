/** `managed: false`: what may be beside it, and what may not be put on such a link. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changesBetween } from '../../src/changes/changes.ts';
import { compile } from '../../src/compile.ts';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import type { Model } from '../../src/model/types.ts';
import { HOSTS } from '../host/judged.ts';

const SHIM =
  'shims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]}}\n';
const intent = (parents: string, rest = SHIM): string =>
  `version: 1\nhost: kvm1\nparents: {${parents}}\n${rest}`;
const KEPT = 'eth0: {managed: false, network-file: 20-eth0.network}';

const run = (text: string, backend?: string) =>
  compile(text, { file: 'x', backends: backend === undefined ? [] : [backend] });
const codes = (text: string, backend?: string): string[] =>
  run(text, backend).diagnostics.map(({ code, path }) => `${code} ${path.join('.')}`);

test('of a link with `managed: false` no back end writes anything but what is on top of it', () => {
  for (const backend of [...HOSTS, 'iproute2', 'libvirt']) {
    const { sets, diagnostics } = run(intent(KEPT), backend);
    assert.not.ok(hasErrors(diagnostics), backend);
    for (const { path, text } of sets?.[0]?.files ?? []) {
      assert.not.match(path, /00-macvtap-eth0|10-netplan-eth0\.network$|macvtap-eth0\.nmc/, path);
      assert.not.match(text, /^(?:auto|iface) eth0\b|^Name=eth0$|interface-name:eth0\b/m, path);
      assert.not.match(text, /conf\/eth0\/|flush dev eth0|dev eth0 (?:up|down)|^ +eth0:$/m, path);
    }
    // Managed, it is in the files of each: the patterns do find it.
    if (backend === 'libvirt') continue;
    const managed = run(intent('eth0: {addresses: [198.51.100.50/24]}'), backend).sets?.[0]?.files;
    const all = (managed ?? []).map(({ path, text }) => `${path}\n${text}`).join('\n');
    assert.match(all, /00-macvtap-eth0|10-netplan-eth0\.network$|flush|eth0/m, backend);
  }
});

test('the parent of the public recipe is kept with the line that the error names', () => {
  const found = run(`version: 1\nhost: kvm1\n${SHIM}`).diagnostics.find(
    ({ code }) => code === 'parent-cut-off',
  );
  assert.match(found?.hint ?? '', /`parents: \{eth0: \{managed: false\}\}`/);
  for (const backend of HOSTS) {
    const { diagnostics } = run(intent('eth0: {managed: false}'), backend);
    // systemd-networkd alone needs the name of the file.
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.equal(
      errors.map(({ code }) => code),
      backend === 'networkd' ? ['network-file-needed'] : [],
      backend,
    );
  }
});

test('what configures a link is refused beside `managed: false`, and only that', () => {
  for (const key of [
    'addresses: [198.51.100.50/24]',
    'dhcp4: true',
    'mtu: 9000',
    'macaddress: "02:00:00:00:00:01"',
    'accept-ra: true',
    'optional: true',
    'match: {macaddress: "02:00:00:00:00:01"}',
    'wakeonlan: true',
  ]) {
    const name = key.slice(0, key.indexOf(':'));
    assert.ok(
      codes(intent(`eth0: {managed: false, ${key}}`)).includes(
        `unmanaged-configured parents.eth0.${name}`,
      ),
      key,
    );
    assert.not.ok(
      codes(intent(`eth0: {managed: true, ${key}}`)).some((line) => line.startsWith('unmanaged')),
    );
  }
  for (const type of ['ethernet', 'vlan', 'bond', 'bridge']) {
    assert.equal(codes(intent(`eth0: {managed: false, type: ${type}}`)), [], type);
  }
  const unused = 'setting-unused parents.eth0.network-file';
  assert.ok(
    codes(intent('eth0: {addresses: [198.51.100.50/24], network-file: a.network}')).includes(
      unused,
    ),
  );
});

test('nothing is put on such a link that its own configuration would have to name', () => {
  assert.ok(
    codes(intent(`${KEPT}, v5: {id: 5, link: eth0, addresses: [192.0.2.1/24]}`)).includes(
      'unmanaged-below parents.v5.link',
    ),
  );
  assert.ok(
    codes(
      intent(`${KEPT}, br0: {type: bridge, interfaces: [eth0], addresses: [192.0.2.1/24]}`, ''),
    ).includes('unmanaged-below parents.br0.interfaces'),
  );
  const hints = (parent: string): string =>
    run(intent(`${KEPT}, ${parent}`, ''))
      .diagnostics.map(({ hint = '' }) => hint)
      .join('\n');
  const vlan = hints('v5: {id: 5, link: eth0, addresses: [192.0.2.1/24]}');
  for (const words of ['`VLAN=v5`', '`vlans`', '`parent=eth0`', '`vlan-raw-device eth0`'])
    assert.ok(vlan.includes(words), words);
  const bond = hints('b0: {type: bond, interfaces: [eth0], addresses: [192.0.2.1/24]}');
  for (const words of ['`Bond=b0`', '`bonds`', '`master=b0`', '`bond-slaves eth0`'])
    assert.ok(bond.includes(words), words);
  const passthru = 'shims: {s: {parent: eth0, mode: passthru, addresses: [192.0.2.1/24]}}\n';
  assert.ok(codes(intent(KEPT, passthru)).includes('unmanaged-passthru shims.s.mode'));
});

test('one file is of one parent', () => {
  const two = `${SHIM.replace('}}\n', '}, s2: {parent: eth1, addresses: [192.0.2.1/32]}}\n')}`;
  const same = `${KEPT}, eth1: {managed: false, network-file: 20-eth0.network}`;
  for (const backend of ['networkd', 'netplan-networkd']) {
    assert.ok(
      codes(intent(same, two), backend).includes('network-file-taken parents.eth1.network-file'),
      backend,
    );
    const other = same.replace(/20-eth0(?!.*20-eth0)/, '20-eth1');
    assert.not.ok(
      codes(intent(other, two), backend).some((line) => line.startsWith('network-file')),
      backend,
    );
  }
});

test('a lease beside a side shim gets the note that `managed: false` keeps IPv6', () => {
  const note = 'side-shim-managed-parent parents.eth0';
  assert.ok(codes(intent('eth0: {dhcp4: true}')).includes(note));
  assert.not.ok(codes(intent('eth0: {dhcp4: true, accept-ra: true}')).includes(note));
  assert.not.ok(codes(intent(KEPT)).includes(note));
});

test('under ifupdown, links other than NICs must exist before the shim', () => {
  const order = 'unmanaged-order parents.eth0';
  assert.ok(codes(intent('eth0: {type: bridge, managed: false}'), 'ifupdown').includes(order));
  assert.not.ok(codes(intent('eth0: {managed: false}'), 'ifupdown').includes(order));
});

test('a parent that is handed over, or taken back, is a change that is reported', () => {
  const modelOf = (text: string): Model => {
    const { model } = run(text);
    if (!model) throw new Error('no model');
    return model;
  };
  const managed = modelOf(intent('eth0: {addresses: [198.51.100.50/24]}'));
  const kept = modelOf(intent(KEPT));
  const own = (before: Model, after: Model): string[] =>
    changesBetween(before, after)
      .filter(({ message }) => /configured by the generated files/.test(message))
      .map(({ severity }) => severity);
  assert.equal(own(managed, kept), ['drops-connections']);
  assert.equal(own(kept, managed), ['may-lock-out']);
  assert.equal(changesBetween(kept, kept), []);
  const moved = modelOf(intent('eth0: {managed: false, network-file: 30-eth0.network}'));
  assert.equal(
    changesBetween(kept, moved).map(({ severity, subject }) => `${severity} ${subject}`),
    ['drops-connections eth0'],
  );
});

test.run();
