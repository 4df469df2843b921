/** The running host against the intent: what `status` reports, and `apply` verifies a change by. */
import type { KernelState } from '../kernel/types.ts';
import type { Model } from '../model/types.ts';
import { addressDrift } from './addresses.ts';
import { contextOf } from './context.ts';
import type { Drift } from './finding.ts';
import { linkDrift } from './links.ts';
import { routeDrift } from './routes.ts';
import { serviceDrift } from './services.ts';
import { tapDrift } from './taps.ts';

export type { Drift } from './finding.ts';

export interface DriftOptions {
  /** Addresses that a change took away, canonical and without prefix length. */
  readonly removed?: readonly string[];
  /** The state before a change. */
  readonly before?: KernelState;
}

/**
 * What differs, causes before effects; consequences of a reported cause are left out. Without an error
 * the host, its guests and its LAN have what the intent gives them.
 */
export function driftOf(
  model: Model,
  state: KernelState,
  { removed = [], before }: DriftOptions = {},
): readonly Drift[] {
  const context = contextOf(model, state);
  // Nothing is known: a link that is not listed is not missing.
  const isBlind = state.problems.some(({ part }) => part === 'links');
  const found = isBlind
    ? []
    : [
        ...linkDrift(context),
        ...tapDrift(context),
        ...addressDrift(context, removed),
        ...routeDrift(context, before),
      ];
  return [...found, ...serviceDrift(context)];
}
