/** `.link` files: names, MACs and wake-on-LAN, which udev sets whichever system owns the network. */

import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part, Views } from '../../view/views.ts';
import { DIRECTORY } from './networkd-words.ts';
import { header } from './online.ts';
import { WHY_PERMANENT_MAC, WHY_WAKE } from './reasons.ts';

export const LINK_FILE = {
  folder: DIRECTORY,
  name: /^00-macvtap-.+\.link$/,
  rank: RANK.device,
} as const satisfies Place;

/**
 * `00-macvtap-<device>.link`: NetworkManager sets the MAC of a device after it has created it, and
 * udev, which hears of the device at the same time, may set another one (systemd.link(5),
 * MACAddressPolicy=persistent of 99-default.link; not where the device is created with a MAC, as by
 * networkd). Which of the two is last is left to chance.
 */
export function macFiles(model: Model): RenderedFile[] {
  const made = [
    ...model.shims,
    ...model.taps,
    ...model.parents.filter(({ kind }) => kind !== 'ethernet'),
  ].filter(({ macaddress }) => macaddress !== undefined);
  return made.map(({ name, macDerived, origin }) =>
    file({
      path: `${DIRECTORY}/00-macvtap-${name}.link`,
      mode: 0o644,
      role: 'required',
      ...inPlace(LINK_FILE),
      about: entry(
        `the MAC of ${name}`,
        `Leaves the MAC of \`${name}\` to NetworkManager.`,
        'systemd.link(5)',
        macDerived ? origin : [...origin, 'macaddress'],
      ),
      template: 'networkd/name.link',
      view: {
        header: header(model),
        match: {
          originalName: entry(
            name,
            'Matches the device that NetworkManager creates, and no other.',
            'systemd.link(5), [Match] OriginalName=',
            origin,
          ),
        },
        link: {
          macAddressPolicy: entry(
            'none',
            'NetworkManager sets the MAC; by default udev may replace it by another one.',
            'systemd.link(5), [Link] MACAddressPolicy=',
            origin,
          ),
        },
      },
    }),
  );
}

/**
 * Matches the NIC. If udev does not know permanent MACs: by the current one, which is the same at boot,
 * of a device on a bus.
 */
function linkMatch(
  mac: string,
  origin: Path,
  target: Target,
): Part<Views['networkd/name.link'], 'match'> {
  const permanentMac = entry(
    mac,
    `${WHY_PERMANENT_MAC} Virtual devices have none.`,
    'systemd.link(5), [Match] PermanentMACAddress=',
    origin,
  );
  if (knows(target, permanentMac.authority)) return { permanentMac };
  return {
    currentMac: entry(
      mac,
      'Finds the NIC by its MAC, which is the permanent one when udev sees it first.',
      'systemd.link(5), [Match] MACAddress=',
      origin,
    ),
    path: entry(
      '*',
      'Matches devices on a bus only: not a shim, which may have the same MAC.',
      'systemd.link(5), [Match] Path=',
      origin,
    ),
  };
}

/**
 * `00-macvtap-<parent>.link`: udev names the matched NIC. None where nothing is matched.
 * @param armed whether it arms the NIC for wake-on-LAN, too: NetworkManager does that itself
 */
export function linkFiles(model: Model, target: Target, armed: boolean): RenderedFile[] {
  return model.parents.flatMap((parent) => {
    const { name, permanentMac, wakeonlan, origin } = parent;
    if (permanentMac === undefined) return [];
    return file({
      path: `${DIRECTORY}/00-macvtap-${name}.link`,
      mode: 0o644,
      role: 'required',
      ...inPlace(LINK_FILE),
      about: entry(
        `the name ${name}`,
        `udev calls the NIC \`${name}\`, whoever runs the network.`,
        'systemd.link(5)',
        [...origin, 'set-name'],
      ),
      template: 'networkd/name.link',
      view: {
        header: header(model),
        match: linkMatch(permanentMac, [...origin, 'match', 'macaddress'], target),
        link: {
          name: entry(
            name,
            'Other files name the interface, so its name must not change.',
            'systemd.link(5), [Link] Name=',
            [...origin, 'set-name'],
          ),
          wakeOnLan:
            armed && wakeonlan
              ? entry('magic', WHY_WAKE, 'systemd.link(5), [Link] WakeOnLan=', [
                  ...origin,
                  'wakeonlan',
                ])
              : undefined,
        },
      },
    });
  });
}
