/** Which back end is to have a host's network, and what follows from that for files of others. */

export type NetworkOwner =
  | 'networkd'
  | 'networkmanager'
  | 'netplan-networkd'
  | 'netplan-networkmanager'
  | 'ifupdown';

/** Whether netplan writes the files of its renderer, so that one that it refuses stops it. */
export const isByNetplan = (owner: NetworkOwner): boolean =>
  owner === 'netplan-networkd' || owner === 'netplan-networkmanager';

/** Whether NetworkManager is to have the links, by itself or under netplan, or to ignore them. */
export const isByNetworkManager = (owner: NetworkOwner): boolean =>
  owner === 'networkmanager' || owner === 'netplan-networkmanager';
