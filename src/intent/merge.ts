/**
 * What a fleet says of all hosts, and what it says of one → the tree of that host, as if it alone
 * had been written. Mappings are merged, key by key; a list, or whatever else, takes the place of
 * what was there; `null` takes a key away. The nodes stay those that were read, so that every
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
  tree.entries.set(map, { entries, problems: [] });
  return map;
}

/**
 * The entries of `own` merged over those of `base`, in the order of `base`.
 * @param report what is wrong with the keys, and a `null` that takes nothing away
 */
export function mergedEntries(
  tree: YamlTree,
  base: YAMLMap | undefined,
  own: YAMLMap,
  report: (diagnostic: Diagnostic) => void,
): Map<string, KeyedNode> {
  let aliases = 0;
  let isTooMuch = false;

  const resolved = (node: Node | null): Node | null | undefined =>
    isAlias(node) ? tree.resolve(node as Alias) : node;

  function merge(
    baseEntries: Entries,
    map: YAMLMap,
    path: Path,
    depth: number,
  ): Map<string, KeyedNode> {
    const entries = new Map(baseEntries);
    for (const [key, entry] of entriesOf(tree, map, path, report)) {
      const at = [...path, key];
      if (isNull(resolved(entry.value))) {
        if (!entries.delete(key)) report(nothingRemoved(at, entry));
        continue;
      }
      entries.set(key, mergeOne(baseEntries.get(key), entry, at, depth));
    }
    return entries;
  }

  function mergeOne(
    before: KeyedNode | undefined,
    entry: KeyedNode,
    path: Path,
    depth: number,
  ): KeyedNode {
    const value = resolved(entry.value);
    // What is wrong with an alias, or too deep, is found where the tree is read.
    if (!isMap(value) || depth > MAX_DEPTH || isTooMuch) return entry;
    const under = before && resolved(before.value);
    if (isAlias(entry.value)) aliases += 1;
    const merged = merge(
      isMap(under) ? entriesOf(tree, under, path, report) : new Map(),
      value,
      path,
      depth + 1,
    );
    if (aliases > 0) {
      tree.copied += merged.size;
      if (tree.copied > MAX_COPIED && !isTooMuch) {
        isTooMuch = true;
        report(bomb(path, entry));
      }
    }
    if (isAlias(entry.value)) aliases -= 1;
    return { ...entry, value: madeMap(tree, merged, value) };
  }

  return merge(base ? entriesOf(tree, base, [], report) : new Map(), own, [], 0);
}

const isNull = (node: Node | null | undefined): boolean =>
  node === null || (isScalar(node) && node.value === null);

const nothingRemoved = (path: Path, { key, keyNode }: KeyedNode): Diagnostic =>
  diagnostic('fleet-removes-nothing', path, `The defaults have no \`${key}\` here to take away.`, {
    at: 'key',
    offsets: spanOf(keyNode) ?? [0, 0],
  });

const bomb = (path: Path, { keyNode }: KeyedNode): Diagnostic =>
  diagnostic('yaml-alias-bomb', path, 'Aliases make the intent grow without bound here.', {
    offsets: spanOf(keyNode) ?? [0, 0],
  });
