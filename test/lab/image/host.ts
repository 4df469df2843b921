/** The host of a scenario: the files of the case, on the root file system of a suite. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RenderedFile } from '../../../src/view/rendered.ts';
import { type Bare, must, type Place } from '../place.ts';

/** What a scenario needs of a rendered file. */
export interface TargetFile extends Pick<RenderedFile, 'path' | 'text'> {
  readonly mode: number;
}

/** Not the machine's own, so that what is derived from it is the same on every machine. */
const MACHINE_ID: TargetFile = {
  path: '/etc/machine-id',
  mode: 0o444,
  text: `${'51'.repeat(16)}\n`,
};

/**
 * What a host of Debian has of ifupdown, which NetworkManager looks for: no interface but `lo`.
 * Without it NetworkManager warns at each start.
 */
const IFUPDOWN: readonly TargetFile[] = [
  { path: '/etc/network/interfaces', mode: 0o644, text: 'auto lo\niface lo inet loopback\n' },
  { path: '/run/network/ifstate', mode: 0o644, text: 'lo=lo\n' },
  ...['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'].map((name) => ({
    path: `/etc/network/${name}/.placeholder`,
    mode: 0o644,
    text: '',
  })),
];

/**
 * Where there is no udev systemd asks for none only if it takes the machine for a container: 247
 * otherwise waits for it before it makes an IAID, and has neither a DHCP client with a DUID nor
 * DHCPv6.
 */
const CONTAINER: TargetFile = {
  path: '/run/systemd/container',
  mode: 0o644,
  text: 'systemd-nspawn\n',
};

/** What every host has. */
export const COMMON: readonly TargetFile[] = [MACHINE_ID, ...IFUPDOWN];

/** Puts the files of the case in place, and what every host has. */
export async function furnish(
  host: Bare,
  hostname: string,
  files: readonly TargetFile[],
): Promise<void> {
  const name = hostname || 'localhost';
  putFiles(host.root, [
    ...COMMON,
    CONTAINER,
    { path: '/etc/hostname', mode: 0o644, text: `${name}\n` },
    ...files,
  ]);
  await host.setHostname(name);
}

/** Writes files below a root, with their modes. */
export function putFiles(root: string, files: readonly TargetFile[]): void {
  for (const { path, mode, text } of files) {
    const target = `${root}${path}`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    chmodSync(target, mode);
  }
}

/** What rules of udev run when links appear; nothing where a link did not. */
export async function applyRules(host: Place, files: readonly TargetFile[]): Promise<void> {
  const texts = files.flatMap(({ path, text }) => (path.endsWith('.rules') ? [text] : []));
  for (const [, link = '', command = ''] of texts
    .join('')
    .matchAll(/^ACTION!="remove", SUBSYSTEM=="net", KERNEL=="(.*)", RUN\+="(.*)"$/gm)) {
    const { status } = await host.run(['ip', 'link', 'show', link]);
    if (status === 0) await must(host.runInside(command.split(' ')), [command]);
  }
}

/** What udev runs when links appear (systemd's 99-systemd.rules). */
export async function applySysctl(host: Place, links: readonly string[]): Promise<void> {
  const families = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'];
  const prefixes = links.flatMap((link) =>
    families.map((family) => `--prefix=/net/${family}/${link}`),
  );
  await must(host.runInside(['/lib/systemd/systemd-sysctl', ...prefixes]), prefixes);
}
