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

/** Distributions that are supported and have all that a way needs, in packages of their own. */
export const supportedFor = (needs: readonly Owner[]): string[] =>
  Object.entries(DISTRIBUTIONS)
    .filter(
      ([, { isSupported, presence: has, addOn }]) =>
        isSupported &&
        needs.every((owner) => has[owner] !== 'missing' && addOn?.[owner] === undefined),
    )
    .map(([name]) => name);

/** What is right on all of those: of each daemon the oldest version. */
function floorFor(needs: readonly Owner[]): Versions {
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

/** The target for a way: what was asked for, and for the rest what is right on all that is supported. */
export const targetFor = (needs: readonly Owner[], spec?: TargetSpec): Target => ({
  ...(spec && { name: spec.name }),
  versions: { ...floorFor(needs), ...spec?.versions },
  ...(spec?.distribution && { distribution: spec.distribution }),
  ...(spec?.isHost && { isHost: spec.isHost }),
});
