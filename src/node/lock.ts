/**
 * A lock that ends with its process. Node has no flock(2), so each run creates a flag file in the
 * directory, and then looks for those of other runs: the second run sees the first one's flag. A flag's
 * name identifies its process (boot, pid namespace, pid, start time), so it is complete when it
 * appears and never another's; flags of ended processes are removed.
 */
import * as fs from 'node:fs';
import { SystemError } from '../system.ts';
import { LOCK_PREFIX as FLAG, isLockName } from '../view/ownership.ts';
import { codeOf } from './error.ts';
import { readDescriptor } from './read.ts';
import { sleep } from './sleep.ts';

const STEP = 20;
const LIMIT = 30_000;

/**
 * @param folder a path that means the directory as long as it is open
 * @returns what takes the flag down
 * @throws SystemError `locked` where another run does not end in time
 */
export function lock(folder: string, shown: string): () => void {
  const { boot, namespace, began } = self();
  const own = `${FLAG}${boot}.${namespace}.${process.pid}.${began}`;
  const lower = (): void => removeIfThere(`${folder}/${own}`);
  const raise = (): void => {
    try {
      const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
      fs.closeSync(fs.openSync(`${folder}/${own}`, O_WRONLY | O_CREAT | O_EXCL, 0o600));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  };
  try {
    for (let waited = 0; ; waited += STEP) {
      raise();
      const others = liveFlags(folder, own, { boot, namespace });
      if (others.length === 0) return () => lowerQuietly(lower);
      if (waited >= LIMIT) {
        const [first = ''] = others;
        throw new SystemError(
          'locked',
          shown,
          `another run is at work here (process ${pidOf(first)}); its lock is ${first}`,
        );
      }
      // Two that raise theirs at once see each other: the first by name stays, the other gives way.
      if (others.some((other) => other < own)) lower();
      sleep(STEP);
    }
  } catch (error) {
    lowerQuietly(lower);
    throw error;
  }
}

/** Its process ends soon, and a flag of the dead keeps nobody out. */
function lowerQuietly(lower: () => void): void {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      lower();
      return;
    } catch {
      // See above.
    }
  }
}

const pidOf = (flag: string): string => flag.slice(FLAG.length).split('.')[2] ?? '';

interface Here {
  readonly boot: string;
  readonly namespace: string;
}

/** Kept for as long as the process is what it is: a fleet has thousands of folders to lock. */
let known: (Here & { readonly began: string }) | undefined;

function self(): Here & { readonly began: string } {
  known ??= {
    boot: textOf('/proc/sys/kernel/random/boot_id').trim(),
    namespace: /\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0] ?? '',
    began: beginning('self') ?? '',
  };
  return known;
}

/** When a process began, in clock ticks since boot (proc(5), stat, 22); undefined for a dead one. */
function beginning(pid: string): string | undefined {
  let stat: string;
  try {
    stat = textOf(`/proc/${pid}/stat`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
  // The name of the program stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Not by `readFileSync`: with an encoding that ends the process where close(2) fails (Node 20). */
function textOf(path: string): string {
  const fd = fs.openSync(path, fs.constants.O_RDONLY);
  try {
    return readDescriptor(fd, path, 64 * 1024);
  } finally {
    fs.closeSync(fd);
  }
}

/** Names of flags of other runs that go on; those of ended ones are taken down. */
function liveFlags(folder: string, own: string, here: Here): string[] {
  return (
    fs
      .readdirSync(folder, { withFileTypes: true })
      // A non-file with such a name is not a lock.
      .filter((entry) => isLockName(entry.name) && entry.name !== own && !entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => {
        const [boot, namespace, pid = '', began] = name.slice(FLAG.length).split('.');
        // A process of another container cannot be looked up from here.
        const isUnknown = boot === here.boot && namespace !== here.namespace;
        if (isUnknown || (boot === here.boot && beginning(pid) === began)) return true;
        removeIfThere(`${folder}/${name}`);
        return false;
      })
      .sort()
  );
}

function removeIfThere(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
