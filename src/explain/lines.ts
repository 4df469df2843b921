/** Every line of every file, and why it is there. */

import type { Path } from '../diagnostics/diagnostic.ts';
import { type Locator, locator, placeOf } from '../intent/positions.ts';
import type { Source } from '../intent/source.ts';
import { visible } from '../report/text.ts';
import { octal } from '../view/octal.ts';
import type { Entry, RenderedFile } from '../view/rendered.ts';
import { isStructure } from '../view/structure.ts';
import { markedLines } from '../view/template.ts';

/** One file, explained. */
export interface ExplainedFile {
  /** Absolute, on the target. */
  readonly path: string;
  readonly lines: readonly ExplainedLine[];
}

export interface ExplainedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly reason: string;
  readonly authority: string;
  /** Where in the intent it comes from. */
  readonly origin: { readonly file: string; readonly line: number; readonly path: Path };
}

/** @throws Error for a line without a reason: a template prints what is in no view */
export function explain(source: Source, files: readonly RenderedFile[]): ExplainedFile[] {
  const at = locator(source);
  return files.map((file) => ({ path: file.path, lines: explainFile(source, file, at) }));
}

function explainFile(source: Source, file: RenderedFile, at: Locator): ExplainedLine[] {
  return markedLines(file).map(({ text, entries }, index) => {
    const reasons = reasonsFor(text, entries, file);
    const distinct = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
    const path = reasons[0]?.origin ?? [];
    return {
      line: index + 1,
      text,
      reason: distinct(reasons.map(({ why }) => why)),
      authority: distinct(reasons.map(({ authority }) => authority)),
      origin: { ...placeOf(source, path, at), path },
    };
  });
}

/** For people: each line, and below it its reason, its place in the intent, and the authority. */
export function explainText(source: Source, files: readonly RenderedFile[]): string {
  const at = locator(source);
  return files
    .map((file) => {
      const lines = explainFile(source, file, at);
      const width = String(lines.length).length;
      const margin = ' '.repeat(width + 6);
      const body = lines.flatMap(({ line, text, reason, origin, authority }) => {
        const printed = `${String(line).padStart(width + 2)}  ${text}`.trimEnd();
        // Structure is explained once, at the head of the file.
        if (isStructure(text) && reason === file.about.why) return [printed];
        return [
          printed,
          `${margin}${reason}`,
          `${margin}(${visible(origin.file)}:${origin.line}; ${authority})`,
        ];
      });
      const head = [
        `==> ${file.path} (${octal(file.mode)}, ${file.role})`,
        `    ${file.about.why}`,
      ];
      return [...head, ...body, ''].join('\n');
    })
    .join('\n');
}

/**
 * The entries that a line prints; for structure, the file's reason.
 * @throws Error for a line that no entry prints
 */
export function reasonsFor(
  text: string,
  entries: readonly Entry[],
  { path, about }: RenderedFile,
): readonly Entry[] {
  if (entries.length > 0) return entries;
  if (!isStructure(text)) throw new Error(`${path}: no reason for ${JSON.stringify(text)}`);
  return [about];
}
