/**
 * Devices, as systemd-networkd makes them (`.netdev`) and udev names them (`.link`). netplan over
 * networkd, which has no word for a macvlan, writes the same.
 */
import type { Path } from '../diagnostics.ts';
import type {
  BondParameters,
  BridgeParameters,
  Model,
  Parent,
  Shim,
  Standing,
  Tap,
} from '../model/types.ts';
import { file } from '../template.ts';
import { header } from './shared.ts';
import { knows } from './since.ts';
import type { Target } from './target.ts';
import { type Entry, entry, RANK, type RenderedFile, type View } from './types.ts';

export const DIRECTORY = '/etc/systemd/network';

/** An entry of a `.netdev` file; the authority follows from section and key. */
const netdevEntry = (
  section: string,
  key: string,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `systemd.netdev(5), [${section}] ${key}=`, origin);

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
    role: 'essential',
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
      [kind]: modeView(kind.toUpperCase(), upper, origin),
    },
  });
}

function modeView(section: string, { mode, sourceMacs }: Standing, origin: Path): View {
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

export const whyMac = (macDerived: boolean): string =>
  macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'As the intent says.';

export const whyMode = (mode: Standing['mode']): string =>
  mode === 'bridge'
    ? 'Only in bridge mode do the host and its guests reach each other; left out, the mode would be vepa.'
    : 'As the intent says; host and guests do not reach each other so.';

/** The `.netdev` of a parent that is a VLAN, bond or bridge; none for a NIC. */
export function parentDeviceFiles(model: Model, parent: Parent, path: string): RenderedFile[] {
  const { name, kind, vlan, bond, bridge, origin } = parent;
  if (kind === 'ethernet') return [];
  const device = file({
    path,
    mode: 0o644,
    role: 'essential',
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
    key: string,
    value: string | number | undefined,
    said: string,
    why = 'As the intent says.',
  ): Entry | undefined =>
    value === undefined ? undefined : netdevEntry('Bond', key, value, why, [...bond.origin, said]);
  const milliseconds = (key: string, value: number | undefined, said: string, why?: string) =>
    one(key, value === undefined ? undefined : `${value}ms`, said, why);
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
  const one = (key: string, value: string | number | undefined, said: string): Entry | undefined =>
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

const link = (section: string, key: string): string => `systemd.link(5), [${section}] ${key}=`;

/**
 * `00-macvtap-<device>.link`: what NetworkManager makes gets its MAC after it is made, and udev,
 * which hears of it at the same time, may set one of its own over that (systemd.link(5),
 * MACAddressPolicy=persistent of 99-default.link; not where a MAC was set at the making, as by
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
      role: 'essential',
      rank: RANK.device,
      about: entry(
        `the MAC of ${name}`,
        `Has udev leave the MAC of \`${name}\` alone.`,
        'systemd.link(5)',
        macDerived ? origin : [...origin, 'macaddress'],
      ),
      template: 'networkd/device.link',
      view: {
        header: header(model),
        originalName: entry(
          name,
          'The name that it is made with.',
          link('Match', 'OriginalName'),
          origin,
        ),
        macAddressPolicy: entry(
          'none',
          'NetworkManager sets the MAC; udev would set another one over it, now and then.',
          link('Link', 'MACAddressPolicy'),
          origin,
        ),
      },
    }),
  );
}

/**
 * Which NIC is meant. Before udev knew of permanent MACs: the current one, which at boot is the
 * same, on a device that has a place on a bus.
 */
function linkMatch(mac: string, origin: Path, target: Target): View {
  const permanentMac = entry(
    mac,
    'Finds the NIC by its permanent MAC; virtual devices have none.',
    link('Match', 'PermanentMACAddress'),
    origin,
  );
  if (knows(target, permanentMac.authority)) return { permanentMac };
  return {
    currentMac: entry(
      mac,
      'Finds the NIC by its MAC, which is the permanent one when udev sees it first.',
      link('Match', 'MACAddress'),
      origin,
    ),
    path: entry(
      '*',
      'A device on a bus: not a shim, which may have the same MAC.',
      link('Match', 'Path'),
      origin,
    ),
  };
}

/**
 * `00-macvtap-<parent>.link`: udev names the matched NIC. None where nothing is matched.
 * @param armed whether it arms the NIC, too: NetworkManager does that by itself
 */
export function linkFiles(model: Model, target: Target, armed: boolean): RenderedFile[] {
  return model.parents.flatMap((parent) => {
    const { name, permanentMac, wakeonlan, origin } = parent;
    if (permanentMac === undefined) return [];
    return file({
      path: `${DIRECTORY}/00-macvtap-${name}.link`,
      mode: 0o644,
      role: 'essential',
      rank: RANK.device,
      about: entry(
        `the name ${name}`,
        `udev calls the NIC \`${name}\`, whoever runs the network.`,
        'systemd.link(5)',
        [...origin, 'set-name'],
      ),
      template: 'networkd/parent.link',
      view: {
        header: header(model),
        ...linkMatch(permanentMac, [...origin, 'match', 'macaddress'], target),
        name: entry(
          name,
          'Other files name the interface, so its name must not change.',
          link('Link', 'Name'),
          [...origin, 'set-name'],
        ),
        wakeOnLan:
          armed && wakeonlan
            ? entry('magic', 'A magic packet wakes the host.', link('Link', 'WakeOnLan'), [
                ...origin,
                'wakeonlan',
              ])
            : undefined,
      },
    });
  });
}
