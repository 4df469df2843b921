/** `--format json`: one shape for every command, for one host and for many, as its schema says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/cli/command-line.ts';
import { outputJsonSchema } from '../../src/report/output-schema.ts';
import { DOCUMENTS } from '../../src/report/outputs/index.ts';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';
import { documentOf, problemsOf } from '../output-schema.ts';

const folder = temporaryFolder();
const SHIM = '{shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}}';
const OTHER = SHIM.replace('.50', '.51');
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const intent = (body: string): string => `version: 1\nhost: kvm1\n${body.slice(1, -1)}\n`;
const one = write('one.yaml', intent(SHIM));
const changed = write('changed.yaml', intent(OTHER));
const many = write('many.yaml', `version: 1\nhosts: {kvm1: ${SHIM}, kvm2: ${OTHER}}\n`);
const manyChanged = write('many-changed.yaml', `version: 1\nhosts: {kvm1: ${OTHER}}\n`);
const wrong = write('wrong.yaml', 'version: 1\nhost: kvm1\nshims: {veth0: {parnt: eth0}}\n');
const noHost = write('no-host.yaml', 'version: 1\nparents: {eth0: {dhcp4: true}}\n');
const root = join(folder, 'root');
mkdirSync(root);

interface Calls {
  readonly one: readonly string[];
  /** For a fleet; absent: the command is of one host. */
  readonly many?: readonly string[];
  readonly wrong: readonly string[];
}

const NETWORKD = ['-b', 'networkd'];
const TREE = [...NETWORKD, '--root', root];

/** The words of each command that has JSON; `elsewhere`: it has a test of its own, with a host. */
const COMMANDS: Readonly<Record<keyof typeof DOCUMENTS, Calls | 'elsewhere'>> = {
  render: {
    one: [one, ...NETWORKD],
    many: [many, ...NETWORKD],
    wrong: [wrong, ...NETWORKD],
  },
  check: { one: [one, ...TREE], many: [many, ...TREE], wrong: [wrong, ...TREE] },
  diff: {
    one: [one, changed, ...NETWORKD],
    many: [many, manyChanged, ...NETWORKD],
    wrong: [one, wrong, ...NETWORKD],
  },
  lint: { one: [one], many: [many], wrong: [wrong] },
  explain: { one: [one, ...NETWORKD], many: [many, ...NETWORKD], wrong: [wrong, ...NETWORKD] },
  graph: { one: [one, '--before', changed], wrong: [one, '--before', wrong] },
  status: 'elsewhere',
  init: 'elsewhere',
  apply: 'elsewhere',
  doctor: 'elsewhere',
  steps: { one: [one, ...NETWORKD], wrong: [wrong, ...NETWORKD] },
};

const CALLS = Object.entries(COMMANDS).flatMap(([command, calls]) =>
  calls === 'elsewhere' ? [] : [{ command, ...calls }],
);

const json = (command: string, words: readonly string[]) =>
  runHere(command, ...words, '--format', 'json');

test('every command that prints JSON has a document, and only those', () => {
  const printing = Object.entries(FORMATS)
    .filter(([, formats]) => (formats as readonly string[]).includes('json'))
    .map(([command]) => command);
  assert.equal(printing.sort(), Object.keys(DOCUMENTS).sort());
});

test('one host and many: the same keys, as the schema has them', async () => {
  for (const { command, one: single, many: fleet = single } of CALLS) {
    const ofOne = await json(command, single);
    const ofMany = await json(command, fleet);
    assert.ok(ofOne.status <= 1 && ofMany.status <= 1, command);
    assert.is(problemsOf(ofOne.stdout), '', command);
    assert.is(problemsOf(ofMany.stdout), '', command);
    const [a, b] = [JSON.parse(ofOne.stdout), JSON.parse(ofMany.stdout)];
    assert.equal(Object.keys(a), Object.keys(b), command);
    assert.is(a.hosts[0].host, 'kvm1', command);
    assert.ok(a.hosts.length === 1 && b.hosts.length === (fleet === single ? 1 : 2), command);
    for (const host of b.hosts) assert.equal(Object.keys(host), Object.keys(a.hosts[0]), command);
  }
});

test('what is wrong is in the document, and on standard error for people', async () => {
  for (const { command, wrong: words } of CALLS) {
    const { status, stdout, stderr } = await json(command, words);
    assert.is(status, 2, command);
    assert.is(problemsOf(stdout), '', command);
    const { hosts, diagnostics } = JSON.parse(stdout);
    assert.equal(
      hosts,
      command === 'lint' ? [{ host: 'kvm1', valid: false, backends: [] }] : [],
      command,
    );
    assert.ok(
      diagnostics.some(({ code }: { code: string }) => code === 'unknown-key'),
      command,
    );
    assert.match(stderr, /wrong\.yaml:3:17: error\[unknown-key\]/, command);
  }
  // Where the command line or the system is at fault there is no document.
  assert.is((await json('render', [one])).stdout, '');
  assert.is((await json('check', [one, '-b', 'networkd', '--root', one])).stdout, '');
});

test('an intent that names no host has null for it', async () => {
  const { stdout } = await json('render', [noHost, '-b', 'networkd']);
  assert.is(documentOf('render', stdout).hosts[0]?.host, null);
});

test('the schema is the one that `schema output` prints', async () => {
  assert.is((await runHere('schema', 'output')).stdout, outputJsonSchema());
  assert.is((await runHere('schema', 'intent')).stdout, (await runHere('schema')).stdout);
  const { status, stderr } = await runHere('schema', 'outptu');
  assert.is(status, 3);
  assert.match(stderr, /`schema` takes `intent` or `output`/);
});

test('a page on a diagnostic or key is text', async () => {
  const { status, stderr } = await json('explain', ['gateway-unreachable']);
  assert.is(status, 3);
  assert.match(stderr, /`--format json`/);
});

test.run();
