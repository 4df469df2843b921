/** Which link of a host is the uplink: the one with the default route. */
import type { KernelState } from '../kernel/types.ts';
import { type FoundLink, hasDefaultRoute, scalarOf } from './found.ts';
import type { Owned } from './owners.ts';

/** Links with the default route in the kernel, in the main table. */
export const kernelUplinks = (kernel: Pick<KernelState, 'routes'>): string[] => [
  ...new Set(
    kernel.routes
      .filter(
        ({ to, table, link, type }) =>
          /\/0$/.test(to) && table === 254 && link !== undefined && type === 'unicast',
      )
      .map(({ link }) => link ?? ''),
  ),
];

/**
 * Links that may be the uplink, by the files: with a default route, else with advertisements.
 * @param kernel what the running host has: it decides among several
 */
export function uplinksOf(
  all: readonly Owned[],
  kernel: Pick<KernelState, 'routes'> | undefined,
): Owned[] {
  const free = all.filter(({ link }) => link.master === undefined && link.kind !== 'other');
  const byFiles = free.filter(({ link }) => hasDefaultRoute(link));
  const advertised = free.filter(({ link }) => isAdvertised(link));
  const found = byFiles.length > 0 ? byFiles : advertised;
  if (!kernel) return found;
  const names = kernelUplinks(kernel);
  const running = free.filter(({ link }) => names.includes(link.name));
  return running.length > 0 ? running : found;
}

/** By a setting, not by a default: that is of every link. */
const isAdvertised = (link: FoundLink): boolean =>
  scalarOf(link, 'dhcp6') === true ||
  link.entries.some(
    ({ key, value, origin }) => key === 'accept-ra' && value === true && origin.path !== undefined,
  );
