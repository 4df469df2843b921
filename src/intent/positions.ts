/** Paths and offsets → files, lines and columns. Alone knows how places are counted. */
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import { lastNotAfter, type Source, type SourceFile } from './source.ts';

/** Line and column count from 1; a column is a character (a code point), not a byte. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Located extends Position {
  readonly endLine: number;
  readonly endColumn: number;
}

/** A file whose lines have been counted. */
interface Counted extends SourceFile {
  /** Where its lines begin, in its text. */
  readonly starts: readonly number[];
  /** Where characters begin that take two UTF-16 units, in its text. */
  readonly pairs: readonly number[];
}

/** Answers where an offset is. */
export interface Locator {
  at(offset: number): Position;
  /** What surrounds an offset in its line. */
  windowAt(offset: number, before: number, width: number): Window;
}

/** A piece of a line: an intent may be one line of many megabytes. */
export interface Window {
  /** So many characters before the offset, fewer at the beginning of the line. */
  readonly before: readonly string[];
  /** From the offset on, to the end of the line or until the window is full. */
  readonly after: readonly string[];
}

/** Files whose lines have been counted: the hosts of a fleet share theirs. */
const known = new WeakMap<SourceFile, Counted>();

export function locator({ files }: Source): Locator {
  const fileAt = (offset: number): Counted => {
    const file = files[lastNotAfter(files.length, offset, (index) => files[index]?.start ?? 0)];
    if (!file) throw new Error('a source has files');
    const counted = known.get(file) ?? countedOf(file);
    known.set(file, counted);
    return counted;
  };
  const lineOf = ({ starts, start }: Counted, offset: number): number =>
    lastNotAfter(starts.length, offset - start, (index) => starts[index] ?? 0);
  const within = ({ start, text }: Counted, offset: number): number =>
    Math.max(0, Math.min(offset - start, text.length));
  return {
    at(offset) {
      const file = fileAt(offset);
      const line = lineOf(file, offset);
      const column = charactersBetween(file, file.starts[line] ?? 0, within(file, offset)) + 1;
      return { file: file.file, line: line + 1, column };
    },
    windowAt(offset, before, width) {
      const file = fileAt(offset);
      const line = lineOf(file, offset);
      const first = file.starts[line] ?? 0;
      const next = file.starts[line + 1];
      const end = next === undefined ? file.text.length : next - 1;
      const last = file.text[end - 1] === '\r' && end > first ? end - 1 : end;
      const at = Math.min(within(file, offset), last);
      // A character takes two units at most; what is cut in half at an end is one too many.
      const left = [...file.text.slice(Math.max(first, at - 2 * before - 1), at)].slice(-before);
      const room = width - left.length;
      return {
        before: left,
        after: [...file.text.slice(at, Math.min(last, at + 2 * room + 1))].slice(0, room),
      };
    },
  };
}

function countedOf(file: SourceFile): Counted {
  const pairs = [...file.text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)].map(
    ({ index }) => index,
  );
  return { ...file, starts: lineStarts(file.text), pairs };
}

/** Characters (code points) between two places of a text, without walking over what is between. */
function charactersBetween({ pairs }: Counted, from: number, to: number): number {
  // A pair counts once it lies before the place with both of its units.
  const until = (place: number): number =>
    pairs.length === 0 || (pairs[0] ?? 0) > place - 2
      ? 0
      : lastNotAfter(pairs.length, place - 2, (index) => pairs[index] ?? 0) + 1;
  return to - from - (until(to) - until(from));
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** First and last offset of what a diagnostic is about. */
export function rangeOf(
  source: Source,
  { path, at, offsets }: Diagnostic,
): readonly [number, number] {
  if (offsets) return offsets;
  const { start, end } = source.locate(path, at);
  return [start, end];
}

/** A diagnostic and its place. */
export interface PlacedDiagnostic {
  readonly diagnostic: Diagnostic;
  readonly place: Located;
  /** What of its source line is shown. */
  readonly window: Window;
}

/** Source lines longer than this are cut, around the caret. */
const WIDTH = 100;

/** By their places in the source, errors and warnings together. */
export function inOrder(source: Source, diagnostics: readonly Diagnostic[]): PlacedDiagnostic[] {
  const { at, windowAt } = locator(source);
  const sorted = diagnostics
    .map((diagnostic) => ({ diagnostic, range: rangeOf(source, diagnostic) }))
    .sort((a, b) => a.range[0] - b.range[0]);
  return bounded(sorted).map(({ diagnostic, range: [start, end] }) => {
    const { line: endLine, column: endColumn } = at(Math.max(start, end));
    const window = windowAt(start, WIDTH / 2, WIDTH);
    return { diagnostic, place: { ...at(start), endLine, endColumn }, window };
  });
}

/** So many are reported at once: nobody reads more, and no string holds millions. */
export const MOST_DIAGNOSTICS = 10_000;

interface Ranged {
  readonly diagnostic: Diagnostic;
  readonly range: readonly [number, number];
}

/** The first of them, errors before others where there are more, and how many are left out. */
function bounded(sorted: readonly Ranged[]): readonly Ranged[] {
  if (sorted.length <= MOST_DIAGNOSTICS) return sorted;
  const errors = sorted.filter(({ diagnostic: { severity } }) => severity === 'error');
  const shown = (errors.length < MOST_DIAGNOSTICS ? sorted : errors).slice(0, MOST_DIAGNOSTICS);
  const left = sorted.length - shown.length;
  const message =
    left === 1
      ? '1 more diagnostic is not reported.'
      : `${left} more diagnostics are not reported.`;
  const { range } = shown.at(-1) ?? { range: [0, 0] as const };
  return [...shown, { diagnostic: diagnostic('too-many-diagnostics', [], message), range }];
}

/** `file:line`, for `explain` and the origins of files. */
export function placeOf(
  source: Source,
  path: Path,
  { at }: Locator,
): { readonly file: string; readonly line: number } {
  const { file, line } = at(source.locate(path).start);
  return { file, line };
}
