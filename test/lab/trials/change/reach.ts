/** How long a host is out of reach of the LAN, and of another subnet: pinged every 20 ms from both. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../../drive/scene.ts';
import { endOf, patience, start } from '../../process.ts';
import { places } from './lan.ts';

const INTERVAL = 0.02;
/** What a ping that is interrupted takes, at most. */
const END_SECONDS = 10;
/** A shorter pause is that of a busy machine. */
const STEADY = 0.25;

/** Seconds since 1970. */
export const now = (): number => Date.now() / 1000;

export interface Reach {
  /** Waits until it answers everywhere, and goes on to. @returns a line for each place that it does not */
  untilAnswered(since: number, seconds: number): Promise<string[]>;
  /** The longest time without an answer, from then to now: the worst place's. */
  silence(since: number): number;
  end(): Promise<void>;
}

interface Pinger {
  readonly name: string;
  /** When each answer came. */
  times(): number[];
  end(): Promise<void>;
}

/** Asks for an address from everywhere until it is ended. */
export function watch(scene: Scene, address: string): Reach {
  const pingers = places(scene).map(({ name, path }) => startPing(name, path, address));
  const isSteady = (times: readonly number[], since: number): boolean =>
    (times.at(-1) ?? 0) > Math.max(since, now() - STEADY) &&
    now() - begin(times.filter((time) => time >= since)) > STEADY;
  return {
    untilAnswered: async (since, seconds) => {
      const end = now() + seconds;
      for (;;) {
        const silent = pingers.filter(({ times }) => !isSteady(times(), since));
        if (silent.length === 0) return [];
        if (now() > end) return silent.map(({ name }) => `${name} → ${address}: no answer`);
        await sleep(20);
      }
    },
    silence: (since) =>
      Math.max(
        ...pingers.map(({ times }) =>
          longestGap([since, ...times().filter((time) => time > since), now()]),
        ),
      ),
    end: async () => {
      await Promise.all(pingers.map(({ end }) => end()));
    },
  };
}

/** A pause between answers that is none. */
const isBreak = (from: number, to: number): boolean => to - from > STEADY;

/** The first answer of the last unbroken series; infinite without one. */
function begin(times: readonly number[]): number {
  let first = times.at(-1) ?? Number.POSITIVE_INFINITY;
  for (const time of [...times].reverse()) {
    if (isBreak(time, first)) break;
    first = time;
  }
  return first;
}

const longestGap = (times: readonly number[]): number =>
  Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time))) - INTERVAL;

function startPing(name: string, path: string, address: string): Pinger {
  // -D prints the time of each answer (ping(8)); what is not answered is silent.
  const argv = ['ping', '-n', '-D', '-i', String(INTERVAL), address];
  const child = start(['nsenter', `--net=${path}`, ...argv]);
  const times: number[] = [];
  let rest = '';
  child.stdout.on('data', (data: Buffer) => {
    const lines = `${rest}${data.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const time = /^\[([\d.]+)\] \d+ bytes from .*(?<!\(DUP!\))$/.exec(line)?.[1];
      if (time !== undefined) times.push(Number(time));
    }
  });
  return {
    name,
    times: () => times,
    end: async () => {
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null)
        await endOf(child, END_SECONDS * patience());
    },
  };
}
