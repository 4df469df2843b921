/** What the `yaml` package finds wrong with a text → diagnostics. */
import type { CST } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import type { Fix } from '../diagnostics/fix.ts';

/** What the package reports: a message, and the place of it. */
export interface Problem {
  readonly message: string;
  readonly pos: readonly [start: number, end: number];
}

/** So many are kept: a faulty text may have one at each character. */
export const MOST_PROBLEMS = 10_000;

/**
 * In the place of the package's own, which makes an `Error` of each, with the calls that led to it:
 * a kilobyte, and as long as it takes to compose ten values.
 */
export const collectorOf =
  (problems: Problem[]) =>
  (at: number | [number, number] | CST.Token, _code: string, message: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ message, pos: placeOf(at) });
  };

function placeOf(at: number | [number, number] | CST.Token): [number, number] {
  if (typeof at === 'number') return [at, at + 1];
  if (Array.isArray(at)) return at;
  return [at.offset, at.offset + ('source' in at ? at.source.length : 1)];
}

export const syntaxProblem = ({ message, pos: [start, end] }: Problem, last: number): Diagnostic =>
  diagnostic('yaml-syntax', [], sentence(message), {
    offsets: [Math.min(start, last), Math.min(end, last)],
  });

const sentence = (message: string): string => {
  const line = message.split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
};

/** @param isSame whether its value is that of the first one */
export const duplicateKey = (
  path: Path,
  key: string,
  place: Pick<Diagnostic, 'offsets'>,
  isSame: boolean,
): Diagnostic =>
  diagnostic('duplicate-key', path, `Duplicate key \`${key}\`.`, {
    at: 'key',
    ...place,
    ...(isSame && { fix: REMOVE_SECOND }),
  });

/** Right wherever an alias uses the mapping. */
const REMOVE_SECOND: Fix = {
  message: 'Remove this key, which has the value of the first one.',
  change: { kind: 'remove-entry' },
};
