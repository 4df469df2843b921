/** `--format`: rendered files → a packaging, on standard output or as a folder of its own. */
import {
  type Fleet,
  hasErrors,
  hostList,
  type Member,
  type Package,
  type Packaging,
  type Placement,
  packagesOf,
  packagings,
  planFiles,
  type System,
  type Written,
  writeFiles,
} from '../index.ts';
import { type CommandLine, UsageError } from '../options.ts';
import { extraHosts } from './hosts.ts';
import { tellWritten, wishesOf } from './install.ts';
import { progress } from './progress.ts';
import { complain, EXIT, type ExitStatus } from './status.ts';

/** @throws SystemError where the folder cannot be written; UsageError where it cannot hold several hosts */
export function pack(system: System, line: CommandLine, fleet: Fleet): ExitStatus {
  const [usual] = packagings;
  const packaging = packagings.find(({ id }) => id === line.format) ?? usual;
  if (!packaging) throw new Error('there are packagings');
  const isToFolder = line.output !== undefined && packaging.members !== undefined;
  const right = fleet.hosts.filter(({ sets }) => sets);
  // One that is named, on standard output, is as if it were alone.
  const isAlone = !fleet.isFleet || (!isToFolder && line.hosts.length === 1);
  if (!isAlone && !isToFolder && !packaging.takesHosts) {
    throw new UsageError(several(packaging));
  }
  const packages = right.flatMap((one) => packagesOf(one, isAlone ? undefined : one.host));
  const status = hasErrors(fleet.diagnostics) ? EXIT.intent : EXIT.done;
  if (line.output === undefined || !packaging.members) {
    system.stdout.write(packaging.text(packages));
    return status;
  }
  const written = writeMembers(system, line, fleet, line.output, packaging, packages);
  return written === EXIT.done ? status : written;
}

function several({ id, members }: Packaging): string {
  if (id === 'stream') {
    return 'of a fleet say which host: `--host NAME`; or where the folder of each goes: `--root DIR`';
  }
  const folder = members ? '; with `--output DIR` each has a folder of its own' : '';
  return `\`--format ${id}\` is of one host: name it with \`--host NAME\`${folder}`;
}

/** As files are installed: all or nothing, and nothing of somebody else's is written over. */
function writeMembers(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  folder: string,
  packaging: Packaging,
  packages: readonly Package[],
): ExitStatus {
  const batches = batchesOf(packaging, packages, line.hosts.length === 0);
  const wishes = wishesOf(line);
  const there = system.openExisting(folder);
  const planned: Written[] = [];
  let isBlocked = false;
  try {
    for (const { placements, bases } of batches) {
      const { written, problems } = planFiles(there, placements, bases, wishes, folder);
      for (const { path, message, hint } of problems) complain(system, `${path}: ${message}`, hint);
      if (!written) isBlocked = true;
      if (line.dryRun) planned.push(...(written ?? []));
    }
  } finally {
    there?.close();
  }
  if (isBlocked) {
    system.stderr.write('Nothing was written.\n');
    return EXIT.system;
  }
  if (line.dryRun) {
    tellWritten(system, line, planned);
    return EXIT.done;
  }
  const top = system.openDirectory(folder);
  const bar = progress(system, 'writing', batches.length);
  try {
    const done = batches.flatMap(({ placements, bases }, index) => {
      const { written = [] } = writeFiles(top, placements, bases, wishes);
      bar.at(index + 1);
      return written;
    });
    bar.end();
    tellWritten(
      system,
      line,
      fleet.isFleet ? done.filter(({ change }) => change !== 'unchanged') : done,
    );
    if (fleet.isFleet) tellLeft(system, line, fleet, folder, packaging, packages);
    return EXIT.done;
  } finally {
    bar.end();
    top.close();
  }
}

interface Batch {
  readonly placements: readonly Placement[];
  /** Out of which what is ours and not meant any more is taken. */
  readonly bases: readonly { readonly steps: readonly string[] }[];
}

/** Each host's files, then what is of all: no more folders are open at a time than one host has. */
function batchesOf(
  { members, treeOf }: Packaging,
  packages: readonly Package[],
  isWhole: boolean,
): Batch[] {
  const byHost = new Map<string | undefined, Member[]>();
  for (const one of members?.(packages, isWhole) ?? []) {
    const known = byHost.get(one.host);
    if (known) known.push(one);
    else byHost.set(one.host, [one]);
  }
  return [...byHost].map(([host, list]) => {
    const own = packages.filter((one) => host !== undefined && one.host === host);
    return {
      placements: list.map((file): Placement => ({ file, steps: file.path.split('/') })),
      bases: treeOf ? own.map((one) => ({ steps: treeOf(one) })) : [],
    };
  });
}

/** Folders of hosts that the fleet has no more. */
function tellLeft(
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
      `left in ${path}: files of hosts that the fleet has no more (${hostList(extra)}); remove their folders, if the hosts are gone\n`,
    );
  } finally {
    trees.close();
  }
}
