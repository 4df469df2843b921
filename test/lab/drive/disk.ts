/** What is on the disk of a machine before its first boot. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { COMMON, putFiles, type TargetFile } from '../image/host.ts';
import { hasSystemd, type Image } from '../image/images.ts';
import { must } from '../process.ts';
import { type Flavour, installedFiles, installLines, SERVICE } from './flavours.ts';
import type { Machine } from './machine.ts';
import { onlineFiles } from './online.ts';

export type System = 'networkd' | 'networkmanager';

export interface Furniture {
  readonly image: Pick<Image, 'root'>;
  /** What must be there for the back end, what runs the links last (`Backend.needs`). */
  readonly systems: readonly string[];
  /** Which ifupdown it has, if any. */
  readonly flavour?: Flavour;
  /** What is switched on besides. */
  readonly others?: readonly System[];
  readonly hostname: string;
  readonly files: readonly TargetFile[];
  /** Who is to answer as soon as the machine says that it is online. */
  readonly gateways: readonly string[];
}

/** Units that have nothing to do with networks and only take time, or that no host has. */
const MASKED = [
  'console-getty.service',
  'getty@tty1.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'systemd-pstore.service',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'run-lock.mount',
  'systemd-journal-flush.service',
  'systemd-logind.service',
  'systemd-remount-fs.service',
  'systemd-sysusers.service',
  'systemd-tmpfiles-setup-dev-early.service',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-udev-load-credentials.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
  'systemd-user-sessions.service',
  // The router's, which is another machine.
  'radvd.service',
];

const UNITS: Readonly<Record<System, readonly string[]>> = {
  networkmanager: ['NetworkManager.service', 'NetworkManager-wait-online.service'],
  networkd: ['systemd-networkd.service', 'systemd-networkd-wait-online.service'],
};

const UDEV = 'lab-udev.service';
const ONLINE = 'lab-online.service';

/**
 * In a container udev does not run, as `/sys` cannot be written to; here it can, for links alone,
 * so that udev plays its part in a boot: it applies sysctl settings to a link that appears
 * (99-systemd.rules), and the daemons wait for it. It gets events of no other device of the machine.
 */
const UDEV_FILES: readonly TargetFile[] = [
  {
    path: `/etc/systemd/system/${UDEV}`,
    mode: 0o644,
    text: `[Unit]
DefaultDependencies=no
Before=systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket
Before=systemd-udevd-varlink.socket systemd-udev-trigger.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=mount -o remount,rw /sys
ExecStart=mount --bind /sys/devices/virtual/net /sys/devices/virtual/net
ExecStart=mount -o remount,rw /sys/devices/virtual/net
[Install]
WantedBy=sysinit.target
`,
  },
  {
    path: '/etc/systemd/system/systemd-udev-trigger.service.d/lab.conf',
    mode: 0o644,
    text: '[Service]\nExecStart=\nExecStart=udevadm trigger --action=add --subsystem-match=net\n',
  },
  {
    // Older NetworkManagers ignore a veth (85-nm-unmanaged.rules); here it stands for a NIC.
    path: '/etc/udev/rules.d/86-lab.rules',
    mode: 0o644,
    text: 'SUBSYSTEM=="net", ENV{ID_NET_DRIVER}=="veth", ENV{NM_UNMANAGED}=""\n',
  },
];

/** Files that a host has after its first boot; without them a boot would begin by making them. */
const BOOTED: readonly TargetFile[] = ['/etc/.updated', '/var/.updated'].map((path) => ({
  path,
  mode: 0o644,
  text: '',
}));

/** What ifupdown's own service leaves in `/run`, whence it goes at each boot. */
const IFSTATE: TargetFile = {
  path: '/etc/tmpfiles.d/lab.conf',
  mode: 0o644,
  text: 'd /run/network 0755 root root\nf /run/network/ifstate 0644 root root - lo=lo\n',
};

/** Puts the files in place, and switches on the daemons that are wanted and no others. */
export async function furnishDisk(
  machine: Machine,
  { image, systems, flavour, others = [], hostname, files, gateways }: Furniture,
): Promise<void> {
  putFiles(machine.root, [
    ...COMMON,
    { path: '/etc/hostname', mode: 0o644, text: `${hostname || 'localhost'}\n` },
    ...BOOTED,
    ...(flavour ? installedFiles(flavour) : [IFSTATE]),
    ...UDEV_FILES,
    ...onlineFiles(ONLINE, gateways),
    ...files,
  ]);
  // The packages of another init have put their links in place.
  if (!hasSystemd(image.root)) return;
  const own = systems.includes('networkmanager')
    ? UNITS.networkmanager
    : flavour
      ? [SERVICE]
      : // netplan's generator starts networkd itself where there is something for it to do.
        systems.includes('netplan')
        ? []
        : UNITS.networkd;
  const on = [...own, ...others.flatMap((system) => UNITS[system])];
  const off = Object.values(UNITS)
    .flat()
    .filter((unit) => !on.includes(unit));
  mask(machine, '/etc/systemd/system', MASKED);
  mask(machine, '/etc/systemd/system-generators', generators(machine));
  // One shell for both: it takes longer to start them than to do it.
  const lines = [
    ...(flavour ? installLines(image, flavour) : []),
    ...(off.length > 0 ? [`systemctl --quiet disable ${off.join(' ')}`] : []),
    `systemctl --quiet enable ${[...on, UDEV, ONLINE].join(' ')}`,
  ];
  await must(machine.offline(['sh', '-euc', lines.join('\n')]));
}

/** systemd.unit(5), systemd.generator(7): what is a link to `/dev/null` is not there. */
function mask({ root }: Machine, directory: string, names: readonly string[]): void {
  mkdirSync(`${root}${directory}`, { recursive: true });
  for (const name of names) symlinkSync('/dev/null', `${root}${directory}/${name}`);
}

/** All generators but netplan's: what they look for (disks, consoles …) is not here. */
function generators({ root }: Machine): string[] {
  const directory = `${root}/usr/lib/systemd/system-generators`;
  return existsSync(directory) ? readdirSync(directory).filter((name) => name !== 'netplan') : [];
}

/** @throws Error if there is none: a fault that changes nothing would pass for a blind check */
export function removeFile(machine: Machine, path: string): void {
  rmSync(`${machine.root}${path}`);
}
