/** What a scenario asks of a network daemon, whichever it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { applySysctl } from '../host.ts';
import type { Namespace } from '../namespace.ts';
import { linkNames, type Resolver } from '../observed.ts';
import { start } from '../process.ts';

export interface Daemon {
  readonly id: 'networkd' | 'NetworkManager';
  /** All that it printed so far. */
  output(): string;
  /** Its warnings and errors so far, without those that are known and harmless. */
  warnings(): string[];
  /** Link → its state in the daemon's own words; empty before it has one. */
  states(): Map<string, string>;
  /** The state of a link with which all is well. */
  readonly good: string;
  /** Whether it does no more with a link in this state, whatever it was to be. */
  isFinal(state: string): boolean;
  /** Name servers and search domains that it knows, in no order. */
  resolver(): Promise<Resolver>;
  /** How it ended, once it has. */
  ended(): string | undefined;
}

/** A line of a log that is known, and why it says nothing against the files. */
export interface Harmless {
  readonly line: RegExp;
  readonly why: string;
}

export const without = (lines: readonly string[], harmless: readonly Harmless[]): string[] =>
  lines.filter((line) => line.trim() !== '' && !harmless.some((known) => known.line.test(line)));

export interface Program {
  output(): string;
  ended(): string | undefined;
}

/** Starts a program in the host, with which it ends. */
export function startProgram(
  host: Namespace,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = start(host.inside(argv), environment);
  let text = '';
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  return {
    output: () => text,
    ended: () => child.signalCode ?? child.exitCode?.toString(),
  };
}

const LOOK_MS = 30;
/** Nothing comes any more when all links have been in final states for so long. */
const QUIET_MS = 700;

/**
 * Waits until the links that must come are well, or nothing changes any more. Meanwhile plays
 * udev's part for each link that appears.
 */
export async function settle(
  host: Namespace,
  daemon: Daemon,
  awaited: readonly string[],
  limitMs: number,
): Promise<void> {
  const seen = new Set<string>();
  const begin = performance.now();
  let last = '';
  let since = begin;
  while (daemon.ended() === undefined && performance.now() - begin < limitMs) {
    for (const name of linkNames(host)) {
      if (!seen.has(name)) await applySysctl(host, name);
      seen.add(name);
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
