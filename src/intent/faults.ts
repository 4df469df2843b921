/** What does not fit the schema → diagnostics. */
import type { BaseIssue } from 'valibot';
import {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import { isMap, isScalar, isSeq, type Node, textOf } from './yaml.ts';

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
  return diagnostic('missing-key', path, message, { at: 'key', ...(hint && { hint }) });
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

/**
 * @param type what the schema has there
 * @param node what is there; `null` where nothing is
 */
export function wrongShape(path: Path, type: string, node: Node | null): Diagnostic {
  const key = keyOf(path);
  const shape = SHAPES[type] ?? 'another value';
  const isQuoted = isInQuotes(type, node);
  const given = `${isQuoted ? 'the text ' : ''}${shown(node)}`;
  const hint = isQuoted ? 'Remove the quotes.' : hintFor(key, type, shape, node);
  return diagnostic('wrong-type', path, `\`${key}\` takes ${shape}, not ${given}.`, { hint });
}

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
  if (type === 'array' && isScalar(node)) {
    return `Write ${shape}: \`[${cut(textOf(node) ?? '')}]\`.`;
  }
  return type === 'object' || type === 'map' ? 'Write a mapping: `key: value`.' : `Write ${shape}.`;
}

/** @param issue valibot's, of a value of the right type */
export function wrongValue(path: Path, issue: BaseIssue<unknown>): Diagnostic {
  const key = keyOf(path);
  const given = `\`${cut(String(issue.input))}\``;
  const code = isCode(issue.message) ? issue.message : 'wrong-value';
  switch (code) {
    case 'wrong-value': {
      const hint = `\`${key}\` takes ${choices(issue.expected ?? '')}.`;
      return diagnostic(code, path, `Invalid value ${given} for \`${key}\`.`, { hint });
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
      return diagnostic(code, path, message, isQuoted ? { hint: 'Remove the quotes.' } : {});
    }
  }
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
