/** What NetworkManager does to a virtual device that exists when its profile changes. */
import { isMacvlan, type Maker } from '../shared/file-links.ts';

export const NETWORKMANAGER_MAKER: Maker = {
  id: 'networkmanager',
  howOf: (aspect, _, now) => (isMacvlan(now) && aspect === 'mac' ? 'live' : 'recreate'),
};
