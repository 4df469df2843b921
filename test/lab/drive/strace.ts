/** The program under strace(1): which system calls it makes on a tree, and one of them made to fail. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { precompiledTemplates } from '../../../src/build/bundle.ts';
import { NATIVE } from '../../native-binary.ts';

/** One system call of a run: the `nth` of its name by the main thread. */
export interface Call {
  readonly name: string;
  readonly nth: number;
  /** As strace prints it. */
  readonly line: string;
}

export type Fault = 'ENOSPC' | 'EIO' | 'EACCES' | 'EINTR' | 'KILL';
export const FAULTS: readonly Fault[] = ['ENOSPC', 'EIO', 'EACCES', 'EINTR', 'KILL'];

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs a command line to its end; no output but standard error is kept. */
export function ended(words: readonly string[]): Promise<Ended> {
  return new Promise((done, fail) => {
    const [command = '', ...rest] = words;
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString('utf8');
    });
    child.on('error', fail);
    child.on('close', (status, signal) => done({ status, signal, stderr }));
  });
}

/** A process that runs the command on request, and is looked at, or harmed, meanwhile. */
export interface Worker {
  run(args: readonly string[], strace: readonly string[]): Promise<Ended>;
  close(): void;
}

/** Bundles what a worker runs, as the command itself is: it starts ten times as fast. */
export async function bundleWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [precompiledTemplates],
    logLevel: 'warning',
  });
}

export function worker(program: string): Worker {
  if (NATIVE !== undefined) return nativeWorker(NATIVE);
  let child: ChildProcess | undefined;
  let replies: Interface | undefined;
  const start = (): ChildProcess => {
    const made = spawn(process.execPath, [program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!made.stdout) throw new Error('no standard output');
    replies = createInterface({ input: made.stdout });
    return made;
  };
  const ask = (args: readonly string[]): Promise<Ended> =>
    new Promise((done) => {
      const asked = child ?? start();
      child = asked;
      const died = (status: number | null, signal: NodeJS.Signals | null): void => {
        child = undefined;
        done({ status, signal, stderr: '' });
      };
      asked.once('exit', died);
      replies?.once('line', (line) => {
        asked.off('exit', died);
        const { status, stderr } = JSON.parse(line) as { status: number; stderr: string };
        done({ status, signal: null, stderr });
      });
      asked.stdin?.write(`${JSON.stringify(args)}\n`);
    });
  return {
    async run(args, options) {
      // What is loaded at its first use is loaded before anybody counts.
      if (!child) for (let turn = 0; turn < 3; turn += 1) await ask(args.map(aside));
      const strace = spawn('strace', [...options, '-p', String(child?.pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const gone = new Promise((done) => strace.once('close', done));
      await new Promise<void>((done, fail) => {
        let printed = '';
        strace.once('error', fail);
        strace.once('close', () => fail(new Error(`strace: ${printed}`)));
        strace.stderr.on('data', (data: Buffer) => {
          printed += data.toString('utf8');
          if (printed.includes('attached')) done();
        });
      });
      const end = await ask(args);
      strace.kill('SIGINT');
      await gone;
      return end;
    },
    close: () => void child?.kill(),
  };
}

/** The native binary starts at once, and loads nothing later that would be counted. */
const nativeWorker = (program: string): Worker => ({
  run: (args, options) => ended(['strace', ...options, program, ...args]),
  close: () => {},
});

/** The same run in a tree of its own: the last word is where. */
const aside = (word: string): string =>
  word.startsWith('/dev/shm/') && word.endsWith('-tree') ? `${word}-warm` : word;

/** Calls that touch files or descriptors; memory and time are the runtime's own. */
const TRACED = 'file,desc';
/** Of those, what has nothing to do with files, or cannot fail; and descriptors of the runtime's own. */
const UNTOUCHED = /^(?:execve|mmap|epoll_\w+|eventfd2|pipe2|ioctl|fcntl|poll)$/;
const OWN = /<(?:anon_inode|pipe|socket|\/dev\/null)/;

/** Every call of a run without faults, from the first that names `root` to the last that does. */
export async function callsOf(
  by: Worker,
  args: readonly string[],
  root: string,
  log: string,
): Promise<{ calls: Call[]; end: Ended }> {
  const end = await by.run(args, ['-y', '-o', log, '-e', `trace=${TRACED}`]);
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  let isInTree = false;
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined) continue;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    isInTree ||= /^(?:statx|newfstatat|stat|lstat|openat)$/.test(name) && line.includes(`"${root}`);
    if (isInTree && !UNTOUCHED.test(name) && !OWN.test(line)) calls.push({ name, nth, line });
  }
  rmSync(log, { force: true });
  const last = calls.findLastIndex(({ line }) => line.includes(root));
  return { calls: calls.slice(0, last + 1), end };
}

/** The run with one call made to fail, or the process killed at it. */
export async function withFault(
  by: Worker,
  args: readonly string[],
  { name, nth }: Call,
  fault: Fault,
  log: string,
): Promise<Ended & { injected: boolean }> {
  const how = fault === 'KILL' ? 'signal=KILL' : `error=${fault}`;
  const inject = `inject=${name}:${how}:when=${nth}`;
  const end = await by.run(args, ['-y', '-o', log, '-e', `trace=${name}`, '-e', inject]);
  const text = readFileSync(log, 'utf8');
  rmSync(log, { force: true });
  return {
    ...end,
    injected: fault === 'KILL' ? end.signal === 'SIGKILL' : isHit(text),
  };
}

/** Whether the fault hit the tree: how often the runtime wakes itself differs from run to run. */
const isHit = (log: string): boolean =>
  log.split('\n').some((line) => line.includes('(INJECTED)') && !OWN.test(line));
