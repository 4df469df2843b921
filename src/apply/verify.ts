/** Whether the running network is as the intent says, asked until it is, or until it is too late. */

import { readKernel } from '../kernel/read.ts';
import type { KernelState, Manager } from '../kernel/types.ts';
import { EVERYWHERE, type Family, type Model } from '../model/types.ts';
import { type Drift, driftOf, gatewaysOf } from '../status/drift.ts';
import { type ProgramResult, type System, SystemError } from '../system.ts';

/** Half a minute: a lease, duplicate detection and a switch that learns a MAC take a few seconds. */
const LIMIT_MS = 30_000;
/** What cannot come by itself is looked at a few times: a daemon may be at work. */
const SURE_MS = 10_000;
const PAUSE_MS = 500;

/** What is known of the host before it changes. */
export interface Before {
  readonly kernel: KernelState;
  /** Gateways that may be silent after the change: they were before, and no other answered in their place. */
  readonly silent: ReadonlySet<string>;
}

/** The host, as a verification sees it. */
export interface Look {
  state(): KernelState;
  /** Whether somebody is there, at an address that is on the link. */
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
  const silent = gatewaysOf(model).filter((gateway) => !look.answers(gateway));
  return { kernel, silent: new Set(excused(look, kernel, silent)) };
}

/**
 * A gateway that is new could not be expected to answer before: a mistyped one would pass for one that never does.
 * It is excused only where the host had no default gateway of its family that answered, and so loses none.
 */
function excused(look: Look, { routes }: KernelState, silent: readonly string[]): string[] {
  const used = new Set(routes.map(({ via }) => via));
  const isNew = (gateway: string): boolean => !used.has(gateway);
  const concerned = new Set(silent.filter(isNew).map(familyOf));
  const defaults = new Set(
    routes.flatMap(({ to, family, via }) => (to === EVERYWHERE[family] ? (via ?? []) : [])),
  );
  const lost = new Set(
    [...defaults]
      .filter((gateway) => concerned.has(familyOf(gateway)) && look.answers(gateway))
      .map(familyOf),
  );
  return silent.filter((gateway) => !isNew(gateway) || !lost.has(familyOf(gateway)));
}

const familyOf = (address: string): Family => (address.includes(':') ? 'ipv6' : 'ipv4');

/** @returns what differs still; with an error the change is not what the intent says */
export function verify(
  look: Look,
  model: Model,
  { kernel: before, silent }: Before,
): readonly Drift[] {
  const begun = look.milliseconds();
  for (;;) {
    const found = driftOf(model, look.state(), { before });
    if (look.isOver?.()) return [];
    const errors = found.filter(({ severity }) => severity === 'error');
    const taken = look.milliseconds() - begun;
    if (errors.length === 0) {
      const lost = gatewaysOf(model).filter((gateway) => !look.answers(gateway));
      if (look.isOver?.()) return [];
      const without = lost.map((gateway) => noAnswer(gateway, silent.has(gateway)));
      const isRight = without.every(({ severity }) => severity !== 'error');
      if (isRight || taken >= LIMIT_MS) return [...found, ...without];
    } else if (taken >= LIMIT_MS || (taken >= SURE_MS && errors.every(isSettled))) {
      return found;
    }
    look.sleep(PAUSE_MS);
  }
}

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

/** To a ping, or at least to ARP: a firewall may keep it from answering pings. */
function answers(system: System, gateway: string): boolean {
  const isPinged = outputOf(system, 'ping', ['-n', '-c', '1', '-W', '1', gateway]);
  if (isPinged?.status === 0) return true;
  if (isPinged) return isNeighbour(system, gateway);
  // Not installed: the kernel asks by ARP itself for an entry that is in use (`use`, ip-neighbour(8)).
  const link = / dev (\S+)/.exec(
    outputOf(system, 'ip', ['-o', 'route', 'get', gateway])?.stdout ?? '',
  )?.[1];
  if (link === undefined) return false;
  outputOf(system, 'ip', ['neigh', 'replace', gateway, 'dev', link, 'use']);
  for (let tries = 0; tries < 5; tries += 1) {
    if (isNeighbour(system, gateway)) return true;
    system.sleep(200);
  }
  return false;
}

const isNeighbour = (system: System, address: string): boolean =>
  /lladdr \S+ (?:.* )?(?:REACHABLE|DELAY|PROBE)/.test(
    outputOf(system, 'ip', ['neigh', 'show', 'to', address])?.stdout ?? '',
  );

/** Undefined where it cannot be run. */
function outputOf(
  system: System,
  program: string,
  words: readonly string[],
): ProgramResult | undefined {
  try {
    return system.run(program, words, LIMIT);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

const LIMIT = { timeoutMs: 5000 };
