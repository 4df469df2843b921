/** Hostile values are refused, or change nothing but the value. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BACKENDS, isNetworkd } from './backends.ts';
import { backendsFor, checkAnswer, checkSet, run } from './checks.ts';
import { fail } from './description.ts';
import type { IntentData } from './intents/data.ts';
import { intent } from './intents/intent.ts';
import { print, style } from './intents/print.ts';
import { countTexts, withText } from './intents/texts.ts';
import { check, RUNS } from './runs.ts';
import { flatTexts, HOSTILE } from './texts.ts';

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 3 })), { maxLength: 4 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const poisoned = fc.record({
  data: intent,
  style,
  position: fc.nat(),
  hostile: hostileText,
  /** In place of what stands there, or beside it. */
  how: fc.constantFrom('instead', 'before', 'after'),
});

/** The texts of an intent, for those that are to be added to. */
function poison({
  data,
  position,
  hostile,
  how,
}: {
  data: IntentData;
  position: number;
  hostile: string;
  how: string;
}): IntentData {
  const index = position % countTexts(data);
  if (how === 'instead') return withText(data, index, hostile);
  const old = [...flatTexts(data)][index] ?? '';
  return withText(data, index, how === 'before' ? `${hostile}${old}` : `${old}${hostile}`);
}

test('hostile values are refused, or change nothing but the value', () => {
  let accepted = 0;
  check(
    RUNS / 5,
    poisoned,
    (drawn) =>
      JSON.stringify([...flatTexts(poison(drawn))]) +
      print(poison(drawn), { ...drawn.style, notation: 'json' }),
    (drawn) => {
      const data = poison(drawn);
      const text = print(data, drawn.style);
      const pair = BACKENDS.filter(
        (backend) => isNetworkd(backend) === (drawn.style.seed % 2 === 0),
      );
      let compiled = run(text, pair);
      checkAnswer(text, compiled, pair);
      const backends = backendsFor(compiled).filter((backend) => pair.includes(backend));
      if (backends.length === 0) return;
      if (!compiled.sets) compiled = run(text, backends);
      accepted += 1;
      // Read back and compared, no value can have become a line, a section or a path of its own.
      for (const { backend, files } of compiled.sets ?? []) {
        const known =
          BACKENDS.find((candidate) => candidate === backend) ?? fail(`what is ${backend}?`);
        checkSet(files, known, data);
      }
    },
  );
  assert.ok(accepted > 0, 'every hostile value was refused: are the good ones not?');
});

test.run();
