/** Patterns of the shell: as libc matches them, whatever the pattern is, and at once. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fnmatch } from '../../src/backends/host/fnmatch.ts';
import { processorMs } from '../processor.ts';

/** Pattern, names that fit, names that do not. Each was asked of glibc 2.36. */
const TABLE: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', [''], ['a']],
  ['eth0', ['eth0'], ['eth01', 'xeth0', 'ETH0', '']],
  ['eth*', ['eth', 'eth0'], ['veth0']],
  ['*', ['', 'eth0'], []],
  ['*0*', ['eth0', '0', 'en0p1'], ['eth1']],
  ['*?0', ['eth0', 'a0'], ['0']],
  ['e?h0', ['eth0', 'e*h0'], ['eh0']],
  ['a+b.c', ['a+b.c'], ['aab.c', 'a+bxc']],
  ['eth[0-3]', ['eth0', 'eth3'], ['eth4', 'eth-', 'eth']],
  ['eth[!0-3]', ['eth4'], ['eth0', 'eth']],
  ['eth[^0]', ['eth1'], ['eth0']],
  ['e[z-a]', [], ['ez', 'ea', 'em']],
  ['e[!z-a]', ['ez', 'ea'], ['e']],
  ['eth[[:digit:]]', ['eth0'], ['ethx', 'eth[', 'eth:]', 'eth0]']],
  ['[[:alpha:]_]*', ['eth0', '_x'], ['0eth']],
  ['[[:nosuch:]]', [], ['n', ':', '[:nosuch:]']],
  ['[![:nosuch:]]', [], ['n', 'x']],
  ['[a[:nosuch:]]', ['a'], ['b']],
  ['[]e]th0', [']th0', 'eth0'], ['th0', '[]e]th0']],
  ['[]-a]', [']', '^', 'a'], ['[', 'b', '-']],
  ['[!]e]', ['x'], [']', 'e']],
  ['[a-]', ['a', '-'], ['b']],
  ['[-a]', ['a', '-'], ['b']],
  ['eth\\0', ['eth0'], ['eth\\0']],
  ['eth\\*', ['eth*'], ['eth0']],
  ['eth\\', [], ['eth', 'eth\\']],
  ['[\\]a]x', [']x', 'ax'], ['\\x']],
  ['[\\!a]', ['!', 'a'], ['b']],
  ['eth[0', ['eth[0'], ['eth0']],
  ['eth[', ['eth['], ['eth']],
  ['eth[]', ['eth[]'], ['eth', 'eth]']],
  ['eth[!', ['eth[!'], ['etha']],
  ['*[0', ['eth[0'], ['eth0']],
  ['[[.a.]]', ['a'], ['.', 'b']],
  ['[[.space.]]', [], [' ', 's']],
  ['[[=a=]]', ['a'], ['=', 'b']],
];

test('a pattern matches what fnmatch(3) says', () => {
  for (const [pattern, fitting, others] of TABLE) {
    for (const name of fitting) assert.ok(fnmatch(pattern, name), `${pattern} fits ${name}`);
    for (const name of others) assert.not(fnmatch(pattern, name), `${pattern} fits no ${name}`);
  }
});

// Drawn at random, and asked of glibc 2.36. Left out: a class as the end of a range (`[a-[:digit:]]`),
// which POSIX leaves open, and `[` in a name, where what follows an unterminated bracket counts.
test('random patterns match as they do in libc', () => {
  const cases = readFileSync(new URL('fnmatch.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  assert.ok(cases.length > 500);
  for (const line of cases) {
    const [answer, pattern = '', name = ''] = line.split('\t');
    assert.is(fnmatch(pattern, name) ? 'yes' : 'no', answer, line);
  }
});

test('no pattern takes long', () => {
  const much = 80_000;
  const name = 'abcdefghijklmn0';
  for (const pattern of [
    `${'*'.repeat(much)}z`,
    `${'*a'.repeat(much)}z`,
    `${'?*'.repeat(7)}${'*?'.repeat(much)}`,
    '['.repeat(much),
    '[a'.repeat(much),
    '[\\]'.repeat(much),
    '[[:'.repeat(much),
    '[[.'.repeat(much),
    '[[=a'.repeat(much),
    '[!'.repeat(much),
    `[${'[:alpha:]'.repeat(much)}`,
    `${'['.repeat(much)}]`,
    `*[${'a-z'.repeat(much)}]*`,
    // It backtracks in a regular expression.
    `${'*a'.repeat(30)}z`,
  ]) {
    // A pattern that backtracks takes minutes.
    const before = processorMs();
    fnmatch(pattern, name);
    const took = processorMs() - before;
    assert.ok(took < 3000, `${pattern.slice(0, 12)}: ${took} ms`);
  }
});

test.run();
