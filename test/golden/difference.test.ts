/** Differences of golden output: nothing is lost, and nothing fits that does not. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applied, difference, filesOf, type GoldenFile, whole } from './difference.ts';

const file = (path: string, text: string, mode = '0644', role = 'required'): GoldenFile => ({
  path,
  mode,
  role,
  text,
});

const BASE = [
  file('/etc/a.network', '[Match]\nName=eth0\n\n[Network]\nMACVLAN=veth0\nDHCP=no\n'),
  file('/etc/b.yaml', 'network:\n  ethernets:\n    eth0:\n      dhcp4: false\n', '0600'),
];

const text = (index: number): string => BASE[index]?.text ?? '';

test('a change, in the section that it is in', () => {
  const files = [
    file('/etc/a.network', text(0).replace('DHCP=no', 'DHCP=yes')),
    file('/etc/b.yaml', text(1).replace('false\n', 'false\n      mtu: 9000\n'), '0600'),
  ];
  assert.is(
    difference(BASE, files),
    [
      '# ==> /etc/a.network (0644, required)',
      '@ [Network]',
      '-DHCP=no',
      '+DHCP=yes',
      '# ==> /etc/b.yaml (0600, required)',
      '@     eth0:',
      '+      mtu: 9000',
      '',
    ].join('\n'),
  );
  assert.equal(applied(BASE, difference(BASE, files)), files);
});

test('another mode, role, order, a file more and one less are differences', () => {
  const [first, second] = BASE as [GoldenFile, GoldenFile];
  const extra = file('/etc/c.conf', 'x\n');
  for (const files of [
    [{ ...first, mode: '0600' }, second],
    [first, { ...second, role: 'optional' }],
    [first],
    [first, second, extra],
    [extra, first, second],
    [first, extra, second],
    [second, first],
    [second, extra, { ...first, mode: '0600' }],
  ]) {
    const changes = difference(BASE, files);
    assert.is.not(changes, '');
    assert.equal(applied(BASE, changes), files);
  }
  assert.is(difference(BASE, BASE), '');
  assert.equal(filesOf(whole(BASE)), BASE);
});

test('what does not fit its base is refused', () => {
  assert.throws(() => applied(BASE, '# ==> /etc/none (0644, required)\n-x\n'), /the base has no/);
  const other = '# ==> /etc/a.network (0644, required)\n@ [Network]\n-DHCP=yes\n+DHCP=no\n';
  assert.throws(() => applied(BASE, other), /no place for/);
});

test('random texts: the difference, applied, is the text', () => {
  const lines = ['', '[A]', '[B]', 'x=1', 'y=2', 'key:', '  inner:', '    deep: 1', '  z'];
  const texts = fc.array(fc.constantFrom(...lines), { maxLength: 24 });
  const print = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('');
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const base = [file('/etc/a', print(before))];
      const files = [file('/etc/a', print(after))];
      assert.equal(applied(base, difference(base, files)), files);
    }),
    { numRuns: 3000, seed: 7 },
  );
});

test.run();
