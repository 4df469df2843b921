/**
 * The text of an intent and where things stand in it. Positions are worked out only when a
 * diagnostic or `explain` asks.
 */

import { isAlias } from 'yaml';
import type { Path } from '../diagnostics.ts';
import {
  entriesOf,
  isMap,
  isSeq,
  type KeyedNode,
  type Node,
  spanOf,
  type YamlTree,
} from './yaml.ts';

/** Offsets into `Source.text`, counted in UTF-16 units as strings are; `end` is past the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Source {
  /** How diagnostics name the file: the path as given, or `<stdin>`. */
  readonly file: string;
  readonly text: string;
  /** The span of the value (or key) at `path`, or of the nearest thing around it that is there. */
  locate(path: Path, at?: 'key' | 'value'): Span;
}

/** A source whose text is no YAML tree: everything is at its beginning. */
export function plainSource(file: string, text: string): Source {
  return { file, text, locate: () => ({ start: 0, end: 0 }) };
}

export function treeSource(file: string, text: string, tree: YamlTree): Source {
  const span = (node: Node | null | undefined, otherwise: Span): Span => {
    const found = spanOf(node);
    // An empty value ends before it begins to say anything: its key is the better place.
    return found && found[1] > found[0] ? { start: found[0], end: found[1] } : otherwise;
  };
  return {
    file,
    text,
    locate(path, at = 'value') {
      let node: Node | null | undefined = tree.root;
      let place = firstThing(tree.root);
      for (const [index, step] of path.entries()) {
        if (isAlias(node)) node = tree.resolve(node);
        let next: Node | null | undefined;
        if (isMap(node)) {
          const entry: KeyedNode | undefined = entriesOf(tree, node, []).get(String(step));
          if (!entry) break;
          const keyPlace = span(entry.keyNode, place);
          const isLast = index === path.length - 1;
          // A collection is shown by its key: its own span runs over many lines.
          const byKey = (isLast && at === 'key') || isMap(entry.value) || isSeq(entry.value);
          place = byKey ? keyPlace : span(entry.value, keyPlace);
          next = entry.value;
        } else if (isSeq(node) && typeof step === 'number') {
          next = node.items[step] as Node | undefined;
          if (!next) break;
          place = isMap(next) ? firstThing(next) : span(next, place);
        } else break;
        node = next;
      }
      return place;
    },
  };
}

/** The first key of a mapping, or the node itself. */
function firstThing(node: Node | null): Span {
  const first = isMap(node) ? (node.items[0]?.key as Node | undefined) : node;
  const range = spanOf(first);
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 };
}
