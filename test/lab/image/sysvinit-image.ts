/** The root file system of a suite whose init is not systemd: made once, beside the others. */
import type { Image } from './images.ts';
import { withPackages } from './packages.ts';

/** Its scripts start what a host starts at boot; `ifupdown` is that of the suite, with its own. */
const PACKAGES = ['sysvinit-core', 'initscripts', 'ifupdown'];

/** @throws Error where it cannot be made, with the output */
export const withSysvinit = (image: Image): Promise<Image> =>
  withPackages(image, 'sysvinit', PACKAGES);
