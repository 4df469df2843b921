/** `graph`: the topology and who reaches whom, as text, SVG, Mermaid and JSON. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { changeBetween } from '../../src/draw/change.ts';
import { layoutOf } from '../../src/draw/layout.ts';
import { drawingMermaid } from '../../src/draw/mermaid.ts';
import { reachOf } from '../../src/draw/reach.ts';
import { drawingSvg } from '../../src/draw/svg.ts';
import { drawingText } from '../../src/draw/text.ts';
import { topologyOf } from '../../src/draw/topology.ts';
import type { Model } from '../../src/model/types.ts';
import { temporaryFolder } from '../command.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { documentOf, problemsOf } from '../output-schema.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

function modelOf(text: string): Model {
  const { model } = compile(text, { file: 'x', backends: [] });
  if (!model) throw new Error('no model');
  return model;
}

const original = intentOf('original');
const AFTER = `version: 1
host: kvm1
parents: {eth0: {mtu: 9000}}
shims:
  shim0: {parent: eth0, addresses: [198.51.100.60/24], routes: [{to: default, via: 198.51.100.254}]}
guests: {vm1: {parent: eth0}, vm2: {parent: eth0, mode: vepa}}
`;

test('a tree, and a line for each pair', async () => {
  const { status, stdout } = await runHere('graph', file('original.yaml', original));
  assert.is(status, 0);
  assert.is(
    stdout,
    `LAN
└─ eth0      NIC, no address
   └─ veth0  shim, macvlan, mode bridge, 198.51.100.50/24, gateway 198.51.100.254, MAC ce:56:b6:6f:2b:36

Who reaches whom
  the host <-> LAN  yes      by veth0
`,
  );
});

test('ports are below the LAN, their bond beside them, VLANs on top of it', () => {
  const drawing = topologyOf(modelOf(intentOf('bond-vlan-parent')));
  const tree = drawingText(drawing, [])
    .split('\n')
    .map((line) => line.split(/ {2}[a-zA-Z]/)[0]?.trimEnd());
  assert.equal(tree.slice(0, 6), [
    'LAN',
    '├─ lan0',
    '├─ lan1',
    '└─ bond0',
    '   └─ bond0.100',
    '      └─ veth0',
  ]);
});

test('a bridge that others configure is below its LAN', async () => {
  const { stdout } = await runHere('graph', file('managed.yaml', intentOf('managed-false')));
  assert.match(stdout, /LAN of br5\n└─ br5 +bridge, configured elsewhere\n {3}├─ br5-mac/);
});

test('a change is marked', async () => {
  const after = file('after.yaml', AFTER);
  const before = file('before.yaml', original);
  const { stdout } = await runHere('graph', after, '--before', before);
  const heads = stdout.split('\n').slice(0, 6);
  assert.match(heads[1] ?? '', /~ eth0 .*MTU 9000/);
  assert.match(heads[2] ?? '', /\+ shim0/);
  assert.match(heads[5] ?? '', /- veth0/);
  const { nodes } = changeBetween(topologyOf(modelOf(original)), topologyOf(modelOf(original)));
  assert.is(nodes.filter(({ change }) => change).length, 0);
  const moved = changeBetween(
    topologyOf(modelOf(original)),
    topologyOf(modelOf(original.replace('.50/24', '.51/24'))),
  ).nodes.find(({ change }) => change);
  assert.equal(moved?.was, ['198.51.100.50/24']);
});

test('`diff --format svg` draws the change, and its status says whether there is one', async () => {
  const [a, b] = [file('a.yaml', original), file('b.yaml', AFTER)];
  const changed = await runHere('diff', a, b, '--format', 'svg');
  assert.is(changed.status, 1);
  assert.match(changed.stdout, /^<svg [\s\S]*shim0 \(added\)[\s\S]*<\/svg>\n$/);
  assert.is((await runHere('diff', a, a, '--format', 'svg')).status, 0);
});

test('an intent with errors is not drawn, before or after', async () => {
  const wrong = file('wrong.yaml', 'version: 1\nhost: kvm1\nshims: {veth0: {parnt: eth0}}\n');
  const right = file('right.yaml', original);
  assert.equal(
    [
      (await runHere('graph', wrong)).status,
      (await runHere('graph', right, '--before', wrong)).status,
    ],
    [2, 2],
  );
  const { status, stdout } = await runHere('graph', right, '--before', wrong, '--format', 'json');
  assert.is(status, 2);
  assert.is(problemsOf(stdout), '');
  assert.equal(documentOf('graph', stdout).hosts, []);
});

test('of a fleet, one host is drawn at a time', async () => {
  const fleet = file(
    'fleet.yaml',
    `version: 1\nhosts: {a: {shims: {veth0: {parent: eth0, addresses: [198.51.100.1/24]}}}, b: {shims: {veth0: {parent: eth0, addresses: [198.51.100.2/24]}}}}\n`,
  );
  assert.is((await runHere('graph', fleet)).status, 3);
  assert.match((await runHere('graph', fleet, '--host', 'b')).stdout, /198\.51\.100\.2\/24/);
  assert.is((await runHere('lint', fleet, '--before', fleet)).status, 3);
});

/** An element's text with its own escapes undone must be what was put in; and tags are balanced. */
function checkSvg(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (self === '/') continue;
    if (close !== '/') open.push(name ?? '');
    else if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  const texts = svg.replace(/<style>[^<]*<\/style>/, '').replace(/<[^<>]*>/g, '');
  if (/[<>"']|&(?!#\d+;)/.test(texts)) throw new Error(`not encoded: ${texts}`);
}

test('every golden intent can be drawn, in each format, twice alike, and no box is on another', () => {
  let drawn = 0;
  for (const name of caseNames()) {
    const { model } = compile(intentOf(name), { file: name, backends: [] });
    if (!model) continue;
    const drawing = topologyOf(model);
    const reach = reachOf(model);
    const svg = drawingSvg(drawing, reach);
    checkSvg(svg);
    assert.is(svg, drawingSvg(topologyOf(model), reachOf(model)), name);
    const { boxes, width, height } = layoutOf(drawing);
    assert.is(boxes.length, drawing.nodes.length, name);
    for (const [index, a] of boxes.entries()) {
      assert.ok(a.x >= 0 && a.x + a.width <= width && a.y + a.height <= height, name);
      const on = boxes
        .slice(index + 1)
        .find(
          (b) =>
            a.x < b.x + b.width &&
            b.x < a.x + a.width &&
            a.y < b.y + b.height &&
            b.y < a.y + a.height,
        );
      assert.is(on?.node.id, undefined, `${name}: ${a.node.id}`);
    }
    const text = drawingText(drawing, reach);
    for (const node of drawing.nodes) assert.ok(text.includes(node.name), `${name}: ${node.id}`);
    drawn += 1;
  }
  assert.ok(drawn > 80, `${drawn} drawn`);
});

test('a wrong tag is noticed', () => {
  assert.throws(() => checkSvg('<svg><text>a</svg>'));
  assert.throws(() => checkSvg('<svg><text>a & b</text></svg>'));
});

test('names of guests cannot become markup', () => {
  const text = original.concat(
    'guests:\n  "</text><script>alert(1)</script>": {parent: eth0}\n  "a\\"]; click n0 href \\"x": {parent: eth0}\n  "\\u202e\\u0007x": {parent: eth0}\n',
  );
  // An intent refuses such names; a draft has them all the more.
  const model = modelOf(original);
  const [parent] = model.parents;
  if (!parent) throw new Error('no parent');
  const guests = [...text.matchAll(/^ {2}("(?:[^"\\]|\\.)*"): /gm)].map(([, name]) => ({
    name: JSON.parse(name ?? '""') as string,
    parent,
    mode: 'bridge' as const,
    model: 'virtio',
    trustGuestRxFilters: true,
    origin: [],
  }));
  assert.is(guests.length, 3);
  const hostile = { ...model, guests };
  const [drawing, reach] = [topologyOf(hostile), reachOf(hostile)];
  const svg = drawingSvg(drawing, reach);
  checkSvg(svg);
  assert.not.ok(['<script', '\u0007', '\u202e'].some((bad) => svg.includes(bad)));
  const mermaid = drawingMermaid(drawing);
  assert.not.ok(['href "', '<script', '\u0007', '\u202e'].some((bad) => mermaid.includes(bad)));
  assert.is((mermaid.match(/"/g) ?? []).length, 2 * (drawing.nodes.length + 1));
});

test('JSON has what the picture has', async () => {
  const { stdout } = await runHere('graph', file('json.yaml', AFTER), '--format', 'json');
  assert.is(problemsOf(stdout), '');
  const { hosts } = documentOf('graph', stdout);
  assert.equal(
    hosts[0]?.nodes.map(({ name }) => name),
    ['LAN', 'eth0', 'shim0', 'vm1', 'vm2'],
  );
  assert.equal(
    hosts[0]?.reach.map(({ verdict }) => verdict),
    ['yes', 'yes', 'depends', 'yes', 'yes', 'depends'],
  );
});

test('a thousand guests are grouped: the table does not grow with their square', () => {
  const guests = Array.from({ length: 1000 }, (_, index) => `  vm${index}: {parent: eth0}\n`);
  const model = modelOf(`${original}guests:\n${guests.join('')}`);
  assert.is(topologyOf(model).nodes.length, 1003);
  assert.is(reachOf(model).length, 4);
});

test.run();
