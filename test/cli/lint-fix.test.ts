/** `lint --fix`: files are rewritten in place, with their rights, or not at all. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rewriteFiles } from '../../src/cli/rewrite.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { SystemError } from '../../src/system.ts';
import { macvtapRender, temporaryFolder } from '../command.ts';
import { documentOf } from '../output-schema.ts';

const WRONG = `version: 1
host: kvm1
shims:
  veth0: # the host
    parent: eth0
    adresses: [198.51.100.50/24]
    mode: vepa
`;
const RIGHT = WRONG.replace('adresses', 'addresses');

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const textIn = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

test('the file is fixed, keeps its mode, and what is left is reported', () => {
  const cwd = folderWith({ 'macvtap.yaml': WRONG });
  chmodSync(join(cwd, 'macvtap.yaml'), 0o640);
  const { status, stdout, stderr } = macvtapRender(['lint', '--fix'], { cwd });
  assert.is(status, 0, stderr);
  assert.is(stdout, '');
  assert.is(textIn(cwd, 'macvtap.yaml'), RIGHT);
  assert.is(statSync(join(cwd, 'macvtap.yaml')).mode & 0o777, 0o640);
  assert.match(stderr, /macvtap\.yaml:6:5: fixed\[unknown-key\]: Rename the key to `addresses`\./);
  assert.match(stderr, /warning\[mode-not-bridge\]/);
  assert.match(stderr, /Fixed 1 problem in 1 file\.\n$/);
  assert.equal(readdirSync(cwd), ['macvtap.yaml']);
});

test('without --fix lint reports that there are fixes; with --dry-run the diff is printed', () => {
  const cwd = folderWith({ 'macvtap.yaml': WRONG });
  const plain = macvtapRender(['lint'], { cwd });
  assert.is(plain.status, 2);
  assert.match(plain.stderr, /1 of them has a fix: add `--fix`\.\n$/);
  const dry = macvtapRender(['lint', '--fix', '--dry-run'], { cwd });
  assert.is(dry.status, 0);
  assert.match(dry.stdout, /^- {4}adresses: \[198\.51\.100\.50\/24\]\n\+ {4}addresses: /m);
  assert.match(dry.stderr, /to fix\[unknown-key\]/);
  assert.match(dry.stderr, /Would fix 1 problem in 1 file\.\n$/);
  assert.is(textIn(cwd, 'macvtap.yaml'), WRONG);
});

test('nothing to fix, and nothing fixed', () => {
  const cwd = folderWith({ 'right.yaml': RIGHT.replace('vepa', 'bridge'), 'vepa.yaml': RIGHT });
  const last = (...args: readonly string[]): string | undefined =>
    macvtapRender(['lint', '--fix', ...args], { cwd })
      .stderr.split('\n')
      .at(-2);
  assert.is(last('right.yaml'), 'Nothing to fix.');
  assert.is(last('right.yaml', '--dry-run'), 'Nothing to fix.');
  assert.is(last('vepa.yaml'), 'Nothing fixed.', 'a warning without a fix is left');
});

test('fixes that lead to errors are counted', () => {
  const shims = (count: number, address: string): string =>
    Array.from(
      { length: count },
      (_, i) => `  s${i}: {parent: eth${i + 1}, adresses: [${address}], optional: yes}\n`,
    ).join('');
  const lint = (text: string): string =>
    macvtapRender(['lint', '--fix', '-'], { input: text }).stderr;
  const one = lint(`${RIGHT}${shims(1, '192.0.2.1')}`);
  assert.match(
    one,
    /<stdin>:8:22: not fixed\[unknown-key\]: .* Leads to error\[address-without-prefix\]: `192\.0\.2\.1` has/,
  );
  assert.match(
    one,
    /\n1 fix not applied: it leads to another error\.\nFixed 1 problem in 1 file\.\n$/,
  );
  const many = lint(`${RIGHT}${shims(120, '192.0.2.1')}`);
  assert.match(
    many,
    /\n120 fixes not applied: each leads to another error\.\nFixed 120 problems in 1 file\.\n$/,
  );
  // One shim has more addresses that another has, too, than can be tried.
  const list = (length: string): string =>
    Array.from({ length: 80 }, (_, i) => `10.0.${i}.1${length}`).join(', ');
  const crowd = `  s0: {parent: eth1, addresses: [${list('/255.255.255.0')}]}\n  s1: {parent: eth2, addresses: [${list('/24')}]}\n`;
  const untried = lint(`${RIGHT}${crowd}`);
  assert.match(
    untried,
    /: not fixed\[address-malformed\]: .* Leads to another error together with other fixes\.\n/,
  );
  assert.match(
    untried,
    /\n\d+ fixes not tried separately: together with others, they lead to another error\. Fix the errors above, and run the command again\.\nNothing fixed\.\n$/,
  );
});

test('standard input is printed, fixed', () => {
  const { status, stdout } = macvtapRender(['lint', '--fix', '-'], { input: `\ufeff${WRONG}` });
  assert.is(status, 0);
  assert.is(stdout, `\ufeff${RIGHT}`);
});

test('a fleet in a directory: each file that changes is rewritten, and no other', () => {
  const own = (address: string): string => `version: 1\nhosts:\n  ${address}\n`;
  const cwd = folderWith({
    'fleet/defaults.yaml': 'version: 1\ndefaults: {shims: {veth0: {parnt: eth0}}}\n',
    'fleet/site/a.yaml': own('kvm1: {shims: {veth0: {addresses: 198.51.100.50/24}}}'),
    'fleet/site/b.yaml': own('kvm2: {shims: {veth0: {addresses: [198.51.100.51/24]}}}'),
  });
  const before = statSync(join(cwd, 'fleet/site/b.yaml')).ino;
  const { status, stderr } = macvtapRender(['lint', '--fix', 'fleet'], { cwd });
  assert.is(status, 0, stderr);
  assert.match(textIn(cwd, 'fleet/defaults.yaml'), /parent: eth0/);
  assert.match(textIn(cwd, 'fleet/site/a.yaml'), /\[198\.51\.100\.50\/24\]/);
  assert.is(statSync(join(cwd, 'fleet/site/b.yaml')).ino, before);
  assert.match(stderr, /Fixed 2 problems in 2 files\./);
});

test('JSON has the fixes, what was fixed, and the diff', () => {
  const cwd = folderWith({ 'macvtap.yaml': WRONG });
  const document = (...options: readonly string[]) =>
    documentOf(
      'lint',
      macvtapRender(['lint', 'macvtap.yaml', ...options, '--format', 'json'], { cwd }).stdout,
    );
  assert.equal(document().diagnostics[0]?.fix?.edits, [
    { file: 'macvtap.yaml', line: 6, column: 5, endLine: 6, endColumn: 13, text: 'addresses' },
  ]);
  const fixed = document('--fix');
  assert.equal(
    fixed.fixed?.map(({ code }) => code),
    ['unknown-key'],
  );
  assert.not.ok(fixed.diagnostics.some(({ code }) => code === 'unknown-key'));
  assert.match(fixed.patch ?? '', /^\+ {4}addresses/m);
  assert.is(textIn(cwd, 'macvtap.yaml'), RIGHT);
});

test('a link is not replaced, nor a file that has changed meanwhile', () => {
  const folder = folderWith({ 'real.yaml': WRONG, 'other.yaml': WRONG });
  symlinkSync('real.yaml', join(folder, 'macvtap.yaml'));
  const linked = macvtapRender(['lint', '--fix'], { cwd: folder });
  assert.is(linked.status, 4);
  assert.match(linked.stderr, /macvtap\.yaml: is a symbolic link/);
  assert.is(textIn(folder, 'real.yaml'), WRONG);
  const paths = ['real.yaml', 'other.yaml'].map((name) => join(folder, name));
  const rewrites = paths.map((file, index) => ({
    file,
    before: index === 0 ? WRONG : 'old',
    after: RIGHT,
  }));
  assert.throws(
    () => rewriteFiles(nodeSystem([], {}), rewrites),
    (error: unknown) => error instanceof SystemError && /changed while/.test(error.message),
  );
  assert.is(textIn(folder, 'real.yaml'), WRONG, 'neither is replaced');
  assert.equal(readdirSync(folder).sort(), ['macvtap.yaml', 'other.yaml', 'real.yaml']);
});

test('options that do not go together are refused', () => {
  for (const [args, message] of [
    [['render', '--fix', '--backend', 'networkd'], /`--fix` is for `lint`/],
    [['lint', '--only', 'unknown-key'], /`--only` is for `--fix`/],
    [
      ['lint', '--fix', '--only', 'shim-overlap'],
      /`--only` takes the code of a diagnostic that has a fix/,
    ],
    [['lint', '--fix', '-', 'a.yaml'], /standard input alone/],
    [['lint', '--fix', '-', '--format', 'json'], /leave out `--format json`/],
    [['lint', '--dry-run'], /`--dry-run` is for `render`, `lint --fix` and `apply`/],
  ] as const) {
    const { status, stderr } = macvtapRender(args);
    assert.is(status, 3, args.join(' '));
    assert.match(stderr, message);
  }
});

test.run();
