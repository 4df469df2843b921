/** netplan's files of others that configure a link of the intent. */
import type { Model } from '../../../model/types.ts';
import { isGenerated } from '../../../view/ownership.ts';
import { claimsOf, type HostFile } from '../foreign.ts';
import { claimedByNetplan } from './netplan.ts';

/** @param files what is at `ownerWatches` */
export function claimedYaml(files: readonly HostFile[], model: Model): string[] {
  const others = files.filter(({ text }) => text === undefined || !isGenerated(text));
  return others
    .filter(({ path }) => path.startsWith('/etc/netplan/'))
    .filter((file) =>
      claimsOf(model).some((claim) =>
        (['networkd', 'NetworkManager'] as const).some(
          (renderer) => claimedByNetplan(claim, [file], renderer) !== undefined,
        ),
      ),
    )
    .map(({ path }) => path);
}
