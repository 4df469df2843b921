/** The target of a back end: what `--target` says, and for the rest the oldest versions in support. */
import { DISTRIBUTIONS, versionsOf } from './distributions.ts';
import {
  type Daemon,
  isAtLeast,
  type Owner,
  type Target,
  type TargetSpec,
  type Version,
  type Versions,
} from './target.ts';

/** Later than any. */
const NEWEST: Versions = {
  systemd: [9999],
  udev: [9999],
  NetworkManager: [9999],
  netplan: [9999],
};

/** Supported distributions that have all that a back end needs in packages of their own. */
export const supportedFor = (needs: readonly Owner[]): string[] =>
  Object.entries(DISTRIBUTIONS)
    .filter(
      ([, { isSupported, presence: has, addOn }]) =>
        isSupported &&
        needs.every((owner) => has[owner] !== 'missing' && addOn?.[owner] === undefined),
    )
    .map(([name]) => name);

/** By what a back end needs: the same for each host of a fleet. */
const floors = new WeakMap<readonly Owner[], Versions>();

/** Of each daemon the oldest version in those: what is written for it is right on all. */
function floorFor(needs: readonly Owner[]): Versions {
  const known = floors.get(needs) ?? floorOf(needs);
  floors.set(needs, known);
  return known;
}

function floorOf(needs: readonly Owner[]): Versions {
  const all = supportedFor(needs)
    .flatMap((name) => DISTRIBUTIONS[name] ?? [])
    .map(versionsOf);
  const oldest = (daemon: Daemon): Version =>
    all
      .map((versions) => versions[daemon])
      .reduce((least, other) => (isAtLeast(other, least) ? least : other), NEWEST[daemon]);
  return {
    systemd: oldest('systemd'),
    udev: oldest('udev'),
    NetworkManager: oldest('NetworkManager'),
    netplan: oldest('netplan'),
  };
}

/** The target for a back end: requested versions, and for other daemons the oldest in support. */
export const targetFor = (needs: readonly Owner[], spec?: TargetSpec): Target => ({
  ...(spec && { name: spec.name }),
  versions: { ...floorFor(needs), ...spec?.versions },
  ...(spec?.distribution && { distribution: spec.distribution }),
  ...(spec?.isHost && { isHost: spec.isHost }),
});
