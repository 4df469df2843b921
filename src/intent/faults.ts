/** What does not fit the schema → diagnostics. */
import type { BaseIssue } from 'valibot';
import {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import {
  addFirst,
  type Fix,
  removeQuotes,
  setValue,
  setWord,
  unwrapItem,
  wrapInList,
} from '../diagnostics/fix.ts';
import { slipOf } from './slips.ts';
import { isMap, isScalar, isSeq, type Node, textOf } from './yaml.ts';
import { yaml11Boolean } from './yaml11.ts';

/** The key that names a place: the last step that is not an index of a list. */
const keyOf = (path: Path): string =>
  String(path.findLast((step) => typeof step === 'string') ?? 'the intent');

/** What to add where a key is missing or empty. */
const TO_ADD: ReadonlyMap<string, string> = new Map([
  ['version', 'Begin the intent with `version: 1`.'],
  ['parent', 'Add `parent: NIC`, the link below it.'],
  ['table', 'Add `table: NUMBER`, the routing table.'],
  ['to', 'Add `to: default`, or `to:` and a network.'],
  ['macaddress', "Add `macaddress:` and the NIC's permanent MAC."],
]);

/** @param path of the key that is not there */
export function missingKey(path: Path): Diagnostic {
  const key = keyOf(path);
  const hint = TO_ADD.get(key);
  const message = `Missing \`${key}\`.`;
  const isVersion = path.length === 1 && key === 'version';
  return diagnostic('missing-key', path, message, {
    at: 'key',
    ...(hint && { hint }),
    ...(isVersion && { fix: addFirst('version', '1') }),
  });
}

export const emptyList = (path: Path): Diagnostic =>
  diagnostic('wrong-value', path, `\`${keyOf(path)}\` is empty.`, {
    hint: 'Add at least one item.',
  });

/** Types of the schema, as they are called in messages. */
const SHAPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  map: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  boolean: '`true` or `false`',
};

/** What is looked at of the schema of a place. */
interface Expected {
  readonly type: string;
  readonly item?: { readonly type: string };
}

/**
 * @param expected what the schema has there
 * @param node what is there; `null` where nothing is
 */
export function wrongShape(path: Path, expected: Expected, node: Node | null): Diagnostic {
  const { type } = expected;
  const key = keyOf(path);
  const shape = SHAPES[type] ?? 'another value';
  const isQuoted = isInQuotes(type, node);
  const given = `${isQuoted ? 'the text ' : ''}${shown(node)}`;
  const hint = isQuoted ? 'Remove the quotes.' : hintFor(key, type, shape, node);
  const fix = shapeFix(expected, node);
  return diagnostic('wrong-type', path, `\`${key}\` takes ${shape}, not ${given}.`, {
    hint,
    ...(fix && { fix }),
  });
}

/** The one thing that a value of the wrong type can mean. */
function shapeFix({ type, item }: Expected, node: Node | null): Fix | undefined {
  if (isSeq(node)) return type === 'string' && isScalar(onlyItem(node)) ? unwrapItem : undefined;
  if (!isScalar(node) || isNothing(node)) return undefined;
  const takesText = item?.type === 'string' || item?.type === 'picklist';
  if (type === 'array') return takesText ? wrapInList : undefined;
  const text = String(node.value);
  if (isInQuotes(type, node)) return removeQuotes(text.toLowerCase());
  const truth = type === 'boolean' && typeof node.value === 'string' && yaml11Boolean(text);
  return truth ? setWord(truth) : undefined;
}

const onlyItem = ({ items }: { readonly items: readonly unknown[] }): Node | undefined =>
  items.length === 1 ? (items[0] as Node) : undefined;

/** Whether a number, or a truth value, is written as text. */
function isInQuotes(type: string, node: Node | null): boolean {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value !== 'string') return false;
  if (type === 'boolean') return /^(?:true|false)$/i.test(value);
  return type === 'number' && value !== '' && !Number.isNaN(Number(value));
}

function hintFor(key: string, type: string, shape: string, node: Node | null): string {
  if (isNothing(node)) {
    const empty = type === 'object' ? ' (`{}` for an empty one)' : '';
    // Whether the key is the user's own name: then it is a mapping that it takes.
    const toAdd = type === 'object' ? undefined : TO_ADD.get(key);
    return toAdd ?? `Remove the key, or give it ${shape}${empty}.`;
  }
  if (type === 'string' && isSeq(node)) return listHint(key, node);
  if (type === 'array' && isScalar(node)) {
    return `Write ${shape}: \`[${cut(textOf(node) ?? '')}]\`.`;
  }
  return type === 'object' || type === 'map' ? 'Write a mapping: `key: value`.' : `Write ${shape}.`;
}

