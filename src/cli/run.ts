/** The command: words → calls → exit status. Reads and writes only through its `System`. */

import { compileFleet, type Fleet, type FleetOptions } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { hostLinksAt } from '../install/host-links.ts';
import type { IntentText } from '../intent/fleet.ts';
import { load } from '../intent/load.ts';
import { diagnosticsOf, refusal } from '../report/output.ts';
import { sarif } from '../report/sarif.ts';
import {
  counted,
  hostList,
  jsonText,
  locatedFindings,
  reportText,
  visible,
} from '../report/text.ts';
import { systemNames } from '../selection.ts';
import { type System, SystemError } from '../system.ts';
import { checkChoice, choiceOf, leftOut, needsBackends } from './choice.ts';
import { checkNames, oneHost } from './hosts.ts';
import { isReference } from './option-rules.ts';
import { COMMANDS, type CommandLine, nearest, parseCommandLine, UsageError } from './options.ts';
import { type Progress, progress } from './progress.ts';
import { colourful, EXIT, type ExitStatus, printProblem } from './status.ts';
import { hostTarget, targetsHere } from './target-here.ts';

/** Runs the command; errors are reported on standard error and by the exit status. */
export async function run(system: System, version: string): Promise<ExitStatus> {
  try {
    return await dispatch(system, version);
  } catch (error) {
    try {
      return reportFailure(system, version, error);
    } catch {
      // Standard error cannot be written: only the status reports it.
      return statusOf(error);
    }
  }
}

async function dispatch(system: System, version: string): Promise<ExitStatus> {
  const line = parseCommandLine(system.args);
  if (line.help || line.command === 'help') return helpOn(system, line);
  if (line.version) {
    system.stdout.write(`macvtap-render ${version}\n`);
    return EXIT.done;
  }
  if (line.command === 'schema') {
    if (line.intents[0] === 'output') {
      const { outputJsonSchema } = await import('../report/output-schema.ts');
      system.stdout.write(outputJsonSchema());
    } else {
      const { jsonSchema } = await import('../intent/json-schema.ts');
      system.stdout.write(jsonSchema(systemNames()));
    }
    return EXIT.done;
  }
  if (line.command === 'confirm' || line.command === 'rollback') {
    const { endPending } = await import('./pending.ts');
    return endPending(system, line.command);
  }
  if (line.command === 'init') {
    const { init } = await import('./init.ts');
    return init(system, line);
  }
  if (isReference(line)) return explainWord(system, line.intents[0] ?? '');
  const target = line.target === 'host' ? await hostTarget(system) : line.target;
  const choice = await choiceOf(system, line);
  const options = {
    ...choice,
    needsBackends: needsBackends(line),
    strict: line.strict,
    ...(line.renderer && { renderer: line.renderer }),
    ...(target && { target }),
    ...hostLinksFor(system, line),
  };
  if (line.command === 'diff') {
    const { diff } = await import('./diff.ts');
    return diff(system, line, options, (fleet) => report(system, line, fleet));
  }
  const texts = await load(system, line.intents);
  if (line.fix) {
    const { lintFix } = await import('./lint-fix.ts');
    const fixOptions = { ...options, ...(line.hosts.length > 0 && { hosts: line.hosts }) };
    return lintFix(system, line, texts, fixOptions, (fixed) => report(system, line, fixed));
  }
  const fleet = compileHosts(system, line, texts, options);
  // An error in a file as a whole may affect any host, and hosts may be missing.
  const isBroken = hasErrors(fleet.diagnostics.filter(({ hosts }) => hosts === undefined));
  const isRight = !hasErrors(fleet.diagnostics) || (line.keepGoing && !isBroken);
  const reported = report(system, line, fleet);
  if (isRight) checkChoice(line, fleet);
  if (line.command === 'lint') {
    const { lint } = await import('./lint.ts');
    return lint(system, line, fleet, reported);
  }
  reportLeftOut(system, line, leftOut(fleet, choice));
  if (isRight && line.command === 'status') {
    const item = oneHost(line, fleet);
    if (!item) throw new UsageError('`status` takes one host of a fleet: `--host NAME`');
    const { hostStatus } = await import('./host-status.ts');
    return hostStatus(system, line, item, reported, async () => {
      const own = await targetsHere(system);
      return own.flatMap(
        (here) =>
          oneHost(line, compileHosts(system, line, texts, { ...options, target: here })) ?? [],
      );
    });
  }
  return isRight
    ? carryOut(system, line, fleet, reported, version)
    : refuse(system, line, fleet, reported, version, isBroken);
}

