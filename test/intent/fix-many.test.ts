/** `lint --fix` of many slips, some of which lead to errors: what is applied, in how many compilations. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFleet } from '../../src/compile-fleet.ts';
import { type FixedTexts, fixTexts } from '../../src/fix-texts.ts';

/** With how often the texts were compiled. */
function countedFixes(text: string): FixedTexts & { readonly compilations: number } {
  let compilations = 0;
  const result = fixTexts([{ file: 'macvtap.yaml', text }], {
    backends: [],
    onHost: () => {
      compilations += 1;
    },
  });
  return { ...result, compilations };
}

/** Shims, each with a comment and what `lines` returns. */
const shims = (count: number, lines: (index: number) => readonly string[]): string =>
  `version: 1\nhost: kvm1\nshims:\n${Array.from(
    { length: count },
    (_, i) =>
      `  s${i}: # the ${i}th\n    parent: eth${i}\n${lines(i)
        .map((line) => `    ${line}\n`)
        .join('')}`,
  ).join('')}`;

const own = (index: number): string => `10.${index >> 8}.${index & 255}.1`;

test('many fixes that lead to errors do not keep others from being applied', () => {
  for (const count of [3, 100, 400]) {
    const text = shims(count, (i) => [`adresses: [${own(i)}]`, 'optional: yes # as in 1.1']);
    const result = countedFixes(text);
    assert.is(result.texts[0]?.text, text.replaceAll('yes', 'true'), `${count}`);
    assert.is(result.fixed.length, count);
    assert.is(result.refused.length, count);
    assert.ok(result.refused.every(({ error }) => error.code === 'address-without-prefix'));
    assert.equal(result.untried, []);
    assert.ok(result.compilations <= 5, `${count}: ${result.compilations} compilations`);
  }
});

test('an error at another place than its fix is found by what it names', () => {
  const text = shims(200, (i) =>
    i % 2 === 0
      ? [`adresses: [${own(i)}/24]`, 'optional: yes']
      : [`addresses: [${own(i - 1)}/24]`, 'optional: yes'],
  );
  const result = countedFixes(text);
  assert.is(result.texts[0]?.text, text.replaceAll('yes', 'true'));
  assert.is(result.refused.length, 100);
  assert.ok(result.refused.every(({ error }) => error.code === 'address-taken'));
  assert.ok(result.compilations <= 7, `${result.compilations} compilations`);
});

test('several fixes of one mapping, one of which leads to an error at the mapping', () => {
  // The second fix of each is right, and the error of the first is at a key of neither.
  const text = shims(60, (i) => [
    `adresses: [${own(i)}/24]`,
    'mtu: "1400"',
    'optional: yes',
    'routes:',
    `  - {to: default, via: ${own(i + 256)}, metric: ${i + 1}}`,
  ]);
  const result = countedFixes(text);
  assert.is(result.texts[0]?.text, text.replaceAll('yes', 'true').replaceAll('"1400"', '1400'));
  assert.is(result.fixed.length, 120);
  assert.is(result.refused.length, 60);
  assert.equal(
    [...new Set(result.refused.map(({ message }) => message))],
    ['Rename the key to `addresses`.'],
  );
  assert.ok(result.compilations <= 12, `${result.compilations} compilations`);
});

test('an error that was there before, with the same words, points to no fix', () => {
  const text = shims(100, (i) => [
    `${i % 2 ? 'addresses' : 'adresses'}: [10.0.0.1]`,
    'optional: yes',
  ]);
  const result = countedFixes(text);
  assert.is(result.texts[0]?.text, text.replaceAll('yes', 'true'));
  assert.is(result.refused.length, 50);
  assert.ok(result.compilations <= 5, `${result.compilations} compilations`);
});

