/**
 * Files → a configuration for Ignition, specification 3.0.0, which every 3.x reads: systems that
 * are made from an image (Fedora CoreOS, Flatcar). It is applied before the first boot of the real
 * system, so there is nothing to activate; a file that the image already has is an error of Ignition,
 * as files that were not generated are never overwritten.
 */
import { memberOfEach, OWNER, only, type Package, type Packaging } from './package.ts';

export const ignitionPackaging = {
  id: 'ignition',
  summary: 'Ignition 3, for systems that are made from an image',
  takesSeveral: false,
  takesHosts: false,
  activates: true,
  text: (packages) => config(only(packages)),
  members: (packages) => memberOfEach(packages, 'config.ign', config),
} as const satisfies Packaging;

function config({ files }: Package): string {
  const value = {
    ignition: { version: '3.0.0' },
    storage: {
      files: files.map(({ path, mode, text }) => ({
        path,
        user: { name: OWNER },
        group: { name: OWNER },
        mode,
        contents: { source: `data:,${encodeURIComponent(text)}` },
      })),
    },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
