/** Commands of the lab: started, awaited, and ended by their own id. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Finished {
  /** Exit status; -1 where a signal or the time limit ended it, or it could not be started. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Set in the virtual machine of the lab, which may be emulated: all takes its time there. */
export const INSIDE = 'MACVTAP_RENDER_LAB_INSIDE';

/** Whether this process is the one in the virtual machine. */
export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/** How many times as long is waited for anything. */
export const PATIENCE = isInside() ? 8 : 1;

/** So many processes that want to run leave each its usual time, as most of a trial is waited for. */
const USUAL_LOAD = 4 * cpus().length;

/**
 * How many times as long a limit is at this moment, on a machine that has other things to do. Only for
 * limits that end what hangs, not for times that a trial judges.
 */
export const patience = (): number =>
  Math.max(PATIENCE, Math.min(4, (loadavg()[0] ?? 0) / USUAL_LOAD));

/** What of a child that was killed is waited for: its descendants may have its pipes open. */
const KILLED_MS = 5000;

/** What is running at this moment, so that an interrupted run leaves nothing behind. */
const running = new Set<ChildProcessWithoutNullStreams>();

/**
 * root's, as after a login. The lab reads what programs print, so they print without colours and
 * in English.
 */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  TERM: 'dumb',
  LC_ALL: 'C',
  SYSTEMD_COLORS: '0',
  SYSTEMD_LOG_COLOR: '0',
};

/**
 * Starts a command; `argv[0]` is looked up in the system's own directories.
 * @param descriptors open files that it gets as 3 and following
 */
export function start(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  descriptors: readonly number[] = [],
): ChildProcessWithoutNullStreams {
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, {
    env: { ...ENVIRONMENT, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
  }) as ChildProcessWithoutNullStreams;
  running.add(child);
  child.once('close', () => running.delete(child));
  // What cannot be started is reported by `close`; a program that does not read is not a failure.
  child.on('error', (error) => child.stderr?.emit('data', Buffer.from(`${error.message}\n`)));
  child.stdin?.on('error', () => {});
  return child;
}

/** Runs a command to its end, which is that of the time limit at the latest. */
export async function run(argv: readonly string[], input = '', seconds = 10): Promise<Finished> {
  const child = start(argv);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  child.stdin.end(input);
  const { status, isLate } = await endOf(child, seconds * patience());
  if (isLate) stderr += `no end after ${seconds} s\n`;
  return { status, stdout, stderr };
}

/**
 * Waits for the end of a child, and kills it at the time limit. What it has started and is not killed
 * with it, as by nsenter(1) in another process namespace, keeps its pipes open: they are not read any more.
 * @returns its exit status, or -1
 */
export function endOf(
  child: ChildProcessWithoutNullStreams,
  seconds: number,
): Promise<{ readonly status: number; readonly isLate: boolean }> {
  return new Promise((settle) => {
    let isLate = false;
    let killed: NodeJS.Timeout | undefined;
    const end = (status: number | null): void => {
      clearTimeout(limit);
      clearTimeout(killed);
      settle({ status: isLate ? -1 : (status ?? -1), isLate });
    };
    const limit = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      // One that waits in the kernel cannot be killed.
      killed = setTimeout(() => end(null), KILLED_MS);
    }, seconds * 1000);
    child.once('close', end);
  });
}

/** @throws Error if it takes longer, on a machine that has nothing else to do */
export async function within<T>(ended: Promise<T>, seconds: number, what: string): Promise<T> {
  const over = new AbortController();
  const limit = sleep(seconds * patience() * 1000, undefined, { signal: over.signal });
  limit.catch(() => {});
  const first = await Promise.race([ended.then((value) => ({ value })), limit]).finally(() =>
    over.abort(),
  );
  if (!first) throw new Error(`${what} in ${seconds} s`);
  return first.value;
}

/** As `run`, for what the lab itself needs: any failure is an exception with the output. */
export async function must(argv: readonly string[], input = '', seconds = 10): Promise<string> {
  const { status, stdout, stderr } = await run(argv, input, seconds);
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}: ${stderr.trim()}`);
  return stdout;
}

/** Kills everything that was started and still runs. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * nsenter(1) stops when its child is stopped, as by a shutdown, which stops all before it ends them; and the
 * kernel does not end a process namespace before those of other namespaces have waited for their children in it.
 */
export function continueStopped(): void {
  for (const child of running) child.kill('SIGCONT');
}
