/** systemd-networkd: a device, a network file for each link. */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model, Shim } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { claimsOf } from '../host/foreign.ts';
import { judgeNetplan, netplanWatches } from '../host/netplan/judge.ts';
import { judgeNetworkd, networkdWatches } from '../host/networkd/judge.ts';
import { judgeNetworkFiles } from '../host/networkd/network-file.ts';
import { judgeNetworkManager, networkManagerWatches } from '../host/networkmanager/judge.ts';
import { hostWatches, judgeHost } from '../host/others.ts';
import {
  checkGuests,
  UNMANAGED_PLACES,
  unmanagedByNetworkManager,
  unmanagedGuests,
} from '../host/unmanaged.ts';
import { networkdActivation } from '../shared/activation.ts';
import { checkFirewallZone } from '../shared/firewall-zone.ts';
import { DIRECTORY } from '../shared/networkd-words.ts';
import { SYSCTL_FILE, sysctlFiles } from '../shared/sysctl.ts';
import { LINK_FILE, linkFiles } from '../shared/udev-links.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import { WAIT_FOR_CREATED, waitForCreatedFile, waitOnlineFile } from '../shared/wait-online.ts';
import { checkWakeOnLan } from '../shared/wake-on-lan.ts';
import { attachedFile, checkNetworkFiles } from './attached.ts';
import { checkBridgePriority, checkDhcp6Hostname } from './check.ts';
import { parentDeviceFiles, upperFile } from './devices.ts';
import { networkdReader } from './generated.ts';
import { parentNetworkFile, shimNetworkFile, tapNetworkFile } from './network.ts';
import { ATTACHED, NETDEV, NETWORK } from './places.ts';
import { checkRuleInterfaces } from './rule-interfaces.ts';

const ID = 'networkd';

export const networkd: Backend = {
  id: ID,
  summary: 'systemd-networkd: .netdev and .network files',
  scope: 'host',
  directory: DIRECTORY,
  needs: ['networkd'],
  daemons: ['systemd'],
  places: [
    LINK_FILE,
    UDEV_RULES,
    NETDEV,
    NETWORK,
    ATTACHED,
    SYSCTL_FILE,
    WAIT_FOR_CREATED,
    ...UNMANAGED_PLACES,
  ],
  check: (model: Model, target: Target): Diagnostic[] => [
    ...checkNetworkFiles(model, ID),
    ...checkDhcp6Hostname(model, target, ID),
    ...checkWakeOnLan(model, ID),
    ...checkBridgePriority(model, ID),
    ...checkFirewallZone(model, ID),
    ...checkRuleInterfaces(model, ID),
    ...checkGuests(model, ID),
  ],
  render: (model: Model, target: Target): RenderedFile[] => [
    ...linkFiles(model, target, true),
    ...udevRules(model, false),
    ...model.parents.flatMap((parent) =>
      parentDeviceFiles(model, parent, `${DIRECTORY}/00-macvtap-${parent.name}.netdev`),
    ),
    ...model.shims.flatMap((shim) => [
      upperFile(model, shim),
      shimNetworkFile(model, shim, target),
    ]),
    ...model.taps.flatMap((tap) => [upperFile(model, tap), tapNetworkFile(model, tap, target)]),
    ...sysctlFiles(model, target, 'systemd'),
    ...onlineFiles(model, target),
    ...model.parents.map((parent) =>
      parentNetworkFile(model, parent, `${DIRECTORY}/00-macvtap-${parent.name}.network`, target),
    ),
    ...model.unmanaged.flatMap((parent) => attachedFile(model, parent, parent.networkFile ?? '')),
    unmanagedGuests(model),
    unmanagedByNetworkManager(model),
  ],
  activation: () => networkdActivation(),
  reader: networkdReader,
  watches: [...networkdWatches, ...networkManagerWatches, ...netplanWatches, ...hostWatches],
  judge: (model, rendered, files) => [
    ...judgeNetworkd(
      claimsOf(model).map((claim) => ({
        claim,
        file: `00-macvtap-${claim.name}.network`,
        ...(claim.kind !== 'ethernet' && { netdev: `00-macvtap-${claim.name}.netdev` }),
      })),
      files,
      { severity: 'error', rendered },
    ),
    ...judgeNetworkFiles(model, ({ networkFile = '' }) => networkFile, files),
    ...judgeNetworkManager(model, rendered, files, ID),
    ...judgeNetplan(model, rendered, files, ID),
    ...judgeHost(model, rendered, files, ID),
  ],
};

/**
 * A link counts as set up once *one* of its dynamic families is, and systemd-networkd-wait-online then
 * stops waiting, unless its options name this link.
 */
function onlineFiles(model: Model, target: Target): RenderedFile[] {
  type Waited = Pick<Shim, 'optional' | 'families' | 'dhcp4' | 'dhcp6' | 'acceptRa'>;
  const isHalf = ({ optional, families, dhcp4, dhcp6, acceptRa }: Waited): boolean =>
    !optional && families.length > 1 && (dhcp4 !== undefined || dhcp6 !== undefined || acceptRa);
  const wait = [...model.parents, ...model.shims].some(isHalf)
    ? waitOnlineFile(model, target, {
        role: 'optional',
        why: 'Boot waits for both families of a link; by default one of them would be enough.',
      })
    : undefined;
  // A list of links replaces what netplan would have boot wait for.
  return [wait ?? waitForCreatedFile(model, target)];
}
