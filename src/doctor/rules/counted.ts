/** Rules and policies that drop, and what each dropped between two looks. */
import type { Filter } from '../facts.ts';
import type { Ruleset } from './ruleset.ts';

/** Those that drop, with the hook of their chain where it has one. */
export const droppingIn = ({ chains }: Ruleset): Filter[] =>
  chains.flatMap(({ hook, policy, rules }) =>
    [...rules.filter(({ verdict }) => verdict.kind === 'drop'), ...(policy ? [policy] : [])].map(
      ({ where, packets }) => ({
        where,
        ...(hook !== undefined && { hook }),
        ...(packets !== undefined && { packets }),
        dropped: 0,
      }),
    ),
  );

/** What each filter dropped between two looks. One that came in between has dropped all that it counts. */
export function droppedBetween(before: readonly Filter[], after: readonly Filter[]): Filter[] {
  const earlier = new Map(before.map(({ where, packets }) => [where, packets ?? 0]));
  return after.map((filter) => ({
    ...filter,
    dropped: Math.max(0, (filter.packets ?? 0) - (earlier.get(filter.where) ?? 0)),
  }));
}
