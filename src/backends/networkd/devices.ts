/**
 * Devices, as systemd-networkd makes them (`.netdev`) and udev names them (`.link`). netplan over
 * networkd, which has no word for a macvlan, writes the same.
 */

import type { Path } from '../../diagnostics/diagnostic.ts';
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
import { type Entry, entry, RANK, type RenderedFile, type View } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { DIRECTORY } from '../shared/networkd-words.ts';
import { header } from '../shared/online.ts';
import { whyMac, whyMode } from '../shared/reasons.ts';

/** An entry of a `.netdev` file; the authority follows from section and key. */
const netdevEntry = <S extends NetdevSection>(
  section: S,
  key: NetdevKey<S>,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `systemd.netdev(5), [${section}] ${key}=` as Authority, origin);

/** `00-macvtap-<if>.netdev`: makes a shim's macvlan or a tap's macvtap. */
export function macvlanFile(
  model: Model,
  upper: Shim | Tap,
  kind: 'macvlan' | 'macvtap',
): RenderedFile {
  const { name, origin } = upper;
  const whyKind =
    kind === 'macvlan'
      ? 'A macvlan is what guests on macvtap can talk to.'
      : 'A macvtap, which a guest is given.';
  return file({
    path: `${DIRECTORY}/00-macvtap-${name}.netdev`,
    mode: 0o644,
    role: 'required',
    rank: RANK.device,
    about: entry(
      `the device ${name}`,
      `Makes the ${kind} \`${name}\`.`,
      'systemd.netdev(5)',
      origin,
    ),
    template: 'networkd/macvlan.netdev',
    view: {
      header: header(model),
      name: netdevEntry(
        'NetDev',
        'Name',
        name,
        'The name of the device, which other files and the steps refer to.',
        origin,
      ),
      kind: netdevEntry('NetDev', 'Kind', kind, whyKind, origin),
      macaddress: netdevMac(upper),
      [kind]: modeView(kind === 'macvlan' ? 'MACVLAN' : 'MACVTAP', upper, origin),
    },
  });
}

function modeView(
  section: 'MACVLAN' | 'MACVTAP',
  { mode, sourceMacs }: Attachment,
  origin: Path,
): View {
  return {
    mode: netdevEntry(section, 'Mode', mode, whyMode(mode), [...origin, 'mode']),
    sourceMacs:
      // In another mode they have no effect, as `setting-unused` says.
      mode !== 'source' || sourceMacs.length === 0
        ? undefined
        : sourceMacs.map(({ macaddress, origin: at }) =>
            netdevEntry(section, 'SourceMACAddress', macaddress, 'Frames from here are taken.', at),
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
    rank: RANK.device,
    about: entry(
      `the device ${name}`,
      `Makes the ${kind} \`${name}\`.`,
      'systemd.netdev(5)',
      origin,
    ),
    template: 'networkd/parent.netdev',
    view: {
      header: header(model),
      name: netdevEntry(
        'NetDev',
        'Name',
        name,
        'The name of the device, which other files and the steps refer to.',
        origin,
      ),
      kind: netdevEntry('NetDev', 'Kind', kind, 'As the intent says.', [...origin, 'type']),
      macaddress: netdevMac(parent),
      vlan: vlan && {
        id: netdevEntry('VLAN', 'Id', vlan.id, 'The tag of its frames.', [...origin, 'id']),
      },
      bond: bond && bondView(bond),
      bridge: bridge && bridgeView(bridge),
    },
  });
  return [device];
}

function bondView(bond: BondParameters): View {
  const one = (
    key: NetdevKey<'Bond'>,
    value: string | number | undefined,
    said: string,
    why = 'As the intent says.',
  ): Entry | undefined =>
    value === undefined ? undefined : netdevEntry('Bond', key, value, why, [...bond.origin, said]);
  const milliseconds = (
    key: NetdevKey<'Bond'>,
    value: number | undefined,
    said: string,
    why?: string,
  ) => one(key, value === undefined ? undefined : `${value}ms`, said, why);
  return {
    mode: one('Mode', bond.mode, 'mode'),
    primaryReselectPolicy: one(
      'PrimaryReselectPolicy',
      bond.primaryReselectPolicy,
      'primary-reselect-policy',
    ),
    miiMonitorSec: milliseconds(
      'MIIMonitorSec',
      bond.miiMonitorInterval,
      'mii-monitor-interval',
      'How often members are asked for their carrier; the kernel would never ask.',
    ),
    upDelaySec: milliseconds('UpDelaySec', bond.upDelay, 'up-delay'),
    downDelaySec: milliseconds('DownDelaySec', bond.downDelay, 'down-delay'),
    lacpTransmitRate: one('LACPTransmitRate', bond.lacpRate, 'lacp-rate'),
    minLinks: one('MinLinks', bond.minLinks, 'min-links'),
    transmitHashPolicy: one('TransmitHashPolicy', bond.transmitHashPolicy, 'transmit-hash-policy'),
    adSelect: one('AdSelect', bond.adSelect, 'ad-select'),
    arpIntervalSec: milliseconds('ARPIntervalSec', bond.arpInterval, 'arp-interval'),
    arpIpTargets:
      bond.arpIpTargets.length === 0
        ? undefined
        : bond.arpIpTargets.map((target, index) =>
            netdevEntry('Bond', 'ARPIPTargets', target, 'As the intent says.', [
              ...bond.origin,
              'arp-ip-targets',
              index,
            ]),
          ),
    failOverMacPolicy: one('FailOverMACPolicy', bond.failOverMacPolicy, 'fail-over-mac-policy'),
  };
}

function bridgeView(bridge: BridgeParameters): View {
  const one = (
    key: NetdevKey<'Bridge'>,
    value: string | number | undefined,
    said: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : netdevEntry('Bridge', key, value, 'As the intent says.', [...bridge.origin, said]);
  return {
    stp: netdevEntry(
      'Bridge',
      'STP',
      bridge.stp ? 'yes' : 'no',
      bridge.stp
        ? 'As the intent says.'
        : 'A bridge without loops needs none, and is ready at once.',
      [...bridge.origin, 'stp'],
    ),
    forwardDelaySec: one('ForwardDelaySec', bridge.forwardDelay, 'forward-delay'),
    helloTimeSec: one('HelloTimeSec', bridge.helloTime, 'hello-time'),
    maxAgeSec: one('MaxAgeSec', bridge.maxAge, 'max-age'),
    ageingTimeSec: one('AgeingTimeSec', bridge.ageingTime, 'ageing-time'),
    priority: one('Priority', bridge.priority, 'priority'),
  };
}