/** `help`, `help WORD`, `COMMAND --help`. @throws UsageError for a word that there is no help on */
async function helpOn(system: System, line: CommandLine): Promise<ExitStatus> {
  const { commandHelp, generalHelp } = await import('./usage.ts');
  const { guide, topicNames } = await import('../help/topics.ts');
  const [word] = line.command === 'help' ? line.intents : [];
  const requested = line.command === 'help' ? word : line.namesCommand ? line.command : undefined;
  if (requested === undefined || requested === 'help') {
    system.stdout.write(generalHelp());
    return EXIT.done;
  }
  const command = COMMANDS.find((name) => name === requested);
  const text = command
    ? commandHelp(command)
    : (guide(requested) ?? (await referenceOn(requested)));
  if (text === undefined) {
    const near = nearest(requested, [...COMMANDS, ...topicNames()]);
    throw new UsageError(
      `no command, guide, diagnostic or key \`${requested}\`${near ? `; did you mean \`${near}\`?` : ''}`,
    );
  }
  system.stdout.write(text);
  return EXIT.done;
}

async function referenceOn(word: string): Promise<string | undefined> {
  const { referencePage } = await import('../explain/reference.ts');
  return referencePage(word);
}

/** @throws UsageError for a word that is neither a diagnostic nor a key */
async function explainWord(system: System, word: string): Promise<ExitStatus> {
  const { matchingPage, nearestNames, referencePage } = await import('../explain/reference.ts');
  const page = referencePage(word) ?? matchingPage(word);
  if (page === undefined) {
    const near = nearestNames(word);
    const meant =
      near.length > 0
        ? `; did you mean ${near.map((item) => `\`${item}\``).join(' or ')}?`
        : '; to explain an intent, add its path (`./FILE`) or `--backend ID`';
    throw new UsageError(`no diagnostic or key \`${word}\`${meant}`);
  }
  system.stdout.write(page);
  return EXIT.done;
}

function compileHosts(
  system: System,
  line: CommandLine,
  texts: readonly IntentText[],
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
): Fleet {
  let bar: Progress | undefined;
  const fleet = compileFleet(texts, {
    ...options,
    ...(line.hosts.length > 0 && { hosts: line.hosts }),
    onHost: (done, all) => {
      bar ??= progress(system, 'rendering', all);
      bar.at(done);
    },
  });
  bar?.end();
  checkNames(line, fleet);
  return fleet;
}

/** Back ends of the intent that have no place in what the command writes. */
function reportLeftOut(system: System, line: CommandLine, ids: readonly string[]): void {
  if (ids.length === 0 || line.command !== 'render') return;
  const list = ids.map((id) => `\`${id}\``).join(', ');
  system.stderr.write(
    `Not included: ${list}, which the intent names too; \`--backend\` renders it alone.\n`,
  );
}

/** Reports the errors; nothing is done. */
function refuse(
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

async function carryOut(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  reported: readonly Diagnostic[],
  version: string,
): Promise<ExitStatus> {
  const isToTree = line.root !== undefined || line.output !== undefined;
  const item = oneHost(line, fleet);
  if (line.command === 'check') {
    if (!item) {
      const { checkFleet } = await import('./fleet-check.ts');
      return checkFleet(system, line, fleet, reported, version);
    }
    const { check } = await import('./check.ts');
    return check(system, line, item, reported, version);
  }
  if (line.command === 'explain') {
    const { explainHosts } = await import('./explain.ts');
    return explainHosts(system, line, fleet, reported);
  }
  if (line.command === 'apply') {
    if (!item) throw new UsageError('`apply` takes one host of a fleet: `--host NAME`');
    const { apply } = await import('./apply.ts');
    return apply(system, line, item, reported);
  }
  if (line.command === 'graph') {
    const { graph } = await import('./graph.ts');
    return graph(system, line, fleet, reported, (other) => report(system, line, other));
  }
  if (line.command === 'doctor') {
    if (!item) throw new UsageError('`doctor` takes one host of a fleet: `--host NAME`');
    const { doctor } = await import('./doctor.ts');
    return doctor(system, line, item, reported);
  }
  if (line.command === 'steps') {
    if (!item) throw new UsageError('`steps` takes one host of a fleet: `--host NAME`');
    const { steps } = await import('./steps.ts');
    return steps(system, line, item, reported);
  }
  if (line.format !== undefined || !isToTree) {
    const { pack } = await import('./pack.ts');
    return pack(system, line, fleet, reported);
  }
  if (!item) {
    const { installFleet } = await import('./fleet-install.ts');
    return installFleet(system, line, fleet);
  }
  const { install } = await import('./install.ts');
  return install(system, line, item);
}

/** Commands that act on a host read there what the intent leaves to others. */
function hostLinksFor(system: System, line: CommandLine): Pick<FleetOptions, 'hostLinks'> {
  const isOfHost = ['check', 'status', 'apply', 'doctor', 'steps'].includes(line.command);
  const root = line.root ?? (isOfHost && line.output === undefined ? '/' : undefined);
  if (root === undefined) return {};
  return { hostLinks: hostLinksAt(system, root) };
}

/** Reports diagnostics. @returns those that it reported */
function report(system: System, line: CommandLine, fleet: Fleet): readonly Diagnostic[] {
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

const plural = (count: number, word: string): string =>
  `${counted(count)} ${word}${count === 1 ? '' : 's'}`;

function statusOf(error: unknown): ExitStatus {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof SystemError) return EXIT.system;
  return EXIT.bug;
}

function reportFailure(system: System, version: string, error: unknown): ExitStatus {
  const status = statusOf(error);
  if (error instanceof UsageError) {
    printProblem(
      system,
      error.message,
      '`macvtap-render help` lists the commands; `macvtap-render COMMAND --help` shows the options of one.',
    );
  } else if (error instanceof SystemError) {
    printProblem(
      system,
      `${error.path}: ${error.message}`,
      'Fix this and run the command again; it resumes.',
    );
  } else {
    printProblem(
      system,
      'internal error; do not rely on the output of this run',
      'Report it with the intent (names and addresses changed), the command line, and what follows.',
    );
    system.stderr.write(`version ${version}\n${traceOf(error)}\n`);
  }
  return status;
}

/** What it says, and where: V8's stack begins with that, QuickJS's has places alone. */
function traceOf(error: unknown): string {
  const text = String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.includes(text) ? stack : `${text}\n${stack}`.trimEnd();
}
