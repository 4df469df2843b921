/** The trees of a fleet: one for each host, or for each of its back ends where it has several. */
import type { HostCompilation } from '../compile-fleet.ts';

/** The files of one back end for one host. */
export interface HostSet {
  readonly compilation: HostCompilation;
  /** The folder that the host's folder is in; empty: the directory of the command line itself. */
  readonly above: string;
}

/** Where the files of a host lie does not depend on the other hosts. */
export const hostSetsOf = (hosts: readonly HostCompilation[]): HostSet[] =>
  hosts.flatMap((item) => {
    const { sets = [] } = item;
    return sets.map((set) => ({
      compilation: { ...item, sets: [set] },
      above: sets.length > 1 ? set.backend : '',
    }));
  });

/** `kvm1`, `networkd/kvm1` */
export const folderOf = (above: string, host: string): string =>
  [above, host].filter((part) => part !== '').join('/');
