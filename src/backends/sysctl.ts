/** `sysctl.d/90-macvtap.conf`: a shim, and it alone, answers ARP for its addresses. */
import type { Path } from '../diagnostics.ts';
import type { Model } from '../model/types.ts';
import { file } from '../template.ts';
import { header } from './shared.ts';
import { type Entry, entry, RANK, type RenderedFile } from './types.ts';

const AUTHORITY = 'Linux Documentation/networking/ip-sysctl, arp_ignore; sysctl.d(5)';
const WHY =
  'Answers ARP only for addresses of the interface asked, and the parent has none. By default the kernel answers there for the shim too, and the LAN learns the wrong MAC.';
const WHY_SHIM =
  'Each of several shims answers ARP for its own addresses only; by default every one answers for all.';

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
      settings: [
        ...model.parents.map(({ name, origin }) => setting(name, WHY, origin)),
        // A single shim keeps the kernel's default, which other addresses of the host may rely on.
        ...(model.shims.length > 1
          ? model.shims.map(({ name, origin }) => setting(name, WHY_SHIM, origin))
          : []),
      ],
    },
  });
}

const setting = (name: string, why: string, origin: Path): Entry =>
  entry(`net/ipv4/conf/${name}/arp_ignore = 1`, why, AUTHORITY, origin);
