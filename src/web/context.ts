/**
 * Where in an intent an offset is, by the text before it alone: what is being typed is mostly no valid
 * YAML, and what comes after it does not matter.
 */

export interface Context {
  /** The keys around the place; a list's item by its key with brackets: `shims`, `veth0`, `routes[]`. */
  readonly path: readonly string[];
  /** The key whose value is being typed; absent: a key is. */
  readonly key?: string;
  /** Where the word begins that is being typed. */
  readonly from: number;
}

/** So many lines before the place are read. */
const FARTHEST = 2000;

const KEY = /^([A-Za-z0-9_.-]+|"[^"]*"|'[^']*')[ \t]*:(?:[ \t]+(.*))?$/;

/** @returns undefined in comments and quoted text */
export function contextAt(text: string, offset: number): Context | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(lineStart, offset);
  if (line.length > 1000 || isComment(line)) return undefined;
  const word = /[A-Za-z0-9_.-]*$/.exec(line)?.[0] ?? '';
  const from = offset - word.length;
  const before = line.slice(0, line.length - word.length);
  const { indent, key, rest } = lineParts(before);
  const around = blockPath(text, lineStart, indent);
  if (key === undefined) {
    return rest === '' ? { path: around, from } : flowContext(around, rest, from);
  }
  if (rest === '') return { path: around, key, from };
  return flowContext([...around, key], rest, from);
}

const isComment = (line: string): boolean => /(?:^|[ \t])#/.test(line);

interface LineParts {
  /** Where its key begins, dashes of lists included. */
  readonly indent: number;
  /** Whether it begins with a dash. */
  readonly isItem: boolean;
  readonly key?: string;
  /** What comes after the key, or all where it has none. */
  readonly rest: string;
}

function lineParts(line: string): LineParts {
  const dashes = /^[ \t]*(?:-[ \t]+)*/.exec(line)?.[0] ?? '';
  const content = line.slice(dashes.length);
  const isItem = dashes.includes('-');
  const [, key, rest = ''] = KEY.exec(content) ?? [];
  return key === undefined
    ? { indent: dashes.length, isItem, rest: content }
    : { indent: dashes.length, isItem, key: unquoted(key), rest };
}

const unquoted = (key: string): string => key.replace(/^(["'])(.*)\1$/, '$2');

/** The keys of the blocks that a line with this indentation is in. */
function blockPath(text: string, lineStart: number, indent: number): string[] {
  const lines = text
    .slice(Math.max(0, lineStart - 200_000), lineStart)
    .split('\n')
    .slice(-FARTHEST);
  const current = text.slice(lineStart, text.indexOf('\n', lineStart) + 1 || text.length);
  const path: string[] = [];
  let limit = indent;
  let isInItem = lineParts(current).isItem;
  // A key at the place of the dash has the list, too.
  let dash = isInItem ? current.search(/-/) : -1;
  for (const line of lines.reverse()) {
    if (limit === 0 && !isInItem) break;
    if (/^[ \t]*(?:#|$)/.test(line)) continue;
    const parts = lineParts(line);
    const own = line.search(/[^ \t]/);
    if (isInItem && parts.key !== undefined && (parts.indent <= dash || parts.indent < limit)) {
      if (parts.indent > dash || (parts.isItem && own === dash)) continue;
      path.unshift(`${parts.key}[]`);
    } else if (!isInItem && parts.indent === limit && parts.isItem && own < limit) {
      // The first key of the same item: its list is further up.
      isInItem = true;
      dash = own;
      continue;
    } else if (!isInItem && parts.key !== undefined && parts.indent < limit) {
      path.unshift(parts.key);
    } else continue;
    limit = parts.indent;
    isInItem = parts.isItem;
    dash = own;
  }
  return path;
}

/** Within braces and brackets of one line. */
function flowContext(around: readonly string[], text: string, from: number): Context | undefined {
  const path = [...around];
  /** For each open bracket, how many steps of the path it has added. */
  const open: { readonly isList: boolean; readonly added: number }[] = [];
  let key: string | undefined;
  for (const [token] of text.matchAll(/[{}[\],]|"[^"]*"?|'[^']*'?|[^{}[\],"']+/g)) {
    if (token === '{' || token === '[') {
      const added = key === undefined ? 0 : 1;
      if (key !== undefined) path.push(key);
      if (token === '[') {
        const last = path.pop();
        path.push(`${last ?? ''}[]`);
      }
      open.push({ isList: token === '[', added });
      key = undefined;
    } else if (token === '}' || token === ']') {
      const closed = open.pop();
      if (closed?.added === 1) path.pop();
      else if (closed?.isList) path.push((path.pop() ?? '').replace(/\[\]$/, ''));
      key = undefined;
    } else if (token === ',') key = undefined;
    else if (token.startsWith('"') || token.startsWith("'")) {
      if (token.length < 2 || token.at(-1) !== token[0]) return undefined;
    } else key = /^[ \t]*([A-Za-z0-9_.-]+)[ \t]*:[ \t]/.exec(`${token} `)?.[1] ?? key;
  }
  const last = open.at(-1);
  if (!last) return undefined;
  if (last.isList) {
    // A list of words: the values of its key.
    const own = (path.pop() ?? '').replace(/\[\]$/, '');
    return { path, key: own, from };
  }
  return { path, ...(key !== undefined && { key }), from };
}
