/**
 * Text → YAML nodes, and questions to those nodes. Everything that knows the `yaml` package.
 *
 * YAML 1.2 core schema, with merge keys. JSON is a subset.
 */

import type { Alias, CST, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, Parser } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics.ts';

export type { Node, Scalar, YAMLMap } from 'yaml';
export { isMap, isScalar, isSeq } from 'yaml';

/** Collections within collections. Checked before composing: small engines' stacks overflow. */
const MAX_DEPTH = 64;

export interface YamlTree {
  readonly root: Node | null;
  /** The node an alias stands for, or undefined if there is no such anchor before it. */
  resolve(alias: Alias): Node | undefined;
}

/** Composes one document; there is no tree exactly when there is a diagnostic. */
export function composeYaml(text: string): { tree?: YamlTree; diagnostics: Diagnostic[] } {
  const tokens = tokenize(text);
  if (typeof tokens === 'number') {
    const message = `Collections are nested more than ${MAX_DEPTH} deep here.`;
    const at = { offsets: [tokens, tokens + 1] as const };
    return { diagnostics: [diagnostic('too-deep', [], message, at)] };
  }
  // Duplicates are looked for in `entriesOf`: the package's own check is quadratic.
  const composer = new Composer({ version: '1.2', uniqueKeys: false, merge: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const diagnostics = documents.flatMap((document) => problemsOf(document, text));
  if (documents.length > 1) {
    const start = documents[1]?.contents?.range[0] ?? text.length;
    const at = { offsets: [start, start + 1] as const };
    diagnostics.push(
      diagnostic('several-documents', [], 'A second YAML document begins here.', at),
    );
  }
  const document = documents[0];
  if (!document || diagnostics.length > 0) return { diagnostics };
  return { tree: treeOf(document.contents), diagnostics };
}

/** Tokens of the text, or the offset at which it is nested too deep. */
function tokenize(text: string): CST.Token[] | number {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The bottom of the stack is the document, the top may be a scalar.
    if (parser.stack.length > MAX_DEPTH + 2) return offset;
    // Marks of the lexer itself (byte order mark, document, scalar) are no part of the text.
    if (!'\u{FEFF}\u0002\u0018\u001f'.includes(lexeme)) offset += lexeme.length;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function problemsOf(document: Document.Parsed, text: string): Diagnostic[] {
  const problems = [...document.errors, ...document.warnings].map((problem) => {
    const [start, end] = problem.pos;
    return diagnostic('yaml-syntax', [], `${sentence(problem.message)}`, {
      offsets: [Math.min(start, text.length), Math.min(end, text.length)],
    });
  });
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
    problems.push(
      diagnostic(
        'yaml-syntax',
        [],
        `An intent is YAML 1.2, not ${document.directives.yaml.version}.`,
        {
          hint: 'Remove the %YAML directive.',
          offsets: [0, 1],
        },
      ),
    );
  }
  return problems;
}

const sentence = (message: string): string => {
  const line = message.split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
};

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
  return {
    root,
    resolve: (alias) => anchors.get(alias.source)?.findLast((node) => start(node) < start(alias)),
  };
}

export interface KeyedNode {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

/**
 * The entries of a mapping in their order: its own first, then what `<<` merges in and it does
 * not say itself (YAML 1.1's merge type). What is wrong with keys goes to `report`.
 */
export function entriesOf(
  tree: YamlTree,
  map: YAMLMap,
  path: Path,
  report: (diagnostic: Diagnostic) => void = () => {},
): KeyedNode[] {
  return collectEntries(tree, map, path, report, new Set([map]));
}

function collectEntries(
  tree: YamlTree,
  map: YAMLMap,
  path: Path,
  report: (diagnostic: Diagnostic) => void,
  open: Set<Node>,
): KeyedNode[] {
  const entries = new Map<string, KeyedNode>();
  const merged: KeyedNode[] = [];
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const keyNode = isAlias(pair.key) ? (tree.resolve(pair.key) ?? pair.key) : pair.key;
    const key = isScalar(keyNode) ? textOf(keyNode) : undefined;
    if (key === undefined) {
      const offsets = spanOf(pair.key) ?? spanOf(map);
      const at = offsets ? { offsets } : {};
      report(diagnostic('key-not-text', path, 'A key must be plain text.', at));
    } else if (isMergeKey(pair.key)) {
      merged.push(...mergedEntries(tree, pair, path, report, open));
    } else if (entries.has(key)) {
      const offsets = spanOf(pair.key);
      report(
        diagnostic('duplicate-key', [...path, key], `\`${key}\` stands here for the second time.`, {
          at: 'key',
          ...(offsets && { offsets }),
        }),
      );
    } else {
      entries.set(key, { key, keyNode: pair.key, value: pair.value });
    }
  }
  for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  return [...entries.values()];
}

function mergedEntries(
  tree: YamlTree,
  pair: Pair<Node, Node | null>,
  path: Path,
  report: (diagnostic: Diagnostic) => void,
  open: Set<Node>,
): KeyedNode[] {
  const offsets = spanOf(pair.value) ?? spanOf(pair.key);
  const at = offsets ? { offsets } : {};
  const fail = (code: 'yaml-merge' | 'yaml-anchor', message: string): KeyedNode[] => {
    report(diagnostic(code, path, message, at));
    return [];
  };
  const expand = (node: Node | null): KeyedNode[] => {
    const target = isAlias(node) ? tree.resolve(node) : node;
    if (!target && isAlias(node))
      return fail('yaml-anchor', `There is no \`&${node.source}\` before this.`);
    if (!isMap(target)) return fail('yaml-merge', '`<<` merges mappings only.');
    if (open.has(target)) return fail('yaml-anchor', 'This mapping is merged into itself.');
    open.add(target);
    const entries = collectEntries(tree, target, path, report, open);
    open.delete(target);
    return entries;
  };
  const value = isAlias(pair.value) ? (tree.resolve(pair.value) ?? pair.value) : pair.value;
  // Of several mappings the first one wins: `collectEntries` keeps the first of each key.
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
