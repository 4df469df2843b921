/**
 * YAML nodes → an intent, in one pass: every value is read by its place in the schema, and judged
 * and reported where it is read. Text is taken as it is written where the schema has text (a host
 * called 007); a mapping whose keys the user chooses becomes a `Map`.
 *
 * What is at fault is left out, so that the next stage finds the other mistakes in the same run:
 * the key of a mapping is absent, an item of a list is `undefined` (those after it keep their
 * places), and a mapping that lacks what it needs is at fault itself, but for `STAND_INS`. What is
 * at fault is reported once, and its inside is not looked at.
 */
import { type BaseIssue, type BaseSchema, safeParse } from 'valibot';
import { type Alias, isAlias, type YAMLSeq } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import { emptyList, isCode, missingKey, wrongShape, wrongValue } from './faults.ts';
import type { Intent } from './schema.ts';
import { unknownKeys } from './unknown-keys.ts';
import {
  entriesOf,
  isMap,
  isSeq,
  MAX_COPIED,
  type Node,
  type Scalar,
  textOf,
  type YAMLMap,
  type YamlTree,
} from './yaml.ts';
import { yaml11Habit } from './yaml11.ts';

type Schema = BaseSchema<unknown, unknown, BaseIssue<unknown>>;

/** What is looked at of a valibot schema. */
interface SchemaNode extends Schema {
  /** Of an optional one. */
  readonly wrapped?: SchemaNode;
  /** Of an object. */
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  /** Of a map. */
  readonly value?: SchemaNode;
  /** Of an array. */
  readonly item?: SchemaNode;
  /** Of a union. */
  readonly options?: readonly SchemaNode[];
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

/** What a shim and an intent are read with although they lack it: the rest of them is judged, too. */
const STAND_INS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['version', 1],
  ['parent', ''],
]);

interface Reading {
  readonly tree: YamlTree;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Collections that are being read: no alias inside may mean one of them. */
  readonly open: Set<Node>;
  insideAlias: number;
  /** Aliases have added more than is taken; nothing is read any more. */
  isBomb: boolean;
}

/**
 * @param schema of an intent
 * @returns what could be read; undefined where the whole is not a mapping
 */
export function readIntent(
  tree: YamlTree,
  schema: Schema,
  report: (diagnostic: Diagnostic) => void,
): Intent | undefined {
  const reading: Reading = { tree, report, open: new Set(), insideAlias: 0, isBomb: false };
  // The schema is what `read` goes by, and what the type is made from.
  return read(reading, tree.root, schema as SchemaNode, []) as Intent | undefined;
}

/** @returns undefined where it is at fault, which is reported then */
function read(reading: Reading, node: Node | null, given: SchemaNode, path: Path): unknown {
  const { tree, open } = reading;
  const schema = fittingOption(node, given.wrapped ?? given);
  if (reading.insideAlias > 0) tree.copied += 1;
  reading.isBomb ||= reading.insideAlias > 0 && tree.copied > MAX_COPIED;
  if (reading.isBomb) return undefined;
  if (isAlias(node)) return readAlias(reading, node, schema, path);
  if (!isMap(node) && !isSeq(node)) return readScalar(reading, node, schema, path);
  open.add(node);
  const value = readCollection(reading, node, schema, path);
  open.delete(node);
  return value;
}

/** Of one value or a list of them, what the node is to be read as; other schemas stay what they are. */
function fittingOption(node: Node | null, schema: SchemaNode): SchemaNode {
  const { type, options = [] } = schema;
  const list = type === 'union' ? options.find((option) => option.type === 'array') : undefined;
  if (!list || isAlias(node)) return schema;
  return isSeq(node) ? list : (options.find((option) => option !== list) ?? schema);
}

function readCollection(
  reading: Reading,
  node: YAMLMap | YAMLSeq,
  schema: SchemaNode,
  path: Path,
): unknown {
  const { type } = schema;
  if (type === 'object' && isMap(node)) return readObject(reading, node, schema, path);
  if (type === 'map' && isMap(node)) return readMap(reading, node, schema, path);
  if (type === 'array' && isSeq(node)) return readList(reading, node, schema, path);
  return refused(reading, wrongShape(path, schema, node));
}

