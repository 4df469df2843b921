/** What the lab waits for ends, whatever a trial does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run, within } from './process.ts';

/** Of what is left behind for a moment. */
const LONG = 60;

test('a command that hangs ends at its limit', async () => {
  const { status, stderr } = await run(['sleep', String(LONG)], '', 0.1);
  assert.is(status, -1);
  assert.match(stderr, /no end after 0\.1 s/);
});

test('and so does one whose descendant has its pipes, and is not killed with it', async () => {
  const begin = performance.now();
  const script = `sleep ${LONG} & echo $!; wait`;
  const { status, stdout } = await run(['sh', '-c', script], '', 0.5);
  const seconds = (performance.now() - begin) / 1000;
  process.kill(Number(stdout), 'SIGKILL');
  assert.is(status, -1);
  assert.ok(seconds < LONG / 2, `${seconds} s`);
});

test('one that ends by itself is reported with all that it printed', async () => {
  const { status, stdout } = await run(['sh', '-c', 'cat; exit 3'], 'words\n');
  assert.is(status, 3);
  assert.is(stdout, 'words\n');
});

test('a promise that is never kept is given up', async () => {
  const late = await within(new Promise(() => {}), 0.05, 'it has no end').catch(String);
  assert.is(late, 'Error: it has no end in 0.05 s');
  assert.is(await within(Promise.resolve(1), 5, 'it has no end'), 1);
});

test.run();
