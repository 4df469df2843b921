/** The seed of a long run follows from the tree under test. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { seedOf, treeOf } from './seed.ts';

function git(folder: string, ...words: string[]): number | null {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.net'];
  const env = { PATH: process.env['PATH'], HOME: folder };
  return spawnSync('git', [...identity, ...words], { cwd: folder, env }).status;
}

/** A repository with one commit of one file. */
function repository(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), text);
  for (const words of [
    ['init', '--quiet'],
    ['add', 'file'],
    ['commit', '--quiet', '-m', 'a'],
  ]) {
    assert.is(git(folder, ...words), 0, words.join(' '));
  }
  return folder;
}

test('one tree has one seed, another tree another', () => {
  const [first, same, other] = ['a\n', 'a\n', 'b\n'].map((text) => treeOf(repository(text)) ?? '');
  assert.match(first ?? '', /^[0-9a-f]{40,64}$/);
  assert.is(first, same);
  assert.is(seedOf(first ?? ''), seedOf(same ?? ''));
  assert.is.not(seedOf(first ?? ''), seedOf(other ?? ''));
});

test('a seed is a number that fast-check takes', () => {
  for (const tree of ['0'.repeat(40), 'f'.repeat(40), 'a1b2c3d'.padEnd(64, '0')]) {
    const seed = seedOf(tree);
    assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31, `${seed}`);
  }
});

test('what is in no repository has no tree', () => {
  assert.is(treeOf(temporaryFolder()), undefined);
});

test.run();
