/** Text of an intent → `Intent`: YAML, then the schema. */
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { composeYaml } from './compose.ts';
import { netplanFault } from './netplan-text.ts';
import { readIntent } from './read.ts';
import { type Intent, intentSchema } from './schema.ts';
import { sizeOf, tooManyValues } from './size.ts';
import { plainSource, type Source, treeSource } from './source.ts';
import { isScalar, type YamlTree } from './yaml.ts';

/** Input above this is refused before anything looks at it. */
export const MAX_BYTES = 64 * 1024 * 1024;

export interface Parsed {
  readonly source: Source;
  /**
   * What could be read. Beside errors it lacks the values at fault, so that the next stage can find
   * the other mistakes in the same run; it makes no model of it.
   */
  readonly intent?: Intent;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param file how diagnostics name the text: a path, or `<stdin>` */
export function parse(file: string, text: string): Parsed {
  if (text.length > MAX_BYTES) {
    return { source: plainSource(file, ''), diagnostics: [tooLarge()] };
  }
  const { tooLargeAt } = sizeOf(text);
  if (tooLargeAt !== undefined) {
    return { source: plainSource(file, ''), diagnostics: [tooManyValues(tooLargeAt)] };
  }
  const plain = plainSource(file, text);
  const { tree, diagnostics } = composeYaml(plain.files[0]?.text ?? '');
  if (!tree) return { source: plain, diagnostics };
  return parseTree(treeSource(plain.files, tree), tree, diagnostics);
}

export const tooLarge = (): Diagnostic =>
  diagnostic('too-large', [], `The intent is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);

/**
 * One host's, of a whole text or merged from the parts of a fleet.
 * @param before diagnostics so far
 */
export function parseTree(
  source: Source,
  tree: YamlTree,
  before: readonly Diagnostic[] = [],
): Parsed {
  const diagnostics = [...before];
  if (tree.root === null || (isScalar(tree.root) && tree.root.value === null)) {
    return { source, diagnostics: [diagnostic('empty-intent', [], 'The file is empty.')] };
  }
  const netplan = netplanFault(tree, tree.root);
  if (netplan) return { source, diagnostics: [...diagnostics, netplan] };
  const intent = readIntent(tree, intentSchema, (found) => diagnostics.push(found));
  // What is left of an intent that grows without bound is not worth judging.
  const isBomb = diagnostics.some(({ code }) => code === 'yaml-alias-bomb' || code === 'too-deep');
  return { source, ...(intent && !isBomb && { intent }), diagnostics };
}
