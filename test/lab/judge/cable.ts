/** A host whose cables are out. */
import { check } from './check.ts';
import type { Expected, ExpectedLink } from './expected.ts';
import type { KernelLink, Observed } from './observed.ts';

/**
 * Links, addresses and routes are there as with a cable; nobody answers, and no event reports
 * what the daemon calls such a link. An IPv6 address is not ready, and the kernel makes none up.
 * @returns a line for each difference
 */
export function checkWithoutCable(
  { links, routes, rules }: Pick<Observed, 'links' | 'routes' | 'rules'>,
  expected: Expected,
): string[] {
  const good = 'not asked';
  const withCarrier = (link: KernelLink): KernelLink => ({
    ...link,
    flags: link.flags.includes('NO-CARRIER') ? [...link.flags, 'LOWER_UP'] : link.flags,
    addr_info: link.addr_info.map(({ tentative: _, ...address }) => address),
  });
  const withoutMadeUp = (link: ExpectedLink): ExpectedLink => ({
    ...link,
    linkLocal: link.linkLocal.filter((family) => family !== 'ipv6'),
  });
  const states = new Map(expected.links.map(({ name }) => [name, good]));
  const nobody = { answered: new Set<string>(), neighbours: new Map(), leases: new Map() };
  const nothing = {
    warnings: [],
    obstacles: [],
    evidence: {},
    resolver: { ...expected.resolver, knowsRouting: true },
  };
  const observed = { links: links.map(withCarrier), routes, rules, states, ...nobody, ...nothing };
  const alone = {
    ...expected,
    links: expected.links.map(withoutMadeUp),
    ...{ pings: [], neighbours: new Map(), leases: new Map() },
  };
  return [
    ...links
      .filter(({ ifname, flags }) => ifname !== 'lo' && !flags.includes('NO-CARRIER'))
      .map(({ ifname }) => `${ifname} has a carrier, and the cable is out`),
    ...check(observed, alone, good).map((line) => `without a cable, ${line}`),
  ];
}
