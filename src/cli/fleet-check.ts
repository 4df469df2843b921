/** `check` of a fleet: which hosts differ from the rendered files, grouped by difference. */

import { groupPatches } from '../changes/fleet.ts';
import { patchNote } from '../changes/fleet-text.ts';
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { checkTree } from '../install/check.ts';
import { isFixedByInstall } from '../install/differences.ts';
import { rememberedTree } from '../install/remembered.ts';
import { counted, reportFindings, visible } from '../report/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import { type CheckedSet, checkedHost, fixCommand, writeOutcome } from './check.ts';
import type { CommandLine } from './command-line.ts';
import { folderOf, type HostSet, hostSetsOf } from './host-sets.ts';
import { extraHosts, hostCount, namedHosts } from './hosts.ts';
import { backendNamed, layOut } from './layout.ts';
import { progress } from './progress.ts';
import { colourful, type ExitStatus } from './status.ts';

/** What was found of one back end of a host; paths are those on the host itself. */
interface Checked extends CheckedSet {
  readonly host: string;
  /** The folder that its files are in: below the directory of the command line. */
  readonly folder: string;
}

/** @throws SystemError where a tree cannot be read */
export function checkFleet(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  diagnostics: readonly Diagnostic[],
  version: string,
): ExitStatus {
  const root = line.root ?? line.output ?? '/';
  const { hosts, source } = fleet;
  const checked = checkHosts(system, root, line, fleet);
  const found = checked.filter(({ findings }) => findings.length > 0);
  const differences = found.flatMap((item) => item.differences);
  const fix = fixCommand(line, root, differences);
  return writeOutcome(system, line, source, {
    findings: found.flatMap(({ folder, findings }) =>
      findings.map((item) => ({ ...item, path: `${root}/${folder}${item.path}` })),
    ),
    hosts: groupBy(checked, ({ host }) => host).map((sets) =>
      checkedHost(sets[0]?.host ?? '', sets),
    ),
    diagnostics,
    fix,
    version,
    text: () => text(system, found, hosts.length, fix),
  });
}

/** Host by host; then folders of hosts that are not in the fleet, unless some were asked for. */
function checkHosts(
  system: System,
  root: string,
  line: CommandLine,
  { hosts, names }: Fleet,
): Checked[] {
  const top = system.openExisting(root);
  const bar = progress(system, 'checking', hosts.length);
  try {
    const checked = hosts.flatMap((host, index) => {
      const items = hostSetsOf([host]).map((set) => checkHostSet(top, root, line, set));
      bar.at(index + 1);
      return items;
    });
    return [...checked, ...(line.hosts.length === 0 ? extraIn(top, hosts, names) : [])];
  } finally {
    bar.end();
    top?.close();
  }
}

/** In the directory itself, and in the folders of back ends where some hosts have several. */
function extraIn(
  top: Directory | undefined,
  hosts: readonly HostCompilation[],
  names: readonly string[],
): Checked[] {
  const folders = new Set(hostSetsOf(hosts).map(({ above }) => above));
  return [...folders].flatMap((above) => {
    const inside = above === '' ? top : top?.enter(above);
    if (!inside) return [];
    try {
      return extraHosts(inside, names).map((host) => extraHost(host, folderOf(above, host)));
    } finally {
      if (inside !== top) inside.close();
    }
  });
}

function extraHost(host: string, folder: string): Checked {
  const message = 'The folder has generated files of a host that is not in the fleet.';
  const findings = [finding('host-extra', '/', message)];
  return { host, folder, backend: '', findings, differences: [], patch: '' };
}

function checkHostSet(
  top: Directory | undefined,
  root: string,
  line: CommandLine,
  { compilation: { host, sets = [], model }, above }: HostSet,
): Checked {
  const [layout] = layOut(line, sets);
  if (!layout || !model) throw new Error('nothing to check');
  const { set, base, placements } = layout;
  const name = folderOf(above, host);
  const common = { host, folder: name, backend: set.backend };
  const own = `${root}/${name}`;
  const open: (Directory | undefined)[] = [];
  try {
    const parent = above === '' ? top : top?.enter(above);
    if (parent !== top) open.push(parent);
    open.push(parent?.enter(host));
  } catch (error) {
    for (const folder of open) folder?.close();
    if (!(error instanceof SystemError)) throw error;
    const message = `The folder of the host ${error.message}.`;
    const findings = [finding('file-in-the-way', '/', message)];
    return { ...common, findings, differences: findings, patch: '' };
  }
  // Paths on the host, so that the same finding on many hosts is one group.
  const below = (path: string): string =>
    path.startsWith(`${own}/`) ? path.slice(own.length) : path;
  const folder = open.at(-1);
  const seen = folder && rememberedTree(folder);
  try {
    const backend = backendNamed(set.backend);
    const { differences, conflicts, patch } = checkTree(
      seen?.tree,
      { backend, model, files: set.files, base, placements },
      { shown: own, ignoreRights: line.noMode, below },
    );
    const findings = [...differences, ...conflicts].map((one) => ({
      ...one,
      path: below(one.path),
    }));
    return { ...common, findings, differences, patch };
  } finally {
    seen?.close();
    for (const each of open) each?.close();
  }
}

/** Order of groups: those that need a decision, then missing and changed files, then the rest. */
function danger({ code, severity }: Finding): number {
  if (severity !== 'error') return 3;
  if (code === 'host-extra' || code === 'file-mode' || code === 'file-left-over') return 2;
  return isFixedByInstall({ code } as Finding) ? 1 : 0;
}

const isExtra = ({ code }: Finding): boolean => code === 'host-extra';

interface Group {
  readonly finding: Finding;
  readonly hosts: string[];
}

function text(
  system: System,
  found: readonly Checked[],
  count: number,
  fix: string | undefined,
): string {
  if (found.length === 0) return `Up to date (${hostCount(count)}).\n`;
  const extra = found.filter(({ findings }) => findings.some(isExtra)).length;
  const differ = new Set(
    found.filter((item) => item.differences.length > 0).map(({ host }) => host),
  ).size;
  const others = extra === 0 ? '' : `; ${hostCount(extra)} not in the fleet`;
  const differing =
    differ === 0
      ? `Up to date (${hostCount(count)})${others}`
      : `${counted(differ)} of ${hostCount(count)} differ${others}`;
  const groups = groupBy(
    found.flatMap(({ host, findings }) => findings.map((item) => ({ host, item }))),
    ({ item }) => JSON.stringify([item.code, item.severity, item.path, item.message]),
  )
    .map(
      (list): Group => ({
        finding: (list[0] as { item: Finding }).item,
        hosts: list.map(({ host }) => host),
      }),
    )
    .sort((a, b) => danger(a.finding) - danger(b.finding));
  const colour = colourful(system, system.stdout);
  // The line may differ between hosts.
  const findings = groups.map(({ finding: { line: _, ...item }, hosts }) => {
    return `${reportFindings([item], colour, isFixedByInstall)}  ${namedHosts(hosts)}\n`;
  });
  const patches = groupPatches(found).map((group) => {
    const shown = group.patch.split('\n').map(visible).join('\n');
    return `${namedHosts(group.hosts)}${patchNote(group)}:\n\n${shown}`;
  });
  const parts = [
    findings.join(''),
    ...patches,
    ...(fix === undefined ? [] : [`To fix it:\n\n${visible(fix)}\n`]),
    `${differing}.\n`,
  ];
  return parts.join('\n');
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
