/**
 * The owner of a host's network: the system that starts at the next boot and has a file for one of
 * its links; and whether that is the system of a back end.
 */
import type { Model } from '../../../model/types.ts';
import { isGenerated } from '../../../view/ownership.ts';
import { type Claim, claimsOf, type HostFile, UPPER, type Watch } from '../foreign.ts';
import { type Claimed, claimed, claimWatches } from './claims.ts';
import { netplanDevices } from './netplan.ts';
import {
  generator,
  hasUnits,
  hasVendorUnits,
  isMaskedGenerator,
  type NetworkDaemon,
  SERVICES,
  type Start,
  startOf,
  unitWatches,
} from './units.ts';

const SYS = '/sys/class/net';

export const ownerWatches: readonly Watch[] = [
  ...unitWatches,
  ...claimWatches,
  { folder: SYS, below: /./, name: /^address$/ },
];

/** A daemon that configures a link, and its back end, if there is one. */
export interface Holder {
  readonly daemon: NetworkDaemon;
  readonly title: string;
  readonly backend?: string;
  readonly link: string;
  readonly claimed: Claimed;
  readonly start: Start;
}

/** The owner of a host's network, as one value. */
export type Owner =
  /** A tree without units: unknown. */
  | { readonly kind: 'unknown' }
  /** No started system has a file for a link of the intent. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'one'; readonly holder: Holder }
  /** The first boot starts two. */
  | {
      readonly kind: 'two';
      readonly enabled: NetworkDaemon;
      readonly preset: NetworkDaemon;
      readonly path: string;
    };

const DAEMONS = Object.keys(SERVICES) as NetworkDaemon[];

/** Whether netplan's generator runs; in a tree without units, whether it is expected. */
export const hasNetplan = (files: readonly HostFile[]): boolean =>
  hasVendorUnits(files)
    ? generator(files, 'netplan') !== undefined
    : !isMaskedGenerator(files, 'netplan');

/** How a daemon is started: by its unit, or networkd by netplan, which has a link for it. */
export function startOfDaemon(files: readonly HostFile[], daemon: NetworkDaemon): Start {
  const start = startOf(files, daemon);
  if (start.isStarted || daemon !== 'networkd' || start.because !== 'disabled') return start;
  const [device] = hasNetplan(files) ? netplanDevices(files, 'networkd') : [];
  return device ? { isStarted: true, by: 'netplan', path: device.path } : start;
}

/**
 * @param files the files at `ownerWatches`, including generated ones
 * @param preferred the daemon to prefer if several have a link
 */
export function ownerOf(files: readonly HostFile[], model: Model, preferred: NetworkDaemon): Owner {
  if (!hasUnits(files)) return { kind: 'unknown' };
  const started = DAEMONS.flatMap((daemon) => {
    const start = startOfDaemon(files, daemon);
    return start.isStarted ? [{ daemon, start }] : [];
  });
  const two = secondOwner(started);
  if (two) return two;
  const links = claimsOf(model)
    .filter(({ kind }) => !UPPER.has(kind))
    .map((claim) => withMac(claim, files));
  const others = files.filter(({ text }) => text === undefined || !isGenerated(text));
  const holders = started.flatMap(({ daemon, start }) => {
    // Links that generated files make another daemon ignore belong to this one.
    const found =
      holderOf(daemon, start, links, files) ??
      (daemon === preferred ? undefined : holderOf(daemon, start, links, others));
    // A file that only may be for a link does not make its system the owner.
    return found && (found.claimed.by !== 'perhaps' || daemon === preferred) ? [found] : [];
  });
  const [holder] = holders.sort((a, b) => rank(a, preferred) - rank(b, preferred));
  return holder ? { kind: 'one', holder } : { kind: 'nobody' };
}

/** On the running host the kernel has the MAC of a NIC if the intent does not. */
function withMac(claim: Claim, files: readonly HostFile[]): Claim {
  const mac = files.find(({ path }) => path === `${SYS}/${claim.name}/address`)?.text?.trim();
  return claim.kind === 'ethernet' && mac && claim.permanentMac === undefined
    ? { ...claim, permanentMac: mac.toLowerCase() }
    : claim;
}

/** A file for a link before one for every link. */
const rank = ({ daemon, claimed: { by } }: Holder, preferred: NetworkDaemon): number =>
  daemon === preferred ? 0 : by === 'file' ? 1 : 2;

/**
 * networkd and NetworkManager, one of which is enabled only by a preset, probably by mistake.
 */
function secondOwner(
  started: readonly { readonly daemon: NetworkDaemon; readonly start: Start }[],
): Owner | undefined {
  const pair = started.filter(({ daemon }) => daemon === 'networkd' || daemon === 'networkmanager');
  const preset = pair.find(({ start }) => start.isStarted && start.by === 'preset');
  const enabled = pair.find((item) => item !== preset);
  if (!preset?.start.isStarted || !enabled) return undefined;
  return { kind: 'two', enabled: enabled.daemon, preset: preset.daemon, path: preset.start.path };
}

function holderOf(
  daemon: NetworkDaemon,
  start: Start,
  links: readonly Claim[],
  files: readonly HostFile[],
): Holder | undefined {
  const all = links.flatMap((link) => {
    const found = claimed(daemon, link, files, hasNetplan(files));
    return found ? [{ link, found }] : [];
  });
  const best = all.find(({ found }) => found.by !== 'perhaps') ?? all[0];
  if (!best) return undefined;
  const { link, found } = best;
  const backend = backendFor(daemon, found);
  const { title } = SERVICES[daemon];
  return { daemon, title, link: link.name, claimed: found, start, ...(backend && { backend }) };
}

/** The back end of each daemon that has one. */
function backendFor(daemon: NetworkDaemon, { isNetplan }: Claimed): string | undefined {
  switch (daemon) {
    case 'networkd':
    case 'networkmanager':
      return isNetplan ? `netplan-${daemon}` : daemon;
    case 'ifupdown':
      return daemon;
    default:
      return undefined;
  }
}
