/** What is there: the kernel's links, routes and rules, the daemon's states, the LAN's neighbours. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Family } from '../../../src/model/types.ts';
import type { GivenLease } from '../network/services.ts';
import { must, type Place } from '../place.ts';

export interface Observed {
  readonly links: readonly KernelLink[];
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly KernelRule[];
  /** Link → its state as the daemon reports it: `configured`, `activated` … */
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
  /** What the program's own `status` says of the host; absent where it was not asked. */
  readonly status?: { readonly running: readonly string[]; readonly files: readonly string[] };
  /** What else a reader of a failure wants to see: file name → text. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Resolver {
  readonly servers: readonly string[];
  /** With `~` in front for those that only route. */
  readonly domains: readonly string[];
  /** It reports those that only route, too. */
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
  /** RFC 8981. */
  readonly temporary?: boolean;
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
  readonly iif?: string;
  readonly oif?: string;
  readonly tos?: string;
  readonly fwmark?: string;
  readonly table?: string;
  readonly protocol?: string;
}

/**
 * The kernel's links with their addresses, and the routes of all tables without those that it
 * keeps for itself in table `local`; at one moment.
 */
export async function readKernel(host: Place): Promise<Pick<Observed, 'links' | 'routes'>> {
  // With table `all`, and with that alone, it shows the routes of both families (ip-route(8)).
  const lines = 'addr\nroute show table all\n';
  const show = ['ip', '-j', '-d', '-batch', '-'];
  const [links = '[]', routes = '[]'] = (await must(host.run(show, lines), show))
    .split('\n')
    .filter((line) => line.startsWith('['));
  return {
    // Where it prints no value for an interface without addresses, `ip` prints empty objects.
    links: (JSON.parse(links) as KernelLink[]).filter(({ ifname }) => ifname !== undefined),
    routes: (JSON.parse(routes) as KernelRoute[])
      .filter(({ table, type }) => table !== 'local' && (type ?? 'unicast') === 'unicast')
      .flatMap(({ nexthops, ...route }) =>
        (nexthops ?? [{}]).map((hop): KernelRoute => ({ ...route, ...hop })),
      ),
  };
}

/** The flag of an address that another host may have, as far as the kernel knows. */
const TENTATIVE = 0x40;

/** Whether duplicate detection is under way (`/proc/net/if_inet6`: the flags are the fifth word). */
export async function detectsDuplicates(host: Place): Promise<boolean> {
  const lines = (await host.readNetwork('/proc/net/if_inet6')).trim().split('\n');
  return lines.some((line) => (Number.parseInt(line.split(/\s+/)[4] ?? '0', 16) & TENTATIVE) !== 0);
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

/** Every link but `lo`, with its index: one that was created again has another. */
export const linkIndices = (host: Pick<Place, 'root'>): Map<string, string> =>
  new Map(
    linkNames(host).flatMap((name) => {
      try {
        const path = `${host.root}/sys/class/net/${name}/ifindex`;
        return [[name, readFileSync(path, 'utf8').trim()] as const];
      } catch {
        // It has gone since it was listed.
        return [];
      }
    }),
  );

/** Every link but `lo`. */
export const linkNames = (host: Pick<Place, 'root'>): string[] =>
  readdirSync(`${host.root}/sys/class/net`).filter((name) => name !== 'lo');
