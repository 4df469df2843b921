/** Fixed for ever: a change of any of these changes running machines. */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { MAX_BYTES } from '../../src/intent/parse.ts';
import { deriveMac, deriveUuid } from '../../src/model/derive.ts';
import { intentOf } from '../golden/cases.ts';

test('the derived MAC', () => {
  assert.is(deriveMac('kvm1', 'veth0'), 'ce:56:b6:6f:2b:36');
  for (const [host, name] of [
    ['', 'a'],
    ['kvm-2.example.net', 'storage'],
    ['007', 'veth0'],
  ] as const) {
    const hash = createHash('sha256').update(`macvtap-render/mac/1\0${host}\0${name}`).digest();
    const bytes = [...hash.subarray(0, 6)];
    bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 2;
    assert.is(
      deriveMac(host, name),
      bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    );
  }
});

test('the profile UUID', () => {
  assert.is(deriveUuid('kvm1', 'veth0'), '8cd55d86-d267-54ba-83cb-95c05d2079bf');
  assert.match(
    deriveUuid('', 'veth0'),
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('file names', () => {
  const paths = (backend: string, name = 'original'): string[] => {
    const { sets } = compile(intentOf(name), { file: 'x', backends: [backend] });
    return (sets?.[0]?.files ?? []).map(({ path, role }) => `${role} ${path}`).sort();
  };
  assert.equal(paths('networkd'), [
    'optional /etc/NetworkManager/conf.d/90-macvtap.conf',
    'optional /etc/sysctl.d/90-macvtap.conf',
    'optional /etc/systemd/network/00-macvtap.network',
    'optional /etc/systemd/system/systemd-networkd-wait-online.service.d/10-netplan.conf',
    'required /etc/systemd/network/00-macvtap-eth0.network',
    'required /etc/systemd/network/00-macvtap-veth0.netdev',
    'required /etc/systemd/network/00-macvtap-veth0.network',
  ]);
  assert.equal(paths('networkmanager'), [
    'optional /etc/sysctl.d/90-macvtap.conf',
    'optional /etc/systemd/network/00-macvtap-eth0.network',
    'optional /etc/systemd/network/00-macvtap-veth0.network',
    'optional /etc/systemd/network/00-macvtap.network',
    'optional /etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf',
    'required /etc/NetworkManager/conf.d/90-macvtap.conf',
    'required /etc/NetworkManager/system-connections/macvtap-eth0.nmconnection',
    'required /etc/NetworkManager/system-connections/macvtap-veth0.nmconnection',
    'required /etc/systemd/network/00-macvtap-veth0.link',
  ]);
  assert.equal(paths('netplan-networkd'), [
    'optional /etc/NetworkManager/conf.d/90-macvtap.conf',
    'optional /etc/sysctl.d/90-macvtap.conf',
    'optional /etc/systemd/network/00-macvtap.network',
    'required /etc/netplan/60-macvtap.yaml',
    'required /etc/systemd/network/00-macvtap-veth0.netdev',
    'required /etc/systemd/network/10-netplan-eth0.network',
    'required /etc/systemd/network/10-netplan-veth0.network.d/50-macvtap.conf',
    'required /etc/systemd/system/network-online.target.d/90-macvtap.conf',
    'required /etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf',
  ]);
  assert.equal(paths('netplan-networkmanager'), [
    'optional /etc/sysctl.d/90-macvtap.conf',
    'optional /etc/systemd/network/00-macvtap-eth0.network',
    'optional /etc/systemd/network/00-macvtap-veth0.network',
    'optional /etc/systemd/network/00-macvtap.network',
    'optional /etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf',
    'required /etc/NetworkManager/conf.d/90-macvtap.conf',
    'required /etc/NetworkManager/system-connections/macvtap-eth0.nmconnection',
    'required /etc/netplan/60-macvtap.yaml',
    'required /etc/systemd/network/00-macvtap-veth0.link',
  ]);
  assert.ok(
    paths('networkd', 'matched-parent').includes(
      'required /etc/systemd/network/00-macvtap-lan0.link',
    ),
  );
  assert.ok(
    paths('netplan-networkd', 'matched-parent').includes(
      'required /etc/systemd/network/10-netplan-uplink.network',
    ),
  );
});

test('the file that makes the arrangement takes effect after all other required ones', () => {
  const last = {
    networkd: '00-macvtap-eth0.network',
    networkmanager: 'macvtap-eth0.nmconnection',
    'netplan-networkd': '10-netplan-eth0.network',
    'netplan-networkmanager': 'macvtap-eth0.nmconnection',
  };
  for (const [backend, name] of Object.entries(last)) {
    const { sets } = compile(intentOf('original'), { file: 'x', backends: [backend] });
    assert.is(
      sets?.[0]?.files
        .filter(({ role }) => role === 'required')
        .at(-1)
        ?.path.split('/')
        .at(-1),
      name,
    );
  }
});

test('0600 for what may hold secrets, and 0644 for what a daemon without root reads', () => {
  for (const backend of [
    'networkd',
    'networkmanager',
    'netplan-networkd',
    'netplan-networkmanager',
  ]) {
    const { sets } = compile(intentOf('original'), { file: 'x', backends: [backend] });
    for (const { path, mode } of sets?.[0]?.files ?? []) {
      const isPrivate = path.startsWith('/etc/netplan/') || path.endsWith('.nmconnection');
      assert.is(mode, isPrivate ? 0o600 : 0o644, path);
    }
  }
});

test('the limit of input', () => assert.is(MAX_BYTES, 64 * 1024 * 1024));

test.run();
