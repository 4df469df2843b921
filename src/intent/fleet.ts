/**
 * Texts → the trees of their hosts. A text is a fleet where it has `hosts` or `defaults`, or is one
 * of several; any other is the intent of one host.
 *
 * ```yaml
 * version: 1
 * defaults:
 *   shims: {veth0: {parent: eth0, nameservers: {addresses: [198.51.100.1]}}}
 * hosts:
 *   kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
 *   kvm2: {shims: {veth0: {addresses: [198.51.100.51/24]}}}
 * ```
 */
import { Scalar, type YAMLMap } from 'yaml';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { removeEntry } from '../diagnostics/fix.ts';
import { composeYaml } from './compose.ts';
import { type Document, firstKey, type Part, readDocument } from './fleet-parts.ts';
import { madeMap, mergedEntries } from './merge.ts';
import { MAX_BYTES, tooLarge } from './parse.ts';
import { sizeOf, tooManyValues } from './size.ts';
import { lastNotAfter, type Source, type SourceFile, sourceFiles, treeSource } from './source.ts';
import {
  type Collected,
  entriesOf,
  isMap,
  isScalar,
  type KeyedNode,
  MAX_COPIED,
  type Node,
  spanOf,
  textOf,
  type YamlTree,
} from './yaml.ts';

/** A file that an intent, or a part of a fleet, was read from. */
export interface IntentText {
  /** Its name in diagnostics: a path, or `<stdin>`. */
  readonly file: string;
  readonly text: string;
  /** Why it is empty: it could not be read. */
  readonly problem?: Diagnostic;
}

/** One host, before its tree is read. */
export interface HostTree {
  /** The key below `hosts`, or the value of `host`; undefined for the intent of one host. */
  readonly name?: string;
  readonly source: Source;
  /** As `source`, which holds the tree; this one composes the texts again for the first place. */
  readonly lightSource: Source;
  readonly tree: YamlTree;
  /** Diagnostics so far; each has its place in `offsets`. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FleetTree {
  /** The files. It locates their beginning only: each diagnostic of a fleet has its own place. */
  readonly source: Source;
  readonly isFleet: boolean;
  /** How many hosts there are, or more where aliases of all together add too many values. */
  readonly count: number;
  /**
   * In the order of the files, and in the order in which they are written. Each is merged when it is
   * asked for, and held by nothing here.
   */
  readonly hosts: Iterable<HostTree>;
  /** Of no host; complete once `hosts` has been walked. */
  readonly diagnostics: readonly Diagnostic[];
}

/** @param texts one at least */
export function composeFleet(texts: readonly IntentText[]): FleetTree {
  const files = sourceFiles(texts);
  const source: Source = { files, locate: () => ({ start: 0, end: 0 }) };
  const large = firstTooLarge(files);
  if (large) {
    const empty = sourceFiles([{ file: large.file.file, text: '' }]);
    const at = { offsets: [0, 0] as const };
    return {
      source: { ...source, files: empty },
      isFleet: texts.length > 1,
      count: 0,
      hosts: [],
      diagnostics: [{ ...large.problem, ...at }],
    };
  }
  const documents = files.map((file, index): Document => {
    const { problem } = texts[index] ?? {};
    const at = { offsets: [file.start, file.start] as const };
    if (problem) return { file, diagnostics: [{ ...problem, ...at }] };
    return { file, ...composeYaml(file.text, file.start) };
  });
  const [only, another] = documents;
  if (only && !another && !isPart(only)) {
    const { tree, diagnostics } = only;
    // Its own diagnostics go with the host, which is what there is.
    const own = tree && treeSource(files, tree);
    const item = tree && own && { source: own, lightSource: own, tree, diagnostics };
    return {
      source,
      isFleet: false,
      count: item ? 1 : 0,
      hosts: item ? [item] : [],
      diagnostics: item ? [] : diagnostics,
    };
  }
  return { source, isFleet: true, ...gather(files, documents, sourcesAgain(texts)) };
}

