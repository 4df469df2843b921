/** The root file system of a suite with more packages in it: made once, beside the others. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { must } from '../process.ts';
import type { Image } from './images.ts';

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

/** Some two minutes, the first time. */
const SECONDS = 600;

/** Several trials ask for the same one at the same time. */
const made = new Map<string, Promise<Image>>();

/**
 * @param name what the copy is called, beside its recipe
 * @throws Error where it cannot be made, with the output
 */
export function withPackages(
  image: Image,
  name: string,
  packages: readonly string[],
): Promise<Image> {
  const recipe = createHash('sha256')
    .update([INSTALL, ...packages].join('\0'))
    .digest('hex');
  const root = `${image.root}-${name}-${recipe.slice(0, 8)}`;
  const item = made.get(root) ?? make(image, root, packages);
  made.set(root, item);
  return item;
}

async function make(image: Image, root: string, packages: readonly string[]): Promise<Image> {
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

/** Whether a copy is of the image that is there now: one that was recreated (`--fresh`) is younger. */
const isOf = (copy: string, image: string): boolean =>
  statSync(copy).ctimeMs > statSync(image).ctimeMs;
