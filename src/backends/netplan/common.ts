/** What both back ends of netplan have in common. */

import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Kind, Model } from '../../model/types.ts';
import { inPlace } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { header } from '../shared/online.ts';
import { inYaml, type LinkYaml } from './link-yaml.ts';
import { DIRECTORY, YAML_FILE } from './places.ts';

/** Ids that netplan's parser reads as settings (netplan, src/parse.c). */
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

/** Bridges that netplan creates: it takes a priority of 0 for none. */
export const checkBridges = (model: Model, backend: string): Diagnostic[] =>
  model.parents
    .filter(({ hasMacvlans, bridge }) => !hasMacvlans && bridge?.values.priority === 0)
    .map(({ origin }) =>
      diagnostic(
        'setting-not-expressible',
        [...origin, 'parameters', 'priority'],
        'netplan takes a priority of 0 for none.',
        { backend },
      ),
    );

/** Where netplan lists links of a kind. */
export const SECTION = {
  ethernet: 'ethernets',
  vlan: 'vlans',
  bond: 'bonds',
  bridge: 'bridges',
} as const satisfies Record<Kind, string>;

type Section = (typeof SECTION)[Kind] | 'nm-devices';

/** `60-macvtap.yaml`, with the sections that have links in them; none where no section has. */
export function yamlFile(
  model: Model,
  sections: readonly (readonly [type: Section, links: readonly LinkYaml[]])[],
): RenderedFile[] {
  const filled = sections.filter(([, links]) => links.length > 0);
  if (filled.length === 0) return [];
  const rendered = file({
    path: `${DIRECTORY}/60-macvtap.yaml`,
    mode: 0o600,
    role: 'required',
    ...inPlace(YAML_FILE),
    about: entry(
      'addresses',
      'Has the links and their addresses, where users of netplan look for them.',
      'netplan-yaml(5)',
      [],
    ),
    template: 'netplan/netplan.yaml',
    view: {
      header: header(model),
      version: inYaml(
        'version',
        2,
        "The version of netplan's language; without it netplan refuses the file.",
        [],
      ),
      sections: filled.map(([type, links]) => ({
        type: inYaml(type, type, 'netplan lists links by their type.', []),
        links,
      })),
    },
  });
  return [rendered];
}
