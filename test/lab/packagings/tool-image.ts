/** The root file system of a suite with what packagings are for in it: made once, beside the others. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Image } from '../images.ts';
import { must } from '../process.ts';

/** Installs from where the image has its packages from; `$1` is the copy. */
const INSTALL = `
root=$1
shift
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get -qq update
chroot "$root" apt-get -qq --yes --no-install-recommends install "$@"
chroot "$root" apt-get -qq clean
rm -rf "$root"/var/lib/apt/lists/*
`;

/** A host is reached by SSH; what makes it is cloud-init. */
const HOST = ['cloud-init', 'dropbear-bin'];
/** Ansible is another one than this machine's. */
const CONTROLLER = ['ansible-core', 'ansible-lint'];
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  trixie: [...HOST, ...CONTROLLER],
};

/** Some two minutes, the first time. */
const SECONDS = 600;

const made = new Map<string, Promise<Image>>();

/** @throws Error where it cannot be made, with what was said */
export function withTools(image: Image): Promise<Image> {
  const one = made.get(image.root) ?? make(image);
  made.set(image.root, one);
  return one;
}

async function make(image: Image): Promise<Image> {
  const packages = PACKAGES[image.suite] ?? HOST;
  const recipe = createHash('sha256')
    .update([INSTALL, ...packages].join('\0'))
    .digest('hex');
  const root = `${image.root}-tools-${recipe.slice(0, 8)}`;
  if (existsSync(root) && isOf(root, image.root)) return { ...image, root };
  const unfinished = `${root}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  await must(['cp', '-a', '--reflink=auto', image.root, unfinished], '', SECONDS);
  const resolver = `${unfinished}/etc/resolv.conf`;
  copyFileSync('/etc/resolv.conf', resolver);
  // All that is mounted and started is gone when it ends, however it ends.
  const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
  await must([...alone, 'sh', '-euc', INSTALL, 'sh', unfinished, ...packages], '', SECONDS);
  rmSync(resolver);
  const old = `${root}.old.${process.pid}`;
  if (existsSync(root)) renameSync(root, old);
  renameSync(unfinished, root);
  rmSync(old, { recursive: true, force: true });
  return { ...image, root };
}

/** Whether a copy is of the image that is there now: one that was made anew (`--fresh`) is younger. */
const isOf = (copy: string, image: string): boolean =>
  statSync(copy).ctimeMs > statSync(image).ctimeMs;

/** On what is written to in memory; the folder is where it is, and processes are this machine's. */
const WITHIN = `
root=$1 folder=$2
shift 2
mount -t tmpfs lab /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" lab /mnt/root
mount -t proc proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
mkdir -p "/mnt/root$folder"
mount --bind "$folder" "/mnt/root$folder"
exec chroot /mnt/root "$@"
`;

/**
 * What to put before a command to have it run by the image's programs.
 * @param folder what it may see of this machine
 */
export const within = ({ root }: Image, folder: string): string[] => [
  ...['unshare', '--mount', 'sh', '-euc', WITHIN, 'sh', root, folder],
];
