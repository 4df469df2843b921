/**
 * XML as libvirt writes it (formatdomain): elements, attributes and text; comments are skipped. What libvirt
 * never writes (a document type, entities of one's own) makes the whole text unreadable.
 */

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** Text directly in it, without blanks at its ends. */
  readonly text: string;
  /** Where it begins. */
  readonly offset: number;
}

interface Open {
  readonly element: Element & { readonly children: Element[] };
  text: string;
}

/** Far above what libvirt writes. */
const MOST_ELEMENTS = 20_000;
const MOST_DEPTH = 64;

const NAME = /[A-Za-z_][A-Za-z0-9_.:-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_][A-Za-z0-9_.:-]*)\s*=\s*(?:'([^'<]*)'|"([^"<]*)")/y;
const TAG_END = /\s*(\/?)>/y;
const CDATA = '<![CDATA[';
const CLOSING = /<\/([A-Za-z_][A-Za-z0-9_.:-]*)\s*>/y;

/** @returns the outermost element; undefined where the text is not such XML, or has no end */
export function parseXml(text: string): Element | undefined {
  const open: Open[] = [];
  let root: Element | undefined;
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('<', at);
    const between = text.slice(at, next < 0 ? text.length : next);
    const current = open.at(-1);
    const plain = decoded(between);
    if (plain === undefined || (!current && plain.trim() !== '')) return undefined;
    if (current) current.text += plain;
    if (next < 0) break;
    // libvirt keeps the metadata of others as it is.
    if (current && text.startsWith(CDATA, next)) {
      const end = text.indexOf(']]>', next);
      if (end < 0) return undefined;
      current.text += text.slice(next + CDATA.length, end);
      at = end + 3;
      continue;
    }
    const skipped = skip(text, next);
    if (skipped !== undefined) {
      if (skipped < 0) return undefined;
      at = skipped;
      continue;
    }
    if (text.startsWith('</', next)) {
      const name = matchAt(CLOSING, text, next);
      const closed = open.pop();
      if (!name || !closed || name[1] !== closed.element.name) return undefined;
      const element = { ...closed.element, text: closed.text.trim() };
      const above = open.at(-1);
      if (above) above.element.children.push(element);
      else root = element;
      at = next + name[0].length;
      continue;
    }
    const tag = startTag(text, next);
    count += 1;
    // One element alone is at the top.
    if (!tag || count > MOST_ELEMENTS || open.length >= MOST_DEPTH || (!current && root))
      return undefined;
    at = tag.end;
    if (!tag.isEmpty) open.push({ element: tag.element, text: '' });
    else if (current) current.element.children.push(tag.element);
    else root = tag.element;
  }
  return open.length === 0 ? root : undefined;
}

/** The end of a comment or declaration: -1 where it has none, undefined where there is none of them. */
function skip(text: string, at: number): number | undefined {
  const [begin, end] = text.startsWith('<!--', at) ? ['<!--', '-->'] : ['<?', '?>'];
  if (!text.startsWith(begin, at)) return undefined;
  const found = text.indexOf(end, at + begin.length);
  return found < 0 ? -1 : found + end.length;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function startTag(text: string, offset: number) {
  const name = matchAt(NAME, text, offset + 1)?.[0];
  if (name === undefined) return undefined;
  let at = offset + 1 + name.length;
  const attributes = new Map<string, string>();
  for (let found = matchAt(ATTRIBUTE, text, at); found; found = matchAt(ATTRIBUTE, text, at)) {
    const [whole, key = '', single, double] = found;
    const value = decoded(single ?? double ?? '');
    if (value === undefined || attributes.has(key)) return undefined;
    attributes.set(key, value);
    at += whole.length;
  }
  const end = matchAt(TAG_END, text, at);
  if (!end) return undefined;
  const element = { name, attributes, children: [] as Element[], text: '', offset };
  return { element, end: at + end[0].length, isEmpty: end[1] === '/' };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
  ['quot', '"'],
]);

/** Undefined: an entity that XML does not have by itself (XML 1.0, 4.6). */
function decoded(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let isRight = true;
  const plain = text.replace(
    /&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|\w{1,8})?(;?)/g,
    (_, name = '', end) => {
      const found = end === ';' ? (ENTITIES.get(name) ?? numbered(name)) : undefined;
      if (found === undefined) isRight = false;
      return found ?? '';
    },
  );
  return isRight ? plain : undefined;
}

function numbered(name: string): string | undefined {
  if (!name.startsWith('#')) return undefined;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

export const childOf = ({ children }: Element, name: string): Element | undefined =>
  children.find((child) => child.name === name);

/** Characters that XML 1.0 cannot have, in whatever form (2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NEVER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/**
 * The element on one line: neither a single quote nor a character beyond printable ASCII is in it, so that it is
 * one word between single quotes of a shell, and what it shows is what it is.
 * @returns undefined where a value has a character that XML cannot have
 */
export function printXml({ name, attributes, children, text }: Element): string | undefined {
  const words = [...attributes].map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const inner = children.map(printXml);
  if (NEVER.test(text) || [...attributes.values()].some((value) => NEVER.test(value)))
    return undefined;
  if (inner.some((part) => part === undefined)) return undefined;
  const content = `${escaped(text)}${inner.join('')}`;
  const head = `<${name}${words.join('')}`;
  return content === '' ? `${head}/>` : `${head}>${content}</${name}>`;
}

const escaped = (text: string): string =>
  text.replace(/[^ !#$%(-;=?-[\]-~]/gu, (character) => `&#${character.codePointAt(0)};`);
