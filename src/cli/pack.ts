/** `--format`: rendered files → a packaging, on standard output or as a folder. */
import type { Fleet } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { Base, Placement } from '../install/places.ts';
import type { Written } from '../install/plan.ts';
import { planFiles, writeFiles } from '../install/write.ts';
import { HOST } from '../intent/schema.ts';
import type { FleetHost, Member, Package, Packaging } from '../package/package.ts';
import { packagesOf } from '../package/packages.ts';
import { packagings } from '../package/packagings.ts';
import { diagnosticsOf } from '../report/output.ts';
import type { System } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { extraHosts, namedHosts } from './hosts.ts';
import { installOptions, reportWritten } from './install.ts';
import { progress } from './progress.ts';
import { EXIT, type ExitStatus, printProblem } from './status.ts';
import { doneOf, tally } from './tally.ts';

/** @throws SystemError where the folder cannot be written; UsageError where it cannot hold several hosts */
export function pack(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  diagnostics: readonly Diagnostic[],
): ExitStatus {
  const [usual] = packagings;
  const packaging = packagings.find(({ id }) => id === line.format) ?? usual;
  if (!packaging) throw new Error('there are packagings');
  const isToFolder = line.output !== undefined && packaging.members !== undefined;
  const right = fleet.hosts.filter(({ sets }) => sets);
  // A single named host on standard output is packaged like an intent without a fleet.
  const isAlone = !fleet.isFleet || (!isToFolder && line.hosts.length === 1);
  if (!isAlone && !isToFolder && !packaging.takesHosts) {
    throw new UsageError(several(packaging));
  }
  const reserved = isAlone ? undefined : fleet.names.find((name) => isReserved(packaging, name));
  if (reserved !== undefined) {
    throw new UsageError(
      `\`${reserved}\` cannot be a host's name in \`--format ${packaging.id}\`: it is the name of a group`,
    );
  }
  const tooLong = fleet.names.find((name) => name.length > (packaging.longest ?? name.length));
  if (tooLong !== undefined) {
    throw new UsageError(
      `\`${tooLong.slice(0, 40)}…\` has ${tooLong.length} characters: \`--format ${packaging.id}\` uses host names as file names, ${packaging.longest} characters at most`,
    );
  }
  const packages = right.flatMap((item) => packagesOf(item, isAlone ? undefined : item.host));
  if (line.output !== undefined && packaging.members) {
    return writeMembers(system, line, fleet, packaging, packages);
  }
  system.stdout.write(packaging.text(packages, diagnosticsOf(fleet.source, diagnostics)));
  return EXIT.done;
}

const isReserved = ({ reserved = [] }: Packaging, name: string): boolean => reserved.includes(name);

function several({ id, members }: Packaging): string {
  if (id === 'stream') {
    return 'the intent has several hosts: name one with `--host NAME`, or a folder for all with `--root DIR`';
  }
  const folder = members ? '; with `--output DIR` each host has a folder' : '';
  return `\`--format ${id}\` takes one host: name it with \`--host NAME\`${folder}`;
}

/**
 * As files are installed: all or nothing, and files that were not generated are not overwritten; with
 * `--keep-going`, the hosts that are valid and have no conflict.
 */
function writeMembers(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  packaging: Packaging,
  packages: readonly Package[],
): ExitStatus {
  const folder = line.output ?? '';
  const batches = batchesOf(packaging, packages, fleetHosts(line, fleet));
  const options = installOptions(line);
  const planned = new Map<Batch, readonly Written[]>();
  const blocked = new Set<Batch>();
  const there = system.openExisting(folder);
  try {
    for (const batch of batches) {
      const { placements, bases } = batch;
      const { written, problems } = planFiles(there, placements, bases, options, folder);
      for (const { path, message, hint } of problems)
        printProblem(system, `${path}: ${message}`, hint);
      if (written) planned.set(batch, written);
      else blocked.add(batch);
    }
  } finally {
    there?.close();
  }
  // Every host needs the shared files.
  const isStopped = [...blocked].some(({ host }) => host === undefined);
  if (blocked.size > 0 && (isStopped || !line.keepGoing)) {
    system.stderr.write('Nothing was written.\n');
    return EXIT.system;
  }
  const written = line.dryRun ? planned : writeBatches(system, line, folder, batches, blocked);
  reportPacked(system, line, fleet, written);
  if (!line.dryRun && fleet.isFleet) reportLeft(system, line, fleet, folder, packaging, packages);
  const wrong = [
    ...fleet.hosts.filter(({ sets }) => !sets).map(({ host }) => host),
    ...[...blocked].map(({ host = '' }) => host),
  ];
  if (fleet.isFleet && wrong.length > 0) {
    system.stderr.write(`Not written: ${namedHosts(wrong)}.\n`);
  }
  if (hasErrors(fleet.diagnostics)) return EXIT.intent;
  return blocked.size > 0 ? EXIT.system : EXIT.done;
}

