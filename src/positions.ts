/** Paths and offsets → files, lines and columns. Alone knows how places are counted. */
import type { Diagnostic, Path } from './diagnostics.ts';
import { lastNotAfter, type Source, type SourceFile } from './intent/source.ts';

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
}

/** Answers where an offset is; keeps where the lines of the files asked for begin. */
export interface Locator {
  at(offset: number): Position;
  /** The text of the line that an offset is in, without what ends it. */
  lineAt(offset: number): string;
}

export function locator({ files }: Source): Locator {
  const known = new Map<SourceFile, Counted>();
  const fileAt = (offset: number): Counted => {
    const file = files[lastNotAfter(files.length, offset, (index) => files[index]?.start ?? 0)];
    if (!file) throw new Error('a source has files');
    const counted = known.get(file) ?? { ...file, starts: lineStarts(file.text) };
    known.set(file, counted);
    return counted;
  };
  const lineOf = ({ starts, start }: Counted, offset: number): number =>
    lastNotAfter(starts.length, offset - start, (index) => starts[index] ?? 0);
  return {
    at(offset) {
      const file = fileAt(offset);
      const within = Math.max(0, Math.min(offset - file.start, file.text.length));
      const line = lineOf(file, offset);
      const column = [...file.text.slice(file.starts[line], within)].length + 1;
      return { file: file.file, line: line + 1, column };
    },
    lineAt(offset) {
      const file = fileAt(offset);
      const line = lineOf(file, offset);
      const next = file.starts[line + 1];
      return file.text.slice(file.starts[line], next === undefined ? undefined : next - 1);
    },
  };
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
  /** The source line that it is in. */
  readonly line: string;
}

/** By their places in the source, errors and warnings together. */
export function inOrder(source: Source, diagnostics: readonly Diagnostic[]): PlacedDiagnostic[] {
  const { at, lineAt } = locator(source);
  return diagnostics
    .map((diagnostic) => ({ diagnostic, range: rangeOf(source, diagnostic) }))
    .sort((a, b) => a.range[0] - b.range[0])
    .map(({ diagnostic, range: [start, end] }) => {
      const { line: endLine, column: endColumn } = at(Math.max(start, end));
      return { diagnostic, place: { ...at(start), endLine, endColumn }, line: lineAt(start) };
    });
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
