/**
 * Long mappings are composed while the text is still being parsed: what the package makes of a text
 * before it composes it is twice as large as the nodes, and need not be there for all of it at a time.
 */
import {
  Composer,
  type CST,
  type DocumentOptions,
  isMap,
  type Node,
  type Pair,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml';

export type ComposeOptions = ParseOptions & DocumentOptions & SchemaOptions;

/** So many entries at a time. */
const PART = 64;

/** The parser may still move comments between the last two. */
const OPEN = 2;

/** Entries that were composed before the document around them. */
export interface Parts {
  /** Takes complete entries from a long mapping directly below the document's. @returns false for a fault */
  take(stack: readonly CST.Token[]): boolean;
  /** Puts them in their place in the composed document. @returns false if there is no such place */
  join(root: Node | null): boolean;
}

export function composedParts(options: ComposeOptions): Parts {
  const taken = new Map<CST.BlockMap, Pair[]>();
  return {
    take([, top, map]) {
      if (top?.type !== 'block-map' || map?.type !== 'block-map') return true;
      if (map.items.length < PART + OPEN) return true;
      const items = map.items.splice(0, map.items.length - OPEN);
      const pairs = composeItems(items, map, options);
      const before = taken.get(map);
      if (!before) taken.set(map, pairs ?? []);
      else for (const pair of pairs ?? []) before.push(pair);
      return pairs !== undefined;
    },
    join(root) {
      for (const [{ offset }, pairs] of taken) {
        const values = isMap(root) ? root.items.map(({ value }) => value) : [];
        const map = values.find((value) => isMap(value) && value.range?.[0] === offset);
        if (!isMap(map)) return false;
        map.items = pairs.concat(map.items);
      }
      return true;
    },
  };
}

/** @returns undefined where anything is wrong with one: only the whole text is reported well */
function composeItems(
  items: CST.BlockMap['items'],
  { indent }: CST.BlockMap,
  options: ComposeOptions,
): Pair[] | undefined {
  const offset = items[0]?.start[0]?.offset;
  // Each begins with its indentation, by which the composer knows where it is.
  if (offset === undefined || !items.every(({ start, key }) => start.length > 0 && key)) {
    return undefined;
  }
  const composer = new Composer(options);
  let isRight = true;
  Object.assign(composer, {
    onError: () => {
      isRight = false;
    },
  });
  const value: CST.BlockMap = { type: 'block-map', offset, indent, items };
  const document: CST.Document = { type: 'document', offset, start: [], value };
  const [composed] = [...composer.compose([document])];
  return isRight && isMap(composed?.contents) ? composed.contents.items : undefined;
}
