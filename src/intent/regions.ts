/** Offset → the entries and items around it: how near two places of a text are to each other. */
import { type KeyedPair, startOf } from './place.ts';
import { lastNotAfter, type Source } from './source.ts';
import { rootOf } from './trees.ts';
import { isMap, isScalar, isSeq, type Node, textOf } from './yaml.ts';

/** An entry of a mapping, or an item of a list. */
export interface Region {
  /** The same for two offsets exactly if they are in the same entry or item. */
  readonly id: string;
  /** Of an entry: its key. */
  readonly key?: string | undefined;
}

/**
 * The outermost first; a key is in its entry alone. What is between two regions is in the first of them,
 * and no alias is followed.
 */
export function regionsAt({ files }: Source, offset: number): readonly Region[] {
  const file = files[lastNotAfter(files.length, offset, (index) => files[index]?.start ?? 0)];
  const regions: Region[] = [];
  let node: Node | null | undefined = file && rootOf(file);
  while (isMap(node) || isSeq(node)) {
    const items = node.items as readonly (KeyedPair | Node)[];
    const firstOf = (item: KeyedPair | Node | undefined): Node | undefined =>
      item && 'key' in item ? item.key : item;
    const item = items[lastNotAfter(items.length, offset, (at) => startOf(firstOf(items[at])))];
    const first = firstOf(item);
    if (!item || !first || startOf(first) > offset) break;
    // An item and its first key begin at the same offset.
    const id = `${regions.length} ${startOf(first)}`;
    regions.push({ id, ...(first !== item && isScalar(first) && { key: textOf(first) }) });
    node = 'key' in item ? item.value : item;
  }
  return regions;
}
