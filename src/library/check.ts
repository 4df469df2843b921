/** `check` of the library: a host that is given as texts. */
import { backendOf } from '../backends/registry.ts';
import { checkTree } from '../install/check.ts';
import { treePlacements } from '../install/places.ts';
import { findingsOf } from '../report/output.ts';
import { handleOf } from './handles.ts';
import { directoryOf } from './memory.ts';
import type * as api from './public.d.ts';

export const check: typeof api.check = (host, files) => {
  const { sets = [], model } = handleOf(host).compilation;
  const top = directoryOf(files);
  const checked = sets.map(({ backend: id, files: rendered }) => {
    const backend = backendOf(id, model?.renderer ?? 'networkd');
    const base = { steps: [], scope: backend.scope };
    const placements = treePlacements(rendered);
    if (!model) throw new Error('a host has a model');
    // A text has no rights.
    const options = { shown: top.path, ignoreRights: true };
    const result = checkTree(top, { backend, model, files: rendered, base, placements }, options);
    return { id, ...result };
  });
  return {
    findings: findingsOf(
      checked.flatMap(({ differences, conflicts }) => [...differences, ...conflicts]),
    ),
    patches: checked.flatMap(({ id, patch }) => (patch === '' ? [] : [{ backend: id, patch }])),
  };
};
