/** What the files of every back end have in common: their header, and what boot waits for. */
import { hasAddress, type Link, type Model, type Parent } from '../../model/types.ts';
import { ownershipLine } from '../../view/ownership.ts';
import { type Entry, entry } from '../../view/rendered.ts';

/** The first line of every file. */
export function header(model: Model): Entry {
  return entry(
    ownershipLine(model.host),
    'Names what wrote the file, which marks it as generated: without --force, only files with this line are replaced.',
    'macvtap-render, ownership',
    ['host'],
  );
}

/** Operational states of systemd-networkd that a link must reach (networkctl(1)). */
export type OnlineState =
  | 'no'
  | 'no-carrier'
  | 'degraded-carrier'
  | 'carrier'
  | 'degraded'
  | 'routable';

const isParent = (link: Link | Parent): link is Parent => 'kind' in link;

/**
 * What boot waits for on a link. A bare parent is never `no`: where every link is,
 * systemd-networkd-wait-online waits until its time is up (seen on 252 and 257). A bond or bridge of
 * which one cable is out has a degraded carrier.
 */
export function linkOnline(link: Link | Parent): OnlineState {
  if (isParent(link)) {
    if (link.master) return 'no';
    // Boot would wait for an address that is still to come.
    if (link.optional) return link.families.length > 0 && link.othersRequired ? 'no' : 'no-carrier';
  } else if (link.optional) return 'no';
  if (link.ignoreCarrier) return 'no-carrier';
  if (link.families.length > 0) return 'routable';
  if (link.linkLocal.length > 0) return 'degraded';
  return isParent(link) && (link.kind === 'bond' || link.kind === 'bridge')
    ? 'degraded-carrier'
    : 'carrier';
}

export function whyOnline(link: Link | Parent): string {
  const state = linkOnline(link);
  if (!isParent(link)) return WHY_SHIM[state];
  if (link.master) return `Boot waits for the ${link.master.kind}, not for each member.`;
  if (hasAddress(link)) return WHY_ADDRESS[state];
  return WHY_BARE[state];
}

const WHY_BARE: Record<OnlineState, string> = {
  no: 'Boot does not wait for the link.',
  'no-carrier': 'Boot waits for the link to be set up, with or without a carrier.',
  'degraded-carrier':
    'Boot waits only for the carrier of one member: without an address the link never becomes routable.',
  carrier: 'Boot waits only for a carrier: without an address the link never becomes routable.',
  degraded: 'Boot waits for link-local addresses.',
  routable: 'Boot waits for an address.',
};

const WHY_ADDRESS: Record<OnlineState, string> = {
  ...WHY_BARE,
  routable: "Boot waits for the host's address, which this link keeps.",
};

const WHY_SHIM: Record<OnlineState, string> = {
  no: 'Boot does not wait for the shim.',
  'no-carrier': 'Boot waits for the addresses to be set, with or without a carrier.',
  'degraded-carrier': 'The shim has no address: boot waits for its carrier.',
  carrier: 'The shim has no address: boot waits for its carrier.',
  degraded: 'The shim has link-local addresses only: boot waits for those.',
  routable: "Boot waits for the host's address, which is on the shim.",
};