function writeBatches(
  system: System,
  line: CommandLine,
  folder: string,
  batches: readonly Batch[],
  blocked: Set<Batch>,
): Map<Batch, readonly Written[]> {
  const done = new Map<Batch, readonly Written[]>();
  const top = system.openDirectory(folder);
  const bar = progress(system, 'writing', batches.length);
  try {
    for (const [index, batch] of batches.entries()) {
      if (blocked.has(batch)) continue;
      const { placements, bases } = batch;
      const { written, problems } = writeFiles(top, placements, bases, installOptions(line));
      // Changed since it was checked.
      if (problems.length > 0) bar.end();
      for (const { path, message, hint } of problems)
        printProblem(system, `${path}: ${message}`, hint);
      if (written) done.set(batch, written);
      else blocked.add(batch);
      bar.at(index + 1);
    }
  } finally {
    bar.end();
    top.close();
  }
  return done;
}

/** File by file; of a fleet a few lines for all hosts, and orphaned or kept files by name. */
function reportPacked(
  system: System,
  line: CommandLine,
  { isFleet }: Fleet,
  written: ReadonlyMap<Batch, readonly Written[]>,
): void {
  if (!isFleet) {
    reportWritten(system, [...written.values()].flat(), line.dryRun ? 'would be ' : '');
    return;
  }
  const ofHosts = [...written].filter(([{ host }]) => host !== undefined);
  const ofAll = [...written].filter(([{ host }]) => host === undefined);
  const changed = ofAll
    .flatMap(([, files]) => files)
    .filter(({ change }) => change !== 'unchanged');
  const special = ofHosts
    .flatMap(([, files]) => files)
    .filter(({ change, backup }) => change === 'removed' || change === 'left' || backup);
  reportWritten(system, [...special, ...changed], line.dryRun ? 'would be ' : '');
  const done = ofHosts.map(([{ host = '' }, files]) => doneOf(host, files));
  system.stderr.write(tally(done, line.dryRun));
}

/**
 * All hosts, each with the one back end that the intent names for its network. One of the command line
 * is not that of a host: hosts that are rendered by other runs may have another.
 */
function fleetHosts({ backends }: CommandLine, { isFleet, names, systems }: Fleet): FleetHost[] {
  if (!isFleet) return [];
  // A host with a malformed name has an error, and is still named.
  return names
    .filter((name) => HOST.test(name))
    .map((name) => {
      const [backend, another] = backends.length > 0 ? [] : (systems.get(name) ?? []);
      return { name, ...(backend !== undefined && another === undefined && { backend }) };
    });
}

interface Batch {
  /** The host; undefined: shared by all. */
  readonly host: string | undefined;
  readonly placements: readonly Placement[];
  /** Where orphaned files are removed. */
  readonly bases: readonly Base[];
}

/** Each host's files, then the shared ones: only the folders of one host are open at a time. */
function batchesOf(
  { members, treeOf }: Packaging,
  packages: readonly Package[],
  fleetHosts: readonly FleetHost[],
): Batch[] {
  const byHost = new Map<string | undefined, Member[]>();
  for (const item of members?.(packages, fleetHosts) ?? []) {
    const known = byHost.get(item.host);
    if (known) known.push(item);
    else byHost.set(item.host, [item]);
  }
  const trees = new Map(packages.map((item) => [item.host, treeOf?.(item)]));
  const seen = new Set<string>();
  return [...byHost].map(([host, list]) => {
    const steps = host === undefined ? undefined : trees.get(host);
    const placements = list.map((file): Placement => ({ file, steps: file.path.split('/') }));
    return {
      host,
      placements,
      bases: [...(steps ? [{ steps }] : []), ...ownFolders(placements, seen)],
    };
  });
}

/** Folders that are not searched yet; one that all hosts share is searched once. */
function ownFolders(placements: readonly Placement[], seen: Set<string>): Base[] {
  const found: Base[] = [];
  for (const { steps: at } of placements) {
    const steps = at.slice(0, -1);
    const key = steps.join('/');
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ steps, isOwn: true });
  }
  return found;
}

/** Folders of hosts that are no longer in the fleet. */
function reportLeft(
  system: System,
  line: CommandLine,
  { names }: Fleet,
  folder: string,
  { treeOf }: Packaging,
  [first]: readonly Package[],
): void {
  const steps = first && treeOf?.(first).slice(0, -1);
  if (!steps || line.hosts.length > 0) return;
  const path = [folder, ...steps].join('/');
  const trees = system.openExisting(path);
  if (!trees) return;
  try {
    const extra = extraHosts(trees, names);
    if (extra.length === 0) return;
    system.stderr.write(
      `left in ${path}: files of hosts no longer in the fleet, ${namedHosts(extra)}; remove their folders if the hosts are gone\n`,
    );
  } finally {
    trees.close();
  }
}
