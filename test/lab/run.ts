/**
 * The lab (`npm run test:lab`): what is written, run on the real daemons of Debian's suites, in
 * namespaces of its own, and judged by the kernel's state and by pings.
 */
import { soundCases } from './case.ts';
import { collectStates } from './equality-trials.ts';
import { grammarOf } from './grammar.ts';
import { images } from './images.ts';
import { negativesOf } from './negatives/trials.ts';
import { HELP, parseOptions } from './options.ts';
import { endAll } from './process.ts';
import { ensureRequirements } from './requirements.ts';
import { type Result, runAll } from './runner.ts';
import { casesOf } from './tier1/trials.ts';
import { nameOf, type Trial } from './trial.ts';

/** Trials wait for most of their time: more at a time than there are cores. */
const LANES = 6;

async function main(): Promise<Result[]> {
  const selection = parseOptions(process.argv.slice(2));
  if (selection.wantsHelp) {
    console.log(HELP);
    process.exit(0);
  }
  // Directories made for the host must be open to networkd's user, whoever runs this.
  process.umask(0o022);
  await ensureRequirements();
  const made = await images(selection.suites, selection.isFresh);
  const sound = soundCases();
  const cases = selection.cases.filter((name) => sound.includes(name));
  const isWanted = (trial: Trial): boolean =>
    selection.only.every((word) => nameOf(trial).includes(word));
  const states = collectStates();
  const trials = [
    ...grammarOf(cases, made, selection.backends),
    ...negativesOf(cases, made, selection.backends),
    ...casesOf(cases, made, selection.backends, states.seen),
  ].filter(isWanted);
  const how = { lanes: selection.lanes ?? LANES, isVerbose: selection.isVerbose };
  const results = await runAll('tier 1', trials, how);
  return [...results, ...(await runAll('equality', states.trials(), how))];
}

for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => {
    endAll();
    console.error(`ended by ${signal}`);
    process.exit(128 + number);
  });
}

let results: Result[] = [];
try {
  results = await main();
} catch (error) {
  console.error(`the lab cannot run: ${(error as Error).message}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const count = (outcome: Result['outcome']): number =>
  results.filter((result) => result.outcome === outcome).length;
console.log(`refused: ${count('refused')}, not judged: ${count('not judged')}`);
console.log(`${count('passed')} passed, ${count('failed')} failed`);
process.exitCode = count('failed') > 0 || count('passed') === 0 ? 1 : 0;
