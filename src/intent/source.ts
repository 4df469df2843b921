/**
 * The text of an intent, and the places in it. Positions are worked out only when a
 * diagnostic or `explain` asks.
 */

import { isAlias } from 'yaml';
import type { Path } from '../diagnostics/diagnostic.ts';
import {
  entriesOf,
  isMap,
  isSeq,
  type KeyedNode,
  type Node,
  spanOf,
  type YamlTree,
} from './yaml.ts';

export { lastNotAfter } from './sorted.ts';

/** Offsets as `SourceFile.start` counts them; `end` is past the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One of the files that an intent, or a fleet, is in. */
export interface SourceFile {
  /** Its name in diagnostics: the path as given, or `<stdin>`. */
  readonly file: string;
  readonly text: string;
  /**
   * The offset of its first character, in UTF-16 units as strings are. Offsets go on from file to
   * file, so that one number is a place in any of them (as in the `FileSet` of Go's parser).
   */
  readonly start: number;
}

export interface Source {
  /** By `start`; one at least. */
  readonly files: readonly SourceFile[];
  /** The span of the value (or key) at `path`, or of the nearest thing around it that is there. */
  locate(path: Path, at?: 'key' | 'value'): Span;
}

/**
 * The files one after the other, with one place between two, which is the end of the first. A byte
 * order mark is not part of a text: it would count as a column.
 */
export function sourceFiles(
  texts: readonly { readonly file: string; readonly text: string }[],
): SourceFile[] {
  let start = 0;
  return texts.map(({ file, text: whole }) => {
    const text = whole.startsWith('\ufeff') ? whole.slice(1) : whole;
    const item = { file, text, start };
    start += text.length + 1;
    return item;
  });
}

/** A source whose text is not a YAML tree: everything is at its beginning. */
export function plainSource(file: string, text: string): Source {
  return { files: sourceFiles([{ file, text }]), locate: () => ({ start: 0, end: 0 }) };
}

export function treeSource(files: readonly SourceFile[], tree: YamlTree): Source {
  const span = (node: Node | null | undefined, otherwise: Span): Span => {
    const found = spanOf(node);
    // An empty value has no width: its key is the better place.
    return found && found[1] > found[0] ? { start: found[0], end: found[1] } : otherwise;
  };
  return {
    files,
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
