/** `check`: how a tree differs from the rendered files, and what conflicts with them there. */
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { checkTree } from '../install/check.ts';
import { isFixedByInstall, isStuck } from '../install/differences.ts';
import { defaultLinksOf, leftBare } from '../install/left-bare.ts';
import type { Source } from '../intent/source.ts';
import {
  type DocumentHost,
  diagnosticsOf,
  documentText,
  findingsOf,
  hostKey,
} from '../report/output.ts';
import { checkDocument } from '../report/outputs/check.ts';
import { sarif } from '../report/sarif.ts';
import { jsonText, locatedFindings, reportFindings, visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { quote } from '../view/shell.ts';
import { conflictsAround } from './around.ts';
import type { CommandLine } from './command-line.ts';
import { backendNamed, layOut } from './layout.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** @throws SystemError where the tree cannot be read */
export function check(
  system: System,
  line: CommandLine,
  compilation: Compilation,
  diagnostics: readonly Diagnostic[],
  version: string,
): ExitStatus {
  const { sets, model, source } = compilation;
  const root = line.root ?? line.output ?? '/';
  const layouts = layOut(line, sets ?? []);
  if (layouts.length === 0 || !model) throw new Error('nothing to check');
  const top = system.openExisting(root);
  try {
    const checked = layouts.map(({ set, base, placements }): CheckedSet => {
      const backend = backendNamed(set.backend);
      const { differences, conflicts, patch } = checkTree(
        top,
        { backend, model, files: set.files, base, placements },
        { shown: root, ignoreRights: line.noMode },
      );
      const around =
        line.output === undefined ? [] : conflictsAround(system, line.output, [backend], model);
      const lost =
        top && root === '/' && backend.scope === 'host' ? leftBare(model, defaultLinksOf(top)) : [];
      const findings = [...differences, ...around, ...conflicts, ...lost];
      return { backend: set.backend, findings, differences, patch };
    });
    const findings = checked.flatMap((one) => one.findings);
    const fix = fixCommand(
      line,
      root,
      checked.flatMap((one) => one.differences),
      model.backends.length > 0 ? [] : checked.map(({ backend }) => backend),
    );
    const count = layouts.reduce((sum, { placements }) => sum + placements.length, 0);
    return writeOutcome(system, line, source, {
      findings,
      hosts: [checkedHost(model.host, checked)],
      diagnostics,
      fix,
      version,
      text: () => text(system, findings, checked.map(({ patch }) => patch).join(''), fix, count),
    });
  } finally {
    top?.close();
  }
}

/** What was found of the files of one back end. */
export interface CheckedSet {
  readonly backend: string;
  readonly findings: readonly Finding[];
  /** Of those: differences of generated files, which an installation fixes. */
  readonly differences: readonly Finding[];
  readonly patch: string;
}

/** What a check has found. */
export interface Outcome {
  /** With their paths below the directory that was checked. */
  readonly findings: readonly Finding[];
  readonly hosts: readonly DocumentHost<typeof checkDocument>[];
  readonly diagnostics: readonly Diagnostic[];
  /** The command that fixes it, if there is one. */
  readonly fix: string | undefined;
  /** The program's own, for SARIF. */
  readonly version: string;
  readonly text: () => string;
}

/** Writes what was found in the format of the command line. @returns the exit status */
export function writeOutcome(
  system: System,
  line: CommandLine,
  source: Source,
  { findings, hosts, diagnostics, fix, version, text: asText }: Outcome,
): ExitStatus {
  if (line.format === 'sarif') {
    const all = [...locatedFindings(source, diagnostics), ...findings];
    system.stdout.write(jsonText(sarif(all, version)));
  } else if (line.format === 'json') {
    const document = { hosts, diagnostics: diagnosticsOf(source, diagnostics) };
    system.stdout.write(
      documentText(checkDocument, { ...document, ...(fix !== undefined && { fix }) }),
    );
  } else {
    system.stdout.write(asText());
  }
  const isBad = ({ severity }: Finding): boolean =>
    severity === 'error' || (line.strict && severity === 'warning');
  return findings.some(isBad) ? EXIT.difference : EXIT.done;
}

/** One host of the JSON document. */
export const checkedHost = (
  host: string,
  sets: readonly Omit<CheckedSet, 'differences'>[],
): DocumentHost<typeof checkDocument> => ({
  host: hostKey(host),
  findings: findingsOf(sets.flatMap(({ findings }) => findings)),
  patches: sets.flatMap(({ backend, patch }) => (patch === '' ? [] : [{ backend, patch }])),
});

function text(
  system: System,
  findings: readonly Finding[],
  patch: string,
  fix: string | undefined,
  count: number,
): string {
  const parts = [reportFindings(findings, colourful(system, system.stdout), isFixedByInstall)];
  if (patch !== '') parts.push(patch.split('\n').map(visible).join('\n'));
  if (fix !== undefined) parts.push(`To fix it:\n\n${visible(fix)}\n`);
  else parts.push(`Up to date (${count} files).\n`);
  return parts.filter((part) => part !== '').join('\n');
}

/**
 * The command that brings the tree up to date; undefined if it is, or if no single command can.
 * @param found differences of generated files only: the files of others are never overwritten
 * @param installed back ends that neither the command line nor the intent names
 */
export function fixCommand(
  line: CommandLine,
  root: string,
  found: readonly Finding[],
  installed: readonly string[] = [],
): string | undefined {
  // An installation changes nothing that is only a warning.
  const wrong = found.filter(({ severity }) => severity === 'error');
  if (wrong.length === 0) return undefined;
  const words = [
    ...line.intents,
    ...line.hosts.flatMap((host) => ['--host', host]),
    ...(line.backends.length > 0 ? line.backends : installed).flatMap((backend) => [
      '--backend',
      backend,
    ]),
    ...(line.renderer === undefined ? [] : ['--renderer', line.renderer]),
    ...(line.target === undefined
      ? []
      : ['--target', line.target === 'host' ? 'host' : line.target.name]),
    ...(line.output === undefined ? ['--root', root] : ['--output', line.output]),
    // A person has to look first: files that were not generated need `--force`. `/` keeps them by
    // default.
    ...(wrong.every(isFixedByInstall) ? [] : root === '/' ? ['--force'] : ['--force', '--backup']),
  ];
  return found.some(isStuck) ? undefined : `macvtap-render ${words.map(quote).join(' ')}`;
}
