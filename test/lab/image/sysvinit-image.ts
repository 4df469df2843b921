/** The root file system of a suite whose init is not systemd: made once, beside the others. */
import type { Image } from './images.ts';
import { withPackages } from './packages.ts';

/** Its scripts start what a host starts at boot; `ifupdown` is that of the suite, with its own. */
const PACKAGES = ['sysvinit-core', 'initscripts'];
/** NetworkManager's own script is in a package of its own, and its packages want a seat manager. */
const OF_SYSTEM = {
  ifupdown: ['ifupdown'],
  networkmanager: ['network-manager', 'elogind', 'libpam-elogind', 'orphan-sysvinit-scripts'],
} as const;

export type SystemOfSysvinit = keyof typeof OF_SYSTEM;

/** @throws Error where it cannot be made, with the output */
export const withSysvinit = (image: Image, system: SystemOfSysvinit): Promise<Image> =>
  withPackages(image, system === 'ifupdown' ? 'sysvinit' : `sysvinit-${system}`, [
    ...PACKAGES,
    ...OF_SYSTEM[system],
  ]);
