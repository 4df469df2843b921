/**
 * Profiles of NetworkManager (keyfiles). netplan over NetworkManager has them, too, for links to which
 * another YAML file could add: what it adds would make NetworkManager drop the whole profile.
 */

import type { Path } from '../../diagnostics/diagnostic.ts';
import { deriveUuid } from '../../model/derive.ts';
import {
  type BondSetting,
  type BridgeSetting,
  bondSettings,
  bridgeSettings,
} from '../../model/parameters.ts';
import {
  asLink,
  type BondParameters,
  type BridgeParameters,
  type Family,
  hasAddress,
  type Kind,
  type Link,
  type Model,
  type Parent,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import type { Authority, KeyfileKey, KeyfileSection } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part, Views } from '../../view/views.ts';
import { header } from '../shared/online.ts';
import {
  WHY_MDNS,
  WHY_MTU,
  WHY_MTU_PARENT,
  WHY_PERMANENT_MAC,
  WHY_PREFERRED,
  WHY_PROFILE_NAME,
  WHY_TYPE,
  WHY_UUID,
  WHY_VLAN_ID,
  WHY_VLAN_LINK,
  WHY_WAKE,
  WHY_ZONE,
  whyMac,
  whyMode,
} from '../shared/reasons.ts';
import { MODE_NUMBER } from './conf.ts';
import { hostnameSetting, ipSettings } from './ip.ts';
import { PROFILE, PROFILES } from './places.ts';

type Profile = Views['networkmanager/profile.nmconnection'];

export const PROFILE_MANUAL = 'nm-settings-keyfile(5)';

/** An entry of a keyfile; the authority follows from section and key. */
const inKeyfile = <S extends KeyfileSection>(
  section: S,
  key: KeyfileKey<S>,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `nm-settings-keyfile(5), [${section}] ${key}` as Authority, origin);

const WHY_KIND: Readonly<Record<Kind | Shim['device'], string>> = {
  macvlan: WHY_TYPE.macvlan,
  ipvlan: WHY_TYPE.ipvlan,
  ethernet: 'The parent is an Ethernet device; a profile of another type would not apply to it.',
  vlan: 'The intent has a VLAN here.',
  bond: 'The intent has a bond here.',
  bridge: 'The intent has a bridge here.',
};

/** `[connection]`, as every profile has it. */
function connectionView(
  model: Model,
  name: string,
  type: Kind | Shim['device'],
  origin: Path,
): Part<Profile, 'connection'> {
  const one = (key: KeyfileKey<'connection'>, text: string, why: string): Entry =>
    inKeyfile('connection', key, text, why, origin);
  return {
    id: one('id', `macvtap-${name}`, WHY_PROFILE_NAME),
    uuid: one('uuid', deriveUuid(model.host, name), WHY_UUID),
    type: one('type', type, WHY_KIND[type]),
    interfaceName: one('interface-name', name, 'The only interface that the profile applies to.'),
    autoconnect: one(
      'autoconnect',
      'true',
      'Comes up at boot; without autoconnect it would wait for `nmcli connection up`.',
    ),
  };
}

/** The numbers of libnm (NMSettingConnectionMdns). */
const MDNS = { no: 0, resolve: 1, yes: 2 } as const;

/** `[connection]` of a link with addresses; netplan passes it through. */
export function zoneAndMdns(link: Link): Pick<Part<Profile, 'connection'>, 'zone' | 'mdns'> {
  const { multicastDns, firewallZone, origin } = link;
  return {
    zone:
      firewallZone === undefined
        ? undefined
        : inKeyfile('connection', 'zone', firewallZone, WHY_ZONE, [...origin, 'firewall-zone']),
    mdns:
      multicastDns === undefined || !hasAddress(link)
        ? undefined
        : inKeyfile('connection', 'mdns', MDNS[multicastDns], WHY_MDNS[multicastDns], [
            ...origin,
            'multicast-dns',
          ]),
  };
}

/** `[ipv4]` and `[ipv6]`, as whole lines: the numbers in `address2` or `route1_options` vary. */
function ipView(link: Link, target: Target): Pick<Profile, 'ipv4' | 'ipv6' | 'hostnameFromDhcp'> {
  const lines = (family: Family): Entry[] =>
    ipSettings(link, family, target).map(({ key, value }) => lineOf(key, value));
  return {
    ipv4: lines('ipv4'),
    ipv6: lines('ipv6'),
    hostnameFromDhcp: hostnameSetting(link),
  };
}

const lineOf = (key: string, value: Entry): Entry =>
  entry(`${key}=${value.text}`, value.why, value.authority, value.origin);

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

function ethernetView(link: Parent | Shim | Tap): Part<Profile, 'ethernet'> {
  const { macaddress, macDerived, mtu, origin } = link;
  const isParent = 'kind' in link;
  return {
    permanentMac:
      isParent && link.permanentMac !== undefined
        ? inKeyfile('ethernet', 'mac-address', link.permanentMac, WHY_PERMANENT_MAC, [
            ...origin,
            'match',
            'macaddress',
          ])
        : undefined,
    macaddress:
      macaddress === undefined
        ? undefined
        : inKeyfile(
            'ethernet',
            'cloned-mac-address',
            macaddress,
            whyMac(macDerived),
            macDerived ? origin : [...origin, 'macaddress'],
          ),
    mtu:
      mtu === undefined
        ? undefined
        : inKeyfile('ethernet', 'mtu', mtu, isParent ? WHY_MTU_PARENT : WHY_MTU, [
            ...origin,
            'mtu',
          ]),
    wakeOnLan:
      isParent && link.wakeonlan
        ? inKeyfile('ethernet', 'wake-on-lan', 64, `${WHY_WAKE} 64 (0x40) is the magic packet.`, [
            ...origin,
            'wakeonlan',
          ])
        : undefined,
  };
}

const bondLines = (bond: BondParameters): Entry[] =>
  bondSettings(bond).map((setting) => {
    const { kernel } = setting.row;
    return lineOf(kernel, inKeyfile('bond', kernel, ...parameter(setting)));
  });

const bridgeLines = (bridge: BridgeParameters): Entry[] =>
  bridgeSettings(bridge).map((setting) =>
    lineOf(setting.word, inKeyfile('bridge', setting.word, ...parameter(setting))),
  );

/** NetworkManager has the kernel's units for a bond, and netplan's for a bridge. */
const parameter = ({
  value,
  why,
  origin,
}: BondSetting | BridgeSetting): [text: string, why: string, origin: Path] => [
  typeof value === 'object' ? value.join(',') : String(value),
  why,
  origin,
];