/** Types of the schema that take no scalar. */
const COLLECTIONS: ReadonlySet<string> = new Set(['object', 'map', 'array']);

function readScalar(
  reading: Reading,
  node: Scalar | null,
  schema: SchemaNode,
  path: Path,
): unknown {
  const { type } = schema;
  const value = (type === 'string' ? node && textOf(node) : node?.value) ?? null;
  if (COLLECTIONS.has(type)) return refused(reading, wrongShape(path, schema, node));
  const habit = node?.type === 'PLAIN' ? yaml11Habit(node, schema) : undefined;
  if (habit) {
    reading.report(diagnostic('yaml-1-1-habit', path, habit.message, habit.extra));
  }
  const result = safeParse(schema, value);
  if (result.success) return result.output;
  if (habit) return undefined;
  const [issue] = result.issues;
  // Where nothing stands it is a matter of shape, whatever should have.
  const isShape = issue.kind === 'schema' && (value === null || !isCode(issue.message));
  return refused(reading, isShape ? wrongShape(path, schema, node) : wrongValue(path, issue));
}

function refused({ report }: Reading, found: Diagnostic): undefined {
  report(found);
  return undefined;
}

function readAlias(reading: Reading, alias: Alias, schema: SchemaNode, path: Path): unknown {
  const { tree, open } = reading;
  const target = tree.resolve(alias);
  if (!target || open.has(target)) {
    const why = target
      ? 'is inside its own anchor'
      : `has no anchor \`&${alias.source}\` before it`;
    const message = `The alias \`*${alias.source}\` ${why}.`;
    return refused(reading, diagnostic('yaml-anchor', path, message));
  }
  reading.insideAlias += 1;
  const value = read(reading, target, schema, path);
  reading.insideAlias -= 1;
  if (reading.isBomb && reading.insideAlias === 0) {
    const message = `Aliases add more than ${MAX_COPIED} values.`;
    return refused(reading, diagnostic('yaml-alias-bomb', path, message));
  }
  return value;
}

function readObject(reading: Reading, map: YAMLMap, schema: SchemaNode, path: Path): unknown {
  const { tree, report } = reading;
  const { entries: known = {} } = schema;
  const found = entriesOf(tree, map, path, report);
  const data: Record<string, unknown> = {};
  const meant = new Set<string>();
  const unknown = unknownKeys(Object.keys(known), path, found);
  let hasFaults = false;
  let isComplete = true;
  for (const { key, value: node } of found.values()) {
    const schemaOfKey = Object.hasOwn(known, key) ? known[key] : undefined;
    if (schemaOfKey) {
      const value = read(reading, node, schemaOfKey, [...path, key]);
      if (value === undefined) hasFaults = true;
      else data[key] = value;
    } else {
      const problem = unknown.get(key);
      if (problem) report(problem);
      if (problem?.meant) meant.add(String(problem.meant.at(-1)));
    }
  }
  for (const key of Object.keys(known)) {
    if (known[key]?.type === 'optional' || data[key] !== undefined) continue;
    // A key that is there under a wrong spelling, or with a faulty value, is not missing.
    if (!found.has(key) && !meant.has(key)) report(missingKey([...path, key]));
    if (STAND_INS.has(key)) data[key] = STAND_INS.get(key);
    else isComplete = false;
  }
  // What is left of an item of a list, such as a route, would be faulty in turn.
  const isItem = typeof path.at(-1) === 'number';
  return isComplete && !(isItem && hasFaults) ? data : undefined;
}

function readMap(reading: Reading, map: YAMLMap, { value }: SchemaNode, path: Path): unknown {
  const data = new Map<string, unknown>();
  for (const { key, value: node } of entriesOf(reading.tree, map, path, reading.report).values()) {
    const one = value && read(reading, node, value, [...path, key]);
    if (one !== undefined) data.set(key, one);
  }
  return data;
}

function readList(reading: Reading, list: YAMLSeq, schema: SchemaNode, path: Path): unknown {
  const { item, pipe = [] } = schema;
  const least = pipe.find(({ type }) => type === 'min_length')?.requirement;
  if (typeof least === 'number' && list.items.length < least) {
    return refused(reading, emptyList(path));
  }
  return list.items.map(
    (node, index) => item && read(reading, node as Node | null, item, [...path, index]),
  );
}
