/** The steps of a change, as they are shown while they run. */
import type { Difference, Show, StepName } from '../apply/flow.ts';
import { visible } from '../diagnostics/visible.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';

const NAMES: Readonly<Record<StepName, string>> = {
  keep: 'Keep what is replaced',
  arm: 'Arm the rollback',
  install: 'Install the files',
  activate: 'Activate',
  verify: 'Verify',
  confirm: 'Confirm',
  rollback: 'Roll back',
};

/** A line of its own: one that is wrapped is not cleared. */
const FROM_ELSEWHERE =
  'From a new connection: `macvtap-render confirm` keeps it, `macvtap-render rollback` ends it.\n';
const CLEAR = '\r\u001b[K';

/**
 * On a terminal each step, and the countdown. Elsewhere what a reader of the log needs to decide: what was found, and that
 * it waits. Standard output is for the result.
 */
export function shownSteps({ stderr }: System, { format }: Pick<CommandLine, 'format'>): Show {
  const finds = (differences: readonly Difference[]): void => {
    stderr.write(differencesText(differences));
  };
  if (!stderr.isTerminal) {
    let isShown = false;
    return {
      begins() {},
      ends() {},
      // The document has them.
      finds: format === 'json' ? () => {} : finds,
      waits(text) {
        if (!isShown && text !== '') stderr.write(`${text}\n`);
        isShown = true;
      },
    };
  }
  let isAsked = false;
  return {
    begins(name) {
      stderr.write(`${CLEAR}${NAMES[name]} …`);
    },
    ends({ name, isDone, seconds, lines }) {
      const verdict = isDone ? 'done' : 'failed';
      stderr.write(`${CLEAR}${NAMES[name]}: ${verdict} (${seconds.toFixed(1)} s)\n`);
      if (isDone || name === 'verify') return;
      for (const line of lines) stderr.write(`  ${visible(line)}\n`);
    },
    finds,
    waits(text) {
      if (!isAsked && text !== '') stderr.write(FROM_ELSEWHERE);
      isAsked = true;
      stderr.write(`${CLEAR}${text}`);
    },
  };
}

export const differencesText = (differences: readonly Difference[]): string =>
  differences
    .map(
      ({ severity, message, hint }) =>
        `${visible(`${severity}: ${message}`)}\n${visible(`  help: ${hint}`)}\n`,
    )
    .join('');
