/** systemd-networkd, run directly: no PID 1, no bus, no udev. */
import { setTimeout as sleep } from 'node:timers/promises';
import { applySysctl } from './host.ts';
import type { Namespace } from './namespace.ts';
import { readStates } from './observed.ts';
import { start } from './process.ts';
import { systemdTool } from './requirements.ts';

/** Warnings that say something of the lab and nothing of the files. */
const HARMLESS: readonly { readonly line: RegExp; readonly why: string }[] = [
  {
    line: /^Failed to get cgroup path, ignoring: /,
    why: 'systemd 257 watches the memory of its own control group; no service manager made one.',
  },
  {
    line: /^Failed to update cgroup map: /,
    why: 'systemd 262 looks for control groups, and the sysfs of the lab has none mounted.',
  },
  {
    line: /^Failed to bind to .+ varlink socket, ignoring: Permission denied$/,
    why: 'systemd 262 offers sockets in directories that the service manager would have made.',
  },
];

export interface Networkd {
  /** The log so far, at level warning, without what is harmless. */
  log(): string[];
  /** How it ended, once it has. */
  ended(): string | undefined;
}

/** Starts it in the host's namespace, with which it ends. */
export function startNetworkd(host: Namespace): Networkd {
  const child = start(host.inside([systemdTool('systemd-networkd')]), {
    SYSTEMD_LOG_LEVEL: 'warning',
    SYSTEMD_LOG_TARGET: 'console',
  });
  let text = '';
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  const isHarmless = (line: string): boolean => HARMLESS.some((known) => known.line.test(line));
  return {
    log: () => text.split('\n').filter((line) => line.trim() !== '' && !isHarmless(line)),
    ended: () => child.signalCode ?? child.exitCode?.toString(),
  };
}

/** States in which networkd does no more with a link. */
const FINAL: ReadonlySet<string> = new Set(['configured', 'unmanaged', 'failed', 'linger']);

const LOOK_MS = 30;
/** Nothing comes any more when all links have been in final states for so long. */
const QUIET_MS = 500;
const LIMIT_MS = 10_000;

/**
 * Waits until the links that must come are configured, or nothing changes any more. Meanwhile
 * plays udev's part for each link that appears.
 */
export async function settle(
  host: Namespace,
  networkd: Networkd,
  awaited: readonly string[],
): Promise<void> {
  const seen = new Set<string>();
  const begin = performance.now();
  let last = '';
  let since = begin;
  while (networkd.ended() === undefined && performance.now() - begin < LIMIT_MS) {
    const states = readStates(host);
    for (const name of states.keys()) {
      if (!seen.has(name)) await applySysctl(host, name);
      seen.add(name);
    }
    if (awaited.every((name) => states.get(name) === 'configured')) return;
    const now = JSON.stringify([...states]);
    if (now !== last || ![...states.values()].every((state) => FINAL.has(state))) {
      since = performance.now();
    }
    if (performance.now() - since > QUIET_MS) return;
    last = now;
    await sleep(LOOK_MS);
  }
}
