/** The keyfiles of a parent and of a shim: what each line says and why. */
import type { Path } from '../../diagnostics.ts';
import { deriveUuid } from '../../model/derive.ts';
import type { Model, Parent, Shim } from '../../model/types.ts';
import { whyMac, whyMode } from '../networkd-files.ts';
import { MODE_NUMBER } from '../networkmanager-conf.ts';
import { hostnameSetting, ipSettings } from '../networkmanager-ip.ts';
import { header } from '../shared.ts';
import { type Entry, entry, type View } from '../types.ts';

const inKeyfile = (
  section: string,
  key: string,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `nm-settings-keyfile(5), [${section}] ${key}`, origin);

/** What every profile says of itself. */
function connectionView(model: Model, name: string, type: string, origin: Path): View {
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

export function parentView(model: Model, parent: Parent): View {
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

export function shimView(model: Model, shim: Shim): View {
  const { name, parent, origin } = shim;
  return {
    header: header(model),
    connection: connectionView(model, name, 'macvlan', origin),
    ethernet: definedOnly({
      macaddress:
        shim.macaddress === undefined
          ? undefined
          : inKeyfile(
              'ethernet',
              'cloned-mac-address',
              shim.macaddress,
              whyMac(shim),
              shim.macDerived ? origin : [...origin, 'macaddress'],
            ),
      mtu:
        shim.mtu === undefined
          ? undefined
          : inKeyfile('ethernet', 'mtu', shim.mtu, 'The MTU of the shim.', [...origin, 'mtu']),
    }),
    mode: inKeyfile('macvlan', 'mode', MODE_NUMBER[shim.mode], `${shim.mode}. ${whyMode(shim)}`, [
      ...origin,
      'mode',
    ]),
    parent: inKeyfile(
      'macvlan',
      'parent',
      parent.permanentMac === undefined ? parent.name : deriveUuid(model.host, parent.name),
      parent.permanentMac === undefined
        ? 'The interface that the shim stands on.'
        : "The parent's profile, since the parent is found by its MAC.",
      [...origin, 'parent'],
    ),
    ipv4: ipSettings(shim, 'ipv4').map(settingLine),
    ipv6: ipSettings(shim, 'ipv6').map(settingLine),
    hostnameFromDhcp: hostnameSetting(shim),
  };
}

/** A whole line, since `address2` or `route1_options` cannot be a fixed word of a template. */
const settingLine = ({ key, value }: { key: string; value: Entry }): Entry =>
  entry(`${key}=${value.text}`, value.why, value.authority, value.origin);

/** The group, or nothing where it would be empty: a section without keys says nothing. */
function definedOnly(group: View): View | undefined {
  return Object.values(group).some((value) => value !== undefined) ? group : undefined;
}
