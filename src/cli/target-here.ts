/** The versions of the host that the command runs on: `--target host`. */
import { resolveTarget } from '../install/target-host.ts';
import { type System, SystemError } from '../system.ts';
import { targetOfOsRelease } from '../targets/requested.ts';
import type { TargetSpec } from '../targets/target.ts';
import { UsageError } from './command-line.ts';

/** Where os-release(5) looks, in its order. */
const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];

/** @throws UsageError if this host's distribution is unknown */
export const hostTarget = async (system: System): Promise<TargetSpec> =>
  resolveTarget(system, await distributionHere(system));

/** What files may have been installed for here: as `--target host`, and by the name of the distribution alone. */
export async function targetsHere(system: System): Promise<readonly TargetSpec[]> {
  try {
    const spec = await distributionHere(system);
    return [resolveTarget(system, spec), spec];
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** As `--target` takes it; undefined where this host's is unknown, or its file cannot be read. */
export async function distributionNameHere(system: System): Promise<string | undefined> {
  try {
    return (await distributionHere(system)).name;
  } catch (error) {
    if (error instanceof UsageError || error instanceof SystemError) return undefined;
    throw error;
  }
}

async function distributionHere(system: System): Promise<TargetSpec> {
  const { decode } = await import('./os-release.ts');
  for (const path of OS_RELEASE) {
    let text: string;
    try {
      text = system.readText(path, 64 * 1024);
    } catch (error) {
      if (error instanceof SystemError && error.kind === 'not-found') continue;
      throw error;
    }
    const found = targetOfOsRelease(decode(text));
    if (typeof found !== 'string') return found;
    throw new UsageError(`\`--target host\`: ${found}; name a distribution or versions`);
  }
  throw new UsageError('`--target host`: this machine has no os-release file; name a distribution');
}
