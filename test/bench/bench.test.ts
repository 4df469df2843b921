/** What `npm run bench` is made of: its numbers, its command line, its table and its picture. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { compileFleet } from '../../src/compile-fleet.ts';
import { chart, decades } from './chart.ts';
import { panelsOf } from './growth-panels.ts';
import { faultsOf, fleetOf, shimsOf } from './intents.ts';
import { benchOptions, PARTS } from './options.ts';
import { median, pairedRatio, summary } from './statistics.ts';
import { aligned, reportTable } from './table.ts';

test('median, least and most, and ratios of rounds', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), 'no values');
  assert.equal(summary([3, 1, 2]), { median: 2, min: 1, max: 3 });
  // The second round was twice as slow for both: the ratio of medians would be 2.25.
  assert.equal(pairedRatio([3, 6, 3], [1, 2, 2]), { median: 3, min: 1.5, max: 3 });
  assert.throws(() => pairedRatio([1], [1, 2]), 'rounds are missing');
});

test('the command line', () => {
  const usual = { help: false, isQuick: false, format: 'table', parts: PARTS };
  assert.equal(benchOptions([]), usual);
  assert.equal(
    benchOptions([
      '--only',
      'fleets',
      '--only=growth',
      '--quick',
      '--format=json',
      '--svg',
      'a.svg',
    ]),
    { ...usual, isQuick: true, format: 'json', parts: ['fleets', 'growth'], svg: 'a.svg' },
  );
  assert.ok(benchOptions(['--help']).help);
  for (const [words, message] of [
    [['--only', 'all'], '--only is one of'],
    [['--svg'], '--svg needs a value'],
    [['--format', 'xml'], '--format is table or json'],
    [['-q'], 'unknown option -q'],
  ] as const) {
    assert.throws(() => benchOptions(words), message);
  }
});

test('axes begin and end at powers of ten', () => {
  assert.equal(decades([1, 1000]), [0, 3]);
  assert.equal(decades([2, 1001]), [0, 4]);
  assert.equal(decades([0.5]), [-1, 0]);
  assert.equal(decades([10]), [1, 2]);
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => decades([1, value]), 'positive numbers only');
  }
});

const LINES = [
  {
    name: 'a & b',
    points: [
      [1, 1],
      [10, 10],
      [100, 100],
    ] as const,
  },
  {
    name: 'c',
    points: [
      [1, 100],
      [100, 100],
    ] as const,
  },
];

test('a picture: values at their places, the same each time, light and dark', () => {
  const panel = { title: 'A <title>', xLabel: 'hosts', yLabel: 'ms', lines: LINES };
  const svg = chart([panel]);
  assert.is(svg, chart([panel]));
  // The middle of both axes, which have two decades each.
  assert.match(svg, 'points="64.0,244.0 224.0,144.0 384.0,44.0"');
  assert.match(svg, 'points="64.0,44.0 384.0,44.0"');
  assert.match(svg, '>a &amp; b</text>');
  assert.match(svg, '>A &lt;title></text>');
  assert.match(svg, 'prefers-color-scheme:dark');
  for (const tick of ['1', '10', '100']) {
    assert.is(svg.split(`>${tick}</text>`).length - 1, 2, tick);
  }
  assert.is(svg.match(/<polyline/g)?.length, 2);
  assert.match(chart([panel, panel]), 'width="800"');
  assert.throws(() => chart([]), 'nothing to draw');
});

const cost = (value: number) => ({ median: value, min: value - 1, max: value + 1 });
const FLEET = {
  hosts: 10,
  files: 70,
  milliseconds: cost(50),
  renderedPerHost: 4,
  writtenPerHost: 1,
  againPerHost: 3,
};

test('a panel for what was measured', () => {
  const growth = [{ of: 'shims', program: 'Node', count: 10, milliseconds: cost(40) }] as const;
  const titles = (...args: Parameters<typeof panelsOf>) =>
    panelsOf(...args).map(({ title, lines }) => `${title}: ${lines.length}`);
  assert.equal(titles([FLEET], growth), ['A fleet, rendered and written: 1', 'One host, shims: 1']);
  assert.equal(titles([{ ...FLEET, careful: cost(20) }], []), ['A fleet, rendered and written: 2']);
});

test('a table: what was not measured is left empty', () => {
  assert.is(
    aligned([
      ['a', 'b'],
      ['cc', '1'],
    ]),
    'a   b\ncc  1',
  );
  const programs = [{ name: 'x', milliseconds: cost(9), ratio: cost(2), mebibytes: 45.25 }];
  const table = reportTable({
    node: 'v20',
    cores: 2,
    programs,
    fleets: [{ ...FLEET, toCareful: cost(3) }],
    warmCompile: 0.4,
    growth: [],
  });
  assert.match(table, /^x +9\.0 \(8\.0 to 10\.0\) +2\.00 \(1\.00 to 3\.00\) +45\.[23]$/m);
  assert.match(table, /^10 +70 .*3\.00 \(2\.00 to 4\.00\)$/m);
  assert.match(table, 'compiled warm: 0.40 ms a host');
});

test('the intents are what they say', () => {
  const options = { backends: ['networkd'] };
  const fleet = compileFleet([{ file: 'x', text: fleetOf(70) }], options);
  assert.is(fleet.hosts.filter(({ sets }) => sets).length, 70);
  assert.equal(fleet.diagnostics, []);
  const { model } = compile(shimsOf(70), { file: 'x', ...options });
  assert.is(model?.shims.length, 70);
  const { diagnostics } = compile(faultsOf(30), { file: 'x', ...options });
  assert.is(diagnostics.filter(({ severity }) => severity === 'error').length, 30);
});

test.run();
