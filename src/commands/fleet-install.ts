/** `--root` and `--output` of a fleet: each host's files into a folder of its name. */
import {
  counted,
  type Directory,
  type Fleet,
  type HostCompilation,
  hasErrors,
  hostList,
  type Installation,
  reportFindings,
  type System,
  type Written,
  writeFiles,
  writeNew,
} from '../index.ts';
import type { CommandLine } from '../options.ts';
import { extraHosts } from './hosts.ts';
import { type Looked, layOut, lookAt, wishesOf } from './install.ts';
import { progress } from './progress.ts';
import { colourful, complain, EXIT, type ExitStatus } from './status.ts';

/**
 * Nothing is written unless every host is right and nothing stands in the way of any; with
 * `--keep-going`, those hosts are.
 * @throws SystemError; UsageError
 */
export function installFleet(system: System, line: CommandLine, fleet: Fleet): ExitStatus {
  const path = line.root ?? line.output ?? '';
  const right = fleet.hosts.filter(({ sets }) => sets);
  const there = system.openExisting(path);
  const done: Done[] = [];
  const blocked = new Set<HostCompilation>();
  try {
    tellElsewhere(system, line, right[0]);
    for (const one of right) {
      const { findings, plan, isBlocked } = lookAtHost(there, line, one, `${path}/${one.host}`);
      if (findings.length > 0) system.stderr.write(reportFindings(findings, colourful(system)));
      for (const problem of plan.problems) {
        complain(system, `${problem.path}: ${problem.message}`, problem.hint);
      }
      if (isBlocked) blocked.add(one);
      else if (line.dryRun) done.push(doneOf(one.host, plan.written ?? []));
    }
  } finally {
    there?.close();
  }
  const wrong = fleet.hosts.filter((one) => !one.sets || blocked.has(one)).map(({ host }) => host);
  if (blocked.size > 0 && !line.keepGoing) {
    system.stderr.write(
      `Nothing was written: it is refused for ${hostList(wrong)}. \`--keep-going\` writes the other hosts, \`--force\` all.\n`,
    );
    return EXIT.system;
  }
  if (!line.dryRun) {
    const top = system.openDirectory(path);
    try {
      write(
        system,
        line,
        top,
        right.filter((one) => !blocked.has(one)),
        done,
      );
      if (line.hosts.length === 0) tellExtra(system, path, top, fleet);
    } finally {
      top.close();
    }
  }
  system.stderr.write(tally(done, line.dryRun));
  if (wrong.length > 0) system.stderr.write(`Not written: ${hostList(wrong)}.\n`);
  if (hasErrors(fleet.diagnostics)) return EXIT.intent;
  return blocked.size > 0 ? EXIT.system : EXIT.done;
}

function write(
  system: System,
  line: CommandLine,
  top: Directory,
  hosts: readonly HostCompilation[],
  done: Done[],
): void {
  const bar = progress(system, 'writing', hosts.length);
  try {
    for (const [index, one] of hosts.entries()) {
      const { written, problems } = writeHost(top, line, one);
      // Somebody was at it since it was looked at.
      for (const { path, message, hint } of problems) complain(system, `${path}: ${message}`, hint);
      done.push(doneOf(one.host, written ?? []));
      bar.at(index + 1);
    }
  } catch (error) {
    bar.end();
    system.stderr.write(tally(done, line.dryRun));
    throw error;
  }
  bar.end();
}

function lookAtHost(
  there: Directory | undefined,
  line: CommandLine,
  one: HostCompilation,
  shown: string,
): Looked {
  const folder = there?.enter(one.host);
  try {
    return lookAt(folder, line, one, shown);
  } finally {
    folder?.close();
  }
}

/** One run at a time in a host's folder: one that finds it new does not look what is in it. */
function writeHost(
  top: Directory,
  line: CommandLine,
  { host, sets = [] }: HostCompilation,
): Pick<Installation, 'written' | 'problems'> {
  const laid = layOut(line, sets);
  const placements = laid.flatMap((each) => each.placements);
  const isNew = top.kindOf(host) === undefined;
  const folder = isNew ? top.enterNew(host) : top.enterOrCreate(host);
  const unlock = folder.lock();
  try {
    if (isNew) return { written: writeNew(folder, placements), problems: [] };
    const bases = laid.map(({ base }) => base);
    return writeFiles(folder, placements, bases, wishesOf(line));
  } finally {
    unlock();
    folder.close();
  }
}

/** What was done to the files of a host. */
interface Done {
  readonly host: string;
  readonly files: number;
  /** `6 created, 1 removed`; empty where all were as they must be. */
  readonly what: string;
}

function doneOf(host: string, written: readonly Written[]): Done {
  const counts = new Map<Written['change'], number>();
  for (const { change } of written) {
    if (change !== 'unchanged') counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  const what = [...counts].map(([change, count]) => `${count} ${change}`).join(', ');
  return { host, files: written.length, what };
}

function tally(done: readonly Done[], isDry: boolean): string {
  const groups = new Map<string, string[]>();
  for (const { host, what } of done) {
    const hosts = groups.get(what);
    if (hosts) hosts.push(host);
    else groups.set(what, [host]);
  }
  const unchanged = groups.get('')?.length ?? 0;
  groups.delete('');
  const would = isDry ? 'would be ' : '';
  const lines = [...groups].map(
    ([what, hosts]) => `${would}${what}: ${hostCount(hosts.length)}: ${hostList(hosts)}\n`,
  );
  const files = done.reduce((sum, one) => sum + one.files, 0);
  const changed = counted(done.length - unchanged);
  return `${lines.join('')}${hostCount(done.length)}, ${counted(files)} files: ${changed} changed, ${counted(unchanged)} unchanged.\n`;
}

const hostCount = (count: number): string => `${counted(count)} ${count === 1 ? 'host' : 'hosts'}`;

/** The same files for every host: told once. */
function tellElsewhere(
  system: System,
  line: CommandLine,
  first: HostCompilation | undefined,
): void {
  if (!first) return;
  for (const { elsewhere } of layOut(line, first.sets ?? [])) {
    for (const { path, about } of elsewhere) {
      system.stderr.write(`not written: ${path} - ${about.why} (--root writes it)\n`);
    }
  }
}

function tellExtra(system: System, path: string, top: Directory, { names, hosts }: Fleet): void {
  const ways = (hosts[0]?.sets ?? []).map(({ way }) => way);
  const inside = ways.length > 1 ? ways.map((way) => [way]) : [[]];
  for (const name of extraHosts(top, names, inside)) {
    system.stderr.write(
      `left: ${path}/${name}: files of a host that the fleet has no more; remove the folder, if the host is gone\n`,
    );
  }
}
