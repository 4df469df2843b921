/**
 * YAML nodes → plain data, in the shapes that the schema expects at each place: a `Map` where
 * the user chooses the keys, an object where the language does, text as it is written where
 * text is wanted (a host called 007). Reports what only the source shows: unknown and doubled
 * keys, aliases, YAML 1.1 habits. Types and values are the schema's to judge.
 */
import { distance } from 'fastest-levenshtein';
import type { Alias } from 'yaml';
import { isAlias } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import {
  entriesOf,
  isMap,
  isScalar,
  isSeq,
  MAX_COPIED,
  MAX_DEPTH,
  type Node,
  type Scalar,
  textOf,
  type YamlTree,
} from './yaml.ts';

/** What `read` looks at of a valibot schema. */
export interface SchemaNode {
  readonly type: string;
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
  readonly options?: readonly unknown[];
}

/** Where people come from another vocabulary: what to write, by the place where they write it. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    network: 'This looks like netplan YAML. An intent has `parents` and `shims` at its top.',
    macvlans: 'Write `shims`.',
    macvtaps: 'Write `taps`.',
    ethernets: 'Write `parents`.',
    vlans: 'Write `parents`, with `id` and `link`.',
    bonds: 'Write `parents`, with `type: bond`.',
    bridges: 'Write `parents`, with `type: bridge`.',
    hosts: 'Several hosts are a fleet, which `compileFleet` takes.',
    defaults: 'They are for a fleet, which `compileFleet` takes.',
  },
  shims: {
    gateway4: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway6: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    address: 'Write `addresses: [ADDRESS/LENGTH]`.',
    dns: 'Write `nameservers: {addresses: [ADDRESS]}`.',
    domains: 'Write `nameservers: {search: [DOMAIN]}`.',
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    critical: 'It is not needed: nothing releases the address of a shim.',
  },
  parents: {
    mac: 'Write `macaddress`.',
    gateway4: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway6: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    dns: 'Write `nameservers: {addresses: [ADDRESS]}`.',
    mode: 'Write `parameters: {mode: MODE}`.',
    slaves: 'Write `interfaces`.',
    ports: 'Write `interfaces`.',
    members: 'Write `interfaces`.',
    vlan: 'Write `id` and `link`.',
  },
  taps: {
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    addresses: 'A tap has none: it is the guest that has one.',
    dhcp4: 'A tap has no address: it is the guest that has one.',
  },
  guests: {
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    source: 'Write `parent`.',
    trustGuestRxFilters: 'Write `trust-guest-rx-filters`.',
    addresses: 'The guest itself says its addresses.',
  },
  routes: {
    gateway: 'Write `via`.',
    gw: 'Write `via`.',
    destination: 'Write `to`.',
    dest: 'Write `to`.',
    type: 'Only unicast routes are known.',
  },
  nameservers: { domains: 'Write `search`.' },
  match: {
    name: 'Only the permanent MAC will do: write `macaddress`.',
    driver: 'Only the permanent MAC will do: write `macaddress`.',
  },
};

/** The place that a path is in, as `ELSEWHERE` calls it. */
function placeOf(path: Path): string {
  if (path.length === 0) return '';
  if (path.length === 2) return String(path[0]);
  return String(path.findLast((step) => typeof step === 'string'));
}

