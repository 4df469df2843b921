/**
 * How many intents are drawn, and from which seed.
 *
 *     MACVTAP_PROPERTY_RUNS   accepted intents to render (default: 300); the others follow
 *     MACVTAP_PROPERTY_SEED   the seed of a run that failed
 *
 * `npm test` draws the same few every time, so that it fails by what was changed and not by chance;
 * `npm run test:long` draws 10,000, others each time, and checks how often each feature comes.
 */
import fc from 'fast-check';

export const RUNS = Number(process.env['MACVTAP_PROPERTY_RUNS'] ?? 300);

export const isLong = RUNS >= 1000;

const FIXED_SEED = 1;

export const SEED = Number(
  process.env['MACVTAP_PROPERTY_SEED'] ??
    (isLong ? Math.floor(Math.random() * 0x7fffffff) : FIXED_SEED),
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
