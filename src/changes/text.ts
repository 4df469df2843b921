/** Changes → text for a terminal, or Markdown for a comment in a review. */

import { visible } from '../diagnostics/visible.ts';
import { type Change, type ChangeSeverity, SEVERITIES } from './words.ts';

export const TITLE: Readonly<Record<ChangeSeverity, string>> = {
  'may-lock-out': 'May lock you out',
  'drops-connections': 'Drops connections',
  harmless: 'Harmless',
};

const grouped = (changes: readonly Change[]): (readonly [ChangeSeverity, readonly Change[]])[] =>
  SEVERITIES.map(
    (severity) => [severity, changes.filter((item) => item.severity === severity)] as const,
  ).filter(([, list]) => list.length > 0);

export function changesText(
  changes: readonly Change[],
  paint: (severity: ChangeSeverity, text: string) => string,
): string {
  return grouped(changes)
    .map(
      ([severity, list]) =>
        `${paint(severity, `${TITLE[severity]}:`)}\n${list.map(({ message }) => `  - ${visible(message)}\n`).join('')}`,
    )
    .join('\n');
}

export interface FilesOfBackend {
  readonly backend: string;
  readonly patch: string;
}

export const ICON: Readonly<Record<ChangeSeverity, string>> = {
  'may-lock-out': '🛑',
  'drops-connections': '⚠️',
  harmless: '✅',
};

/** @param names the names of the two intents, before and after */
export function changesMarkdown(
  changes: readonly Change[],
  files: readonly FilesOfBackend[],
  [before, after]: readonly [string, string],
): string {
  const head = `### What happens on the machine\n\n${code(before)} → ${code(after)}\n`;
  const body = grouped(changes).map(
    ([severity, list]) =>
      `\n**${ICON[severity]} ${TITLE[severity]}**\n\n${list.map(({ message }) => `- ${escaped(message)}\n`).join('')}`,
  );
  const nothing = changes.length === 0 ? ['\nNothing.\n'] : [];
  const patches = files
    .filter(({ patch }) => patch !== '')
    .map(
      ({ backend, patch }) =>
        `\n<details><summary>Files for ${backend}</summary>\n\n${fenced(patch)}\n</details>\n`,
    );
  return [head, ...nothing, ...body, ...patches].join('');
}

/** Names come from an intent: they must not become markup. */
export const escaped = (text: string): string =>
  visible(text)
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*_{}[\]<>#|~!&]/g, '\\$&')))
    .join('');

export const code = (text: string): string => `\`${visible(text).replaceAll('`', "'")}\``;

/** A fence longer than any in the text. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${text}${fence}\n`;
}
