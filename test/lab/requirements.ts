/** What the lab needs of the machine. It never skips: without these it fails, and says why. */
import { existsSync } from 'node:fs';
import { run } from './process.ts';

/** Program → Debian package. */
const TOOLS: ReadonlyMap<string, string> = new Map([
  ['ip', 'iproute2'],
  ['ping', 'iputils-ping'],
  ['python3', 'python3'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['mount', 'mount'],
  ['mmdebstrap', 'mmdebstrap'],
  ['systemd-nspawn', 'systemd-container'],
  ['dpkg-query', 'dpkg'],
  ['virsh', 'libvirt-clients'],
  ['virt-xml-validate', 'libvirt-clients'],
  ['xmllint', 'libxml2-utils'],
  ['shellcheck', 'shellcheck'],
  ['dash', 'dash'],
  ['busybox', 'busybox'],
  ['strace', 'strace'],
  ['git', 'git'],
  ['pre-commit', 'pre-commit'],
  ['ansible-playbook', 'ansible-core'],
  ['ssh', 'openssh-client'],
  ['ssh-keygen', 'openssh-client'],
  ['ansible-lint', 'ansible-lint'],
  ['cloud-init', 'cloud-init'],
  ['ignition-validate', 'ignition'],
]);

/** For virtual machines alone. */
const FOR_VM: ReadonlyMap<string, string> = new Map([
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['depmod', 'kmod'],
  ['modprobe', 'kmod'],
  ['dpkg-deb', 'dpkg'],
]);

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/systemd', '/lib/systemd'];

/** Full path of a tool. */
export function toolPath(name: string): string | undefined {
  return DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));
}

const missing = (tools: ReadonlyMap<string, string>): string[] =>
  [...tools.keys()].filter((name) => toolPath(name) === undefined);

/** Installs what is missing, where `apt-get` can; throws if the lab cannot run here. */
export async function ensureRequirements(hasVm = false): Promise<void> {
  const tools = hasVm ? new Map([...TOOLS, ...FOR_VM]) : TOOLS;
  if (process.getuid?.() !== 0) {
    throw new Error('the lab makes network namespaces and mounts: run it as root');
  }
  if (!existsSync('/etc/debian_version')) {
    throw new Error('the lab runs on Debian (and on what is made of it) only');
  }
  const absent = missing(tools);
  if (absent.length === 0) return;
  if (toolPath('apt-get') === undefined) {
    throw new Error(`not there: ${absent.join(', ')}; and there is no apt-get to install from`);
  }
  const packages = [...new Set(absent.map((name) => tools.get(name) ?? name))].sort();
  console.log(`installing ${packages.join(', ')}, for ${absent.join(', ')}`);
  await aptGet('update');
  await aptGet('install', '--yes', '--no-install-recommends', ...packages);
  const still = missing(tools);
  if (still.length > 0) throw new Error(`not there, though installed: ${still.join(', ')}`);
}

async function aptGet(...args: readonly string[]): Promise<void> {
  const argv = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', ...args];
  const { status, stdout, stderr } = await run(argv, '', 600);
  if (status === 0) return;
  const printed = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  throw new Error(`apt-get ${args.join(' ')} failed with ${status}:\n${printed}`);
}
