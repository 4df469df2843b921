/** Where generated files of any back end lie. */
import { type Place, placeOf } from '../view/place.ts';
import { backends } from './registry.ts';

export const places: readonly Place[] = [...new Set(backends.flatMap((backend) => backend.places))];

/** The place that a file lies in, by its path and its text. */
export const placeIn = (path: string, text: string): Place | undefined =>
  placeOf(places, path, text);
