/** NetworkManager: a keyfile for each link, and what it is to manage. */
import type { Model } from '../../model/types.ts';
import { checkGuests, keepNetworkdOff } from '../keep-off.ts';
import { linkFiles } from '../networkd-devices.ts';
import { checkNetworkManager, managedConf } from '../networkmanager-conf.ts';
import { macvlanProfile, PROFILES, parentProfile } from '../networkmanager-profile.ts';
import { sysctlFiles } from '../sysctl.ts';
import type { Target } from '../target.ts';
import type { Backend, RenderedFile } from '../types.ts';

const ID = 'networkmanager';

export const networkmanager: Backend = {
  id: ID,
  summary: 'NetworkManager: keyfiles (.nmconnection)',
  scope: 'host',
  directory: PROFILES,
  needs: ['networkmanager'],
  daemons: ['NetworkManager'],
  check: (model: Model, target: Target) => [
    ...checkNetworkManager(model, target, ID),
    ...checkGuests(model, ID),
  ],
  render: (model: Model, target: Target): RenderedFile[] => [
    ...linkFiles(model, target, false),
    managedConf(model),
    ...sysctlFiles(model, target, 'NetworkManager'),
    ...[...model.shims, ...model.taps].map((upper) => macvlanProfile(model, upper, target)),
    ...model.parents.map((parent) => parentProfile(model, parent, target)),
    ...keepNetworkdOff(model, target),
  ],
};
