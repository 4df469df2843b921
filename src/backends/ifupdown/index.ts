/** ifupdown, ifupdown-ng and ifupdown2: one file of `/etc/network/interfaces.d` that all three read. */

import type { Model } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { claimsOf } from '../host/foreign.ts';
import { judgeNetplan, netplanWatches } from '../host/netplan/judge.ts';
import { judgeNetworkd, networkdWatches } from '../host/networkd/judge.ts';
import { judgeNetworkManager, networkManagerWatches } from '../host/networkmanager/judge.ts';
import { hostWatches, judgeHost } from '../host/others.ts';
import {
  checkGuests,
  UNMANAGED_PLACES,
  unmanagedByNetworkd,
  unmanagedByNetworkManager,
} from '../host/unmanaged.ts';
import { ifupdownActivation } from '../shared/activation.ts';
import { allLinks } from '../shared/link-order.ts';
import { LINK_FILE, linkFiles } from '../shared/udev-links.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import { NETWORKING, networkingFile } from './boot.ts';
import { checkIfupdown } from './check.ts';
import { ifupdownReader } from './generated.ts';
import { DIRECTORY, interfacesFile, STANZAS } from './interfaces.ts';
import { byHand, edits } from './other-stanzas.ts';

const ID = 'ifupdown';
const RUNNER = 'ifupdown';

export const ifupdown: Backend = {
  id: ID,
  summary: 'ifupdown, ifupdown-ng and ifupdown2: /etc/network/interfaces.d',
  scope: 'host',
  directory: DIRECTORY,
  needs: ['ifupdown'],
  // All options are older than every supported version of the three.
  daemons: [],
  places: [LINK_FILE, UDEV_RULES, NETWORKING, STANZAS, ...UNMANAGED_PLACES],
  check: (model: Model) => [...checkIfupdown(model, ID), ...checkGuests(model, ID)],
  render: (model: Model, target: Target): RenderedFile[] => [
    ...linkFiles(model, target, true),
    ...udevRules(model, false),
    networkingFile(model),
    interfacesFile(model),
    unmanagedByNetworkManager(model, RUNNER),
    ...unmanagedByNetworkd(model, target, RUNNER),
  ],
  activation: (model) =>
    ifupdownActivation(
      model,
      [...allLinks(model), ...model.taps].map(({ name }) => name),
    ),
  reader: ifupdownReader,
  edits,
  byHand,
  watches: [...networkdWatches, ...networkManagerWatches, ...netplanWatches, ...hostWatches],
  judge: (model, rendered, files) => [
    // Where networkd or NetworkManager runs beside it, it only has to ignore the links.
    ...judgeNetworkd(
      claimsOf(model).map((claim) => ({ claim, file: `00-macvtap-${claim.name}.network` })),
      files,
      { severity: 'warning', rendered },
    ),
    ...judgeNetworkManager(model, rendered, files, ID),
    ...judgeNetplan(model, rendered, files, ID),
    ...judgeHost(model, rendered, files, ID),
  ],
};
