/** Determines which system owns the network of a host or tree, and the findings of a back end on it. */

import type { Backend } from '../backends/backend.ts';
import { judgeOwner } from '../backends/host/owner/judge.ts';
import { ownerWatches } from '../backends/host/owner/owner.ts';
import { judgeResolver, resolverWatches } from '../backends/host/owner/resolver.ts';
import { hasUnits, unitWatches } from '../backends/host/owner/units.ts';
import type { Finding } from '../diagnostics/finding.ts';
import type { Model } from '../model/types.ts';
import type { Directory } from '../system.ts';
import type { Base } from './places.ts';
import { surveyAll } from './survey-all.ts';

/**
 * By the paths that the files have on the target.
 * @throws SystemError where the system refuses to show a folder
 */
export function ownerFindings(
  top: Directory,
  base: Base,
  { id, needs, scope }: Pick<Backend, 'id' | 'needs' | 'scope'>,
  model: Model,
): Finding[] {
  // Back ends for guests or a trial fit every host; a single folder has no units.
  if (scope !== 'host' || base.flat !== undefined) return [];
  // Most trees have configuration only; the first look finds those.
  if (!hasUnits(surveyAll(top, base, unitWatches))) return [];
  const files = surveyAll(top, base, [...ownerWatches, ...resolverWatches]);
  const isHost = base.steps.length === 0 && top.isRoot();
  return [
    ...judgeOwner({ id, needs }, model, files, { isHost }),
    ...judgeResolver(id, model, files),
  ];
}
