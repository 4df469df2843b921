/** Generated `.link` files of udev, read back: systemd.link(5). */
import type { Files } from './file-links.ts';
import { lastOf, sectionsOf } from './sections.ts';

/** With networkd's files: udev and networkd share the folder. */
export const UDEV_FOLDER = '/etc/systemd/network/';

/** Permanent MAC → the name that udev gives the NIC. */
export function nicNames(files: Files): Map<string, string> {
  const names = new Map<string, string>();
  for (const [path, text] of files) {
    if (!path.startsWith(UDEV_FOLDER) || !path.endsWith('.link')) continue;
    const sections = sectionsOf(text);
    const mac =
      lastOf(sections, 'Match', 'PermanentMACAddress') ?? lastOf(sections, 'Match', 'MACAddress');
    const name = lastOf(sections, 'Link', 'Name');
    if (mac !== undefined && name !== undefined) names.set(mac, name);
  }
  return names;
}
