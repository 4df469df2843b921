/** `sysctl.d/90-macvtap.conf`: the shim alone answers ARP for its address. */
import type { Model } from '../model/types.ts';
import { file } from '../template.ts';
import { header } from './shared.ts';
import { entry, RANK, type RenderedFile } from './types.ts';

const AUTHORITY = 'Linux Documentation/networking/ip-sysctl, arp_ignore; sysctl.d(5)';
const WHY =
  'Answers ARP only for addresses of the interface asked, and the parent has none. By default the kernel answers there for the shim too, and the LAN learns the wrong MAC.';

export function sysctlFile(model: Model): RenderedFile {
  return file({
    path: '/etc/sysctl.d/90-macvtap.conf',
    mode: 0o644,
    role: 'companion',
    rank: RANK.setting,
    about: entry(
      'ARP on the parent',
      'The LAN is to learn the MAC of the shim, not of its parent.',
      AUTHORITY,
      [],
    ),
    template: 'shared/sysctl.conf',
    view: {
      header: header(model),
      // With `/` between the parts a name may hold a dot (sysctl.d(5)). udev applies the line
      // when the interface appears.
      settings: model.parents.map(({ name, origin }) =>
        entry(`net/ipv4/conf/${name}/arp_ignore = 1`, WHY, AUTHORITY, origin),
      ),
    },
  });
}
