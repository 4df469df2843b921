/** The host that the command runs on, if it installs there. */
import { addressesOfHost } from '../install/running-host.ts';
import { type System, SystemError } from '../system.ts';
import type { CommandLine } from './command-line.ts';

/** Enough for a host with very many addresses. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Its addresses. Undefined if unknown, or if the files are for another host or an image. */
export function addressesHere(system: System, { root }: CommandLine): string[] | undefined {
  if (root === undefined || !/^\/+$/.test(root)) return undefined;
  return addressesOfHost((path) => {
    try {
      return system.readText(path, MAX_BYTES);
    } catch (error) {
      // A container or chroot may lack some of these files.
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  });
}
