/** The owner of a host's network under a back end, and its consequences for other files. */

export type NetworkOwner =
  | 'networkd'
  | 'networkmanager'
  | 'netplan-networkd'
  | 'netplan-networkmanager'
  | 'ifupdown';

/** Whether netplan writes the files of its renderer, so that a refused file stops it. */
export const isByNetplan = (owner: NetworkOwner): boolean =>
  owner === 'netplan-networkd' || owner === 'netplan-networkmanager';

/** Whether NetworkManager must manage the links, alone or under netplan, or ignore them. */
export const isByNetworkManager = (owner: NetworkOwner): boolean =>
  owner === 'networkmanager' || owner === 'netplan-networkmanager';
