/** The trees of files, composed again for fixes: those of the hosts of a fleet are merged. */
import { composeYaml } from './compose.ts';
import type { SourceFile } from './source.ts';
import type { Node } from './yaml.ts';

const roots = new WeakMap<SourceFile, { readonly root: Node | null }>();

/** The node that a file consists of; null where it is empty, or no YAML. */
export function rootOf(file: SourceFile): Node | null {
  const known = roots.get(file) ?? { root: composeYaml(file.text, file.start).tree?.root ?? null };
  roots.set(file, known);
  return known.root;
}
