/** Running a program to its end. */
import { spawnSync } from 'node:child_process';
import { type ProgramResult, type RunOptions, SystemError } from '../system.ts';
import { codeOf } from './error.ts';

/** Per output, by default. */
const LIMIT = 16 * 1024 * 1024;

/** `su` without `-` and `sudo` on some hosts leave these out (login.defs(5), ENV_SUPATH). */
const FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';

/** See `System.run`. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = '', timeoutMs, limitBytes = LIMIT, env: more = {} }: RunOptions = {},
  env: NodeJS.ProcessEnv = process.env,
): ProgramResult {
  const { PATH = '' } = env;
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    input,
    maxBuffer: limitBytes,
    env: { ...env, PATH: PATH === '' ? FOLDERS : `${PATH}:${FOLDERS}`, LC_ALL: 'C', ...more },
    // A program that ignores SIGTERM would be waited for without end.
    ...(timeoutMs !== undefined && { timeout: timeoutMs, killSignal: 'SIGKILL' }),
  });
  const code = codeOf(error);
  if (code === 'ENOBUFS') {
    throw new SystemError('too-large', program, `prints more than ${limitBytes} bytes`);
  }
  if (code === 'ENOENT') throw new SystemError('not-found', program, 'is not installed');
  if (code !== undefined && code !== 'ETIMEDOUT' && code !== 'EPIPE') {
    throw new SystemError('refused', program, `cannot be started (${code})`);
  }
  return {
    status: code === 'ETIMEDOUT' ? undefined : (status ?? undefined),
    stdout: stdout.toString('utf8'),
    stderr: stderr.toString('utf8'),
  };
}
