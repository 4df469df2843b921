/** The back ends whose output the properties read back. */

export const BACKENDS = [
  'networkd',
  'networkmanager',
  'netplan-networkd',
  'netplan-networkmanager',
] as const;

export type BackendId = (typeof BACKENDS)[number];

export const isNetworkd = (backend: BackendId): boolean =>
  backend === 'networkd' || backend === 'netplan-networkd';
