/**
 * What a hostile or very large intent costs: time that grows with its size and no faster, and no
 * more values than there is room for. Measured in time of the processor: other programs may run.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { compileFleet } from '../../src/compile-fleet.ts';
import { composeYaml } from '../../src/intent/compose.ts';
import { MAX_VALUES, sizeOf } from '../../src/intent/size.ts';
import { isMap, isSeq, type Node } from '../../src/intent/yaml.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { jsonText, reportText } from '../../src/report/text.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { isLong, sample } from '../long.ts';
import { processorMs } from '../processor.ts';

const HEAD = 'version: 1\nhost: a\n';
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');
const ip = (index: number): string =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
const far = (index: number): string => ip(index).replace('10.', '172.');
const mac = (index: number): string =>
  `02:00:00:${[index >> 16, index >> 8, index].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}`;
const shim = (body: string): string => `${HEAD}shims:\n  veth0:\n    parent: eth0\n${body}`;
const subnets = (count: number): string =>
  `    addresses:\n${lines(count, (i) => `      - ${ip(i * 4 + 1)}/30\n`)}`;

/** Seconds of the processor that it takes to compile, and to report what is wrong. */
function seconds(text: string, backends: readonly string[] = []): number {
  const before = processorMs();
  const isFleet = text.includes('hosts');
  const { source, diagnostics } = isFleet
    ? compileFleet([{ file: 'x', text }], { backends })
    : compile(text, { file: 'x', backends });
  assert.type(reportText(source, diagnostics, false), 'string');
  assert.type(jsonText(diagnosticsOf(source, diagnostics)), 'string');
  return (processorMs() - before) / 1000;
}

/** Each took more than ten seconds with so many, or would have, while each was compared with all. */
const KINDS: Readonly<Record<string, readonly [count: number, text: (count: number) => string]>> = {
  'addresses and gateways': [
    4000,
    (n) =>
      shim(
        `${subnets(n)}    routes:\n${lines(n, (i) => `      - {to: ${far(i)}/32, via: ${ip(i * 4 + 2)}}\n`)}`,
      ),
  ],
  'gateways that are out of reach': [
    4000,
    (n) =>
      shim(
        `${subnets(n)}    routes:\n${lines(n, (i) => `      - {to: ${far(i)}/32, via: 9.9.9.9}\n`)}`,
      ),
  ],
  'side shims and their routes': [
    4000,
    (n) =>
      `${HEAD}parents:\n  eth0:\n    addresses:\n${lines(n, (i) => `      - ${ip(i * 256 + 1)}/24\n`)}shims:\n  v:\n    parent: eth0\n    addresses:\n${lines(n, (i) => `      - ${ip(i * 256 + 2)}/32\n`)}    routes:\n${lines(n, (i) => `      - {to: ${ip(i * 256 + 4)}/30, scope: link}\n`)}`,
  ],
  'rules and addresses': [
    8000,
    (n) =>
      shim(
        `${subnets(n)}    routes: [{to: default, via: 10.0.0.2, table: 5}]\n    routing-policy:\n${lines(n, (i) => `      - {from: ${ip(i * 4 + 1)}/32, table: 5, priority: 5}\n`)}`,
      ),
  ],
  'IPv6 addresses': [
    16_000,
    (n) =>
      shim(`    addresses:\n${lines(n, (i) => `      - "2001:db8::${i.toString(16)}:1/64"\n`)}`),
  ],
  'guests that each want the NIC alone': [
    8000,
    (n) =>
      `${HEAD}shims: {v: {parent: eth0, dhcp4: true}}\nguests:\n${lines(n, (i) => `  g${i}: {parent: eth1, mode: passthrough}\n`)}`,
  ],
  'VLANs on each other': [
    20_000,
    (n) => `${HEAD}parents:\n${lines(n, (i) => `  v${i}: {id: 1, link: v${i + 1}}\n`)}`,
  ],
  'members with guests': [
    10_000,
    (n) =>
      `${HEAD}parents:\n  b0: {type: bridge, parameters: {stp: true}, interfaces: [${lines(n, (i) => `e${i},`)}]}\nguests:\n${lines(n, (i) => `  s${i}: {parent: e${i}}\n`)}`,
  ],
  'errors in one line': [
    8000,
    (n) =>
      `{"version":1,"host":"a","shims":{${lines(n, (i) => `"v${i}":{"parent":"eth0","mtu":70000},`)}"z":{"parent":"eth0"}}}`,
  ],
  'errors of a fleet in one line': [
    4000,
    (n) =>
      `{"version":1,"defaults":{"shims":{"veth0":{"parent":"eth0","dhcp4":true}}},"hosts":{${lines(n, (i) => `"k${i}":{"shims":{"veth0":{"mtu":70000}}},`)}"z":{}}}`,
  ],
  'one anchor, over and over': [
    20_000,
    (n) =>
      `${HEAD}shims:\n${lines(n, (i) => `  v${i}: {parent: &a eth0, dhcp4: true}\n  w${i}: {parent: *a, dhcp4: true}\n`)}`,
  ],
  'items that are taken out': [
    20_000,
    (n) => shim(`    addresses:\n${lines(n, () => '      - {a: 1}\n')}`),
  ],
  'guests of a host of a fleet': [
    20_000,
    (n) =>
      `version: 1\nhosts:\n  a:\n    shims: {v: {parent: eth0, dhcp4: true}}\n    guests:\n${lines(n, (i) => `      g${i}: {parent: eth0, macaddress: "${mac(i)}"}\n`)}  b: {shims: {v: {parent: eth0, dhcp4: true}}}\n`,
  ],
};

