/**
 * The YAML that is generated for netplan: block mappings and lists, lists in one line, quoted or plain
 * text. What is edited into something else is left out; anchors are not followed, so nothing grows.
 */

export type Plain = string | readonly Plain[] | Mapping;
export type Mapping = ReadonlyMap<string, Plain>;

/** Deeper than netplan's language goes. */
const MAX_DEPTH = 12;

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** The document as a mapping; empty where it is none. */
export function yamlOf(text: string): Mapping {
  const lines = text
    .split('\n')
    .map((raw): Line => {
      const content = raw.trimStart();
      return { indent: raw.length - content.length, text: content.trimEnd() };
    })
    .filter(({ text: content }) => content !== '' && !content.startsWith('#'));
  const document = block(lines, 0);
  return isMapping(document) ? document : new Map();
}

export const isMapping = (value: Plain | undefined): value is Mapping => value instanceof Map;

export const mappingAt = (map: Mapping | undefined, key: string): Mapping | undefined => {
  const value = map?.get(key);
  return isMapping(value) ? value : undefined;
};

export const textAt = (map: Mapping | undefined, key: string): string | undefined => {
  const value = map?.get(key);
  return typeof value === 'string' ? value : undefined;
};

export const listAt = (map: Mapping | undefined, key: string): readonly Plain[] => {
  const value = map?.get(key);
  return Array.isArray(value) ? value : [];
};

export const textsAt = (map: Mapping | undefined, key: string): string[] =>
  listAt(map, key).filter((item): item is string => typeof item === 'string');

/** Lines of one depth and below. */
function block(lines: readonly Line[], depth: number): Plain {
  const first = lines[0];
  if (!first || depth > MAX_DEPTH) return '';
  return first.text.startsWith('- ') ? list(lines, depth) : mapping(lines, depth);
}

/** Lines at the indentation of the first, each with those below it that are deeper. */
function parts(lines: readonly Line[]): { head: Line; below: Line[] }[] {
  const found: { head: Line; below: Line[] }[] = [];
  const indent = lines[0]?.indent ?? 0;
  for (const line of lines) {
    const last = found.at(-1);
    if (last && line.indent > indent) last.below.push(line);
    else found.push({ head: line, below: [] });
  }
  return found;
}

const list = (lines: readonly Line[], depth: number): Plain[] =>
  parts(lines).map(({ head, below }) => {
    const text = head.text.replace(/^- +/, '');
    const inner = { indent: head.indent + 2, text };
    return entryIn(text) ? block([inner, ...below], depth + 1) : scalar(text);
  });

function mapping(lines: readonly Line[], depth: number): Mapping {
  const found = new Map<string, Plain>();
  for (const { head, below } of parts(lines)) {
    const entry = entryIn(head.text);
    if (!entry) continue;
    const [key, value] = entry;
    found.set(key, value === '' ? block(below, depth + 1) : inline(value));
  }
  return found;
}

/** `key: value`, `key:`, with the key plain or quoted; nothing where the line is a value. */
function entryIn(text: string): [string, string] | undefined {
  const quoted = /^"([^"]*)":(?: +(.*))?$/.exec(text);
  if (quoted) return [quoted[1] ?? '', quoted[2] ?? ''];
  if (text.startsWith('"')) return undefined;
  if (text.endsWith(':') && !text.includes(': ')) return [text.slice(0, -1), ''];
  const at = text.indexOf(': ');
  return at < 1 ? undefined : [text.slice(0, at), text.slice(at + 2).trim()];
}

function inline(text: string): Plain {
  if (!text.startsWith('[') || !text.endsWith(']')) return scalar(text);
  const inner = text.slice(1, -1).trim();
  return inner === '' ? [] : inner.split(',').map((item) => scalar(item.trim()));
}

const scalar = (text: string): string =>
  text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
