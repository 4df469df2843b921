/**
 * What a fleet says of all hosts, and what it says of one → the tree of that host, as if it alone
 * had been written. Mappings are merged, key by key; a list, or whatever else, takes the place of
 * what was there; `null` removes a key. The nodes stay those that were read, so that every
 * value is known by the place where it stands.
 */
import { type Alias, isAlias, YAMLMap } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import {
  entriesOf,
  isMap,
  isScalar,
  type KeyedNode,
  MAX_COPIED,
  MAX_DEPTH,
  type Node,
  spanOf,
  type YamlTree,
} from './yaml.ts';

type Entries = ReadonlyMap<string, KeyedNode>;

/** A mapping that nobody wrote: `within` is the one whose place it has. */
export function madeMap(tree: YamlTree, entries: Entries, within?: YAMLMap): YAMLMap {
  const map = new YAMLMap();
  if (within) map.items = within.items;
  if (within?.range) map.range = within.range;
  tree.made.set(map, { entries, problems: [] });
  return map;
}

interface Merging {
  readonly tree: YamlTree;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Aliases that are being followed: what is merged inside is a copy. */
  aliases: number;
  /** Copies are more than is taken; nothing is merged any more. */
  isBomb: boolean;
}

/**
 * The entries of `own` merged over those of `base`, in the order of `base`.
 * @param report takes faulty keys, and a `null` that removes nothing
 */
export function mergedEntries(
  tree: YamlTree,
  base: YAMLMap | undefined,
  own: YAMLMap,
  report: (diagnostic: Diagnostic) => void,
): Map<string, KeyedNode> {
  const merging: Merging = { tree, report, aliases: 0, isBomb: false };
  return merge(merging, base ? entriesOf(tree, base, [], report) : new Map(), own, []);
}

const resolved = (tree: YamlTree, node: Node | null): Node | null | undefined =>
  isAlias(node) ? tree.resolve(node as Alias) : node;

function merge(merging: Merging, base: Entries, own: YAMLMap, path: Path): Map<string, KeyedNode> {
  const { tree, report } = merging;
  const entries = new Map(base);
  for (const [key, entry] of entriesOf(tree, own, path, report)) {
    const at = [...path, key];
    const value = resolved(tree, entry.value);
    if (!isNull(value)) entries.set(key, mergeEntry(merging, base.get(key), entry, at));
    else if (!entries.delete(key)) report(nothingRemoved(at, entry));
  }
  return entries;
}

/** @param path of the entry, as long as mappings are nested around it */
function mergeEntry(
  merging: Merging,
  before: KeyedNode | undefined,
  entry: KeyedNode,
  path: Path,
): KeyedNode {
  const { tree, report } = merging;
  const value = resolved(tree, entry.value);
  // What is wrong with an alias is found where the tree is read, which goes no deeper than the schema.
  if (!isMap(value) || path.length > MAX_DEPTH || merging.isBomb) return entry;
  const under = before && resolved(tree, before.value);
  const base: Entries = isMap(under) ? entriesOf(tree, under, path, report) : new Map();
  const depth = isAlias(entry.value) ? 1 : 0;
  merging.aliases += depth;
  const merged = merge(merging, base, value, path);
  if (merging.aliases > 0) countCopies(merging, merged.size, entry, path);
  merging.aliases -= depth;
  return { ...entry, value: madeMap(tree, merged, value) };
}

function countCopies(merging: Merging, count: number, entry: KeyedNode, path: Path): void {
  merging.tree.copied += count;
  if (merging.isBomb || merging.tree.copied <= MAX_COPIED) return;
  merging.isBomb = true;
  merging.report(bomb(path, entry));
}

const isNull = (node: Node | null | undefined): boolean =>
  node === null || (isScalar(node) && node.value === null);

const nothingRemoved = (path: Path, { key, keyNode }: KeyedNode): Diagnostic =>
  diagnostic('fleet-removes-nothing', path, `The defaults have no \`${key}\` to remove.`, {
    at: 'key',
    offsets: spanOf(keyNode) ?? [0, 0],
  });

const bomb = (path: Path, { keyNode }: KeyedNode): Diagnostic =>
  diagnostic('yaml-alias-bomb', path, `Aliases add more than ${MAX_COPIED} values.`, {
    offsets: spanOf(keyNode) ?? [0, 0],
  });
