/** The sections that profiles of several kinds of link have. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import { deriveUuid } from '../../model/derive.ts';
import {
  type BondSetting,
  type BridgeSetting,
  bondSettings,
  bridgeSettings,
} from '../../model/parameters.ts';
import {
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
import { type Entry, entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import {
  WHY_MDNS,
  WHY_MTU,
  WHY_MTU_PARENT,
  WHY_PERMANENT_MAC,
  WHY_PROFILE_NAME,
  WHY_TYPE,
  WHY_UUID,
  WHY_WAKE,
  WHY_ZONE,
  whyMac,
} from '../shared/reasons.ts';
import { hostnameSetting, ipSettings } from './ip.ts';

export type Profile = Views['networkmanager/profile.nmconnection'];

export const PROFILE_MANUAL = 'nm-settings-keyfile(5)';

/** An entry of a keyfile; the authority follows from section and key. */
export const inKeyfile = <S extends KeyfileSection>(
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
export function connectionView(
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
export function ipView(
  link: Link,
  target: Target,
): Pick<Profile, 'ipv4' | 'ipv6' | 'hostnameFromDhcp'> {
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

export function ethernetView(link: Parent | Shim | Tap): Part<Profile, 'ethernet'> {
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

export const bondLines = (bond: BondParameters): Entry[] =>
  bondSettings(bond).map((setting) => {
    const { kernel } = setting.row;
    return lineOf(kernel, inKeyfile('bond', kernel, ...parameter(setting)));
  });

export const bridgeLines = (bridge: BridgeParameters): Entry[] =>
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