/** The sources of all hosts, once they are asked for. */
function sourcesAgain(texts: readonly IntentText[]): (index: number) => Source | undefined {
  let all: readonly Source[] | undefined;
  return (index) => {
    all ??= [...composeFleet(texts).hosts].map(({ source }) => source);
    return all[index];
  };
}

/** All together are as large as one may be. */
function firstTooLarge(
  files: readonly SourceFile[],
): { readonly file: SourceFile; readonly problem: Diagnostic } | undefined {
  let values = 0;
  for (const file of files) {
    if (file.start + file.text.length > MAX_BYTES) return { file, problem: tooLarge() };
    const size = sizeOf(file.text, values);
    if (size.tooLargeAt !== undefined) return { file, problem: tooManyValues(size.tooLargeAt) };
    ({ values } = size);
  }
  return undefined;
}

function isPart({ tree }: Document): boolean {
  if (!tree || !isMap(tree.root)) return false;
  const keys = entriesOf(tree, tree.root, []);
  return keys.has('hosts') || keys.has('defaults');
}

function gather(
  files: readonly SourceFile[],
  documents: readonly Document[],
  sourceAgain: (index: number) => Source | undefined,
): Pick<FleetTree, 'count' | 'hosts' | 'diagnostics'> {
  const diagnostics = documents.flatMap((document) => document.diagnostics);
  const report = (d: Diagnostic): void => void diagnostics.push(d);
  const tree = joined(documents);
  const parts: Part[] = [];
  let defaults: YAMLMap | undefined;
  let before: SourceFile | undefined;
  for (const document of documents) {
    const read = readDocument(tree, document, report);
    parts.push(...read.parts);
    if (!read.defaults) continue;
    if (before) report(twice(read.defaults, before));
    else defaults = read.defaults.map;
    before ??= document.file;
  }
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  if (parts.length === 0 && !isBroken) {
    const place = documents[0]?.tree?.root;
    const at = { offsets: spanOf(firstKey(place)) ?? ([0, 0] as const) };
    report(diagnostic('fleet-empty', ['hosts'], 'The fleet has no hosts.', at));
  }
  // Each goes when it is merged, and its nodes with it: nothing else holds them.
  const waiting: (Part | undefined)[] = distinct(parts, report);
  const isBomb = bounded(parts.length);
  tree.entries.clear();
  tree.reported.clear();
  function* hosts(): Iterable<HostTree> {
    for (let index = 0; index < waiting.length; index += 1) {
      const part = waiting[index];
      if (!part || isBomb()) return;
      waiting[index] = undefined;
      const host = hostOf(files, tree, part, defaults);
      if (isBomb(host.tree.copied)) report(tooMuch(part));
      const locate: Source['locate'] = (path, at) =>
        sourceAgain(index)?.locate(path, at) ?? { start: 0, end: 0 };
      yield { ...host, lightSource: { files, locate } };
    }
  }
  return { count: waiting.length, hosts: hosts(), diagnostics };
}

function distinct(parts: readonly Part[], report: (d: Diagnostic) => void): Part[] {
  const known = new Map<string, Part>();
  return parts.filter((part) => {
    // A folder that is made for the host may be on a file system that knows no case, and so is DNS.
    const folded = part.name.toLowerCase();
    const other = known.get(folded);
    if (other) report(described(part, other));
    else known.set(folded, part);
    return !other;
  });
}

/**
 * Aliases and merges may add so much to each host as to an intent, and less to all of them together.
 * @returns counts what one has added, and answers whether it is too much by now
 */
export function bounded(hosts: number): (copied?: number) => boolean {
  let sum = 0;
  return (copied = 0) => {
    sum += copied;
    return sum > MAX_COPIED + hosts * MOST_OF_EACH;
  };
}

const MOST_OF_EACH = 2000;

