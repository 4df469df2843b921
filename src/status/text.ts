/** What `status` prints: what differs, causes first; then what was looked at. */
import { painter, visible } from '../report/text.ts';
import type { Drift } from './finding.ts';

/** `error[mode-drift]: …` and its help, one after the other. */
export function driftText(found: readonly Drift[], colour: boolean): string {
  const paint = painter(colour);
  return found
    .map(({ severity, code, message, hint }) => {
      const tint = severity === 'error' ? paint.red : paint.yellow;
      const head = `${tint(`${severity}[${code}]`)}: ${visible(message)}\n`;
      return `${head}  ${paint.bold('help')}: ${visible(hint)}\n`;
    })
    .join('');
}

/** Whether any of it is drift: a note is information. */
export const isDrift = ({ severity }: Pick<Drift, 'severity'>): boolean => severity !== 'note';

/** `2 errors, 1 warning`; empty where there is neither. */
export function countText(found: readonly Pick<Drift, 'severity'>[]): string {
  const of = (wanted: Drift['severity'], word: string): string[] => {
    const count = found.filter(({ severity }) => severity === wanted).length;
    return count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`];
  };
  return [...of('error', 'error'), ...of('warning', 'warning')].join(', ');
}
