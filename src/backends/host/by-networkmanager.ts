/** What both NetworkManager back ends look for on a host. */

import type { Finding } from '../../diagnostics/finding.ts';
import type { Model } from '../../model/types.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import { claimsOf, type HostFile, type Watch } from './foreign.ts';
import { judgeNetplan, netplanWatches } from './netplan/judge.ts';
import { judgeNetworkd, networkdWatches } from './networkd/judge.ts';
import { judgeNetworkManager, networkManagerWatches } from './networkmanager/judge.ts';
import { hostWatches, judgeHost } from './others.ts';

export const watchesForNetworkManager: readonly Watch[] = [
  ...networkManagerWatches,
  ...networkdWatches,
  ...netplanWatches,
  ...hostWatches,
];

export function judgeForNetworkManager(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: 'networkmanager' | 'netplan-networkmanager',
): Finding[] {
  const claims = claimsOf(model);
  return [
    ...judgeNetworkManager(model, rendered, files, owner),
    // If networkd also runs, it only has to ignore the links.
    ...judgeNetworkd(
      claims.map((claim) => ({ claim, file: `00-macvtap-${claim.name}.network` })),
      files,
      { severity: 'warning', rendered },
    ),
    ...judgeNetplan(model, rendered, files, owner),
    ...judgeHost(model, rendered, files, owner),
  ];
}
