/** The root file system of a suite with more packages in it: made once, beside the others. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { Image } from './images.ts';
import { must } from './process.ts';

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
`;

/** Some two minutes, the first time. */
const SECONDS = 500;

/**
 * @param name what the copy is called
 * @throws Error where it cannot be made, with what was said
 */
export async function withPackages(
  image: Image,
  name: string,
  packages: readonly string[],
): Promise<Image> {
  const root = `${image.root}-${name}`;
  if (!existsSync(root)) {
    const unfinished = `${root}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    await must(['cp', '-a', '--reflink=auto', image.root, unfinished], '', SECONDS);
    const resolver = `${unfinished}/etc/resolv.conf`;
    copyFileSync('/etc/resolv.conf', resolver);
    const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
    await must([...alone, 'sh', '-euc', INSTALL, 'sh', unfinished, ...packages], '', SECONDS);
    rmSync(resolver);
    renameSync(unfinished, root);
  }
  return { ...image, root };
}
