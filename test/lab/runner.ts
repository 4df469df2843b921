/** Runs trials, several at a time, and reports them: progress, failures with what they left, figures. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInside, within } from './process.ts';
import { nameOf, type Outcome, type Trial, type Verdict } from './trial.ts';

export interface Result {
  readonly trial: Trial;
  readonly verdict: Verdict;
  readonly outcome: Outcome | 'failed';
  readonly seconds: number;
}

export interface RunOptions {
  /** So many trials at a time: they wait for most of their time. */
  readonly lanes: number;
  /** Each trial is reported, not only those with something to say. */
  readonly isVerbose: boolean;
}

/** How often the progress is printed where a line cannot be written over. */
const TELL_MS = 15_000;

/**
 * Runs all; what fails is run once more, alone, as a busy machine fails trials that say nothing of
 * the files. One that is then right counts as passed, and is reported and counted as unsteady.
 * @returns the results in the order of the trials
 */
export async function runAll(
  what: string,
  trials: readonly Trial[],
  options: RunOptions,
): Promise<Result[]> {
  const results = await runOnce(what, trials, options);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0 || failed.length > MOST_AGAIN) return results;
  const again = await runOnce(
    `${what}, once more`,
    failed.map(({ trial }) => trial),
    { ...options, lanes: 1 },
  );
  return results.map((first) => {
    const second = again[failed.indexOf(first)];
    if (!second || second.outcome === 'failed') return first;
    const { failures } = first.verdict;
    return { ...second, verdict: { ...second.verdict, unsteady: failures } };
  });
}

/** More failures than these are not by chance. */
const MOST_AGAIN = 40;

/** Each wait of a trial has its own limit. Whatever has none must not keep the others from being run. */
const TRIAL_SECONDS = 30 * 60;

async function runOnce(
  what: string,
  trials: readonly Trial[],
  { lanes, isVerbose }: RunOptions,
): Promise<Result[]> {
  const begin = performance.now();
  const results: Result[] = new Array(trials.length);
  const progress = startProgress(what, trials.length, begin);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < trials.length) {
      const index = next++;
      const result = await runOne(trials[index] as Trial);
      results[index] = result;
      progress.done(result);
      printResult(result, isVerbose, progress.print);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  progress.end();
  return results;
}

async function runOne(trial: Trial): Promise<Result> {
  const begin = performance.now();
  // Whatever a trial throws is a failure of it.
  const verdict = await within(trial.run(), TRIAL_SECONDS, 'the trial has no end').catch(
    (error: unknown): Verdict => ({ failures: [`the lab: ${(error as Error).stack}`] }),
  );
  const seconds = (performance.now() - begin) / 1000;
  const outcome = verdict.failures.length > 0 ? 'failed' : (verdict.outcome ?? 'passed');
  return { trial, verdict, outcome, seconds };
}

function printResult(
  { trial, verdict, outcome, seconds }: Result,
  isVerbose: boolean,
  print: (line: string) => void,
): void {
  const { failures, notes = [] } = verdict;
  if (outcome !== 'failed' && notes.length === 0 && !isVerbose) return;
  print(
    `${outcome === 'failed' ? 'FAILED' : outcome}  ${nameOf(trial)}  (${seconds.toFixed(1)} s)`,
  );
  for (const note of notes) print(`          ${note}`);
  for (const failure of failures) print(`        ! ${failure}`);
  if (outcome !== 'failed') return;
  if (verdict.evidence && isInside()) printEvidence(verdict.evidence, print);
  else if (verdict.evidence) print(`        see ${leave(trial, verdict)}`);
  if (trial.repeat.length > 0) {
    print(`        again: npm run test:lab -- ${trial.repeat.map(quote).join(' ')}`);
  }
}

/** What a virtual machine writes goes with it. */
function printEvidence(
  evidence: Readonly<Record<string, string>>,
  print: (line: string) => void,
): void {
  for (const [name, text] of Object.entries(evidence)) print(`-- ${name}\n${text}`);
}

const quote = (word: string): string =>
  /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

let folder: string | undefined;

/** Keeps what a failed trial saw. @returns where */
function leave(trial: Trial, { failures, evidence = {} }: Verdict): string {
  folder ??= mkdtempSync(join(tmpdir(), 'macvtap-render-lab-'));
  const own = join(folder, nameOf(trial).replace(/[^\w.-]+/g, '_'));
  mkdirSync(own, { recursive: true });
  for (const [name, text] of Object.entries({ ...evidence, failures: failures.join('\n') })) {
    writeFileSync(join(own, name), `${text}\n`);
  }
  return own;
}

interface Progress {
  done(result: Result): void;
  print(line: string): void;
  end(): void;
}

/** One line that is written over on a terminal; elsewhere a line every now and then. */
function startProgress(what: string, total: number, begin: number): Progress {
  const isTerminal = process.stdout.isTTY === true;
  let done = 0;
  let failed = 0;
  let printed = begin;
  const line = (): string => {
    const now = performance.now();
    const left = done === 0 ? '' : `, ${clock(((now - begin) / done) * (total - done))} left`;
    const bad = failed > 0 ? `, ${failed} failed` : '';
    return `${what}: ${done} of ${total}${bad}, ${clock(now - begin)}${left}`;
  };
  const clear = (): void => void (isTerminal && process.stdout.write('\r\u001b[K'));
  return {
    done: ({ outcome }) => {
      done += 1;
      if (outcome === 'failed') failed += 1;
      if (isTerminal) process.stdout.write(`\r\u001b[K${line()}`);
      else if (performance.now() - printed > TELL_MS) {
        printed = performance.now();
        console.log(line());
      }
    },
    print: (text) => {
      clear();
      console.log(text);
    },
    end: () => {
      clear();
      console.log(line().replace(/, 0:00 left$/, ''));
    },
  };
}

/** `1:05` for sixty-five seconds. */
function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
