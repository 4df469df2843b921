/** Trees of hosts in the notation of the fixtures, and `init` on them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';
import { type Host, hostsIn, writeHost } from './fixtures.ts';

const folder = temporaryFolder();
let count = 0;

export function rootOf(host: Pick<Host, 'files' | 'links'>): string {
  count += 1;
  const root = join(folder, `host-${count}`);
  mkdirSync(root);
  writeHost(host, root);
  return root;
}

export const STATIC = `os: debian 12
start: networking.service
mac: eth0 52:54:00:51:00:50
--- /etc/network/interfaces
auto eth0
iface eth0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
`;
export const LEASE = STATIC.replace(/inet static[\s\S]*/, 'inet dhcp\n');

/** The tree of a host. */
export function hostAt(...parts: readonly string[]): string {
  const [host] = hostsIn(`=== host\n${parts.join('')}`);
  if (!host) throw new Error('no host');
  return rootOf(host);
}

export const init = (root: string, ...words: string[]) => runHere('init', '--root', root, ...words);

/** Options for a shim beside the address of the host. */
export const BESIDE = ['--keep-parent', '--address', '198.51.100.222/32'];

/** @returns what `lint` reports of an intent that it refuses; empty: it does not */
export async function lintOf(text: string): Promise<string> {
  count += 1;
  const file = join(folder, `intent-${count}.yaml`);
  writeFileSync(file, text);
  const words = ['--target', 'debian-12', '-b', 'ifupdown'];
  const { status, stderr } = await runHere('lint', file, ...words);
  return status === 0 ? '' : stderr;
}

/** A network of Podman's, as a file of the tree. */
export const podman = (network: Record<string, unknown>): string =>
  `--- /etc/containers/networks/lan.json\n${JSON.stringify({ name: 'lan', driver: 'macvlan', network_interface: 'eth0', ...network }, null, 4)}\n`;

/** @param first of the range that is assigned to containers */
export const subnets = (first?: string, last?: string, subnet = '198.51.100.0/24') => ({
  subnets: [{ subnet, ...(first && { lease_range: { start_ip: first, end_ip: last } }) }],
});
