/** Links as the kernel has them: what is on top of what, mode, MTU. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { type Fix, setValue } from '../../diagnostics/fix.ts';
import type { Intent } from '../../intent/schema.ts';
import {
  type Guest,
  hasAddress,
  isIpvlanMode,
  type Link,
  type Parent,
  type Shim,
  type Tap,
} from '../types.ts';
import { type Context, hasIpv6, listOf } from './context.ts';

/** A shim or tap is on top of a parent, and of no shim or tap. */
export function checkAttachment({ intent, report }: Context, upper: Shim | Tap): void {
  const { name, parent, origin } = upper;
  const at = [...origin, 'parent'];
  const what = upperCalled(intent, parent.name);
  if (parent.name === name) {
    report(diagnostic('shim-on-itself', at, `\`${name}\` is its own parent.`));
  } else if (what) {
    const fix = onParentOf(intent, parent.name, name);
    const message = `\`${parent.name}\` is itself a ${what}.`;
    report(diagnostic('shim-on-shim', at, message, fix ? { fix } : {}));
  }
}

/** What has this name, of shims and taps. */
export const upperCalled = ({ shims, taps }: Intent, name: string): 'shim' | 'tap' | undefined =>
  shims?.has(name) ? 'shim' : taps?.has(name) ? 'tap' : undefined;

/** What is on top of a shim or tap belongs on its parent, if that is a NIC, VLAN, bond or bridge. */
export function onParentOf(intent: Intent, upper: string, name: string): Fix | undefined {
  const parent = (intent.shims?.get(upper) ?? intent.taps?.get(upper))?.parent;
  const isLink = parent && parent !== name && !upperCalled(intent, parent);
  return isLink ? { ...setValue(parent), isLocal: true } : undefined;
}

/** Mode `source` needs MACs, and no other mode knows any. */
export function checkSources({ report }: Context, { mode, sourceMacs, origin }: Shim | Tap): void {
  const sources = [...origin, 'source-macaddresses'];
  if (mode === 'source' && sourceMacs.length === 0) {
    const hint = 'Add `source-macaddresses:` with the MACs that frames are taken from.';
    const message = 'Missing `source-macaddresses`.';
    report(diagnostic('missing-key', sources, message, { at: 'key', hint }));
  }
  if (mode !== 'source' && sourceMacs.length > 0) {
    const message = '`source-macaddresses` has no effect without `mode: source`.';
    report(diagnostic('setting-unused', sources, message, { at: 'key' }));
  }
}

/** The kernel has one threshold for a parent, that of the link which set it last (drivers/net/macvlan.c). */
export function checkQueueThresholds({ lookup, report }: Context, parent: Parent): void {
  const shims = lookup
    .uppersOn(parent)
    .filter((upper): upper is Shim => 'families' in upper && upper.device === 'macvlan')
    .filter(({ broadcastQueueThreshold }) => broadcastQueueThreshold !== undefined);
  const [first] = shims;
  if (!first || parent.name === '') return;
  for (const { broadcastQueueThreshold, origin } of shims) {
    if (broadcastQueueThreshold === first.broadcastQueueThreshold) continue;
    const message = `\`${first.name}\` on \`${parent.name}\` has the threshold ${first.broadcastQueueThreshold}.`;
    const path = [...origin, 'broadcast-queue-threshold'];
    report(diagnostic('queue-thresholds-differ', path, message));
  }
}

export function checkMode({ lookup, report }: Context, upper: Shim | Tap): void {
  const { parent, mode, origin } = upper;
  // An ipvlan's parent takes no guests, which is a note of its own.
  if (mode === 'bridge' || isIpvlanMode(mode)) return;
  // A NIC for one guest alone: the host has no address behind it, and nothing else is on top of it.
  const isForGuest = !('families' in upper) && mode === 'passthru' && !hasAddress(parent);
  if (isForGuest && parent.managed && lookup.uppersOn(parent).length < 2) return;
  const message = `In mode \`${mode}\`, host and guests on \`${parent.name}\` cannot reach each other.`;
  report(diagnostic('mode-not-bridge', [...origin, 'mode'], message));
}

/** The device of a tap, which any user of the host could open. */
export function checkPermissions({ report }: Context, { name, permissions, origin }: Tap): void {
  if (permissions === undefined || (Number.parseInt(permissions, 8) & 0o006) === 0) return;
  const message = `With permissions ${permissions}, any user of the host can open the device of \`${name}\`.`;
  report(diagnostic('tap-open-to-all', [...origin, 'permissions'], message));
}

/** In passthru mode a link has its parent for itself, and the MAC of it. */
export function checkPassthru(context: Context, upper: Shim | Tap): void {
  const { mode, name, parent, origin, macDerived } = upper;
  const { report } = context;
  if (mode !== 'passthru') return;
  checkAlone(context, upper);
  if (parent.permanentMac !== undefined) {
    const message = `\`${parent.name}\` is matched by its permanent MAC, which \`${name}\` would also have.`;
    report(diagnostic('passthru-on-matched', [...origin, 'mode'], message));
  }
  if (!macDerived) {
    const message = `In passthru mode, \`${name}\` has the MAC of \`${parent.name}\`.`;
    report(diagnostic('passthru-macaddress', [...origin, 'macaddress'], message));
  }
}

/**
 * In passthru mode a device has its parent for itself, and receives all its frames
 * (drivers/net/macvlan.c, Linux 6.12: `macvlan_handle_frame`).
 */
export function checkAlone({ lookup, report }: Context, upper: Shim | Tap | Guest): void {
  const { parent, origin } = upper;
  if (parent.managed && hasAddress(parent)) {
    const message = `\`${parent.name}\` has addresses of its own, and \`${upper.name}\` would receive all its frames.`;
    report(diagnostic('passthru-not-alone', [...origin, 'mode'], message));
  }
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
  const isKnown = below.managed && !damaged([...below.origin, 'mtu']) && below.name !== '';
  if (own !== undefined && own > limit && isKnown) {
    const message = `MTU ${own} exceeds that of \`${below.name}\` (${limit} bytes).`;
    report(diagnostic('mtu-above-parent', [...origin, 'mtu'], message));
  }
}

function checkIpv6Mtu({ report }: Context, link: Link, path: Path): void {
  if (link.mtu !== undefined && link.mtu < 1280 && hasIpv6(link)) {
    const message = `\`${link.name}\` has IPv6, which needs an MTU of at least 1280 bytes, not ${link.mtu}.`;
    report(diagnostic('mtu-too-small-for-ipv6', path, message));
  }
}
