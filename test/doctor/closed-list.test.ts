/** The closed list of causes is what the code can name, and each of them is put into a host in the lab. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES } from '../../src/diagnostics/diagnostic.ts';
import { kindCodes } from '../../src/doctor/kinds.ts';
import { FAULTS, MORE_FAULTS } from '../lab/trials/doctor/faults.ts';
import { REPORTED } from '../lab/trials/doctor/reports/reports.ts';

const FOLDER = new URL('../../src/doctor/causes/', import.meta.url);

test('the list on the help page has each code of a cause once, and no other', () => {
  const found = new Set<string>();
  for (const file of readdirSync(FOLDER)) {
    for (const [, word = ''] of readFileSync(new URL(file, FOLDER), 'utf8').matchAll(
      /'([\w-]+)'/g,
    )) {
      if (Object.hasOwn(CODES, word)) found.add(word);
    }
  }
  assert.ok(found.size > 50, 'codes are read from the causes');
  assert.equal([...kindCodes()].sort(), [...found].sort());
});

/** The lab's hosts have none of these: a radio, a daemon with a bus, a host-wide table, /proc that cannot be read. */
const NOT_IN_LAB: ReadonlySet<string> = new Set([
  ...['wifi-parent', 'daemon-not-running', 'neighbour-table-full', 'state-unreadable'],
  // The kernel is asked once it has settled.
  'address-not-ready',
]);

test('each cause of the list is what some fault of the lab has to show first', () => {
  const all = [...FAULTS, ...MORE_FAULTS, ...Object.values(REPORTED).flat()];
  const shown = new Set(all.flatMap(({ first }) => first));
  const untried = kindCodes().filter((code) => !shown.has(code) && !NOT_IN_LAB.has(code));
  assert.equal(untried, []);
});

test('a trial has one name, a source, and codes that exist', () => {
  const all = [...FAULTS, ...MORE_FAULTS, ...Object.values(REPORTED).flat()];
  assert.is(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, from, first } of all) {
    assert.ok(from !== '' && first.length > 0, name);
    for (const code of first) assert.ok(code === 'nothing' || Object.hasOwn(CODES, code), code);
  }
});

test.run();
