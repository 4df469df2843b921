/** Domains as libvirt stores them: a file each, which only libvirt writes while it runs. */
import type { HostFile, Watch } from '../backends/host/foreign.ts';
import { type BridgeNetworks, bridgeNetworkOf, type Domain, domainOf } from './domain.ts';

const FOLDER = '/etc/libvirt/qemu';
const NETWORKS = `${FOLDER}/networks`;
const NAME = /^[^.].*\.xml$/;

export const domainWatches: readonly Watch[] = [
  { folder: FOLDER, name: NAME },
  { folder: NETWORKS, name: NAME },
];

/** A stored domain, and the file that it is in. */
export interface StoredDomain {
  readonly domain: Domain;
  readonly file: HostFile;
}

/** @param files what is at `domainWatches`; others are ignored */
export const networksIn = (files: readonly HostFile[]): BridgeNetworks =>
  new Map(
    files
      .filter(({ folder }) => folder === NETWORKS)
      .flatMap(({ text = '' }) => {
        const network = bridgeNetworkOf(text);
        return network ? [network] : [];
      }),
  );

/** @param files as for `networksIn` */
export function storedDomains(files: readonly HostFile[]): StoredDomain[] {
  const networks = networksIn(files);
  return files
    .filter(({ folder }) => folder === FOLDER)
    .flatMap((file) => {
      const domain = domainOf(file.text ?? '', networks);
      return domain ? [{ domain, file }] : [];
    });
}

/** Paths of definitions that cannot be read. @param files as for `networksIn` */
export const unreadFiles = (files: readonly HostFile[]): string[] =>
  files.flatMap(({ folder, path, text = '' }) =>
    folder === FOLDER && !domainOf(text) ? [path] : [],
  );
