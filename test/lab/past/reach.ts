/** How long a host is out of reach: it is pinged all the time, and the longest silence counts. */
import { once } from 'node:events';
import { start } from '../process.ts';
import type { Scene } from '../tier1/scene.ts';

const INTERVAL = 0.02;

export interface Watch {
  /** Ends it. @returns seconds of the longest time without an answer, since the first */
  end(): Promise<number>;
}

/** The router asks every 20 ms; an answer that is lost is not asked for again. */
export function watch({ files, router }: Scene, address: string): Watch {
  const enter = ['nsenter', `--net=${files}/run/netns/${router.network}`];
  // -D prints the time of each answer (ping(8)); what is not answered is silent.
  const child = start([...enter, 'ping', '-n', '-D', '-i', String(INTERVAL), address]);
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  const ended = once(child, 'close');
  return {
    end: async () => {
      const now = Date.now() / 1000;
      child.kill('SIGINT');
      await ended;
      return longestSilence(text, now);
    },
  };
}

/** @throws Error where there is no answer at all */
function longestSilence(text: string, end: number): number {
  const answers = [...text.matchAll(/^\[([\d.]+)\] \d+ bytes from /gm)];
  if (answers.length === 0) throw new Error(`no answer: ${text.slice(-300)}`);
  const times = [...answers.map(([, time]) => Number(time)), end];
  const silences = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return Math.max(0, Math.max(...silences) - INTERVAL);
}
