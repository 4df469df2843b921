/** The library, as documented in `help library`. The types are in `library/public.d.ts`. */
import { backends as all } from './backends/registry.ts';
import type * as api from './library/public.d.ts';
import { targetNames } from './targets/distributions.ts';

export { check } from './library/check.ts';
export { compile, compileFleet } from './library/compile.ts';
export { diff } from './library/diff.ts';
export { explain } from './library/explain.ts';
export { fix } from './library/fix.ts';
export { pack } from './library/pack.ts';
export { report } from './library/report.ts';

export const backends: typeof api.backends = all.map(({ id, summary, scope }) => ({
  id,
  summary,
  scope,
}));

export const targets: typeof api.targets = targetNames();
