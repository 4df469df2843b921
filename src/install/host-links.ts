/** What a host, or a tree of one, says of links that the intent leaves to others. */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import { networkFileFor, networkFileWatches } from '../backends/host/networkd/network-file.ts';
import type { HostLinks } from '../model/on-host.ts';
import { type System, SystemError } from '../system.ts';
import { survey } from './survey.ts';

type Eyes = Pick<System, 'openExisting' | 'readText'>;

/** @param root of the host's tree; the kernel is asked only at `/` */
export function hostLinksAt(system: Eyes, root: string): HostLinks {
  let files: readonly HostFile[] | undefined;
  return ({ name, kind }) => {
    files ??= networkFiles(system, root);
    const found = root === '/' ? macsOf(system, name) : {};
    const claim: Claim = { name, kind, ...found };
    const networkFile = networkFileFor(claim, files);
    return { ...found, ...(networkFile !== undefined && { networkFile }) };
  };
}

function networkFiles(system: Eyes, root: string): HostFile[] {
  const top = system.openExisting(root);
  try {
    return top ? survey(top, { steps: [] }, networkFileWatches, []) : [];
  } finally {
    top?.close();
  }
}

/** Documentation/ABI/testing/sysfs-class-net: 0 is the permanent address. */
function macsOf(system: Eyes, name: string): { mac?: string; permanentMac?: string } {
  const read = (key: string): string => {
    try {
      return system.readText(`/sys/class/net/${name}/${key}`, 4096).trim();
    } catch (error) {
      if (error instanceof SystemError) return '';
      throw error;
    }
  };
  const mac = read('address').toLowerCase();
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac)) return {};
  return { mac, ...(read('addr_assign_type') === '0' && { permanentMac: mac }) };
}
