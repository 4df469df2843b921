/** The order of files in which the host is reachable at the next boot, wherever the run stops. */

import { placeIn } from '../backends/places.ts';
import type { Given } from '../view/place.ts';

export interface Replacement {
  /** Absolute, on the target. */
  readonly target: string;
  /** Undefined: there was no file. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * A first installation goes by rank, in the order of the list. A change must not remove in one file
 * what another file adds only later: an address that moves to another link, a shim that moves to
 * another parent. The file that adds it goes first, if there is such an order; where two exchange
 * theirs, addresses decide.
 */
export function inOrder<T extends Replacement>(replacements: readonly T[]): T[] {
  // What replaces nothing removes nothing.
  if (replacements.every(({ before }) => before === undefined)) return [...replacements];
  const waiting = replacements.map((replacement) => ({
    replacement,
    all: changeOf(replacement, ({ addresses, attachments }) => [...addresses, ...attachments]),
    addresses: changeOf(replacement, ({ addresses }) => addresses),
  }));
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const free = (which: 'all' | 'addresses'): number =>
      waiting.findIndex((item) =>
        waiting.every(
          (other) => other === item || !item[which].loses.some((it) => other[which].gains.has(it)),
        ),
      );
    const at = [free('all'), free('addresses'), 0].find((index) => index >= 0) ?? 0;
    const [next] = waiting.splice(at, 1);
    if (next) ordered.push(next.replacement);
  }
  return ordered;
}

interface Shift {
  readonly loses: readonly string[];
  readonly gains: ReadonlySet<string>;
}

function changeOf(
  { target, before, after }: Replacement,
  pick: (given: Given) => readonly string[],
): Shift {
  const gives = placeIn(target, after)?.gives;
  const given = (text: string | undefined): Set<string> =>
    new Set(text === undefined || !gives ? [] : pick(gives(text)));
  const [had, has] = [given(before), given(after)];
  return {
    loses: [...had].filter((one) => !has.has(one)),
    gains: new Set([...has].filter((one) => !had.has(one))),
  };
}
