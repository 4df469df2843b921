/**
 * What becomes of frames between two devices on one parent: drivers/net/macvlan.c (Linux 6.12).
 * Devices in mode `bridge` reach each other directly; a frame from any other mode leaves by the NIC,
 * and comes back only from a switch that reflects it; the parent itself and the devices on top of it
 * do not hear each other directly; mode `private` drops what the others on the parent have sent.
 */
import type { MacvlanMode } from '../../model/types.ts';
import type { Judgement } from './types.ts';

/** @param a,b the modes of both; undefined for the parent itself */
export function frames(a: MacvlanMode | undefined, b: MacvlanMode | undefined): Judgement {
  const modes = [a, b];
  // A frame of the parent that comes back is one of the LAN's to the devices on top of it.
  const unlessReflected = modes.includes(undefined) && { on: 'reflection' as const };
  if (modes.includes('private')) {
    const reason = 'mode private: isolated from the others on its parent';
    return { verdict: 'no', ...unlessReflected, reason };
  }
  if (modes.includes('passthru')) {
    return { verdict: 'no', reason: 'mode passthru: the guest has the NIC to itself' };
  }
  if (modes.includes('source')) {
    return { verdict: 'no', reason: 'mode source: no frames from others on its parent' };
  }
  if (modes.includes(undefined)) {
    const reason = 'a link and the macvlans on top of it do not hear each other: add a shim';
    return { verdict: 'no', ...unlessReflected, reason };
  }
  if (modes.includes('vepa')) {
    const reason = 'mode vepa: only if the switch sends frames back (reflective relay)';
    return { verdict: 'depends', on: 'reflection', reason };
  }
  return { verdict: 'yes', reason: 'mode bridge: directly' };
}
