/** Diagnostics on standard error, and the refusal of an intent that has errors. */
import type { Fleet } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { diagnosticsOf, refusal } from '../report/output.ts';
import { sarif } from '../report/sarif.ts';
import {
  counted,
  hostList,
  jsonText,
  locatedFindings,
  plural,
  reportText,
  visible,
} from '../report/text.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** Back ends of the intent that have no place in what the command writes. */
export function reportLeftOut(system: System, line: CommandLine, ids: readonly string[]): void {
  if (ids.length === 0 || line.command !== 'render') return;
  const list = ids.map((id) => `\`${id}\``).join(', ');
  system.stderr.write(
    `Not included: ${list}, which the intent names too; \`--backend\` renders it alone.\n`,
  );
}

/** Reports the errors; nothing is done. */
export function refuse(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  reported: readonly Diagnostic[],
  version: string,
  isBroken: boolean,
): ExitStatus {
  if (line.keepGoing && isBroken && fleet.isFleet) {
    system.stderr.write(
      'Nothing written: the error is not specific to one host, so `--keep-going` does not apply.\n',
    );
  }
  if (line.format === 'sarif') {
    system.stdout.write(jsonText(sarif(locatedFindings(fleet.source, reported), version)));
  } else if (line.format === 'json') {
    system.stdout.write(refusal(line.command, diagnosticsOf(fleet.source, reported)));
  }
  return EXIT.intent;
}

/** Reports diagnostics. @returns those that it reported */
export function report(system: System, line: CommandLine, fleet: Fleet): readonly Diagnostic[] {
  const { source, hostsWithErrors: othersAtFault } = fleet;
  // Notes are for `lint`.
  const diagnostics = fleet.diagnostics.filter(
    ({ severity }) => severity !== 'note' || line.command === 'lint',
  );
  if (diagnostics.length > 0) {
    system.stderr.write(reportText(source, diagnostics, colourful(system)));
    if (hasErrors(diagnostics)) {
      const nothing = line.command === 'render' && !line.keepGoing ? 'Nothing was written: ' : '';
      system.stderr.write(`\n${nothing}${summary(fleet, diagnostics)}\n`);
    }
  }
  if (othersAtFault.length > 0) {
    const what = othersAtFault.length === 1 ? 'Another host has' : 'Other hosts have';
    system.stderr.write(
      `${what} errors that are not reported here: ${visible(hostList(othersAtFault))}.\n`,
    );
  }
  return diagnostics;
}

function summary({ isFleet, names }: Fleet, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length;
  const count = [
    plural(errors.length, 'error'),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(', ');
  if (!isFleet) return `${count}.`;
  const atFault = new Set(errors.flatMap(({ hosts = [] }) => hosts));
  if (atFault.size === 0) return `${count}.`;
  return `${count}, in ${counted(atFault.size)} of ${counted(names.length)} hosts.`;
}