export function readTree(
  tree: YamlTree,
  schema: SchemaNode,
  report: (diagnostic: Diagnostic) => void,
): unknown {
  const open: Node[] = [];
  let insideAlias = 0;
  let exploded = false;

  function read(node: Node | null, given: SchemaNode, path: Path): unknown {
    const expected = given.wrapped ?? given;
    if (insideAlias > 0) tree.copied += 1;
    if (tree.copied > MAX_COPIED && (insideAlias > 0 || exploded)) return undefined;
    if (open.length > MAX_DEPTH) {
      if (!exploded) {
        const message = `Aliases nest collections more than ${MAX_DEPTH} deep here.`;
        report(diagnostic('too-deep', path, message));
      }
      exploded = true;
      return undefined;
    }
    if (isAlias(node)) return readAlias(node, expected, path);
    if (isMap(node)) {
      open.push(node);
      const data = readMap(node, expected, path);
      open.pop();
      return data;
    }
    if (isSeq(node)) {
      if (expected.type === 'object') {
        // To the schema a list would be an object like any other.
        const key = path.findLast((step) => typeof step === 'string') ?? 'the intent';
        const hint = 'Write a mapping: `key: value`.';
        report(diagnostic('wrong-type', path, `\`${key}\` takes a mapping, not a list.`, { hint }));
        return undefined;
      }
      const item = expected.item ?? { type: 'unknown' };
      open.push(node);
      const data = node.items.map((entry, index) => read(entry as Node, item, [...path, index]));
      open.pop();
      return data;
    }
    return isScalar(node) ? readScalar(node, expected, path) : null;
  }

  function readAlias(alias: Alias, expected: SchemaNode, path: Path): unknown {
    const target = tree.resolve(alias);
    if (!target || open.includes(target)) {
      const why = target ? 'lies inside its own anchor' : `has no \`&${alias.source}\` before it`;
      report(diagnostic('yaml-anchor', path, `The alias \`*${alias.source}\` ${why}.`));
      return undefined;
    }
    insideAlias += 1;
    const data = read(target, expected, path);
    insideAlias -= 1;
    if (tree.copied > MAX_COPIED && !exploded) {
      exploded = true;
      report(
        diagnostic('yaml-alias-bomb', path, 'Aliases make the intent grow without bound here.'),
      );
    }
    return data;
  }

  function readMap(map: Node, expected: SchemaNode, path: Path): unknown {
    if (!isMap(map)) return undefined;
    const entries = entriesOf(tree, map, path, report);
    const { entries: known } = expected;
    if (!known) {
      const value = expected.value ?? { type: 'unknown' };
      return new Map(
        [...entries].map(([key, { value: node }]) => [key, read(node, value, [...path, key])]),
      );
    }
    const data: Record<string, unknown> = {};
    for (const { key, value } of entries.values()) {
      const schemaOfKey = Object.hasOwn(known, key) ? known[key] : undefined;
      if (schemaOfKey) data[key] = read(value, schemaOfKey, [...path, key]);
      else report(unknownKey(key, Object.keys(known), path));
    }
    return data;
  }

  function readScalar(scalar: Scalar, expected: SchemaNode, path: Path): unknown {
    if (expected.type === 'string') return textOf(scalar) ?? null;
    if (scalar.type === 'PLAIN') {
      const hint = yaml11Boolean(scalar, expected);
      if (hint) report(diagnostic('yaml-1-1-habit', path, hint.message, { hint: hint.hint }));
    }
    return scalar.value;
  }

  return read(tree.root, schema, []);
}

/** What a plain scalar meant in YAML 1.1, where that is what its author had in mind. */
function yaml11Boolean(
  scalar: Scalar,
  expected: SchemaNode,
): { message: string; hint: string } | undefined {
  const source = scalar.source ?? '';
  const wantsBoolean =
    expected.type === 'boolean' ||
    (expected.type === 'union' &&
      expected.options?.some((option) => (option as SchemaNode).type === 'boolean'));
  if (wantsBoolean && /^(?:y|yes|n|no|on|off)$/i.test(source)) {
    return {
      message: `\`${source}\` is text in YAML 1.2, not a truth value.`,
      hint: 'Write `true` or `false`.',
    };
  }
  if (
    expected.type === 'number' &&
    /^[-+]?(?:0[0-9_]+|[0-9]+(?:_[0-9]+)+|[0-9]+(?::[0-9]+)+)$/.test(source)
  ) {
    const meaning = typeof scalar.value === 'number' ? `the number ${scalar.value}` : 'text';
    return {
      message: `\`${source}\` is ${meaning} in YAML 1.2, and was another number in YAML 1.1.`,
      hint: 'Write the number in decimal, without a leading zero, `_` or `:`.',
    };
  }
  return undefined;
}

export function unknownKey(key: string, known: readonly string[], path: Path): Diagnostic {
  const nearest = nearestOf(key, known);
  const place = placeOf(path);
  // Names are the user's: `constructor` must not find what every object has.
  const words = (Object.hasOwn(ELSEWHERE, place) && ELSEWHERE[place]) || {};
  const elsewhere = Object.hasOwn(words, key) ? words[key] : undefined;
  const hint =
    elsewhere ??
    (nearest
      ? `Did you mean \`${nearest}\`?`
      : `Known here: ${known.map((k) => `\`${k}\``).join(', ')}.`);
  return diagnostic('unknown-key', [...path, key], `There is no key \`${key}\` here.`, {
    at: 'key',
    hint,
    ...(nearest !== undefined && { meant: [...path, nearest] }),
  });
}

/** The known word that `word` is most likely a slip of, if any is near enough. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(Math.min(word.length, 40) / 3)) + 1;
  for (const candidate of known) {
    const d = distance(plain(word.slice(0, 40)), plain(candidate));
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}
