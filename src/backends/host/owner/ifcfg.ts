/** Files for single links: wicked, and network-scripts of Enterprise Linux. */
import { type Claim, type HostFile, settingsOf } from '../foreign.ts';
import type { Claimed } from './claims.ts';

/** ifcfg(5), and sysconfig.txt of initscripts. */
export function claimedByIfcfg(
  { name }: Claim,
  files: readonly HostFile[],
  folder: string,
): Claimed | undefined {
  for (const file of files.filter((item) => item.folder === folder)) {
    const values = new Map(
      settingsOf(file.text ?? '').map(({ key, value }) => [key, value.replace(/^["']|["']$/g, '')]),
    );
    const link = values.get('DEVICE') ?? file.name.slice('ifcfg-'.length);
    const isOff =
      values.get('ONBOOT')?.toLowerCase() === 'no' ||
      /^(?:off|manual)$/i.test(values.get('STARTMODE') ?? '');
    if (link === name && !isOff) return { path: file.path, by: 'file' };
  }
  return undefined;
}
