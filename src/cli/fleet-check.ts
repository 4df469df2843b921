/** `check` of a fleet: which hosts differ from the rendered files, grouped by difference. */

import { groupPatches } from '../changes/fleet.ts';
import { patchNote } from '../changes/fleet-text.ts';
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { checkTree } from '../install/check.ts';
import { isFixedByInstall } from '../install/differences.ts';
import { diagnosticsOf, documentText } from '../report/output.ts';
import { checkDocument } from '../report/outputs/check.ts';
import { sarif } from '../report/sarif.ts';
import { counted, jsonText, locatedFindings, reportFindings, visible } from '../report/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import { checkedHost, fixCommand } from './check.ts';
import { extraHosts, hostCount, namedHosts } from './hosts.ts';
import { backendNamed, layOut } from './install.ts';
import type { CommandLine } from './options.ts';
import { progress } from './progress.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

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
  const top = system.openExisting(root);
  const checked: Checked[] = [];
  const bar = progress(system, 'checking', hosts.length);
  try {
    for (const [index, item] of hosts.entries()) {
      checked.push(checkHost(top, root, line, item));
      bar.at(index + 1);
    }
    if (top && line.hosts.length === 0) {
      for (const host of extraHosts(top, fleet.names)) {
        const message = 'The folder has generated files of a host that is not in the fleet.';
        const findings = [finding('host-extra', '/', message)];
        checked.push({ host, findings, differences: [], patch: '' });
      }
    }
  } finally {
    bar.end();
    top?.close();
  }
  const found = checked.filter(({ findings }) => findings.length > 0);
  const all = found.flatMap(({ findings }) => findings);
  const fix = fixCommand(
    line,
    root,
    found.flatMap((item) => item.differences),
  );
  if (line.format === 'sarif') {
    const placed = found.flatMap(({ host, findings }) =>
      findings.map((item) => ({ ...item, path: `${root}/${host}${item.path}` })),
    );
    system.stdout.write(
      jsonText(sarif([...locatedFindings(source, diagnostics), ...placed], version)),
    );
  } else if (line.format === 'json') {
    const backend = hosts[0]?.sets?.[0]?.backend ?? '';
    system.stdout.write(
      documentText(checkDocument, {
        hosts: checked.map(({ host, findings, patch }) =>
          checkedHost(host, findings, backend, patch),
        ),
        diagnostics: diagnosticsOf(source, diagnostics),
        ...(fix !== undefined && { fix }),
      }),
    );
  } else {
    system.stdout.write(text(system, found, hosts.length, fix));
  }
  const isBad = ({ severity }: Finding): boolean =>
    severity === 'error' || (line.strict && severity === 'warning');
  return all.some(isBad) ? EXIT.difference : EXIT.done;
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
