/** Diagnostics → text for people, or JSON for programs. */

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { visible, visibleJson } from '../diagnostics/visible.ts';
import { inOrder, type Located, type Window } from '../intent/positions.ts';
import type { Source } from '../intent/source.ts';

export { visible };

/** `file:line:column: error[code]: message`, the source line with a caret, and the fix. */
export function reportText(
  source: Source,
  diagnostics: readonly Diagnostic[],
  colour: boolean,
): string {
  const paint = painter(colour);
  const isNothing = source.files.every(({ text }) => text === '');
  return inOrder(source, diagnostics)
    .map(({ diagnostic, place, window }) => {
      const { severity, code, message, hint } = diagnostic;
      const tint = severity === 'error' ? paint.red : paint.yellow;
      const where = isNothing ? place.file : `${place.file}:${place.line}:${place.column}`;
      const head = `${paint.bold(`${visible(where)}:`)} ${tint(`${severity}[${code}]`)}: ${visible(message)}${concerned(diagnostic)}`;
      const frame = frameOf(window, place, tint);
      return [head, ...frame, `  ${paint.bold('help')}: ${visible(hint)}`, ''].join('\n');
    })
    .join('\n');
}

/** The hosts and the back end that it concerns; empty if not specific. */
function concerned({ hosts, backend }: Diagnostic): string {
  const parts = [...(hosts ? [hostList(hosts)] : []), ...(backend === undefined ? [] : [backend])];
  return parts.length === 0 ? '' : visible(` (${parts.join('; ')})`);
}

/** How many hosts are named before `and … more`. */
const NAMED = 3;

/** `kvm1, kvm2, kvm3 and 9,997 more`. */
export function hostList(hosts: readonly string[]): string {
  if (hosts.length <= NAMED + 1) return hosts.join(', ');
  return `${hosts.slice(0, NAMED).join(', ')} and ${counted(hosts.length - NAMED)} more`;
}

/** `10,000`. */
export const counted = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** A count with its noun, as `2 errors`. */
export const plural = (count: number, word: string): string =>
  `${counted(count)} ${word}${count === 1 ? '' : 's'}`;

function frameOf(
  { before, after }: Window,
  { line: number, column, endLine, endColumn }: Located,
  tint: (text: string) => string,
): string[] {
  if (before.length + after.length === 0 && column === 1) return [];
  const length = endLine === number ? endColumn - column : after.length;
  const meant = after.slice(0, Math.max(1, length)).map(visible).join('');
  const gutter = String(number);
  // Tabs stay tabs, so that the caret is below its text.
  const indent = before.map(visible).join('').replace(/[^\t]/gu, ' ');
  return [
    `  ${gutter} | ${before.map(visible).join('')}${after.map(visible).join('')}`,
    `  ${' '.repeat(gutter.length)} | ${indent}${tint('^'.repeat(Math.max(1, [...meant].length)))}`,
  ];
}

export interface Painter {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function painter(colour: boolean): Painter {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { red: style(31, 39), yellow: style(33, 39), bold: style(1, 22) };
}

/**
 * Findings in files of a host: like diagnostics, without the source line.
 * @param isPlain findings whose fix is printed elsewhere
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
): (Finding & Omit<Located, 'file'>)[] =>
  inOrder(source, diagnostics).map(({ diagnostic, place }) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: visible(diagnostic.message),
    hint: visible(diagnostic.hint),
    path: place.file,
    line: place.line,
    column: place.column,
    endLine: place.endLine,
    endColumn: place.endColumn,
  }));

/** JSON for standard output: characters that control a terminal are escaped even where JSON allows them. */
export const jsonText = (value: unknown): string =>
  visibleJson(`${JSON.stringify(value, null, 2)}\n`);
