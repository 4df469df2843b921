/** Text → YAML nodes. */
import {
  Composer,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
} from 'yaml';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { lastNotAfter } from './sorted.ts';
import { MAX_DEPTH, type YamlTree } from './yaml.ts';
import { type ComposeOptions, composedParts, type Parts } from './yaml-parts.ts';
import { collectorOf, MOST_PROBLEMS, type Problem, syntaxProblem } from './yaml-problems.ts';

/**
 * Composes one document; there is no tree where the syntax is wrong.
 * @param first the offset of the text's first character, from which places are counted
 */
export function composeYaml(
  text: string,
  first = 0,
): { tree?: YamlTree; diagnostics: Diagnostic[] } {
  // A text with faults is composed again, as a whole.
  const isLong = text.length > LONG;
  return (isLong && composeAll(text, first, composedParts(OPTIONS))) || composeAll(text, first);
}

/** Duplicates are looked for in `entriesOf`: the package's own check is quadratic. */
const OPTIONS: ComposeOptions = { version: '1.2', uniqueKeys: false, merge: false };

/** From here on memory counts. */
const LONG = 64 * 1024;

type Composed = { tree?: YamlTree; diagnostics: Diagnostic[] };

/** @returns undefined for a text with faults, in parts */
function composeAll(text: string, first: number): Composed;
function composeAll(text: string, first: number, parts: Parts): Composed | undefined;
function composeAll(text: string, first: number, parts?: Parts): Composed | undefined {
  const end = first + text.length;
  const tokens = tokenize(text, first, parts);
  if (!tokens) return undefined;
  if (typeof tokens === 'number') {
    const message = `Collections are nested more than ${MAX_DEPTH} deep.`;
    const at = { offsets: [tokens, tokens + 1] as const };
    return { diagnostics: [diagnostic('too-deep', [], message, at)] };
  }
  const composer = new Composer(OPTIONS);
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
  if (parts && (!isReadable || !parts.join(documents[0]?.contents ?? null))) return undefined;
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

/** Tokens of the text, or the offset at which it is nested too deep; undefined as for `composeAll`. */
function tokenize(
  text: string,
  first: number,
  parts: Parts | undefined,
): CST.Token[] | number | undefined {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  parser.offset = first;
  let offset = first;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The bottom of the stack is the document, the top may be a scalar.
    if (parser.stack.length > MAX_DEPTH + 2) return offset;
    if (parts && !parts.take(parser.stack)) return undefined;
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
