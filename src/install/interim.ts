/** Files that are replaced in two steps: what is true of both texts, and then the new one. */
import { placeIn } from '../backends/places.ts';

/** The text of a file while others change; undefined if the new text is enough. */
export function interimOf(target: string, before: string, after: string): string | undefined {
  const merged = placeIn(target, after)?.interim?.(before, after);
  return merged === after ? undefined : merged;
}
