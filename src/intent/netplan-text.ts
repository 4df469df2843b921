/** A configuration of netplan or cloud-init in the place of an intent: one diagnostic instead of many. */
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { entriesOf, isMap, isScalar, type Node, spanOf, type YamlTree } from './yaml.ts';

/** Kinds of links, and cloud-init's list of them (netplan-yaml(5), cloud-init's network configuration). */
const KINDS: ReadonlySet<string> = new Set([
  ...['ethernets', 'wifis', 'modems', 'bonds', 'bridges', 'vlans', 'vrfs', 'tunnels', 'config'],
  ...['dummy-devices', 'nm-devices', 'virtual-ethernets', 'openvswitch'],
]);

/** What may be beside them. */
const COMMON: ReadonlySet<string> = new Set(['version', 'renderer']);

/** @returns undefined for anything else, such as a text with one key of an intent */
export function netplanFault(tree: YamlTree, root: Node | null): Diagnostic | undefined {
  if (!isMap(root)) return undefined;
  const top = entriesOf(tree, root, []);
  const network = top.size === 1 ? top.get('network')?.value : undefined;
  // cloud-init's version 2 is netplan's, and may lack the key around it.
  const inner = isMap(network) ? entriesOf(tree, network, []) : isVersion2(top) ? top : undefined;
  const keys = [...(inner?.keys() ?? [])];
  const isNetplan =
    keys.some((key) => KINDS.has(key)) && keys.every((key) => KINDS.has(key) || COMMON.has(key));
  if (!isNetplan) return undefined;
  const offsets = spanOf(root.items[0]?.key as Node) ?? ([0, 0] as const);
  const message = 'This is a configuration of netplan, not an intent.';
  return diagnostic('netplan-as-intent', [], message, { offsets });
}

function isVersion2(entries: ReturnType<typeof entriesOf>): boolean {
  const version = entries.get('version')?.value;
  return isScalar(version) && version.value === 2;
}
