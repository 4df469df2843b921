/** Parents: their types and keys, how NICs are matched, and members. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { BOND, BRIDGE, type ParentIntent } from '../../intent/schema.ts';
import { slipOf } from '../../intent/slips.ts';
import { itemsOf } from '../resolve/items.ts';
import { hasAddress, type Parent } from '../types.ts';
import type { Context } from './context.ts';
import { upperCalled } from './links.ts';

/** A NIC that is matched by its MAC gets a name. */
export function checkMatch({ intent, damaged, report }: Context, { id, origin }: Parent): void {
  const { match, 'set-name': setName } = intent.parents?.get(id) ?? {};
  if (match && setName === undefined) {
    const message = `\`${id}\` is matched by its MAC, but has no \`set-name\`.`;
    report(diagnostic('match-without-set-name', [...origin, 'match'], message));
  }
  if (setName !== undefined && !match && !damaged([...origin, 'match'])) {
    const message = '`set-name` has no `match` for the NIC.';
    report(diagnostic('set-name-without-match', [...origin, 'set-name'], message));
  }
}

/** Keys by which a link gets an address. */
export const ADDRESSING_KEYS = ['addresses', 'dhcp4', 'dhcp6', 'accept-ra', 'link-local'] as const;

/** An unmanaged parent in the intent is used: nothing is made for it otherwise. */
export function checkUsed({ intent, damaged, report, lookup }: Context, parent: Parent): void {
  const { id, origin } = parent;
  if (!intent.parents?.has(id) || lookup.uppersOn(parent).length > 0) return;
  // A VLAN, bond or bridge on top of it is an error of its own.
  if (parent.vlans.length > 0 || parent.master || mayHaveUppers(damaged)) return;
  report(diagnostic('parent-unused', origin, `\`${id}\` is not used.`, { at: 'key' }));
}

const mayHaveUppers = (damaged: Context['damaged']): boolean =>
  ['shims', 'taps', 'guests', 'parents'].some((key) => damaged([key]));

/** A link that guests alone use; reported unless the intent both describes it and names its guests. */
export function checkForGuests(context: Context, parent: Parent): void {
  const { intent, damaged, report, lookup } = context;
  const { id, name, vlans, master, origin } = parent;
  const uppers = lookup.uppersOn(parent);
  const hasOthers = uppers.some(({ origin: [list] }) => list !== 'guests');
  if (hasOthers || vlans.length > 0 || master || hasAddress(parent)) return;
  const isDescribed = intent.parents?.has(id) === true;
  if ((isDescribed && uppers.length > 0) || mayHaveUppers(damaged)) return;
  if (upperCalled(intent, id) || ADDRESSING_KEYS.some((key) => damaged([...origin, key]))) return;
  const message =
    uppers.length > 0
      ? `\`${name}\` is up without an address, for guests alone.`
      : `\`${name}\` is up without an address, and nothing in the intent is on top of it.`;
  report(diagnostic('parent-bare', origin, message, { at: isDescribed ? 'key' : 'value' }));
}

/**
 * A parent that the intent does not describe, named nearly like one that it does, which nothing is on top
 * of. Names that differ in digits alone are those of two NICs.
 */
export function checkMisspelt({ intent, model, report, lookup }: Context, parent: Parent): void {
  const { id, vlans, master } = parent;
  if (!intent.parents?.has(id) || vlans.length > 0 || master || hasAddress(parent)) return;
  if (lookup.uppersOn(parent).length > 0) return;
  for (const other of model.parents) {
    if (intent.parents.has(other.id) || slipOf(other.id, [id]) === undefined) continue;
    if (withoutDigits(other.id) === withoutDigits(id)) continue;
    const message = `\`${other.id}\` is not in \`parents\`, and nothing is on top of \`${id}\`, which is.`;
    const hint = `Write \`${id}\`, or add \`${other.id}: {}\` to \`parents\`.`;
    for (const path of mentionsOf(other, { intent, lookup }))
      report(diagnostic('parent-misspelt', path, message, { hint }));
  }
}

