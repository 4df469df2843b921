/** An intent under construction: values in their order, each with its origin. */
import type { Entry, Item, Origin, Scalar } from './found.ts';

export type Node =
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly origin?: Origin }
  /** Items with places of their own. */
  | { readonly kind: 'list'; readonly items: { readonly value: Item; readonly origin: Origin }[] }
  /** A short list as one value. */
  | { readonly kind: 'words'; readonly value: readonly Scalar[]; readonly origin?: Origin }
  | Branch;

export interface Branch {
  readonly kind: 'map';
  readonly pairs: Map<string, Node>;
}

export const branch = (): Branch => ({ kind: 'map', pairs: new Map() });

export const scalar = (value: Scalar, origin?: Origin): Node => ({
  kind: 'scalar',
  value,
  ...(origin && { origin }),
});

/** The mapping at a key, made if it is not there. */
export function below(parent: Branch, key: string): Branch {
  const known = parent.pairs.get(key);
  if (known?.kind === 'map') return known;
  const made = branch();
  parent.pairs.set(key, made);
  return made;
}

/** Puts a value of a link into its mapping. */
export function put(target: Branch, { key, value, isItem, origin }: Entry): void {
  const parts = key.split('.');
  const last = parts.pop() ?? '';
  const at = parts.reduce(below, target);
  if (isItem) {
    const known = at.pairs.get(last);
    const items = known?.kind === 'list' ? known.items : [];
    items.push({ value: value as Item, origin });
    at.pairs.set(last, { kind: 'list', items });
  } else if (Array.isArray(value)) {
    at.pairs.set(last, { kind: 'words', value: value as readonly Scalar[], origin });
  } else at.pairs.set(last, scalar(value as Scalar, origin));
}

/** The intent as a plain value, and each of its values with its origin. */
export interface Value {
  readonly path: readonly (string | number)[];
  readonly value: Item | readonly Scalar[];
  readonly origin?: Origin;
}

export function valuesOf(node: Node, path: readonly (string | number)[] = []): Value[] {
  if (node.kind === 'map')
    return [...node.pairs].flatMap(([key, item]) => valuesOf(item, [...path, key]));
  if (node.kind === 'list')
    return node.items.map((item, index) => ({ path: [...path, index], ...item }));
  return [{ path, value: node.value, ...(node.origin && { origin: node.origin }) }];
}

/** The order of keys of a link, as `help intent` has it; others follow. */
const ORDER = [
  ...[
    'type',
    'parent',
    'kind',
    'mode',
    'managed',
    'network-file',
    'match',
    'set-name',
    'id',
    'link',
    'interfaces',
    'parameters',
  ],
  ...[
    'macaddress',
    'mtu',
    'wakeonlan',
    'addresses',
    'dhcp4',
    'dhcp4-overrides',
    'dhcp6',
    'dhcp6-overrides',
  ],
  ...['dhcp-identifier', 'accept-ra', 'link-local', 'routes', 'routing-policy', 'nameservers'],
];

export function sorted(entries: readonly Entry[]): Entry[] {
  const rank = ({ key }: Entry): number => {
    const at = ORDER.indexOf(key.split('.')[0] ?? '');
    return at < 0 ? ORDER.length : at;
  };
  return [...entries].sort((a, b) => rank(a) - rank(b));
}
