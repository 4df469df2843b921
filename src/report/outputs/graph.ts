/** What `graph --format json` prints. */
import * as v from 'valibot';
import { documentSchema } from '../output.ts';

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));

const node = v.object({
  id: text('Unique in this document.'),
  kind: v.pipe(
    v.picklist(['lan', 'ethernet', 'vlan', 'bond', 'bridge', 'shim', 'tap', 'guest']),
    about('What it is; `ethernet` is a NIC.'),
  ),
  name: text('The name of the interface or guest.'),
  facts: v.pipe(
    v.array(v.string()),
    about('Mode, addresses, MAC and MTU, as the picture has them.'),
  ),
  change: v.exactOptional(
    v.pipe(
      v.picklist(['added', 'removed', 'changed']),
      about('With `--before`: what becomes of it; absent: nothing.'),
    ),
  ),
  was: v.exactOptional(v.pipe(v.array(v.string()), about('Facts that are no longer true.'))),
});

const edge = v.object({
  from: text('The id of the lower one, which is nearer to the LAN.'),
  to: text('The id of the one on top of it.'),
  change: v.exactOptional(v.pipe(v.picklist(['added', 'removed']), about('With `--before`.'))),
});

const reach = v.object({
  from: text('The host, or names of guests and taps.'),
  to: text('A LAN, or names of guests and taps.'),
  verdict: v.pipe(
    v.picklist(['yes', 'no', 'depends']),
    about('`depends`: on something that is not in the intent, which the reason names.'),
  ),
  reason: text('By which link, or why not.'),
});

export const graphDocument = documentSchema('graph', 'The topology of a host.', {
  nodes: v.pipe(v.array(node), about('Lower before upper.')),
  edges: v.pipe(v.array(edge), about('What is on top of what.')),
  reach: v.pipe(v.array(reach), about('Who reaches whom, after the change if there is one.')),
});
