/**
 * The lab leaves nothing behind, however it ends: a run of it is interrupted in the middle, and
 * all that it had is looked for afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Image } from '../image/images.ts';
import type { Trial, Verdict } from '../trial.ts';

export const PART = 'clean';

const RUN = fileURLToPath(new URL('../run.ts', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
type Signal = (typeof SIGNALS)[number];

/** What must be running before a run is interrupted, by the names of programs. */
const AWAITED: Readonly<Record<number, string>> = { 1: 'NetworkManager', 2: 'systemd-nspawn' };

/** On one suite: what is looked at is the lab itself. */
export function cleanTrials(images: readonly Image[]): Trial[] {
  const image = images.at(-1);
  if (!image) return [];
  const { suite } = image;
  const trial = (words: readonly string[], run: () => Promise<Verdict>): Trial => ({
    part: PART,
    words,
    repeat: ['--suite', suite, '--only', PART],
    run,
  });
  return [
    ...[1, 2].flatMap((tier) =>
      SIGNALS.map((signal) =>
        trial([`tier ${tier}`, signal], () => interrupt(tier, suite, signal)),
      ),
    ),
    trial(['negative', 'a process that stays'], stays),
  ];
}

/** What goes into a session and a network of its own, and does not end with its parent. */
async function stays(): Promise<Verdict> {
  const script = 'setsid unshare --net sleep 60 & wait';
  const run = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const family = await untilAtWork(run, 'sleep');
  const spaces = namespacesOf(family);
  run.kill('SIGKILL');
  await sleep(500);
  const left = leftOf(family, spaces);
  for (const pid of family.keys()) if (nameOf(pid) === 'sleep') process.kill(pid, 'SIGKILL');
  const isSeen = left.some((line) => /\(sleep\) net:/.test(line));
  return isSeen
    ? { failures: [], notes: [`seen: ${left.join('; ')}`] }
    : { failures: [`not seen: the process that stays; ${left.join('; ')}`] };
}

async function interrupt(tier: number, suite: string, signal: Signal): Promise<Verdict> {
  const temporary = new Set(readdirSync(tmpdir()));
  const cgroups = new Set(cgroupsOfLab());
  const run = startRun(tier, suite);
  const family = await untilAtWork(run, AWAITED[tier] ?? '');
  if (family.size === 0) {
    run.kill('SIGKILL');
    return { failures: ['the run to be interrupted did not come to its work'] };
  }
  const spaces = namespacesOf(family);
  run.kill(signal);
  const end = performance.now() + GONE_MS;
  let left = leftOf(family, spaces);
  while (left.length > 0 && performance.now() < end) {
    await sleep(100);
    left = leftOf(family, spaces);
  }
  const files = readdirSync(tmpdir()).filter(
    (name) => name.startsWith('macvtap-render-agent') && !temporary.has(name),
  );
  // A group is not a process: after SIGKILL nobody is there to remove it but the next run.
  const groups = cgroupsOfLab().filter((name) => signal !== 'SIGKILL' && !cgroups.has(name));
  return {
    failures: [
      ...left,
      ...files.map((name) => `left: ${join(tmpdir(), name)}`),
      ...groups.map((name) => `left: control group ${name}`),
    ],
    notes: [`${family.size} processes, ${spaces.size} namespaces, ${left.length} left`],
    figures: { processes: family.size },
  };
}

const GONE_MS = 10_000;
const WORK_MS = 60_000;

function startRun(tier: number, suite: string): ChildProcess {
  const backend = tier === 1 ? 'networkmanager' : 'networkd';
  const words = ['--tier', String(tier), '--suite', suite, '--backend', backend];
  return spawn(process.execPath, ['--import', 'tsx', RUN, ...words, '--case', 'original'], {
    stdio: 'ignore',
  });
}

/** Waits until a program runs in it. @returns all processes below a run, with their beginnings */
async function untilAtWork(run: ChildProcess, program: string): Promise<Map<number, string>> {
  const end = performance.now() + WORK_MS;
  while (performance.now() < end && run.exitCode === null) {
    const family = descendants(run.pid ?? 0);
    if ([...family.keys()].some((pid) => nameOf(pid) === program.slice(0, NAME_LENGTH))) {
      return family;
    }
    await sleep(20);
  }
  return new Map();
}

/** What the kernel keeps of a program's name (proc(5), `comm`). */
const NAME_LENGTH = 15;

const nameOf = (pid: number): string => read(`/proc/${pid}/comm`).trim();

/** A process and all below it → when it began: with its id, it is that process and no other. */
function descendants(first: number): Map<number, string> {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => {
        // The second field is the command in parentheses, and may hold anything (proc(5)).
        const stat = read(`/proc/${name}/stat`);
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [Number(name), { parent: Number(fields[1]), begin: fields[19] ?? '' }];
      }),
  );
  const found = new Map<number, string>();
  const add = (pid: number): void => {
    const begin = all.get(pid)?.begin;
    if (begin === undefined || begin === '' || found.has(pid)) return;
    found.set(pid, begin);
    for (const [child, { parent }] of all) if (parent === pid) add(child);
  };
  add(first);
  return found;
}

const KINDS = ['mnt', 'net', 'pid'];

/** The namespaces that these processes have and we have not. */
function namespacesOf(family: ReadonlyMap<number, string>): Set<string> {
  const own = KINDS.map((kind) => link(`/proc/self/ns/${kind}`));
  const all = [...family.keys()].flatMap((pid) =>
    KINDS.map((kind) => link(`/proc/${pid}/ns/${kind}`)),
  );
  return new Set(all.filter((name) => name !== '' && !own.includes(name)));
}

/** @returns a line for each process that is still there, and for each namespace that has one */
function leftOf(family: ReadonlyMap<number, string>, spaces: ReadonlySet<string>): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    const stat = read(`/proc/${name}/stat`);
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (stat === '' || state === 'Z') return [];
    const isOfFamily = family.get(Number(name)) === fields[18];
    const held = KINDS.map((kind) => link(`/proc/${name}/ns/${kind}`)).filter((item) =>
      spaces.has(item),
    );
    if (!isOfFamily && held.length === 0) return [];
    return [`left: process ${name} (${nameOf(Number(name))}) ${held.join(' ')}`];
  });
}

function cgroupsOfLab(): string[] {
  const mounts = read('/proc/self/mounts').split('\n');
  const tree = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2')?.[1];
  if (tree === undefined || !existsSync(tree)) return [];
  return readdirSync(tree).filter((name) => name.startsWith('macvtap-render-lab'));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
