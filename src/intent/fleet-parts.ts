/** One text of a fleet → its defaults, and its part of each host. */
import { isAlias, type YAMLMap } from 'yaml';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import { addFirst } from '../diagnostics/fix.ts';
import { UNQUOTED_VERSION } from './faults.ts';
import { madeMap } from './merge.ts';
import { netplanFault } from './netplan-text.ts';
import { intentSchema } from './schema.ts';
import type { SourceFile } from './source.ts';
import { unknownKeys } from './unknown-keys.ts';
import {
  entriesOf,
  isMap,
  isScalar,
  type KeyedNode,
  type Node,
  spanOf,
  textOf,
  type YamlTree,
} from './yaml.ts';

/** A text, as it was read. */
export interface Document {
  readonly file: SourceFile;
  readonly tree?: YamlTree;
  readonly diagnostics: readonly Diagnostic[];
}

/** The part of a host in a document. */
export interface Part {
  readonly name: string;
  /** What the name is written with, and so the place of the host. */
  readonly nameNode: Node;
  readonly own: YAMLMap;
  readonly file: SourceFile;
}

const PARTS = ['version', 'defaults', 'hosts'] as const;
const KEYS = Object.keys(intentSchema.entries);

/** The parts of one document. */
export interface Read {
  readonly parts: readonly Part[];
  readonly defaults?: { readonly map: YAMLMap; readonly entry: KeyedNode };
}

/** @param tree of all documents, for their anchors */
export function readDocument(
  tree: YamlTree,
  { file, tree: own }: Document,
  report: (d: Diagnostic) => void,
): Read {
  const root = own?.root;
  if (!own) return { parts: [] };
  if (!isMap(root)) {
    const isNothing = root === null || (isScalar(root) && root.value === null);
    const at = { offsets: spanOf(root) ?? ([file.start, file.start] as const) };
    report(
      isNothing
        ? diagnostic('empty-intent', [], 'The file is empty.', at)
        : diagnostic('wrong-type', [], 'A fleet is a mapping.', at),
    );
    return { parts: [] };
  }
  const netplan = netplanFault(tree, root);
  if (netplan) {
    report(netplan);
    return { parts: [] };
  }
  const entries = entriesOf(tree, root, [], report);
  checkVersion(entries.get('version'), root, report);
  const hosts = entries.get('hosts');
  const defaults = entries.get('defaults');
  if (!hosts && !defaults) return { parts: single(tree, file, root, report) };
  for (const [key, unknown] of unknownKeys(PARTS, [], entries)) {
    const at = { offsets: spanOf(entries.get(key)?.keyNode) ?? ([0, 0] as const) };
    const message = `\`${key}\` is outside of \`hosts\` and \`defaults\`.`;
    report(
      KEYS.includes(key) ? diagnostic('fleet-mixed', [key], message, at) : { ...unknown, ...at },
    );
  }
  const map = defaults && mapAt(tree, defaults, ['defaults'], report);
  return {
    parts: hosts ? listed(tree, file, hosts, report) : [],
    ...(defaults && map && { defaults: { map, entry: defaults } }),
  };
}

function checkVersion(
  entry: KeyedNode | undefined,
  root: YAMLMap,
  report: (d: Diagnostic) => void,
): void {
  if (!entry) {
    const at = { at: 'key', offsets: spanOf(firstKey(root)) ?? [0, 0] } as const;
    const hint = 'Begin the file with `version: 1`.';
    const fix = addFirst('version', '1');
    report(diagnostic('missing-key', ['version'], 'Missing `version`.', { ...at, hint, fix }));
  } else if (!isScalar(entry.value) || entry.value.value !== 1) {
    const shown = isScalar(entry.value) ? (textOf(entry.value) ?? 'nothing') : 'a collection';
    const at = { offsets: spanOf(entry.value) ?? spanOf(entry.keyNode) ?? ([0, 0] as const) };
    const isQuoted = isScalar(entry.value) && entry.value.value === '1';
    const message = `Unknown version \`${shown}\`${isQuoted ? ' (text)' : ''} of the language.`;
    const hint = isQuoted ? UNQUOTED_VERSION : {};
    report(diagnostic('version-unsupported', ['version'], message, { ...at, ...hint }));
  }
}

/** The entries of `hosts`, each a host by its key. */
function listed(
  tree: YamlTree,
  file: SourceFile,
  hosts: KeyedNode,
  report: (d: Diagnostic) => void,
): Part[] {
  const map = mapAt(tree, hosts, ['hosts'], report);
  if (!map) return [];
  return [...entriesOf(tree, map, ['hosts'], report).values()].flatMap((entry) => {
    const own = mapAt(tree, entry, ['hosts', entry.key], report);
    return own ? [{ name: entry.key, nameNode: entry.keyNode, own, file }] : [];
  });
}

/** A file of several that is the intent of one host. */
function single(
  tree: YamlTree,
  file: SourceFile,
  root: YAMLMap,
  report: (d: Diagnostic) => void,
): Part[] {
  const entries = new Map(entriesOf(tree, root, [], report));
  const host = entries.get('host')?.value;
  const name = isScalar(host) ? textOf(host) : undefined;
  entries.delete('host');
  entries.delete('version');
  if (!host || name === undefined) {
    const at = { offsets: spanOf(host) ?? spanOf(firstKey(root)) ?? ([0, 0] as const) };
    report(diagnostic('fleet-host-unnamed', ['host'], 'Missing `host`.', at));
    return [];
  }
  return [{ name, nameNode: host, own: madeMap(tree, entries, root), file }];
}

function mapAt(
  tree: YamlTree,
  { key, keyNode, value }: KeyedNode,
  path: Path,
  report: (d: Diagnostic) => void,
): YAMLMap | undefined {
  const node = isAlias(value) ? tree.resolve(value) : value;
  if (isMap(node)) return node;
  const at = { offsets: spanOf(keyNode) ?? ([0, 0] as const) };
  if (isAlias(value) && !node) {
    const message = `The alias \`*${value.source}\` has no anchor \`&${value.source}\` before it.`;
    report(diagnostic('yaml-anchor', path, message, at));
    return undefined;
  }
  const hint = path.length === 2 ? '`{}` for a host with the defaults only.' : undefined;
  const text = isScalar(node) ? textOf(node) : undefined;
  const given =
    text === undefined ? (isScalar(node) || !node ? 'nothing' : 'a list') : `\`${text}\``;
  report(
    diagnostic('wrong-type', path, `\`${key}\` takes a mapping, not ${given}.`, {
      ...at,
      hint: hint ? `Write a mapping; ${hint}` : 'Write a mapping: `key: value`.',
    }),
  );
  return undefined;
}

/** The first key of a mapping, or the node itself. */
export const firstKey = (node: Node | null | undefined): Node | undefined =>
  isMap(node) ? (node.items[0]?.key as Node | undefined) : (node ?? undefined);
