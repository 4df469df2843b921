/** `report` of the library: diagnostics as the command prints them. */
import type { Diagnostic, Path } from '../diagnostics/diagnostic.ts';
import { inOrder } from '../intent/positions.ts';
import { plainSource } from '../intent/source.ts';
import { reportText } from '../report/text.ts';
import { reportOf } from './handles.ts';
import type * as api from './public.d.ts';

export const report: typeof api.report = (outcome, { colour = false } = {}) => {
  const { source, diagnostics, hasLines } = reportOf(outcome);
  if (hasLines) return reportText(source, diagnostics, colour);
  // A value has no lines: each diagnostic is headed by the place in the value.
  return inOrder(source, diagnostics)
    .map(({ diagnostic }) => {
      const place = plainSource(placeOf(diagnostic, source.files[0]?.file ?? ''), '');
      return reportText(place, [diagnostic], colour);
    })
    .join('\n');
};

const placeOf = ({ path }: Diagnostic, whole: string): string =>
  path.length === 0 ? whole : nameOf(path);

/** `shims.veth0.routes[0].via` */
const nameOf = (path: Path): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
