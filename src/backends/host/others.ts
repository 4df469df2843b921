/** What else may configure links of the intent at boot: cloud-init, ifupdown, dhcpcd, sysctl. */

import type { Finding } from '../../diagnostics/finding.ts';
import type { Model } from '../../model/types.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import { cloudInitWatches, judgeCloudInit } from './cloud-init.ts';
import { dhcpcdWatches, judgeDhcpcd } from './dhcpcd.ts';
import { claimsOf, type HostFile, type Watch } from './foreign.ts';
import { ifupdownWatches, judgeIfupdown } from './ifupdown/judge.ts';
import type { NetworkOwner } from './network-owner.ts';
import { judgeSysctl, sysctlWatches } from './sysctl.ts';

export const hostWatches: readonly Watch[] = [
  ...cloudInitWatches,
  ...ifupdownWatches,
  ...dhcpcdWatches,
  ...sysctlWatches,
];

export function judgeHost(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  const claims = claimsOf(model);
  return [
    // An unmanaged parent may be cloud-init's, and shims cloud-init does not configure.
    ...(model.parents.length > 0 ? judgeCloudInit(claims, files) : []),
    ...judgeIfupdown(model, rendered, files, owner),
    ...judgeDhcpcd(claims, files),
    ...judgeSysctl(rendered, files),
  ];
}
