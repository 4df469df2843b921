/** NetworkManager: a keyfile for each link, and what it is to manage. NetworkManager 1.36 and later. */
import type { Model } from '../../model/types.ts';
import { file } from '../../template.ts';
import { keepNetworkdOff } from '../keep-off.ts';
import { linkFiles } from '../networkd-files.ts';
import { checkNetworkManager, managedConf } from '../networkmanager-conf.ts';
import { PROFILE_MANUAL, PROFILES, parentProfile } from '../networkmanager-profile.ts';
import { sysctlFile } from '../sysctl.ts';
import { type Backend, entry, RANK, type RenderedFile } from '../types.ts';
import { shimView } from './view.ts';

const ID = 'networkmanager';

export const networkmanager: Backend = {
  id: ID,
  summary: 'NetworkManager: keyfiles (.nmconnection)',
  directory: PROFILES,
  check: (model: Model) => checkNetworkManager(model, ID),
  render: (model: Model): RenderedFile[] => [
    ...linkFiles(model),
    managedConf(model),
    sysctlFile(model),
    ...model.shims.map((shim) =>
      file({
        path: `${PROFILES}/macvtap-${shim.name}.nmconnection`,
        mode: 0o600,
        role: 'essential',
        rank: RANK.shim,
        about: entry(
          `the shim ${shim.name}`,
          `Makes the macvlan \`${shim.name}\` and gives it its addresses.`,
          PROFILE_MANUAL,
          shim.origin,
        ),
        template: 'networkmanager/shim.nmconnection',
        view: shimView(model, shim),
      }),
    ),
    ...model.parents.map((parent) => parentProfile(model, parent)),
    ...keepNetworkdOff(model),
  ],
};
