/** systemd-networkd, run directly: no PID 1, no bus, no udev. */
import { readFileSync } from 'node:fs';
import { HARMLESS, without } from '../judge/harmless.ts';
import { linkNames, type Resolver } from '../judge/observed.ts';
import type { Place } from '../place.ts';
import type { Daemon } from './daemon.ts';

/** States in which networkd does no more with a link. */
const FINAL: ReadonlySet<string> = new Set(['configured', 'unmanaged', 'failed', 'linger']);

/** Starts it in the host's namespace, with which it ends. */
export function startNetworkd(host: Place): Daemon {
  const program = host.start(['/lib/systemd/systemd-networkd'], {
    environment: { SYSTEMD_LOG_LEVEL: 'warning', SYSTEMD_LOG_TARGET: 'console' },
  });
  return {
    id: 'networkd',
    ...program,
    warnings: () => without(program.output().split('\n'), HARMLESS.networkd),
    states: () => readStates(host),
    good: 'configured',
    isFinal: (state) => FINAL.has(state),
    resolver: async () => readResolver(host),
  };
}

/** Every link but `lo`, and its state in networkd's own words; empty before it has one. */
export const readStates = (host: Pick<Place, 'root'>): Map<string, string> =>
  new Map(linkNames(host).map((name) => [name, fields(host, name).get('ADMIN_STATE')?.[0] ?? '']));

/** The name servers and domains of all links. */
export function readResolver(host: Pick<Place, 'root'>): Resolver {
  const all = linkNames(host).map((name) => fields(host, name));
  const of = (...keys: readonly string[]): string[] =>
    all.flatMap((item) => keys.flatMap((key) => item.get(key) ?? []));
  return {
    servers: of('DNS'),
    knowsRouting: true,
    domains: [...of('DOMAINS'), ...of('ROUTE_DOMAINS').map((domain) => `~${domain}`)],
  };
}

/** What networkd writes of a link: key → words of its value. */
function fields({ root }: Pick<Place, 'root'>, link: string): Map<string, string[]> {
  try {
    const index = readFileSync(`${root}/sys/class/net/${link}/ifindex`, 'utf8').trim();
    const text = readFileSync(`${root}/run/systemd/netif/links/${index}`, 'utf8');
    return new Map(
      text
        .split('\n')
        .map((line) => line.split(/=(.*)/s))
        .map(([key = '', value = '']) => [key, value.split(' ').filter((word) => word !== '')]),
    );
  } catch {
    // The link has just gone, or networkd has not written of it yet.
    return new Map();
  }
}
