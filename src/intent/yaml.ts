/**
 * Text → YAML nodes, and questions to those nodes. Everything that knows the `yaml` package.
 *
 * YAML 1.2 core schema, with merge keys. JSON is a subset.
 */

import type { Alias, CST, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, Parser } from 'yaml';
import {
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import { lastNotAfter } from './sorted.ts';
import {
  collectorOf,
  duplicateKey,
  MOST_PROBLEMS,
  type Problem,
  syntaxProblem,
} from './yaml-problems.ts';

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
  /** Mappings that were merged for this tree alone, and go with it. */
  readonly made: Map<YAMLMap, Collected>;
  /** Those whose faulty keys are already reported: once for each host of a fleet. */
  readonly reported: Set<YAMLMap>;
  /** How many values aliases and merges have added so far. */
  copied: number;
}

/** Values that aliases and merges may add. */
export const MAX_COPIED = 100_000;

/**
 * Composes one document; there is no tree where the syntax is wrong.
 * @param first the offset of the text's first character, from which places are counted
 */
export function composeYaml(
  text: string,
  first = 0,
): { tree?: YamlTree; diagnostics: Diagnostic[] } {
  const end = first + text.length;
  const tokens = tokenize(text, first);
  if (typeof tokens === 'number') {
    const message = `Collections are nested more than ${MAX_DEPTH} deep.`;
    const at = { offsets: [tokens, tokens + 1] as const };
    return { diagnostics: [diagnostic('too-deep', [], message, at)] };
  }
  // Duplicates are looked for in `entriesOf`: the package's own check is quadratic.
  const composer = new Composer({ version: '1.2', uniqueKeys: false, merge: false });
  const problems: Problem[] = [];
  Object.assign(composer, { onError: collectorOf(problems) });
  const documents = [...composer.compose(tokens, true, end)];
  const diagnostics = [
    ...problems.map((problem) => syntaxProblem(problem, end)),
    ...documents.flatMap((document) => problemsOf(document, first, end)),
  ];
  if (problems.length === MOST_PROBLEMS) {
    const message = 'Syntax errors after this one are not reported.';
    const offsets = problems.at(-1)?.pos ?? ([first, first] as const);
    diagnostics.push(diagnostic('too-many-diagnostics', [], message, { offsets }));
  }
  const isReadable = diagnostics.length === 0;
  if (documents.length > 1) {
    const start = Math.min(documents[1]?.contents?.range[0] ?? end, end);
    const at = { offsets: [start, Math.min(start + 1, end)] as const };
    diagnostics.push(
      diagnostic('several-documents', [], 'A second YAML document begins here.', at),
    );
  }
  const document = documents[0];
  if (!document || !isReadable) return { diagnostics };
  return { tree: treeOf(document.contents), diagnostics };
}

/** Tokens of the text, or the offset at which it is nested too deep. */
function tokenize(text: string, first: number): CST.Token[] | number {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  parser.offset = first;
  let offset = first;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The bottom of the stack is the document, the top may be a scalar.
    if (parser.stack.length > MAX_DEPTH + 2) return offset;
    // Marks of the lexer (byte order mark, document, scalar) are not part of the text.
    if (!'\u{FEFF}\u0002\u0018\u001f'.includes(lexeme)) offset += lexeme.length;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function problemsOf(document: Document.Parsed, first: number, last: number): Diagnostic[] {
  const problems = [...document.errors, ...document.warnings]
    .slice(0, MOST_PROBLEMS)
    .map((problem) => syntaxProblem(problem, last));
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
    problems.push(
      diagnostic(
        'yaml-syntax',
        [],
        `An intent is YAML 1.2, not ${document.directives.yaml.version}.`,
        {
          hint: 'Remove the %YAML directive.',
          offsets: [first, first + 1],
        },
      ),
    );
  }
  return problems;
}

function treeOf(root: Node | null): YamlTree {
  // YAML lets a later anchor take over a name: an alias means the last one before it.
  const anchors = new Map<string, Node[]>();
  const collect = (node: unknown): void => {
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor) {
        const known = anchors.get(node.anchor);
        if (known) known.push(node);
        else anchors.set(node.anchor, [node]);
      }
    }
    if (isMap(node)) {
      for (const pair of node.items) {
        collect(pair.key);
        collect(pair.value);
      }
    } else if (isSeq(node)) node.items.forEach(collect);
  };
  collect(root);
  const start = (node: Node): number => node.range?.[0] ?? 0;
  const startAt = (nodes: readonly Node[], index: number): number => {
    const node = nodes[index];
    return node ? start(node) : 0;
  };
  return {
    root,
    resolve: (alias) => {
      const known = anchors.get(alias.source) ?? [];
      const at = start(alias) - 1;
      const last = known[lastNotAfter(known.length, at, (index) => startAt(known, index))];
      return last && start(last) <= at ? last : undefined;
    },
    entries: new Map(),
    made: new Map(),
    reported: new Set(),
    copied: 0,
  };
}

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
  tree.entries.set(map, { entries, problems });
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
