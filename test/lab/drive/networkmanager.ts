/** NetworkManager, run directly with a bus of its own: no PID 1, no udev. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HARMLESS, without } from '../judge/harmless.ts';
import { linkNames, type Resolver } from '../judge/observed.ts';
import type { Place } from '../place.ts';
import type { Daemon } from './daemon.ts';

/** States in which NetworkManager does no more with a device (NMDeviceState). */
const FINAL: ReadonlySet<string> = new Set(['activated', 'unmanaged', 'failed', 'disconnected']);

/**
 * Scripts that run on events, and services that the bus would start if asked (no
 * systemd is there to do it). They have no part in what becomes of the files, and cost more than
 * the daemon; tier 2 has them.
 */
const BESIDE = [
  '/etc/NetworkManager/dispatcher.d/01-ifupdown',
  '/usr/share/dbus-1/system-services',
];

const BUS = '/run/dbus/system_bus_socket';

/** Starts it in the host's namespace, with which it ends. */
export async function startNetworkManager(host: Place): Promise<Daemon> {
  mkdirSync(`${host.root}/run/dbus`, { recursive: true });
  for (const path of BESIDE) rmSync(`${host.root}${path}`, { recursive: true, force: true });
  const bus = host.start(['dbus-daemon', '--system', '--nofork', '--nopidfile']);
  while (!existsSync(`${host.root}${BUS}`)) {
    if (bus.ended() !== undefined) throw new Error(`no bus: ${bus.output()}`);
    await sleep(10);
  }
  // Without `--debug` it prints no warning.
  const program = host.start(['NetworkManager', '--debug', '--log-level=INFO']);
  const lines = (level: RegExp): string[] =>
    program
      .output()
      .split('\n')
      .filter((line) => level.test(line));
  return {
    id: 'NetworkManager',
    ...program,
    warnings: () => without(lines(/<(?:warn|error)>|CRITICAL|WARNING/), HARMLESS.NetworkManager),
    states: () => readStates(host, program.output()),
    good: 'activated',
    isFinal: (state) => FINAL.has(state),
    resolver: async () => readResolver(host),
  };
}

/** Its log shows each change of a device's state, which costs nothing to read. */
function readStates(host: Place, log: string): Map<string, string> {
  const states = new Map(linkNames(host).map((name) => [name, '']));
  for (const [, device = '', state = ''] of log.matchAll(
    /<info> .*device \((\S+)\): state change: \S+ -> ([\w-]+)/g,
  )) {
    if (states.has(device)) states.set(device, state);
  }
  return states;
}

/** What it would put into /etc/resolv.conf. */
export function readResolver({ root }: Pick<Place, 'root'>): Resolver {
  const path = `${root}/run/NetworkManager/resolv.conf`;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const of = (key: string): string[] =>
    text
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter(([word]) => word === key)
      .flatMap(([, ...rest]) => rest);
  // Routing-only domains are sent to systemd-resolved, and there is no word for it in this file.
  return { servers: of('nameserver'), domains: of('search'), knowsRouting: false };
}
