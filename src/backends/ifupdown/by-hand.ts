/** ifupdown merges all stanzas of a link, including bridges and shims (interfaces(5), iface). */
import type { Model } from '../../model/types.ts';
import { allLinks } from '../shared/ip-commands.ts';

const FILE = '`/etc/network/interfaces`';
const SOURCE =
  'with the line `source /etc/network/interfaces.d/*` (ifupdown-ng: `source-directory /etc/network/interfaces.d`)';

/** The stanzas that were there before are somebody else's, and have to go by hand. */
export function byHand(model: Model): { readonly activation: string; readonly reboot: string } {
  const names = [...allLinks(model), ...model.taps].map(({ name }) => name);
  const has = `If ${FILE} has \`auto\` or \`iface\` lines of ${names.join(', ')}`;
  return {
    activation: `${has}: make \`/etc/network/interfaces.new\`, a copy without them, ${SOURCE}. Activation puts it in place.`,
    reboot: `${has}: remove them, and leave it ${SOURCE}.`,
  };
}
