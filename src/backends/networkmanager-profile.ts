/**
 * Profiles of NetworkManager (keyfiles). The parent's is written under netplan, too: what another
 * YAML file says of the parent would make NetworkManager drop the profile that netplan makes.
 */
import type { Path } from '../diagnostics.ts';
import { deriveUuid } from '../model/derive.ts';
import type { Model, Parent } from '../model/types.ts';
import { file } from '../template.ts';
import { header } from './shared.ts';
import { type Entry, entry, RANK, type RenderedFile, type View } from './types.ts';

export const PROFILES = '/etc/NetworkManager/system-connections';
export const PROFILE_MANUAL = 'nm-settings-keyfile(5)';

/** An entry of a keyfile; the authority follows from section and key. */
export const inKeyfile = (
  section: string,
  key: string,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `nm-settings-keyfile(5), [${section}] ${key}`, origin);

/** What every profile says of itself. */
export function connectionView(model: Model, name: string, type: string, origin: Path): View {
  const one = (key: string, text: string, why: string): Entry =>
    inKeyfile('connection', key, text, why, origin);
  return {
    id: one('id', `macvtap-${name}`, 'How nmcli calls the profile.'),
    uuid: one(
      'uuid',
      deriveUuid(model.host, name),
      'Derived from host and interface: the same in every rendering.',
    ),
    type: one(
      'type',
      type,
      type === 'macvlan'
        ? 'A macvlan is what guests on macvtap can talk to.'
        : 'The parent is an Ethernet device.',
    ),
    interfaceName: one('interface-name', name, 'The interface that is meant.'),
    autoconnect: one('autoconnect', 'true', 'Comes up by itself.'),
  };
}

/** `macvtap-<parent>.nmconnection`: up, silent, and preferred to older profiles. */
export function parentProfile(model: Model, parent: Parent): RenderedFile {
  return file({
    path: `${PROFILES}/macvtap-${parent.name}.nmconnection`,
    mode: 0o600,
    role: 'essential',
    rank: RANK.parent,
    about: entry(
      `the parent ${parent.name}`,
      `Brings \`${parent.name}\` up without any address.`,
      PROFILE_MANUAL,
      parent.origin,
    ),
    template: 'networkmanager/parent.nmconnection',
    view: parentView(model, parent),
  });
}

function parentView(model: Model, parent: Parent): View {
  const { name, origin, permanentMac } = parent;
  const connection = connectionView(model, name, 'ethernet', origin);
  return {
    header: header(model),
    connection: {
      ...connection,
      // A matched NIC is found by its MAC alone: two conditions would have to hold both.
      interfaceName: permanentMac === undefined ? connection['interfaceName'] : undefined,
      autoconnectPriority: inKeyfile(
        'connection',
        'autoconnect-priority',
        100,
        'Wins against an older profile of this interface, which NetworkManager would prefer as the one used last.',
        origin,
      ),
    },
    ethernet: definedOnly({
      permanentMac:
        permanentMac === undefined
          ? undefined
          : inKeyfile(
              'ethernet',
              'mac-address',
              permanentMac,
              'Finds the NIC by its permanent MAC.',
              [...origin, 'match', 'macaddress'],
            ),
      macaddress:
        parent.macaddress === undefined
          ? undefined
          : inKeyfile('ethernet', 'cloned-mac-address', parent.macaddress, 'As the intent says.', [
              ...origin,
              'macaddress',
            ]),
      mtu:
        parent.mtu === undefined
          ? undefined
          : inKeyfile(
              'ethernet',
              'mtu',
              parent.mtu,
              'As the intent says; a shim cannot have more.',
              [...origin, 'mtu'],
            ),
    }),
    ipv4Method: inKeyfile(
      'ipv4',
      'method',
      'disabled',
      'The parent is silent: without the line NetworkManager would run DHCP.',
      origin,
    ),
    ipv6Method: inKeyfile(
      'ipv6',
      'method',
      'disabled',
      'The parent is silent: not even a link-local address.',
      origin,
    ),
  };
}

/** The group, or nothing where it would be empty: a section without keys says nothing. */
export function definedOnly(group: View): View | undefined {
  return Object.values(group).some((value) => value !== undefined) ? group : undefined;
}
