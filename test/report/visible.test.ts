/** Text that others wrote is shown so that it is seen: on a terminal, in logs and reviews. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { code, escaped } from '../../src/changes/text.ts';
import { compile } from '../../src/compile.ts';
import { diagnosticsOf, findingsOf } from '../../src/report/output.ts';
import { sarif } from '../../src/report/sarif.ts';
import {
  jsonText,
  locatedFindings,
  reportFindings,
  reportText,
  visible,
} from '../../src/report/text.ts';

/** Controls, directions, zero-width and filler characters, variation selectors, tags, half a pair. */
const HIDDEN = [
  0x00, 0x07, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180e,
  0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2064, 0x2066,
  0x2069, 0x206f, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffb, 0x1d173, 0xe0001, 0xe0041,
  0xe0100, 0xd800,
];

const SEEN = ['a', 'é', '漢', '😀', 'ع', 'ש', '\t', '\u0301', '"', '\\', '`'];

test('what is not seen, or moves other text, is written out', () => {
  for (const point of HIDDEN) {
    const char = String.fromCodePoint(point);
    assert.not.ok(visible(`x${char}y`).includes(char), point.toString(16));
    assert.match(visible(`x${char}y`), /^x(?:[\u2400-\u2421]|\\u[0-9a-f]{4}|\\u\{[0-9a-f]+\})y$/);
  }
  assert.is(visible('a\u200eb\u{e0041}'), 'a\\u200eb\\u{e0041}');
  for (const char of SEEN) assert.is(visible(`x${char}y`), `x${char}y`);
});

test('no report hands it on: text, JSON, SARIF, Markdown, findings', () => {
  for (const point of HIDDEN) {
    const char = String.fromCodePoint(point);
    const what = point.toString(16);
    // Through an escape of YAML, and as it is, where YAML takes it so.
    for (const spelt of [`\\U${point.toString(16).padStart(8, '0')}`, char]) {
      if (point === 0xd800 && spelt !== char) continue;
      const text = `version: 1\nhost: "a${spelt}b"\nshims:\n  "v${spelt}0": {parent: "e${spelt}0", addresses: ["1${spelt}/24"], "k${spelt}": 1}\n`;
      const { source, diagnostics } = compile(text, { file: `x${char}.yaml`, backends: [] });
      assert.ok(diagnostics.length > 0, what);
      const findings = locatedFindings(source, diagnostics);
      for (const shown of [
        reportText(source, diagnostics, false),
        jsonText(diagnosticsOf(source, diagnostics)),
        jsonText(sarif(findings, '0')),
        reportFindings(findings, false),
      ]) {
        assert.not.ok(shown.includes(char), `${what}: ${JSON.stringify(shown)}`);
      }
      // What a program takes out of the JSON, and prints.
      for (const { message, hint } of diagnosticsOf(source, diagnostics)) {
        assert.not.ok(`${message}${hint}`.includes(char), what);
      }
      for (const finding of findingsOf(findings)) {
        assert.not.ok(finding.message.includes(char), what);
      }
    }
    assert.not.ok(escaped(`a${char}`).includes(char), what);
    assert.not.ok(code(`a${char}`).includes(char), what);
  }
});

test('the caret is below escaped text', () => {
  const { source, diagnostics } = compile('{"a\u200e": 1, "nonsense": 2, "version": 1}', {
    file: 'x',
    backends: [],
  });
  const lines = reportText(source, diagnostics, false).split('\n');
  const at = lines.findIndex((line) => line.includes('error[unknown-key]: Unknown key `nonsense`'));
  const [line = '', caret = ''] = lines.slice(at + 1);
  assert.ok(line.includes('"a\\u200e": 1'));
  assert.is(line.indexOf('"nonsense"'), caret.indexOf('^'));
});

test('JSON means the same', () => {
  const value = { a: HIDDEN.map((point) => String.fromCodePoint(point)).join(''), b: '😀\n\t' };
  assert.equal(JSON.parse(jsonText(value)), value);
});

test.run();
