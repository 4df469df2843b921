/** The back end of an installed host, which needs no `--backend`. */
import { backends } from '../backends/registry.ts';
import { installedBackends } from '../install/installed.ts';
import type { System } from '../system.ts';
import { UsageError } from './command-line.ts';

/**
 * The back end whose generated files are on a host, or in its tree; empty if there are none.
 * @throws UsageError where there are several; SystemError
 */
export function installedBackend(system: Pick<System, 'openExisting'>, root: string): string[] {
  const top = system.openExisting(root);
  let found: string[] = [];
  try {
    found = top ? installedBackends(top) : [];
  } finally {
    top?.close();
  }
  if (found.length < 2) return found;
  const list = found.map((id) => `\`${id}\``).join(', ');
  throw new UsageError(
    `generated files of several back ends ${root === '/' ? 'on this host' : `in ${root}`} (${list}): name one with \`--backend ID\``,
  );
}

/** Whether a back end configures the links of a host. @throws UsageError for one that does not */
export function checkConfigures(
  command: string,
  { backends: named }: { readonly backends: readonly string[] },
): void {
  const unfit = backends.find(({ id, scope }) => named.includes(id) && scope === 'guests');
  if (unfit) throw new UsageError(`\`${command}\`: \`${unfit.id}\` configures no link of the host`);
}
