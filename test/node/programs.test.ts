/** Programs that are run, and lines that are waited for, through the System on Node. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeSystem } from '../../src/node/node.ts';
import { SystemError } from '../../src/system.ts';
import { temporaryFolder } from '../command.ts';
import { fakeSystem } from '../fake-system.ts';

const system = nodeSystem([], { PATH: '/nowhere', LC_ALL: 'de_DE.UTF-8', GIVEN: 'yes' });
const sh = (script: string, options = {}) => system.run('sh', ['-c', script], options);

const kindOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return error instanceof SystemError ? error.kind : String(error);
  }
};

test('status and both outputs', () => {
  assert.equal(sh('echo out; echo err >&2; exit 3'), {
    status: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('no shell sees the words', () => {
  assert.is(system.run('printf', ['%s|', '$(id)', 'a b', '*']).stdout, '$(id)|a b|*|');
});

test('input, or nothing to read', () => {
  assert.is(sh('cat', { input: 'text\n' }).stdout, 'text\n');
  assert.is(sh('cat').stdout, '');
  // It does not read what it is given.
  assert.is(sh('exit 0', { input: 'x'.repeat(1024 * 1024) }).status, 0);
});

test('the C locale, the variables of the process, and more', () => {
  const { stdout } = sh('echo $LC_ALL $GIVEN $MORE $PATH', { env: { MORE: 'too' } });
  assert.is(stdout, 'C yes too /nowhere:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin\n');
});

test('a program that is killed has no status', () => {
  assert.is(sh('kill -9 $$').status, undefined);
  const began = performance.now();
  const { status, stdout } = sh("trap '' TERM; echo begun; while :; do :; done", {
    timeoutMs: 200,
  });
  assert.is(status, undefined);
  assert.is(stdout, 'begun\n');
  assert.ok(performance.now() - began < 60_000);
});

test('what cannot be run, and too much output', () => {
  assert.is(
    kindOf(() => system.run('no-such-program-here', [])),
    'not-found',
  );
  assert.is(
    kindOf(() => system.run(fileURLToPath(import.meta.url), [])),
    'refused',
  );
  assert.is(
    kindOf(() => sh('head -c 2000 /dev/zero', { limitBytes: 1000 })),
    'too-large',
  );
  assert.is(sh('head -c 1000 /dev/zero', { limitBytes: 1000 }).stdout.length, 1000);
});

test('bytes that are not text are replaced', () => {
  assert.is(sh("printf 'a\\377b'").stdout, 'a\ufffdb');
});

test('sleep takes its time', () => {
  const began = performance.now();
  system.sleep(60);
  assert.ok(performance.now() - began >= 59);
});

const WAIT = `
import { nodeSystem } from './src/node/node.ts';
const system = nodeSystem([], {});
console.log(ACTS);
`;
/** What calls of `waitForEnter` return in a process of its own, with this at its standard input. */
function waited(feed: string, acts: string): string {
  const code = WAIT.replace('ACTS', acts);
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${feed} "$1" --import tsx --input-type=module -e "$2"`, 'sh', process.execPath, code],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  return stdout.trim() || stderr;
}
const once = 'system.waitForEnter(3000)';

/** As `waited`, at an input that stays open for as long as the process runs, with `text` in it. */
function waitedAtOpen(text: string, acts: string): string {
  const pipe = join(temporaryFolder(), 'input');
  return waited(`mkfifo '${pipe}'; exec 3<>'${pipe}'; printf '${text}' >&3; <&3`, acts);
}

test('Enter, nothing in time, and nobody there', () => {
  assert.is(waited('(echo; sleep 1) |', once), 'enter');
  assert.is(waitedAtOpen('', 'system.waitForEnter(100)'), 'timeout');
  assert.is(waited('</dev/null', once), 'closed');
  // A line that is not ended yet.
  assert.is(waitedAtOpen('x', 'system.waitForEnter(1200)'), 'timeout');
});

test('input before the question is discarded', () => {
  const acts = '(system.sleep(700), system.waitForEnter(0), system.waitForEnter(100))';
  assert.is(waitedAtOpen('\\n', acts), 'timeout');
});

test('Ctrl-C ends what waits, and not the process', () => {
  const kill = "system.run('sh', ['-c', '(sleep 1; kill -INT $PPID) >/dev/null 2>&1 &'])";
  const waits = 'system.untilInterrupt(() => { for (;;) system.waitForEnter(1000); })';
  assert.is(waitedAtOpen('', `(${kill}, ${waits}), 'after'`), 'undefined after');
  assert.is(waited('</dev/null', 'system.untilInterrupt(() => 7)'), '7');
});

test('the fake world: answers, a record, a clock', () => {
  const fake = fakeSystem({
    programs: { ip: 'general', 'ip -j link': '[]', false: { status: 1 } },
    entered: ['enter'],
  });
  assert.is(fake.run('ip', ['-j', 'link']).stdout, '[]');
  assert.is(fake.run('ip', ['addr']).stdout, 'general');
  assert.is(fake.run('false', []).status, 1);
  assert.is(
    kindOf(() => fake.run('nmcli', [])),
    'not-found',
  );
  fake.sleep(5);
  assert.is(fake.waitForEnter(0), 'timeout');
  assert.is(fake.waitForEnter(1000), 'enter');
  assert.is(fake.waitForEnter(1000), 'timeout');
  assert.is(fake.milliseconds(), 2005);
  assert.equal(fake.record.slice(0, 5), ['ip -j link', 'ip addr', 'false', 'nmcli', 'sleep 5']);
});

test.run();
