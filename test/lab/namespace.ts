/**
 * A machine of the lab: a process that holds a network, mount and process namespace of its own.
 *
 * The namespaces have no names, and their first process reads from a pipe of ours. When we end,
 * however we end, the pipe closes, that process ends, the kernel kills all others in the
 * namespace, and with the last of them its mounts and links are gone.
 */
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Place, Program, Start } from './place.ts';
import { run, start } from './process.ts';

export interface Namespace extends Place {
  /** Of the first process, as the machine counts. */
  readonly pid: number;
  /** The command in the network of the namespace, with the files of the machine. */
  inNetwork(argv: readonly string[]): string[];
  /** The command in all of the namespace; it ends with it. */
  inside(argv: readonly string[]): string[];
  /** Returns when all in it is gone. */
  end(): Promise<void>;
}

/**
 * A new network takes its IPv4 settings from the machine's (ip-sysctl, devconf_inherit_init_net);
 * a case is judged under the kernel's defaults. `/proc` still counts processes as the machine
 * does, so the shell learns its own id there.
 */
const NETWORK = `
for name in all default; do
  for key in rp_filter arp_ignore arp_announce arp_filter; do
    echo 0 >/proc/sys/net/ipv4/conf/$name/$key
  done
done
ip link set lo up
read -r pid rest </proc/self/stat
`;

/**
 * An image as the root, with an overlay for what is written; it all lies in memory.
 *
 * networkd and NetworkManager wait for udev unless `/sys` is read-only (systemd,
 * `udev_available()`); the sysfs mounted here shows the links of this namespace alone.
 */
const ROOT = `
mount -t tmpfs -o mode=0755 lab /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$IMAGE,upperdir=/mnt/upper,workdir=/mnt/work" lab /mnt/root
mount -t proc proc /mnt/root/proc
mount -t sysfs -o ro sysfs /mnt/root/sys
mount -t tmpfs -o mode=0755 run /mnt/root/run
mkdir /mnt/root/run/systemd
cd /mnt/root
mkdir .machine
pivot_root . .machine
umount -l /.machine
rmdir /.machine
`;

const LAST = `
echo "$pid"
exec cat >/dev/null
`;

/**
 * Makes the namespaces, with nothing in the network but `lo`.
 * @param image the directory of the root file system; the machine's own unless said
 */
export async function openNamespace(image?: string): Promise<Namespace> {
  const kinds = ['--pid', '--mount', '--net', '--uts', '--ipc'];
  const script = [NETWORK, image === undefined ? '' : ROOT, LAST].join('');
  const argv = ['unshare', ...kinds, '--fork', '--kill-child', 'sh', '-eu', '-c', script];
  const child = start(argv, image === undefined ? {} : { IMAGE: image });
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), ended.then(() => [])]);
  const pid = Number(line[0]);
  if (!(pid > 1)) throw new Error(`cannot make namespaces: ${complaint.trim() || 'no answer'}`);
  const enter = ['nsenter', `--target=${pid}`, '--net'];
  const inNetwork = (argv: readonly string[]): string[] => [...enter, ...argv];
  // `--root`: in a chroot, the root of a mount namespace is not ours.
  const inside = (argv: readonly string[]): string[] => [
    ...enter,
    ...['--mount', '--root', '--pid', '--uts', '--ipc'],
    ...argv,
  ];
  return {
    pid,
    network: String(pid),
    root: `/proc/${pid}/root`,
    inNetwork,
    inside,
    run: (argv, input, seconds) => run(inNetwork(argv), input, seconds),
    runInside: (argv, input, seconds) => run(inside(argv), input, seconds),
    start: (argv, how) => startProgram(inside(argv), how),
    end: async () => {
      child.stdin.end();
      const limit = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(limit);
    },
  };
}

function startProgram(argv: readonly string[], { environment = {}, network }: Start = {}): Program {
  const opened = network ? [openSync(`/proc/${network.network}/ns/net`, 'r')] : [];
  const child = start(argv, environment, opened);
  for (const descriptor of opened) closeSync(descriptor);
  let text = '';
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stdin.end();
  return {
    output: () => text,
    ended: () => child.signalCode ?? child.exitCode?.toString(),
  };
}
