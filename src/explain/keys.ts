/** The keys of the language, from the schema: where each is allowed, and what it holds. */
import { addressing } from '../intent/language/addressing.ts';
import { intentSchema } from '../intent/schema.ts';
import { systemNames } from '../selection.ts';

/** One key at one place: `shims.<name>.mtu`. */
export interface KeyPlace {
  readonly path: string;
  readonly key: string;
  readonly description: string;
  /** What values it takes: `text`, `true or false`, `one of: bridge, vepa`. */
  readonly holds: string;
}

interface SchemaNode {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly {
    readonly type: string;
    readonly description?: string;
    readonly requirement?: unknown;
  }[];
}

const root = intentSchema as unknown as SchemaNode;

const descriptionOf = (node: SchemaNode): string =>
  node.pipe?.find(({ type }) => type === 'description')?.description ??
  (node.wrapped ? descriptionOf(node.wrapped) : '');

const core = (node: SchemaNode): SchemaNode => (node.wrapped ? core(node.wrapped) : node);

function holdsOf(node: SchemaNode): string {
  const { type, options, item, literal, pipe } = core(node);
  const bound = (which: string): unknown => pipe?.find((item) => item.type === which)?.requirement;
  switch (type) {
    case 'picklist':
      return `one of: ${(options ?? []).join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'text';
    case 'number': {
      const [least, most] = [bound('min_value'), bound('max_value')];
      return least === undefined ? 'a number' : `a whole number from ${least} to ${most}`;
    }
    case 'array':
      return item ? `a list; each ${holdsOf(item)}` : 'a list';
    case 'map':
    case 'object':
      return 'a mapping';
    case 'union':
      return (options ?? []).map((item) => holdsOf(item as SchemaNode)).join(', or ');
    default:
      return type === 'literal' ? String(literal) : type;
  }
}

/** Keys whose values the schema leaves to the tables of back ends and targets. */
const NAMES: Readonly<Record<string, () => string>> = {
  backend: () => `one of: ${systemNames().backends.join(', ')}; or a list of them`,
  target: () =>
    `one of: ${systemNames().targets.join(', ')}; or versions: systemd=252,netplan=0.106`,
};

/**
 * Every place of every key, in the order of the schema. Keys of addressing are listed below
 * `shims.<name>` only, although `parents.<id>` has them, too.
 */
export function keyPlaces(): KeyPlace[] {
  const places: KeyPlace[] = [];
  const add = (path: string, key: string, node: SchemaNode): void => {
    const holds = NAMES[path]?.() ?? holdsOf(node);
    places.push({ path, key, description: descriptionOf(node), holds });
  };
  const walk = (node: SchemaNode, path: string): void => {
    const { entries, value, item, type } = core(node);
    for (const [key, child] of Object.entries(entries ?? {})) {
      if (path === 'parents.<id>' && Object.hasOwn(addressing, key)) continue;
      const at = path === '' ? key : `${path}.${key}`;
      add(at, key, child);
      walk(child, at);
    }
    if (value && type === 'map') {
      const wildcard = path === 'parents' ? '<id>' : '<name>';
      add(`${path}.${wildcard}`, wildcard, value);
      walk(value, `${path}.${wildcard}`);
    }
    if (item && core(item).type === 'object') walk(item, `${path}[]`);
  };
  walk(root, '');
  return places;
}

/** Keys of a shim that a parent with its own address may have, too. */
export const sharedKeys = (): string[] => Object.keys(addressing);
