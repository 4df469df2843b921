/** systemd-networkd: a device, a network file for each link. systemd 249 and later. */
import type { Diagnostic } from '../../diagnostics.ts';
import type { Model, Shim } from '../../model/types.ts';
import { file } from '../../template.ts';
import { checkDhcp6Hostname } from '../dhcp.ts';
import { keepNetworkManagerOff } from '../keep-off.ts';
import { DIRECTORY, linkFiles, netdevFile, parentNetworkFile } from '../networkd-files.ts';
import { sysctlFile } from '../sysctl.ts';
import { type Backend, entry, RANK, type RenderedFile } from '../types.ts';
import { waitOnlineFile } from '../wait-online.ts';
import { shimView } from './view.ts';

const ID = 'networkd';

export const networkd: Backend = {
  id: ID,
  summary: 'systemd-networkd: .netdev and .network files',
  directory: DIRECTORY,
  check: (model: Model): Diagnostic[] => checkDhcp6Hostname(model, ID),
  render: (model: Model): RenderedFile[] => [
    ...linkFiles(model),
    ...model.shims.flatMap((shim) => [
      netdevFile(model, shim),
      file({
        path: `${DIRECTORY}/00-macvtap-${shim.name}.network`,
        mode: 0o644,
        role: 'essential',
        rank: RANK.shim,
        about: entry(
          `the shim ${shim.name}`,
          `Gives \`${shim.name}\` its addresses.`,
          'systemd.network(5)',
          shim.origin,
        ),
        template: 'networkd/shim.network',
        view: shimView(model, shim),
      }),
    ]),
    sysctlFile(model),
    ...explicitWait(model),
    ...model.parents.map((parent) =>
      parentNetworkFile(model, parent, `${DIRECTORY}/00-macvtap-${parent.name}.network`),
    ),
    keepNetworkManagerOff(model),
  ],
};

/**
 * A link counts as set up once *one* of its dynamic families is. systemd-networkd-wait-online is
 * then content, unless it is told to wait for this link.
 */
function explicitWait(model: Model): RenderedFile[] {
  const isHalf = ({ optional, families, dhcp4, dhcp6, acceptRa }: Shim): boolean =>
    !optional && families.length > 1 && (dhcp4 !== undefined || dhcp6 !== undefined || acceptRa);
  const wait = model.shims.some(isHalf)
    ? waitOnlineFile(model, {
        role: 'companion',
        rank: RANK.keepOff,
        why: 'Boot waits for both families of the shim; by itself it would be content with one.',
      })
    : undefined;
  return wait ? [wait] : [];
}
