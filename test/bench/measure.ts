/** Runs a program to its end: how long it takes, and how much memory. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  readonly name: string;
  readonly words: readonly string[];
  readonly cwd?: string;
  /** Exit statuses that are right; default: 0. */
  readonly statuses?: readonly number[];
  /** What has to be removed or written before each run; not measured. */
  readonly prepare?: () => void;
}

/** Without `NODE_EXTRA_CA_CERTS`: where it is set, an empty Node takes two to three times as long. */
export const environment = (home: string): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: home,
  LC_ALL: 'C.UTF-8',
});

/** @returns milliseconds @throws Error where it fails */
export function timed(program: Program, home: string, before: readonly string[] = []): number {
  program.prepare?.();
  const [first = '', ...words] = [...before, ...program.words];
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(first, words, {
    cwd: program.cwd ?? home,
    env: environment(home),
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (!(program.statuses ?? [0]).includes(status ?? -1)) {
    throw new Error(`${program.name}: ${error ?? `status ${status}`}\n${stderr.slice(0, 2000)}`);
  }
  return milliseconds;
}

const TIME = '/usr/bin/time';

/** MiB of the largest of its processes (getrusage(2), RUSAGE_CHILDREN); undefined without GNU time. */
export function peakMemory(program: Program, home: string): number | undefined {
  if (!existsSync(TIME)) return undefined;
  const file = join(home, 'peak');
  timed(program, home, [TIME, '-q', '-f', '%M', '-o', file]);
  return Number(readFileSync(file, 'utf8').trim()) / 1024;
}

/**
 * Each program in turn, so that what else the machine does is the same for all.
 * @returns milliseconds of each round, by the name of the program
 */
export function rounds(
  programs: readonly Program[],
  count: number,
  home: string,
): ReadonlyMap<string, readonly number[]> {
  const times = new Map(programs.map(({ name }) => [name, [] as number[]]));
  for (const program of programs) timed(program, home);
  for (let round = 0; round < count; round += 1) {
    for (const program of programs) times.get(program.name)?.push(timed(program, home));
  }
  return times;
}
