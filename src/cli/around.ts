/** `--output` into a directory of a host or tree: which system owns the network there. */
import type { Backend } from '../backends/backend.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { ownerFindings } from '../install/network-owner.ts';
import { findingsAt } from '../install/survey.ts';
import type { Model } from '../model/types.ts';
import type { System } from '../system.ts';

/**
 * If the directory has the path of the back end's own (`/etc/systemd/network`), the tree around it
 * is the host's.
 * @throws SystemError
 */
export function conflictsAround(
  system: Pick<System, 'openExisting'>,
  output: string,
  backends: readonly Backend[],
  model: Model,
): Finding[] {
  return backends.flatMap((backend) => {
    if (!output.endsWith(backend.directory)) return [];
    const around = system.openExisting(output.slice(0, -backend.directory.length) || '/');
    if (!around) return [];
    try {
      const base = { steps: [] };
      return findingsAt(around, base, [], () => ownerFindings(around, base, backend, model));
    } finally {
      around.close();
    }
  });
}
