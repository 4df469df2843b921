/** Whether ifupdown brings a link up at boot, or something on top of it. */
import type { Claim, HostFile } from '../foreign.ts';
import { startedIn, startsOf } from '../ifupdown/boot.ts';
import { portIn } from '../ifupdown/ports.ts';
import { readTree } from '../ifupdown/tree.ts';
import type { Claimed } from './claims.ts';

export { ifupdownWatches as interfacesWatches } from '../ifupdown/tree.ts';

/** interfaces(5): a stanza for the link, or with it as a port. */
export function claimedByIfupdown(claim: Claim, files: readonly HostFile[]): Claimed | undefined {
  const tree = readTree(files);
  if (tree.off) return undefined;
  const starts = startsOf(tree, claim);
  const isStarted = startedIn(tree);
  for (const stanza of tree.stanzas) {
    const { path, line } = stanza;
    const start = starts.find(({ logical }) => logical === stanza.name);
    const port = isStarted(stanza) ? portIn(stanza, stanza.options, claim) : undefined;
    if (start || port) return { path, line, by: (start ?? port)?.isSure ? 'file' : 'perhaps' };
  }
  return undefined;
}

/** Whether a stanza names a link at all, brought up or not: NetworkManager ignores it. */
export const isNamedByIfupdown = ({ name }: Claim, files: readonly HostFile[]): boolean =>
  readTree(files).byName.has(name);
