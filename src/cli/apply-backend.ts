/** The back end that `apply` installs: the named one, or the one of the host's network. */
import { backendOfHost } from '../apply/takeover.ts';
import { compileFleet, type FleetOptions } from '../compile-fleet.ts';
import type { IntentText } from '../intent/fleet.ts';
import type { System } from '../system.ts';
import { backendNamed } from './install.ts';
import { backendNames } from './option-rules.ts';
import { type CommandLine, UsageError } from './options.ts';

/**
 * @returns none where the intent has errors, which are reported without a back end
 * @throws UsageError if none is named and the owner is unknown; SystemError
 */
export function applyBackend(
  system: System,
  line: CommandLine,
  texts: readonly IntentText[],
  options: FleetOptions,
): readonly string[] {
  if (line.backends.length > 0) {
    const unfit = line.backends.find((id) => id !== 'netplan' && backendNamed(id).scope !== 'host');
    if (unfit === undefined) return line.backends;
    throw new UsageError(`\`apply\`: \`${unfit}\` configures no host for good`);
  }
  const hosts = line.hosts.length > 0 ? { hosts: line.hosts } : {};
  const { hosts: compiled } = compileFleet(texts, { ...options, ...hosts, backends: [] });
  const model = compiled[0]?.model;
  if (!model) return [];
  const top = system.openExisting('/');
  try {
    const found = top && backendOfHost(top, model);
    if (found !== undefined) return [found];
  } finally {
    top?.close();
  }
  const list = backendNames()
    .map((id) => `\`${id}\``)
    .join(', ');
  throw new UsageError(
    `the owner of this host's network is unknown: name the back end with \`--backend ID\` (${list})`,
  );
}
