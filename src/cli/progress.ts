/** A progress line on a terminal; silent elsewhere. */
import { counted } from '../report/text.ts';
import type { System } from '../system.ts';

export interface Progress {
  /** Shows that this many are done. */
  at(done: number): void;
  /** Erases the line. */
  end(): void;
}

const WIDTH = 24;
/** Runs that end before this show no progress. Milliseconds. */
const PATIENCE = 400;
const BETWEEN = 100;

/** @param what what is done to the hosts: `checking` */
export function progress(system: System, what: string, all: number): Progress {
  const { stderr } = system;
  if (!stderr.isTerminal || system.env('TERM') === 'dumb') return { at() {}, end() {} };
  const begin = system.milliseconds();
  let last = begin + PATIENCE - BETWEEN;
  let isShown = false;
  return {
    at(done) {
      const now = system.milliseconds();
      if (now - last < BETWEEN) return;
      last = now;
      isShown = true;
      stderr.write(`\r${lineOf(what, done, all, (now - begin) / 1000)}\u001b[K`);
    },
    end() {
      if (isShown) stderr.write('\r\u001b[K');
    },
  };
}

function lineOf(what: string, done: number, all: number, seconds: number): string {
  const full = Math.floor((done / all) * WIDTH);
  const rate = done / Math.max(seconds, 0.001);
  const left = Math.ceil((all - done) / Math.max(rate, 0.001));
  const bar = `${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}`;
  return `${what} [${bar}] ${counted(done)}/${counted(all)} hosts, ${counted(Math.round(rate))}/s, ${timeOf(left)} left`;
}

const timeOf = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
