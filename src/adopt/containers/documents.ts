/** JSON and YAML of container engines: read with the place of each value, bounded in depth and size. */
import { readYaml, type YamlMap, type YamlNode } from '../../backends/host/netplan/yaml.ts';
import type { Origin } from '../found.ts';
import { MOST } from './attachment.ts';

/** A limit for what a program prints; files are bounded where they are read. */
const MOST_TEXT = 4 * 1024 * 1024;

export type Read =
  | { readonly root: YamlNode }
  | { readonly line?: number; readonly message: string };

/** JSON is YAML, but for tabs between values: those of a JSON text are not part of a string. */
export function readDocument(text: string): Read {
  if (text.length > MOST_TEXT) return { message: 'It is longer than 4 MiB.' };
  const { root, problem } = readYaml(/^\s*[[{]/.test(text) ? text.replaceAll('\t', ' ') : text);
  if (problem) return { line: problem.line, message: `It is not valid: ${problem.because}.` };
  return root ? { root } : { message: 'It is empty.' };
}

/** The last value of a key; nothing where it is null. */
export function at(node: YamlNode | undefined, ...keys: readonly string[]): YamlNode | undefined {
  let found = node;
  for (const key of keys) {
    found =
      found?.kind === 'map' ? found.pairs.findLast((pair) => pair.key === key)?.value : undefined;
  }
  return found?.kind === 'scalar' && /^(?:null|~)?$/.test(found.text) ? undefined : found;
}

export function textAt(node: YamlNode | undefined, ...keys: readonly string[]): string | undefined {
  const found = at(node, ...keys);
  return found?.kind === 'scalar' ? found.text : undefined;
}

export function itemsAt(
  node: YamlNode | undefined,
  ...keys: readonly string[]
): readonly YamlNode[] {
  const found = at(node, ...keys);
  return found?.kind === 'list' ? found.items.slice(0, MOST) : [];
}

export const pairsIn = (node: YamlNode | undefined): YamlMap['pairs'] =>
  node?.kind === 'map' ? node.pairs.slice(0, MOST) : [];

/** The place of a value: a line of the file, or the command that printed it. */
export type PlaceOf = (node: YamlNode | undefined) => Origin;

export const inFile =
  (path: string): PlaceOf =>
  (node) => ({ path, ...(node && { line: node.line }) });

export const inAnswer =
  (command: string): PlaceOf =>
  () => ({ note: `\`${command}\`` });

const MOST_NAME = 64;

/** A name for messages. */
export const named = (text: string | undefined): string =>
  text === undefined ? '' : ` \`${text.slice(0, MOST_NAME)}\``;
