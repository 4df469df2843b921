/** `explain` of an intent: every line of every file, and why it is there. */
import type { Fleet } from '../compile-fleet.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { explain, explainText } from '../explain/lines.ts';
import { diagnosticsOf, documentText, hostKey } from '../report/output.ts';
import { explainDocument } from '../report/outputs/explain.ts';
import type { System } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { oneHost } from './hosts.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** @throws UsageError for text about several hosts */
export function explainHosts(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  diagnostics: readonly Diagnostic[],
): ExitStatus {
  if (line.format === 'json') {
    system.stdout.write(
      documentText(explainDocument, {
        hosts: fleet.hosts.map(({ host, source, sets = [] }) => ({
          host: hostKey(host),
          files: sets.flatMap(({ backend, files }) =>
            explain(source, files).map((file) => ({ backend, ...file })),
          ),
        })),
        diagnostics: diagnosticsOf(fleet.source, diagnostics),
      }),
    );
    return EXIT.done;
  }
  const one = oneHost(line, fleet);
  if (!one?.sets) throw new UsageError('`explain` takes one host of a fleet: `--host NAME`');
  const files = one.sets.flatMap((set) => set.files);
  system.stdout.write(explainText(one.source, files));
  return EXIT.done;
}
