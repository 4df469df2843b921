/** Stanzas that were there before: ifupdown adds up all of a link, of a bridge or shim as of a NIC (interfaces(5), iface). */

import type { Model } from '../../model/types.ts';
import type { Edited } from '../backend.ts';
import { withoutStanzas } from '../host/ifupdown/without.ts';
import { allLinks } from '../shared/link-order.ts';

const FILE = '`/etc/network/interfaces`';
const SOURCE =
  'with the line `source /etc/network/interfaces.d/*` (ifupdown-ng: `source-directory /etc/network/interfaces.d`)';

/** Where stanzas of a link that has generated ones, too, stand by default. */
export const edits: Edited = {
  path: '/etc/network/interfaces',
  without: (text, model) => withoutStanzas(text, namesOf(model)),
  solves: new Set(['ifupdown-other-stanza', 'ifupdown-claims-link'] as const),
};

/** Each after what it is on top of. */
const namesOf = (model: Model): string[] =>
  [...allLinks(model), ...model.taps].map(({ name }) => name);

/** Old stanzas were not generated, and must be removed by hand. */
export function byHand(model: Model): { readonly activation: string; readonly reboot: string } {
  const has = `If ${FILE} has \`auto\` or \`iface\` lines of ${namesOf(model).join(', ')}`;
  return {
    activation: `${has}: make \`/etc/network/interfaces.new\`, a copy without them, ${SOURCE}. Activation puts it in place.`,
    reboot: `${has}: remove them, and leave it ${SOURCE}.`,
  };
}
