/** `confirm` and `rollback`: the end of the change that is pending. */
import { isInterrupted, runWord } from '../apply/script.ts';
import { visible } from '../diagnostics/visible.ts';
import type { System } from '../system.ts';
import { EXIT, type ExitStatus, printProblem } from './status.ts';

const NOTHING = {
  confirm: '`macvtap-render apply` makes one.',
  rollback: 'A confirmed change is not kept: apply the intent as it was before.',
} as const;

/** @throws SystemError where it cannot be seen whether there is one, as by others than root */
export function endPending(system: System, word: 'confirm' | 'rollback'): ExitStatus {
  // The kept script may be of an earlier version, which does not check it.
  if (word === 'confirm' && isInterrupted(system)) {
    printProblem(
      system,
      'an installation was interrupted',
      'Run it again, which resumes it, or run `macvtap-render rollback`.',
    );
    return EXIT.system;
  }
  const ran = runWord(system, word);
  if (!ran) {
    printProblem(system, 'no change is pending', NOTHING[word]);
    return EXIT.system;
  }
  for (const line of ran.lines) system.stderr.write(`${visible(line)}\n`);
  return ran.isDone ? EXIT.done : EXIT.system;
}
