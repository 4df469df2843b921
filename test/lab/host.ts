/** The host of a scenario: the files of the case over an empty `/etc`, and systemd's programs. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RenderedFile } from '../../src/backends/types.ts';
import type { Namespace } from './namespace.ts';
import { must } from './process.ts';
import { systemdTool } from './requirements.ts';

/** What a scenario needs of a rendered file. */
export type TargetFile = Pick<RenderedFile, 'path' | 'mode' | 'text'>;

/**
 * The machine's own files stay readable and cannot be written. `/etc` and `/run` are empty, and
 * so are the directories whose files would have a say beside the case's: some versions of Debian
 * set `rp_filter` there, which hides a missing `arp_ignore`.
 *
 * networkd waits for udev unless `/sys` is read-only (systemd, `udev_available()`); the sysfs
 * mounted here shows the links of this namespace alone.
 */
const MOUNTS = `
mount -o remount,bind,ro /
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=0755 tmpfs /etc
for lib in /usr/lib /lib /usr/local/lib; do
  for own in sysctl.d systemd/network systemd/networkd.conf.d; do
    if [ -d "$lib/$own" ]; then mount -t tmpfs -o mode=0755 tmpfs "$lib/$own"; fi
  done
done
mkdir /run/systemd
`;

/** Lays out the file system of the host, with the files of the case in place. */
export async function furnish(host: Namespace, files: readonly TargetFile[]): Promise<void> {
  // networkd looks for the user `systemd-network`, and becomes it.
  const accounts = ['/etc/passwd', '/etc/group'].map((path) => ({
    path,
    mode: 0o644 as const,
    text: readFileSync(path, 'utf8'),
  }));
  await must(host.inside(['sh', '-eu', '-c', MOUNTS]));
  // Not the machine's own, so that what is derived from it is the same on every machine.
  const id = { path: '/etc/machine-id', mode: 0o644 as const, text: `${'51'.repeat(16)}\n` };
  for (const { path, mode, text } of [...accounts, id, ...files]) {
    const target = `${host.root}${path}`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    chmodSync(target, mode);
  }
}

/** What udev runs when a link appears (systemd's 99-systemd.rules). */
export async function applySysctl(host: Namespace, link: string): Promise<void> {
  const families = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'];
  const prefixes = families.map((family) => `--prefix=/net/${family}/${link}`);
  await must(host.inside([systemdTool('systemd-sysctl'), ...prefixes]));
}
