import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clock, parseDuration } from '../../src/apply/duration.ts';

test('durations, from ten seconds to a day', () => {
  for (const [text, seconds] of [
    ['90', 90],
    ['90s', 90],
    ['2m', 120],
    ['1h30m', 5400],
    ['1m30s', 90],
    ['24h', 86_400],
    ['10s', 10],
  ] as const) {
    assert.is(parseDuration(text), seconds, text);
  }
  for (const text of [
    '',
    '0',
    '9s',
    '25h',
    '-1',
    '2 m',
    'm',
    '1.5m',
    '5m2h',
    '١٠s',
    '9'.repeat(400),
  ]) {
    assert.is(parseDuration(text), undefined, text);
  }
});

test('a clock counts down to zero', () => {
  assert.is(clock(117), '1:57');
  assert.is(clock(116.2), '1:57');
  assert.is(clock(3603), '1:00:03');
  assert.is(clock(-3), '0:00');
});

test.run();
