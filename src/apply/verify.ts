/** Whether the running network is as the intent says, asked until it is, or until it is too late. */

import { readKernel } from '../kernel/read.ts';
import type { KernelState, Manager } from '../kernel/types.ts';
import type { Model } from '../model/types.ts';
import { type Drift, driftOf } from '../status/drift.ts';
import type { System } from '../system.ts';
import { answers } from './answers.ts';
import {
  type GatewaysBefore,
  gatewaysBefore,
  gatewaysOf,
  mayBeSilent,
  reachable,
} from './gateways.ts';

/** Half a minute: a lease, duplicate detection and a switch that learns a MAC take a few seconds. */
const LIMIT_MS = 30_000;
/** A switch with spanning tree admits a link that came up after 30 seconds (IEEE 802.1D, two delays), and a NIC takes some. */
const LAN_MS = 45_000;
/** What cannot come by itself is looked at a few times: a daemon may be at work. */
const SURE_MS = 10_000;
const PAUSE_MS = 500;

/** What is known of the host before it changes. */
export interface Before {
  readonly kernel: KernelState;
  readonly gateways: GatewaysBefore;
}

/** The host, as a verification sees it. */
export interface Look {
  state(): KernelState;
  /** Whether somebody is there, at an address as `Gateway` has it. */
  answers(address: string): boolean;
  /** Another run has ended the change: what is seen is not of it. */
  isOver?(): boolean;
  milliseconds(): number;
  sleep(milliseconds: number): void;
}

export const lookAt = (system: System, manager: Manager, taps: Model['taps']): Look => ({
  state: () => readKernel(system, manager, taps),
  answers: (address) => answers(system, address),
  milliseconds: () => system.milliseconds(),
  sleep: (milliseconds) => system.sleep(milliseconds),
});

export function lookBefore(look: Look, model: Model): Before {
  const kernel = look.state();
  return { kernel, gateways: gatewaysBefore(gatewaysOf(model), kernel, look.answers) };
}

/** @returns what differs still; with an error the change is not what the intent says */
export function verify(
  look: Look,
  model: Model,
  { kernel: before, gateways }: Before,
): readonly Drift[] {
  const begun = look.milliseconds();
  for (;;) {
    const state = look.state();
    const found = driftOf(model, state, { before });
    if (look.isOver?.()) return [];
    const errors = found.filter(({ severity }) => severity === 'error');
    const taken = look.milliseconds() - begun;
    const limit = errors.every(isOfLan) ? LAN_MS : LIMIT_MS;
    if (errors.length === 0) {
      const asked = reachable(gatewaysOf(model), state);
      const lost = asked.filter(({ address }) => !look.answers(address));
      if (look.isOver?.()) return [];
      const without = lost.map((gateway) =>
        noAnswer(gateway.address, mayBeSilent(gateway, before, gateways, state)),
      );
      const isRight = without.every(({ severity }) => severity !== 'error');
      if (isRight || taken >= limit) return [...found, ...without];
    } else if (taken >= limit || (taken >= SURE_MS && errors.every(isSettled))) {
      return found;
    }
    look.sleep(PAUSE_MS);
  }
}

/** A server of the LAN does not answer. */
const isOfLan = ({ code }: Drift): boolean => code === 'lease-missing';

const isSettled = ({ mayStillCome }: Drift): boolean => !mayStillCome;

/** A gateway that was silent before may never answer anybody. */
const noAnswer = (gateway: string, isExcused: boolean): Drift => ({
  code: 'gateway-silent',
  severity: isExcused ? 'warning' : 'error',
  message: isExcused
    ? `The gateway ${gateway} does not answer, as before the change.`
    : `The gateway ${gateway} does not answer; before the change it did, or the one in its place.`,
  hint: 'Check the gateway, the VLAN and the cable; a switch that filters by MAC must admit the shim.',
  mayStillCome: true,
});
