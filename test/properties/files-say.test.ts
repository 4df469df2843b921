/** What the files say is what the intent says, by a computation of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BACKENDS, type BackendId, isNetworkd } from './backends.ts';
import {
  backendsFor,
  checkAnswer,
  checkExplained,
  checkSet,
  fingerprint,
  isAccepted,
  run,
  same,
} from './checks.ts';
import { fail } from './description.ts';
import { FEATURES, RAREST } from './features.ts';
import { intent } from './intents/intent.ts';
import { print, style } from './intents/print.ts';
import { readEverybody } from './readers/yaml.ts';
import { check, isLong, RUNS, SEED } from './runs.ts';

/**
 * The greatest property takes most of a minute: a second process, which knows itself by this
 * variable, runs the larger half of it, with the next seed, while this one does the rest.
 */
const isOtherHalf = process.env['MACVTAP_PROPERTY_HALF'] !== undefined;

const otherHalf = isLong && !isOtherHalf ? startOtherHalf() : undefined;

function startOtherHalf(): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MACVTAP_PROPERTY_HALF: '1',
      MACVTAP_PROPERTY_SEED: String(SEED + 1),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

const spelled = fc.record({ data: intent, first: style, second: style });

(isOtherHalf ? test.only : test)('what the files say is what the intent says', () => {
  const rendered = new Map<BackendId, number>(BACKENDS.map((backend) => [backend, 0]));
  const counts = { all: 0, accepted: 0 };
  const asked = new Map<BackendId, number>(BACKENDS.map((backend) => [backend, 0]));
  const features = new Map<string, number>(Object.keys(FEATURES).map((name) => [name, 0]));
  check(
    RUNS * (isOtherHalf ? 0.6 : isLong ? 0.4 : 1),
    spelled,
    ({ data, first }) => print(data, { ...first, notation: 'block' }),
    ({ data, first, second }) => {
      counts.all += 1;
      for (const [name, has] of Object.entries(FEATURES))
        if (has(data)) features.set(name, (features.get(name) ?? 0) + 1);
      const text = print(data, first);
      // To one of the two systems each time, by both back ends of it: four would take twice as long.
      const pair = BACKENDS.filter((backend) => isNetworkd(backend) === (counts.all % 2 === 0));
      for (const backend of pair) asked.set(backend, (asked.get(backend) ?? 0) + 1);
      let compiled = run(text, pair);
      checkAnswer(text, compiled, pair);
      if (isAccepted(compiled)) counts.accepted += 1;
      const backends = backendsFor(compiled).filter((backend) => pair.includes(backend));
      if (backends.length === 0) return;
      if (!compiled.sets) {
        compiled = run(text, backends);
        checkAnswer(text, compiled, backends);
      }
      for (const set of compiled.sets ?? []) {
        const backend = BACKENDS.find((candidate) => candidate === set.backend);
        if (!backend) fail(`what is ${set.backend}?`);
        rendered.set(backend, (rendered.get(backend) ?? 0) + 1);
        checkSet(set.files, backend, data);
        if (counts.all % 21 === 0) {
          readEverybody(new Map(set.files.map(({ path, text: written }) => [path, written])));
          checkExplained(compiled, set);
        }
      }
      // Another notation, other quotes, another order of the language's keys; now and then the
      // very same text. For a fifth of the intents, and one way each time: the others follow
      // from the same model.
      if (counts.all % 5 > 0) return;
      const again = backends.slice((counts.all / 5) % backends.length).slice(0, 1);
      const other = counts.all % 25 === 0 ? text : print(data, second);
      same(
        fingerprint(run(other, again).sets),
        fingerprint(compiled.sets?.filter(({ backend }) => again.some((a) => a === backend))),
        `bytes from\n${other}\nand from\n${text}`,
      );
    },
  );
  const share = (count: number): number => count / counts.all;
  const ofAsked = (backend: BackendId, count: number): number => count / (asked.get(backend) ?? 1);
  const shares = [...rendered].map(
    ([backend, count]) => `${backend} ${ofAsked(backend, count).toFixed(2)}`,
  );
  console.log(
    `\n  ${counts.accepted} accepted of ${counts.all}; ${shares.join(', ')}; seed ${SEED}`,
  );
  const percent = [...features].map(
    ([name, count]) => `${name} ${(100 * share(count)).toFixed(0)}`,
  );
  console.log(`  ${percent.join(', ')} %`);
  for (const [name, count] of features)
    assert.ok(share(count) > RAREST || !isLong, `only ${count} of ${counts.all} have ${name}`);
  assert.ok(share(counts.accepted) > 0.98, `only ${counts.accepted} of ${counts.all} accepted`);
  for (const [backend, count] of rendered) {
    assert.ok(
      ofAsked(backend, count) > 0.55,
      `only ${count} of ${asked.get(backend)} rendered by ${backend}`,
    );
  }
});

test('what the files say is what the intent says: the other half', async () => {
  const { status, output } = (await otherHalf) ?? { status: 0, output: '' };
  console.log(output.split('\n').find((line) => line.includes('accepted of')) ?? '');
  assert.is(status, 0, output);
});

test.run();
