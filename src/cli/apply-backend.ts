/** The back end that `apply` installs where none is named: the one of the host's network. */
import { backendOfHost } from '../apply/takeover.ts';
import type { Model } from '../model/types.ts';
import { backendNames } from '../selection.ts';
import type { System } from '../system.ts';
import { UsageError } from './command-line.ts';
import { backendNamed } from './layout.ts';

/** Whether the named back ends are for a host's network. @throws UsageError for one that is not */
export function checkInstalls(backends: readonly string[]): void {
  const unfit = backends.find((id) => id !== 'netplan' && backendNamed(id).scope !== 'host');
  if (unfit !== undefined) {
    throw new UsageError(`\`apply\`: \`${unfit}\` configures no host for good`);
  }
}

/** @throws UsageError if the owner is unknown; SystemError */
export function backendToApply(system: System, model: Model): string {
  const top = system.openExisting('/');
  try {
    const found = top && backendOfHost(top, model);
    if (found !== undefined) return found;
  } finally {
    top?.close();
  }
  const list = backendNames()
    .map((id) => `\`${id}\``)
    .join(', ');
  throw new UsageError(
    `the owner of this host's network is unknown: name the back end with \`--backend ID\` (${list}), or as \`backend\` in the intent`,
  );
}
