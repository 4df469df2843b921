/** Whether a file of systemd-networkd is for a link. */
import type { Claim, HostFile, Watch } from '../foreign.ts';
import { networkdWatches, unitsOf } from '../networkd/judge.ts';
import { matchOf } from '../networkd/match.ts';
import type { Claimed } from './claims.ts';

/** Without `/run`, which is empty at the next boot. */
export const networkWatches: readonly Watch[] = networkdWatches.filter(
  ({ folder }) => !folder.startsWith('/run/'),
);

/** The first file that matches counts; one that may match counts if no other matches. */
export function claimedByNetworkd(claim: Claim, files: readonly HostFile[]): Claimed | undefined {
  let perhaps: Claimed | undefined;
  for (const { path, settings } of unitsOf(files, '.network')) {
    const answer = matchOf(settings, claim, 'network');
    if (answer !== 'yes' && answer !== 'maybe') continue;
    const line = settings.find((item) => item.path === path && item.section === 'Match')?.line ?? 1;
    const unmanaged = settings.findLast(
      ({ section, key }) => section === 'Link' && key === 'Unmanaged',
    );
    const isIgnored = /^(?:yes|y|true|t|on|1)$/i.test(unmanaged?.value ?? '');
    if (answer === 'yes') return isIgnored ? perhaps : { path, line, by: 'file' };
    if (!isIgnored) perhaps ??= { path, line, by: 'perhaps' };
  }
  return perhaps;
}
