/** ifupdown, ifupdown-ng and ifupdown2: `ifup -a`, `ifdown -a`, and `ifup -a` again. */

import { putFiles } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { HARMLESS } from '../judge/harmless.ts';
import { must, type Place } from '../place.ts';
import { startCommands } from './commands.ts';
import type { Daemon } from './daemon.ts';
import { type Flavour, installedFiles, installLines, readResolver } from './flavours.ts';

/** Up and down: no generated link or address is left after `ifdown -a`. */
const BOTH_WAYS = [
  'before=$(ls /sys/class/net)',
  'ifup -a && ifdown -a || exit 1',
  '[ "$(ls /sys/class/net)" = "$before" ] || { echo "left after ifdown: $(ls /sys/class/net)"; exit 2; }',
  '[ -z "$(ip -o address show scope global)" ] || { ip -o address show scope global; exit 3; }',
  'rm -f /run/lab/resolver',
  'ifup -a',
].join('; ');

/** Starts it in the host's namespace. */
export async function startIfupdown(
  host: Place,
  image: Pick<Image, 'root'>,
  flavour: Flavour,
  isThorough: boolean,
): Promise<Daemon> {
  // ifupdown2 sets the MTU there.
  const steps = ['mount -o remount,rw /sys', ...installLines(image, flavour)];
  await must(host.runInside(['sh', '-c', steps.join('; ')]), [flavour]);
  putFiles(host.root, [
    ...installedFiles(flavour),
    { path: '/run/network/ifstate', mode: 0o644, text: '' },
  ]);
  return startCommands(
    host,
    flavour,
    isThorough ? BOTH_WAYS : 'ifup -a',
    'up',
    HARMLESS.ifupdown,
    async () => readResolver(host, flavour),
  );
}
