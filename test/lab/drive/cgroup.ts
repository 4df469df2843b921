/**
 * Control groups of the lab's own, in the machine's cgroup2 tree. A booted container needs one:
 * its service manager makes a group for each service.
 *
 * A group is not a process and does not end with us, so each is named after the process that made
 * it; what a killed run has left is removed by the next one.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from '../trial.ts';

export interface Cgroup {
  /** Its name, at the root of the tree. */
  readonly name: string;
  /** Its directory, as the machine has it mounted. */
  readonly path: string;
  /** Kills all that is in it, and removes it. */
  remove(): Promise<void>;
}

const PREFIX = 'macvtap-render-lab';

/** Of this run, and still there. */
const own = new Set<string>();
let count = 0;

/** @throws Error where the machine has no cgroup2 tree mounted, or none that can be written to */
export async function makeCgroup(): Promise<Cgroup> {
  const tree = await prepare();
  const name = `${PREFIX}.${process.pid}.${startTime(process.pid)}.${count++}`;
  const path = join(tree, name);
  mkdirSync(path);
  own.add(path);
  return {
    name,
    path,
    remove: async () => {
      kill(path);
      for (let tries = 0; !isRemoved(path); tries++) {
        if (tries > 200) throw new Error(`${path} is still in use`);
        await sleep(10);
      }
      own.delete(path);
    },
  };
}

/** Finds the tree, and clears it of what dead runs have left. */
const prepare = once(async (): Promise<string> => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const tree = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2')?.[1];
  if (tree === undefined) throw new Error('no cgroup2 tree is mounted (mount -t cgroup2 …)');
  for (const name of readdirSync(tree)) {
    const [prefix, pid = '', start = ''] = name.split('.').map((part) => part);
    if (prefix !== PREFIX || startTime(Number(pid)) === start) continue;
    // Its processes went with the run. If any remain, the trial does not judge them.
    isRemoved(join(tree, name));
  }
  // Also where the run is interrupted: there is no time to wait then, and hardly a need.
  process.once('exit', () => {
    for (const path of own) kill(path);
    const end = Date.now() + 2000;
    for (const path of own) while (!isRemoved(path) && Date.now() < end) pause(10);
  });
  return tree;
});

/** When a process began, in the kernel's ticks: with its id, it is that process and no other. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, and may hold anything (proc(5)).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function kill(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1');
  } catch {
    // Gone already; or a kernel before 5.14, where the namespace's end has killed them.
  }
}

/** Removes a group and all below it. @returns whether it is gone */
function isRemoved(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !isRemoved(join(path, entry.name))) return false;
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

const pause = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
