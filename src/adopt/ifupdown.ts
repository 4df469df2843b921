/** Stanzas of ifupdown → what they set for a link (interfaces(5); classic 0.8, ifupdown2, ifupdown-ng). */
import type { Claim } from '../backends/host/foreign.ts';
import { baseOf, startsOf } from '../backends/host/ifupdown/boot.ts';
import type { Stanza } from '../backends/host/ifupdown/file.ts';
import { type Interfaces, readTree } from '../backends/host/ifupdown/tree.ts';
import { type FoundLink, type Kind, leave, newLink, type Origin, scalarOf, set } from './found.ts';
import { readStanza } from './ifupdown-options.ts';
import type { Reader } from './reader.ts';
import { type TableNames, tablesOfIp } from './table-names.ts';

type At = Stanza & { readonly path: string };

/** All stanzas of a name, and of its further addresses: `eth0:1`. */
const stanzasOf = ({ stanzas }: Interfaces, logical: string): At[] =>
  stanzas.filter(({ name }) => baseOf(name) === logical);

const option = ({ options }: Stanza, ...keys: readonly string[]): string | undefined =>
  options.find(({ key }) => keys.includes(key))?.value;

/** interfaces(5), vlan, bonding and bridge-utils: by options, or by the name. */
function kindOf(stanzas: readonly Stanza[], name: string): Kind {
  const has = (pattern: RegExp): boolean =>
    stanzas.some(({ options }) => options.some(({ key }) => pattern.test(key)));
  if (has(/^bridge-ports$/)) return 'bridge';
  if (has(/^(?:bond-slaves|slaves|bond-mode)$/) && !has(/^bond-master$/)) return 'bond';
  if (has(/^vlan-(?:raw-device|id)$/) || /^[^.]+\.\d{1,4}$/.test(name)) return 'vlan';
  return /^(?:wl|tun|tap|wg|ppp)/.test(name) ? 'other' : 'ethernet';
}

const startedNames = (tree: Interfaces): string[] => [
  ...new Set(
    tree.brought.flatMap(({ word }) => {
      const name = baseOf(word.split('=')[0] ?? '');
      return name === '' || name === 'lo' || /[/[*]/.test(name) ? [] : [name];
    }),
  ),
];

/** Further addresses, routes or name servers, which installers and routing daemons put there. */
const hasLoopbackOptions = (tree: Interfaces): boolean =>
  stanzasOf(tree, 'lo').some(({ options }) => options.length > 0);

export const ifupdownReader: Reader = {
  id: 'ifupdown',
  names(files) {
    const tree = readTree(files);
    return new Map([
      ...startedNames(tree).map((name) => [name, kindOf(stanzasOf(tree, name), name)] as const),
      ...(hasLoopbackOptions(tree) ? [['lo', 'ethernet'] as const] : []),
    ]);
  },
  patterns: (files) =>
    readTree(files)
      .brought.filter(({ word }) => word.startsWith('/'))
      .map(({ path, line, word }) => ({ path, line, pattern: word })),
  read: (files, claim) => readIfupdown(readTree(files), claim, tablesOfIp(files)),
};

function readIfupdown(tree: Interfaces, claim: Claim, tables: TableNames): FoundLink | undefined {
  const starts = startsOf(tree, claim);
  const [start] = starts;
  const stanzas = [...new Set(starts.flatMap(({ logical }) => stanzasOf(tree, baseOf(logical))))];
  const own = stanzas.length > 0 ? stanzas : portStanzas(tree, claim.name);
  const [first] = own;
  if (!first) return undefined;
  const kind = kindOf(own, claim.name);
  const link = newLink(claim.name, kind, { path: first.path, line: first.line });
  link.tables = tables;
  if (start?.mapping) {
    leave(
      link,
      { path: start.mapping.path, line: start.mapping.line },
      'mapping',
      'A script chooses the stanza.',
    );
  }
  for (const stanza of own)
    readStanza(link, { ...stanza, options: inherited(tree, stanza) }, stanza.path);
  nameBelow(link, own);
  addMembers(link, tree);
  return link;
}

/** A stanza that is not brought up by itself, of a member of a bond or bridge. */
const portStanzas = (tree: Interfaces, name: string): At[] => stanzasOf(tree, name);

/** The options of the stanza that it inherits from stand before its own. */
function inherited(tree: Interfaces, stanza: Stanza): Stanza['options'] {
  const base = stanza.inherits === undefined ? undefined : tree.byName.get(stanza.inherits);
  return base ? [...base.options, ...stanza.options] : stanza.options;
}

/** vlan-interfaces(5): `eth0.10`, or `vlan10` with vlan-raw-device. */
function nameBelow(link: FoundLink, [first]: readonly At[]): void {
  if (link.kind !== 'vlan' || !first) return;
  const [, raw, id] = /^(.+)\.(\d{1,4})$/.exec(link.name) ?? [];
  const number = id ?? /^vlan0*(\d{1,4})$/.exec(link.name)?.[1];
  const origin: Origin = { path: first.path, line: first.line };
  const below = link.below ?? raw;
  link.below = below ?? '';
  if (below !== undefined && scalarOf(link, 'link') === undefined) set(link, 'link', below, origin);
  if (number !== undefined && scalarOf(link, 'id') === undefined)
    set(link, 'id', Number(number), origin);
}

/** Members name their bond, or the bond its members. */
function addMembers(link: FoundLink, tree: Interfaces): void {
  for (const stanza of tree.stanzas) {
    const at = { path: stanza.path, line: stanza.line };
    const ports = option(stanza, 'bridge-ports', 'bond-slaves', 'slaves') ?? '';
    if (ports.split(/\s+/).includes(link.name)) link.master = stanza.name;
    const isMember = link.kind === 'bond' && option(stanza, 'bond-master') === link.name;
    if (!isMember || link.ports.includes(stanza.name)) continue;
    link.ports.push(stanza.name);
    link.entries.push({ key: 'interfaces', value: stanza.name, isItem: true, origin: at });
  }
}
