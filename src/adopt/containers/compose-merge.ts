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

/** What is not merged as Compose does it, or is left out. */
export interface Unmerged {
  readonly node: YamlNode;
  readonly message: string;
}

export interface Merging {
  /** The file of each node; the merged ones are added, as of the earlier file. */
  readonly homes: Map<YamlNode, string>;
  report(unmerged: Unmerged): void;
}

/**
 * Mappings are merged key by key, lists are joined, and of all else the later value counts; but a null counts for
 * nothing, `!reset` removes, `!override` replaces, and two lists have rules of their own (compose-go 2.4, override/merge.go).
 */
export function mergedNode(
  first: YamlNode,
  second: YamlNode,
  merging: Merging,
  path: readonly string[] = [],
): YamlNode {
  const { homes } = merging;
  const found = joinedNode(first, second, merging, path);
  const home = homes.get(first);
  if (found !== second && found !== first && home !== undefined) homes.set(found, home);
  return found;
}

function joinedNode(
  first: YamlNode,
  second: YamlNode,
  merging: Merging,
  path: readonly string[],
): YamlNode {
  if (second.tag === OVERRIDE || second.tag === RESET || first.tag === RESET) return second;
  if (isNull(second)) return first;
  if (isAt(path, 'services', '*', 'networks'))
    return joinedMaps(asMap(first), asMap(second), merging, path);
  if (first.kind === 'list' && second.kind === 'list') {
    if (isAt(path, 'networks', '*', 'ipam', 'config'))
      return { ...first, items: pools(first.items, second.items, merging, path) };
    return { ...first, items: [...first.items, ...second.items] };
  }
  return joinedMaps(first, second, merging, path);
}

function joinedMaps(
  first: YamlNode,
  second: YamlNode,
  merging: Merging,
  path: readonly string[],
): YamlNode {
  if (first.kind !== 'map' || second.kind !== 'map') return second;
  const pairs = new Map(first.pairs.map((pair) => [pair.key, pair]));
  for (const pair of second.pairs) {
    const old = pairs.get(pair.key);
    const below = [...path, pair.key ?? ''];
    const value = old && mergedNode(old.value, pair.value, merging, below);
    pairs.set(pair.key, old && value ? { ...old, value } : pair);
  }
  return { ...first, pairs: [...pairs.values()] };
}

/** compose-spec, 13-merge.md: the tags of a file that removes or replaces what is in earlier ones. */
const RESET = '!reset';
const OVERRIDE = '!override';

/** The tree without what has the tag `!reset`, which is not a value in its own file either. */
export function withoutReset(node: YamlNode, homes: Map<YamlNode, string>): YamlNode {
  if (node.kind !== 'map') return node;
  const left = node.pairs.filter(({ value }) => value.tag !== RESET);
  const found: YamlNode = {
    ...node,
    pairs: left.map((pair) => ({ ...pair, value: withoutReset(pair.value, homes) })),
  };
  const home = homes.get(node);
  if (home !== undefined) homes.set(found, home);
  return found;
}

const isNull = (node: YamlNode): boolean =>
  node.kind === 'scalar' && /^(?:null|Null|NULL|~)?$/.test(node.text);

const isAt = (path: readonly string[], ...pattern: readonly string[]): boolean =>
  path.length === pattern.length &&
  pattern.every((word, index) => word === '*' || word === path[index]);

/** `networks: [lan]` is short for `networks: {lan: null}`. */
const asMap = (node: YamlNode): YamlNode =>
  node.kind === 'list'
    ? {
        kind: 'map',
        line: node.line,
        pairs: node.items.flatMap((item) =>
          item.kind === 'scalar'
            ? [
                {
                  key: item.text,
                  line: item.line,
                  value: { kind: 'scalar', text: '', line: item.line },
                },
              ]
            : [],
        ),
      }
    : node;

/**
 * Pools of the same subnet are merged. Of others Compose's versions make different lists: up to 2.24 they are joined, and
 * later an earlier pool is dropped.
 */
function pools(
  first: readonly YamlNode[],
  second: readonly YamlNode[],
  merging: Merging,
  path: readonly string[],
): YamlNode[] {
  const [earlier, later] = [bySubnet(first), bySubnet(second)];
  const dropped = first.find((pool) => !later.has(subnetOf(pool)));
  // One report for a network, however many pools it has.
  if (dropped) merging.report({ node: dropped, message: POOL_DROPPED });
  return second.map((pool) => {
    const old = earlier.get(subnetOf(pool));
    return old ? mergedNode(old, pool, merging, [...path, '']) : pool;
  });
}

/** Of several pools of one subnet the first. */
function bySubnet(pools: readonly YamlNode[]): ReadonlyMap<string | undefined, YamlNode> {
  const found = new Map<string | undefined, YamlNode>();
  for (const pool of pools) {
    const subnet = subnetOf(pool);
    if (!found.has(subnet)) found.set(subnet, pool);
  }
  return found;
}

const POOL_DROPPED =
  'A later file has other pools in `ipam.config`, and versions of Compose differ in whether this one counts; it is ignored.';

const subnetOf = (pool: YamlNode): string | undefined => {
  const found =
    pool.kind === 'map' ? pool.pairs.find(({ key }) => key === 'subnet')?.value : undefined;
  return found?.kind === 'scalar' ? found.text : undefined;
};
