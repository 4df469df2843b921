/** libvirt: an `<interface>` for each guest, and a `<network>` over each parent that guests share. */

import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { GUEST_FILE, guestFile } from './guest.ts';
import { NETWORK_FILE, networkFile, sharedParents } from './network.ts';
import { DIRECTORY } from './xml.ts';

const ID = 'libvirt';

export const libvirt: Backend = {
  id: ID,
  summary: "libvirt: XML of guests' interfaces and networks, for virsh",
  scope: 'guests',
  directory: DIRECTORY,
  // Any system may own the host's network; the elements are older than every libvirt in support.
  needs: [],
  daemons: [],
  places: [GUEST_FILE, NETWORK_FILE],
  check: (model: Model): Diagnostic[] => [...checkHost(model), ...checkTrust(model)],
  render: (model: Model): RenderedFile[] => [
    ...sharedParents(model).map((parent) => networkFile(model, parent)),
    ...model.guests.map((guest) => guestFile(model, guest)),
  ],
  activation: (model) => ({
    commands: [
      ...sharedParents(model).flatMap((parent) => [
        `virsh net-define ${networkFile(model, parent).path}`,
        `virsh net-autostart macvtap-${parent.name}`,
        `virsh net-start macvtap-${parent.name}`,
      ]),
      ...model.guests.map(
        (guest) => `virsh attach-device ${guest.name} ${guestFile(model, guest).path} --config`,
      ),
    ],
    effect:
      'Once for each guest: the next time libvirt refuses it, as the alias is taken. It takes effect when the guest is next started.',
  }),
  // libvirt reads none of these files by itself: nothing conflicts with them.
  watches: [],
  judge: () => [],
};

/** What libvirt does not create. */
function checkHost({ parents, shims, taps }: Model): Diagnostic[] {
  const [first] = [...shims, ...taps, ...parents];
  if (!first) return [];
  const names = [...parents, ...shims, ...taps].map(({ name }) => `\`${name}\``).join(', ');
  const message = `The host's own links (${names}) are not created by libvirt.`;
  return [
    diagnostic('host-not-made', first.origin.slice(0, 1), message, { backend: ID, at: 'key' }),
  ];
}

function checkTrust({ guests }: Model): Diagnostic[] {
  return guests
    .filter(({ trustGuestRxFilters }) => trustGuestRxFilters)
    .map(({ name, origin }) => {
      const message = `\`${name}\` may change the MAC of its device, and which frames it takes.`;
      return diagnostic('guest-trusted', origin, message, { backend: ID, at: 'key' });
    });
}
