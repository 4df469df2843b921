/**
 * Who reaches whom: the host, its guests and the LANs, computed from the modes of macvlans and
 * macvtaps and from the addresses of the host.
 */
import { visible } from '../diagnostics/visible.ts';
import type { Model } from '../model/types.ts';
import { groupsOf } from './reach/ends.ts';
import { listed } from './reach/names.ts';
import { hostToGroup, pairsOf } from './reach/pairs.ts';
import type { End, Verdict } from './reach/types.ts';

export type { Verdict } from './reach/types.ts';

export interface Reach {
  /** `the host`, a LAN, or the names of guests and taps that are alike. */
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** @returns a line for each distinct pair, the host first */
export const reachOf = (model: Model): Reach[] =>
  pairsOf(model).map(({ from, to, verdict, reason }) => ({
    from: nameOf(from),
    to: nameOf(to),
    verdict,
    reason,
  }));

/** Between the host and a guest or tap of this name, as `reachOf` says. */
export function hostReach(model: Model, name: string): Verdict | undefined {
  const group = groupsOf(model).find(({ names }) => names.includes(name));
  return group && hostToGroup(model, group).verdict;
}

function nameOf(end: End): string {
  switch (end.kind) {
    case 'host':
      return 'the host';
    case 'lan':
      return end.domain.name;
    case 'no lan':
      return 'any LAN';
    case 'guests':
      return listed(end.names);
    case 'others':
      return `guests and taps on other links than ${visible(end.parent.name)}`;
  }
}