for (const [name, [count, text]] of Object.entries(KINDS)) {
  test(`many do not cost more than their share: ${name}`, () => {
    // The first warms up; the share of each is then a matter of milliseconds.
    seconds(text(100));
    // A tenth of them in a short run.
    const spent = seconds(text(isLong ? count : Math.ceil(count / 10)));
    assert.ok(spent < (isLong ? 12 : 2), `${spent.toFixed(1)} s`);
  });
}

test('bonds with shared members are not expanded to a tree', () => {
  // Eight levels of ten, each with all of the level below: 10 ** 8 paths down.
  const level = (at: number): string =>
    lines(
      10,
      (i) =>
        `  b${at}x${i}: {type: bond, parameters: {mode: active-backup}, interfaces: [${lines(10, (j) => (at === 0 ? `e${j},` : `b${at - 1}x${j},`))}]}\n`,
    );
  assert.ok(seconds(`${HEAD}parents:\n${lines(8, level)}`) < 5);
});

test('what is shown of a line is near the caret', () => {
  const text = `{"version":1,"host":"a","shims":{${lines(2000, (i) => `"v${i}":{"parent":"eth0","mtu":70000},`)}"z":{"parent":"eth0"}}}`;
  const { source, diagnostics } = compile(text, { file: 'x', backends: [] });
  const report = reportText(source, diagnostics, false);
  assert.ok(report.split('\n').every((line) => line.length < 120));
  assert.ok(report.length < diagnostics.length * 400, `${report.length}`);
});

/** Values of a composed text, one by one. */
function countOf(node: Node | null | undefined): number {
  if (isMap(node)) {
    return node.items.reduce(
      (sum, { key, value }) => sum + countOf(key as Node) + countOf(value as Node),
      1,
    );
  }
  return isSeq(node) ? node.items.reduce<number>((sum, item) => sum + countOf(item as Node), 1) : 1;
}

test('values are counted before anything is composed, near enough', () => {
  for (const name of caseNames()) {
    const text = intentOf(name);
    const { tree } = composeYaml(text);
    if (!tree?.root) continue;
    const values = countOf(tree.root);
    const ratio = sizeOf(text).values / values;
    assert.ok(values < 20 || (ratio > 0.4 && ratio < 1.5), `${name}: ${ratio}`);
  }
  // In each notation: none of them is a way past the limit.
  for (const text of [
    '[a,a,a,a,a]',
    '- - - - - a\n- - - - - b\n',
    '-  -  -\ta\n',
    '{"a":{"b":["c","d"]},"e":"f"}',
    JSON.stringify({ a: { b: ['c', 'd'] }, e: 'f' }, null, 2),
    'a:\n  b:\n    c: d\n    e: f\n',
    '? a\n: b\n? c\n: d\n',
    '[? a, ? b, ? c]',
    '[a: b, c: d]',
    '{a, b, c}',
    '[[],[],{},{}]',
    "['a','b']",
    'a: &x b\nc: *x\n',
  ]) {
    const values = countOf(composeYaml(text).tree?.root);
    assert.ok(sizeOf(text).values * 2 + 2 >= values, `${text}: ${values}`);
  }
});

