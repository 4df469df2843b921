/**
 * netplan over systemd-networkd. netplan has no macvlan in any version: addresses, routes and
 * name servers are in its YAML; the device, and the links under it, in networkd's own files
 * beside it. Links without a shim or tap are netplan's alone.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model, Parent } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { claimsOf } from '../host/foreign.ts';
import { judgeNetplan, netplanWatches } from '../host/netplan/judge.ts';
import { judgeNetworkd, networkdWatches, type Wanted } from '../host/networkd/judge.ts';
import { judgeNetworkFiles } from '../host/networkd/network-file.ts';
import { judgeNetworkManager, networkManagerWatches } from '../host/networkmanager/judge.ts';
import { hostWatches, judgeHost } from '../host/others.ts';
import {
  checkGuests,
  UNMANAGED_PLACES,
  unmanagedByNetworkManager,
  unmanagedGuests,
} from '../host/unmanaged.ts';
import { attachedFile, attachedPath, checkNetworkFiles } from '../networkd/attached.ts';
import { checkBridgePriority, checkDhcp6Hostname } from '../networkd/check.ts';
import { parentDeviceFiles, upperFile } from '../networkd/devices.ts';
import { parentNetworkFile, tapNetworkFile } from '../networkd/network.ts';
import { ATTACHED, NETDEV, NETWORK } from '../networkd/places.ts';
import { checkRuleInterfaces } from '../networkd/rule-interfaces.ts';
import { networkdActivation } from '../shared/activation.ts';
import { checkFirewallZone } from '../shared/firewall-zone.ts';
import { checkNoIpvlan } from '../shared/ipvlan.ts';
import { DIRECTORY as NETWORKD } from '../shared/networkd-words.ts';
import { SYSCTL_FILE, sysctlFiles } from '../shared/sysctl.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import {
  NETWORK_ONLINE,
  WAIT_ONLINE,
  waitOnlineFile,
  wantWaitOnline,
} from '../shared/wait-online.ts';
import { checkWakeOnLan } from '../shared/wake-on-lan.ts';
import { checkIds } from './common.ts';
import { dropIn, needsDropIn } from './drop-in.ts';
import { netplanReader } from './generated.ts';
import { checkOverrides, checkShadowed, checkWritten, ID } from './networkd-check.ts';
import { yaml } from './networkd-yaml.ts';
import { DIRECTORY, DROP_IN, YAML_FILE } from './places.ts';

export const netplanNetworkd: Backend = {
  id: ID,
  summary: 'netplan over systemd-networkd: YAML, with networkd files beside it',
  scope: 'host',
  directory: DIRECTORY,
  needs: ['netplan', 'networkd'],
  daemons: ['netplan', 'systemd'],
  places: [
    UDEV_RULES,
    NETDEV,
    NETWORK,
    ATTACHED,
    DROP_IN,
    YAML_FILE,
    SYSCTL_FILE,
    WAIT_ONLINE,
    NETWORK_ONLINE,
    ...UNMANAGED_PLACES,
  ],
  check: (model: Model, target: Target): Diagnostic[] => [
    ...checkIds(model, ID),
    ...checkNoIpvlan(model, ID),
    ...checkNetworkFiles(model, ID, networkFileOf),
    ...checkBridgePriority(model, ID),
    ...checkRuleInterfaces(model, ID),
    ...checkShadowed(model),
    ...checkWritten(model, target),
    ...checkDhcp6Hostname(model, target, ID),
    ...checkWakeOnLan(model, ID),
    ...checkFirewallZone(model, ID),
    ...checkGuests(model, ID),
    ...[...model.parents, ...model.shims].flatMap(checkOverrides),
  ],
  render: (model: Model, target: Target): RenderedFile[] => {
    const under = model.parents.filter(({ hasMacvlans }) => hasMacvlans);
    const plain = model.parents.filter(({ hasMacvlans }) => !hasMacvlans);
    return [
      ...udevRules(model, false),
      ...model.shims.flatMap((shim) => [
        upperFile(model, shim),
        dropIn(model, shim.name, shim, target),
      ]),
      ...model.taps.flatMap((tap) => [upperFile(model, tap), tapNetworkFile(model, tap, target)]),
      ...plain.filter(needsDropIn).map((parent) => dropIn(model, parent.id, parent, target)),
      ...sysctlFiles(model, target, 'systemd'),
      ...yaml(model, target),
      ...waitOnlineFiles(model, under, target),
      // `/etc` hides netplan's own file of this name in `/run`, whatever other YAML adds to it.
      ...under.flatMap((parent) => [
        ...parentDeviceFiles(model, parent, `${NETWORKD}/10-netplan-${parent.id}.netdev`),
        parentNetworkFile(model, parent, parentPath(parent), target),
      ]),
      ...model.unmanaged.flatMap((parent) =>
        attachedFile(model, parent, networkFileOf(parent), 'netplan'),
      ),
      unmanagedGuests(model),
      unmanagedByNetworkManager(model),
    ];
  },
  activation: () => networkdActivation(['netplan generate']),
  reader: netplanReader,
  watches: [...networkdWatches, ...networkManagerWatches, ...netplanWatches, ...hostWatches],
  judge: (model, rendered, files) => [
    ...judgeNetworkd(wanted(model), files, { severity: 'error', rendered }),
    ...judgeNetworkFiles(model, networkFileOf, files),
    ...judgeNetworkManager(model, rendered, files, ID),
    ...judgeNetplan(model, rendered, files, ID),
    ...judgeHost(model, rendered, files, ID),
  ],
};

/** The file of each link: netplan's own, except for taps and the links under shims and taps. */
function wanted(model: Model): Wanted[] {
  return claimsOf(model).map((claim) => {
    const parent = model.parents.find(({ name }) => name === claim.name);
    const byNetplan = `10-netplan-${parent?.id ?? claim.name}`;
    const own = `00-macvtap-${claim.name}`;
    return {
      claim,
      file: `${claim.kind === 'macvtap' ? own : byNetplan}.network`,
      ...(claim.permanentMac !== undefined && { link: `${byNetplan}.link` }),
      ...(claim.kind !== 'ethernet' && { netdev: `${parent ? byNetplan : own}.netdev` }),
    };
  });
}

/** The name that netplan gives its own file for the parent. */
const parentPath = ({ id }: Parent): string => `${NETWORKD}/10-netplan-${id}.network`;

const hasUppers = ({ shims, taps }: Parent): boolean => shims.length + taps.length > 0;

/** netplan names its own file after the id; a file of another name may configure the link. */
const networkFileOf = ({ id, networkFile = `10-netplan-${id}.network` }: Parent): string =>
  networkFile;

/**
 * netplan 1.0.1 and later decides what boot waits for by the interfaces that exist when it runs, before
 * the shim does; where it finds none, boot does not wait at all; and 1.2 waits for a resolver, too,
 * which fails without systemd-resolved.
 */
function waitOnlineFiles(model: Model, under: readonly Parent[], target: Target): RenderedFile[] {
  const wait = waitOnlineFile(model, target, {
    role: 'required',
    why: 'netplan does not know that the shim will be there.',
    // Half installed, without the parent's file, there will be no shim to wait for.
    after: [
      ...under.map((parent) => ({ path: parentPath(parent), origin: parent.origin })),
      ...model.unmanaged.filter(hasUppers).map((parent) => ({
        path: attachedPath(networkFileOf(parent)),
        origin: parent.origin,
      })),
    ],
  });
  return wait ? [wait, wantWaitOnline(model)] : [];
}
