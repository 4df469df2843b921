/** What a change prints while it runs: on a terminal, in a log, and beside a document. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shownSteps } from '../../src/cli/apply-steps.ts';
import { fakeSystem } from '../fake-system.ts';

/** A change that waits for two seconds, with one thing that the verification found. */
function printed(isTerminal: boolean, format: 'json' | 'text' = 'text'): string {
  const system = fakeSystem({ isTerminal });
  const show = shownSteps(system, { format });
  show.begins('verify');
  show.ends({ name: 'verify', isDone: true, seconds: 0.25, lines: ['It is\u001b slow.'] });
  show.finds([{ severity: 'warning', message: 'It is\u001b slow.', hint: 'Wait.' }]);
  for (const left of [2, 1]) show.waits(`Keep it? ${left}`);
  show.waits('');
  return system.written.stderr;
}

const FOUND = 'warning: It is␛ slow.\n  help: Wait.\n';

test('in a log, what was found, and once that it waits', () => {
  assert.is(printed(false), `${FOUND}Keep it? 2\n`);
});

test('a document has what was found: beside it, only that it waits', () => {
  assert.is(printed(false, 'json'), 'Keep it? 2\n');
});

test('on a terminal each step, what was found, and the time that is left', () => {
  const text = printed(true);
  assert.ok(text.includes(`Verify: done (0.3 s)\n${FOUND}`), text);
  assert.match(text, /Keep it\? 2\r.*Keep it\? 1\r/);
  assert.is(text.split('`macvtap-render rollback`').length, 2, 'once');
});

test('one that is over before it is waited for does not ask', () => {
  for (const isTerminal of [false, true]) {
    const system = fakeSystem({ isTerminal });
    shownSteps(system, { format: 'text' }).waits('');
    assert.not.match(system.written.stderr, /\n/);
  }
});

test.run();
