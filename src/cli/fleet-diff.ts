/** `diff` of two fleets: what happens on which machines, and in their files. */

import { groupChanges, groupPatches } from '../changes/fleet.ts';
import {
  type FilesOfHosts,
  fleetChangesMarkdown,
  fleetChangesText,
  patchNote,
} from '../changes/fleet-text.ts';
import type { Change, ChangeSeverity } from '../changes/words.ts';
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import { changesOfHost, patchesOfHost } from '../install/replacement.ts';
import { type DocumentDiagnostic, documentText } from '../report/output.ts';
import { diffDocument } from '../report/outputs/diff.ts';
import { counted, visible } from '../report/text.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { changedHost } from './diff.ts';
import { hostCount, namedHosts } from './hosts.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** One host in both fleets, or in one of them. */
interface Pairing {
  readonly host: string;
  readonly before?: HostCompilation;
  readonly after?: HostCompilation;
}

export function diffFleets(
  system: System,
  line: CommandLine,
  [before, after]: readonly [Fleet, Fleet],
  names: readonly [string, string],
  paint: (severity: ChangeSeverity, text: string) => string,
  diagnostics: readonly DocumentDiagnostic[],
): ExitStatus {
  const hosts = pair(before, after).map((pairing) => ({
    host: pairing.host,
    changes: changesOf(pairing),
    patches: patchesOfHost(pairing.before, pairing.after),
  }));
  const changing = hosts.filter(({ changes, patches }) => changes.length + patches.length > 0);
  const summary =
    changing.length === 0
      ? `Nothing changes on any of ${hostCount(hosts.length)}.`
      : `${counted(changing.length)} of ${hostCount(hosts.length)} change.`;
  const groups = groupChanges(changing);
  if (line.format === 'json') {
    const all = hosts.map(({ host, changes, patches }) => changedHost(host, changes, patches));
    system.stdout.write(documentText(diffDocument, { hosts: all, diagnostics }));
  } else if (line.format === 'markdown') {
    const text = fleetChangesMarkdown(groups, patchGroups(changing), names, summary, namedHosts);
    system.stdout.write(lines(text));
  } else {
    const parts = [
      `${summary}\n`,
      ...(groups.length === 0 ? [] : [fleetChangesText(groups, paint, namedHosts)]),
      ...patchGroups(changing).map(
        (item) => `${item.backend}, ${namedHosts(item.hosts)}${patchNote(item)}:\n\n${item.patch}`,
      ),
    ];
    system.stdout.write(lines(parts.join('\n')));
  }
  return changing.length === 0 ? EXIT.done : EXIT.difference;
}

/** In the order of the new fleet; removed hosts last. */
function pair(before: Fleet, after: Fleet): Pairing[] {
  const then = new Map(before.hosts.map((item) => [item.host, item]));
  const now = new Set(after.hosts.map(({ host }) => host));
  return [
    ...after.hosts.map((item) => {
      const old = then.get(item.host);
      return { host: item.host, after: item, ...(old && { before: old }) };
    }),
    ...before.hosts
      .filter(({ host }) => !now.has(host))
      .map((item) => ({ host: item.host, before: item })),
  ];
}

function changesOf({ before, after }: Pairing): Change[] {
  if (before?.model && after?.model) return changesOfHost(before, after);
  return [
    {
      severity: 'harmless',
      subject: 'host',
      message: after
        ? 'The host is added to the fleet.'
        : 'The host is removed from the fleet; its files are not changed.',
    },
  ];
}

function patchGroups(
  changing: readonly {
    readonly host: string;
    readonly patches: readonly { readonly backend: string; readonly patch: string }[];
  }[],
): FilesOfHosts[] {
  const backends = [
    ...new Set(changing.flatMap(({ patches }) => patches.map(({ backend }) => backend))),
  ];
  return backends.flatMap((backend) =>
    groupPatches(
      changing.flatMap(({ host, patches }) =>
        patches.filter((one) => one.backend === backend).map(({ patch }) => ({ host, patch })),
      ),
    ).map((group) => ({ backend, ...group })),
  );
}

const lines = (text: string): string => text.split('\n').map(visible).join('\n');
