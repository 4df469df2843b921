/** NetworkManager: a keyfile for each link, and what it is to manage. NetworkManager 1.36 and later. */
import type { Model } from '../../model/types.ts';
import { file } from '../../template.ts';
import { keepNetworkdOff } from '../keep-off.ts';
import { linkFiles } from '../networkd-files.ts';
import { checkNetworkManager, managedConf } from '../networkmanager-conf.ts';
import { sysctlFile } from '../sysctl.ts';
import { type Backend, entry, RANK, type RenderedFile } from '../types.ts';
import { parentView, shimView } from './view.ts';

const ID = 'networkmanager';
const DIRECTORY = '/etc/NetworkManager/system-connections';
const AUTHORITY = 'nm-settings-keyfile(5)';

export const networkmanager: Backend = {
  id: ID,
  summary: 'NetworkManager: keyfiles (.nmconnection)',
  directory: DIRECTORY,
  check: (model: Model) => checkNetworkManager(model, ID),
  render: (model: Model): RenderedFile[] => [
    ...linkFiles(model),
    managedConf(model),
    sysctlFile(model),
    ...model.shims.map((shim) =>
      file({
        path: `${DIRECTORY}/macvtap-${shim.name}.nmconnection`,
        mode: 0o600,
        role: 'essential',
        rank: RANK.shim,
        about: entry(
          `the shim ${shim.name}`,
          `Makes the macvlan \`${shim.name}\` and gives it its addresses.`,
          AUTHORITY,
          shim.origin,
        ),
        template: 'networkmanager/shim.nmconnection',
        view: shimView(model, shim),
      }),
    ),
    ...keepNetworkdOff(model),
    ...model.parents.map((parent) =>
      file({
        path: `${DIRECTORY}/macvtap-${parent.name}.nmconnection`,
        mode: 0o600,
        role: 'essential',
        rank: RANK.parent,
        about: entry(
          `the parent ${parent.name}`,
          `Brings \`${parent.name}\` up without any address.`,
          AUTHORITY,
          parent.origin,
        ),
        template: 'networkmanager/parent.nmconnection',
        view: parentView(model, parent),
      }),
    ),
  ],
};
