/** Hosts with a past, and the live change: all that is selected of it. */
import { type Image, SUITES } from '../images.ts';
import type { Selection } from '../options.ts';
import type { Trial } from '../trial.ts';
import { liveTrials } from './live-trials.ts';
import { pastNegativeTrials } from './negatives.ts';
import { pastTrials } from './past-trials.ts';
import { prefixTrials } from './prefixes.ts';

/** The case that all of these are about, and its sister by DHCP. */
const CASE = 'original';

/** Unless suites are named: those that most have, and for a past the one whose netplan waits, too. */
const USUAL: readonly string[] = ['bookworm', 'trixie'];
const OF_PASTS: readonly string[] = ['trixie'];
/** Every prefix of an installation is a boot: on one suite. */
const CUT_OFF: readonly string[] = ['bookworm'];

export function pastAndLiveTrials(
  { cases, backends, suites }: Pick<Selection, 'cases' | 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  if (!cases.includes(CASE)) return [];
  const isNamed = suites !== SUITES;
  const of = (some: readonly string[]): Image[] =>
    images.filter(({ suite }) => isNamed || some.includes(suite));
  return [
    ...prefixTrials(of(CUT_OFF), backends),
    ...liveTrials(of(USUAL), backends),
    ...pastNegativeTrials(of(CUT_OFF), backends),
    ...pastTrials(of(OF_PASTS), backends),
  ];
}
