/**
 * Where two network daemons are installed, each would take the links for its own. What the one
 * back end writes tells the other system to leave them alone; where that is not installed,
 * nobody reads it. It takes over, too, when a host changes from one back end to the other.
 */
import type { Model } from '../model/types.ts';
import { file } from '../template.ts';
import { DIRECTORY, networkEntry } from './networkd-files.ts';
import { CONF_PATH, LIBVIRT_DEVICES, UNMANAGED } from './networkmanager-conf.ts';
import { header } from './shared.ts';
import { entry, RANK, type RenderedFile } from './types.ts';
import { waitOnlineFile } from './wait-online.ts';

/** For networkd's ways: NetworkManager is to leave parents, shims and guests' devices alone. */
export function keepNetworkManagerOff(model: Model): RenderedFile {
  const links = [...model.parents, ...model.shims];
  return file({
    path: CONF_PATH,
    mode: 0o644,
    role: 'companion',
    rank: RANK.keepOff,
    about: entry(
      'NetworkManager keeps off',
      'Where NetworkManager is installed too, it would run DHCP on the parent.',
      UNMANAGED,
      [],
    ),
    template: 'networkmanager/unmanaged.conf',
    view: {
      header: header(model),
      devices: [
        ...links.map(({ name, origin }) =>
          entry(`interface-name:${name}`, 'systemd-networkd runs this link.', UNMANAGED, origin),
        ),
        LIBVIRT_DEVICES,
      ],
    },
  });
}

/**
 * For NetworkManager's ways: systemd-networkd is to leave parents and shims alone, and boot not to
 * wait until it has set up a link, where none is left to it.
 */
export function keepNetworkdOff(model: Model): RenderedFile[] {
  const wait = waitOnlineFile(model, {
    role: 'companion',
    rank: RANK.keepOff,
    why: 'Where systemd-networkd is enabled too, with no link left to it, boot would wait for two minutes.',
  });
  const unmanaged = [...model.shims, ...model.parents].map(({ name, origin }) =>
    file({
      path: `${DIRECTORY}/00-macvtap-${name}.network`,
      mode: 0o644,
      role: 'companion',
      rank: RANK.keepOff,
      about: entry(
        'networkd keeps off',
        `Where systemd-networkd runs too, another of its files may match \`${name}\`.`,
        'systemd.network(5)',
        origin,
      ),
      template: 'networkd/unmanaged.network',
      view: {
        header: header(model),
        name: networkEntry('Match', 'Name', name, 'NetworkManager runs this link.', origin),
        unmanaged: networkEntry(
          'Link',
          'Unmanaged',
          'yes',
          'systemd-networkd leaves the link alone.',
          origin,
        ),
      },
    }),
  );
  return wait ? [...unmanaged, wait] : unmanaged;
}
