/** Conflicts with ifupdown's files: addresses, bridges, bonds, and stanzas that are used instead. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model, Parent } from '../../../model/types.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { type Claim, claimsOf, fits, type HostFile } from '../foreign.ts';
import { isByNetworkManager, type NetworkOwner } from '../network-owner.ts';
import { baseOf, isInRange, mappingOf, type Start, startedIn, startsOf } from './boot.ts';
import type { Option, Stanza } from './file.ts';
import { optionsOf } from './options.ts';
import { portIn } from './ports.ts';
import { judgeReading } from './reading.ts';
import { type Interfaces, readTree } from './tree.ts';

export { ifupdownWatches } from './tree.ts';

type Placed = Interfaces['stanzas'][number];

/** interfaces(5) of all three programs. */
export function judgeIfupdown(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  if (owner !== 'ifupdown' && files.length === 0) return [];
  const tree = readTree(files);
  const options = optionsOf(tree);
  const masters = new Map(
    model.parents.flatMap(({ name, master }) => (master ? [[name, master.name] as const] : [])),
  );
  const isStarted = startedIn(tree);
  return [
    ...(owner === 'ifupdown' ? judgeReading(tree, rendered, model) : []),
    ...claimsOf(model).flatMap((claim) => {
      const starts = startsOf(tree, claim);
      return [
        ...judgeStanzas(tree, claim, starts, options, owner),
        ...tree.stanzas.flatMap((stanza) => {
          const port = portIn(stanza, options(stanza), claim);
          if (!port || port.master === masters.get(claim.name)) return [];
          return [enslaves(claim, stanza, port, isStarted(stanza))];
        }),
        ...judgeRenames(tree, claim),
      ];
    }),
    ...model.parents.flatMap((parent) => judgeVlans(tree, parent, options, isStarted)),
  ];
}

function judgeStanzas(
  tree: Interfaces,
  claim: Claim,
  starts: readonly Start[],
  options: (stanza: Stanza) => readonly Option[],
  owner: NetworkOwner,
): Finding[] {
  const { name } = claim;
  const isMeant = (stanza: Stanza): boolean =>
    baseOf(stanza.name) === name || isInRange(stanza.name, name);
  if (owner === 'ifupdown') {
    return [
      ...tree.stanzas.filter(isMeant).map((stanza) => addsUp(name, stanza)),
      ...startsElsewhere(tree, claim, starts),
    ];
  }
  // Only ifupdown2 treats `eth0:1` as eth0, and has ranges.
  const isOneOf = (stanza: Stanza): boolean => tree.program === 'ifupdown2' && isMeant(stanza);
  const found: Finding[] = [];
  const byLogical = new Map([...starts].reverse().map((start) => [start.logical, start] as const));
  for (const stanza of tree.stanzas) {
    const start = byLogical.get(stanza.name) ?? (isOneOf(stanza) ? byLogical.get(name) : undefined);
    const how = start && addressing(stanza, options(stanza), tree);
    if (how) found.push(claims(claim, stanza, start, how));
    // NetworkManager's plugin `ifupdown`.
    else if (isByNetworkManager(owner) && isMeant(stanza))
      found.push(ignoredByNetworkManager(name, stanza));
  }
  const mapping = starts.find((start) => start.mapping)?.mapping;
  if (mapping && tree.stanzas.some((stanza) => addressing(stanza, options(stanza), tree))) {
    found.push(maps(name, mapping, 'warning'));
  }
  return found;
}

/** How a stanza adds addresses; undefined if it adds none. */
function addressing(
  stanza: Stanza,
  options: readonly Option[],
  { program, byName }: Interfaces,
): { readonly words: string; readonly isSure: boolean } | undefined {
  const { name, inherits } = stanza;
  if (name === 'lo') return undefined;
  const base = inherits === undefined ? undefined : byName.get(inherits);
  const method = stanza.method ?? base?.method ?? '';
  const isQuiet = /^(?:manual|none|loopback|)$/.test(method);
  if (!isQuiet) return { words: method, isSure: true };
  const uses = options.find(
    ({ key, value }) => key === 'use' && /^(?:dhcp|static|ppp)$/.test(value),
  );
  if (uses) return { words: uses.value, isSure: true };
  // ifupdown2 and ifupdown-ng use an address in any stanza, classic ifupdown not in `manual`.
  const address = options.find(({ key }) => key === 'address');
  if (address) return { words: 'static', isSure: method === '' || program === 'ifupdown2' };
  const command = options.find(
    ({ key, value }) => /^(?:pre-up|up|post-up)$/.test(key) && givesAddress(value),
  );
  return command && { words: `\`${command.key} ${command.value}\``, isSure: false };
}

/** Commands in stanzas are shell; these words add an address to a link. */
const givesAddress = (command: string): boolean =>
  /(?:^|[\s/;])(?:ifconfig|dhclient|dhcpcd|udhcpc)(?:\s|$)|\sa(?:d|dd|ddr|ddress)?\s+(?:add|replace)\s/.test(
    command,
  );

