/** What both ways of netplan share. */
import { type Diagnostic, diagnostic } from '../../diagnostics.ts';
import type { Model } from '../../model/types.ts';

export const DIRECTORY = '/etc/netplan';
export const YAML_PATH = `${DIRECTORY}/60-macvtap.yaml`;

/** Keys that netplan's parser takes for settings where ids stand (netplan, src/parse.c). */
const RESERVED: ReadonlySet<string> = new Set(['renderer', 'version']);

export function checkIds(model: Model, backend: string): Diagnostic[] {
  const refuse = (id: string, path: Diagnostic['path']): Diagnostic =>
    diagnostic('id-reserved', path, `netplan reads \`${id}\` as a setting.`, {
      backend,
      at: 'key',
    });
  return [
    ...model.parents
      .filter(({ id }) => RESERVED.has(id))
      .map(({ id, origin }) => refuse(id, origin)),
    ...model.shims
      .filter(({ name }) => RESERVED.has(name))
      .map(({ name, origin }) => refuse(name, origin)),
  ];
}
