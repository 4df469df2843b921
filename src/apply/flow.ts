/**
 * A change of this host from its first kept file to its end: keep, arm, install, activate, verify,
 * wait, and confirm or roll back. What it decides is here; what it does, the change script and the
 * installation do.
 */

import type { Severity } from '../diagnostics/diagnostic.ts';
import { type System, SystemError } from '../system.ts';
import { clock } from './duration.ts';
import { pendingChange } from './pending-change.ts';
import { type Ran, runWord, type Word } from './script.ts';

export type StepName = 'keep' | 'arm' | 'install' | 'activate' | 'verify' | 'confirm' | 'rollback';

export interface Step {
  readonly name: StepName;
  readonly isDone: boolean;
  readonly seconds: number;
  /** What it printed, or what went wrong. */
  readonly lines: readonly string[];
}

/** What is not as the intent says after activation. */
export interface Difference {
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

export type Result =
  | 'confirmed'
  | 'rolled-back'
  /** Part of the old state could not be restored. */
  | 'rollback-failed'
  /** Nothing was touched. */
  | 'refused'
  /** With `--reboot`: the next boot activates it. */
  | 'waits-for-reboot'
  /** Ctrl-C instead of an answer: it rolls back by itself. */
  | 'pending';

export interface Outcome {
  readonly result: Result;
  readonly steps: readonly Step[];
  /** What the verification found. */
  readonly differences: readonly Difference[];
  /** What the network daemon logged before a change that failed was rolled back. */
  readonly log: readonly string[];
  /** Of a change that is still pending: until it rolls back. */
  readonly secondsLeft?: number;
}

export interface FlowOptions {
  /** Until it rolls back by itself. */
  readonly seconds: number;
  /** The next boot is the activation. */
  readonly isReboot: boolean;
  /** It is confirmed once it is verified. */
  readonly confirmsItself: boolean;
}

export interface Parts {
  /**
   * Writes the files.
   * @param onKept to be called once, when what they replace is kept and none of them is in place
   * @throws SystemError
   */
  install(onKept: () => void): void;
  /** Looks until all is as the intent says, or it is clear that it will not be. Errors roll back. */
  verify(): readonly Difference[];
  /** The last lines of the network daemon's log. */
  log(): readonly string[];
  /** Whether the files are those of this change: of one that is not pending any more, what became of it. */
  isInPlace(): boolean;
}

/** How it is shown while it runs; on a terminal, or not at all. */
export interface Show {
  begins(name: StepName): void;
  ends(step: Step): void;
  /** What the verification found: before somebody decides. */
  finds(differences: readonly Difference[]): void;
  /** Whom it waits for, and until when. Empty: it is over. */
  waits(text: string): void;
}

export function runChange(
  system: System,
  parts: Parts,
  { seconds, isReboot, confirmsItself }: FlowOptions,
  show: Show,
): Outcome {
  const steps: Step[] = [];
  let differences: readonly Difference[] = [];
  let log: readonly string[] = [];
  const step = (name: StepName, act: () => Ran): boolean => {
    show.begins(name);
    const begun = system.milliseconds();
    const { isDone, lines } = act();
    const taken = (system.milliseconds() - begun) / 1000;
    const done: Step = { name, isDone, lines, seconds: Math.round(taken * 100) / 100 };
    steps.push(done);
    show.ends(done);
    return isDone;
  };
  const word = (name: Word, args: readonly string[] = []): Ran =>
    runWord(system, name, args) ?? { isDone: false, lines: ['No change is pending.'] };
  const outcome = (result: Result): Outcome => ({ result, steps, differences, log });
  const rollBack = (): Outcome => {
    log = parts.log();
    const isDone = step('rollback', () => word('rollback'));
    // The timer fired while it was verified, or another run ended it.
    if (!isDone && pendingChange(system).state === 'none') return outcome(ended(system, parts));
    return outcome(isDone ? 'rolled-back' : 'rollback-failed');
  };

  let armedAt: number | undefined;
  const arm = (): void => {
    const args = [String(seconds), ...(isReboot ? ['reboot'] : [])];
    armedAt = system.milliseconds();
    let ran: Ran = { isDone: false, lines: [] };
    step('arm', () => {
      ran = word('arm', args);
      return ran;
    });
    if (!ran.isDone) {
      throw new SystemError('refused', 'rollback', ran.lines.join(' ') || 'is not armed');
    }
  };
  const isInstalled = step('install', () => attempt(() => parts.install(arm)));
  if (!isInstalled) {
    // Nothing of it is kept, so nothing was changed.
    if (pendingChange(system).state === 'none') return outcome('refused');
    return rollBack();
  }
  if (isReboot) return outcome('waits-for-reboot');
  // Ctrl-C ends the command, and neither the change nor its countdown.
  const interrupted = (): Outcome => {
    show.waits('');
    const { state, secondsLeft } = pendingChange(system);
    if (state !== 'pending') return outcome(ended(system, parts));
    return { ...outcome('pending'), ...(secondsLeft !== undefined && { secondsLeft }) };
  };
  const isActive = system.untilInterrupt(() => step('activate', () => word('activate')));
  if (isActive === undefined) return interrupted();
  if (!isActive) return rollBack();
  let end: Result | undefined;
  const looks = (): Ran => {
    differences = parts.verify();
    // Only a change that is still there can be wrong, or be rolled back.
    if (pendingChange(system).state !== 'pending') {
      end = ended(system, parts);
      differences = end === 'rolled-back' ? [OVER] : [];
    }
    const wrong = differences.filter(({ severity }) => severity === 'error');
    return { isDone: wrong.length === 0, lines: differences.map(({ message }) => message) };
  };
  const isRight = system.untilInterrupt(() => step('verify', looks));
  if (isRight === undefined) return interrupted();
  show.finds(differences);
  if (end) return outcome(end);
  if (!isRight) return rollBack();
  if (confirmsItself) {
    if (step('confirm', () => word('confirm'))) return outcome('confirmed');
    return outcome(ended(system, parts));
  }
  const deadline = (armedAt ?? system.milliseconds()) + seconds * 1000;
  const answer = system.untilInterrupt(() => asks(system, deadline, show));
  if (answer === undefined) return interrupted();
  if (answer) {
    if (step('confirm', () => word('confirm'))) return outcome('confirmed');
  }
  return outcome(ended(system, parts));
}

const OVER: Difference = {
  severity: 'error',
  message: 'The change was rolled back before its verification ended.',
  hint: 'If the time was up, allow more with `--timeout`.',
};

/** A refusal of the system ends the step; the rollback still runs. */
function attempt(act: () => void): Ran {
  try {
    act();
    return { isDone: true, lines: [] };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { isDone: false, lines: [`${error.path}: ${error.message}`] };
  }
}

const STEP_MS = 1000;

/**
 * Asks until Enter is pressed (true), or until the change is no longer pending: confirmed elsewhere,
 * or rolled back.
 */
function asks(system: System, deadline: number, show: Show): boolean {
  // Input that was typed while the connection was down is discarded.
  let canAnswer = system.stderr.isTerminal && system.waitForEnter(0) !== 'closed';
  try {
    for (;;) {
      const { state } = pendingChange(system);
      if (state !== 'pending') return false;
      const left = (deadline - system.milliseconds()) / 1000;
      // The timer is late by seconds, or was stopped: the script knows.
      if (left < -LATE_SECONDS) return false;
      const how = canAnswer ? 'Press Enter' : 'Run `macvtap-render confirm`';
      show.waits(`Keep it? ${how}. It rolls back in ${clock(left)}.`);
      if (!canAnswer) {
        system.sleep(STEP_MS);
        continue;
      }
      const answer = system.waitForEnter(STEP_MS);
      if (answer === 'enter') return true;
      if (answer === 'closed') canAnswer = false;
    }
  } finally {
    show.waits('');
  }
}

const LATE_SECONDS = 30;
/** A rollback waits for leases, and for a daemon that hangs. */
const ROLLBACK_SECONDS = 180;

/** The outcome of a change that another run has ended, or is ending. */
function ended(system: System, parts: Parts): Result {
  for (let waited = 0; waited < ROLLBACK_SECONDS; waited += 0.5) {
    const { state } = pendingChange(system);
    if (state === 'none') return parts.isInPlace() ? 'confirmed' : 'rolled-back';
    if (state === 'rollback-failed' && waited > 5) return 'rollback-failed';
    if (state === 'pending' && waited > 5) break;
    system.sleep(500);
  }
  return 'rollback-failed';
}
