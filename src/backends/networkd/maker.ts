/** What systemd-networkd does to a virtual device that exists when its `.netdev` file changes. */
import { type FileLink, isUpper, type Maker } from '../shared/file-links.ts';

/** Modes among which ip-link(8) changes a macvlan that exists; to or from others the kernel refuses. */
const LIVE_MODES: ReadonlySet<string> = new Set(['bridge', 'private', 'vepa']);

const isLiveMode = ({ mode = '' }: FileLink): boolean => LIVE_MODES.has(mode);

export const NETWORKD_MAKER: Maker = {
  id: 'networkd',
  howOf: (aspect, was, now) => {
    // The definition of a device stays in memory (seen on 252), and changes none that exists.
    if (!isUpper(now)) return 'reboot';
    // The sources of a macvlan in mode source are its parameters (ip-link(8), macaddr set).
    if (aspect === 'mac' || aspect === 'parameters') return 'live';
    return aspect === 'mode' && isLiveMode(was) && isLiveMode(now) ? 'live' : 'recreate';
  },
};
