import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BACKENDS, isNetworkd } from './backends.ts';
import { backendsFor, checkAnswer, checkSet, run } from './checks.ts';
import { fail } from './description.ts';
import { print } from './intents/print.ts';
import { poison, poisoned } from './poison.ts';
import { check, RUNS } from './runs.ts';
import { flatTexts } from './texts.ts';

test('hostile values are refused, or change only the value', () => {
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
