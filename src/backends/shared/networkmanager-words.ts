import type { Model } from '../../model/types.ts';
import { type Entry, entry } from '../../view/rendered.ts';

export const CONF_PATH = '/etc/NetworkManager/conf.d/90-macvtap.conf';
export const UNMANAGED = 'NetworkManager.conf(5), [keyfile] unmanaged-devices';

/**
 * Guests' devices, as entries of their own: a list of exceptions alone would unmanage everything
 * else.
 */
export const guestDevices = (model: Model): Entry[] =>
  ['macvtap*', ...model.guests.flatMap(({ target }) => target ?? [])]
    .filter((name, index) => index === 0 || !name.startsWith('macvtap'))
    .map((name) =>
      entry(
        `interface-name:${name}`,
        "Guests' devices belong to libvirt; without this NetworkManager would run DHCP on them.",
        UNMANAGED,
        [],
      ),
    );
