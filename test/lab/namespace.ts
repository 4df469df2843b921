/**
 * A machine of the lab: a process that holds a network, mount and process namespace of its own.
 *
 * The namespaces have no names, and their first process reads from a pipe of ours. When we end,
 * however we end, the pipe closes, that process ends, the kernel kills all others in the
 * namespace, and with the last of them its mounts and links are gone.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { start } from './process.ts';

export interface Namespace {
  /** Of the first process, as the machine counts. */
  readonly pid: number;
  /** The namespace's file system, as seen from the machine. */
  readonly root: string;
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
const FIRST = `
for name in all default; do
  for key in rp_filter arp_ignore arp_announce arp_filter; do
    echo 0 >/proc/sys/net/ipv4/conf/$name/$key
  done
done
ip link set lo up
read -r pid rest </proc/self/stat
echo "$pid"
exec cat >/dev/null
`;

/** Makes the namespaces, with nothing in the network but `lo`. */
export async function openNamespace(): Promise<Namespace> {
  const kinds = ['--pid', '--mount', '--net', '--uts', '--ipc'];
  const argv = ['unshare', ...kinds, '--fork', '--kill-child', 'sh', '-eu', '-c', FIRST];
  const child = start(argv);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), ended.then(() => [])]);
  const pid = Number(line[0]);
  if (!(pid > 1)) throw new Error(`cannot make namespaces: ${complaint.trim() || 'no answer'}`);
  const enter = ['nsenter', `--target=${pid}`, '--net'];
  return {
    pid,
    root: `/proc/${pid}/root`,
    inNetwork: (argv) => [...enter, ...argv],
    // `--root`: in a chroot, the root of a mount namespace is not ours.
    inside: (argv) => [...enter, '--mount', '--root', '--pid', '--uts', '--ipc', ...argv],
    end: async () => {
      child.stdin.end();
      const limit = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(limit);
    },
  };
}
