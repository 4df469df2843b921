/**
 * Questions to YAML nodes. With `compose.ts` and `yaml-parts.ts`, everything that knows the `yaml` package.
 *
 * YAML 1.2 core schema, with merge keys. JSON is a subset.
 */

import type { Alias, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import {
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import { duplicateKey } from './yaml-problems.ts';

export type { Node, Scalar, YAMLMap } from 'yaml';
export { isMap, isScalar, isSeq } from 'yaml';

/** Collections within collections. Checked before composing: small engines' stacks overflow. */
export const MAX_DEPTH = 64;

export interface YamlTree {
  readonly root: Node | null;
  /** The node that an alias refers to, or undefined if there is no such anchor before it. */
  resolve(alias: Alias): Node | undefined;
  /** The mappings looked at so far: merges of merges are worked out once. */
  readonly entries: Map<YAMLMap, Collected>;
  /** Those that were merged for this tree alone, or are in `own`: they go with it. */
  readonly made: Map<YAMLMap, Collected>;
  /** The first and last offset of what is written for this tree alone. */
  readonly own?: readonly [number, number];
  /** Those whose faulty keys are already reported: once for each host of a fleet. */
  readonly reported: Set<YAMLMap>;
  /** How many values aliases and merges have added so far. */
  copied: number;
}

/** Values that aliases and merges may add. */
export const MAX_COPIED = 100_000;

/** The entries of a mapping, and diagnostics of its keys. */
export interface Collected {
  readonly entries: ReadonlyMap<string, KeyedNode>;
  readonly problems: readonly Diagnostic[];
}

export interface KeyedNode {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

/**
 * The entries of a mapping in their order: its own first, then what `<<` merges in and it does
 * not have itself (YAML 1.1's merge type). Faulty keys are reported the first time.
 */
export function entriesOf(
  tree: YamlTree,
  map: YAMLMap,
  path: Path,
  report: (diagnostic: Diagnostic) => void = () => {},
): ReadonlyMap<string, KeyedNode> {
  return collectEntries({ tree, path, report, open: new Set() }, map);
}

/** Whether two values are the same scalar, with the same text: a list or a mapping is not compared. */
const sameText = (one: Node | null | undefined, other: Node | null): boolean =>
  isScalar(one) &&
  isScalar(other) &&
  one.value === other.value &&
  textOf(one) === textOf(other) &&
  one.anchor === undefined &&
  other.anchor === undefined;

const isWithin = ({ range }: YAMLMap, span: YamlTree['own']): boolean =>
  span !== undefined && range != null && range[0] >= span[0] && range[1] <= span[1];

interface Collecting {
  readonly tree: YamlTree;
  readonly path: Path;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Mappings that are being worked out: none may be merged into itself. */
  readonly open: Set<YAMLMap>;
}

function collectEntries(context: Collecting, map: YAMLMap): ReadonlyMap<string, KeyedNode> {
  const { tree, path, open } = context;
  const known = tree.made.get(map) ?? tree.entries.get(map);
  if (known) {
    if (!tree.reported.has(map)) for (const problem of known.problems) context.report(problem);
    tree.reported.add(map);
    return known.entries;
  }
  open.add(map);
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): void => {
    problems.push(problem);
    context.report(problem);
  };
  const entries = new Map<string, KeyedNode>();
  const merges: Pair<Node, Node | null>[] = [];
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const keyNode = isAlias(pair.key) ? (tree.resolve(pair.key) ?? pair.key) : pair.key;
    const key = isScalar(keyNode) ? textOf(keyNode) : undefined;
    const offsets = spanOf(pair.key) ?? spanOf(map);
    const at = offsets ? { offsets } : {};
    if (key === undefined) {
      report(diagnostic('key-not-text', path, 'A key is not plain text.', at));
    } else if (isMergeKey(pair.key)) {
      merges.push(pair);
    } else if (entries.has(key)) {
      const isSame = sameText(entries.get(key)?.value, pair.value);
      report(duplicateKey([...path, key], key, at, isSame));
    } else {
      entries.set(key, { key, keyNode: pair.key, value: pair.value });
    }
  }
  // An own key wins, then the first of several that are merged.
  for (const pair of merges) {
    for (const [key, entry] of mergedEntries({ ...context, report }, pair)) {
      if (!entries.has(key)) entries.set(key, entry);
    }
  }
  open.delete(map);
  const store = isWithin(map, tree.own) ? tree.made : tree.entries;
  store.set(map, { entries, problems });
  tree.reported.add(map);
  return entries;
}

function mergedEntries(
  context: Collecting,
  pair: Pair<Node, Node | null>,
): (readonly [string, KeyedNode])[] {
  const { tree, path, report, open } = context;
  const offsets = spanOf(pair.value) ?? spanOf(pair.key);
  const at = offsets ? { offsets } : {};
  const fail = (code: DiagnosticCode, message: string): [] => {
    report(diagnostic(code, path, message, at));
    return [];
  };
  const expand = (node: Node | null): (readonly [string, KeyedNode])[] => {
    const target = isAlias(node) ? tree.resolve(node) : node;
    if (!target && isAlias(node)) {
      return fail(
        'yaml-anchor',
        `Alias \`*${node.source}\` has no anchor \`&${node.source}\` before it.`,
      );
    }
    if (!isMap(target)) return fail('yaml-merge', '`<<` merges mappings only.');
    if (open.has(target)) return fail('yaml-anchor', 'This mapping is merged into itself.');
    if (open.size > MAX_DEPTH) {
      return fail('too-deep', `Merges are nested more than ${MAX_DEPTH} deep.`);
    }
    const entries = collectEntries(context, target);
    if (tree.copied > MAX_COPIED) return [];
    tree.copied += entries.size;
    return tree.copied > MAX_COPIED
      ? fail('yaml-alias-bomb', `Merges add more than ${MAX_COPIED} values.`)
      : [...entries];
  };
  const value = isAlias(pair.value) ? (tree.resolve(pair.value) ?? pair.value) : pair.value;
  return isSeq(value) ? value.items.flatMap((item) => expand(item as Node)) : expand(pair.value);
}

const isMergeKey = (key: Node): boolean =>
  isScalar(key) && key.type === 'PLAIN' && key.source === '<<';

/** A scalar's text as it is written (`007`, `1.10`), or undefined where there is none. */
export function textOf(scalar: Scalar): string | undefined {
  if (typeof scalar.value === 'string') return scalar.value;
  if (scalar.value === null || scalar.value === undefined) return undefined;
  return scalar.source ?? String(scalar.value);
}

/** First and last offset of a node, without the space behind it. */
export function spanOf(node: Node | null | undefined): readonly [number, number] | undefined {
  return node?.range ? [node.range[0], node.range[1]] : undefined;
}
