/** Links as the kernel has them: what stands on what, mode, MTU, MAC addresses. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import type { Guest, Link, Parent, Shim, Tap } from '../types.ts';
import { type Context, hasIpv6, listOf } from './context.ts';

/** What a shim or tap stands on, and how. */
export function checkAttachment(context: Context, upper: Shim | Tap): void {
  const { intent, report } = context;
  const { name, parent, mode, origin } = upper;
  const at = [...origin, 'parent'];
  if (parent.name === name) {
    report(diagnostic('shim-on-itself', at, `\`${name}\` is its own parent.`));
  } else if (intent.shims?.has(parent.name) || intent.taps?.has(parent.name)) {
    const what = intent.shims?.has(parent.name) ? 'shim' : 'tap';
    report(diagnostic('shim-on-shim', at, `\`${parent.name}\` is a ${what} itself.`));
  }
  const sources = [...origin, 'source-macaddresses'];
  if (mode === 'source' && upper.sourceMacs.length === 0) {
    const hint = 'Add `source-macaddresses:` with the MACs that frames are taken from.';
    const message = '`source-macaddresses` is missing here.';
    report(diagnostic('missing-key', sources, message, { at: 'key', hint }));
  }
  if (mode !== 'source' && upper.sourceMacs.length > 0) {
    const message = '`source-macaddresses` has no effect without `mode: source`.';
    report(diagnostic('setting-unused', sources, message, { at: 'key' }));
  }
  if (mode === 'bridge') return;
  const message = `In mode \`${mode}\`, host and guests on \`${parent.name}\` do not reach each other.`;
  report(diagnostic('mode-not-bridge', [...origin, 'mode'], message));
  if (mode === 'passthru') checkPassthru(context, upper);
}

function checkPassthru(context: Context, upper: Shim | Tap): void {
  const { name, parent, origin } = upper;
  const { report } = context;
  checkAlone(context, upper);
  if (parent.permanentMac !== undefined) {
    const message = `\`${parent.name}\` is found by its permanent MAC, which \`${name}\` would have, too.`;
    report(diagnostic('passthru-on-matched', [...origin, 'mode'], message));
  }
  if (!upper.macDerived) {
    const message = `In passthru mode, \`${name}\` has the MAC of \`${parent.name}\`.`;
    report(diagnostic('passthru-macaddress', [...origin, 'macaddress'], message));
  }
}

/** In passthru mode a device has its parent for itself. */
export function checkAlone({ lookup, report }: Context, upper: Shim | Tap | Guest): void {
  const { parent, origin } = upper;
  const all = lookup.uppersOn(parent);
  if (all.length < 2 || parent.name === '') return;
  // Enough for the message, however many there are.
  const others = all.slice(0, 5).filter((other) => other !== upper);
  const names = listOf(
    others.map((other) => other.name),
    all.length - 1,
  );
  const message = `\`${parent.name}\` also has ${names} on top of it.`;
  report(diagnostic('passthru-not-alone', [...origin, 'mode'], message));
}

/** A link's MTU against that of the link below. */
export function checkMtu(context: Context, upper: Shim | Tap): void {
  const { intent } = context;
  const own = (intent.shims?.get(upper.name) ?? intent.taps?.get(upper.name))?.mtu;
  checkAbove(context, upper, own, upper.parent);
  if ('families' in upper) {
    const { origin } = own === undefined ? upper.parent : upper;
    checkIpv6Mtu(context, upper, [...origin, 'mtu']);
  }
}

export function checkParentMtu(context: Context, parent: Parent): void {
  const own = context.intent.parents?.get(parent.id)?.mtu;
  const below = parent.vlan && context.lookup.byId.get(parent.vlan.linkId);
  if (below) checkAbove(context, parent, own, below);
  const { origin } = own === undefined && below ? below : parent;
  if (own !== undefined || below) checkIpv6Mtu(context, parent, [...origin, 'mtu']);
}