/** Where a link is named as `parent`, as `link`, or as a member. */
function mentionsOf(link: Parent, { intent, lookup }: Pick<Context, 'intent' | 'lookup'>): Path[] {
  const { id } = link;
  const above = link.master && lookup.byName.get(link.master.name);
  const members = above
    ? itemsOf(intent.parents?.get(above.id)?.interfaces, [...above.origin, 'interfaces'])
    : [];
  return [
    ...lookup.uppersOn(link).map(({ origin }) => [...origin, 'parent']),
    ...lookup.vlansOn(id).map(({ origin }) => [...origin, 'link']),
    ...members.flatMap(({ item, origin }) => (item === id ? [origin] : [])),
  ];
}

const withoutDigits = (name: string): string => name.replace(/[0-9]/g, '');

export function checkParentCarrier({ intent, report }: Context, parent: Parent): void {
  const given = intent.parents?.get(parent.id)?.['ignore-carrier'];
  if (given === undefined || hasAddress(parent)) return;
  const message = '`ignore-carrier` has no effect on a link without an address.';
  const path = [...parent.origin, 'ignore-carrier'];
  const hint = 'Write it on the shim that has the addresses.';
  report(diagnostic('setting-unused', path, message, { at: 'key', hint }));
}

/** Which keys belong to which type; those of all types are not listed. */
const KEYS: Readonly<Record<string, readonly Parent['kind'][]>> = {
  match: ['ethernet'],
  'set-name': ['ethernet'],
  wakeonlan: ['ethernet'],
  id: ['vlan'],
  link: ['vlan'],
  interfaces: ['bond', 'bridge'],
  parameters: ['bond', 'bridge'],
};

/** A parent has the keys of its type. */
export function checkType(context: Context, parent: Parent): void {
  const { damaged, report } = context;
  const { id, origin } = parent;
  const given = context.intent.parents?.get(id);
  if (!given || damaged([...origin, 'type'])) return;
  if (given.interfaces && given.type === undefined) {
    const message = `\`${id}\` has members, but no \`type\`.`;
    report(diagnostic('type-needed', [...origin, 'interfaces'], message, { at: 'key' }));
    return;
  }
  checkForeignKeys(context, parent, given);
  for (const { key, hint } of lackingIn(parent, given)) {
    const path = [...origin, key];
    if (damaged(path)) continue;
    report(diagnostic('missing-key', path, `Missing \`${key}\`.`, { at: 'key', hint }));
  }
  if (parent.kind === 'bond') checkBondMode(context, parent, given);
}

function checkForeignKeys({ report }: Context, parent: Parent, given: ParentIntent): void {
  const { kind, origin } = parent;
  const unfit = (path: Path): void => {
    const message = `\`${path.at(-1)}\` is not a key of type \`${kind}\`.`;
    report(diagnostic('not-for-type', path, message, { at: 'key' }));
  };
  for (const [key, kinds] of Object.entries(KEYS)) {
    const isGiven = given[key as keyof ParentIntent] !== undefined;
    if (isGiven && !kinds.includes(kind)) unfit([...origin, key]);
  }
  if (kind !== 'bond' && kind !== 'bridge') return;
  const known = kind === 'bond' ? BOND : BRIDGE;
  for (const key of Object.keys(given.parameters ?? {})) {
    if (!Object.hasOwn(known, key)) unfit([...origin, 'parameters', key]);
  }
}

/** Keys that a parent of its type needs, and what to add. */
function lackingIn({ kind }: Parent, given: ParentIntent): { key: string; hint: string }[] {
  const needs: readonly { key: keyof ParentIntent; hint: string }[] = {
    ethernet: [],
    vlan: [
      { key: 'id' as const, hint: 'Add `id:` with the id of the VLAN, 1 to 4094.' },
      { key: 'link' as const, hint: 'Add `link:` with the link that the VLAN is on.' },
    ],
    bond: [{ key: 'interfaces' as const, hint: 'Add `interfaces:` with the members of the bond.' }],
    bridge: [
      { key: 'interfaces' as const, hint: 'Add `interfaces:` with the members of the bridge.' },
    ],
  }[kind];
  return needs.filter(({ key }) => given[key] === undefined);
}

