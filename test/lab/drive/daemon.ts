/** What a scenario asks of a network daemon, whichever it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { applySysctl } from '../image/host.ts';
import { linkIndices, type Resolver } from '../judge/observed.ts';
import type { Place, Program } from '../place.ts';

export interface Daemon extends Program {
  readonly id:
    | 'networkd'
    | 'NetworkManager'
    | 'macvtap-trial'
    | 'ifupdown'
    | 'ifupdown-ng'
    | 'ifupdown2';
  /** Its warnings and errors so far, without those that are known and harmless. */
  warnings(): string[];
  /** Link → its state in the daemon's own words; empty before it has one. */
  states(): Map<string, string>;
  /** The state of a link with which all is well. */
  readonly good: string;
  /** Whether it does no more with a link in this state, whatever it was to be. */
  isFinal(state: string): boolean;
  /** Name servers and search domains that it knows, in no order; undefined where it has none of it. */
  resolver(): Promise<Resolver | undefined>;
}

const LOOK_MS = 50;
/** Nothing comes any more when all links have been in final states for so long. */
const QUIET_MS = 700;

/**
 * Waits until the links that must come are well, or nothing changes any more. Meanwhile plays
 * udev's part for each link that appears.
 * @param present links that were there before
 */
export async function settle(
  host: Place,
  daemon: Daemon,
  awaited: readonly string[],
  present: readonly string[],
  limitMs: number,
): Promise<void> {
  const seen = new Map([...linkIndices(host)].filter(([name]) => present.includes(name)));
  const begin = performance.now();
  let last = '';
  let since = begin;
  while (daemon.ended() === undefined && performance.now() - begin < limitMs) {
    // NetworkManager deletes what it has just created, and creates it again, where the link below was not ready.
    const appeared = [...linkIndices(host)].filter(([name, index]) => seen.get(name) !== index);
    if (appeared.length > 0) {
      await applySysctl(
        host,
        appeared.map(([name]) => name),
      );
      for (const [name, index] of appeared) seen.set(name, index);
      // Others may have come in the meantime.
      continue;
    }
    const states = daemon.states();
    if (awaited.every((name) => states.get(name) === daemon.good)) return;
    const now = JSON.stringify([...states]);
    if (now !== last || ![...states.values()].every((state) => daemon.isFinal(state))) {
      since = performance.now();
    }
    if (performance.now() - since > QUIET_MS) return;
    last = now;
    await sleep(LOOK_MS);
  }
}
