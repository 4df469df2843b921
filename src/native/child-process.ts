/** What src/node/ uses of `node:child_process`. */
import { Buffer } from './buffer.ts';
import { posix } from './posix.ts';
import { process } from './process.ts';

interface SpawnOptions {
  readonly input?: string;
  readonly maxBuffer?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeout?: number;
}

interface SpawnResult {
  readonly error?: Error & { readonly code: string };
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const MIB = 1024 * 1024;

/** A program that is out of time is killed by SIGKILL, which no program can ignore. */
export function spawnSync(
  program: string,
  words: readonly string[],
  { input = '', maxBuffer = MIB, env = process.env, timeout }: SpawnOptions,
): SpawnResult {
  const text = Buffer.from(input);
  const all = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const [code, status, stdout, stderr] = posix.spawn(
    text.buffer,
    text.byteOffset,
    text.byteLength,
    [program, ...words],
    all,
    maxBuffer,
    timeout ?? -1,
  );
  return {
    ...(code !== '' && { error: Object.assign(new Error(code), { code }) }),
    status: status < 0 ? null : status,
    stdout: new Buffer(stdout),
    stderr: new Buffer(stderr),
  };
}