test('a fix that leads to errors at others does not take theirs with it', () => {
  // Two addresses of s1 are taken, which is an error at s1 and at s2. That s2 names s1 does not help,
  // since too much of s1 is to be fixed.
  const routes = Array.from(
    { length: 10 },
    (_, i) => `  - {to: 10.9.0.${i + 1}/24, via: ${own(1).slice(0, -1)}${i + 2}}`,
  );
  const lines = [
    [`addresses: [${own(0)}/24]`],
    [`adresses: [${own(1)}/24, ${own(0)}/24]`, 'routes:', ...routes],
    [`addresses: [${own(1)}/24]`, 'optional: yes'],
  ];
  const result = countedFixes(shims(3, (i) => lines[i] ?? []));
  assert.match(result.texts[0]?.text ?? '', /optional: true/);
  assert.match(result.texts[0]?.text ?? '', / adresses:/);
  assert.equal(result.untried, []);
  assert.ok(result.compilations <= 12, `${result.compilations} compilations`);
});

test('an error in a list points to the fix of its key, and to no other of the same key', () => {
  const routes = [
    `{on-link: true, vi: ${own(0).slice(0, -1)}2, to: default}`,
    `{via: ${own(1).slice(0, -1)}2, to: 192.0.2.0/24}`,
  ];
  const text = shims(2, (i) => [`addresses: [${own(i)}/24]`, `rotes: [${routes[i] ?? ''}]`]);
  const result = countedFixes(text);
  const at = text.lastIndexOf('rotes');
  assert.is(result.texts[0]?.text, `${text.slice(0, at)}routes${text.slice(at + 5)}`);
  assert.is(result.refused.length, 1);
});

test('an error that another host has at the same place is a new one', () => {
  const text = `version: 1
defaults:
  shims:
    veth0: {parent: eth0, mtu: 1000}
hosts:
  kvm1: {shims: {veth0: {addresses: ['2001:db8::5/64']}}}
  kvm2: {shims: {veth0: {adresses: ['2001:db8::6/64'], optional: yes}}}
`;
  const result = countedFixes(text);
  assert.is(result.texts[0]?.text, text.replace('yes', 'true'));
  assert.equal(
    result.refused.map(({ error }) => [error.code, error.hosts]),
    [['mtu-too-small-for-ipv6', ['kvm1', 'kvm2']]],
  );
});

/** Errors at one shim, each of one of too many fixes of the other: nothing distinguishes these. */
const crowded = (count: number): string => {
  const list = (length: string, isTaken: (i: number) => boolean): string =>
    Array.from({ length: count }, (_, i) => i)
      .filter(isTaken)
      .map((i) => `\n      - ${own(i)}${length}`)
      .join('');
  return shims(2, (i) => [
    `addresses:${i === 0 ? list('/255.255.255.0', () => true) : list('/24', (at) => at % 2 === 0)}`,
    'optional: yes',
  ]);
};

test('where errors point to no fix, a bounded number of attempts is made, and the rest is reported', () => {
  const text = crowded(80);
  const errors = ({ fleet }: FixedTexts): number =>
    fleet.diagnostics.filter(({ severity }) => severity === 'error').length;
  const result = countedFixes(text);
  assert.ok(result.compilations > 20 && result.compilations <= 41, `${result.compilations}`);
  assert.is(result.texts[0]?.text.match(/optional: true/g)?.length, 2, 'others are applied');
  assert.ok(result.untried.length > 0 && result.fixed.length > 2);
  const { length: refused } = result.refused;
  assert.is(result.fixed.length + refused + result.untried.length, 82);
  assert.is(errors(result), 82 - result.fixed.length, 'there is no new error');
  const few = countedFixes(crowded(12));
  assert.is(few.fixed.length, 6 + 2);
  assert.is(few.refused.length, 6);
});

test('a large text is compiled a few times only, and nothing is half done', () => {
  const padding = `# ${'x'.repeat(98)}\n`.repeat(4000);
  const text = `${crowded(80)}${padding}`;
  const result = countedFixes(text);
  assert.ok(result.compilations <= 11, `${result.compilations} compilations`);
  assert.ok(result.untried.length > 0);
  const again = compileFleet(result.texts, { backends: [] });
  assert.not.ok(again.diagnostics.some(({ code }) => code === 'address-taken'));
  // What needs two fixes needs both: without an address it would be another error.
  const wrong = shims(1, () => ['adresses: 198.51.100.50/24']);
  const both = countedFixes(`${wrong}${padding}`);
  assert.is(
    both.texts[0]?.text,
    `${wrong.replace('adresses: 198.51.100.50/24', 'addresses: [198.51.100.50/24]')}${padding}`,
  );
});

test.run();
