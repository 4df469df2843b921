/** Every back end there is: one line each. */
import { netplanNetworkd, netplanNetworkManager } from './netplan/index.ts';
import { networkd } from './networkd/index.ts';
import { networkmanager } from './networkmanager/index.ts';
import type { Backend } from './types.ts';

export const backends: readonly Backend[] = [
  networkd,
  networkmanager,
  netplanNetworkd,
  netplanNetworkManager,
];
