/** Where netplan's own files lie, and what is added to those that it writes for networkd. */
import { type Given, type Place, RANK } from '../../view/place.ts';
import { DIRECTORY as NETWORKD } from '../shared/networkd-words.ts';
import { prefixesIn } from '../shared/prefixes.ts';
import { describingBoth } from './interim.ts';

export const DIRECTORY = '/etc/netplan';

export const YAML_FILE = {
  folder: DIRECTORY,
  name: /^60-macvtap\.yaml$/,
  rank: RANK.shim,
  interim: describingBoth,
  gives: (text: string): Given => ({ addresses: prefixesIn(text), attachments: [] }),
} as const satisfies Place;

export const DROP_IN = {
  folder: NETWORKD,
  below: /^10-netplan-.+\.network\.d$/,
  name: /^50-macvtap\.conf$/,
  rank: RANK.device,
} as const satisfies Place;
