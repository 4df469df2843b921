/** Hosts with a past: all that is selected of it. */
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import { type Image, SUITES } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import type { Trial } from '../../trial.ts';
import { pastNegativeTrials } from './negatives.ts';
import { pastTrials } from './past-trials.ts';
import { prefixTrials } from './prefixes.ts';

/** The case that all of these are about, and its sister by DHCP. */
const CASE = 'original';

const BOOTED: ReadonlySet<string> = new Set(
  allBackends
    .filter(({ scope, needs }) => scope === 'host' && !needs.includes('ifupdown'))
    .map(({ id }) => id),
);

/** Unless suites are named: the one whose netplan waits, too. */
const OF_PASTS: readonly string[] = ['trixie'];
/** Every prefix of an installation is a boot: on one suite. */
const CUT_OFF: readonly string[] = ['bookworm'];

export function allPastTrials(
  { cases, backends, suites }: Pick<Selection, 'cases' | 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  if (!cases.includes(CASE)) return [];
  const isNamed = suites !== SUITES;
  const of = (some: readonly string[]): Image[] =>
    images.filter(({ suite }) => isNamed || some.includes(suite));
  // The images boot with no ifupdown, and a trial and guests have no boot of their own.
  const backendIds = backends.filter((backend) => BOOTED.has(backend));
  return [
    ...prefixTrials(of(CUT_OFF), backendIds),
    ...pastNegativeTrials(of(CUT_OFF), backendIds),
    ...pastTrials(of(OF_PASTS), backendIds),
  ];
}
