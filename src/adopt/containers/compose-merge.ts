/** How Compose reads YAML: keys `<<` of YAML 1.1, and several files of one project (compose-spec, 13-merge.md). */
import type { YamlMap, YamlNode, YamlPair } from '../../backends/host/netplan/yaml.ts';

/**
 * The tree with each `<<: *anchor` replaced by the pairs of its mapping, where no pair of the mapping itself has the key.
 * @param onNode called with every node of the result
 */
export function withMergeKeys(node: YamlNode, onNode: (node: YamlNode) => void): YamlNode {
  const found = expanded(node, onNode);
  onNode(found);
  return found;
}

function expanded(node: YamlNode, onNode: (node: YamlNode) => void): YamlNode {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item) => withMergeKeys(item, onNode)) };
  const pairs = node.pairs.map((pair) => ({ ...pair, value: withMergeKeys(pair.value, onNode) }));
  const own = pairs.filter(({ key }) => key !== '<<');
  // Of several mappings the first counts.
  const merged = pairs
    .flatMap(({ key, value }) => (key === '<<' ? mapsIn(value) : []))
    .reverse()
    .flatMap((map) => map.pairs);
  return { ...node, pairs: lastOf([...merged, ...own]) };
}

const mapsIn = (node: YamlNode): YamlMap[] => {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => (item.kind === 'map' ? [item] : []));
};

/** Each key once, with its last value. */
const lastOf = (pairs: readonly YamlPair[]): YamlPair[] => [
  ...new Map(pairs.map((pair) => [pair.key, pair])).values(),
];

/**
 * Mappings are merged key by key, lists are joined, and of all else the later value counts.
 * @param homes the file of each node; the merged ones are added, as of the earlier file
 */
export function mergedNode(
  first: YamlNode,
  second: YamlNode,
  homes: Map<YamlNode, string>,
): YamlNode {
  const found = joinedNode(first, second, homes);
  const home = homes.get(first);
  if (found !== second && home !== undefined) homes.set(found, home);
  return found;
}

function joinedNode(first: YamlNode, second: YamlNode, homes: Map<YamlNode, string>): YamlNode {
  if (first.kind === 'list' && second.kind === 'list')
    return { ...first, items: [...first.items, ...second.items] };
  if (first.kind !== 'map' || second.kind !== 'map') return second;
  const pairs = new Map(first.pairs.map((pair) => [pair.key, pair]));
  for (const pair of second.pairs) {
    const old = pairs.get(pair.key);
    pairs.set(pair.key, old ? { ...old, value: mergedNode(old.value, pair.value, homes) } : pair);
  }
  return { ...first, pairs: [...pairs.values()] };
}
