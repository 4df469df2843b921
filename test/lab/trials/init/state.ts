/**
 * What the kernel and the daemon have of a link: read until it has its addresses, compared with what another link had
 * before, less what `init` announces.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../drive/boot.ts';
import { managerOf } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import { readKernel, readRules } from '../../judge/observed.ts';
import { PATIENCE } from '../../process.ts';
import type { Probed } from '../not-tested.ts';
import { ADDRESS, type InitPast } from './pasts.ts';

const SECONDS = 45 * PATIENCE;

/** What is compared, each part as sorted lines without the name of the link. */
export type State = ReadonlyMap<string, readonly string[]>;

export const show = (state: State): string =>
  [...state]
    .map(([part, lines]) => `${part}:\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('');

async function stateOf(running: Running, { systems, flavour }: Host, link: string): Promise<State> {
  const { links, routes } = await readKernel(running);
  const own = links.find(({ ifname }) => ifname === link);
  const resolver = managerOf(systems, flavour).resolver(running);
  const rules = (await readRules(running)).filter(({ protocol }) => protocol !== '2');
  const sorted = (lines: readonly string[]): string[] => [...new Set(lines)].sort();
  return new Map([
    ['MAC', [own?.address ?? 'none']],
    ['MTU', [String(own?.mtu ?? 0)]],
    [
      'addresses',
      sorted(
        (own?.addr_info ?? [])
          .filter(({ local }) => !local.startsWith('fe80:'))
          .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      ),
    ],
    [
      'routes',
      sorted(
        routes
          .filter(({ dev, dst }) => dev === link && !/^(?:fe80|ff00|multicast)/.test(dst))
          .map(({ dst, gateway, metric, table }) => [dst, gateway, metric, table].join(' ')),
      ),
    ],
    [
      'rules',
      sorted(rules.map(({ priority, src, dst, table }) => [priority, src, dst, table].join(' '))),
    ],
    ['name servers', sorted(resolver?.servers ?? [])],
  ]);
}

/** Waits until the link has its address and a default route of each family: a lease takes a while. */
export async function untilReached(
  running: Running,
  host: Host,
  link: string,
  { isAdvertised }: InitPast,
): Promise<State> {
  const end = performance.now() + SECONDS * 1000;
  for (;;) {
    const state = await stateOf(running, host, link);
    const routes = state.get('routes') ?? [];
    const isThere =
      routes.some((line) => line.startsWith('default')) &&
      (!isAdvertised || routes.some((line) => line.startsWith('default fe80:')));
    const hasAddress = (state.get('addresses') ?? []).some((line) =>
      line.startsWith(`${ADDRESS}/`),
    );
    if ((isThere && hasAddress) || performance.now() > end) return state;
    await sleep(500);
  }
}

/**
 * What `init` announces of a host: NetworkManager's metric of routes to subnets (`100` of `198.51.100.0/24  100 main`)
 * and of advertised routes (`default fe80::1 100 main`).
 */
const BY_MANAGER =
  /^(?:(?:198\.51\.100\.0\/24|2001:db8:51::\/64) {2}(?:\d+)?|\S+ fe80::\S+ (?:100|1024)) ?main$/;
const ANNOUNCED: Readonly<Record<string, RegExp>> = {
  networkmanager: BY_MANAGER,
  'netplan-networkmanager': BY_MANAGER,
};

/** NetworkManager's own, by the kind of link (NetworkManager.conf(5)). */
const metricOf = (needs: readonly Probed[]): number =>
  needs.includes('vlan') ? 400 : needs.includes('bond') ? 300 : 100;

export function announced(
  { backend, isLeased, isAdvertised, needs = [] }: InitPast,
  printed: string,
): string[] {
  if (!ANNOUNCED[backend] || isLeased) return [];
  const missing = [
    ...(printed.includes(`\`metric ${metricOf(needs)}\` `) && / routes to the subnets/.test(printed)
      ? []
      : ['subnets']),
    ...(isAdvertised && !/`metric 100` .* advertised routes/.test(printed)
      ? ['advertised routes']
      : []),
  ];
  return missing.map((what) => `init does not announce the metric of ${what}`);
}

/** The MAC is another one where no lease depends on it: the program derives it. */
export function compare(before: State, after: State, { backend, isLeased }: InitPast): string[] {
  return [...before].flatMap(([part, all]) => {
    const rest = (lines: readonly string[]): readonly string[] =>
      isLeased || part !== 'routes'
        ? lines
        : lines.filter((line) => !ANNOUNCED[backend]?.test(line));
    const [was, is] = [rest(all), rest(after.get(part) ?? [])];
    if ((part === 'MAC' && !isLeased) || was.join() === is.join()) return [];
    const gone = was.filter((line) => !is.includes(line));
    const more = is.filter((line) => !was.includes(line));
    return [`${part}: missing ${gone.join(', ') || 'none'}; added ${more.join(', ') || 'none'}`];
  });
}

/** The uplink has no address any more. */
export async function bare(running: Running, link: string): Promise<string[]> {
  const { links } = await readKernel(running);
  const left = links.find(({ ifname }) => ifname === link)?.addr_info ?? [];
  return left.length === 0
    ? []
    : [`${link} still has ${left.map(({ local }) => local).join(', ')}`];
}
