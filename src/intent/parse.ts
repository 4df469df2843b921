/** Text of an intent → `Intent`: YAML, then the schema. */
import * as v from 'valibot';
import {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import { readTree, type SchemaNode } from './read.ts';
import { type Intent, intentSchema } from './schema.ts';
import { sizeOf, tooManyValues } from './size.ts';
import { plainSource, type Source, treeSource } from './source.ts';
import { composeYaml, isScalar, type YamlTree } from './yaml.ts';

/** Input above this is refused before anything looks at it. */
export const MAX_BYTES = 64 * 1024 * 1024;

export interface Parsed {
  readonly source: Source;
  /**
   * What could be read. Beside errors it holds what is left without the values at fault, so
   * that the next stage can find the other mistakes in the same run; it makes no model of it.
   */
  readonly intent?: Intent;
  /** Where in the source a place of `intent` is: lists have lost the items at fault. */
  readonly restore?: (path: Path) => Path;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param file how diagnostics name the text: a path, or `<stdin>` */
export function parse(file: string, text: string): Parsed {
  if (text.length > MAX_BYTES) {
    return { source: plainSource(file, ''), diagnostics: [tooLarge()] };
  }
  const { tooLargeAt } = sizeOf(text);
  if (tooLargeAt !== undefined) {
    return { source: plainSource(file, ''), diagnostics: [tooManyValues(tooLargeAt)] };
  }
  const plain = plainSource(file, text);
  const { tree, diagnostics } = composeYaml(plain.files[0]?.text ?? '');
  if (!tree) return { source: plain, diagnostics };
  return parseTree(treeSource(plain.files, tree), tree, diagnostics);
}

export const tooLarge = (): Diagnostic =>
  diagnostic('too-large', [], `The intent is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);

/**
 * One host's, of a whole text or merged from the parts of a fleet.
 * @param before what is known to be wrong with it
 */
export function parseTree(
  source: Source,
  tree: YamlTree,
  before: readonly Diagnostic[] = [],
): Parsed {
  const diagnostics = [...before];
  if (tree.root === null || (isScalar(tree.root) && tree.root.value === null)) {
    return { source, diagnostics: [diagnostic('empty-intent', [], 'There is no intent here.')] };
  }
  const data = readTree(tree, intentSchema as unknown as SchemaNode, (d) => diagnostics.push(d));
  // What a bomb left is not worth judging.
  if (diagnostics.some(({ code }) => code === 'yaml-alias-bomb' || code === 'too-deep')) {
    return { source, diagnostics };
  }
  return { source, ...validate(data, diagnostics) };
}

function validate(data: unknown, before: readonly Diagnostic[]): Omit<Parsed, 'source'> {
  const diagnostics = [...before];
  const keyOf = ({ path, at }: Diagnostic): string => JSON.stringify([path, at]);
  // A key that is there under a wrong spelling is not missing.
  const misspelt = before.flatMap((d) => (d.meant ? [keyOf({ ...d, path: d.meant })] : []));
  const known = new Set([...before.map(keyOf), ...misspelt]);
  const { restore, lose } = losses();
  let rest = data;
  // A round takes out what was at fault; what is left passes in the next, or in the one after
  // that where taking out has bared another fault.
  for (let round = 0; round < 4; round += 1) {
    const result = v.safeParse(intentSchema, rest);
    if (result.success) return { intent: result.output, restore, diagnostics };
    for (const issue of result.issues) {
      const shifted = toDiagnostic(issue);
      const found = { ...shifted, path: restore(shifted.path) };
      // `read` may have said it already, and closer (a YAML 1.1 habit).
      if (!known.has(keyOf(found))) diagnostics.push(found);
      known.add(keyOf(found));
    }
    const paths = result.issues.map(pathOf);
    if (paths.some((path) => path.length === 0)) return { diagnostics };
    rest = without(rest, trieOf(paths));
    for (const path of paths.map(restore)) lose(path);
  }
  return { diagnostics };
}

/** Which items lists have lost, and so where an item was that is now further up. */
function losses(): { restore: (path: Path) => Path; lose: (path: Path) => void } {
  const lost = new Map<string, { readonly gaps: Set<number>; sorted?: readonly number[] }>();
  const restore = (path: Path): Path => {
    const restored: (string | number)[] = [];
    for (const step of path) {
      if (typeof step === 'string') restored.push(step);
      else {
        const list = lost.get(JSON.stringify(restored));
        if (list) list.sorted ??= [...list.gaps].sort((a, b) => a - b);
        restored.push(beforeGaps(step, list?.sorted ?? []));
      }
    }
    return restored;
  };
  /** Of a place in the source: the first list on the way to it loses the item. */
  const lose = (path: Path): void => {
    const at = path.findIndex((step) => typeof step === 'number');
    const index = path[at];
    if (typeof index !== 'number') return;
    const key = JSON.stringify(path.slice(0, at));
    const list = lost.get(key) ?? { gaps: new Set() };
    list.gaps.add(index);
    delete list.sorted;
    lost.set(key, list);
  };
  return { restore, lose };
}

/** Where an item was, that is at `index` after those at `gaps` (in their order) have gone. */
function beforeGaps(index: number, gaps: readonly number[]): number {
  let low = 0;
  let high = gaps.length;
  // So many of the gaps lie before it: with each one more, it was one further down.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((gaps[middle] ?? 0) - middle <= index) low = middle + 1;
    else high = middle;
  }
  return index + low;
}

type Issue = v.InferIssue<typeof intentSchema>;

const pathOf = (issue: Issue): Path =>
  (issue.path ?? []).map((item) => item.key as string | number);

const SHAPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  map: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  boolean: '`true` or `false`',
  integer: 'a whole number',
};

const isCode = (message: string): message is DiagnosticCode => Object.hasOwn(CODES, message);

function toDiagnostic(issue: Issue): Diagnostic {
  const path = pathOf(issue);
  const key = path.findLast((step) => typeof step === 'string') ?? 'the intent';
  const last = issue.path?.at(-1);
  const toAdd = MISSING.get(key);
  if (issue.kind === 'schema' && last?.origin === 'key') {
    return diagnostic('missing-key', path, `\`${key}\` is missing here.`, {
      at: 'key',
      ...(toAdd !== undefined && { hint: toAdd }),
    });
  }
  const given = show(issue.input);
  if (issue.type === 'min_length') {
    const hint = 'Name one at least.';
    return diagnostic('wrong-value', path, `\`${key}\` is empty.`, { hint });
  }
  if (isCode(issue.message)) {
    const code = issue.message;
    // A mapping where text belongs is a matter of shape, whatever the text should have been.
    if (!(issue.kind === 'schema' && typeof issue.input === 'object')) {
      const expected = issue.expected ? choices(issue.expected) : '';
      const message =
        code === 'wrong-value'
          ? `${given} is no value of \`${key}\`.`
          : code === 'wrong-type'
            ? `\`${key}\` takes a whole number, not ${given}.`
            : code === 'mtu-out-of-range'
              ? `An MTU of ${given} is outside 68 to 65535.`
              : `${given}: ${lowerFirst(CODES[code].meaning)}`;
      return diagnostic(code, path, message, {
        ...(code === 'wrong-value' && { hint: `\`${key}\` takes ${expected}.` }),
        ...(code === 'wrong-type' && { hint: 'Write a whole number.' }),
        ...(code === 'version-unsupported' &&
          issue.input === '1' && { hint: 'Remove the quotes.' }),
      });
    }
  }
  const shape = SHAPES[issue.type] ?? 'another value';
  const quoted =
    typeof issue.input === 'string' &&
    (issue.type === 'boolean'
      ? /^(?:true|false)$/i.test(issue.input)
      : issue.type === 'number' && issue.input !== '' && !Number.isNaN(Number(issue.input)));
  const hint = quoted
    ? 'Remove the quotes.'
    : issue.input === null && toAdd !== undefined
      ? toAdd
      : issue.input === null
        ? `Remove the key, or give it ${shape}${issue.type === 'object' ? ' (`{}` for an empty one)' : ''}.`
        : `Write ${shape}${issue.type === 'array' && typeof issue.input !== 'object' ? `: \`[${cut(String(issue.input))}]\`` : ''}.`;
  return diagnostic(
    'wrong-type',
    path,
    `\`${key}\` takes ${shape}, not ${quoted ? 'the text ' : ''}${given}.`,
    { hint },
  );
}

