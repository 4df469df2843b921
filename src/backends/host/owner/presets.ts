/** What the first boot of an image enables: systemd.preset(5), machine-id(5). */
import { fits, type HostFile, merged, type Watch } from '../foreign.ts';

const MACHINE_ID = '/etc/machine-id';
const FOLDERS = [
  '/etc/systemd/system-preset',
  '/usr/local/lib/systemd/system-preset',
  '/usr/lib/systemd/system-preset',
  '/lib/systemd/system-preset',
];

export const presetWatches: readonly Watch[] = [
  { folder: '/etc', name: /^machine-id$/ },
  ...FOLDERS.map((folder) => ({ folder, name: /\.preset$/ })),
];

/**
 * Whether the next boot is the first one, the only one that applies presets. With an empty file it is
 * not (machine-id(5), "First Boot Semantics"; seen on 247, 252, 257, 262).
 */
export function isFirstBoot(files: readonly HostFile[]): boolean {
  const id = files.find(({ path }) => path === MACHINE_ID);
  return id === undefined || id.text?.trim() === 'uninitialized';
}

/** Whether presets enable a unit: the first matching line decides; enabled by default. */
export function isPreset(files: readonly HostFile[], unit: string): boolean {
  for (const { text = '' } of merged(files, FOLDERS)) {
    for (const line of text.split('\n')) {
      const [verb = '', pattern = ''] = line.trim().split(/\s+/);
      if (/^(?:enable|disable|ignore)$/.test(verb) && fits(pattern, unit)) return verb === 'enable';
    }
  }
  return true;
}
