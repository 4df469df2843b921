/** Parents that are taken for a wired NIC, and by their name are none. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { isNameOfWifi, looksLike } from '../resolve/looks-like.ts';
import type { Model, Parent, Shim } from '../types.ts';
import { type Context, listOf } from './context.ts';

export function checkAssumed({ intent, model, damaged, report }: Context): void {
  const forGuests = belowGuests(model);
  // A parent may be described below `bonds:` or `vlans:`, which are not keys of an intent.
  const hasFaults = damaged(['parents']);
  for (const parent of [...model.parents, ...model.unmanaged]) {
    const { id, name, managed, assumedFrom, hasMacvlans, origin } = parent;
    // A shim or tap as parent is an error of its own.
    if (assumedFrom === undefined || intent.shims?.has(id) || intent.taps?.has(id)) continue;
    // Its type may have been lost with what is wrong there.
    const isLost = damaged(['parents', id]) && !intent.parents?.has(id);
    if (damaged(['parents', id, 'type']) || isLost) continue;
    const at = intent.parents?.has(id) ? 'key' : 'value';
    const isWifi = isNameOfWifi(name);
    const shims = model.shims.filter((shim) => shim.parent.name === name);
    const isForIpvlans = shims.length > 0 && shims.every(({ device }) => device === 'ipvlan');
    if (isWifi && isForIpvlans) {
      if (!managed) continue;
      const message = `\`${name}\` looks like a Wi-Fi interface: files for it would take it from the program that keeps its association.`;
      const hint = `Add \`parents: {${id}: {managed: false}}\`: that program keeps \`${name}\`, and the ipvlan is beside its address.`;
      report(diagnostic('wifi-managed', origin, message, { at, hint }));
    } else if (isWifi && (hasMacvlans || forGuests.has(name))) {
      const message = `\`${name}\` looks like a Wi-Fi interface, which cannot have a macvlan or macvtap on top of it.`;
      report(diagnostic('wifi-parent', origin, message, { at, ...wifiHint(parent, shims) }));
    } else if (managed && (!hasFaults || intent.parents?.has(id))) {
      const message = `\`${name}\` has no \`type\`, and its name suggests ${assumedFrom}, not a NIC.`;
      report(diagnostic('parent-type-assumed', origin, message, { at, hint: remedyFor(parent) }));
    }
  }
}

/** Of shims; for guests and taps there is no other device. */
const wifiHint = ({ id }: Parent, shims: readonly Shim[]): { hint?: string } =>
  shims.length === 0
    ? {}
    : {
        hint: `Write \`kind: ipvlan\` in ${listOf(shims.map(({ name }) => name))}, which then has the MAC of the parent, and \`parents: {${id}: {managed: false}}\`; or use a wired NIC.`,
      };

function remedyFor({ id, name }: Parent): string {
  const type = { 'a bridge': 'bridge', 'a bond': 'bond', 'a VLAN': 'vlan' }[looksLike(name) ?? ''];
  const isNic = `If it is a NIC, write \`parents: {${id}: {type: ethernet}}\``;
  return type === undefined
    ? `${isNic}; else choose a wired NIC.`
    : `If another program creates it, write \`parents: {${id}: {type: ${type}, managed: false}}\`; if the intent is to create it, \`type: ${type}\` with what belongs to it; if it is a NIC, \`type: ethernet\`.`;
}

/** Names of the parents of guests, and of all that these are on top of. */
function belowGuests({ parents, guests }: Model): ReadonlySet<string> {
  const byName = new Map(parents.map((parent) => [parent.name, parent]));
  const found = new Set(guests.map(({ parent }) => parent.name));
  // A set grows while it is walked.
  for (const name of found) {
    const { vlan, members = [] } = byName.get(name) ?? {};
    for (const lower of [...(vlan ? [vlan.link] : []), ...members]) found.add(lower);
  }
  return found;
}
