/** Faults of public reports that were chosen without a look at how the program finds causes. */
import type { Fault } from '../fault.ts';
import { FILTERS } from './filters.ts';
import { GUESTS } from './guests.ts';
import { LAN } from './lan.ts';
import { LINKS } from './links.ts';
import { LIVED_IN } from './lived-in.ts';
import { ROUTES } from './routes.ts';
import { SECOND, SECOND_LIVED_IN } from './second.ts';
import { THIRD_FILTERS } from './third-filters.ts';
import { THIRD_LINKS, THIRD_ROUTES } from './third-host.ts';
import { THIRD_LAN, THIRD_LIVED_IN } from './third-lan.ts';

export const REPORTED: readonly Fault[] = [
  ...LINKS,
  ...ROUTES,
  ...FILTERS,
  ...LAN,
  ...GUESTS,
  ...LIVED_IN,
  ...SECOND,
  ...SECOND_LIVED_IN,
  ...THIRD_LINKS,
  ...THIRD_ROUTES,
  ...THIRD_FILTERS,
  ...THIRD_LAN,
  ...THIRD_LIVED_IN,
];
