/** Guests' interfaces, and what traps of theirs an intent shows. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Guest } from '../types.ts';
import type { Context } from './context.ts';
import { checkAlone } from './links.ts';

export function checkGuest(context: Context, guest: Guest): void {
  const { intent, report } = context;
  const { name, parent, mode, origin } = guest;
  if (intent.shims?.has(parent.name) || intent.taps?.has(parent.name)) {
    const what = intent.shims?.has(parent.name) ? 'shim' : 'tap';
    const message = `\`${parent.name}\` is a ${what}; \`${name}\` belongs beside it.`;
    report(diagnostic('guest-on-shim', [...origin, 'parent'], message));
  }
  if (mode !== 'bridge') {
    const message = `In mode \`${mode}\`, host and \`${name}\` do not reach each other.`;
    report(diagnostic('mode-not-bridge', [...origin, 'mode'], message));
  }
  if (mode === 'passthrough') checkAlone(context, guest);
  if (mode === 'passthrough' && parent.permanentMac !== undefined) {
    const message = `\`${parent.name}\` is found by its permanent MAC, which the device of \`${name}\` would have, too.`;
    report(diagnostic('passthru-on-matched', [...origin, 'mode'], message));
  }
  if (!guest.trustGuestRxFilters) {
    const message = `The host will not follow what \`${name}\` asks for.`;
    const path = [...origin, 'trust-guest-rx-filters'];
    report(diagnostic('guest-without-rx-filters', path, message));
  }
}
