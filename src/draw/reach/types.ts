/** Who reaches whom: the ends of a pair, and the verdict on it. */
import type { Parent } from '../../model/types.ts';

/** `depends`: on something that is not in the intent, which the reason names. */
export type Verdict = 'yes' | 'no' | 'depends';

/**
 * What would have to be so: a switch that sends frames back to the port that they came from; a
 * switch or router that joins two LANs; a sender whose MAC is listed; a route of the LAN to the
 * host; a configuration that is not in the intent.
 */
export type Condition = 'reflection' | 'joined LANs' | 'listed MAC' | 'route' | 'other files';

export interface Judgement {
  readonly verdict: Verdict;
  /** What it depends on; of a `no`: where it may be otherwise. */
  readonly on?: Condition;
  readonly reason: string;
}

/** A LAN, or a VLAN of it, as a link hears it. */
export interface Domain {
  readonly name: string;
  /** The NICs of its cables. */
  readonly nics: readonly string[];
  /** Of VLANs, the outermost first. */
  readonly tags: readonly number[];
}

export type End =
  | { readonly kind: 'host' }
  | { readonly kind: 'lan'; readonly domain: Domain }
  /** No NIC is below the link. */
  | { readonly kind: 'no lan' }
  /** Guests and taps, each of them; they differ only in their names. */
  | { readonly kind: 'guests'; readonly names: readonly string[] }
  /** All guests and taps that are not on this link. */
  | { readonly kind: 'others'; readonly parent: Parent };

/** Of two groups, each guest of one and each of the other. */
export interface Pair extends Judgement {
  readonly from: End;
  readonly to: End;
}
