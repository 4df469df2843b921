/** Garbage is answered, not thrown at. */
import fc from 'fast-check';
import { test } from 'uvu';
import { processorMs } from '../processor.ts';
import { checkAnswer, checkReport, run } from './checks.ts';
import { fail } from './description.ts';
import { type Dice, dice } from './intents/dice.ts';
import { intent } from './intents/intent.ts';
import { print, style } from './intents/print.ts';
import { check, isLong, RUNS } from './runs.ts';
import { HOSTILE, words } from './texts.ts';

const TOKENS = [
  ...HOSTILE,
  ...'version: 1|host: kvm1|shims:|parents:|parent: eth0|addresses:|routes:|match:|nameservers:|mtu: 1500'.split(
    '|',
  ),
  ...'veth0|to: default|via: 198.51.100.254|198.51.100.50/24|link-local: [ipv6]|dhcp4: yes|use-dns: off'.split(
    '|',
  ),
  ...'{|}|[|]|, |: |? | - |&a |*a|&b |*b|<<: *a|<<: [*a, *b]|<<: |--- |"|\'|"\\x|# c\n'.split('|'),
  ...words('1.5 .inf .nan -0 0o7 0777 1_000 12:30:45 2024-01-01 null ~'),
  ...words('!!str !!int !!map !!seq !!binary !!set !!omap !x !<tag:x> !').map((tag) => `${tag} `),
  ...[
    '\n',
    '\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    '|2\n',
    '\r\n',
  ],
];

const soup = fc
  .array(fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 4 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

function mutate(text: string, d: Dice): string {
  const at = d.below(text.length + 1);
  const length = 1 + d.below(d.once(3) ? 40 : 3);
  const lines = text.split('\n');
  const line = d.below(lines.length);
  switch (d.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    case 2:
      return text.slice(0, at) + d.pick(TOKENS) + text.slice(at);
    case 3:
      return (
        text.slice(0, at) + String.fromCharCode(d.below(d.once(4) ? 65536 : 128)) + text.slice(at)
      );
    case 4:
      return lines.toSpliced(line, 1).join('\n');
    case 5:
      return lines.toSpliced(line, 0, lines[d.below(lines.length)] ?? '').join('\n');
    case 6:
      return lines.with(line, ' '.repeat(d.below(6)) + (lines[line]?.trimStart() ?? '')).join('\n');
    default:
      return text.slice(0, at);
  }
}

const mutant = fc
  .record({ data: intent, style, seed: fc.nat(), times: fc.integer({ min: 1, max: 4 }) })
  .map(({ data, style: as, seed, times }) => {
    const d = dice(seed);
    let text = print(data, as);
    for (let i = 0; i < times; i += 1) text = mutate(text, d);
    return text;
  });

const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('');

const SKELETON = 'version: 1\nhost: kvm1\n';

/** Texts that grow: in depth, by aliases, by merging, by their number of mistakes. */
const MONSTERS: Readonly<Record<string, (size: number) => string>> = {
  'flow sequences': (n) => '['.repeat(n),
  'flow mappings': (n) => '{a: '.repeat(n),
  'block sequences': (n) => '- '.repeat(n),
  'block mappings': (n) => repeat(n, (i) => `${' '.repeat(i % 400)}a:\n`),
  'explicit keys': (n) => '? '.repeat(n),
  'closed brackets': (n) => ']'.repeat(n),
  quotes: (n) => `a: "${'\\"'.repeat(n)}`,
  'blank lines': (n) => `a:${'\n'.repeat(n)}b: 1`,
  spaces: (n) => `a:${' '.repeat(n)}b`,
  comments: (n) => '#\n'.repeat(n),
  documents: (n) => '---\n'.repeat(n),
  anchors: (n) => `x: [${repeat(n, (i) => `&a${i} 1, `)}]`,
  'one anchor': (n) => `x: [${'*a, '.repeat(n)}${'&a 1, '.repeat(n)}]`,
  'chain of aliases': (n) =>
    `x:\n- &a0 []\n${repeat(n, (i) => `- &a${i + 1} [*a${i}]\n`)}shims: *a${n}\n`,
  'chain of merges': (n) =>
    `x:\n- &a0 {}\n${repeat(n, (i) => `- &a${i + 1} {<<: *a${i}}\n`)}shims: *a${n}\n`,
  'bomb of aliases': (n) =>
    `x:\n- &a0 [1]\n${repeat(Math.min(n, 12), (i) => `- &a${i + 1} [${`*a${i}, `.repeat(10)}]\n`)}shims:\n${repeat(n, (i) => `  s${i}: *a9\n`)}`,
  'bomb of merges': (n) =>
    `x:\n- &a0 {k: 1}\n${repeat(Math.min(n, 12), (i) => `- &a${i + 1} {<<: [${`*a${i}, `.repeat(10)}]}\n`)}shims:\n  a: *a9\n`,
  'merge of itself': (n) => `shims: &a\n${repeat(n, (i) => `  s${i}: {<<: *a}\n`)}`,
  'unknown keys': (n) => `${SKELETON}${repeat(n, (i) => `k${i}: 1\n`)}`,
  'doubled keys': (n) => `${SKELETON}${'k: 1\n'.repeat(n)}`,
  'shims that are none': (n) => `${SKELETON}shims:\n${repeat(n, (i) => `  s${i}: 1\n`)}`,
  'malformed addresses': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, addresses: [${'x, '.repeat(n)}]}}\n`,
  'mappings as addresses': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, addresses: [${'{}, '.repeat(n)}]}}\n`,
  'equal routes': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, dhcp4: true, routes: [${'{to: default, via: 192.0.2.1}, '.repeat(n)}]}}\n`,
  'a long name': (n) => `${SKELETON}shims: {${'s'.repeat(n)}: {parent: ${'p'.repeat(n)}}}\n`,
  'a long key': (n) => `${SKELETON}${'k'.repeat(n)}: 1\n`,
  'a long number': (n) => `version: ${'1'.repeat(n)}\n`,
  'a long line of spaces': (n) => `version: 1 ${' '.repeat(n)}# x\n`,
  'a long domain': (n) =>
    `${SKELETON}shims: {s: {parent: eth0, nameservers: {search: [${'a.'.repeat(n)}]}}}\n`,
};

