/** `macvtap-network-<parent>.xml`: what `virsh net-define` takes, for guests that refer to it by name. */

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
 * Parents that any number of guests may share: those with a shim or guests on top already, or with
 * nothing (the normal setup). In passthru mode a parent has one device on top; under an ipvlan the kernel
 * refuses macvtaps.
 */
export function sharedParents({ parents, unmanaged, shims, taps, guests }: Model): Parent[] {
  const isWhole = ({ mode }: { readonly mode: string }): boolean => /^passthr/.test(mode);
  const isIpvlan = (upper: object): boolean => 'device' in upper && upper.device === 'ipvlan';
  return [...parents, ...unmanaged].filter((parent) => {
    const own = [...shims, ...taps, ...guests].filter((upper) => upper.parent === parent);
    if (parent.master || own.some(isWhole) || own.some(isIpvlan)) return false;
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
      `Guests refer to it by \`<source network='macvtap-${name}'/>\` instead of \`${name}\` and a mode.`,
      DIRECT,
      origin,
    ),
    template: 'libvirt/network.xml',
    view: {
      header: xmlHeader(model),
      note: one(TRUST, 'What guests may do with their devices.', MANUAL),
      trustGuestRxFilters: one('yes', WHY_TRUST, `${MANUAL}, trustGuestRxFilters`),
      name: one(`macvtap-${name}`, 'The name that guests refer to.', `${MANUAL}, <name>`),
      uuid: one(
        // No interface can have such a name: the UUID differs from all others of the host.
        deriveUuid(model.host, `libvirt/network/${name}`),
        'Derived from host and link: defined again, the network is the same; by default libvirt would choose a UUID.',
        `${MANUAL}, <uuid>`,
      ),
      mode: one(
        'bridge',
        'Each guest gets a macvtap in bridge mode, so that guests reach each other and the shim.',
        `${DIRECT}, <forward mode=>`,
      ),
      parent: one(
        name,
        'The link under the shim, never the shim itself: on it host and guests are neighbours.',
        `${DIRECT}, <interface dev=>`,
      ),
    },
  });
}
