/** `explain` of the library. */
import { explain as explainFiles } from '../explain/lines.ts';
import { handleOf, originAs } from './handles.ts';
import type * as api from './public.d.ts';

export const explain: typeof api.explain = (host) => {
  const { compilation, hasLines } = handleOf(host);
  return (compilation.sets ?? []).flatMap(({ backend, files }) =>
    explainFiles(compilation.source, files).map(({ path, lines }) => ({
      backend,
      path,
      lines: lines.map((line) => ({ ...line, origin: originAs(line.origin, hasLines) })),
    })),
  );
};
