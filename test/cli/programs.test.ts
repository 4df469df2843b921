/** Programs that the command runs, seen from outside of its process: under Node, and of the native binary. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROGRAM, REPOSITORY, temporaryFolder } from '../command.ts';
import { NATIVE } from '../native-binary.ts';

interface Ran {
  readonly status: number | null;
  readonly printed: string;
  /** Lines that the program has left. */
  readonly log: readonly string[];
}

/**
 * `status`, with another ip(8).
 * @param ip a script of sh, which may append to `$LOG`
 * @param before how the parent becomes the command, as words of sh
 */
function statusWith(ip: string, before = 'exec', program = PROGRAM): Ran {
  const folder = temporaryFolder();
  const [bin, log] = [join(folder, 'bin'), join(folder, 'log')];
  mkdirSync(bin);
  writeFileSync(join(bin, 'ip'), `#!/bin/sh\n${ip}\n`);
  chmodSync(join(bin, 'ip'), 0o755);
  const words = ['status', 'golden/original/intent.yaml', '--backend', 'networkd'];
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${before} "$@"`, 'sh', ...program, ...words],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, LOG: log },
      timeout: 120_000,
    },
  );
  return {
    status,
    printed: `${stdout}${stderr}`,
    log: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [],
  };
}

const EMPTY = "echo '[]'";
const right = statusWith(EMPTY);
/** By env(1): dash ignores no end of a child. */
const IGNORING = 'exec env --ignore-signal=CHLD';

test('the answers of a program reach a command whose parent ignores the end of children', () => {
  assert.match(right.printed, /veth0/);
  assert.equal(statusWith(EMPTY, IGNORING), right);
  // Other answers are another output.
  assert.is.not(statusWith('exit 3').printed, right.printed);
});

test('a program gets no descriptor that the command was given', () => {
  const list = `for fd in /proc/$$/fd/*; do echo "\${fd##*/}"; done >>"$LOG"\n${EMPTY}`;
  const given = 'exec 9</dev/null; exec';
  const seen = statusWith(list, given);
  assert.ok(seen.log.includes('0'));
  assert.not.ok(seen.log.includes('9'), seen.log.join(' '));
  assert.is(seen.printed, right.printed);
  // A parent that starts it itself passes it on.
  assert.ok(statusWith(list, given, ['ip']).log.includes('9'));
});

// Twice the ten seconds that a program has; under Node, node/programs.test.ts has a shorter time.
if (NATIVE !== undefined) {
  test('a program that stalls is killed, whether it keeps its outputs or has closed them', () => {
    const stalls = `case "$*" in
  *addr*) trap '' TERM; echo $$ >>"$LOG"; exec sleep 600 ;;
  *-4*route*) echo $$ >>"$LOG"; exec >&- 2>&-; exec sleep 600 ;;
esac
${EMPTY}`;
    const began = performance.now();
    const { status, printed, log } = statusWith(stalls);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds >= 19, `${seconds} s`);
    assert.is.not(status, null);
    assert.is(printed.match(/did not end in 10 s/g)?.length, 2, printed);
    assert.is(log.length, 2);
    for (const pid of log) assert.not.ok(existsSync(`/proc/${pid}`), pid);
  });
}

test.run();
