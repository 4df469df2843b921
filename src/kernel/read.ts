/** Asks the running system; changes nothing. What it cannot learn it says, and goes on. */
import type { System } from '../system.ts';
import { ask, MAX_LINKS, textAt } from './ask.ts';
import { readLinks } from './links.ts';
import { readIfupdown, readNetworkdLink, readNetworkManager } from './manager.ts';
import { readNeighbours } from './neighbours.ts';
import { unprintedThreshold } from './queue-threshold.ts';
import { readResolvConf, readResolvectl } from './resolver.ts';
import { readRoutes, readRules } from './routes.ts';
import { isFileName, readTapNodes, type TapAccess } from './tap-nodes.ts';
import type {
  KernelLink,
  KernelState,
  ManagedLink,
  Manager,
  ManagerState,
  Part,
  Problem,
  Resolver,
  TapNodes,
  UnitState,
} from './types.ts';
import { readUnits } from './units.ts';

/** Below `/proc/sys`, for each link and for `all` (Documentation/networking/ip-sysctl). */
const SYSCTLS: readonly string[] = [
  'net/ipv4/conf/*/arp_ignore',
  'net/ipv4/conf/*/rp_filter',
  'net/ipv4/conf/*/forwarding',
  'net/ipv4/conf/*/proxy_arp',
  'net/ipv6/conf/*/disable_ipv6',
  'net/ipv6/conf/*/accept_ra',
  'net/ipv6/conf/*/forwarding',
];

/** Units whose state shows whether boot waits for a link, and which system configures it. */
const UNITS: Readonly<Record<Manager, readonly string[]>> = {
  networkd: [
    'systemd-networkd.service',
    'systemd-networkd-wait-online.service',
    'systemd-resolved.service',
  ],
  networkmanager: ['NetworkManager.service', 'NetworkManager-wait-online.service'],
  ifupdown: ['networking.service', 'ifupdown-wait-online.service'],
  none: [],
};

/**
 * @param manager who configures the links on this host
 * @param taps those of the intent, whose devices are compared
 */
export function readKernel(
  system: System,
  manager: Manager,
  taps: readonly TapAccess[] = [],
): KernelState {
  const problems: Problem[] = [];
  const show = <T>(
    part: Part,
    args: readonly string[],
    read: (text: string) => T[] | undefined,
  ): T[] => {
    const answer = ask(system, 'ip', args);
    const found = answer.text === undefined ? undefined : read(answer.text);
    const why = answer.problem ?? '`ip` prints no JSON; iproute2 4.14 and later do';
    if (!found) problems.push({ part, message: why });
    return found ?? [];
  };
  const links = show('links', ['-j', '-d', 'addr'], (text) =>
    readLinks(text, () => unprintedThreshold(system)),
  );
  return {
    links,
    routes: [
      ...show('routes', ['-4', ...ROUTES], (text) => readRoutes('ipv4', text)),
      ...show('routes', ['-6', ...ROUTES], (text) => readRoutes('ipv6', text)),
    ],
    rules: [
      ...show('rules', ['-4', ...RULES], (text) => readRules('ipv4', text)),
      // A kernel without IPv6 has no rules of it, and says so.
      ...(hasIpv6(system)
        ? show('rules', ['-6', ...RULES], (text) => readRules('ipv6', text))
        : []),
    ],
    neighbours: show('neighbours', ['-j', 'neigh'], readNeighbours),
    sysctls: sysctlsOf(system, links),
    manager: managerOf(system, manager, links, problems),
    resolver: resolverOf(system),
    units: unitsOf(system, manager),
    taps: tapsOf(system, links, taps, problems),
    problems,
  };
}

const ROUTES = ['-N', '-j', '-d', 'route', 'show', 'table', 'all'];
const RULES = ['-N', '-j', '-d', 'rule'];

const hasIpv6 = (system: System): boolean =>
  textAt(system, '/proc/net/if_inet6', 1024 * 1024) !== undefined;

function sysctlsOf(system: System, links: readonly KernelLink[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of ['all', 'default', ...links.slice(0, MAX_LINKS).map((link) => link.name)]) {
    if (!isFileName(name)) continue;
    for (const path of SYSCTLS) {
      const key = path.replace('*', () => name);
      const value = textAt(system, `/proc/sys/${key}`)?.trim();
      if (value !== undefined) found.set(key, value);
    }
  }
  return found;
}

function managerOf(
  system: System,
  id: Manager,
  links: readonly KernelLink[],
  problems: Problem[],
): ManagerState {
  const found = LINKS_OF[id](system, links);
  if (typeof found === 'string') problems.push({ part: 'manager', message: found });
  return { id, links: typeof found === 'string' ? new Map() : found };
}

type Managed = ReadonlyMap<string, ManagedLink> | string;

/** A fact of the program, which nothing on a host changes. */
export const NO_LIST_OF_IFUPDOWN2 = 'ifupdown2 does not list which links are up';

/** By link; a sentence where it cannot be asked. */
const LINKS_OF: Readonly<
  Record<Manager, (system: System, links: readonly KernelLink[]) => Managed>
> = {
  networkd(system, links) {
    const found = new Map<string, ManagedLink>();
    for (const { name, index } of links.slice(0, MAX_LINKS)) {
      const text = textAt(system, `/run/systemd/netif/links/${index}`);
      const link = text === undefined ? undefined : readNetworkdLink(text);
      if (link) found.set(name, link);
    }
    return found.size > 0 ? found : 'systemd-networkd does not run: it lists no link';
  },
  networkmanager(system) {
    const fields = 'GENERAL.DEVICE,GENERAL.STATE,GENERAL.CONNECTION,IP4.DNS,IP6.DNS';
    const { text, problem } = ask(system, 'nmcli', ['-t', '-f', fields, 'device', 'show']);
    return text === undefined ? (problem ?? '') : readNetworkManager(text);
  },
  ifupdown(system) {
    const { text, problem } = ask(system, 'ifquery', ['--state']);
    // ifupdown2 has no list of what is up.
    if (problem?.includes('--state')) return NO_LIST_OF_IFUPDOWN2;
    return text === undefined ? (problem ?? '') : readIfupdown(text);
  },
  none: () => new Map(),
};

function tapsOf(
  system: System,
  links: readonly KernelLink[],
  taps: readonly TapAccess[],
  problems: Problem[],
): TapNodes {
  const found = readTapNodes(system, links, taps);
  if (typeof found !== 'string') return found;
  problems.push({ part: 'taps', message: found });
  return { nodes: new Map(), hasUdev: false };
}

function resolverOf(system: System): Resolver {
  const servers = readResolvConf(textAt(system, '/etc/resolv.conf') ?? '');
  const { text } = ask(system, 'resolvectl', ['dns']);
  return { servers, ...(text !== undefined && { resolved: readResolvectl(text) }) };
}

function unitsOf(system: System, manager: Manager): Map<string, UnitState> {
  const { text } = ask(system, 'systemctl', [
    ...['show', '--no-pager', '-p', 'Id,LoadState,ActiveState,Result'],
    ...['network-online.target', ...UNITS[manager]],
  ]);
  return readUnits(text ?? '');
}
