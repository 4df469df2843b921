/** Values of netplan's YAML as lists, as pairs, and as text in one line. */
import type { YamlNode, YamlPair } from '../backends/host/netplan/yaml.ts';
import type { Origin } from './found.ts';

export const itemsIn = (node: YamlNode): readonly YamlNode[] =>
  node.kind === 'list' ? node.items : node.kind === 'scalar' ? [] : [node];
export const pairsIn = (node: YamlNode): readonly YamlPair[] =>
  node.kind === 'map' ? node.pairs : [];

/** From its first line to that of its last value. */
export const spanOf = (item: YamlNode, at: Origin): Origin => ({
  ...at,
  line: item.line,
  endLine: Math.max(item.line, ...pairsIn(item).map(({ value }) => value.line)),
});

/** A setting in one line: `mtu: 9000`, `routes: […]`. */
export const shown = (key: string, value: YamlNode): string => `${key}: ${flowText(value)}`;

export function flowText(value: YamlNode): string {
  if (value.kind === 'scalar') return value.text;
  if (value.kind === 'list') return `[${value.items.slice(0, 4).map(flowText).join(', ')}]`;
  const pairs = value.pairs.slice(0, 8).map((pair) => shown(pair.key ?? '?', pair.value));
  return `{${pairs.join(', ')}}`;
}
