/**
 * What the lab removes from the change script, to see a change fail without it, is in the script:
 * otherwise only the lab would notice that a line has been renamed.
 */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changeScript } from '../../src/install/change-script.ts';
import { programText } from '../command.ts';
import { compileFor, modelOf } from '../lab/case.ts';
import { CURES as OF_APPLY } from '../lab/trials/apply/cures.ts';
import { CURES as OF_UNMANAGED } from '../lab/trials/apply/unmanaged.ts';
import { CURES as OF_CHANGE } from '../lab/trials/change/negatives.ts';

const missingFrom = (
  text: string,
  cures: readonly { readonly name: string; readonly lines: RegExp }[],
): string[] =>
  cures.filter(({ lines }) => text.replace(lines, '') === text).map(({ name }) => name);

test('every cure that the lab removes is in the script of a change', () => {
  const model = modelOf('original');
  const { files } = compileFor('original', 'networkd', undefined);
  assert.ok(model && files);
  assert.ok(OF_CHANGE.length > 10);
  assert.equal(missingFrom(changeScript({ id: 'networkd' }, model, files), OF_CHANGE), []);
});

test('and what is left of the script without it is one, so that the change itself is seen to fail', () => {
  const model = modelOf('original');
  const { files } = compileFor('original', 'networkd', undefined);
  assert.ok(model && files);
  const script = changeScript({ id: 'networkd' }, model, files);
  const broken = [...OF_APPLY, ...OF_CHANGE].filter(({ lines, by = ':' }) => {
    const input = script.replace(lines, by);
    return spawnSync('sh', ['-n'], { input }).status !== 0;
  });
  assert.equal(
    broken.map(({ name }) => name),
    [],
  );
});

test('and in the program that applies it', () => {
  assert.ok(OF_APPLY.length > 5);
  assert.ok(OF_UNMANAGED.length > 1);
  assert.equal(missingFrom(programText(), [...OF_APPLY, ...OF_UNMANAGED]), []);
});

test.run();
