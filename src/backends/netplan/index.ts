/** netplan, over either of its renderers. */
export { netplanNetworkd } from './networkd.ts';
export { netplanNetworkManager } from './networkmanager.ts';
