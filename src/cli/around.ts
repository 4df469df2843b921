/** `--output` into a directory of a host or tree: whose network is it? */
import {
  type Backend,
  type Finding,
  judged,
  type Model,
  ownerFindings,
  type System,
} from '../index.ts';

/**
 * Where the directory is called as the back end's own is (`/etc/systemd/network`), the tree around
 * it has the answer.
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
      return judged(around, base, [], () => ownerFindings(around, base, backend, model));
    } finally {
      around.close();
    }
  });
}
