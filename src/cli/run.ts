/** The command: words → calls → exit status. Reads and writes only through its `System`. */

import { compileFleet, type Fleet, type FleetOptions } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { hostLinksAt } from '../install/host-links.ts';
import type { IntentText } from '../intent/fleet.ts';
import { load } from '../intent/load.ts';
import { systemNames } from '../selection.ts';
import type { System } from '../system.ts';
import { checkChoice, choiceOf, leftOut, needsBackends } from './choice.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { reportFailure, statusOf } from './failure.ts';
import type { FleetInstaller } from './fleet-install.ts';
import { checkWords, explainWord, helpOn } from './help.ts';
import { checkNames, oneHost } from './hosts.ts';
import { isReference } from './option-rules.ts';
import { parseCommandLine } from './options.ts';
import { type Progress, progress } from './progress.ts';
import { refuse, report, reportLeftOut } from './reported.ts';
import { EXIT, type ExitStatus } from './status.ts';
import { distributionNameHere, hostTarget, targetsHere } from './target-here.ts';

/** Runs the command; errors are reported on standard error and by the exit status. */
export async function run(system: System, version: string): Promise<ExitStatus> {
  let line: CommandLine | undefined;
  try {
    line = parseCommandLine(system.args);
    return await dispatch(system, version, line);
  } catch (error) {
    try {
      return reportFailure(system, version, error, line);
    } catch {
      // Standard error cannot be written: only the status reports it.
      return statusOf(error);
    }
  }
}

async function dispatch(system: System, version: string, line: CommandLine): Promise<ExitStatus> {
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
  await checkWords(line, texts);
  if (line.fix) {
    const { lintFix } = await import('./lint-fix.ts');
    const fixOptions = { ...options, ...(line.hosts.length > 0 && { hosts: line.hosts }) };
    return lintFix(system, line, texts, fixOptions, (fixed) => report(system, line, fixed));
  }
  const installer = await installerFor(system, line);
  const keep = installer && { keep: installer.keep };
  const fleet = compileHosts(system, line, texts, { ...options, ...keep });
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
    ? carryOut(system, line, fleet, reported, version, installer)
    : refuse(system, line, fleet, reported, version, isBroken);
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

async function carryOut(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  reported: readonly Diagnostic[],
  version: string,
  installer: FleetInstaller | undefined,
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
    return apply(system, line, item, reported, await distributionNameHere(system));
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
    if (!installer) throw new Error('a fleet is written to a folder for each host');
    return installer.install(fleet);
  }
  const { install } = await import('./install.ts');
  return install(system, line, item);
}

/** Where a fleet would be written; for the intent of one host it is not asked. */
async function installerFor(
  system: System,
  line: CommandLine,
): Promise<FleetInstaller | undefined> {
  const { command, format, root, output } = line;
  const path = root ?? output;
  if (command !== 'render' || format !== undefined || path === undefined || root === '/') {
    return undefined;
  }
  const { fleetInstaller } = await import('./fleet-install.ts');
  return fleetInstaller(system, line);
}

/** Commands that act on a host read there what the intent leaves to others. */
function hostLinksFor(system: System, line: CommandLine): Pick<FleetOptions, 'hostLinks'> {
  const isOfHost = ['check', 'status', 'apply', 'doctor', 'steps'].includes(line.command);
  const root = line.root ?? (isOfHost && line.output === undefined ? '/' : undefined);
  if (root === undefined) return {};
  return { hostLinks: hostLinksAt(system, root) };
}
