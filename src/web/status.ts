/** One line about an answer. */
import { plural } from '../report/text.ts';
import type { Answer } from './answer.ts';

/** @param milliseconds from the keystroke to what is shown */
export function statusText(
  { output, diagnostics, internalError }: Answer,
  milliseconds: number,
): string {
  if (internalError !== undefined) {
    return `Internal error, please report it with the intent: ${internalError}`;
  }
  const count = (severity: string): number =>
    diagnostics.filter((item) => item.severity === severity).length;
  const files = output?.sets.reduce((sum, { files: own }) => sum + own.length, 0);
  const parts = [
    ...(files === undefined ? [] : [plural(files, 'file')]),
    plural(count('error'), 'error'),
    plural(count('warning'), 'warning'),
    ...(count('note') > 0 ? [plural(count('note'), 'note')] : []),
    `${milliseconds} ms`,
  ];
  return parts.join(' · ');
}
