/** `check` of a fleet: which hosts differ from the rendered files, grouped by difference. */

import { groupPatches } from '../changes/fleet.ts';
import { patchNote } from '../changes/fleet-text.ts';
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { checkTree } from '../install/check.ts';
import { isFixedByInstall } from '../install/differences.ts';
import { counted, reportFindings, visible } from '../report/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import { checkedHost, fixCommand, writeOutcome } from './check.ts';
import { extraHosts, hostCount, namedHosts } from './hosts.ts';
import { backendNamed, layOut } from './install.ts';
import type { CommandLine } from './options.ts';
import { progress } from './progress.ts';
import { colourful, type ExitStatus } from './status.ts';

/** What was found of one host; paths are those on the host itself. */
interface Checked {
  readonly host: string;
  readonly findings: readonly Finding[];
  /** Of those: differences of generated files, which an installation fixes. */
  readonly differences: readonly Finding[];
  readonly patch: string;
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
  const backend = hosts[0]?.sets?.[0]?.backend ?? '';
  return writeOutcome(system, line, source, {
    findings: found.flatMap(({ host, findings }) =>
      findings.map((item) => ({ ...item, path: `${root}/${host}${item.path}` })),
    ),
    hosts: checked.map(({ host, findings, patch }) => checkedHost(host, findings, backend, patch)),
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
    const checked = hosts.map((host, index) => {
      const item = checkHost(top, root, line, host);
      bar.at(index + 1);
      return item;
    });
    const extra = top && line.hosts.length === 0 ? extraHosts(top, names) : [];
    return [...checked, ...extra.map(extraHost)];
  } finally {
    bar.end();
    top?.close();
  }
}

function extraHost(host: string): Checked {
  const message = 'The folder has generated files of a host that is not in the fleet.';
  return { host, findings: [finding('host-extra', '/', message)], differences: [], patch: '' };
}

function checkHost(
  top: Directory | undefined,
  root: string,
  line: CommandLine,
  { host, sets = [], model }: HostCompilation,
): Checked {
  const [layout] = layOut(line, sets);
  if (!layout || !model) throw new Error('nothing to check');
  const { set, base, placements } = layout;
  const own = `${root}/${host}`;
  let folder: Directory | undefined;
  try {
    folder = top?.enter(host);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const message = `The folder of the host ${error.message}.`;
    const findings = [finding('file-in-the-way', '/', message)];
    return { host, findings, differences: findings, patch: '' };
  }
  // Paths on the host, so that the same finding on many hosts is one group.
  const below = (path: string): string =>
    path.startsWith(`${own}/`) ? path.slice(own.length) : path;
  try {
    const backend = backendNamed(set.backend);
    const { differences, conflicts, patch } = checkTree(
      folder,
      { backend, model, files: set.files, base, placements },
      { shown: own, ignoreRights: line.noMode, below },
    );
    const findings = [...differences, ...conflicts];
    return {
      host,
      findings: findings.map((one) => ({ ...one, path: below(one.path) })),
      differences,
      patch,
    };
  } finally {
    folder?.close();
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
  const differ = found.filter((item) => item.differences.length > 0).length;
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
