/** Lists of an intent: an item that is at fault is `undefined` there. */
import type { Path } from '../../diagnostics/diagnostic.ts';

/** The items that are not at fault, each with its place in the intent. */
export function itemsOf<T>(
  items: readonly (T | undefined)[] | undefined,
  list: Path,
): { readonly item: T; readonly origin: Path }[] {
  return (items ?? []).flatMap((item, index) =>
    item === undefined ? [] : [{ item, origin: [...list, index] }],
  );
}
