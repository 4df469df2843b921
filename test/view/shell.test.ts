/** No value of an intent becomes shell: words, commands in scripts, and what runs them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inPlace } from '../../src/view/place.ts';
import { entry } from '../../src/view/rendered.ts';
import { inQuotes, quote } from '../../src/view/shell.ts';
import { file } from '../../src/view/template.ts';
import { caseNames, goldenTree } from '../golden/cases.ts';

test('a word is one word, whatever is in it, and means itself', () => {
  // Text in a file or an argument has no zero byte.
  const texts = fc.sample(
    fc.array(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 1 }),
    200,
  );
  const nasty = [
    "'",
    "''",
    '$(id)',
    '`id`',
    'a b',
    '-n',
    '\\',
    '"',
    '*',
    '~',
    '#',
    ';',
    '&',
    'a\nb',
  ];
  const lists = [nasty, ...texts].map((all) => all.map((text) => text.replaceAll('\0', '')));
  // One command a line, in one process: a list that ended or began elsewhere would shift the rest.
  const script = lists.map((words) => `printf '%s\\0' ${words.map(quote).join(' ')}\n`).join('');
  const { stdout, stderr, status } = spawnSync('sh', { input: script, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  const printed = stdout.split('\0').slice(0, -1);
  for (const words of lists) {
    assert.equal(
      printed.splice(0, words.length),
      words.map((text) => Buffer.from(text).toString()),
    );
  }
  assert.equal(printed, []);
  assert.is(quote('veth0'), 'veth0');
  assert.is(quote('2001:db8::50/64'), '2001:db8::50/64');
});

test('scripts are shell, and commands in interfaces(5) too', () => {
  let scripts = 0;
  let hooks = 0;
  const commands = new Set<string>();
  // What several cases have is parsed once.
  const parsed = new Set<string>();
  const parse = (text: string, where: string): void => {
    if (parsed.has(text)) return;
    parsed.add(text);
    const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
    assert.is(status, 0, `${where}: ${stderr}`);
  };
  for (const name of caseNames()) {
    const trees = ['iproute2', 'ifupdown'].flatMap((backend) => goldenTree(name, backend));
    for (const { path, text } of trees) {
      if (path.endsWith('/macvtap-trial')) {
        parse(text, `${name}/${path}`);
        scripts += 1;
      } else if (path.endsWith('/interfaces.d/60-macvtap')) {
        for (const [, command = ''] of text.matchAll(/^ {4}(?:pre|post)-(?:up|down) (.+)$/gm)) {
          commands.add(`${command}\n`);
          hooks += 1;
        }
      }
    }
  }
  const all = [...commands];
  for (let at = 0; at < all.length; at += 20) parse(all.slice(at, at + 20).join(''), 'commands');
  assert.ok(all.length > 200, `${all.length} different commands`);
  assert.ok(scripts > 50, `${scripts} scripts`);
  assert.ok(hooks > 500, `${hooks} commands`);
});

/** The script of a case. */
const trialOf = (name: string): string =>
  goldenTree(name, 'iproute2').find(({ path }) => path.endsWith('/macvtap-trial'))?.text ?? '';

test('the script for a trial is the same for every host but for its plan, which names its functions', () => {
  const PLAN = /^PLAN='\n((?:.+\n)*)'\n/m;
  const [first = '', ...others] = caseNames().map(trialOf).filter(Boolean);
  const body = (text: string): string => text.slice(text.indexOf("\n'\n"));
  for (const other of others) assert.is(body(other), body(first));
  const steps = new Set(
    [first, ...others].flatMap((text) =>
      (PLAN.exec(text)?.[1] ?? '')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ', 1)[0] ?? ''),
    ),
  );
  assert.ok(steps.size >= 16, [...steps].join(' '));
  for (const step of steps) assert.match(first, new RegExp(`^${step}\\(\\) \\{$`, 'm'));
});

test('no word of a plan becomes a command, a pattern or two words', () => {
  const words = ["'", "a'b", '$(id)', '`id`', '*', '[a-z]', '\\', '"', ';', '&', '#', '~', '$PATH'];
  const text = trialOf('original');
  const value = entry('x', 'a reason', 'ip(8)', []);
  const { text: printed } = file({
    path: '/usr/local/sbin/macvtap-trial',
    mode: 0o755,
    role: 'required',
    ...inPlace({ folder: '/', name: /^x$/, rank: 1 }),
    about: value,
    template: 'iproute2/trial',
    view: {
      header: { ...value, text: '# x' },
      plan: [
        {
          step: { ...value, text: 'need_name' },
          words: words.map((word) => ({ ...value, text: inQuotes(word) })),
        },
        { step: { ...value, text: 'touch' }, words: [value] },
        { step: { ...value, text: 'undo' }, words: [value] },
      ],
    },
  });
  const body = text.slice(text.indexOf("\n'\n") + 3, text.indexOf('\n# Reads the options'));
  const stub =
    '\nneed_name() {\n  printf \'%s\\0\' "$@"\n}\nfollow_plan checks\nfollow_plan steps\n';
  // `*` and `[a-z]` would be the name of the file.
  const cwd = mkdtempSync(join(tmpdir(), 'macvtap-plan-'));
  try {
    writeFileSync(join(cwd, 'a'), '');
    const { stdout, stderr } = spawnSync('sh', ['-c', `${printed}${body}${stub}`], {
      cwd,
      encoding: 'utf8',
    });
    assert.is(stderr, '');
    assert.equal(stdout.split('\0').slice(0, -1), words);
    assert.equal(readdirSync(cwd), ['a']);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test.run();
