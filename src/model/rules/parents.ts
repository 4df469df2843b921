/** Parents: what they are, how they are found, and what is joined with what. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { BOND, BRIDGE, type ParentIntent } from '../../intent/schema.ts';
import { itemsOf } from '../resolve/items.ts';
import { hasAddress, type Parent } from '../types.ts';
import { checkBond } from './bonds.ts';
import type { Context } from './context.ts';

export function checkParent(context: Context, parent: Parent): void {
  const { intent, damaged, report, lookup } = context;
  const given = intent.parents?.get(parent.id);
  if (given) {
    if (given.match && given['set-name'] === undefined) {
      const message = `\`${parent.id}\` is matched by its MAC, but has no \`set-name\`.`;
      report(diagnostic('match-without-set-name', [...parent.origin, 'match'], message));
    }
    if (given['set-name'] !== undefined && !given.match && !damaged([...parent.origin, 'match'])) {
      const message = `\`set-name\` needs a \`match\` that says which NIC is meant.`;
      report(diagnostic('set-name-without-match', [...parent.origin, 'set-name'], message));
    }
    checkType(context, parent, given);
    const { shims, taps, vlans, master } = parent;
    if (given['ignore-carrier'] !== undefined && !hasAddress(parent)) {
      const message = '`ignore-carrier` has no effect on a link without an address.';
      const path = [...parent.origin, 'ignore-carrier'];
      const hint = 'Say it on the shim, whose addresses are to stay.';
      report(diagnostic('setting-unused', path, message, { at: 'key', hint }));
    }
    const isUsed =
      shims.length + taps.length + vlans.length > 0 ||
      master !== undefined ||
      hasAddress(parent) ||
      lookup.guestsOn(parent).length > 0;
    const addressingKeys = ['addresses', 'dhcp4', 'dhcp6', 'accept-ra', 'link-local'];
    const mayBeUsed =
      ['shims', 'taps', 'guests', 'parents'].some((key) => damaged([key])) ||
      addressingKeys.some((key) => damaged([...parent.origin, key]));
    if (!isUsed && !mayBeUsed) {
      const message = `Nothing is on top of \`${parent.id}\`.`;
      report(diagnostic('parent-unused', parent.origin, message, { at: 'key' }));
    }
  }
  checkBelow(context, parent);
  checkMember(context, parent);
  checkBond(context, parent, given);
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

function checkType({ damaged, report }: Context, parent: Parent, given: ParentIntent): void {
  const { kind, origin } = parent;
  if (damaged([...origin, 'type'])) return;
  if (given.interfaces && given.type === undefined) {
    const message = `\`${parent.id}\` has members, but no \`type\`.`;
    report(diagnostic('type-needed', [...origin, 'interfaces'], message, { at: 'key' }));
    return;
  }
  const unfit = (path: Path, what: string): void =>
    report(
      diagnostic('not-for-type', path, `${what} is nothing that \`${kind}\` has.`, { at: 'key' }),
    );
  for (const [key, kinds] of Object.entries(KEYS)) {
    const isSaid = given[key as keyof ParentIntent] !== undefined;
    if (isSaid && !kinds.includes(kind)) unfit([...origin, key], `\`${key}\``);
  }
  const missing = (path: Path, hint: string): void =>
    report(
      diagnostic('missing-key', path, `\`${path.at(-1)}\` is missing here.`, { at: 'key', hint }),
    );
  if (kind === 'vlan') {
    if (given.id === undefined && !damaged([...origin, 'id'])) {
      missing([...origin, 'id'], 'Add `id:` with the id of the VLAN, 1 to 4094.');
    }
    if (given.link === undefined && !damaged([...origin, 'link'])) {
      missing([...origin, 'link'], 'Add `link:` with the link that the VLAN is on.');
    }
  }
  if (kind !== 'bond' && kind !== 'bridge') return;
  if (!given.interfaces && !damaged([...origin, 'interfaces'])) {
    missing([...origin, 'interfaces'], `Add \`interfaces:\` with the members of the ${kind}.`);
  }
  const known = kind === 'bond' ? BOND : BRIDGE;
  for (const key of Object.keys(given.parameters ?? {})) {
    if (!Object.hasOwn(known, key)) unfit([...origin, 'parameters', key], `\`${key}\``);
  }
  const { parameters } = given;
  const mode = [...origin, 'parameters', 'mode'];
  const isFaulty = damaged(parameters ? mode : [...origin, 'parameters']);
  if (kind === 'bond' && parameters?.mode === undefined && !isFaulty) {
    const hint = 'Add `parameters: {mode: …}`; `active-backup` needs nothing of the switch.';
    missing(mode, hint);
  }
}

/** A VLAN, bond or bridge stands on links, not on what stands on them itself. */
function checkBelow({ intent, report }: Context, { id, origin }: Parent): void {
  const { link, interfaces } = intent.parents?.get(id) ?? {};
  const below = itemsOf(interfaces, [...origin, 'interfaces']);
  if (link !== undefined) below.push({ item: link, origin: [...origin, 'link'] });
  for (const { item: name, origin: path } of below) {
    const what = intent.shims?.has(name) ? 'shim' : intent.taps?.has(name) ? 'tap' : undefined;
    if (what) report(diagnostic('shim-on-shim', path, `\`${name}\` is a ${what} itself.`));
  }
}

/** A member of a bond or bridge belongs to it alone. */
function checkMember({ intent, report, lookup }: Context, parent: Parent): void {
  const { master } = parent;
  if (!master) return;
  const refuse = (path: Path, what: string, at: 'key' | 'value' = 'value'): void =>
    report(
      diagnostic(
        'parent-enslaved',
        path,
        `\`${parent.name}\` is a member of the ${master.kind} \`${master.name}\`, and ${what}.`,
        { at },
      ),
    );
  for (const name of parent.shims) {
    refuse(['shims', name, 'parent'], `cannot be the parent of \`${name}\``);
  }
  for (const name of parent.taps) {
    refuse(['taps', name, 'parent'], `cannot be the parent of \`${name}\``);
  }
  for (const guest of lookup.guestsOn(parent)) {
    refuse([...guest.origin, 'parent'], `cannot be the parent of \`${guest.name}\``);
  }
  for (const other of lookup.vlansOn(parent.id)) {
    refuse([...other.origin, 'link'], `cannot be the link of \`${other.name}\``);
  }
  if (hasAddress(parent)) refuse(parent.origin, 'cannot have an address of its own', 'key');
  const given = intent.parents?.get(parent.id);
  if (parent.rules.length > 0) {
    refuse([...parent.origin, 'routing-policy'], 'cannot have rules of its own', 'key');
  }
  const mtu = lookup.byName.get(master.name)?.mtu;
  if (given?.mtu !== undefined && given.mtu !== mtu) {
    const message = `The ${master.kind} \`${master.name}\` has ${mtu ?? 'no'} \`mtu\`, not ${given.mtu}.`;
    report(diagnostic('mtu-of-member', [...parent.origin, 'mtu'], message));
  }
  if (master.kind === 'bond' && given?.macaddress !== undefined) {
    const message = `\`macaddress\` has no effect: a bond gives its members its own.`;
    const path = [...parent.origin, 'macaddress'];
    report(diagnostic('setting-unused', path, message, { at: 'key' }));
  }
}
