/** Offset → the key or value that begins there, with the collections around it. */
import { isAlias, type Pair, type YAMLSeq } from 'yaml';
import { lastNotAfter } from './sorted.ts';
import { isMap, isScalar, isSeq, type Node, type Scalar, spanOf, type YAMLMap } from './yaml.ts';

export type KeyedPair = Pair<Node, Node | null>;

/** A collection around a place, and which of its entries or items leads there. */
export interface Around {
  readonly collection: YAMLMap | YAMLSeq;
  readonly index: number;
}

export interface Place {
  readonly scalar: Scalar;
  readonly isKey: boolean;
  /** The outermost first. */
  readonly around: readonly Around[];
  /** Whether an anchor marks it, or anything around it: an alias may use it at another place. */
  readonly isAnchored: boolean;
}

export const startOf = (node: Node | null | undefined): number => spanOf(node)?.[0] ?? 0;

/** @returns undefined where no scalar begins at the offset */
export function placeAt(root: Node | null, offset: number): Place | undefined {
  const around: Around[] = [];
  let node: Node | null | undefined = root;
  let isAnchored = false;
  while (node && !isAlias(node)) {
    isAnchored ||= node.anchor !== undefined;
    if (isScalar(node)) {
      return startOf(node) === offset
        ? { scalar: node, isKey: false, around, isAnchored }
        : undefined;
    }
    if (isMap(node)) {
      const { items } = node as YAMLMap<Node, Node | null>;
      const index = lastNotAfter(items.length, offset, (at) => startOf(items[at]?.key));
      const pair = items[index];
      around.push({ collection: node, index });
      if (pair && startOf(pair.key) === offset) {
        return isScalar(pair.key)
          ? { scalar: pair.key, isKey: true, around, isAnchored }
          : undefined;
      }
      node = pair?.value;
    } else if (isSeq(node)) {
      const { items } = node as YAMLSeq<Node>;
      const index = lastNotAfter(items.length, offset, (at) => startOf(items[at]));
      around.push({ collection: node, index });
      node = items[index];
    } else return undefined;
  }
  return undefined;
}

/** The pair that a place is the key or the value of; undefined for an item of a list. */
export function pairOf({ around }: Place): KeyedPair | undefined {
  const { collection, index } = around.at(-1) ?? {};
  return isMap(collection) ? (collection.items[index ?? 0] as KeyedPair) : undefined;
}