/** Milliseconds after which an answer counts as none. No measure of speed: a busy machine must pass. */
const LIMIT = 20_000;

function checkGarbage(text: string): void {
  const start = processorMs();
  const compiled = run(text);
  checkAnswer(text, compiled);
  const took = processorMs() - start;
  if (text.length < 3000) checkReport(compiled);
  if (took > LIMIT) fail(`took ${Math.round(took)} ms for ${text.length} characters`);
}

const show = (text: string): string =>
  text.length > 2000 ? `${JSON.stringify(text.slice(0, 2000))}…` : JSON.stringify(text);

test('random text is answered', () =>
  check(RUNS / 10, fc.string({ unit: 'binary', maxLength: 200 }), show, checkGarbage));

test('YAML-like soup is answered', () => check(RUNS / 4, soup, show, checkGarbage));

test('a good intent with mistakes is answered', () => check(RUNS / 5, mutant, show, checkGarbage));

test('words that every object of JavaScript knows are words like others', () => {
  const places = [
    '{WORD: VALUE}',
    '{version: 1, host: WORD, shims: VALUE}',
    '{version: 1, host: kvm1, parents: {WORD: VALUE}, shims: {veth0: {parent: WORD}}}',
    '{version: 1, host: kvm1, shims: {WORD: VALUE}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, WORD: VALUE}}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, mode: WORD, routes: [{WORD: VALUE}]}}}',
    '{version: 1, host: kvm1, shims: {veth0: {parent: eth0, dhcp4-overrides: {WORD: VALUE}}}}',
  ];
  for (const word of Object.getOwnPropertyNames(Object.prototype)) {
    for (const place of places) {
      for (const value of ['', '1', 'text', '[]', '{}', '{parent: eth0}']) {
        const text = place.replaceAll('WORD', word).replace('VALUE', value);
        try {
          checkGarbage(text);
        } catch (error) {
          fail(`${String(error)}: ${text}`);
        }
      }
    }
  }
});

for (const [kind, make] of Object.entries(MONSTERS)) {
  test(`a monster is answered: ${kind}`, () => {
    const sizes = isLong ? [0, 1, 12, 100, 1000, 4000] : [0, 1, 12, 100, 1000];
    for (const size of sizes) checkGarbage(make(size));
  });
}

test.run();
