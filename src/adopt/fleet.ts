/** Several hosts → one fleet: what all have in common is in `defaults`, the rest below `hosts`. */

import type { Adoption } from './adopt.ts';
import { originText, yamlLines } from './print.ts';
import { type Branch, below, branch, type Node, scalar } from './tree.ts';

/** A host of the fleet: its name is its key. */
export interface FleetHost {
  readonly name: string;
  readonly adoption: Adoption & { readonly intent: Branch };
}

/** @param hosts two or more, each with a name of its own */
export function fleetIntent(hosts: readonly FleetHost[]): Branch {
  const parts = hosts.map(({ adoption }) => partOf(adoption.intent));
  const fleet = branch();
  fleet.pairs.set('version', scalar(1));
  const common = commonOf(parts);
  if (common.pairs.size > 0) fleet.pairs.set('defaults', common);
  const all = below(fleet, 'hosts');
  for (const [index, { name }] of hosts.entries()) {
    all.pairs.set(name, without(parts[index] ?? branch(), common));
  }
  return fleet;
}

/** Without what a fleet has once, and in the key. */
function partOf({ pairs }: Branch): Branch {
  const kept = [...pairs].filter(([key]) => key !== 'version' && key !== 'host');
  return { kind: 'map', pairs: new Map(kept) };
}

/** Nodes are compared by their values: each has its own origin. */
const keyOf = (node: Node): string =>
  yamlLines({ kind: 'map', pairs: new Map([['_', plain(node)]]) }).join('\n');

function plain(node: Node): Node {
  if (node.kind === 'map') {
    return {
      kind: 'map',
      pairs: new Map([...node.pairs].map(([key, item]) => [key, plain(item)])),
    };
  }
  if (node.kind === 'list')
    return { kind: 'list', items: node.items.map(({ value }) => ({ value, origin: {} })) };
  return node.kind === 'words' ? { kind: 'words', value: node.value } : scalar(node.value);
}

/** What every host has: mappings are merged by key, lists and scalars are whole. */
function commonOf([first = branch(), ...rest]: readonly Branch[]): Branch {
  const found = branch();
  for (const [key, node] of first.pairs) {
    const others = rest.map(({ pairs }) => pairs.get(key));
    if (node.kind === 'map' && others.every((item) => item?.kind === 'map')) {
      const inner = commonOf([node, ...(others as Branch[])]);
      if (inner.pairs.size > 0 || node.pairs.size === 0) found.pairs.set(key, inner);
    } else if (others.every((item) => item && keyOf(item) === keyOf(node))) {
      found.pairs.set(key, plain(node));
    }
  }
  return found;
}

/** What is left of a host beside what all have. */
function without(part: Branch, common: Branch): Branch {
  const left = branch();
  for (const [key, node] of part.pairs) {
    const shared = common.pairs.get(key);
    if (!shared) left.pairs.set(key, node);
    else if (node.kind === 'map' && shared.kind === 'map') {
      const inner = without(node, shared);
      if (inner.pairs.size > 0) left.pairs.set(key, inner);
    }
  }
  return left;
}

/** The text of the fleet; what is left behind stands below, host by host. */
export function fleetText(hosts: readonly FleetHost[]): string {
  const left = hosts.flatMap(({ name, adoption }) =>
    adoption.findings.map(
      ({ path, line, message }) =>
        `# - ${name}: ${originText({ path, ...(line !== undefined && { line }) })}: ${message.replace(/[\r\n]+/g, ' ')}`,
    ),
  );
  const lines = [
    '# From the hosts as they are; behind each value of a host the file and line that it is from.',
    ...yamlLines(fleetIntent(hosts)),
    ...(left.length > 0 ? ['', '# Not in this intent:', ...left] : []),
  ];
  return `${lines.join('\n')}\n`;
}
