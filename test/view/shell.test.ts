/** No value of an intent becomes shell: words, commands in scripts, and what runs them. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quote } from '../../src/view/shell.ts';
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
  for (const all of [nasty, ...texts]) {
    const words = all.map((text) => text.replaceAll('\0', ''));
    const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
    const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    assert.equal(
      stdout.split('\0').slice(0, -1),
      words.map((text) => Buffer.from(text).toString()),
    );
  }
  assert.is(quote('veth0'), 'veth0');
  assert.is(quote('2001:db8::50/64'), '2001:db8::50/64');
});

test('scripts are shell, and commands in interfaces(5) too', () => {
  let scripts = 0;
  let hooks = 0;
  const parse = (text: string, where: string): void => {
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
        const commands = [...text.matchAll(/^ {4}(?:pre|post)-(?:up|down) (.+)$/gm)];
        parse(commands.map(([, command]) => `${command}\n`).join(''), `${name}/${path}`);
        hooks += commands.length;
      }
    }
  }
  assert.ok(scripts > 50, `${scripts} scripts`);
  assert.ok(hooks > 500, `${hooks} commands`);
});

test.run();
