/** Long mappings that are composed in parts are what they are as a whole. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDocument } from 'yaml';
import { composeYaml } from '../../src/intent/compose.ts';
import { isMap, isScalar, isSeq } from '../../src/intent/yaml.ts';
import { composedParts } from '../../src/intent/yaml-parts.ts';

const OPTIONS = { version: '1.2', uniqueKeys: false, merge: false } as const;

/** Values, places, anchors and aliases, with all that is nested. */
const shape = (node: unknown): unknown => {
  if (isMap(node)) {
    const items = node.items.map(({ key, value }) => [shape(key), shape(value)]);
    return ['map', node.range, node.anchor, items];
  }
  if (isSeq(node)) return ['seq', node.range, node.anchor, node.items.map(shape)];
  if (isScalar(node)) return [node.type, node.value, node.source, node.range, node.anchor];
  const { source, range } = (node ?? {}) as { source?: string; range?: unknown };
  return node && ['alias', source, range];
};

const ENTRIES: readonly ((n: number) => string)[] = [
  (n) => `  h${n}: {shims: {veth0: {addresses: [10.0.0.${n}/8]}}}\n`,
  (n) => `  h${n}:\n    shims:\n      veth0: &a${n} {mtu: 1400}\n    taps: *a${n}\n`,
  (n) => `\n  # about ${n}\n  "h ${n}": 'text'   # behind\n`,
  (n) => `  h${n}: |\n    one\n\n    two ${n}\n\n`,
  (n) => `  h${n}: >-\n      folded\n      ${n}\n`,
  (n) => `  ? h${n}\n  : [a, {b: c}]\n`,
  (n) => `  h${n}:\n`,
  (n) => `  h${n}:\r\n    a: 1\r\n    # inner\r\n`,
  (n) => `  h${n}: plain text\n    on two lines\n`,
  (n) => `  h${n}:\n  - in\n  - the column\n    # of its key\n`,
];

const texts = fc
  .tuple(
    fc.array(fc.nat(ENTRIES.length - 1), { minLength: 60, maxLength: 160 }),
    fc.constantFrom('', '# first\n', '---\n', 'defaults: {a: 1}\n'),
    fc.constantFrom('', 'after: &x [1]\n', '# last\n', '  # last of the inner\n', '...\n'),
  )
  .map(([kinds, before, after]) => {
    const entries = kinds.map((kind, index) => ENTRIES[kind]?.(index) ?? '');
    // Longer than what is composed at once: otherwise it would be one whole with itself.
    const filler = `filler: "${'x'.repeat(64 * 1024)}"\n`;
    return `${before}hosts:\n${entries.join('')}${after === '' || after === '...\n' ? '' : after}${filler}${after === '...\n' ? after : ''}`;
  });

test('a long mapping in parts is the same, with its places', () => {
  let right = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const whole = parseDocument(text, OPTIONS);
      const { tree, diagnostics } = composeYaml(text);
      assert.is(diagnostics.length > 0, whole.errors.length + whole.warnings.length > 0, text);
      if (!tree) return;
      assert.equal(shape(tree.root), shape(whole.contents));
      right += 1;
    }),
    { numRuns: 60, seed: 1 },
  );
  assert.ok(right > 40, `${right} without faults`);
});

test('a fault is reported as that of the whole text', () => {
  const entries = Array.from(
    { length: 3000 },
    (_, n) => `  h${n}: {shims: {veth0: {mtu: 1400}}}\n`,
  );
  for (const [at, fault] of [
    [10, '  h: {a: [}\n'],
    [2000, '  h: "\\q"\n'],
    [2998, '  h: !what 1\n'],
    [1500, 'outside\n'],
  ] as const) {
    const text = ['hosts:\n', ...entries.slice(0, at), fault, ...entries.slice(at)].join('');
    const { errors, warnings } = parseDocument(text, OPTIONS);
    const expected = [...errors, ...warnings].map(({ pos }) => pos[0]).sort((a, b) => a - b);
    const found = composeYaml(text).diagnostics.map(({ offsets }) => offsets?.[0] ?? -1);
    assert.equal(
      [...new Set(found)].sort((a, b) => a - b),
      [...new Set(expected)],
      fault,
    );
  }
});

test('parts that find no place are none', () => {
  assert.ok(composedParts(OPTIONS).join(null));
  const parts = composedParts(OPTIONS);
  const items = Array.from({ length: 80 }, (_, n) => ({
    start: [{ type: 'space' as const, offset: 10 * n, indent: 2, source: '  ' }],
    key: { type: 'scalar' as const, offset: 10 * n + 2, indent: 2, source: `k${n}` },
    sep: [{ type: 'map-value-ind' as const, offset: 10 * n + 6, indent: 2, source: ':' }],
  }));
  const map = { type: 'block-map' as const, offset: 2, indent: 2, items };
  const top = { type: 'block-map' as const, offset: 0, indent: 0, items: [] };
  const document = { type: 'document' as const, offset: 0, start: [] };
  assert.ok(parts.take([document, top, map]));
  assert.is(items.length, 2);
  assert.not.ok(parts.join(parseDocument('a: {}').contents));
});

test.run();
