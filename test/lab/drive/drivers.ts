/** Who runs the links of a back end, or each of those who may. */
import type { Backend } from '../../../src/backends/backend.ts';
import { hasTree, type Image } from '../image/images.ts';
import { DHCP_METRIC_UNSAID } from '../judge/expected.ts';
import type { Place } from '../place.ts';
import type { Daemon } from './daemon.ts';
import { FLAVOURS, type Flavour } from './flavours.ts';
import { startIfupdown } from './ifupdown.ts';
import { startTrial } from './iproute2.ts';
import { startNetworkd } from './networkd.ts';
import { startNetworkManager } from './networkmanager.ts';

/** Duplicate detection and leases take their time; an IPv4 link-local address ten seconds. */
const DAEMON_MS = 20_000;
/** Made, taken away and made again, by a shell: where much else runs it takes long. */
const COMMANDS_MS = 120_000;

export interface Driver {
  /** Words that distinguish it from others of the same back end. */
  readonly words: readonly string[];
  /** Which of the three it is. */
  readonly flavour?: Flavour;
  /** The state of a link with which all is well, in its words. */
  readonly good: string;
  /** The families in which it can take addresses by DHCP. */
  readonly dhcp: readonly ('ipv4' | 'ipv6')[];
  /** What the program says of it that makes it less than the model; absent: nothing. */
  readonly less?: Less;
  /** Made by commands, each as expensive as a daemon's whole work. */
  readonly isOfCommands: boolean;
  /** How long it may take until all is well. */
  readonly limitMs: number;
  /** @param isThorough commands take all away again in between, and look whether it has gone */
  start(host: Place, isThorough: boolean): Promise<Daemon>;
}

/** Where DHCP is left to a client with fewer options than a daemon's own. */
export interface Less {
  /** Nothing asks by DHCPv6 because the router says so. */
  readonly followsRouter: false;
  /** Addresses by router advertisement may be made from the MAC, whatever is configured. */
  readonly mayBeFromMac?: boolean;
  /** The identifier that the DHCP client sends in each family, whatever is configured. */
  readonly client4: RegExp;
  readonly client6: RegExp;
  readonly leftOut: readonly string[];
}

const NETWORKD: Driver = {
  words: [],
  good: 'configured',
  dhcp: ['ipv4', 'ipv6'],
  isOfCommands: false,
  limitMs: DAEMON_MS,
  start: async (host) => startNetworkd(host),
};

const NETWORKMANAGER: Driver = {
  words: [],
  good: 'activated',
  dhcp: ['ipv4', 'ipv6'],
  isOfCommands: false,
  limitMs: DAEMON_MS,
  start: startNetworkManager,
};

/** Those that a suite has; ifupdown is one program, ifupdown-ng and ifupdown2 are two others. */
export function driversOf({ scope, needs }: Backend, image: Image): readonly Driver[] {
  if (scope === 'trial') {
    return [
      {
        words: [],
        good: 'made',
        dhcp: [],
        less: { followsRouter: false, client4: /^/, client6: /^/, leftOut: [] },
        isOfCommands: true,
        limitMs: COMMANDS_MS,
        start: async (host, isThorough) => startTrial(host, isThorough),
      },
    ];
  }
  if (needs.includes('ifupdown')) {
    const hasDhcp = hasTree(image, 'dhclient');
    return FLAVOURS.filter((flavour) => hasTree(image, flavour)).map((flavour) => ({
      words: [flavour],
      flavour,
      good: 'up',
      dhcp: hasDhcp ? (flavour === 'ifupdown-ng' ? ['ipv4'] : ['ipv4', 'ipv6']) : [],
      less: {
        followsRouter: false,
        mayBeFromMac: flavour === 'ifupdown2',
        // Classic ifupdown has it send a DUID (`dhclient -i`).
        client4: flavour === 'ifupdown' ? /^ff:/ : /^\*$/,
        client6: /^00:01:00:01:/,
        leftOut: flavour === 'ifupdown' ? [] : [DHCP_METRIC_UNSAID],
      },
      isOfCommands: true,
      limitMs: COMMANDS_MS,
      start: (host, isThorough) => startIfupdown(host, image, flavour, isThorough),
    }));
  }
  return [needs.includes('networkmanager') ? NETWORKMANAGER : NETWORKD];
}
