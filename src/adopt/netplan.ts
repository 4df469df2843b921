/** netplan's YAML → what it sets for a link: files merged as netplan does it, the last scalar counts (netplan-yaml(5)). */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import { merged } from '../backends/host/foreign.ts';
import type { Definition } from '../backends/host/netplan/definition.ts';
import { readConfiguration } from '../backends/host/netplan/definitions.ts';
import { isOf } from '../backends/host/netplan/links.ts';
import { readYaml, valuesOf, type YamlMap, type YamlNode } from '../backends/host/netplan/yaml.ts';
import { type FoundLink, type Kind, leave, newLink, type Origin } from './found.ts';
import { readNetplanKey } from './netplan-keys.ts';
import { addManagerDefaults } from './networkmanager-defaults.ts';
import type { Reader } from './reader.ts';
import { entryOf } from './values.ts';

/** `/run` is empty at the next boot. */
const FOLDERS = ['/etc/netplan', '/usr/lib/netplan', '/lib/netplan'];

const KINDS: Readonly<Record<string, Kind>> = {
  ethernets: 'ethernet',
  bonds: 'bond',
  bridges: 'bridge',
  vlans: 'vlan',
};

const ownFiles = (files: readonly HostFile[]): HostFile[] =>
  merged(
    files.filter(({ folder }) => FOLDERS.includes(folder)),
    FOLDERS,
  );

/** The name of a link, where the YAML has it. */
function nameOf({ id, section, match, setName }: Definition): string | undefined {
  if (section !== 'ethernets' || !match) return id;
  const { name } = match;
  return setName ?? (name !== undefined && !/[*?[\]]/.test(name) ? name : undefined);
}

export const netplanReader: Reader = {
  id: 'netplan',
  names(files) {
    const { definitions } = readConfiguration(ownFiles(files));
    return new Map(
      [...definitions.values()].flatMap((definition) => {
        const name = nameOf(definition);
        return name === undefined
          ? []
          : [[name, entryOf(KINDS, definition.section) ?? 'other'] as const];
      }),
    );
  },
  patterns(files) {
    const { definitions } = readConfiguration(ownFiles(files));
    return [...definitions.values()].flatMap((definition) => {
      const [place] = definition.places;
      const isPattern = definition.section === 'ethernets' && nameOf(definition) === undefined;
      return isPattern && place
        ? [{ ...place, pattern: definition.match?.name ?? definition.id }]
        : [];
    });
  },
  read: (files, claim) => readNetplan(ownFiles(files), claim),
};

/** The definition of a link; also of a VLAN, bond or bridge. */
export function readNetplan(own: readonly HostFile[], claim: Claim): FoundLink | undefined {
  const { definitions, renderer } = readConfiguration(own);
  const all = [...definitions.values()];
  const fits = all.map((item) => ({ item, fit: isOf(item, claim) }));
  const definition = (
    fits.find(({ fit }) => fit === 'yes') ?? fits.find(({ fit }) => fit === 'may')
  )?.item;
  const [place] = definition?.places ?? [];
  if (!definition || !place) return undefined;
  const link = newLink(claim.name, entryOf(KINDS, definition.section) ?? 'other', place);
  const names = (id: string): string => {
    const other = definitions.get(id);
    return other ? (nameOf(other) ?? id) : id;
  };
  for (const { path, body } of bodiesOf(own, definition)) {
    for (const { key = '', line, value } of body.pairs) {
      readNetplanKey(link, key, value, { path, line }, names);
    }
  }
  for (const { item, fit } of fits) {
    const [at] = item.places;
    if (item === definition || fit !== 'yes' || !at || item.section !== definition.section)
      continue;
    leave(link, at, item.id, `\`${definition.id}\` matches the link before it.`);
  }
  for (const { ports, section, id } of all) {
    const isMember = ports.some((port) => names(port.id) === claim.name);
    if (isMember && /^(?:bonds|bridges)$/.test(section)) link.master = id;
  }
  addDefaults(link, definition.renderer ?? renderer);
  return link;
}

/** What the files have below an id, in their order. */
function bodiesOf(
  own: readonly HostFile[],
  { section, id }: Definition,
): { readonly path: string; readonly body: YamlMap }[] {
  return own.flatMap(({ path, text = '' }) =>
    valuesOf(readYaml(text).root, 'network')
      .flatMap((network) => valuesOf(network, section))
      .flatMap((items) => valuesOf(items, id))
      .flatMap((body: YamlNode) => (body.kind === 'map' ? [{ path, body }] : [])),
  );
}

/** What the renderer does where the YAML has nothing (netplan 1.1, networkd.c and nm.c). */
function addDefaults(link: FoundLink, renderer: string): void {
  const has = (key: string): boolean => link.entries.some((entry) => entry.key === key);
  const byDefault = (key: string, value: boolean | readonly string[], note: string): void => {
    if (!has(key)) link.entries.push({ key, value, isItem: false, origin: { note } });
  };
  if (link.master !== undefined) return;
  const isNetworkd = renderer !== 'NetworkManager';
  // NetworkManager: `method=auto` only with dhcp6, else `manual` or `ignore`.
  const isAdvertised = isNetworkd || hasTrue(link, 'dhcp6');
  if (isAdvertised)
    byDefault(
      'accept-ra',
      true,
      `default of ${isNetworkd ? 'systemd-networkd' : 'NetworkManager with dhcp6'}`,
    );
  if (isNetworkd) byDefault('link-local', ['ipv6'], 'default of netplan');
  else addManagerDefaults(link);
}

const hasTrue = (link: FoundLink, key: string): boolean =>
  link.entries.some((entry) => entry.key === key && entry.value === true);

/** A body of version 2 in another file: cloud-init's. */
export function readBody(
  link: FoundLink,
  body: YamlNode,
  path: string,
  names: (id: string) => string,
): void {
  if (body.kind !== 'map') return;
  for (const { key = '', line, value } of body.pairs) {
    readNetplanKey(link, key, value, { path, line } satisfies Origin, names);
  }
}
