/** Diagnostics → text for people, or JSON for programs. Alone turns paths into lines and columns. */

import type { Finding } from './backends/foreign.ts';
import type { Diagnostic, Path } from './diagnostics.ts';
import type { Source } from './intent/source.ts';

/** Both count from 1; a column is a character (a code point), not a byte. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Located extends Position {
  readonly endLine: number;
  readonly endColumn: number;
}

const lineStarts = (text: string): number[] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
};

/** Works out positions in one text; keeps where its lines begin. */
export function locator({ text }: Source): (offset: number) => Position {
  const starts = lineStarts(text);
  return (offset) => {
    const at = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: [...text.slice(starts[low], at)].length + 1 };
  };
}

function locate(source: Source, diagnostic: Diagnostic, at: (offset: number) => Position): Located {
  const span = source.locate(diagnostic.path, diagnostic.at);
  const [start, end] = diagnostic.offsets ?? [span.start, span.end];
  const first = at(start);
  const last = at(Math.max(end, start));
  return { ...first, endLine: last.line, endColumn: last.column };
}

/** By their places in the source, errors and warnings together. */
function inOrder(
  source: Source,
  diagnostics: readonly Diagnostic[],
): { diagnostic: Diagnostic; place: Located }[] {
  const at = locator(source);
  return diagnostics
    .map((diagnostic) => ({ diagnostic, place: locate(source, diagnostic, at) }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}

/** `file:line:column: error[code]: message`, the source line with a caret, and the way out. */
export function reportText(
  source: Source,
  diagnostics: readonly Diagnostic[],
  colour: boolean,
): string {
  const paint = painter(colour);
  const lines = source.text.split('\n');
  return inOrder(source, diagnostics)
    .map(({ diagnostic, place }) => {
      const { severity, code, message, hint, backend } = diagnostic;
      const tint = severity === 'error' ? paint.red : paint.yellow;
      const forBackend = backend === undefined ? '' : ` (${backend})`;
      const where =
        source.text === '' ? source.file : `${source.file}:${place.line}:${place.column}`;
      const head = `${paint.bold(`${visible(where)}:`)} ${tint(`${severity}[${code}]`)}: ${visible(message)}${forBackend}`;
      const frame = frameOf(lines[place.line - 1] ?? '', place, tint);
      return [head, ...frame, `  ${paint.bold('help')}: ${visible(hint)}`, ''].join('\n');
    })
    .join('\n');
}

/** Source lines longer than this are cut, around the caret. */
const WIDTH = 100;

function frameOf(
  line: string,
  { line: number, column, endLine, endColumn }: Located,
  tint: (text: string) => string,
): string[] {
  const characters = [...visible(line.replace(/\r$/, ''))];
  if (characters.length === 0 && column === 1) return [];
  const cut = Math.max(0, column - 1 - WIDTH / 2);
  const shown = characters.slice(cut, cut + WIDTH).join('');
  const width = Math.max(
    1,
    Math.min(
      (endLine === number ? endColumn : characters.length + 1) - column,
      cut + WIDTH - column + 1,
    ),
  );
  const gutter = String(number);
  // Tabs stay tabs, so that the caret stands below what it means.
  const indent = characters
    .slice(cut, column - 1)
    .map((c) => (c === '\t' ? '\t' : ' '))
    .join('');
  return [
    `  ${gutter} | ${shown}`,
    `  ${' '.repeat(gutter.length)} | ${indent}${tint('^'.repeat(width))}`,
  ];
}

/** C0 but for the tab, C1, line and paragraph separators, and what changes the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Control characters as pictures, one for one: an intent must not be able to write to a
 * terminal, nor to break a line of a log.
 */
export function visible(text: string): string {
  return text.replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0);
    if (code === 0x7f) return '\u2421';
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}

interface Painter {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
}

function painter(colour: boolean): Painter {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { red: style(31, 39), yellow: style(33, 39), bold: style(1, 22) };
}

/**
 * What was found in files that lie on a host: as diagnostics are, without a frame.
 * @param isPlain of which the way out is told elsewhere
 */
export function reportFindings(
  findings: readonly Finding[],
  colour: boolean,
  isPlain: (finding: Finding) => boolean = () => false,
): string {
  const paint = painter(colour);
  return findings
    .map((finding) => {
      const { code, severity, path, line, message, hint } = finding;
      const tint = severity === 'error' ? paint.red : paint.yellow;
      const where = line === undefined ? path : `${path}:${line}`;
      const head = `${paint.bold(`${visible(where)}:`)} ${tint(`${severity}[${code}]`)}: ${visible(message)}\n`;
      return isPlain(finding) ? head : `${head}  ${paint.bold('help')}: ${visible(hint)}\n`;
    })
    .join('');
}

/** Diagnostics of an intent as findings in its file. */
export const locatedFindings = (
  source: Source,
  diagnostics: readonly Diagnostic[],
): (Finding & Located)[] =>
  inOrder(source, diagnostics).map(({ diagnostic, place }) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    hint: diagnostic.hint,
    path: source.file,
    ...place,
  }));

/** `[{code, severity, message, hint, file, line, column, endLine, endColumn, path, backend?}]`. */
export function reportJson(source: Source, diagnostics: readonly Diagnostic[]): string {
  const found = inOrder(source, diagnostics).map(({ diagnostic, place }) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    hint: diagnostic.hint,
    file: source.file,
    ...place,
    path: diagnostic.path,
    ...(diagnostic.backend !== undefined && { backend: diagnostic.backend }),
  }));
  return jsonText(found);
}

/** JSON for standard output: also what JSON leaves as it is, and a terminal acts upon, is escaped. */
export function jsonText(value: unknown): string {
  const escaped = (char: string): string =>
    `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value, null, 2).replace(JSON_CONTROLS, escaped)}\n`;
}

const JSON_CONTROLS = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** `file:line`, for `explain`. */
export function placeOf(
  source: Source,
  path: Path,
  at: (offset: number) => Position,
): { file: string; line: number } {
  return { file: source.file, line: at(source.locate(path).start).line };
}
