/**
 * A machine that boots: a container of systemd-nspawn, whose service manager starts what a suite
 * starts, in the suite's order. Its disk outlives a reboot, its network does not: every boot
 * finds NICs that were made for it, as a real one does. A link that had stayed would pass for one
 * that came again.
 *
 * As with the namespaces, a process that reads from a pipe of the lab holds all of it together: it is
 * the first of a process and a mount namespace in which nspawn and the disk are.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasSystemd } from '../image/images.ts';
import type { Place, Program } from '../place.ts';
import { continueStopped, patience, run, start, within } from '../process.ts';
import { type Cgroup, makeCgroup } from './cgroup.ts';
import type { Scene } from './scene.ts';

export interface Machine {
  /** Its disk, as seen from outside: may be written to at any time. */
  readonly root: string;
  /** The command with its disk as the root, while it is switched off. */
  offline(argv: readonly string[]): string[];
  /**
   * Starts it with the NICs of a scene's host, whose part it takes; it is not yet up when this
   * returns.
   * @param scene ends only after the machine is down
   */
  boot(scene: Scene): Promise<Running>;
  /** Takes it away; returns when all in it is gone. */
  end(): Promise<void>;
}

/** A machine that is switched on. */
export interface Running extends Place {
  /** The command as root on it, as after a login. */
  inside(argv: readonly string[]): string[];
  /** The kernel's `boot_id`: another one after each boot. */
  readonly bootId: string;
  /** `systemctl reboot`, or what is in its place: returns when it is down, and is to be booted again. */
  reboot(): Promise<void>;
  /** A reboot was requested, by whomever: returns when it is down, and is to be booted again. */
  rebooted(): Promise<void>;
  /** Pulls the plug. */
  end(): Promise<void>;
  /** What it has printed so far. */
  console(): string;
}

/**
 * nspawn mounts the container's `/sys` and control groups as it finds the machine's, and a newer systemd
 * refuses the old hierarchy. It also keeps notes in `/run`.
 */
const HOLDER = `
read -r pid rest </proc/self/stat
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=0755 run /run
mount -t tmpfs -o mode=0755 lab /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$IMAGE,upperdir=/mnt/upper,workdir=/mnt/work" lab /mnt/root
echo "$pid"
exec cat >/dev/null
`;

/** In its own control group: nspawn puts the container below the one that it is started in. */
const NSPAWN = `
echo 0 >"/sys/fs/cgroup/$CGROUP/cgroup.procs"
exec systemd-nspawn "$@"
`;

const OPTIONS = [
  '--directory=/mnt/root',
  '--quiet',
  // There may be no machined, and no service manager that would make a scope.
  '--register=no',
  '--keep-unit',
  '--settings=no',
  '--link-journal=no',
  '--resolv-conf=off',
  '--timezone=off',
  '--console=read-only',
  // Without it networkd is passed over in silence (ConditionCapability=).
  '--capability=CAP_NET_ADMIN',
  // nspawn is started in the machine's network already.
  '--network-namespace-path=/proc/self/ns/net',
];

/** `--boot` prefers systemd, wherever it is. */
const initOf = (isOfSystemd: boolean): string => (isOfSystemd ? '--boot' : '/sbin/init');

/** With this status nspawn says that the container wants to be started again (its `run()`). */
const REBOOT = 133;

/** How long a machine may take to come down. */
const DOWN_SECONDS = 30;
/** The same where the host requests it by itself, and may wait before. */
const REQUESTED_SECONDS = 90;
/** How often what the shutdown has stopped goes on. */
const CONTINUE_MS = 500;
/** How long the kernel may take to end all of a machine that was killed. */
const GONE_SECONDS = 30;

/** A file or folder of this machine that is there, read-only, in one that boots: path here → path there. */
export type Binds = ReadonlyMap<string, string>;

/** Makes a machine with a root file system (`Image.root`), switched off. */
export async function openMachine(image: string, binds: Binds = new Map()): Promise<Machine> {
  const cgroup = await makeCgroup();
  const alone = ['--pid', '--mount', '--net', '--uts', '--ipc', '--fork', '--kill-child'];
  const child = start(['unshare', ...alone, 'sh', '-eu', '-c', HOLDER], { IMAGE: image });
  const ended = once(child, 'close');
  const pid = await firstLine(child, ended);
  const root = `/proc/${pid}/root/mnt/root`;
  const enter = ['nsenter', `--target=${pid}`, '--mount', '--pid', '--uts', '--ipc'];
  return {
    root,
    offline: (argv) => [...enter, 'chroot', '/mnt/root', 'env', 'SYSTEMD_OFFLINE=1', ...argv],
    boot: (scene) => boot(enter, cgroup, scene, { binds, isOfSystemd: hasSystemd(image) }),
    end: async () => {
      child.stdin.end();
      const limit = setTimeout(() => child.kill('SIGKILL'), 2000);
      await within(ended, GONE_SECONDS, 'the machine does not go away');
      clearTimeout(limit);
      await cgroup.remove();
    },
  };
}

