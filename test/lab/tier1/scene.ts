/**
 * A host, its LAN and a guest: three networks, and all that runs in them, below one process.
 *
 * That process is a shell which reads commands from a pipe of ours. When we end, however we end,
 * the pipe closes, the shell ends, the kernel kills all others in its process namespace, and with
 * the last of them the mounts and links are gone. The shell starts the commands, too: it is
 * small, and a process that is as large as ours takes ten times as long for each.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Place, Program } from '../place.ts';
import { type Finished, start } from '../process.ts';

export interface Scene {
  /** Of its first process, as the machine counts; in the host's network. */
  readonly pid: number;
  readonly host: Place;
  readonly guest: Place;
  readonly router: Place;
  /** Returns when all in it is gone. */
  end(): Promise<void>;
}

/**
 * The shell stays on this machine's files, and has the programs of this machine; the image lies
 * beside, with an overlay in memory for what is written, and is gone into with chroot(8).
 *
 * networkd and NetworkManager wait for udev unless `/sys` is read-only (systemd,
 * `udev_available()`); the sysfs mounted here shows the links of this network alone.
 *
 * A new network takes its IPv4 settings from the machine's (ip-sysctl, devconf_inherit_init_net);
 * a case is judged under the kernel's defaults.
 */
const SET_UP = `
mount -t tmpfs -o mode=0755 lab /mnt
mount -t tmpfs -o mode=0755 lab /run
mkdir /mnt/io /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$IMAGE,upperdir=/mnt/upper,workdir=/mnt/work" lab /mnt/root
mount -t proc proc /mnt/root/proc
mount -t sysfs -o ro sysfs /mnt/root/sys
mount -t tmpfs -o mode=0755 run /mnt/root/run
mkdir /mnt/root/run/systemd /mnt/root/run/lab
ip link set lo up
ip netns add guest
ip netns add router
defaults='for name in all default; do
  for key in rp_filter arp_ignore arp_announce arp_filter; do
    echo 0 >/proc/sys/net/ipv4/conf/$name/$key
  done
done'
eval "$defaults"
for network in guest router; do
  ip -n $network link set lo up
  nsenter --net=/run/netns/$network sh -c "$defaults"
done
read -r pid rest </proc/self/stat
echo "pid $pid"
set +e
while read -r line; do eval "$line"; done
`;

const KINDS = ['--pid', '--mount', '--net', '--uts', '--ipc'];
const IO = '/mnt/io';
const ROOT = '/mnt/root';

/** @param image the directory of the root file system of the host, and of the router's servers */
export async function openScene(image: string): Promise<Scene> {
  const argv = ['unshare', ...KINDS, '--fork', '--kill-child', 'sh', '-eu', '-c', SET_UP];
  const child = start(argv, { IMAGE: image });
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const awaited = new Map<number, (status: string) => void>();
  let opened: (pid: number) => void = () => {};
  const pid = new Promise<number>((settle) => (opened = settle));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word = '', value = ''] = line.split(' ');
    if (word === 'pid') opened(Number(value));
    else awaited.get(Number(word))?.(value);
  });
  const ended = new Promise<void>((settle) => child.once('close', () => settle()));
  const first = await Promise.race([pid, ended.then(() => 0)]);
  if (first === 0) throw new Error(`cannot make namespaces: ${complaint.trim() || 'no answer'}`);
  const machine = `/proc/${first}/root`;

  let last = 0;
  /** Starts a command; its output is in files until the scene ends. */
  const begin = (
    argv: readonly string[],
    input: string | undefined,
    settle: (id: number, status: string) => void,
    redirection = '',
  ): number => {
    const id = ++last;
    // A command is one line.
    if (argv.some((word) => word.includes('\n'))) throw new Error(`a line too many: ${argv}`);
    if (input !== undefined) writeFileSync(`${machine}${IO}/${id}.in`, input);
    const from = input === undefined ? '/dev/null' : `${IO}/${id}.in`;
    awaited.set(id, (status) => settle(id, status));
    const command = `${argv.map(quote).join(' ')} <${from} >${IO}/${id}.out 2>${IO}/${id}.err ${redirection}`;
    child.stdin.write(`{ ${command}; echo "${id} $?"; } &\n`);
    return id;
  };
  const read = (id: number, stream: 'out' | 'err'): string => {
    try {
      return readFileSync(`${machine}${IO}/${id}.${stream}`, 'utf8');
    } catch {
      // It has not begun yet.
      return '';
    }
  };
  const run = (argv: readonly string[], input?: string, seconds = 10): Promise<Finished> =>
    new Promise((settle) => {
      const limit = setTimeout(() => {
        settle({ status: -1, stdout: '', stderr: `no end after ${seconds} s` });
      }, seconds * 1000);
      begin(argv, input, (id, status) => {
        clearTimeout(limit);
        settle({ status: Number(status), stdout: read(id, 'out'), stderr: read(id, 'err') });
      });
    });
  const place = (network: string | undefined): Place => {
    const enter = network === undefined ? [] : ['nsenter', `--net=/run/netns/${network}`];
    const inside = [...enter, 'chroot', ROOT];
    return {
      // The shell is the first process of its namespace.
      network: network ?? '1',
      root: `${machine}${ROOT}`,
      run: (argv, input, seconds) => run([...enter, ...argv], input, seconds),
      runInside: (argv, input, seconds) => run([...inside, ...argv], input, seconds),
      start: (argv, { environment = {}, network: other } = {}): Program => {
        const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
        let status: string | undefined;
        const id = begin(
          [...inside, 'env', ...variables, ...argv],
          undefined,
          (_, code) => {
            status = code;
          },
          other && `3</run/netns/${other.network}`,
        );
        return { output: () => read(id, 'out') + read(id, 'err'), ended: () => status };
      },
    };
  };
  return {
    pid: first,
    host: place(undefined),
    guest: place('guest'),
    router: place('router'),
    end: async () => {
      child.stdin.end();
      const limit = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(limit);
    },
  };
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
