/** What a host is, by its files: its name, its distribution, and the MACs of its NICs. */
import type { HostFile, Watch } from '../backends/host/foreign.ts';
import type { KernelState } from '../kernel/types.ts';
import { targetOfOsRelease } from '../targets/requested.ts';
import type { TargetSpec } from '../targets/target.ts';
import type { Origin } from './found.ts';
import { macOf } from './values.ts';

/** os-release(5), in its order; a tree may have the link in /etc, and the file elsewhere. */
const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];

export const factWatches: readonly Watch[] = [
  { folder: '/etc', name: /^(?:hostname|os-release)$/ },
  { folder: '/usr/lib', name: /^os-release$/ },
];

/** The first label of /etc/hostname. */
export function hostName(
  files: readonly HostFile[],
): { readonly name: string; readonly origin: Origin } | undefined {
  const path = '/etc/hostname';
  const lines = (files.find((file) => file.path === path)?.text ?? '').split('\n');
  const at = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  const name = (lines[at] ?? '').trim().split('.')[0] ?? '';
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)
    ? { name, origin: { path, line: at + 1 } }
    : undefined;
}

/** The target of its distribution, where that is known. */
export function targetOf(
  files: readonly HostFile[],
): { readonly spec: TargetSpec; readonly origin: Origin } | undefined {
  for (const path of OS_RELEASE) {
    const text = files.find((file) => file.path === path)?.text;
    if (text === undefined || text === '') continue;
    const fields = Object.fromEntries(
      text.split('\n').flatMap((line) => {
        const [, key, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
        return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]];
      }),
    );
    const spec = targetOfOsRelease(fields);
    return typeof spec === 'string' ? undefined : { spec, origin: { path } };
  }
  return undefined;
}

const ADDRESS = /^\/sys\/class\/net\/([^/]+)\/address$/;

/** The only NIC with a MAC; ports of a bond have that of the bond, and are none. */
export function nicWith(files: readonly HostFile[], mac: string): string | undefined {
  const found = files.flatMap(({ path, text }) => {
    const name = ADDRESS.exec(path)?.[1];
    return name !== undefined && macOf(text) === mac ? [name] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** `/sys` has the MAC that a NIC has now, and not its own, which `ip -d link` shows. */
export function withPermanentMacs(
  files: readonly HostFile[],
  kernel: KernelState | undefined,
): readonly HostFile[] {
  return files.map((file) => {
    const name = ADDRESS.exec(file.path)?.[1];
    const mac = kernel?.links.find((link) => link.name === name)?.permanentMac;
    return name === undefined || mac === undefined ? file : { ...file, text: `${mac}\n` };
  });
}

/** Of a tree that was copied with /sys. */
export function macIn(files: readonly HostFile[], name: string): string | undefined {
  const path = `/sys/class/net/${name}/address`;
  return macOf(files.find((file) => file.path === path)?.text);
}
