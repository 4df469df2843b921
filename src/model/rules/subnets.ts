/** Subnets of addresses, and how those that overlap are found. */
import { bitsOf, type Network, prefixKey } from '../ip.ts';
import type { Address, Link, Parent, Shim } from '../types.ts';

/** An address, and the link that has it. */
export interface Place {
  readonly link: Shim | Parent;
  readonly address: Address;
}

/**
 * Subnets seen so far, so that those that overlap are found without comparing all with all.
 * @param lengths every prefix length that is going to be asked for
 */
export function subnetIndex(lengths: readonly number[]): {
  add(place: Place): void;
  overlapping(network: Network, except?: Link): Place | undefined;
} {
  // By exact network, and by every network that holds one; of each, the first of two links.
  const exact = new Map<string, Place[]>();
  const holding = new Map<string, Place[]>();
  const added = new Set<number>();
  const put = (map: Map<string, Place[]>, key: string, place: Place): void => {
    const known = map.get(key);
    if (!known) map.set(key, [place]);
    else if (known.length < 2 && known[0]?.link !== place.link) known.push(place);
  };
  return {
    add(place) {
      const { ip, prefix } = place.address.network;
      added.add(prefix);
      put(exact, prefixKey(ip, prefix), place);
      for (const length of lengths) {
        if (length <= prefix) put(holding, prefixKey(ip, length), place);
      }
    },
    overlapping({ ip, prefix }, except) {
      const around = [...added]
        .filter((length) => length <= prefix && length <= bitsOf(ip))
        .flatMap((length) => exact.get(prefixKey(ip, length)) ?? []);
      const inside = holding.get(prefixKey(ip, prefix)) ?? [];
      return [...around, ...inside].find(({ link }) => link !== except);
    },
  };
}
