/** The root file system of a suite with what packagings are for in it: made once, beside the others. */
import type { Image } from './images.ts';
import { withPackages } from './packages.ts';

/** A host is reached by SSH; what makes it is cloud-init. */
const HOST = ['cloud-init', 'dropbear-bin'];
/** Ansible is another one than this machine's. */
const CONTROLLER = ['ansible-core', 'ansible-lint'];
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  trixie: [...HOST, ...CONTROLLER],
};

/** @throws Error where it cannot be made, with the output */
export const withTools = (image: Image): Promise<Image> =>
  withPackages(image, 'tools', PACKAGES[image.suite] ?? HOST);

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
export const within = ({ root }: Pick<Image, 'root'>, folder: string): string[] => [
  ...['unshare', '--mount', 'sh', '-euc', WITHIN, 'sh', root, folder],
];
