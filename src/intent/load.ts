/** Finds the intent and reads its text. What is wrong with the file itself is a diagnostic, too. */
import { type Diagnostic, type DiagnosticCode, diagnostic } from '../diagnostics.ts';
import { type System, SystemError, type SystemErrorKind } from '../system.ts';
import { MAX_BYTES } from './parse.ts';
import { plainSource, type Source } from './source.ts';

/** The places where an intent is looked for, in each folder. */
export const SEARCH_PLACES = [
  'macvtap.yaml',
  'macvtap.yml',
  'macvtap.json',
  '.config/macvtap.yaml',
];

export type Loaded =
  | { readonly file: string; readonly text: string }
  | { readonly source: Source; readonly diagnostics: readonly Diagnostic[] };

const CODE_OF: Partial<Record<SystemErrorKind, DiagnosticCode>> = {
  'not-utf8': 'not-utf8',
  'too-large': 'too-large',
  'is-directory': 'intent-is-directory',
  'not-found': 'intent-not-found',
  'not-directory': 'intent-not-found',
};

/**
 * @param path a file, `-` for standard input, or undefined: to be searched for
 * @throws SystemError where the file is there and cannot be read
 */
export async function load(system: System, path: string | undefined): Promise<Loaded> {
  const found = path ?? (await system.search(SEARCH_PLACES));
  if (found === undefined) {
    return failed('macvtap.yaml', 'intent-not-found', 'There is no intent here, nor further up.', {
      hint: `Name a file, or - for standard input; looked for: ${SEARCH_PLACES.join(', ')}.`,
    });
  }
  const file = found === '-' ? '<stdin>' : found;
  try {
    return { file, text: system.readText(found, MAX_BYTES) };
  } catch (error) {
    return refused(file, error);
  }
}

/** An intent as it was at a git revision: `main`, `macvtap.yaml`. */
export async function loadRevision(
  system: System,
  revision: string,
  path: string,
): Promise<Loaded> {
  const file = `${revision}:${path}`;
  try {
    return { file, text: await system.readRevision(revision, path, MAX_BYTES) };
  } catch (error) {
    return refused(file, error);
  }
}

function refused(file: string, error: unknown): Loaded {
  const code = error instanceof SystemError ? CODE_OF[error.kind] : undefined;
  if (code === undefined || !(error instanceof SystemError)) throw error;
  return failed(file, code, `The file ${error.message}.`);
}

const failed = (
  file: string,
  code: DiagnosticCode,
  message: string,
  extra: { hint?: string } = {},
): Loaded => ({
  source: plainSource(file, ''),
  diagnostics: [diagnostic(code, [], message, extra)],
});