test('more values than there is room for are refused at once, in any notation', () => {
  const long = 16 * 1024 * 1024;
  const parts = [
    'a,',
    '- a\n',
    'a: b\n',
    '"a",',
    '{},',
    '[],',
    '[',
    '\n',
    '#\n',
    ']',
    '"" ',
    '&a ',
    '!a ',
    '\\',
    '? a\n',
  ];
  for (const part of sample(parts, 5)) {
    const text = `x: [${part.repeat(Math.ceil(long / part.length))}`;
    const before = processorMs();
    const { diagnostics } = compile(text, { file: 'x', backends: [] });
    const took = processorMs() - before;
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['too-many-values'],
      JSON.stringify(part),
    );
    assert.ok(took < 3000, `${JSON.stringify(part)}: ${took} ms`);
  }
});

test('a long text of few values is not limited by its length', () => {
  const long = 'x'.repeat((isLong ? 8 : 2) * 1024 * 1024);
  for (const text of [
    `a: ${long}`,
    `a: "${long}"`,
    `# ${long}\na: 1\n`,
    `a: |\n  ${long}\n`,
    ' '.repeat(long.length),
  ]) {
    assert.not.ok(sizeOf(text).tooLargeAt);
    assert.ok(seconds(text) < 8);
  }
});

test('a fleet of 100,000 hosts is within the limit', () => {
  const host = (i: number): string =>
    `  k${i}:\n    shims:\n      veth0:\n        addresses: [${ip(i)}/8]\n        routes:\n          - {to: default, via: 10.255.255.254}\n    guests:\n      vm1: {parent: eth0}\n`;
  // In a short run a fifth of them, which is to have a fifth of the values.
  const parts = isLong ? 1 : 5;
  const size = sizeOf(`version: 1\nhosts:\n${lines(100_000 / parts, host)}`);
  assert.is(size.tooLargeAt, undefined);
  const values = size.values * parts;
  assert.ok(values > 1_500_000 && values < MAX_VALUES, `${values}`);
});

test('all files of a fleet count together', () => {
  const part = (name: string) =>
    `version: 1\nhosts: {${name}: {x: [${'a,'.repeat(MAX_VALUES / 2)}]}}\n`;
  const { diagnostics } = compileFleet(
    [
      { file: '1.yaml', text: part('a') },
      { file: '2.yaml', text: part('b') },
    ],
    { backends: [] },
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['too-many-values'],
  );
});

test('of more diagnostics than anybody reads, the first are reported, and how many there are', () => {
  const text = shim(`    addresses: [${'x,'.repeat(20_000)}]\n`);
  const { source, diagnostics } = compile(text, { file: 'x', backends: [] });
  assert.is(diagnostics.length, 20_000);
  const reported = diagnosticsOf(source, diagnostics);
  assert.is(reported.length, 10_001);
  assert.is(reported.at(-1)?.code, 'too-many-diagnostics');
  assert.match(reported.at(-1)?.message ?? '', /^10000 more /);
  const oneMore = compile(shim(`    addresses: [${'x,'.repeat(10_001)}]\n`), {
    file: 'x',
    backends: [],
  });
  assert.is(
    diagnosticsOf(oneMore.source, oneMore.diagnostics).at(-1)?.message,
    '1 more diagnostic is not reported.',
  );
  const syntax = compile(`[${'"" '.repeat(20_000)}]`, { file: 'x', backends: [] });
  assert.ok(syntax.diagnostics.some(({ code }) => code === 'too-many-diagnostics'));
  assert.ok(syntax.diagnostics.length < 10_010);
});

test('no address is longer than an address', () => {
  for (const long of [
    ':'.repeat(100_000),
    '1'.repeat(100_000),
    'f:'.repeat(50_000),
    `${'1.'.repeat(50_000)}1/24`,
  ]) {
    assert.ok(
      seconds(
        shim(
          `    addresses: ["${long}", "${long}/64"]\n    routes: [{to: "${long}", via: "${long}"}]\n`,
        ),
      ) < 2,
    );
  }
});

test.run();