function claims(
  { name }: Claim,
  { path, line, name: logical }: Placed,
  start: Start,
  { words, isSure }: { readonly words: string; readonly isSure: boolean },
): Finding {
  const as = baseOf(logical) === name ? '' : ` as \`${logical}\``;
  return isSure && start.isSure && !start.mapping
    ? finding(
        'ifupdown-claims-link',
        path,
        `ifupdown brings \`${name}\` up${as} at boot, with addresses (${words}).`,
        { line },
      )
    : finding(
        'ifupdown-may-claim-link',
        path,
        `ifupdown may bring \`${name}\` up${as} at boot, with addresses (${words}).`,
        { line },
      );
}

const ignoredByNetworkManager = (name: string, { path, line }: Placed): Finding =>
  finding(
    'ifupdown-claims-link',
    path,
    `\`${name}\` is in ifupdown's file: NetworkManager ignores it unless its plugin \`ifupdown\` has \`managed=true\`.`,
    { line, severity: 'warning' },
  );

/** A warning: the host stays reachable, and the activation removes the old stanza. */
const addsUp = (name: string, { path, line }: Placed): Finding =>
  finding(
    'ifupdown-claims-link',
    path,
    `\`${name}\` has an \`iface\` here, which ifupdown merges with the generated one.`,
    {
      line,
      severity: 'warning',
      hint: '`apply` removes it with the change, from another file than /etc/network/interfaces by `--move FILE`; the printed steps say how to do it by hand.',
    },
  );

/** `auto eth0=home` and `mapping`: another stanza is used than the generated one. */
function startsElsewhere(tree: Interfaces, { name }: Claim, starts: readonly Start[]): Finding[] {
  const others = starts.filter(({ logical }) => baseOf(logical) !== name);
  const mapping = mappingOf(tree, name);
  return [
    ...others.map(({ path, line, logical, isSure }) =>
      finding(
        'ifupdown-other-stanza',
        path,
        `It ${isSure ? 'brings' : 'may bring'} \`${name}\` up as \`${logical}\`, not by the generated stanza.`,
        { line, ...(!isSure && { severity: 'warning' }) },
      ),
    ),
    ...(mapping ? [maps(name, mapping, 'error')] : []),
  ];
}

const maps = (
  name: string,
  { path, line }: Interfaces['mappings'][number],
  severity: 'error' | 'warning',
): Finding =>
  finding(
    severity === 'error' ? 'ifupdown-other-stanza' : 'ifupdown-may-claim-link',
    path,
    `A script chooses the stanza of \`${name}\` (\`mapping\`).`,
    { line, severity },
  );

function enslaves(
  { name }: Claim,
  { path, name: stanza }: Placed,
  { isSure, master, line }: NonNullable<ReturnType<typeof portIn>>,
  isAtBoot: boolean,
): Finding {
  const isCertain = isSure && isAtBoot;
  const when = isAtBoot ? 'at boot' : `when \`${stanza}\` is brought up`;
  return finding(
    'ifupdown-enslaves-link',
    path,
    `ifupdown ${isSure ? 'puts' : 'may put'} \`${name}\` into \`${master}\` ${when}.`,
    { line, ...(!isCertain && { severity: 'warning' }) },
  );
}

/** `rename eth0=lan`, which ifupdown does first. */
function judgeRenames({ renames }: Interfaces, { name, kind }: Claim): Finding[] {
  if (kind !== 'ethernet') return [];
  return renames.flatMap(({ path, line, word }) => {
    const [from = '', to = from] = word.split('=');
    const isMeant = from === name || (from.startsWith('/') && fits(from.split('/')[1] ?? '', name));
    if (!isMeant || to === name) return [];
    const message = `ifupdown renames \`${name}\` to \`${to}\`.`;
    return [finding('ifupdown-claims-link', path, message, { line, hint: 'Remove the `rename`.' })];
  });
}

/** The kernel allows one VLAN of an id on a link: the second one is not created. */
function judgeVlans(
  { stanzas }: Interfaces,
  { name, vlan }: Parent,
  options: (stanza: Stanza) => readonly Option[],
  isStarted: (stanza: Stanza) => boolean,
): Finding[] {
  if (!vlan) return [];
  return stanzas
    .filter((stanza) => isStarted(stanza) && baseOf(stanza.name) !== name)
    .filter((stanza) => {
      const other = vlanOf(stanza, options(stanza));
      return other?.id === vlan.id && other.link === vlan.link;
    })
    .map(({ path, line, name: other }) =>
      finding(
        'ifupdown-vlan-taken',
        path,
        `\`${other}\` is VLAN ${vlan.id} on \`${vlan.link}\`, as \`${name}\` is.`,
        { line },
      ),
    );
}

/** `eth0.5`; `vlan5` with `vlan-raw-device eth0`; `vlan-id 5`. */
function vlanOf(
  { name }: Stanza,
  options: readonly Option[],
): { readonly link: string; readonly id: number } | undefined {
  const optionOf = (key: string): string | undefined =>
    options.find((option) => option.key === key)?.value;
  const [, before = '', digits] = /^(.*?)[.]?(\d{1,4})$/.exec(baseOf(name)) ?? [];
  const link = optionOf('vlan-raw-device') ?? (name.includes('.') ? before : undefined);
  const id = Number(optionOf('vlan-id') ?? digits ?? Number.NaN);
  return link === undefined || !Number.isInteger(id) ? undefined : { link, id };
}