const tooMuch = ({ name, nameNode }: Part): Diagnostic => {
  const message = `Aliases and merges of the fleet add too many values, up to \`${name}\`.`;
  const at = { at: 'key', offsets: spanOf(nameNode) ?? [0, 0] } as const;
  return diagnostic('yaml-alias-bomb', ['hosts', name], message, at);
};

/** One tree for all documents, without their nodes: an alias means an anchor of its own. */
function joined(documents: readonly Document[]): YamlTree {
  const starts = documents.map(({ file }) => file.start);
  const resolvers = documents.map(({ tree }) => tree?.resolve);
  const startOf = (index: number): number => starts[index] ?? 0;
  return {
    root: null,
    resolve: (alias) => {
      const at = lastNotAfter(starts.length, alias.range?.[0] ?? 0, startOf);
      return resolvers[at]?.(alias);
    },
    entries: new Map(),
    made: new Map(),
    reported: new Set(),
    copied: 0,
  };
}

const twice = ({ entry }: { entry: KeyedNode }, { file }: SourceFile): Diagnostic =>
  diagnostic('fleet-defaults-twice', ['defaults'], `\`defaults\` are already in ${file}.`, {
    at: 'key',
    offsets: spanOf(entry.keyNode) ?? [0, 0],
  });

function described({ name, nameNode, file }: Part, other: Part): Diagnostic {
  const where = other.file === file ? '' : `, in ${other.file.file}`;
  const message =
    name === other.name
      ? `Host \`${name}\` is already defined${where}.`
      : `\`${name}\` and \`${other.name}\`${where} differ only in case.`;
  const at = { at: 'key', offsets: spanOf(nameNode) ?? [0, 0] } as const;
  return diagnostic('fleet-host-twice', ['hosts', name], message, at);
}

/** The defaults and the host's own part, as if it alone had been written. */
function hostOf(
  files: readonly SourceFile[],
  all: YamlTree,
  { name, nameNode, own }: Part,
  defaults: YAMLMap | undefined,
): Omit<HostTree, 'lightSource'> {
  const diagnostics: Diagnostic[] = [];
  // Copies are counted for each host: ten thousand hosts may merge the same mapping.
  const common = { ...all, made: new Map<YAMLMap, Collected>(), reported: new Set<YAMLMap>() };
  const span = spanOf(own);
  // An alias is of a mapping that was written before, for others.
  const isWritten = span && span[1] > (spanOf(nameNode)?.[0] ?? 0);
  const shared: YamlTree = { ...common, copied: 0, ...(isWritten && { own: span }) };
  // Of a text that is one host's.
  const whole = all.made.get(own);
  if (whole) shared.made.set(own, whole);
  all.made.delete(own);
  const merged = mergedEntries(shared, defaults, own, (d) => diagnostics.push(d));
  for (const key of ['host', 'version'] as const) {
    const entry = merged.get(key);
    if (!entry) continue;
    merged.delete(key);
    diagnostics.push(
      diagnostic('unknown-key', [key], `Unknown key \`${key}\`.`, {
        at: 'key',
        hint:
          key === 'host'
            ? 'Remove it: the key below `hosts` is the name of the host.'
            : 'Remove it: it belongs once, at the top of the file.',
        offsets: spanOf(entry.keyNode) ?? [0, 0],
        // Another name or version may be intended.
        ...(isScalar(entry.value) &&
          textOf(entry.value) === { host: name, version: '1' }[key] && { fix: removeEntry() }),
      }),
    );
  }
  const keyed = (key: string, value: Node): KeyedNode => ({ key, keyNode: nameNode, value });
  const root = madeMap(
    shared,
    new Map([
      ['version', keyed('version', new Scalar(1))],
      ['host', keyed('host', nameNode)],
      ...merged,
    ]),
  );
  root.items = [{ key: nameNode, value: null } as (typeof root.items)[number]];
  const tree = { ...shared, root };
  return { name, source: treeSource(files, tree), tree, diagnostics };
}
