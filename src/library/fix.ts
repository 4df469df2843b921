/** `fix` of the library: texts with the fixes of their diagnostics applied. */
import { fixTexts } from '../fix-texts.ts';
import { diagnosticsOf } from '../report/output.ts';
import { readOptions } from './options.ts';
import type * as api from './public.d.ts';

export const fix: typeof api.fix = (intent, given = {}) => {
  const { file = '<intent>', hosts, only } = given;
  const named = typeof intent === 'string' ? [{ file, text: intent }] : intent;
  const texts = named.length > 0 ? named : [{ file, text: '' }];
  const { options, diagnostics } = readOptions(given);
  if (diagnostics.length > 0) {
    const all = diagnostics.map(({ code, severity, message, hint, path }) => {
      return { code, severity, message, hint, path };
    });
    return { texts, fixed: [], diagnostics: all };
  }
  const result = fixTexts(texts, {
    ...options,
    ...(hosts && { hosts }),
    ...(only && {
      only: (found, source) => diagnosticsOf(source, [found]).some((shown) => only(shown)),
    }),
  });
  return {
    texts: result.texts.map((item) => ({ file: item.file, text: item.text })),
    fixed: result.fixed.flatMap(({ source, diagnostic }) => diagnosticsOf(source, [diagnostic])),
    diagnostics: diagnosticsOf(result.fleet.source, result.fleet.diagnostics),
  };
};
