/** Options of the library → those of the compiler, or what is wrong with them. */
import type { RenderOptions } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { backendNames, unknownBackend, unknownTarget } from '../selection.ts';
import { parseTarget } from '../targets/requested.ts';
import type { CompileOptions } from './public.d.ts';

export interface ReadOptions {
  readonly options: RenderOptions;
  /** About the options themselves: then nothing is compiled. */
  readonly diagnostics: readonly Diagnostic[];
}

export function readOptions(given: CompileOptions): ReadOptions {
  const { backends: names, renderer, target, strict } = given;
  const known = backendNames();
  const diagnostics = [
    ...(names ?? []).filter((name) => !known.includes(name)).map((name) => unknownBackend(name)),
    ...(target === undefined ? [] : unknownTarget(String(target))),
  ];
  const spec = target === undefined ? undefined : parseTarget(String(target));
  const options = {
    ...(names && { backends: names }),
    ...(renderer !== undefined && { renderer }),
    ...(strict !== undefined && { strict }),
    ...(typeof spec === 'object' && { target: spec }),
  };
  return { options, diagnostics };
}
