/** `lint`: errors, warnings and notes alone. */
import type { Fleet } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { textFixOf } from '../intent/edits.ts';
import { type DocumentHost, diagnosticsOf, documentText, hostKey } from '../report/output.ts';
import { lintDocument } from '../report/outputs/lint.ts';
import { counted } from '../report/text.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** The diagnostics are reported already; JSON has them, too. */
export function lint(
  system: System,
  { format }: CommandLine,
  { source, hosts, diagnostics }: Fleet,
  reported: readonly Diagnostic[],
): ExitStatus {
  if (format === 'json') {
    system.stdout.write(
      documentText(lintDocument, {
        hosts: hostsOf(hosts),
        diagnostics: diagnosticsOf(source, reported),
      }),
    );
  }
  const fixable = reported.filter((item) => textFixOf(source, item) !== undefined).length;
  if (fixable > 0) {
    const verb = fixable === 1 ? 'has' : 'have';
    system.stderr.write(`${counted(fixable)} of them ${verb} a fix: add \`--fix\`.\n`);
  }
  return hasErrors(diagnostics) ? EXIT.intent : EXIT.done;
}

/** The hosts in a document of `lint`. */
export const hostsOf = (hosts: Fleet['hosts']): DocumentHost<typeof lintDocument>[] =>
  hosts.map(({ host, sets }) => ({
    host: hostKey(host),
    valid: sets !== undefined,
    backends: (sets ?? []).map(({ backend }) => backend),
  }));
