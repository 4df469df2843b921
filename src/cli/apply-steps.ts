/** The steps of a change, as they are shown while they run: on a terminal, and nowhere else. */
import type { Show, StepName } from '../apply/flow.ts';
import { visible } from '../diagnostics/visible.ts';
import type { System } from '../system.ts';

const NAMES: Readonly<Record<StepName, string>> = {
  keep: 'Keep what is replaced',
  arm: 'Arm the rollback',
  install: 'Install the files',
  activate: 'Activate',
  verify: 'Verify',
  confirm: 'Confirm',
  rollback: 'Roll back',
};

const CLEAR = '\r\u001b[K';

/** Standard output is for the result. */
export function shownSteps({ stderr }: System): Show {
  if (!stderr.isTerminal) return { begins() {}, ends() {}, waits() {} };
  return {
    begins(name) {
      stderr.write(`${CLEAR}${NAMES[name]} …`);
    },
    ends({ name, isDone, seconds, lines }) {
      const verdict = isDone ? 'done' : 'failed';
      stderr.write(`${CLEAR}${NAMES[name]}: ${verdict} (${seconds.toFixed(1)} s)\n`);
      if (!isDone) for (const line of lines) stderr.write(`  ${visible(line)}\n`);
    },
    waits(text) {
      stderr.write(`${CLEAR}${text}`);
    },
  };
}
