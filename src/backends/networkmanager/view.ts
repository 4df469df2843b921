/** The keyfile of a shim: what each line says and why. */
import { deriveUuid } from '../../model/derive.ts';
import type { Model, Shim } from '../../model/types.ts';
import { whyMac, whyMode } from '../networkd-files.ts';
import { MODE_NUMBER } from '../networkmanager-conf.ts';
import { hostnameSetting, ipSettings } from '../networkmanager-ip.ts';
import { connectionView, definedOnly, inKeyfile } from '../networkmanager-profile.ts';
import { header } from '../shared.ts';
import { type Entry, entry, type View } from '../types.ts';

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
