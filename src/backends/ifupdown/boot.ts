/** A drop-in for the service that runs `ifup -a` at boot, as each of the three calls its own. */

import type { Model } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { header } from '../shared/online.ts';

export const NETWORKING = {
  folder: '/etc/systemd/system',
  below: /^networking\.service\.d$/,
  name: /^90-macvtap\.conf$/,
  rank: RANK.boot,
} as const satisfies Place;

/**
 * ifupdown2 3.0.0 has its service in no order with anything: `network-online.target` is there before
 * the shim, and `ifup -a` may be there before udev has named the NIC.
 */
export function networkingFile(model: Model): RenderedFile {
  return file({
    path: '/etc/systemd/system/networking.service.d/90-macvtap.conf',
    mode: 0o644,
    role: 'optional',
    ...inPlace(NETWORKING),
    about: entry(
      'the order of boot',
      "ifupdown2's own service is in no order: boot would take the network for online before the shim is there.",
      'systemd.unit(5), Before=',
      [],
    ),
    template: 'ifupdown/networking.conf',
    view: {
      header: header(model),
      after: entry(
        'After=local-fs.target network-pre.target systemd-sysctl.service systemd-udev-trigger.service',
        'NICs are looked for first, and what else has to be done before there is a network.',
        'systemd.unit(5), After=',
        ['parents'],
      ),
      before: entry(
        'Before=network.target network-online.target',
        'Boot waits for the shim; what is ordered so stops after it, too.',
        'systemd.unit(5), Before=',
        ['shims'],
      ),
      settle: entry(
        'ExecStartPre=-/bin/udevadm settle',
        'NICs have their names by then, as `ifupdown-pre.service` of classic ifupdown has it.',
        'systemd.service(5), ExecStartPre=',
        ['parents'],
      ),
    },
  });
}
