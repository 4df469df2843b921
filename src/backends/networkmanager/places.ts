/** Where NetworkManager's files lie. netplan over NetworkManager writes some of them. */
import { type Given, type Place, RANK } from '../../view/place.ts';
import { CONF_FILE, isManaging } from '../shared/networkmanager-conf.ts';
import { prefixesIn } from '../shared/prefixes.ts';

export const PROFILES = '/etc/NetworkManager/system-connections';

export const PROFILE = {
  folder: PROFILES,
  name: /^macvtap-(.+)\.nmconnection$/,
  rank: 'link',
  gives: (text: string): Given => ({ addresses: prefixesIn(text), attachments: [] }),
} as const satisfies Place;

export const MANAGED = {
  ...CONF_FILE,
  rank: RANK.setting,
  isOf: isManaging,
} as const satisfies Place;
