/**
 * `--root` and `--output` of a fleet: each host's files into a folder of its name; those of a host
 * with several back ends below a folder for each back end.
 */
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Installation } from '../install/plan.ts';
import { writeFiles, writeNew } from '../install/write.ts';
import { reportFindings } from '../report/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { folderOf, type HostSet, hostSetsOf } from './host-sets.ts';
import { extraHosts, namedHosts } from './hosts.ts';
import { assess, installOptionsFor, layOut } from './install.ts';
import { type Progress, progress } from './progress.ts';
import { colourful, EXIT, type ExitStatus, printProblem } from './status.ts';
import { type Done, doneOf, tally } from './tally.ts';

/**
 * Writes nothing unless every host is valid and none has a conflict; with `--keep-going`, writes the
 * hosts that are.
 * @throws SystemError; UsageError
 */
export function installFleet(system: System, line: CommandLine, fleet: Fleet): ExitStatus {
  const path = line.root ?? line.output ?? '';
  const hostSets = hostSetsOf(fleet.hosts);
  const blocked = new Set<string>();
  const done: Done[] = [];
  reportElsewhere(system, line, hostSets);
  const bar = progress(system, 'looking at', hostSets.length);
  for (const [index, hostSet] of hostSets.entries()) {
    const assessment = assessHostSet(system, line, path, hostSet, bar);
    if (!assessment) blocked.add(hostSet.compilation.host);
    else if (line.dryRun) done.push(doneOf(hostSet.compilation.host, assessment.written ?? []));
    bar.at(index + 1);
  }
  bar.end();
  if (blocked.size > 0 && !line.keepGoing) {
    system.stderr.write(
      `Nothing was written: refused for ${namedHosts([...blocked])}. \`--keep-going\` writes the other hosts.\n`,
    );
    return EXIT.system;
  }
  if (!line.dryRun) {
    const free = hostSets.filter(({ compilation: item }) => !blocked.has(item.host));
    write(system, line, path, free, done, blocked);
  }
  system.stderr.write(tally(done, line.dryRun));
  if (line.hosts.length === 0) reportExtra(system, path, fleet, hostSets);
  const wrong = fleet.hosts.filter(({ host, sets }) => !sets || blocked.has(host));
  if (wrong.length > 0) {
    system.stderr.write(`Not written: ${namedHosts(wrong.map(({ host }) => host))}.\n`);
  }
  if (!line.dryRun) {
    system.stderr.write(
      'Nothing is activated. Copy each folder to its host, or use `--format ansible`, whose role activates with a timed rollback.\n',
    );
  }
  if (hasErrors(fleet.diagnostics)) return EXIT.intent;
  return blocked.size > 0 ? EXIT.system : EXIT.done;
}

const shownOf = (path: string, { compilation: item, above }: HostSet): string =>
  `${path}/${folderOf(above, item.host)}`;

/** Reports conflicts. @returns what would be done; undefined if there is a conflict */
function assessHostSet(
  system: System,
  line: CommandLine,
  path: string,
  hostSet: HostSet,
  bar: Progress,
): Installation | undefined {
  const shown = shownOf(path, hostSet);
  const folders: (Directory | undefined)[] = [];
  try {
    const top = system.openExisting(path);
    folders.push(top);
    const above = hostSet.above === '' ? top : top?.enter(hostSet.above);
    folders.push(above);
    const folder = above?.enter(hostSet.compilation.host);
    folders.push(folder);
    const { findings, plan, isBlocked } = assess(folder, line, hostSet.compilation, shown);
    if (findings.length + plan.problems.length > 0) bar.end();
    if (findings.length > 0) system.stderr.write(reportFindings(findings, colourful(system)));
    for (const item of plan.problems)
      printProblem(system, `${item.path}: ${item.message}`, item.hint);
    return isBlocked ? undefined : plan;
  } catch (error) {
    // This host's folder is not a directory, or not accessible; the other hosts go on.
    if (!(error instanceof SystemError)) throw error;
    bar.end();
    printProblem(system, `${error.path}: ${error.message}`, 'Move it away, or make it accessible.');
    return undefined;
  } finally {
    for (const folder of new Set(folders)) folder?.close();
  }
}

function write(
  system: System,
  line: CommandLine,
  path: string,
  hostSets: readonly HostSet[],
  done: Done[],
  blocked: Set<string>,
): void {
  const top = system.openDirectory(path);
  const bar = progress(system, 'writing', hostSets.length);
  const above = new Map<string, Directory>([['', top]]);
  try {
    for (const [index, hostSet] of hostSets.entries()) {
      const { host } = hostSet.compilation;
      const parent = above.get(hostSet.above) ?? top.enterOrCreate(hostSet.above);
      above.set(hostSet.above, parent);
      const { written, problems } = writeHost(parent, line, hostSet.compilation);
      // Changed since it was checked.
      if (problems.length > 0) bar.end();
      for (const item of problems) printProblem(system, `${item.path}: ${item.message}`, item.hint);
      if (written) done.push(doneOf(host, written));
      else blocked.add(host);
      bar.at(index + 1);
    }
  } catch (error) {
    bar.end();
    system.stderr.write(tally(done, false));
    throw error;
  } finally {
    bar.end();
    for (const folder of above.values()) folder.close();
  }
}

/** One run at a time in a host's folder: a run that creates it does not read what is in it. */
function writeHost(
  top: Directory,
  line: CommandLine,
  { host, model, sets = [] }: HostCompilation,
): Pick<Installation, 'written' | 'problems'> {
  const layouts = layOut(line, sets);
  const placements = layouts.flatMap((each) => each.placements);
  const isNew = top.kindOf(host) === undefined;
  const folder = isNew ? top.enterNew(host) : top.enterOrCreate(host);
  const unlock = folder.lock();
  try {
    const options = installOptionsFor(line, model, layouts);
    if (isNew && !options.pendingFolders)
      return { written: writeNew(folder, placements), problems: [] };
    const bases = layouts.map(({ base }) => base);
    return writeFiles(folder, placements, bases, options);
  } finally {
    unlock();
    folder.close();
  }
}

/** The same files for every host of a back end: reported once. */
function reportElsewhere(system: System, line: CommandLine, hostSets: readonly HostSet[]): void {
  const seen = new Set<string>();
  for (const { compilation } of hostSets) {
    for (const { set, elsewhere } of layOut(line, compilation.sets ?? [])) {
      if (seen.has(set.backend)) continue;
      seen.add(set.backend);
      for (const { path, about } of elsewhere) {
        system.stderr.write(`not written: ${path} (${about.why} --root writes it.)\n`);
      }
    }
  }
}

function reportExtra(
  system: System,
  path: string,
  { names }: Fleet,
  hostSets: readonly HostSet[],
): void {
  for (const above of new Set(hostSets.map((hostSet) => hostSet.above))) {
    const shown = above === '' ? path : `${path}/${above}`;
    const top = system.openExisting(shown);
    try {
      const extra = top ? extraHosts(top, names) : [];
      if (extra.length === 0) continue;
      system.stderr.write(
        `left in ${shown}: files of hosts no longer in the fleet, ${namedHosts(extra)}; remove their folders if the hosts are gone\n`,
      );
    } finally {
      top?.close();
    }
  }
}
