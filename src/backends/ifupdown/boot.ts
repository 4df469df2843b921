/** A drop-in for `networking.service`, which runs `ifup -a` at boot under each of the three. */

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
 * The service of ifupdown2 3.0.0 is not ordered: `network-online.target` is reached before the shim is
 * up, and `ifup -a` may run before udev has named the NIC.
 */
export function networkingFile(model: Model): RenderedFile {
  return file({
    path: '/etc/systemd/system/networking.service.d/90-macvtap.conf',
    mode: 0o644,
    role: 'optional',
    ...inPlace(NETWORKING),
    about: entry(
      'the order of boot',
      "ifupdown2's own service is not ordered: without this, the network counts as online before the shim is up.",
      'systemd.unit(5), Before=',
      [],
    ),
    template: 'ifupdown/networking.conf',
    view: {
      header: header(model),
      after: entry(
        'After=local-fs.target network-pre.target systemd-sysctl.service systemd-udev-trigger.service',
        'Runs after udev has found the NICs, and after what precedes any network; by default it could run earlier.',
        'systemd.unit(5), After=',
        ['parents'],
      ),
      before: entry(
        'Before=network.target network-online.target',
        'Boot waits for the shim; at shutdown, services that need the network stop before it.',
        'systemd.unit(5), Before=',
        ['shims'],
      ),
      settle: entry(
        'ExecStartPre=-/bin/udevadm settle',
        'Waits until udev has named the NICs, as `ifupdown-pre.service` of classic ifupdown does.',
        'systemd.service(5), ExecStartPre=',
        ['parents'],
      ),
    },
  });
}
