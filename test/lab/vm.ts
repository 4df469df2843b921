/**
 * The lab in a virtual machine, for what this machine's kernel cannot make (VLANs, bonds, ipvlans): a kernel
 * of Debian's that boots from this machine's own files, read-only, and runs the lab itself there.
 * It is emulated where KVM does not work, and then some ten times as slow.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dist } from '../command.ts';
import { type Kernel, kernelFor } from './image/kernel.ts';
import { INSIDE, start } from './process.ts';

const INIT = fileURLToPath(new URL('vm-init.sh', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

/**
 * Boots, runs the lab with the same options, and powers off.
 * @returns the exit status of the lab inside
 */
export async function runInMachine(argv: readonly string[], cache: string): Promise<number> {
  const kernel = await kernelFor(cache, { name: 'lab', init: INIT, modules: FIRST });
  const folder = mkdtempSync(join(tmpdir(), 'macvtap-render-vm-'));
  try {
    const script = join(folder, 'run.sh');
    writeFileSync(script, scriptOf(argv, cache));
    return await boot(kernel, script);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The status is printed, as the machine itself has none. */
const scriptOf = (argv: readonly string[], cache: string): string => `
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb ${INSIDE}=1
export MACVTAP_RENDER_LAB_CACHE=${quote(cache)} MACVTAP_TEST_DIST=${quote(dist)}
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
