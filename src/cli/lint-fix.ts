/** `lint --fix`: fixes the files of the intent, and reports what is left. */
import { patchOf } from '../changes/patch.ts';
import type { Fleet, FleetOptions } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { type FixedTexts, fixTexts, type TriedFix } from '../fix-texts.ts';
import type { IntentText } from '../intent/fleet.ts';
import { inOrder } from '../intent/positions.ts';
import { diagnosticsOf, documentText } from '../report/output.ts';
import { lintDocument } from '../report/outputs/lint.ts';
import { counted, painter, visible } from '../report/text.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { checkNames } from './hosts.ts';
import { hostsOf } from './lint.ts';
import { rewriteFiles } from './rewrite.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/**
 * @param report prints the diagnostics that are left, and returns them
 * @throws UsageError for a host that is unknown; SystemError where a file cannot be written, or is not what was read
 */
export function lintFix(
  system: System,
  line: CommandLine,
  texts: readonly IntentText[],
  options: FleetOptions,
  report: (fleet: Fleet) => readonly Diagnostic[],
): ExitStatus {
  const codes: ReadonlySet<string> = new Set(line.only);
  const only = ({ code }: Diagnostic): boolean => codes.size === 0 || codes.has(code);
  const result = fixTexts(texts, { ...options, only });
  checkNames(line, result.fleet);
  const changes = texts.flatMap(({ file, text: before }, index) => {
    const after = result.texts[index]?.text ?? before;
    return after === before ? [] : [{ file, before, after }];
  });
  const isInput = line.intents.includes('-');
  if (!line.dryRun && !isInput) rewriteFiles(system, changes);
  const left = report(result.fleet);
  reportFixes(system, line, result, left, changes.length);
  if (line.format === 'json') system.stdout.write(documentOf(result, left, changes));
  else if (line.dryRun) system.stdout.write(patchText(changes));
  else if (isInput) system.stdout.write(result.texts.map(({ text }) => text).join(''));
  return hasErrors(result.fleet.diagnostics) ? EXIT.intent : EXIT.done;
}

/** A file of the intent that is fixed. */
interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

const patchText = (changes: readonly Change[]): string =>
  patchOf(changes.map(({ file, before, after }) => ({ path: file, before, after })));

function documentOf(
  { fleet, fixed }: FixedTexts,
  left: readonly Diagnostic[],
  changes: readonly Change[],
): string {
  return documentText(lintDocument, {
    hosts: hostsOf(fleet.hosts),
    diagnostics: diagnosticsOf(fleet.source, left),
    fixed: fixed.flatMap(({ source, diagnostic }) => diagnosticsOf(source, [diagnostic])),
    patch: patchText(changes),
  });
}

function reportFixes(
  system: System,
  { dryRun }: CommandLine,
  { fixed, refused, untried }: FixedTexts,
  left: readonly Diagnostic[],
  files: number,
): void {
  const paint = painter(colourful(system));
  const row = (tried: TriedFix, word: string, rest: string): void => {
    const head = `${paint.bold(`${visible(placeText(tried))}:`)} ${word}[${tried.diagnostic.code}]`;
    system.stderr.write(`${head}: ${visible(tried.message)}${rest}\n`);
  };
  for (const tried of fixed) row(tried, dryRun ? 'to fix' : 'fixed', '');
  for (const { error, ...tried } of refused) {
    row(tried, 'not fixed', ` Leads to error[${error.code}]: ${visible(error.message)}`);
  }
  for (const tried of untried)
    row(tried, 'not fixed', ' Leads to another error together with other fixes.');
  system.stderr.write(notApplied(refused.length, untried.length));
  const count = `${counted(fixed.length)} ${fixed.length === 1 ? 'problem' : 'problems'}`;
  const where = `${counted(files)} ${files === 1 ? 'file' : 'files'}`;
  const isRight =
    refused.length + untried.length === 0 && left.every(({ severity }) => severity === 'note');
  if (fixed.length === 0) system.stderr.write(isRight ? 'Nothing to fix.\n' : 'Nothing fixed.\n');
  else system.stderr.write(`${dryRun ? 'Would fix' : 'Fixed'} ${count} in ${where}.\n`);
}

/** How many fixes were left out, and why. */
function notApplied(refused: number, untried: number): string {
  const fixes = (count: number): string => `${counted(count)} ${count === 1 ? 'fix' : 'fixes'}`;
  const lines = [
    ...(refused > 0
      ? [`${fixes(refused)} not applied: ${refused === 1 ? 'it' : 'each'} leads to another error.`]
      : []),
    ...(untried > 0
      ? [
          `${fixes(untried)} not tried separately: together with others, they lead to another error. Fix the errors above, and run the command again.`,
        ]
      : []),
  ];
  return lines.map((text) => `${text}\n`).join('');
}

function placeText({ source, diagnostic }: TriedFix): string {
  const [placed] = inOrder(source, [diagnostic]);
  return placed ? `${placed.place.file}:${placed.place.line}:${placed.place.column}` : '';
}
