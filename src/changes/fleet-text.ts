/** What changes in a fleet → text for a terminal, or Markdown for a comment in a review. */

import { visible } from '../diagnostics/visible.ts';
import type { ChangeGroup, PatchGroup } from './fleet.ts';
import { code, escaped, fenced, ICON, TITLE } from './text.ts';
import type { ChangeSeverity } from './words.ts';

/** The same change in the files of some hosts. */
export interface FilesOfHosts extends PatchGroup {
  readonly backend: string;
}

/** A note on a patch that stands for several hosts. */
export const patchNote = ({ hosts: [first = ''], isSame }: PatchGroup): string =>
  isSame ? '' : ` (that of ${first}; the others differ in addresses and UUIDs)`;

/** `kvm1, kvm2, kvm3 and 9,997 more`. */
export type Naming = (hosts: readonly string[]) => string;

export function fleetChangesText(
  groups: readonly ChangeGroup[],
  paint: (severity: ChangeSeverity, text: string) => string,
  naming: Naming,
): string {
  return bySeverity(groups)
    .map(([severity, list]) => {
      const items = list.map(
        (group) =>
          `  - ${visible(group.message)}\n      ${naming(group.hosts.map(({ host }) => host))}\n${details(
            group,
          )
            .map((line) => `      ${visible(line)}\n`)
            .join('')}`,
      );
      return `${paint(severity, `${TITLE[severity]}:`)}\n${items.join('')}`;
    })
    .join('\n');
}

/** @param names the names of the two fleets, before and after */
export function fleetChangesMarkdown(
  groups: readonly ChangeGroup[],
  files: readonly FilesOfHosts[],
  [before, after]: readonly [string, string],
  summary: string,
  naming: Naming,
): string {
  const head = `### What happens on the machines\n\n${code(before)} → ${code(after)}\n\n${escaped(summary)}\n`;
  const body = bySeverity(groups).map(([severity, list]) => {
    const items = list.map((group) => {
      const lines = details(group).map((line) => `  - ${escaped(line)}\n`);
      return `- ${escaped(group.message)} ${escaped(`(${naming(group.hosts.map(({ host }) => host))})`)}\n${lines.join('')}`;
    });
    return `\n**${ICON[severity]} ${TITLE[severity]}**\n\n${items.join('')}`;
  });
  const patches = files.map(
    ({ backend, patch, ...group }) =>
      `\n<details><summary>Files for ${backend}: ${escaped(naming(group.hosts) + patchNote({ patch, ...group }))}</summary>\n\n${fenced(patch)}\n</details>\n`,
  );
  return [head, ...body, ...patches].join('');
}

/** How many hosts are listed one by one where their messages differ. */
const SHOWN = 5;

function details({ message, hosts }: ChangeGroup): string[] {
  if (hosts.every((item) => item.message === message)) return [];
  return hosts.slice(0, SHOWN).map((item) => `${item.host}: ${item.message}`);
}

const bySeverity = (
  groups: readonly ChangeGroup[],
): (readonly [ChangeSeverity, readonly ChangeGroup[]])[] => {
  const severities = [...new Set(groups.map(({ severity }) => severity))];
  return severities.map((severity) => [
    severity,
    groups.filter((item) => item.severity === severity),
  ]);
};
