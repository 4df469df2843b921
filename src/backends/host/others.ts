/** What besides the network's owner may configure our links at boot: cloud-init, ifupdown, dhcpcd, sysctl. */

import type { Finding } from '../../diagnostics/finding.ts';
import type { Model } from '../../model/types.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import { cloudInitWatches, judgeCloudInit } from './cloud-init.ts';
import { dhcpcdWatches, judgeDhcpcd } from './dhcpcd.ts';
import { claimsOf, type HostFile, type Watch } from './foreign.ts';
import { ifupdownWatches, judgeIfupdown } from './ifupdown/judge.ts';
import { judgeSysctl, sysctlWatches } from './sysctl.ts';

export const hostWatches: readonly Watch[] = [
  ...cloudInitWatches,
  ...ifupdownWatches,
  ...dhcpcdWatches,
  ...sysctlWatches,
];

interface Role {
  /** Whether NetworkManager is to have the links: it ignores what ifupdown has. */
  readonly isNetworkManager: boolean;
  /** Whether ifupdown is to have them: it adds up what it finds of a link. */
  readonly isIfupdown?: boolean;
}

export function judgeHost(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  { isNetworkManager, isIfupdown = false }: Role,
): Finding[] {
  const claims = claimsOf(model);
  return [
    ...judgeCloudInit(claims, files),
    ...judgeIfupdown(model, rendered, files, { isOwner: isIfupdown, isNetworkManager }),
    ...judgeDhcpcd(claims, files),
    ...judgeSysctl(rendered, files),
  ];
}
