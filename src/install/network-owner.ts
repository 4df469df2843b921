/** Looks whose network a host's or a tree's is, and what a back end has to say of that. */

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
  // What is for guests or for a trial, every host has; one folder of a host says nothing of its units.
  if (scope !== 'host' || base.flat !== undefined) return [];
  // Most trees are of configuration alone: those are seen with the first look.
  if (!hasUnits(surveyAll(top, base, unitWatches))) return [];
  const files = surveyAll(top, base, [...ownerWatches, ...resolverWatches]);
  const isHost = base.steps.length === 0 && top.isRoot();
  return [
    ...judgeOwner({ id, needs }, model, files, { isHost }),
    ...judgeResolver(id, model, files),
  ];
}
