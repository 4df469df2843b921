/** Stanzas that were there before: ifupdown adds up all of a link, of a bridge or shim as of a NIC (interfaces(5), iface). */

import type { Model } from '../../model/types.ts';
import type { Edited } from '../backend.ts';
import { ifupdownWatches } from '../host/ifupdown/judge.ts';
import { withoutStanzas } from '../host/ifupdown/without.ts';
import { MAIN, namesOf, replaceStanzas } from './site-stanzas.ts';

const FILE = '`/etc/network/interfaces`';
const SOURCE =
  'with the line `source /etc/network/interfaces.d/*` (ifupdown-ng: `source-directory /etc/network/interfaces.d`)';

/** Where stanzas of a link that has generated ones, too, stand by default. */
export const edits: Edited = {
  path: MAIN,
  without: (text, model) => withoutStanzas(text, namesOf(model)),
  solves: new Set(['ifupdown-other-stanza', 'ifupdown-claims-link'] as const),
  watches: ifupdownWatches,
  replace: replaceStanzas,
  replaceSolves: new Set([
    'ifupdown-other-stanza',
    'ifupdown-claims-link',
    'ifupdown-enslaves-link',
  ] as const),
};

/** Old stanzas were not generated, and must be removed by hand. */
export function byHand(model: Model): { readonly activation: string; readonly reboot: string } {
  const has = `If ${FILE} has \`auto\` or \`iface\` lines of ${namesOf(model).join(', ')}`;
  return {
    activation: `${has}: make \`/etc/network/interfaces.new\`, a copy without them, ${SOURCE}. Activation puts it in place.`,
    reboot: `${has}: remove them, and leave it ${SOURCE}.`,
  };
}
