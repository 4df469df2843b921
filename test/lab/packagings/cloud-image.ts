/** The root file system of a suite with cloud-init in it: made once, beside the others. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { Image } from '../images.ts';
import { must } from '../process.ts';

/** Installs from where the image has its packages from; `$1` is the copy. */
const INSTALL = `
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
export DEBIAN_FRONTEND=noninteractive
chroot "$1" apt-get -qq update
chroot "$1" apt-get -qq --yes --no-install-recommends install cloud-init
chroot "$1" apt-get -qq clean
`;

/** Some two minutes, the first time. */
const SECONDS = 500;

/** @throws Error where it cannot be made, with what was said */
export async function withCloudInit(image: Image): Promise<Image> {
  const root = `${image.root}-cloud-init`;
  if (!existsSync(root)) {
    const unfinished = `${root}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    await must(['cp', '-a', '--reflink=auto', image.root, unfinished], '', SECONDS);
    const resolver = `${unfinished}/etc/resolv.conf`;
    copyFileSync('/etc/resolv.conf', resolver);
    const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
    await must([...alone, 'sh', '-euc', INSTALL, 'sh', unfinished], '', SECONDS);
    rmSync(resolver);
    renameSync(unfinished, root);
  }
  return { ...image, root };
}
