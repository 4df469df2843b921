/** The host on which the command runs, where that is the one that it installs to. */
import { addressesOfHost } from '../install/running-host.ts';
import { type System, SystemError } from '../system.ts';
import type { CommandLine } from './options.ts';

/** A host of very many addresses has some megabytes of them. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Its addresses. Undefined where they are not known, or the files are for another host or an image. */
export function addressesHere(system: System, { root }: CommandLine): string[] | undefined {
  if (root === undefined || !/^\/+$/.test(root)) return undefined;
  return addressesOfHost((path) => {
    try {
      return system.readText(path, MAX_BYTES);
    } catch (error) {
      // In a container or a chroot some of it is not there.
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  });
}
