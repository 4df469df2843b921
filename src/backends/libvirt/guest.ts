/** `macvtap-guest-<name>.xml`: what `virsh attach-device NAME FILE --config` takes. */

import type { Guest, Model } from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { whyMode } from '../shared/reasons.ts';
import { DIRECTORY, TRUST, WHY_TRUST, xmlEntry, xmlHeader } from './xml.ts';

const MANUAL = 'libvirt, formatdomain';
const DIRECT = `${MANUAL}, Direct attachment to physical interface` as const;

export const GUEST_FILE = {
  folder: DIRECTORY,
  name: /^macvtap-guest-.+\.xml$/,
  scope: 'guests',
  rank: RANK.device,
} as const satisfies Place;

export function guestFile(model: Model, guest: Guest): RenderedFile {
  const { name, parent, mode, macaddress, target, trustGuestRxFilters, origin } = guest;
  const one = (text: string, why: string, authority: Authority, key?: string): Entry =>
    xmlEntry(text, why, authority, key === undefined ? origin : [...origin, key]);
  return file({
    path: `${DIRECTORY}/macvtap-guest-${name}.xml`,
    mode: 0o644,
    role: 'required',
    ...inPlace(GUEST_FILE),
    about: entry(
      `the guest ${name}`,
      `Attaches \`${name}\` to \`${parent.name}\` by macvtap.`,
      DIRECT,
      origin,
    ),
    template: 'libvirt/guest.xml',
    view: {
      header: xmlHeader(model),
      note: trustGuestRxFilters
        ? one(TRUST, 'What the guest may do with its device.', MANUAL, 'trust-guest-rx-filters')
        : undefined,
      type: one(
        'direct',
        'A macvtap on the NIC; another type would need a bridge or network on the host.',
        DIRECT,
      ),
      trustGuestRxFilters: one(
        trustGuestRxFilters ? 'yes' : 'no',
        trustGuestRxFilters
          ? WHY_TRUST
          : 'The intent has it so: the guest keeps the MAC that it was given, and its multicast fails.',
        `${MANUAL}, trustGuestRxFilters`,
        'trust-guest-rx-filters',
      ),
      macaddress:
        macaddress === undefined
          ? undefined
          : one(
              macaddress,
              'The MAC of the intent; by default libvirt would choose one.',
              `${MANUAL}, <mac address=>`,
              'macaddress',
            ),
      parent: one(
        parent.name,
        'The link under the shim, never the shim itself: on it host and guest are neighbours.',
        `${DIRECT}, <source dev=>`,
        'parent',
      ),
      mode: one(mode, whyMode(mode), `${DIRECT}, <source mode=>`, 'mode'),
      target:
        target === undefined
          ? undefined
          : one(
              target,
              'The name of the device on the host; by default it is macvtap with a number.',
              `${MANUAL}, <target dev=>`,
              'target',
            ),
      model: one(
        guest.model,
        'The kind of NIC that the guest sees; its driver must know it.',
        `${MANUAL}, <model type=>`,
        'model',
      ),
      // libvirt ignores other aliases; it accepts letters, digits, `_` and `-`.
      alias: one(
        `ua-macvtap-${parent.name.replace(/[^A-Za-z0-9_-]/g, '-')}`,
        'The name of the device in virsh, as in `virsh detach-device-alias`.',
        `${MANUAL}, <alias name=>`,
        'parent',
      ),
    },
  });
}
