/** Which system configures a link, and what its files set: the first that starts at boot and has a file for the link. */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import { type Claimed, claimed } from '../backends/host/owner/claims.ts';
import { hasNetplan, startOfDaemon } from '../backends/host/owner/owner.ts';
import { hasUnits, type NetworkDaemon, SERVICES } from '../backends/host/owner/units.ts';
import { cloudInitReader } from './cloud-init.ts';
import { dhcpcdReader } from './dhcpcd.ts';
import { type FoundLink, type Kind, newLink } from './found.ts';
import { ifupdownReader } from './ifupdown.ts';
import { addKernelDefaults } from './kernel-defaults.ts';
import { netplanReader } from './netplan.ts';
import { deviceFile, networkdReader } from './networkd.ts';
import { networkmanagerReader, networkScriptsReader } from './networkmanager.ts';
import type { Reader } from './reader.ts';
import { addUdev } from './udev.ts';

/** A link, and who configures it. */
export interface Owned {
  readonly link: FoundLink;
  /** The system, as messages name it. */
  readonly title: string;
  /** The back end that writes for it; undefined: none does. */
  readonly backend?: string;
  /** Its files are not read: nothing is known of the link but its name. */
  readonly isUnread?: true;
}

const DAEMONS = Object.keys(SERVICES) as NetworkDaemon[];

const READERS: Readonly<Partial<Record<NetworkDaemon, Reader>>> = {
  networkd: networkdReader,
  networkmanager: networkmanagerReader,
  ifupdown: ifupdownReader,
  dhcpcd: dhcpcdReader,
  'network-scripts': networkScriptsReader,
};

/** What must be there for a daemon that configures every link, where no unit shows that it starts. */
const EVIDENCE: Readonly<Partial<Record<NetworkDaemon, string>>> = {
  networkmanager: '/etc/NetworkManager/',
  dhcpcd: '/etc/dhcpcd.conf',
  connman: '/etc/connman/',
};

interface Candidate {
  readonly daemon: NetworkDaemon;
  readonly found: Claimed;
}

const RANK: Readonly<Record<Claimed['by'], number>> = { file: 0, perhaps: 1, default: 2 };

/** The daemon that configures a link at boot. */
function daemonOf(files: readonly HostFile[], claim: Claim): Candidate | undefined {
  const isKnown = hasUnits(files);
  const started = DAEMONS.filter((daemon) =>
    isKnown ? startOfDaemon(files, daemon).isStarted : true,
  );
  return started
    .flatMap((daemon): Candidate[] => {
      const found = claimed(daemon, claim, files, hasNetplan(files));
      return found ? [{ daemon, found }] : [];
    })
    .filter(({ daemon, found }) => {
      const evidence = EVIDENCE[daemon];
      return (
        isKnown ||
        found.by !== 'default' ||
        evidence === undefined ||
        files.some(({ path }) => path.startsWith(evidence))
      );
    })
    .sort((a, b) => RANK[a.found.by] - RANK[b.found.by])[0];
}

const BACKENDS: Readonly<Partial<Record<NetworkDaemon, string>>> = {
  networkd: 'networkd',
  networkmanager: 'networkmanager',
  ifupdown: 'ifupdown',
};

/** The link as its system's files have it. */
export function ownedLink(files: readonly HostFile[], claim: Claim): Owned | undefined {
  const candidate = daemonOf(files, claim);
  if (!candidate) {
    const device = bareDevice(files, claim);
    if (device) return { link: device, title: SERVICES.networkd.title, backend: 'networkd' };
    const link = cloudInitReader.read(files, claim);
    return link && { link, title: 'cloud-init' };
  }
  const { daemon, found } = candidate;
  const reader = found.isNetplan ? netplanReader : READERS[daemon];
  const { title } = SERVICES[daemon];
  if (!reader) {
    const { path, line } = found;
    const origin = { path, ...(line !== undefined && { line }) };
    return { link: newLink(claim.name, claim.kind, origin), title, isUnread: true };
  }
  const link = reader.read(files, claim);
  if (!link) return undefined;
  if (reader !== networkdReader) addUdev(link, files, claim, found.isNetplan === true);
  addKernelDefaults(link, daemon, files);
  const plain = BACKENDS[daemon];
  const backend = plain !== undefined && found.isNetplan ? `netplan-${plain}` : plain;
  return {
    link,
    title: found.isNetplan ? `netplan (${title})` : title,
    ...(backend !== undefined && { backend }),
  };
}

/** systemd-networkd creates a device that no `.network` file is for, and leaves it to whoever uses it. */
function bareDevice(files: readonly HostFile[], claim: Claim): FoundLink | undefined {
  const isStarted = !hasUnits(files) || startOfDaemon(files, 'networkd').isStarted;
  return isStarted && deviceFile(files, claim.name) !== undefined
    ? networkdReader.read(files, claim)
    : undefined;
}

/** Names of links in the files of all systems, each with its kind. */
export function namesIn(files: readonly HostFile[]): ReadonlyMap<string, Kind> {
  const all = [
    netplanReader,
    networkdReader,
    networkmanagerReader,
    ifupdownReader,
    dhcpcdReader,
    cloudInitReader,
  ];
  const found = new Map<string, Kind>();
  for (const reader of all) {
    for (const [name, kind] of reader.names(files)) {
      // A device is made by a file that names its kind; others may name it as a plain link.
      if (!found.has(name) || found.get(name) === 'ethernet') found.set(name, kind);
    }
  }
  for (const name of wickedNames(files)) if (!found.has(name)) found.set(name, 'ethernet');
  return found;
}

/** Links of wicked, a file each (ifcfg(5)); copies of editors and packages are none. */
const wickedNames = (files: readonly HostFile[]): string[] =>
  files
    .filter(({ folder }) => folder === '/etc/sysconfig/network')
    .flatMap(({ name }) => /^ifcfg-([^.~\s]+(?:\.\d+)?)$/.exec(name)?.[1] ?? []);

/** A system that starts at boot, and whose files are not read. */
export function unreadOwner(
  files: readonly HostFile[],
): { readonly title: string; readonly path: string } | undefined {
  if (!hasUnits(files)) return undefined;
  for (const daemon of DAEMONS.filter((id) => !READERS[id])) {
    const start = startOfDaemon(files, daemon);
    if (start.isStarted) return { title: SERVICES[daemon].title, path: start.path };
  }
  return undefined;
}

/** Definitions for NICs by a pattern. */
export const patternsIn = (files: readonly HostFile[]) =>
  [netplanReader, networkdReader, networkmanagerReader, ifupdownReader].flatMap((reader) =>
    reader.patterns(files),
  );
