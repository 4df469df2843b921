/** Exit statuses, and how a command reports an error. */
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';

export const EXIT = {
  done: 0,
  difference: 1,
  intent: 2,
  usage: 3,
  system: 4,
  bug: 70,
  interrupted: 130,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export function printProblem(system: System, message: string, hint: string): void {
  system.stderr.write(problemText(message, hint));
}

export const problemText = (message: string, hint: string): string =>
  `macvtap-render: ${visible(message)}\n  help: ${visible(hint)}\n`;

/** Colour only on a terminal, and never against `NO_COLOR` (no-color.org). */
export const colourful = (system: System, output = system.stderr): boolean =>
  !system.env('NO_COLOR') && system.env('TERM') !== 'dumb' && output.isTerminal;