/** A list where one text is expected. */
function listHint(key: string, list: { readonly items: readonly unknown[] }): string {
  const item = onlyItem(list);
  const text = isScalar(item) ? textOf(item) : undefined;
  if (text !== undefined) return `Write \`${cut(text)}\`, without a list.`;
  return key === 'host'
    ? 'Write one name. Several hosts are a fleet: `hosts: {kvm1: {…}, kvm2: {…}}`.'
    : 'Write one text, without a list.';
}

/** @param issue valibot's, of a value of the right type */
export function wrongValue(path: Path, issue: BaseIssue<unknown>): Diagnostic {
  const key = keyOf(path);
  const given = `\`${cut(String(issue.input))}\``;
  const code = isCode(issue.message) ? issue.message : 'wrong-value';
  switch (code) {
    case 'wrong-value': {
      const hint = `\`${key}\` takes ${choices(issue.expected ?? '')}.`;
      const fix = wordFix(issue);
      return diagnostic(code, path, `Invalid value ${given} for \`${key}\`.`, {
        hint,
        ...(fix && { fix }),
      });
    }
    case 'wrong-type': {
      const hint = 'Write a whole number.';
      return diagnostic(code, path, `\`${key}\` takes a whole number, not ${given}.`, { hint });
    }
    case 'mtu-out-of-range':
      return diagnostic(code, path, `MTU ${given} is outside 68 to 65535 bytes.`);
    default: {
      const message = `${given}: ${lowerFirst(CODES[code].meaning)}`;
      const isQuoted = code === 'version-unsupported' && issue.input === '1';
      if (isQuoted) return diagnostic(code, path, message, UNQUOTED_VERSION);
      const fix = textFix(code, issue.input);
      return diagnostic(code, path, message, fix ? { fix } : {});
    }
  }
}

/** What to do about `version: "1"`. */
export const UNQUOTED_VERSION = { hint: 'Remove the quotes.', fix: removeQuotes('1') };

/** The one word of a choice that another is a slip of. */
function wordFix({ input, expected }: BaseIssue<unknown>): Fix | undefined {
  if (typeof input !== 'string' || !expected?.includes('"')) return undefined;
  const words = [...expected.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text);
  const slip = slipOf(input, words);
  return slip === undefined ? undefined : setValue(slip);
}

/** The same in the spelling that an intent has for it. */
function textFix(code: DiagnosticCode, input: unknown): Fix | undefined {
  if (typeof input !== 'string') return undefined;
  if (code === 'hostname-malformed') {
    const lower = input.toLowerCase();
    return lower === input ? undefined : setValue(lower);
  }
  const mac = code === 'mac-malformed' ? macOf(input) : undefined;
  return mac === undefined ? undefined : setValue(mac);
}

/** `52-54-00-12-34-56`, `52:54:0:12:34:56`, `5254.0012.3456` and `525400123456` in the kernel's form. */
function macOf(text: string): string | undefined {
  const plain = text.toLowerCase();
  const octets = /^[0-9a-f]{1,2}(?:([:-])[0-9a-f]{1,2})(?:\1[0-9a-f]{1,2}){4}$/.test(plain)
    ? plain.split(/[:-]/).map((octet) => octet.padStart(2, '0'))
    : /^(?:[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12})$/.test(plain)
      ? plain.replaceAll('.', '').match(/../g)
      : undefined;
  return octets?.join(':');
}

export const isCode = (message: string): message is DiagnosticCode => Object.hasOwn(CODES, message);

const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

/** valibot's `("a" | "b")` and `>=0` in words. */
const choices = (expected: string): string =>
  expected
    .replace(/^\((.*)\)$/, '$1')
    .replaceAll('"', '`')
    .split(' | ')
    .join(', ')
    .replace(/^>=(-?\d+)$/, 'a whole number from $1')
    .replace(/^<=(-?\d+)$/, 'a whole number up to $1');

const isNothing = (node: Node | null): boolean =>
  node === null || (isScalar(node) && (node.value === null || node.value === undefined));

function shown(node: Node | null): string {
  if (isSeq(node)) return 'a list';
  if (isMap(node)) return 'a mapping';
  return isScalar(node) && !isNothing(node) ? `\`${cut(String(node.value))}\`` : 'nothing';
}

/** A value may be as long as the file. */
const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
