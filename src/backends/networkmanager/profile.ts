/**
 * Profiles of NetworkManager (keyfiles). netplan over NetworkManager has them, too, for links to which
 * another YAML file could add: what it adds would make NetworkManager drop the whole profile.
 */

import { deriveUuid } from '../../model/derive.ts';
import {
  asLink,
  hasAddress,
  type Model,
  type Parent,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import type { KeyfileKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part } from '../../view/views.ts';
import { header } from '../shared/online.ts';
import { WHY_PREFERRED, WHY_TYPE, WHY_VLAN_ID, WHY_VLAN_LINK, whyMode } from '../shared/reasons.ts';
import { MODE_NUMBER } from './conf.ts';
import { PROFILE, PROFILES } from './places.ts';
import {
  bondLines,
  bridgeLines,
  connectionView,
  ethernetView,
  inKeyfile,
  ipView,
  PROFILE_MANUAL,
  type Profile,
  zoneAndMdns,
} from './profile-sections.ts';

/** `macvtap-<if>.nmconnection`: a shim's device with its addresses, or a tap's macvtap. */
export function upperProfile(model: Model, upper: Shim | Tap, target: Target): RenderedFile {
  const { name, origin } = upper;
  const isTap = !('families' in upper);
  const device = isTap ? 'macvlan' : upper.device;
  return file({
    path: `${PROFILES}/macvtap-${name}.nmconnection`,
    mode: 0o600,
    role: 'required',
    ...inPlace(PROFILE, upper),
    about: isTap
      ? entry(`the tap ${name}`, `Creates the macvtap \`${name}\`.`, PROFILE_MANUAL, origin)
      : entry(
          `the shim ${name}`,
          `Creates the ${device} \`${name}\` and gives it its addresses.`,
          PROFILE_MANUAL,
          origin,
        ),
    template: 'networkmanager/profile.nmconnection',
    view: {
      header: header(model),
      connection: {
        ...connectionView(model, name, device, origin),
        ...(isTap ? {} : zoneAndMdns(upper)),
      },
      ethernet: ethernetView(upper),
      macvlan:
        device === 'macvlan'
          ? {
              ...attachmentView('macvlan', model, upper),
              tap: isTap
                ? inKeyfile('macvlan', 'tap', 'true', WHY_TYPE.macvtap, origin)
                : undefined,
            }
          : undefined,
      ipvlan: device === 'ipvlan' ? attachmentView('ipvlan', model, upper) : undefined,
      ...ipView(isTap ? asLink(upper) : upper, target),
    },
  });
}

/** What `[macvlan]` and `[ipvlan]` have in common. */
function attachmentView(
  section: 'macvlan' | 'ipvlan',
  model: Model,
  { parent, mode, origin }: Shim | Tap,
): Part<Profile, 'ipvlan'> {
  return {
    mode: inKeyfile(section, 'mode', MODE_NUMBER[mode], `${mode}. ${whyMode(mode)}`, [
      ...origin,
      'mode',
    ]),
    parent: inKeyfile(
      section,
      'parent',
      profileOf(model, parent),
      parent.permanentMac === undefined
        ? 'The link that it is on top of.'
        : "The parent's profile, as its NIC is found by MAC and may have another name.",
      [...origin, 'parent'],
    ),
  };
}

/** How a profile refers to the link of another: by interface, or by profile where that is found by MAC. */
export const profileOf = (model: Model, { name, permanentMac }: Parent): string =>
  permanentMac === undefined ? name : deriveUuid(model.host, name);

/** `macvtap-<parent>.nmconnection`: up, preferred to older profiles; silent unless it keeps an address. */
export function parentProfile(model: Model, parent: Parent, target: Target): RenderedFile {
  const { name, kind, origin, permanentMac, master, vlan } = parent;
  const { interfaceName, ...connection } = connectionView(model, name, kind, origin);
  const link = vlan && model.parents.find(({ id }) => id === vlan.linkId);
  const inConnection = (key: KeyfileKey<'connection'>, text: string | number, why: string): Entry =>
    inKeyfile('connection', key, text, why, origin);
  return file({
    path: `${PROFILES}/macvtap-${name}.nmconnection`,
    mode: 0o600,
    role: 'required',
    ...inPlace(PROFILE, parent),
    about: entry(
      `the parent ${name}`,
      hasAddress(parent)
        ? `Gives \`${name}\` the address that it keeps.`
        : `Brings \`${name}\` up without any address${master ? `, as a member of \`${master.name}\`` : ''}.`,
      PROFILE_MANUAL,
      origin,
    ),
    template: 'networkmanager/profile.nmconnection',
    view: {
      header: header(model),
      connection: {
        ...connection,
        ...zoneAndMdns(parent),
        // A matched NIC is found by its MAC alone: with a name, both would have to match.
        interfaceName: permanentMac === undefined ? interfaceName : undefined,
        autoconnectPriority: inConnection('autoconnect-priority', 100, WHY_PREFERRED),
        master:
          master &&
          inConnection(
            'master',
            deriveUuid(model.host, master.name),
            `The profile of the ${master.kind} that it is a member of.`,
          ),
        slaveType:
          master &&
          inConnection(
            'slave-type',
            master.kind,
            'The kind of link that it is a member of; without it the profile is invalid.',
          ),
      },
      ethernet: ethernetView(parent),
      vlan: vlan &&
        link && {
          id: inKeyfile('vlan', 'id', vlan.id, WHY_VLAN_ID, [...origin, 'id']),
          parent: inKeyfile('vlan', 'parent', profileOf(model, link), WHY_VLAN_LINK, [
            ...origin,
            'link',
          ]),
          flags: inKeyfile(
            'vlan',
            'flags',
            1,
            "Headers are reordered, which is the kernel's default; NetworkManager would add this line itself.",
            origin,
          ),
        },
      bond: parent.bond && bondLines(parent.bond),
      bridge: parent.bridge && bridgeLines(parent.bridge),
      // A member has no settings for addresses: those of its bond or bridge count.
      ...(master === undefined && ipView(parent, target)),
    },
  });
}
