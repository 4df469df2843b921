/** Commands of the lab: started, awaited, and ended by their own id. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

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

/** Runs a command to its end, within `seconds` (more in the virtual machine). */
export function run(argv: readonly string[], input = '', seconds = 10): Promise<Finished> {
  return new Promise((settle) => {
    const child = start(argv);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const limit = setTimeout(
      () => {
        stderr += `no end after ${seconds * PATIENCE} s\n`;
        child.kill('SIGKILL');
      },
      seconds * PATIENCE * 1000,
    );
    child.once('close', (status) => {
      clearTimeout(limit);
      settle({ status: status ?? -1, stdout, stderr });
    });
    child.stdin.end(input);
  });
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
