/**
 * Devices that systemd-networkd creates (`.netdev`). netplan over networkd, which has no word for a
 * macvlan, writes the same files.
 */

import type { Path } from '../../diagnostics/diagnostic.ts';
import {
  type BondSetting,
  type BridgeSetting,
  bondSettings,
  bridgeSettings,
  unitOf,
} from '../../model/parameters.ts';
import type {
  Attachment,
  BondParameters,
  BridgeParameters,
  Model,
  Parent,
  Shim,
  Tap,
} from '../../model/types.ts';
import type { Authority, NetdevKey, NetdevSection } from '../../targets/since.ts';
import { inPlace } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part, Views } from '../../view/views.ts';
import { typeOfUpper } from '../shared/ip-words.ts';
import { DIRECTORY } from '../shared/networkd-words.ts';
import { header } from '../shared/online.ts';
import {
  WHY_NAME,
  WHY_QUEUE,
  WHY_SOURCE,
  WHY_TYPE,
  WHY_VLAN_ID,
  whyMac,
  whyMode,
  whyQueueThreshold,
} from '../shared/reasons.ts';
import { NETDEV } from './places.ts';

/** An entry of a `.netdev` file; the authority follows from section and key. */
const netdevEntry = <S extends NetdevSection>(
  section: S,
  key: NetdevKey<S>,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `systemd.netdev(5), [${section}] ${key}=` as Authority, origin);

/** `00-macvtap-<if>.netdev`: creates the device of a shim or tap. */
export function upperFile(model: Model, upper: Shim | Tap): RenderedFile {
  const { name, mode, origin } = upper;
  const kind = typeOfUpper(upper);
  return file({
    path: `${DIRECTORY}/00-macvtap-${name}.netdev`,
    mode: 0o644,
    role: 'required',
    ...inPlace(NETDEV),
    about: entry(
      `the device ${name}`,
      `Creates the ${kind} \`${name}\`.`,
      'systemd.netdev(5)',
      origin,
    ),
    template: 'networkd/device.netdev',
    view: {
      header: header(model),
      name: netdevEntry('NetDev', 'Name', name, WHY_NAME, origin),
      kind: netdevEntry('NetDev', 'Kind', kind, WHY_TYPE[kind], origin),
      macaddress: netdevMac(upper),
      macvlan:
        kind === 'macvlan'
          ? { ...modeView('MACVLAN', upper, origin), ...queueView(upper) }
          : undefined,
      macvtap: kind === 'macvtap' ? modeView('MACVTAP', upper, origin) : undefined,
      ipvlan: kind === 'ipvlan' ? { mode: ipvlanMode(mode, origin) } : undefined,
    },
  });
}

/**
 * Of a macvlan alone: systemd.netdev(5) gives [MACVTAP] the same keys, the parser has these two for
 * [MACVLAN] only (src/network/netdev/netdev-gperf.gperf, systemd 257).
 */
function queueView(
  upper: Shim | Tap,
): Pick<Part<Views['networkd/device.netdev'], 'macvlan'>, 'queueLength' | 'queueThreshold'> {
  if (!('families' in upper)) return { queueLength: undefined, queueThreshold: undefined };
  const { broadcastQueueLength: length, broadcastQueueThreshold: threshold, origin } = upper;
  return {
    queueLength:
      length === undefined
        ? undefined
        : netdevEntry('MACVLAN', 'BroadcastMulticastQueueLength', length, WHY_QUEUE, [
            ...origin,
            'broadcast-queue-length',
          ]),
    queueThreshold:
      threshold === undefined
        ? undefined
        : netdevEntry(
            'MACVLAN',
            'BroadcastQueueThreshold',
            threshold < 0 ? 'no' : threshold,
            whyQueueThreshold(threshold),
            [...origin, 'broadcast-queue-threshold'],
          ),
  };
}

/** In capital letters, unlike the modes of a macvlan. */
const ipvlanMode = (mode: Attachment['mode'], origin: Path): Entry =>
  netdevEntry('IPVLAN', 'Mode', mode.toUpperCase(), whyMode(mode), [...origin, 'mode']);

function modeView(
  section: 'MACVLAN' | 'MACVTAP',
  { mode, sourceMacs }: Attachment,
  origin: Path,
): Part<Views['networkd/device.netdev'], 'macvlan' | 'macvtap'> {
  return {
    mode: netdevEntry(section, 'Mode', mode, whyMode(mode), [...origin, 'mode']),
    sourceMacs:
      // They have no effect in another mode, which `setting-unused` reports.
      mode !== 'source' || sourceMacs.length === 0
        ? undefined
        : sourceMacs.map(({ macaddress, origin: at }) =>
            netdevEntry(section, 'SourceMACAddress', macaddress, WHY_SOURCE, at),
          ),
  };
}

function netdevMac({
  macaddress,
  macDerived,
  origin,
}: Pick<Tap, 'macaddress' | 'macDerived' | 'origin'>): Entry | undefined {
  if (macaddress === undefined) return undefined;
  const at = macDerived ? origin : [...origin, 'macaddress'];
  return netdevEntry('NetDev', 'MACAddress', macaddress, whyMac(macDerived), at);
}

/** The `.netdev` of a parent that is a VLAN, bond or bridge; none for a NIC. */
export function parentDeviceFiles(model: Model, parent: Parent, path: string): RenderedFile[] {
  const { name, kind, vlan, bond, bridge, origin } = parent;
  if (kind === 'ethernet') return [];
  const device = file({
    path,
    mode: 0o644,
    role: 'required',
    ...inPlace(NETDEV),
    about: entry(
      `the device ${name}`,
      `Creates the ${kind} \`${name}\`.`,
      'systemd.netdev(5)',
      origin,
    ),
    template: 'networkd/device.netdev',
    view: {
      header: header(model),
      name: netdevEntry('NetDev', 'Name', name, WHY_NAME, origin),
      kind: netdevEntry('NetDev', 'Kind', kind, `The intent has a ${kind} here.`, [
        ...origin,
        'type',
      ]),
      macaddress: netdevMac(parent),
      vlan: vlan && {
        id: netdevEntry('VLAN', 'Id', vlan.id, WHY_VLAN_ID, [...origin, 'id']),
      },
      bond: bond && bondLines(bond),
      bridge: bridge && bridgeLines(bridge),
    },
  });
  return [device];
}

const bondLines = (bond: BondParameters): Entry[] =>
  bondSettings(bond).flatMap((setting) => {
    const { systemd } = setting.row;
    return systemd === undefined ? [] : parameterLine('Bond', systemd, setting);
  });

const bridgeLines = (bridge: BridgeParameters): Entry[] =>
  bridgeSettings(bridge).map((setting) => parameterLine('Bridge', setting.row.systemd, setting));

/** A whole line, so that a parameter is added in its table alone. */
function parameterLine<S extends 'Bond' | 'Bridge'>(
  section: S,
  key: NetdevKey<S>,
  { row, value, why, origin }: BondSetting | BridgeSetting,
): Entry {
  const unit = unitOf(row) === 'ms' ? 'ms' : '';
  const text =
    typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : typeof value === 'object'
        ? value.join(' ')
        : `${value}${unit}`;
  return netdevEntry(section, key, `${key}=${text}`, why, origin);
}
