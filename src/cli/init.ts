/** `init`: an intent from this host, or from copies of the files of others. */
import { type Adoption, adopt, adoptWatches } from '../adopt/adopt.ts';
import { documentOf } from '../adopt/document.ts';
import { intentText } from '../adopt/text.ts';
import { surveyAll } from '../install/survey-all.ts';
import { readKernel } from '../kernel/read.ts';
import { documentText, findingsOf } from '../report/output.ts';
import { initDocument } from '../report/outputs/init.ts';
import { reportFindings } from '../report/text.ts';
import { type System, SystemError } from '../system.ts';
import { type CommandLine, UsageError } from './options.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** @throws SystemError where the tree or the file to write is refused */
export function init(system: System, line: CommandLine): ExitStatus {
  const adoption = adoptHost(system, line, line.root ?? '/');
  const { findings, intent } = adoption;
  const shown = findings.filter(({ severity }) => line.format !== 'json' || severity === 'error');
  system.stderr.write(reportFindings(shown, colourful(system)));
  if (line.format === 'json') {
    system.stdout.write(
      documentText(initDocument, { hosts: [hostDocument(adoption)], diagnostics: [] }),
    );
  }
  if (!intent) return EXIT.system;
  if (line.write !== undefined) writeNew(system, line.write, intentText(adoption));
  else if (line.format !== 'json') system.stdout.write(intentText(adoption));
  return EXIT.done;
}

/** Reads a host; the running one is asked, too. */
function adoptHost(system: System, line: CommandLine, root: string): Adoption {
  const top = system.openExisting(root);
  if (!top) throw new SystemError('not-found', root, 'no such directory');
  if (line.hosts.length > 1)
    throw new UsageError('`init` takes one `--host NAME`: that of the host');
  const [host] = line.hosts;
  try {
    const files = surveyAll(top, { steps: [] }, adoptWatches);
    return adopt(files, {
      ...(line.parent !== undefined && { parent: line.parent }),
      ...(line.shim !== undefined && { shim: line.shim }),
      ...(line.keepParent && { keepParent: { addresses: line.addresses, ranges: line.ranges } }),
      newMac: line.newMac,
      ...(host !== undefined && { host }),
      ...(top.isRoot() && { kernel: readKernel(system, 'none') }),
    });
  } finally {
    top.close();
  }
}

/** A file that is not there yet, in a directory that is. */
function writeNew(system: System, path: string, text: string): void {
  const at = path.lastIndexOf('/');
  const folder = at < 0 ? '.' : path.slice(0, at) || '/';
  const directory = system.openExisting(folder);
  if (!directory) throw new SystemError('not-found', folder, 'no such directory');
  try {
    directory.create(path.slice(at + 1), 0o644, text);
  } finally {
    directory.close();
  }
}

const hostDocument = (adoption: Adoption) => ({
  ...documentOf(adoption),
  findings: findingsOf(adoption.findings),
});
