/**
 * How many intents are drawn, and from which seed.
 *
 *     MACVTAP_PROPERTY_RUNS   accepted intents to render (default: 300); the others follow
 *     MACVTAP_PROPERTY_SEED   the seed, as a run prints it
 *
 * `npm test` draws the same few every time, so that it fails by what was changed and not by chance;
 * `npm run test:long` draws 10,000, and checks how often each feature comes. Its seed follows from
 * the committed tree (`git rev-parse HEAD^{tree}`): a run of CI can be repeated, and each change
 * draws others. Where there is no git tree it is random.
 */
import fc from 'fast-check';
import { randomSeed, seedOf, treeOf } from './seed.ts';

export const RUNS = Number(process.env['MACVTAP_PROPERTY_RUNS'] ?? 300);

export const isLong = RUNS >= 1000;

const FIXED_SEED = 1;

function longSeed(): number {
  const tree = treeOf('.');
  return tree === undefined ? randomSeed() : seedOf(tree);
}

export const SEED = Number(
  process.env['MACVTAP_PROPERTY_SEED'] ?? (isLong ? longSeed() : FIXED_SEED),
);

/** Runs a property; what fails is shown as the text of the intent, with the seed. */
export function check<T>(
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  show: (value: T) => string,
  property: (value: T) => void,
): void {
  const result = fc.check(fc.property(arbitrary, property), {
    numRuns: Math.max(1, Math.round(runs)),
    seed: SEED,
  });
  if (!result.failed) return;
  const shown = result.counterexample ? show(result.counterexample[0]) : '';
  const error = new Error(
    `${String(result.errorInstance)}\n\nMACVTAP_PROPERTY_SEED=${SEED} (run ${result.numRuns}), smallest:\n${shown}`,
  );
  // The stack is of no use, and says the message again.
  error.stack = '';
  throw error;
}