async function firstLine(
  child: ChildProcessWithoutNullStreams,
  ended: Promise<unknown>,
): Promise<number> {
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), ended.then(() => [])]);
  const pid = Number(line[0]);
  if (!(pid > 1)) throw new Error(`cannot make a machine: ${complaint.trim() || 'no answer'}`);
  return pid;
}

async function boot(
  enter: readonly string[],
  cgroup: Pick<Cgroup, 'name' | 'path'>,
  scene: Scene,
  { binds, isOfSystemd }: { readonly binds: Binds; readonly isOfSystemd: boolean },
): Promise<Running> {
  const bound = [...binds].map(([from, to]) => `--bind-ro=${from}:${to}`);
  const net = `--net=${networkPath(scene, scene.host)}`;
  const child = start(
    [...enter, net, 'sh', '-eu', '-c', NSPAWN, 'sh', ...OPTIONS, ...bound, initOf(isOfSystemd)],
    // Of /proc/sys, only what belongs to the network is the machine's own.
    { CGROUP: cgroup.name, SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
  );
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  /** What is started inside, and ends with it. */
  const entered = new Set<ChildProcessWithoutNullStreams>();
  const ended = once(child, 'close').then(([status]) => {
    for (const item of entered) item.kill('SIGKILL');
    return Number(status ?? -1);
  });
  const untilDown = async (seconds: number): Promise<number> => {
    const again = setInterval(continueStopped, CONTINUE_MS);
    return within(ended, seconds, 'no reboot').finally(() => clearInterval(again));
  };
  const isDown = (): boolean => child.exitCode !== null || child.signalCode !== null;

  const pid = await firstProcess(cgroup.path, isOfSystemd, isDown);
  if (pid === undefined) throw new Error(`the machine does not start:\n${text.trim()}`);
  const root = `/proc/${pid}/root`;
  const kinds = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
  const inside = (argv: readonly string[]): string[] => [
    ...['nsenter', `--target=${pid}`, ...kinds, ...argv],
  ];
  return {
    network: scene.host.network,
    root,
    bootId: readFileSync(`${root}/proc/sys/kernel/random/boot_id`, 'utf8').trim(),
    run: scene.host.run,
    ping: scene.host.ping,
    readNetwork: scene.host.readNetwork,
    inside,
    runInside: (argv, input, seconds) => run(inside(argv), input, seconds),
    start: (argv, { environment = {}, network } = {}) => {
      const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      const descriptor = network && openSync(networkPath(scene, network), 'r');
      const item = start(
        inside(['env', ...variables, ...argv]),
        {},
        descriptor === undefined ? [] : [descriptor],
      );
      if (descriptor !== undefined) closeSync(descriptor);
      entered.add(item);
      return programOf(item);
    },
    console: () => text,
    reboot: async () => {
      // Its own status says nothing: it is cut off as often as not.
      const item = start(inside(isOfSystemd ? ['systemctl', 'reboot'] : ['shutdown', '-r', 'now']));
      entered.add(item);
      const asked = programOf(item);
      const printed = (): string => `${asked.output().trim()}\n${text.slice(-2000)}`;
      const status = await untilDown(DOWN_SECONDS).catch((error: Error) => {
        throw new Error(`${error.message}: ${printed()}`);
      });
      if (status === REBOOT) return;
      throw new Error(`nspawn ended with ${status}, not for a reboot: ${printed()}`);
    },
    rebooted: async () => {
      const status = await untilDown(REQUESTED_SECONDS);
      if (status !== REBOOT) throw new Error(`nspawn ended with ${status}, not for a reboot`);
    },
    end: async () => {
      if (!isDown()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has just ended by itself.
        }
      }
      await within(ended, GONE_SECONDS, 'the machine does not go down');
    },
  };
}

const networkPath = ({ files }: Scene, { network }: Place): string =>
  `${files}/run/netns/${network}`;

function programOf(child: ChildProcessWithoutNullStreams): Program {
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  return { output: () => text, ended: () => child.signalCode ?? child.exitCode?.toString() };
}

/** The container's service manager, as soon as it has put itself into its place; or its other init. */
async function firstProcess(
  cgroup: string,
  isOfSystemd: boolean,
  isDown: () => boolean,
): Promise<number | undefined> {
  const path = `${cgroup}/payload/${isOfSystemd ? 'init.scope/' : ''}cgroup.procs`;
  for (
    const end = performance.now() + 10_000 * patience();
    performance.now() < end;
    await sleep(10)
  ) {
    if (isDown()) return undefined;
    if (!existsSync(path)) continue;
    const pids = readFileSync(path, 'utf8').split('\n').map(Number);
    const pid = isOfSystemd ? pids[0] : pids.find(isInit);
    if (pid !== undefined && pid > 1) return pid;
  }
  return undefined;
}

/** nspawn's own first process is there before it is the other init: its root is not yet the container's. */
function isInit(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^Name:\tinit$/m.test(status) && /^NSpid:.*\t1$/m.test(status);
  } catch {
    return false;
  }
}
