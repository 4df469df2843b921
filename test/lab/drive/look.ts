/** A machine that has booted into a LAN: waited for, looked at, and pinged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Expected } from '../judge/expected.ts';
import {
  linkNames,
  type Observed,
  type Resolver,
  readKernel,
  readRules,
} from '../judge/observed.ts';
import { type Guest, startGuest } from '../network/lan.ts';
import type { Segment } from '../network/plan.ts';
import { readLeases } from '../network/services.ts';
import type { Place } from '../place.ts';
import { PATIENCE, run } from '../process.ts';
import { type Flavour, readResolver as readIfupdownResolver, SERVICE } from './flavours.ts';
import type { Running } from './machine.ts';
import {
  readResolver as readNetworkdResolver,
  readStates as readNetworkdStates,
} from './networkd.ts';
import { readResolver as readManagerResolver } from './networkmanager.ts';
import { isOnline, type Online, readOnline } from './online.ts';
import { exchange, readSettled } from './scenario.ts';
import { readJournal, readWarnings, showJournal } from './warnings.ts';

/** The daemon that runs the links, as one asks it on the machine. */
export interface Manager {
  /** The state of a link with which all is well. */
  readonly good: string;
  states(running: Running): Promise<Map<string, string>>;
  /** Undefined where it keeps nothing of it. */
  resolver(running: Running): Resolver | undefined;
}

const NETWORKD: Manager = {
  good: 'configured',
  states: async (running) => readNetworkdStates(running),
  resolver: readNetworkdResolver,
};

const NETWORK_MANAGER: Manager = {
  good: 'connected',
  states: async (running) => {
    const argv = ['nmcli', '--terse', '--escape', 'no', '--fields', 'DEVICE,STATE', 'device'];
    const { stdout } = await run(running.inside(argv));
    const lines = stdout.split('\n').filter((line) => line !== '');
    return new Map(lines.map((line) => line.split(':') as [string, string]));
  },
  resolver: readManagerResolver,
};

/** It knows no state of a link but that it has been brought up; all are as its service is. */
const ifupdown = (flavour: Flavour): Manager => ({
  good: 'active',
  states: async (running) => {
    const { stdout } = await run(running.inside(['systemctl', 'is-active', SERVICE]));
    return new Map(linkNames(running).map((name) => [name, stdout.trim()]));
  },
  resolver: (running) => readIfupdownResolver(running, flavour),
});

/** @param systems what the back end needs (`Backend.needs`) */
export function managerOf(systems: readonly string[], flavour?: Flavour): Manager {
  if (systems.includes('networkmanager')) return NETWORK_MANAGER;
  return flavour ? ifupdown(flavour) : NETWORKD;
}

const LOOK_MS = 50;

/**
 * Waits until the service after `network-online.target` has asked, and all else is started too.
 * @throws Error if that takes longer
 */
export async function untilOnline(running: Running, seconds: number): Promise<Online> {
  const limit = seconds * PATIENCE * 1000;
  for (const end = performance.now() + limit; !isOnline(running); await sleep(LOOK_MS)) {
    if (performance.now() < end) continue;
    const { stdout } = await run(running.inside(['systemctl', 'list-jobs', '--no-pager']));
    throw new Error(`not online in ${seconds} s; still to do:\n${stdout}`);
  }
  await run(running.inside(['systemctl', 'is-system-running', '--wait']), '', 30);
  return readOnline(running);
}

/** Waits until all links are well in the daemon's own words, or that takes too long. */
export async function settle(
  running: Running,
  manager: Manager,
  { links }: Expected,
  seconds: number,
): Promise<void> {
  for (const end = performance.now() + seconds * 1000; ; await sleep(LOOK_MS)) {
    const states = await manager.states(running);
    const isGood = links.every(({ name }) => states.get(name) === manager.good);
    if (isGood || performance.now() > end) return;
  }
}

export interface Round {
  readonly segments: readonly Segment[];
  readonly expected: Expected;
  readonly guest: Guest;
  readonly places: { readonly router: Place; readonly guest: Place };
}

/** The state of a host, without any of its neighbours. */
type State = Pick<Observed, 'links' | 'routes' | 'rules' | 'states' | 'resolver'>;

/** Looks at a machine that is up, starts the guests, and pings all that there is. */
export async function look(
  running: Running,
  manager: Manager,
  { segments, expected, guest, places }: Round,
): Promise<Observed> {
  await settle(running, manager, expected, 10);
  await readSettled(running, expected, segments);
  const state = await readState(running, manager);
  const obstacles = (
    await Promise.all(segments.map((item) => startGuest(guest, running, places.guest, item)))
  ).flat();
  const heard = await exchange(expected.pings, { host: running, ...places });
  const journal = await readJournal(running);
  return {
    ...state,
    ...heard,
    leases: readLeases(places.router),
    warnings: await readWarnings(running, journal),
    obstacles,
    evidence: {
      'links.json': JSON.stringify(state.links, null, 1),
      'routes.json': JSON.stringify(state.routes, null, 1),
      'rules.json': JSON.stringify(state.rules, null, 1),
      journal: showJournal(journal),
    },
  };
}

export async function readState(running: Running, manager: Manager): Promise<State> {
  const states = await manager.states(running);
  const { links, routes } = await readKernel(running);
  const rules = await readRules(running);
  const sorted = [...links].sort((a, b) => (a.ifname < b.ifname ? -1 : 1));
  const resolver = manager.resolver(running);
  return { links: sorted, routes, rules, states, ...(resolver && { resolver }) };
}
