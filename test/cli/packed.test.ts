/** Files of many hosts in little memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newPacker, unpacked } from '../../src/cli/packed.ts';
import type { Placement } from '../../src/install/places.ts';

const placed = (
  text: string,
  name = 'a.network',
  mode: Placement['file']['mode'] = 0o644,
  folder = '/etc',
): Placement => ({
  file: { path: `${folder}/${name}`, mode, text },
  steps: ['etc', name],
});

const hostText = (host: string, address: string): string =>
  `# host ${host}\n[Network]\nAddress=${address}\nLLDP=no\n`;

test('what was packed is unpacked as it was', () => {
  const texts = [
    hostText('kvm1', '10.0.0.1/8'),
    hostText('kvm2', '10.0.0.2/8'),
    hostText('kvm2', '10.0.0.2/8').trimEnd(),
    // As many lines, and none of them the same; the same line twice; lines that look like numbers.
    'a\nb\nc\nd\n',
    'a\na\n1\n0\n',
    'LLDP=no\n# host kvm1\n\n\n',
    `${hostText('kvm3', '10.0.0.3/8')}DNS=10.0.0.53\r\n`,
    'one line',
    'other line',
    '\n',
    '',
    '\n\n',
  ];
  const hosts = texts.flatMap((text, at) => [
    [placed(text), placed(texts[(at + 1) % texts.length] ?? '', 'b.network')],
    [placed(text, 'b.network', 0o600), placed(text)],
    [placed(text, 'a.network', 0o644, '/run')],
  ]);
  const { pack } = newPacker();
  const packed = hosts.map(pack);
  assert.equal(packed.map(unpacked), hosts);
});

test('a rank goes with its file', () => {
  const { pack } = newPacker();
  const { file, steps } = placed('x\n');
  const ranked = [{ file: { ...file, rank: 1 }, steps } as Placement];
  const hosts = [[placed('x\n')], ranked];
  assert.equal(hosts.map(pack).map(unpacked), hosts);
});

test('a host holds its own lines only', () => {
  const { pack } = newPacker();
  const [, second, third] = ['1', '2', '3'].map((n) =>
    pack([placed(hostText(n, n)), placed(hostText(n, 'x'), 'b.network')]),
  );
  assert.is(second?.lines, '\n# host 2\nAddress=2');
  assert.is(second?.files, third?.files);
});

test('options of a pending change are not shared', () => {
  const { options } = newPacker();
  assert.is(options({ force: true }), options({ force: true }));
  const pending = { pendingFolders: [] };
  assert.is(options(pending), pending);
  assert.is.not(options({ pendingFolders: [] }), pending);
});

test.run();
