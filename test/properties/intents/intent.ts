/**
 * Arbitrary intents that are accepted: plain objects that are right by construction, printed in many
 * spellings (`print.ts`).
 *
 * fast-check draws the structure (so that a failure shrinks to few links with few settings);
 * numbers that no shrinking makes plainer (addresses, MACs, spellings) come from small seeds.
 */
import type fc from 'fast-check';
import { build } from './build.ts';
import type { IntentData, ParentData, ShimData } from './data.ts';
import { raw } from './draw.ts';
import { print, type Style } from './print.ts';

/** Whether the host is reached by a shim: a subnet, dynamic addresses, or a default route. */
const isReached = ({ addresses = [], routes = [], ...shim }: ShimData): boolean =>
  shim.dhcp4 === true ||
  shim.dhcp6 === true ||
  shim['accept-ra'] === true ||
  !addresses.every((address) => /\/(?:32|128)$/.test(address)) ||
  routes.some(({ to }) => to === 'default' || /\/[01]$/.test(to));

/** Under single addresses each link is described, or the host would be cut off (`parent-cut-off`). */
function described(data: IntentData): IntentData {
  const shims = [...(data.shims?.values() ?? [])];
  if (shims.every(isReached)) return data;
  const parents = data.parents ?? new Map<string, ParentData>();
  const known = new Set([...parents].flatMap(([id, given]) => [id, given['set-name'] ?? id]));
  const named = [...shims.map(({ parent }) => parent)].concat(
    [...parents.values()].flatMap(({ link }) => link ?? []),
  );
  for (const name of named) if (!known.has(name)) parents.set(name, {});
  data.parents = parents;
  return data;
}

/** Intents of the language, right by construction; none is about Wi-Fi (`wifi-parent`). */
export const intent: fc.Arbitrary<IntentData> = raw
  .map(build)
  .map(described)
  .filter((data) => !print(data, { notation: 'json', seed: 0 } as Style).includes('"wl'));
