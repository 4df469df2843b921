/** The back end of an installed host, which needs no `--backend`. */
import { backends } from '../backends/registry.ts';
import type { FleetOptions } from '../compile-fleet.ts';
import { installedBackends } from '../install/installed.ts';
import type { System } from '../system.ts';
import { backendNames } from './option-rules.ts';
import { UsageError } from './options.ts';

/**
 * The back end whose generated files are on this host.
 * @throws UsageError where there is none, or more than one; SystemError
 */
export function installedBackend(system: Pick<System, 'openExisting'>): string {
  const top = system.openExisting('/');
  let found: string[] = [];
  try {
    found = top ? installedBackends(top) : [];
  } finally {
    top?.close();
  }
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  const list = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ');
  throw new UsageError(
    only === undefined
      ? `no generated files on this host: name the back end with \`--backend ID\` (${list(backendNames())})`
      : `generated files of several back ends on this host (${list(found)}): name one with \`--backend ID\``,
  );
}

/** Whether a back end configures the links of a host. @throws UsageError for one that does not */
export function checkConfigures(
  command: string,
  { backends: named }: Pick<FleetOptions, 'backends'>,
): void {
  const unfit = backends.find(({ id, scope }) => named.includes(id) && scope === 'guests');
  if (unfit) throw new UsageError(`\`${command}\`: \`${unfit.id}\` configures no link of the host`);
}
