/** What NetworkManager does to a virtual device that exists when its profile changes. */
import { isUpper, type Maker } from '../shared/file-links.ts';

export const NETWORKMANAGER_MAKER: Maker = {
  id: 'networkmanager',
  howOf: (aspect, _, now) => (isUpper(now) && aspect === 'mac' ? 'live' : 'recreate'),
};
