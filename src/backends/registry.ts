/** Every back end there is: one line each. */
import type { Renderer } from '../model/types.ts';
import type { Backend } from './backend.ts';
import { ifupdown } from './ifupdown/index.ts';
import { iproute2 } from './iproute2/index.ts';
import { libvirt } from './libvirt/index.ts';
import { netplanNetworkd, netplanNetworkManager } from './netplan/index.ts';
import { networkd } from './networkd/index.ts';
import { networkmanager } from './networkmanager/index.ts';

export const backends: readonly Backend[] = [
  networkd,
  networkmanager,
  netplanNetworkd,
  netplanNetworkManager,
  ifupdown,
  libvirt,
  iproute2,
];

/**
 * The back end of a way; `netplan` is the one that its renderer names.
 * @throws Error for a way that there is none of
 */
export function backendOf(backendId: string, renderer: Renderer): Backend {
  const id = backendId === 'netplan' ? `netplan-${renderer.toLowerCase()}` : backendId;
  const backend = backends.find((candidate) => candidate.id === id);
  if (!backend) throw new Error(`no back end ${backendId}`);
  return backend;
}
