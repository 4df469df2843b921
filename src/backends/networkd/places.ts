/** Where systemd-networkd's files lie. netplan over networkd writes some of them. */
import type { Given, Place } from '../../view/place.ts';
import { RANK } from '../../view/place.ts';
import { DIRECTORY, isUnmanaged } from '../shared/networkd-words.ts';
import { prefixesIn } from '../shared/prefixes.ts';

export const NETDEV = {
  folder: DIRECTORY,
  name: /^(?:00-macvtap-|10-netplan-).+\.netdev$/,
  rank: RANK.device,
} as const satisfies Place;

/** What is attached to what, and who asks for an address. */
const ATTACHMENT = /^((?:MACVLAN|IPVLAN|MACVTAP|VLAN|Bond|Bridge|DHCP)=(?!no$).+)/gm;

const attachmentsIn = (text: string): string[] =>
  [...text.matchAll(ATTACHMENT)].map(([, line = '']) => line);

/** The drop-in for the file of an unmanaged parent. */
export const ATTACHED = {
  folder: DIRECTORY,
  below: /^.+\.network\.d$/,
  name: /^90-macvtap\.conf$/,
  rank: RANK.parent,
  gives: (text: string): Given => ({ addresses: [], attachments: attachmentsIn(text) }),
} as const satisfies Place;

export const NETWORK = {
  folder: DIRECTORY,
  name: /^(?:00-macvtap-|10-netplan-)(.+)\.network$/,
  rank: 'link',
  isOf: (text: string) => !isUnmanaged(text),
  gives: (text: string): Given => ({
    addresses: prefixesIn(text),
    attachments: attachmentsIn(text),
  }),
} as const satisfies Place;
