/** Whether netplan configures a link, and by which renderer. */
import { type Claim, type HostFile, merged, type Watch } from '../foreign.ts';
import type { At, Definition } from '../netplan/definition.ts';
import { readConfiguration } from '../netplan/definitions.ts';
import { netplanWatches } from '../netplan/judge.ts';
import { isOf } from '../netplan/links.ts';
import type { Claimed } from './claims.ts';

/** Without `/run`, which is empty at the next boot. */
export const yamlWatches: readonly Watch[] = netplanWatches.filter(
  ({ folder }) => !folder.startsWith('/run/'),
);
const FOLDERS = yamlWatches.map(({ folder }) => folder);

export type Renderer = 'networkd' | 'NetworkManager';

/** Links in the YAML of one renderer. */
function definitionsFor(files: readonly HostFile[], wanted: Renderer): Definition[] {
  const own = files.filter(({ folder }) => FOLDERS.includes(folder));
  const { definitions, renderer } = readConfiguration(merged(own, FOLDERS));
  return [...definitions.values()].filter((item) => (item.renderer ?? renderer) === wanted);
}

/** Whether netplan's YAML has any link for a renderer. */
export const netplanDevices = (files: readonly HostFile[], renderer: Renderer): At[] =>
  definitionsFor(files, renderer).flatMap(({ places }) => places.slice(0, 1));

/** The YAML for a link, or for one on top of it. */
export function claimedByNetplan(
  claim: Claim,
  files: readonly HostFile[],
  renderer: Renderer,
): Claimed | undefined {
  const all = definitionsFor(files, renderer);
  const fits = all.map((item) => ({ item, fit: isOf(item, claim) }));
  const own = fits.find(({ fit }) => fit === 'yes') ?? fits.find(({ fit }) => fit === 'may');
  const ids = [claim.name, ...(own ? [own.item.id] : [])];
  const above = all.find(({ link, ports }) =>
    [link, ...ports].some((reference) => reference && ids.includes(reference.id)),
  );
  const [place] = (own?.item ?? above)?.places ?? [];
  return place && { ...place, by: own?.fit === 'may' ? 'perhaps' : 'file', isNetplan: true };
}