function checkAbove(
  { damaged, report }: Context,
  { origin }: Pick<Link, 'origin'>,
  own: number | undefined,
  below: Parent,
): void {
  const limit = below.mtu ?? 1500;
  const isKnown = !damaged([...below.origin, 'mtu']) && below.name !== '';
  if (own !== undefined && own > limit && isKnown) {
    const message = `${own} is above the MTU of \`${below.name}\`, which is ${limit}.`;
    report(diagnostic('mtu-above-parent', [...origin, 'mtu'], message));
  }
}

function checkIpv6Mtu({ report }: Context, link: Link, path: Path): void {
  if (link.mtu !== undefined && link.mtu < 1280 && hasIpv6(link)) {
    const message = `\`${link.name}\` has IPv6, which an MTU of ${link.mtu} cannot carry.`;
    report(diagnostic('mtu-too-small-for-ipv6', path, message));
  }
}

export function checkMacs({ intent, model, damaged, report }: Context): void {
  const owners = new Map<string, string>();
  const permanent = new Map<string, string>();
  const check = (mac: string, path: Path): void => {
    if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
      report(diagnostic('mac-multicast', path, `\`${mac}\` is a group address.`));
    } else if (mac === '00:00:00:00:00:00') {
      report(diagnostic('mac-malformed', path, `\`${mac}\` is no address of an interface.`));
    }
  };
  // A bond or bridge may have its member's MAC, and a VLAN has its link's anyway.
  const below = new Map(
    model.parents.map(({ name, members, vlan }) => [name, new Set([...members, vlan?.link])]),
  );
  const isOnTopOf = (upper: string, lower: string): boolean =>
    below.get(upper)?.has(lower) ?? false;
  const related = (a: string, b: string): boolean => isOnTopOf(a, b) || isOnTopOf(b, a);
  const claim = (mac: string, owner: string, path: Path): void => {
    const other = owners.get(mac);
    if (other !== undefined && related(other, owner)) return;
    if (other !== undefined) {
      const hint = permanent.has(mac)
        ? `To let it take over the NIC's own MAC, give the NIC another (\`parents.<id>.macaddress\`).`
        : undefined;
      const message = `\`${mac}\` is also the MAC of \`${other}\`.`;
      report(diagnostic('mac-taken', path, message, hint === undefined ? {} : { hint }));
    } else owners.set(mac, owner);
  };
  for (const { id, name, permanentMac, macaddress, macDerived, origin } of model.parents) {
    if (macDerived && intent.host === undefined) continue;
    const matchPath = [...origin, 'match', 'macaddress'];
    if (permanentMac !== undefined) {
      check(permanentMac, matchPath);
      const other = permanent.get(permanentMac);
      if (other !== undefined) {
        report(
          diagnostic('mac-taken', matchPath, `\`${permanentMac}\` also matches \`${other}\`.`),
        );
      } else permanent.set(permanentMac, id);
    }
    if (macaddress !== undefined && !macDerived) check(macaddress, [...origin, 'macaddress']);
    // The permanent MAC is free for a shim once the parent has been given another.
    const effective = macaddress ?? (damaged([...origin, 'macaddress']) ? undefined : permanentMac);
    if (effective !== undefined && effective !== permanentMac) {
      claim(effective, name, macDerived ? origin : [...origin, 'macaddress']);
    } else if (effective !== undefined && permanent.get(effective) === id) {
      claim(effective, name, matchPath);
    }
  }
  for (const { sourceMacs } of [...model.shims, ...model.taps]) {
    for (const { macaddress, origin } of sourceMacs) check(macaddress, origin);
  }
  for (const { name, macaddress, origin } of model.guests) {
    if (macaddress === undefined) continue;
    check(macaddress, [...origin, 'macaddress']);
    claim(macaddress, name, [...origin, 'macaddress']);
  }
  for (const shim of [...model.shims, ...model.taps]) {
    if (shim.macaddress === undefined || damaged([...shim.origin, 'macaddress'])) continue;
    if (intent.host === undefined && shim.macDerived) continue;
    const path = shim.macDerived ? shim.origin : [...shim.origin, 'macaddress'];
    if (!shim.macDerived) check(shim.macaddress, path);
    claim(shim.macaddress, shim.name, path);
  }
}
