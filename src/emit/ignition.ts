/**
 * Files → a configuration for Ignition, specification 3.0.0, which every 3.x reads: systems that
 * are made from an image (Fedora CoreOS, Flatcar). It is applied before the first boot of the real
 * system, so there is nothing to activate; a file that the image has already is an error of
 * Ignition's, as nothing of somebody else's is written over.
 */
import { OWNER, only, type Packaging } from './package.ts';

export const ignitionPackaging = {
  id: 'ignition',
  summary: 'Ignition 3, for systems that are made from an image',
  takesSeveral: false,
  activates: true,
  text: (packages) => {
    const config = {
      ignition: { version: '3.0.0' },
      storage: {
        files: only(packages).files.map(({ path, mode, text }) => ({
          path,
          user: { name: OWNER },
          group: { name: OWNER },
          mode,
          contents: { source: `data:,${encodeURIComponent(text)}` },
        })),
      },
    };
    return `${JSON.stringify(config, null, 2)}\n`;
  },
} as const satisfies Packaging;
