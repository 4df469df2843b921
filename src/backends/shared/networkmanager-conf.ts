/** The file that says which links NetworkManager manages, and which it ignores. */
import type { Place } from '../../view/place.ts';

/** What both places of this name have in common; the lists in it are merged, wherever they lead. */
export const CONF_FILE = {
  folder: '/etc/NetworkManager/conf.d',
  name: /^90-macvtap\.conf$/,
  interim: managingBoth,
} as const satisfies Partial<Place>;

/** Whether a text has NetworkManager manage links, and not ignore them. */
export const isManaging = (text: string): boolean => /^unmanaged-devices\+=.*\bexcept:/m.test(text);

const DEVICES = /^unmanaged-devices\+=(.*)$/m;

/** NetworkManager manages the devices that either text excepts (NetworkManager.conf(5), Device List Format). */
function managingBoth(before: string, after: string): string {
  const had = DEVICES.exec(before)?.[1]?.split(',') ?? [];
  const has = DEVICES.exec(after)?.[1]?.split(',') ?? [];
  const still = had.filter((word) => word.startsWith('except:') && !has.includes(word));
  const list = [...still, ...has].join(',');
  return after.replace(DEVICES, () => `unmanaged-devices+=${list}`);
}
