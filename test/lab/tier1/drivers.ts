/** Who runs the links of a back end, or each of those who may. */
import type { Backend } from '../../../src/index.ts';
import type { Place } from '../place.ts';
import type { Daemon } from './daemon.ts';
import { FLAVOURS, startIfupdown } from './ifupdown.ts';
import { startNetworkd } from './networkd.ts';
import { startNetworkManager } from './networkmanager.ts';
import { startTrial } from './trial-script.ts';

/** Duplicate detection and leases take their time; an IPv4 link-local address ten seconds. */
const DAEMON_MS = 20_000;
/** Made, taken away and made again, by a shell: where much else runs it takes long. */
const COMMANDS_MS = 120_000;

export interface Driver {
  /** Words that tell it from others of the same back end. */
  readonly words: readonly string[];
  /** The state of a link with which all is well, in its words. */
  readonly good: string;
  /** Whether it takes addresses by DHCP, in the lab. */
  readonly hasDhcp: boolean;
  /** How long it may take until all is well. */
  readonly limitMs: number;
  start(host: Place): Promise<Daemon>;
}

const NETWORKD: Driver = {
  words: [],
  good: 'configured',
  hasDhcp: true,
  limitMs: DAEMON_MS,
  start: async (host) => startNetworkd(host),
};

const NETWORKMANAGER: Driver = {
  words: [],
  good: 'activated',
  hasDhcp: true,
  limitMs: DAEMON_MS,
  start: startNetworkManager,
};

export function driversOf({ scope, needs }: Backend): readonly Driver[] {
  if (scope === 'trial') {
    return [
      {
        words: [],
        good: 'made',
        hasDhcp: false,
        limitMs: COMMANDS_MS,
        start: async (host) => startTrial(host),
      },
    ];
  }
  if (needs.includes('ifupdown')) {
    return FLAVOURS.map((flavour) => ({
      words: [flavour],
      good: 'up',
      hasDhcp: false,
      limitMs: COMMANDS_MS,
      start: (host) => startIfupdown(host, flavour),
    }));
  }
  return [needs.includes('networkmanager') ? NETWORKMANAGER : NETWORKD];
}
