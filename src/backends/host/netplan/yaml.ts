/**
 * YAML as netplan sees it: libyaml's tree, in which every scalar is text, keys may repeat, `<<` is an
 * ordinary key, and only the first document is read.
 *
 * Depth and growth by aliases are bounded; every text is read without throwing.
 */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
} from 'yaml';

/** A value, with the line that it begins on. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

interface Written {
  readonly line: number;
  /** An application's own tag, such as `!reset`. */
  readonly tag?: string;
}

export interface YamlScalar extends Written {
  readonly kind: 'scalar';
  readonly text: string;
}

export interface YamlList extends Written {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlMap extends Written {
  readonly kind: 'map';
  readonly pairs: readonly YamlPair[];
}

export interface YamlPair {
  /** Undefined if it is not text. */
  readonly key: string | undefined;
  readonly line: number;
  readonly value: YamlNode;
}

export interface YamlFile {
  /** Undefined for an empty file or a tree that cannot be composed. */
  readonly root?: YamlNode;
  readonly problem?: { readonly line: number; readonly because: string };
}

/** Limit of nesting: small engines' stacks overflow, and netplan needs eight levels. */
const MAX_DEPTH = 64;

/** Limit of values that aliases add, above what is written by hand. */
const MAX_COPIED = 100_000;

/** Composes the first document of a file. */
export function readYaml(text: string): YamlFile {
  const lineAt = linesOf(text);
  const tokens = tokenize(text);
  if (typeof tokens === 'number') {
    const because = `collections are nested more than ${MAX_DEPTH} deep`;
    return { problem: { line: lineAt(tokens), because } };
  }
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens, true, text.length);
  return document ? treeOf(document, lineAt) : {};
}

/** Tokens of the text, or the offset at which it is nested too deep. */
function tokenize(text: string): CST.Token[] | number {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH + 2) return parser.offset;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Offsets → lines, counted from 1. */
function linesOf(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

class Unreadable extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

function treeOf(
  { contents, errors: [error] }: Document.Parsed,
  lineAt: (offset: number) => number,
): YamlFile {
  if (error) {
    const because = (error.message.split('\n', 1)[0] ?? '').replace(/[.:]?$/, '');
    return { problem: { line: lineAt(error.pos[0]), because: `no YAML (${because})` } };
  }
  if (!contents) return {};
  try {
    return { root: convert(contents, lineAt) };
  } catch (problem) {
    if (!(problem instanceof Unreadable)) throw problem;
    return { problem: { line: problem.line, because: problem.message } };
  }
}

/** Nodes of the package `yaml` → `YamlNode`s, with aliases expanded. */
function convert(root: Node, lineAt: (offset: number) => number): YamlNode {
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let copied = 0;
  let isCopy = false;
  const visit = (node: unknown, before: number): YamlNode => {
    if (isAlias(node)) return follow(node.source, node.range?.[0] ?? 0);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) {
      return { kind: 'scalar', text: '', line: before };
    }
    const line = lineAt(node.range?.[0] ?? 0);
    if (isCopy) copied++;
    if (copied > MAX_COPIED) throw new Unreadable(line, 'aliases make it too large');
    if (node.anchor) anchors.set(node.anchor, node);
    const written = { line, ...(node.tag?.startsWith('!') && { tag: node.tag }) };
    if (isScalar(node)) {
      return { kind: 'scalar', text: node.source ?? String(node.value ?? ''), ...written };
    }
    open.add(node);
    const found: YamlNode = isSeq(node)
      ? { kind: 'list', items: node.items.map((item) => visit(item, line)), ...written }
      : { kind: 'map', pairs: node.items.map((pair) => pairOf(pair, line)), ...written };
    open.delete(node);
    return found;
  };
  const pairOf = (pair: { key: unknown; value: unknown }, before: number): YamlPair => {
    const key = visit(pair.key, before);
    const value = visit(pair.value, key.line);
    return { key: key.kind === 'scalar' ? key.text : undefined, line: key.line, value };
  };
  const follow = (name: string, offset: number): YamlNode => {
    const target = anchors.get(name);
    if (!target || open.has(target)) {
      throw new Unreadable(lineAt(offset), `no anchor \`&${name}\` before its alias`);
    }
    const wasCopy = isCopy;
    isCopy = true;
    const found = visit(target, lineAt(offset));
    isCopy = wasCopy;
    return found;
  };
  return visit(root, 1);
}

/** The values of a key, which may repeat: netplan reads each. */
export const valuesOf = (node: YamlNode | undefined, key: string): YamlNode[] =>
  node?.kind === 'map'
    ? node.pairs.filter((pair) => pair.key === key).map(({ value }) => value)
    : [];

/** The text of a key; the last one counts. */
export function textOf(node: YamlNode | undefined, key: string): string | undefined {
  const last = valuesOf(node, key).at(-1);
  return last?.kind === 'scalar' ? last.text : undefined;
}
