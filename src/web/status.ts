/** One line about an answer. */
import { counted } from '../report/text.ts';
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
    ...(files === undefined ? [] : [several(files, 'file')]),
    several(count('error'), 'error'),
    several(count('warning'), 'warning'),
    ...(count('note') > 0 ? [several(count('note'), 'note')] : []),
    `${milliseconds} ms`,
  ];
  return parts.join(' · ');
}

const several = (count: number, word: string): string =>
  `${counted(count)} ${word}${count === 1 ? '' : 's'}`;
