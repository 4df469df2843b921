/** What both ways to NetworkManager look for on a host. */
import type { Model } from '../model/types.ts';
import { claimsOf, type Finding, type HostFile, type Watch } from './foreign.ts';
import { hostWatches, judgeHost } from './foreign-host.ts';
import { judgeNetplan, netplanWatches } from './foreign-netplan.ts';
import { judgeNetworkd, networkdWatches } from './foreign-networkd.ts';
import { judgeNetworkManager, networkManagerWatches } from './foreign-networkmanager.ts';
import type { RenderedFile } from './types.ts';

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
  { isNetplan }: { readonly isNetplan: boolean },
): Finding[] {
  const claims = claimsOf(model);
  return [
    ...judgeNetworkManager(model, rendered, files, { isOwner: true, isNetplan }),
    // Where networkd runs beside it, it is only to keep off.
    ...judgeNetworkd(
      claims.map((claim) => ({ claim, file: `00-macvtap-${claim.name}.network` })),
      files,
      { severity: 'warning', rendered },
    ),
    ...judgeNetplan(model, rendered, files, { isOwner: isNetplan, isNetworkd: false }),
    ...judgeHost(model, rendered, files, { isNetworkManager: true }),
  ];
}
