/** What is there: the kernel's links, routes and rules, the daemon's states, the LAN's neighbours. */
import { readdirSync } from 'node:fs';
import type { Family } from '../../src/model/types.ts';
import { must, type Place } from './place.ts';
import type { GivenLease } from './services.ts';

export interface Observed {
  readonly links: readonly KernelLink[];
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly KernelRule[];
  /** Link → its state as the daemon tells it: `configured`, `activated` … */
  readonly states: ReadonlyMap<string, string>;
  /** Name servers and search domains that the daemon knows. */
  readonly resolver?: Resolver;
  /** What the DHCP servers gave, by address. */
  readonly leases: ReadonlyMap<string, GivenLease>;
  /** Pings that were answered, by `pingKey`. */
  readonly answered: ReadonlySet<string>;
  /** What the router has learnt: address → MAC. */
  readonly neighbours: ReadonlyMap<string, string>;
  /** Warnings of the daemon and of generators, without the harmless ones. */
  readonly warnings: readonly string[];
  /** What kept the lab from looking: a guest that could not be made. */
  readonly obstacles: readonly string[];
  /** What else a reader of a failure wants to see: file name → text. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Resolver {
  readonly servers: readonly string[];
  /** With `~` in front for those that only route. */
  readonly domains: readonly string[];
  /** It tells of those that only route, too. */
  readonly knowsRouting: boolean;
}

/** `ip -j -d addr`, as far as it is looked at. */
export interface KernelLink {
  readonly ifname: string;
  /** The parent. */
  readonly link?: string;
  /** The bridge that it is in. */
  readonly master?: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: { readonly mode?: string; readonly macaddr_data?: readonly string[] };
  };
  readonly addr_info: readonly KernelAddress[];
}

export interface KernelAddress {
  readonly family: 'inet' | 'inet6';
  readonly local: string;
  readonly prefixlen: number;
  /** Taken from others, and for a time. */
  readonly dynamic?: boolean;
  readonly tentative?: boolean;
}

/** `ip -j route show table all`, as far as it is looked at. */
export interface KernelRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  /** Of a route over several links, which is read as one over each. */
  readonly nexthops?: readonly Pick<KernelRoute, 'gateway' | 'dev'>[];
  /** Absent for the main table. */
  readonly table?: string;
}

/** `ip -N -j -d rule`: numbers, whatever names `/etc/iproute2` has for them. */
export interface KernelRule {
  readonly family: Family;
  readonly priority: number;
  /** `all`, or an address. */
  readonly src?: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly tos?: string;
  readonly fwmark?: string;
  readonly table?: string;
  readonly protocol?: string;
}

/** The kernel's links with their addresses. */
export async function readLinks(host: Place): Promise<KernelLink[]> {
  // Where it prints no value for an interface without addresses, `ip` prints empty objects.
  const links = await ip<KernelLink>(host, '-d', 'addr');
  return links.filter(({ ifname }) => ifname !== undefined);
}

/** Routes of all tables, without those that the kernel keeps for itself in table `local`. */
export async function readRoutes(host: Place): Promise<KernelRoute[]> {
  const show = ['route', 'show', 'table', 'all'];
  const routes = [
    ...(await ip<KernelRoute>(host, '-4', ...show)),
    ...(await ip<KernelRoute>(host, '-6', ...show)),
  ];
  return routes
    .filter(({ table, type }) => table !== 'local' && (type ?? 'unicast') === 'unicast')
    .flatMap(({ nexthops, ...route }) =>
      (nexthops ?? [{}]).map((hop): KernelRoute => ({ ...route, ...hop })),
    );
}

export async function readRules(host: Place): Promise<KernelRule[]> {
  const show = ['-N', '-d', 'rule'];
  const of = async (family: Family, option: string): Promise<KernelRule[]> =>
    (await ip<Omit<KernelRule, 'family'>>(host, option, ...show)).map((rule) => ({
      ...rule,
      family,
    }));
  return [...(await of('ipv4', '-4')), ...(await of('ipv6', '-6'))];
}

/** What a machine has learnt of its LAN. */
export async function readNeighbours(machine: Place): Promise<Map<string, string>> {
  const all = await ip<{ dst: string; lladdr?: string }>(machine, 'neigh', 'show');
  return new Map(all.flatMap(({ dst, lladdr }) => (lladdr === undefined ? [] : [[dst, lladdr]])));
}

async function ip<T>(machine: Place, ...args: readonly string[]): Promise<T[]> {
  return JSON.parse((await must(machine.run(['ip', '-j', ...args]), args)) || '[]') as T[];
}

/** Every link but `lo`. */
export const linkNames = (host: Pick<Place, 'root'>): string[] =>
  readdirSync(`${host.root}/sys/class/net`).filter((name) => name !== 'lo');
