/** Judged when all renderings of a case have been run: one kernel state for all of them. */
import { differences } from '../judge/equality.ts';
import type { Trial } from '../trial.ts';
import type { Seen } from './cases.ts';

const PART = 'equality';

/** One difference shows in each rendering: more lines say no more. */
const MOST = 12;

/** Collects states, and compares them afterwards; a case that was run once is equal to itself. */
export function collectStates(): { readonly seen: Seen; trials(): Trial[] } {
  const states = new Map<string, Map<string, readonly string[]>>();
  const seen: Seen = ({ name, backend, suite, target }, state) => {
    const ofCase = states.get(name) ?? new Map<string, readonly string[]>();
    ofCase.set(
      [backend, suite, ...(target === undefined ? [] : [`for ${target}`])].join(', '),
      state,
    );
    states.set(name, ofCase);
  };
  const trials = (): Trial[] =>
    [...states]
      .filter(([, ofCase]) => ofCase.size > 1)
      .map(([name, ofCase]) => ({
        part: PART,
        words: [name, `${ofCase.size} renderings`],
        repeat: ['--tier', '1', '--case', name],
        run: async () => {
          const [[first, state] = ['', []], ...others] = [...ofCase];
          return {
            failures: others
              .flatMap(([other, its]) => differences(state, its, [first, other]))
              .slice(0, MOST),
          };
        },
      }));
  return { seen, trials };
}
