/** Faults of public reports that were chosen without a look at how the program finds causes, by the look at reports. */
import type { Fault } from '../fault.ts';
import { EIGHTH, EIGHTH_LIVED_IN } from './eighth.ts';
import { GUESTS as ELEVENTH_GUESTS, INDISTINCT } from './eleventh-guest.ts';
import { LIVED_IN as ELEVENTH_LIVED_IN } from './eleventh-healthy.ts';
import { ROUTES as ELEVENTH_ROUTES, SETTINGS } from './eleventh-path.ts';
import { SHIM } from './eleventh-shim.ts';
import { FIFTH_LINKS, FIFTH_ROUTES } from './fifth-host.ts';
import { FIFTH_LIVED_IN } from './fifth-lived-in.ts';
import { FIFTH_FILTERS, FIFTH_LAN } from './fifth-path.ts';
import { FILTERS } from './filters.ts';
import { FOURTH_LAN } from './fourth-lan.ts';
import { FOURTH_LINKS } from './fourth-links.ts';
import { FOURTH_LIVED_IN } from './fourth-lived-in.ts';
import { FOURTH_FILTERS, FOURTH_ROUTES } from './fourth-path.ts';
import { GUESTS } from './guests.ts';
import { LAN } from './lan.ts';
import { LINKS } from './links.ts';
import { LIVED_IN } from './lived-in.ts';
import { NINTH_ADDRESSES } from './ninth-addresses.ts';
import { NINTH_FILTERS } from './ninth-filters.ts';
import { NINTH_HOST } from './ninth-host.ts';
import { NINTH_LINKS } from './ninth-links.ts';
import { NINTH_LIVED_IN } from './ninth-lived-in.ts';
import { NINTH_ROUTES } from './ninth-path.ts';
import { ROUTES } from './routes.ts';
import { SECOND, SECOND_LIVED_IN } from './second.ts';
import { SEVENTH_LINKS } from './seventh-host.ts';
import { SEVENTH_LIVED_IN } from './seventh-lived-in.ts';
import { SEVENTH_FILTERS, SEVENTH_LAN } from './seventh-path.ts';
import { SEVENTH_ROUTES } from './seventh-routes.ts';
import { SIXTH } from './sixth.ts';
import { TENTH_ADDRESSES } from './tenth-addresses.ts';
import { TENTH_FILTERS } from './tenth-filters.ts';
import { TENTH_LIVED_IN } from './tenth-healthy.ts';
import { TENTH_ALIKE, TENTH_LAN } from './tenth-lan.ts';
import { TENTH_LINKS } from './tenth-links.ts';
import { TENTH_ROUTES } from './tenth-routes.ts';
import { THIRD_FILTERS } from './third-filters.ts';
import { THIRD_LINKS, THIRD_ROUTES } from './third-host.ts';
import { THIRD_LAN, THIRD_LIVED_IN } from './third-lan.ts';

/** By the word that names a set (`--only 'fourth set'`). */
export const REPORTED: Readonly<Record<string, readonly Fault[]>> = {
  'first set': [...LINKS, ...ROUTES, ...FILTERS, ...LAN, ...GUESTS, ...LIVED_IN],
  'second set': [...SECOND, ...SECOND_LIVED_IN],
  'third set': [...THIRD_LINKS, ...THIRD_ROUTES, ...THIRD_FILTERS, ...THIRD_LAN, ...THIRD_LIVED_IN],
  'fourth set': [
    ...FOURTH_LINKS,
    ...FOURTH_ROUTES,
    ...FOURTH_FILTERS,
    ...FOURTH_LAN,
    ...FOURTH_LIVED_IN,
  ],
  'fifth set': [...FIFTH_LINKS, ...FIFTH_ROUTES, ...FIFTH_FILTERS, ...FIFTH_LAN, ...FIFTH_LIVED_IN],
  'sixth set': SIXTH,
  'seventh set': [
    ...SEVENTH_LINKS,
    ...SEVENTH_ROUTES,
    ...SEVENTH_FILTERS,
    ...SEVENTH_LAN,
    ...SEVENTH_LIVED_IN,
  ],
  'eighth set': [...EIGHTH, ...EIGHTH_LIVED_IN],
  'ninth set': [
    ...NINTH_LINKS,
    ...NINTH_ADDRESSES,
    ...NINTH_HOST,
    ...NINTH_ROUTES,
    ...NINTH_FILTERS,
    ...NINTH_LIVED_IN,
  ],
  'tenth set': [
    ...TENTH_LINKS,
    ...TENTH_ADDRESSES,
    ...TENTH_ROUTES,
    ...TENTH_FILTERS,
    ...TENTH_LAN,
    ...TENTH_ALIKE,
    ...TENTH_LIVED_IN,
  ],
  'eleventh set': [
    ...SHIM,
    ...ELEVENTH_GUESTS,
    ...INDISTINCT,
    ...ELEVENTH_ROUTES,
    ...SETTINGS,
    ...ELEVENTH_LIVED_IN,
  ],
};
