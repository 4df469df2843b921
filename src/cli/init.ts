/** `init`: an intent from this host, or from copies of the files of others. */
import { type Adoption, adopt, adoptWatches } from '../adopt/adopt.ts';
import { documentOf, nameIn } from '../adopt/document.ts';
import { fleetText } from '../adopt/fleet.ts';
import { intentText } from '../adopt/text.ts';
import type { Branch } from '../adopt/tree.ts';
import { surveyAll } from '../install/survey-all.ts';
import { readContainers } from '../kernel/containers.ts';
import { readKernel } from '../kernel/read.ts';
import { documentText, findingsOf } from '../report/output.ts';
import { initDocument } from '../report/outputs/init.ts';
import { reportFindings, visible } from '../report/text.ts';
import { type System, SystemError } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** A limit for a file that is written by hand. */
const MOST_COMPOSE = 1024 * 1024;

/** @throws SystemError where the tree or the file to write is refused */
export function init(system: System, line: CommandLine): ExitStatus {
  const roots = [line.root ?? '/', ...line.intents];
  const adopted = roots.map((root) => ({
    root,
    adoption: adoptHost(system, line, root, roots.length > 1),
  }));
  for (const { root, adoption } of adopted) {
    const shown = adoption.findings.filter(
      ({ severity }) => line.format !== 'json' || severity === 'error',
    );
    const text = reportFindings(shown, colourful(system));
    if (text !== '') system.stderr.write(roots.length > 1 ? `${visible(root)}:\n${text}` : text);
  }
  if (line.format === 'json') {
    const hosts = adopted.map(({ adoption }) => hostDocument(adoption));
    system.stdout.write(documentText(initDocument, { hosts, diagnostics: [] }));
  }
  const intents = adopted.flatMap(({ adoption }) =>
    adoption.intent ? [{ ...adoption, intent: adoption.intent }] : [],
  );
  if (intents.length < adopted.length) return EXIT.system;
  const text = textOf(intents);
  if (line.write !== undefined) writeNew(system, line.write, text);
  else if (line.format !== 'json') system.stdout.write(text);
  return EXIT.done;
}

/** One host, or a fleet. @throws UsageError where two have one name */
function textOf(intents: readonly (Adoption & { readonly intent: Branch })[]): string {
  const [only, ...more] = intents;
  if (only && more.length === 0) return intentText(only);
  const hosts = intents.map((adoption) => ({ name: nameIn(adoption.intent) ?? '', adoption }));
  const doubled = hosts.find(
    ({ name }, index) => hosts.findIndex((other) => other.name === name) < index,
  );
  if (doubled)
    throw new UsageError(
      `two of these hosts have the name \`${doubled.name}\`: rename the folder of one, or its /etc/hostname`,
    );
  return fleetText(hosts);
}

/** Reads a host; the running one is asked, too. */
function adoptHost(system: System, line: CommandLine, root: string, isFleet: boolean): Adoption {
  const top = system.openExisting(root);
  if (!top) throw new SystemError('not-found', root, 'no such directory');
  if (line.hosts.length > (isFleet ? 0 : 1))
    throw new UsageError('`init` takes one `--host NAME`, for one host');
  const [host] = line.hosts;
  try {
    const refused = new Set<string>();
    const files = surveyAll(top, { steps: [] }, adoptWatches, (folder) => refused.add(folder));
    return adopt(files, {
      ...(line.parent !== undefined && { parent: line.parent }),
      ...(line.shim !== undefined && { shim: line.shim }),
      ...(line.keepParent && { keepParent: { addresses: line.addresses, ranges: line.ranges } }),
      newMac: line.newMac,
      compose: line.compose.map((path) => ({ path, text: system.readText(path, MOST_COMPOSE) })),
      ...(host !== undefined && { host }),
      refused: [...refused],
      ...(top.isRoot() && {
        kernel: readKernel(system, 'none'),
        containers: readContainers(system),
      }),
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
