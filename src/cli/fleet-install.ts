/**
 * `--root` and `--output` of a fleet: each host's files into a folder of its name; those of a host
 * with several back ends below a folder for each back end.
 */
import type { Fleet, FleetOptions } from '../compile-fleet.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Installation } from '../install/plan.ts';
import { writeFiles, writeNew } from '../install/write.ts';
import type { Directory, System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { type Assessed, assessHostSet, type Work } from './fleet-assess.ts';
import { hostSetsOf } from './host-sets.ts';
import { extraHosts, namedHosts } from './hosts.ts';
import { newPacker, unpacked } from './packed.ts';
import { progress } from './progress.ts';
import { EXIT, type ExitStatus, printProblem } from './status.ts';
import { type Done, doneOf, tally } from './tally.ts';

/** Installs a fleet; models, and files that need no writing, are not held. */
export interface FleetInstaller {
  /** Looks at the folder of a host. */
  readonly keep: NonNullable<FleetOptions['keep']>;
  readonly install: (fleet: Fleet) => ExitStatus;
}

/** For a directory with a folder for each host. */
export function fleetInstaller(system: System, line: CommandLine): FleetInstaller {
  const path = line.root ?? line.output ?? '';
  const assessed = new Map<string, readonly Assessed[]>();
  const packer = newPacker();
  let looked: { readonly top: Directory | undefined } | undefined;
  const open = (): Directory | undefined => {
    looked ??= { top: system.openExisting(path) };
    return looked.top;
  };
  return {
    keep(item) {
      const all = hostSetsOf([item]).map((set) => assessHostSet(system, line, open, set, packer));
      assessed.set(item.host, all);
      return { sets: (item.sets ?? []).map(({ backend }) => ({ backend, files: [] })) };
    },
    install(fleet) {
      looked?.top?.close();
      const right = fleet.hosts.filter(({ sets }) => sets);
      const all = right.flatMap(({ host }) => assessed.get(host) ?? []);
      return installFleet(system, line, fleet, all);
    },
  };
}

/**
 * Writes nothing unless every host is valid and none has a conflict; with `--keep-going`, writes the
 * hosts that are.
 * @throws SystemError; UsageError
 */
function installFleet(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  hostSets: readonly Assessed[],
): ExitStatus {
  const path = line.root ?? line.output ?? '';
  reportElsewhere(system, hostSets);
  system.stderr.write(hostSets.map(({ report }) => report).join(''));
  const blocked = new Set(hostSets.flatMap(({ host, done }) => (done ? [] : [host])));
  if (blocked.size > 0 && !line.keepGoing) {
    system.stderr.write(
      `Nothing was written: refused for ${namedHosts([...blocked])}. \`--keep-going\` writes the other hosts.\n`,
    );
    return EXIT.system;
  }
  const done = line.dryRun
    ? hostSets.flatMap((item) => item.done ?? [])
    : write(system, path, hostSets, blocked);
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

/** @param blocked those that were changed since they were looked at are added */
function write(
  system: System,
  path: string,
  hostSets: readonly Assessed[],
  blocked: Set<string>,
): Done[] {
  const top = system.openDirectory(path);
  const free = hostSets.filter(({ host }) => !blocked.has(host));
  const bar = progress(system, 'writing', free.length);
  const above = new Map<string, Directory>([['', top]]);
  const done: Done[] = [];
  try {
    for (const [index, { host, above: name, done: planned, work }] of free.entries()) {
      if (!work) {
        if (planned) done.push(planned);
        continue;
      }
      const parent = above.get(name) ?? top.enterOrCreate(name);
      above.set(name, parent);
      const { written, problems } = writeHost(parent, host, work);
      // Changed since it was looked at.
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
  return done;
}

/** One run at a time in a host's folder: a run that creates it does not read what is in it. */
function writeHost(
  top: Directory,
  host: string,
  { packed, bases, options }: Work,
): Pick<Installation, 'written' | 'problems'> {
  const placements = unpacked(packed);
  const isNew = top.kindOf(host) === undefined;
  const folder = isNew ? top.enterNew(host) : top.enterOrCreate(host);
  const unlock = folder.lock();
  try {
    if (isNew && !options.pendingFolders)
      return { written: writeNew(folder, placements), problems: [] };
    return writeFiles(folder, placements, bases, options);
  } finally {
    unlock();
    folder.close();
  }
}

/** The same files for every host of a back end: reported once. @throws UsageError */
function reportElsewhere(system: System, hostSets: readonly Assessed[]): void {
  const seen = new Set<string>();
  for (const { backend, elsewhere, misuse } of hostSets) {
    if (misuse) throw misuse;
    if (!seen.has(backend)) system.stderr.write(elsewhere);
    seen.add(backend);
  }
}

function reportExtra(
  system: System,
  path: string,
  { names }: Fleet,
  hostSets: readonly Assessed[],
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
