/** A host of tier 2, made of a golden case. */
import { renderingsOf } from '../../case.ts';
import type { Host } from '../../drive/boot.ts';
import { type Driver, driversOf } from '../../drive/drivers.ts';
import { expectOf } from '../../drive/less.ts';
import type { Image } from '../../image/images.ts';

export const PART = 'tier 2';

export const repeatOf = (name: string, backend: string, suite: string): string[] => [
  ...['--tier', '2', '--case', name, '--backend', backend, '--suite', suite],
];

/**
 * The host of a case on a way and a suite, with what is written for that suite.
 * @param driver the program that it has, where several may run the files; else the first
 * @returns what the program says, where it refuses
 */
export function hostOf(
  name: string,
  backendId: string,
  image: Image,
  driver?: Driver,
): Host | { refusal: string } {
  const { model, backend, all, refusal = '' } = renderingsOf(name, backendId, image);
  const rendering = all.at(-1);
  if (!rendering) return { refusal };
  const { flavour, ...by } = driver ?? (driversOf(backend, image)[0] as Driver);
  const { segments, expected } = expectOf(model, by, rendering.leftOut);
  return {
    image,
    segments,
    ...(flavour && { flavour }),
    systems: backend.needs,
    hostname: model.host,
    files: rendering.files,
    expected,
  };
}
