/** Looks up on the host itself what a target of its distribution can only assume. */

import { asFound, hostTargetWatches } from '../backends/host/target.ts';
import type { System } from '../system.ts';
import type { TargetSpec } from '../targets/target.ts';
import { surveyAll } from './survey-all.ts';

/** @throws SystemError where the system refuses to show a folder */
export function resolveTarget(system: Pick<System, 'openExisting'>, spec: TargetSpec): TargetSpec {
  const top = system.openExisting('/');
  try {
    return top ? asFound(spec, surveyAll(top, { steps: [] }, hostTargetWatches)) : spec;
  } finally {
    top?.close();
  }
}