function checkBondMode(
  { damaged, report }: Context,
  { origin }: Parent,
  given: ParentIntent,
): void {
  const { parameters } = given;
  const mode = [...origin, 'parameters', 'mode'];
  const isFaulty = damaged(parameters ? mode : [...origin, 'parameters']);
  if (parameters?.mode !== undefined || isFaulty) return;
  const hint = 'Add `parameters: {mode: …}`; `active-backup` needs no configuration of the switch.';
  report(diagnostic('missing-key', mode, 'Missing `mode`.', { at: 'key', hint }));
}

/** A VLAN, bond or bridge is on top of links, not of shims or taps. */
export function checkBelow({ intent, report }: Context, { id, origin }: Parent): void {
  const { link, interfaces } = intent.parents?.get(id) ?? {};
  const below = itemsOf(interfaces, [...origin, 'interfaces']);
  if (link !== undefined) below.push({ item: link, origin: [...origin, 'link'] });
  for (const { item: name, origin: path } of below) {
    const what = upperCalled(intent, name);
    if (what) report(diagnostic('shim-on-shim', path, `\`${name}\` is itself a ${what}.`));
  }
}

/** A member of a bond or bridge belongs to it alone. */
export function checkMember({ report, lookup }: Context, parent: Parent): void {
  const { name, master, origin, shims, taps } = parent;
  if (!master) return;
  const refuse = (path: Path, what: string, extra: Pick<Diagnostic, 'at' | 'hint'>): void => {
    const message = `\`${name}\` is a member of the ${master.kind} \`${master.name}\`, and ${what}.`;
    report(diagnostic('parent-enslaved', path, message, extra));
  };
  const onTop = (path: Path, key: 'parent' | 'link', upper: string): void =>
    refuse([...path, key], `cannot be the ${key} of \`${upper}\``, {
      at: 'value',
      hint: `Write \`${key}: ${master.name}\`.`,
    });
  for (const shim of shims) onTop(['shims', shim], 'parent', shim);
  for (const tap of taps) onTop(['taps', tap], 'parent', tap);
  for (const guest of lookup.guestsOn(parent)) onTop(guest.origin, 'parent', guest.name);
  for (const other of lookup.vlansOn(parent.id)) onTop(other.origin, 'link', other.name);
  const hint = `Write it at \`${master.name}\`, or at a shim on top of it.`;
  if (hasAddress(parent)) refuse(origin, 'cannot have an address of its own', { at: 'key', hint });
  if (parent.rules.length > 0) {
    const rules = [...origin, 'routing-policy'];
    refuse(rules, 'cannot have rules of its own', { at: 'key', hint });
  }
}

/** A member has the MTU of its bond or bridge, and the MAC of its bond. */
export function checkMemberSettings({ intent, report, lookup }: Context, parent: Parent): void {
  const { master, origin } = parent;
  const given = intent.parents?.get(parent.id);
  if (!master || !given) return;
  const mtu = lookup.byName.get(master.name)?.mtu;
  if (given.mtu !== undefined && given.mtu !== mtu) {
    const message = `MTU ${given.mtu} differs from that of ${master.kind} \`${master.name}\` (${mtu ?? 'unset'}).`;
    report(diagnostic('mtu-of-member', [...origin, 'mtu'], message));
  }
  if (master.kind === 'bond' && given.macaddress !== undefined) {
    const message = '`macaddress` has no effect: a bond gives its members its own.';
    const path = [...origin, 'macaddress'];
    report(diagnostic('setting-unused', path, message, { at: 'key' }));
  }
}
