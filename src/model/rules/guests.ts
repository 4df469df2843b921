/** Guests' interfaces, and what traps of theirs an intent shows. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Guest } from '../types.ts';
import type { Context } from './context.ts';
import { checkAlone, onParentOf, upperCalled } from './links.ts';

export function checkGuestParent({ intent, report }: Context, guest: Guest): void {
  const { name, parent, origin } = guest;
  const what = upperCalled(intent, parent.name);
  if (!what) return;
  const message = `\`${parent.name}\` is a ${what}, and cannot be the parent of guest \`${name}\`.`;
  const fix = onParentOf(intent, parent.name, name);
  report(diagnostic('guest-on-shim', [...origin, 'parent'], message, fix ? { fix } : {}));
}

export function checkGuestMode(context: Context, guest: Guest): void {
  const { report } = context;
  const { name, parent, mode, origin } = guest;
  if (mode !== 'bridge') {
    const message = `In mode \`${mode}\`, host and \`${name}\` cannot reach each other.`;
    report(diagnostic('mode-not-bridge', [...origin, 'mode'], message));
  }
  if (mode !== 'passthrough') return;
  checkAlone(context, guest);
  if (parent.permanentMac !== undefined) {
    const message = `\`${parent.name}\` is matched by its permanent MAC, which the device of \`${name}\` would also have.`;
    report(diagnostic('passthru-on-matched', [...origin, 'mode'], message));
  }
}

export function checkFilters({ report }: Context, guest: Guest): void {
  if (guest.trustGuestRxFilters) return;
  const message = `The host ignores the receive filters of \`${guest.name}\`.`;
  const path = [...guest.origin, 'trust-guest-rx-filters'];
  report(diagnostic('guest-without-rx-filters', path, message));
}
