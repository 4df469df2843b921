/**
 * The lab in a virtual machine, for what this machine's kernel cannot make (VLANs, bonds, ipvlans): a kernel
 * of Debian's that boots from this machine's own files, read-only, and runs the lab itself there.
 * It is emulated where KVM does not work, and then some ten times as slow.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSIDE, must, start } from './process.ts';

const INIT = fileURLToPath(new URL('vm-init.sh', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Whether this process is the one in the virtual machine. */
export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/** Modules that the first program loads, to have the files; the rest is loaded by the lab. */
const FIRST = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];
const LINKS = [
  'veth',
  'macvlan',
  'macvtap',
  'bridge',
  '8021q',
  'bonding',
  'ipvlan',
  'tun',
  'dummy',
];

const SECONDS = 300;

interface Kernel {
  readonly image: string;
  readonly initrd: string;
  /** The folder that holds one of modules for each release. */
  readonly modules: string;
}

/**
 * Boots, runs the lab with the same options, and powers off.
 * @returns the exit status of the lab inside
 */
export async function runInMachine(argv: readonly string[], cache: string): Promise<number> {
  const kernel = await kernelOf(cache);
  const folder = mkdtempSync(join(tmpdir(), 'macvtap-render-vm-'));
  try {
    const script = join(folder, 'run.sh');
    writeFileSync(script, scriptOf(argv, cache));
    return await boot(kernel, script);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The newest kernel of this machine's suite, unpacked beside the root file systems. */
async function kernelOf(cache: string): Promise<Kernel> {
  const root = join(cache, 'kernel');
  if (!existsSync(join(root, 'initrd'))) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    await must(['sh', '-euc', UNPACK, 'sh', root, INIT, ...FIRST], '', SECONDS);
  }
  const image = readdirSync(join(root, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  if (image === undefined) throw new Error(`no kernel in ${root}/boot`);
  return {
    image: join(root, 'boot', image),
    initrd: join(root, 'initrd'),
    modules: join(root, 'lib/modules'),
  };
}

/** `$1` is the folder, `$2` the first program, the others are modules. */
const UNPACK = `
root=$1 init=$2
shift 2
cd "$root"
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
apt-get -qq download "$package" busybox-static
for file in *.deb; do dpkg-deb -x "$file" .; rm "$file"; done
release=$(ls lib/modules)
depmod -b . "$release"
mkdir -p first/bin first/modules first/proc first/sys first/dev
cp bin/busybox usr/bin/busybox first/bin/ 2>/dev/null || true
number=100
for module in "$@"; do modprobe -d . -S "$release" --show-depends "$module"; done |
  sed -n 's/^insmod //p' | awk '!seen[$1]++ { print $1 }' >order
while read -r file; do
  cp "$file" "first/modules/$number-\${file##*/}"
  number=$((number + 1))
done <order
cp "$init" first/init
chmod 755 first/init
(cd first && find . | busybox cpio -o -H newc 2>/dev/null) >initrd.new
mv initrd.new initrd
`;

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The status is printed, as the machine itself has none. */
const scriptOf = (argv: readonly string[], cache: string): string => `
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb ${INSIDE}=1
export MACVTAP_RENDER_LAB_CACHE=${quote(cache)}
ip link set lo up
modprobe -a ${LINKS.join(' ')}
cd ${quote(ROOT)}
${[process.execPath, '--import', 'tsx', 'test/lab/run.ts', ...argv].map(quote).join(' ')}
echo "${STATUS}$?"
busybox poweroff -f
`;

const STATUS = 'status of the lab: ';

const UP = 'virtual machine: up';

/** Where `/dev/kvm` opens and does not work, a machine ends at once or stands still. */
const ACCELERATORS = [
  { argv: ['-accel', 'kvm', '-cpu', 'host'], limitMs: 20_000 },
  { argv: ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max'], limitMs: 120_000 },
] as const;

async function boot(kernel: Kernel, script: string): Promise<number> {
  for (const accelerator of ACCELERATORS) {
    const status = await bootBy(kernel, script, accelerator);
    if (status !== undefined) return status;
  }
  throw new Error('the virtual machine does not start');
}

/** @returns undefined where the machine does not come up */
async function bootBy(
  { image, initrd, modules }: Kernel,
  script: string,
  { argv, limitMs }: (typeof ACCELERATORS)[number],
): Promise<number | undefined> {
  const append = [
    'console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off audit=0',
    `macvtap.modules=${modules} macvtap.command=${script}`,
  ].join(' ');
  const machine = start([
    ...['qemu-system-x86_64', ...argv],
    ...['-m', '4096', '-smp', '2', '-nodefaults', '-no-reboot', '-display', 'none'],
    ...['-serial', 'stdio', '-kernel', image, '-initrd', initrd, '-append', append],
    '-virtfs',
    'local,path=/,mount_tag=host,security_model=passthrough,readonly=on,multidevs=remap',
  ]);
  let printed = '';
  const isUp = (): boolean => printed.includes(UP);
  const limit = setTimeout(() => isUp() || machine.kill(), limitMs);
  machine.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
    if (isUp()) process.stdout.write(data);
  });
  await new Promise((settle) => machine.once('close', settle));
  clearTimeout(limit);
  if (!isUp()) return undefined;
  const status = new RegExp(`^${STATUS}(\\d+)`, 'm').exec(printed)?.[1];
  if (status === undefined) throw new Error('the virtual machine ended before the lab in it');
  return Number(status);
}
