/** What the files of every back end have in common: their header, and what boot waits for. */
import type { Model, Parent, Shim } from '../model/types.ts';
import { ownershipLine } from '../ownership.ts';
import { type Entry, entry } from './types.ts';

/** The first line of every file. */
export function header(model: Model): Entry {
  return entry(
    ownershipLine(model.host),
    'Says what wrote the file, so that it is known as ours: only files with this line are ever replaced.',
    'macvtap-render, ownership',
    ['host'],
  );
}

/** Operational states of systemd-networkd that a link must reach (networkctl(1)). */
export type OnlineState = 'no' | 'no-carrier' | 'carrier' | 'degraded' | 'routable';

/**
 * What boot waits for on a parent. Never `no`: where every link says so, systemd-networkd-wait-online
 * has none to be content with, and waits until its time is up (seen on 252 and 257).
 */
export function parentOnline(parent: Parent): OnlineState {
  return parent.optional || parent.ignoreCarrier ? 'no-carrier' : 'carrier';
}

export function shimOnline(shim: Shim): OnlineState {
  if (shim.optional) return 'no';
  if (shim.ignoreCarrier) return 'no-carrier';
  if (shim.families.length > 0) return 'routable';
  return shim.linkLocal.length > 0 ? 'degraded' : 'carrier';
}

export const whyParentOnline = (parent: Parent): string =>
  parentOnline(parent) === 'no-carrier'
    ? 'Boot waits for the link to be set up, with or without a carrier.'
    : 'Boot waits for a carrier and no more: without an address the link never becomes routable.';

const WHY_SHIM: Record<OnlineState, string> = {
  no: 'Boot does not wait for the shim.',
  'no-carrier': 'Boot waits for the addresses to be set, with or without a carrier.',
  carrier: 'The shim has no address: boot waits for its carrier.',
  degraded: 'The shim has link-local addresses only: boot waits for those.',
  routable: "Boot waits for the host's address, which is on the shim.",
};

export const whyShimOnline = (shim: Shim): string => WHY_SHIM[shimOnline(shim)];
