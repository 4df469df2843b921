/** A host of tier 2, made of a golden case. */
import { renderingsOf } from '../case.ts';
import { expect } from '../expected.ts';
import type { Image } from '../images.ts';
import { planLab } from '../plan.ts';
import type { Host } from './boot.ts';

export const PART = 'tier 2';

export const repeatOf = (name: string, way: string, suite: string): string[] => [
  ...['--tier', '2', '--case', name, '--backend', way, '--suite', suite],
];

/**
 * The host of a case on a way and a suite, with what is written for that suite.
 * @returns what the program says, where it refuses
 */
export function hostOf(name: string, way: string, image: Image): Host | { refusal: string } {
  const { model, backend, all, refusal = '' } = renderingsOf(name, way, image);
  const rendering = all.at(-1);
  if (!rendering) return { refusal };
  const segments = planLab(model);
  return {
    image,
    segments,
    systems: backend.needs,
    hostname: model.host,
    files: rendering.files,
    expected: expect(model, segments, rendering.leftOut),
  };
}
