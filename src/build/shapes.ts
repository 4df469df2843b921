/** What a template of a back end prints: its names, and which of them must be there. */
import Handlebars from 'handlebars';
import { isStructure } from '../view/structure.ts';

/** What stands at a name in a template. */
export type Shape =
  | { readonly kind: 'entry'; readonly isRequired: boolean }
  | { readonly kind: 'entries' }
  | { readonly kind: 'list' | 'group'; readonly keys: Keys };

export type Keys = Map<string, Shape>;

/** A value by its path from the top of the view, with `EACH` for the items of a list. */
type Value = readonly string[];
type Token = string | Value;

const EACH = '#each';

/** One line, whatever lists it is in: `{}` in the place of each value. */
interface Line {
  readonly text: string;
  readonly values: readonly Value[];
}

/**
 * Lines that may be left out by themselves: a key with its value, an element of XML without others
 * in it, a comment. Of anything else the value must be there: `[{{section}}]`, `- to: {{to}}`.
 */
const MAY_BE_ABSENT = /^(?:[A-Za-z0-9-]+\+?=\{\}| +[a-z0-9-]+: \{\}| *<[^<>]*\/>|<!-- \{\} -->)$/;

/**
 * The names that a template prints.
 * @param name of the template, for errors
 * @throws Error for what no template of a back end may have: `#if`, or a line that says something
 * without a value, for which no view has a reason
 */
export function shapeOf(name: string, source: string): Keys {
  const keys: Keys = new Map();
  for (const { text, values } of linesOf(tokensOf(name, Handlebars.parse(source), []))) {
    if (values.length === 0 && !isStructure(text)) {
      throw new Error(`${name}: no value gives a reason for ${JSON.stringify(text)}`);
    }
    const isRequired = values.length > 1 || !MAY_BE_ABSENT.test(text);
    for (const value of values) put(keys, value, isRequired);
  }
  return keys;
}

function tokensOf(name: string, { body }: hbs.AST.Program, above: Value): Token[] {
  return body.flatMap((statement): Token[] => {
    if (isContent(statement)) return [statement.value];
    if (isMustache(statement)) {
      const [list] = statement.params;
      return list
        ? [[...above, ...partsOf(name, list), EACH, 'this']]
        : [[...above, ...partsOf(name, statement.path)]];
    }
    if (!isEach(statement)) throw new Error(`${name}: a template has values, #each and join alone`);
    const items = [...above, ...partsOf(name, statement.params[0]), EACH];
    return tokensOf(name, statement.program, items);
  });
}

function partsOf(name: string, expression: hbs.AST.Node | undefined): readonly string[] {
  if (expression?.type !== 'PathExpression') throw new Error(`${name}: not a name`);
  const { parts, depth, original } = expression as hbs.AST.PathExpression;
  if (depth > 0) throw new Error(`${name}: ${original} belongs to another group`);
  return original === 'this' ? ['this'] : parts.map(String);
}

const isContent = (node: hbs.AST.Statement): node is hbs.AST.ContentStatement =>
  node.type === 'ContentStatement';

const isMustache = (node: hbs.AST.Statement): node is hbs.AST.MustacheStatement =>
  node.type === 'MustacheStatement';

const isEach = (node: hbs.AST.Statement): node is hbs.AST.BlockStatement => {
  if (node.type !== 'BlockStatement') return false;
  const { path, inverse } = node as hbs.AST.BlockStatement;
  return (path as { original?: unknown }).original === 'each' && inverse === undefined;
};

function linesOf(tokens: readonly Token[]): Line[] {
  const lines: { text: string; values: Value[] }[] = [];
  let line = { text: '', values: [] as Value[] };
  for (const token of tokens) {
    if (typeof token !== 'string') {
      line.text += '{}';
      line.values.push(token);
      continue;
    }
    const [first = '', ...rest] = token.split('\n');
    line.text += first;
    for (const text of rest) {
      lines.push(line);
      line = { text, values: [] };
    }
  }
  return [...lines, line];
}

function put(keys: Keys, [first = '', ...rest]: Value, isRequired: boolean): void {
  const known = keys.get(first);
  if (rest.length === 0) {
    const isRequiredAbove = known?.kind === 'entry' && known.isRequired;
    keys.set(first, { kind: 'entry', isRequired: isRequired || isRequiredAbove });
    return;
  }
  const isList = rest[0] === EACH;
  if (isList && rest[1] === 'this') {
    keys.set(first, { kind: 'entries' });
    return;
  }
  const shape =
    known?.kind === 'list' || known?.kind === 'group'
      ? known
      : { kind: isList ? ('list' as const) : ('group' as const), keys: new Map() };
  keys.set(first, shape);
  put(shape.keys, isList ? rest.slice(1) : rest, isRequired);
}
