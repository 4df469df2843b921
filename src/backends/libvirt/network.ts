/** `macvtap-network-<parent>.xml`: what `virsh net-define` takes, for guests that say no more than its name. */

import { deriveUuid } from '../../model/derive.ts';
import type { Model, Parent } from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { DIRECTORY, TRUST, WHY_TRUST, xmlEntry, xmlHeader } from './xml.ts';

const MANUAL = 'libvirt, formatnetwork';
const DIRECT = `${MANUAL}, Using a macvtap "direct" connection`;

/**
 * Parents that any number of guests may share: those that carry a shim or guests already, or
 * nothing at all (the normal setup). In passthru mode a parent is one device's alone.
 */
export function sharedParents({ parents, shims, taps, guests }: Model): Parent[] {
  const isWhole = ({ mode }: { readonly mode: string }): boolean => /^passthr/.test(mode);
  return parents.filter((parent) => {
    const own = [...shims, ...taps, ...guests].filter((upper) => upper.parent === parent);
    if (parent.master || own.some(isWhole)) return false;
    return own.length > 0 || parent.vlans.length === 0;
  });
}

export const NETWORK_FILE = {
  folder: DIRECTORY,
  name: /^macvtap-network-.+\.xml$/,
  scope: 'guests',
  rank: RANK.setting,
} as const satisfies Place;

export function networkFile(model: Model, parent: Parent): RenderedFile {
  const { name, origin } = parent;
  const one = (text: string, why: string, authority: Authority): Entry =>
    xmlEntry(text, why, authority, origin);
  return file({
    path: `${DIRECTORY}/macvtap-network-${name}.xml`,
    mode: 0o644,
    role: 'optional',
    ...inPlace(NETWORK_FILE),
    about: entry(
      `the network of ${name}`,
      `Lets guests say \`<source network='macvtap-${name}'/>\` in place of \`${name}\` and a mode.`,
      DIRECT,
      origin,
    ),
    template: 'libvirt/network.xml',
    view: {
      header: xmlHeader(model),
      note: one(TRUST, 'What guests are trusted with.', MANUAL),
      trustGuestRxFilters: one('yes', WHY_TRUST, `${MANUAL}, trustGuestRxFilters`),
      name: one(`macvtap-${name}`, 'What guests call it.', `${MANUAL}, <name>`),
      uuid: one(
        // No interface has such a name: nothing else of the host is derived from it.
        deriveUuid(model.host, `libvirt/network/${name}`),
        'Derived from host and link: defined again, it is the same network.',
        `${MANUAL}, <uuid>`,
      ),
      mode: one(
        'bridge',
        'A macvtap in bridge mode for each guest, so that they reach each other and the shim.',
        `${DIRECT}, <forward mode=>`,
      ),
      parent: one(
        name,
        'The link under the shim, never the shim: host and guests are neighbours on it.',
        `${DIRECT}, <interface dev=>`,
      ),
    },
  });
}
