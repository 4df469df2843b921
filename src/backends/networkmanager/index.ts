/** NetworkManager: a keyfile for each link, and a file with what NetworkManager manages. */

import type { Model } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { judgeForNetworkManager, watchesForNetworkManager } from '../host/by-networkmanager.ts';
import { checkGuests, UNMANAGED_PLACES, unmanagedByNetworkd } from '../host/unmanaged.ts';
import { networkManagerActivation } from '../shared/activation.ts';
import { SYSCTL_FILE, sysctlFiles } from '../shared/sysctl.ts';
import { LINK_FILE, linkFiles, macFiles } from '../shared/udev-links.ts';
import { UDEV_RULES, udevRules } from '../shared/udev-rules.ts';
import { checkNetworkManager, managedConf } from './conf.ts';
import { networkManagerReader } from './generated.ts';
import { MANAGED, PROFILE, PROFILES } from './places.ts';
import { parentProfile, upperProfile } from './profile.ts';

const ID = 'networkmanager';

export const networkmanager: Backend = {
  id: ID,
  summary: 'NetworkManager: keyfiles (.nmconnection)',
  scope: 'host',
  directory: PROFILES,
  needs: ['networkmanager'],
  daemons: ['NetworkManager'],
  places: [LINK_FILE, UDEV_RULES, MANAGED, PROFILE, SYSCTL_FILE, ...UNMANAGED_PLACES],
  check: (model: Model, target: Target) => [
    ...checkNetworkManager(model, target, ID),
    ...checkGuests(model, ID),
  ],
  render: (model: Model, target: Target): RenderedFile[] => [
    ...linkFiles(model, target, false),
    ...udevRules(model, true),
    ...macFiles(model),
    managedConf(model),
    ...sysctlFiles(model, target, 'NetworkManager'),
    ...[...model.shims, ...model.taps].map((upper) => upperProfile(model, upper, target)),
    ...model.parents.map((parent) => parentProfile(model, parent, target)),
    ...unmanagedByNetworkd(model, target),
  ],
  activation: (model) => networkManagerActivation(model),
  reader: networkManagerReader,
  watches: watchesForNetworkManager,
  judge: (model, rendered, files) => judgeForNetworkManager(model, rendered, files, ID),
};