/** What to add where a key is missing or empty. A map: keys may be the user's own names. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['version', 'Begin the intent with `version: 1`.'],
  ['parent', 'Add `parent: NIC`, the link below it.'],
  ['table', 'Add `table: NUMBER`, the routing table.'],
  ['to', 'Add `to: default`, or `to:` and a network.'],
  ['macaddress', "Add `macaddress:` and the NIC's permanent MAC."],
]);

const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

/** valibot's `(a | b)` and `>=0` in words. */
const choices = (expected: string): string =>
  expected
    .replace(/^\((.*)\)$/, '$1')
    .replaceAll('"', '`')
    .split(' | ')
    .join(', ')
    .replace(/^>=(-?\d+)$/, 'a whole number from $1')
    .replace(/^<=(-?\d+)$/, 'a whole number up to $1');

function show(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  return `\`${cut(String(input))}\``;
}

/** A value may be as long as the file. */
const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

/** Paths by their steps; a leaf is what is to be taken out. */
interface Trie {
  leaf: boolean;
  readonly below: Map<string | number, Trie>;
}

function trieOf(paths: readonly Path[]): Trie {
  const root: Trie = { leaf: false, below: new Map() };
  for (const path of paths) {
    let node = root;
    for (const step of path) {
      const next: Trie = node.below.get(step) ?? { leaf: false, below: new Map() };
      node.below.set(step, next);
      node = next;
    }
    node.leaf = true;
  }
  return root;
}

/**
 * `data` without the values at the leaves. A list loses the whole item, so that what is left of it
 * is not judged in turn; a missing `parent` or `version` gets a stand-in, so that the rest of the
 * shim is; and `match` goes with its MAC, without which it says nothing.
 */
function without(data: unknown, { below }: Trie): unknown {
  if (Array.isArray(data)) return data.filter((_, index) => !below.has(index));
  const isLeaf = (key: string): boolean => below.get(key)?.leaf === true;
  const keep = (key: string, value: unknown): unknown => {
    const node = below.get(key);
    return node ? without(value, node) : value;
  };
  if (data instanceof Map) {
    const kept = [...data].filter(([key]) => !isLeaf(key));
    return new Map(kept.map(([key, value]) => [key, keep(key, value)]));
  }
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data as object)) {
    const isEmptied = key === 'match' && below.get(key)?.below.has('macaddress');
    if (!isLeaf(key) && !isEmptied) rest[key] = keep(key, value);
  }
  if (isLeaf('version')) rest['version'] = 1;
  if (isLeaf('parent')) rest['parent'] = '';
  return rest;
}
