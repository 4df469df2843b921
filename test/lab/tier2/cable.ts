/** A host whose cables are out. */
import { check } from '../check.ts';
import type { Expected } from '../expected.ts';
import type { KernelLink, Observed } from '../observed.ts';

/**
 * Links, addresses and routes are there as with a cable; nobody answers, and nothing is said of
 * what the daemon calls such a link.
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
  const alone = { ...expected, pings: [], neighbours: new Map(), leases: new Map() };
  return [
    ...links
      .filter(({ ifname, flags }) => ifname !== 'lo' && !flags.includes('NO-CARRIER'))
      .map(({ ifname }) => `${ifname} has a carrier, and the cable is out`),
    ...check(observed, alone, good).map((line) => `without a cable, ${line}`),
  ];
}
