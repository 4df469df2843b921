/**
 * A libvirt with QEMU (without KVM) on a machine of the lab, and a guest with a kernel of its own, which answers
 * pings and releases its NIC when it is asked to.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../image/images.ts';
import { kernelFor } from '../image/kernel.ts';
import type { Place } from '../place.ts';
import { must } from '../process.ts';
import { once } from '../trial.ts';
import type { Machine, Running } from './machine.ts';

export const PACKAGES = [
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
];

/** The machine has no users of libvirt's, no control groups to give away, and no service of libvirt's. */
export const CONFIGURATION = `user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
namespaces = []
cgroup_controllers = []
`;
const FOLDER = '/var/lib/lab-guest';
const INIT = fileURLToPath(new URL('../image/guest-init.sh', import.meta.url));
const SECONDS = 60;

const kernel = once(() =>
  kernelFor(cacheDirectory(), { name: 'guest', init: INIT, modules: ['virtio_pci', 'virtio_net'] }),
);

/** What a guest boots, on the disk of a machine. */
export async function putKernel({ root }: Pick<Machine, 'root'>): Promise<void> {
  const { image, initrd } = await kernel();
  mkdirSync(`${root}${FOLDER}`, { recursive: true });
  copyFileSync(image, `${root}${FOLDER}/vmlinuz`);
  copyFileSync(initrd, `${root}${FOLDER}/initrd`);
}

/**
 * libvirt opens `/dev/tapN` of a macvtap, N being its index, which each network has of its own. The kernel's devtmpfs
 * has them of all networks: where two have the same index, the node is that of the first (seen on Linux 6.18), and a
 * guest's frames go to a macvtap elsewhere. So libvirt has a folder of devices with those of this network alone. It
 * waits for a node for 0.2 s (virNetDevMacVLanTapOpen, 9.0).
 */
const NODES = `put() {
  for file in /sys/class/net/*/macvtap/tap*/dev; do
    [ -f "$file" ] || continue
    node=\${file%/dev}
    node=/dev/\${node##*/}
    [ -e "$node" ] || { IFS=: read -r major minor <"$file" && mknod -m 600 "$node" c "$major" "$minor"; }
  done
}
ip monitor link | while read -r _; do put; done &`;
const DAEMON = `mkdir -p /run/lab-devices
mount -t devtmpfs dev /run/lab-devices
mount -t tmpfs -o mode=0755 dev /dev
mkdir /dev/net
for name in null zero full random urandom tty net/tun; do cp -a "/run/lab-devices/$name" "/dev/$name"; done
umount /run/lab-devices
${NODES}
exec nice -n 15 libvirtd`;
const START = `groupadd --system --force kvm
useradd --system --user-group --groups kvm libvirt-qemu 2>/dev/null || :
mkdir -p /var/log/libvirt
exec unshare --mount sh -c '${DAEMON}'`;

export async function startLibvirt(running: Place): Promise<void> {
  const daemon = running.start(['nice', '-n', '-15', 'sh', '-c', START]);
  for (const end = performance.now() + SECONDS * 1000; ; await sleep(200)) {
    const { status, stderr } = await running.runInside(['virsh', 'list'], '', SECONDS);
    if (status === 0) return;
    if (daemon.ended() !== undefined || performance.now() > end)
      throw new Error(`libvirtd: ${stderr.trim()}; ${daemon.output().trim()}`);
  }
}

export interface Domain {
  readonly name: string;
  readonly mac: string;
  /** With prefix length. */
  readonly address: string;
  readonly gateway: string;
}

/** On a bridge. */
const xmlOf = ({ name, mac, address, gateway }: Domain, bridge: string): string =>
  `<domain type='qemu'>
<name>${name}</name>
<memory unit='MiB'>96</memory>
<vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type>
<kernel>${FOLDER}/vmlinuz</kernel><initrd>${FOLDER}/initrd</initrd>
<cmdline>console=ttyS0 quiet guest.address=${address} guest.gateway=${gateway}</cmdline></os>
<features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<interface type='bridge'><mac address='${mac}'/><source bridge='${bridge}'/><model type='virtio'/><boot order='1'/></interface>
<serial type='file'><source path='${FOLDER}/${name}.log'/></serial>
</devices>
</domain>
`;

export async function define(running: Running, domain: Domain, bridge: string): Promise<void> {
  const define = 'cat | virsh define /dev/stdin';
  await must(running.inside(['sh', '-c', define]), xmlOf(domain, bridge), SECONDS);
}

/** What its kernel has printed. */
export function consoleText({ root }: Pick<Machine, 'root'>, name: string): string {
  const path = `${root}${FOLDER}/${name}.log`;
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}

export const virsh = (running: Running, ...words: string[]): Promise<string> =>
  must(running.inside(['virsh', ...words]), '', SECONDS);

/** Its definition, byte for byte. */
export const storedText = ({ root }: Pick<Running, 'root'>, name: string): string =>
  readFileSync(`${root}/etc/libvirt/qemu/${name}.xml`, 'latin1');

/** `bridge br0` or `direct eth0`: what its interface is attached to. */
export async function attachedTo(
  running: Running,
  name: string,
  side: 'stored' | 'live',
): Promise<string> {
  const words = side === 'stored' ? ['--inactive'] : [];
  const lines = (await virsh(running, 'domiflist', name, ...words)).split('\n').slice(2);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).slice(1, 3).join(' '))
    .join(', ');
}
