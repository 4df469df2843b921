/** Why `apply` changes nothing on this host. */
import { pendingChange } from '../apply/pending-change.ts';
import type { Preparation, Problem } from '../apply/prepare.ts';
import type { Backend } from '../backends/backend.ts';
import { endFirst, hasChanges, type Installation } from '../install/plan.ts';
import { rebootOnly } from '../install/recreated.ts';
import { type System, SystemError } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { type Assessment, effectsOf } from './install.ts';

/** What is to be done. */
interface Asked {
  readonly line: CommandLine;
  readonly backend: Backend;
  readonly preparation: Preparation;
}

/** Why nothing is done. */
export function refusal(
  system: System,
  { line, backend, preparation }: Asked,
  { isBlocked, plan }: Assessment,
): Problem | undefined {
  if (preparation.problem) return preparation.problem;
  if (!line.dryRun && !isRoot(system)) {
    return { message: 'only root can change the network', hint: 'Run it with `sudo`.' };
  }
  const { state, path } = pendingChange(system);
  if (state !== 'none' && isPending(plan)) {
    return {
      message: `a change is pending already (${path})`,
      hint: endFirst({
        isInterrupted: state === 'installing',
        waitsForReboot: state === 'waits-for-reboot',
      }),
    };
  }
  const devices = rebootOnly(effectsOf(backend.id, plan.written ?? []));
  if (!isBlocked && devices.length > 0 && !line.reboot) {
    const names = devices.map((name) => `\`${name}\``).join(', ');
    return {
      message: `only a reboot changes ${names}`,
      hint: 'Add `--reboot`: the host reboots into the change, and rolls back unless it is confirmed.',
    };
  }
  const [named] = line.move;
  if (named !== undefined && plan.written && !hasChanges(plan.written)) {
    return {
      message: `\`--move\` takes ${named} along with a change, and no generated file changes`,
      hint: 'Move it away by hand, or leave `--move` out.',
    };
  }
  if (!isBlocked) return undefined;
  return {
    message: 'nothing was changed: the host has what conflicts with the generated files (above)',
    hint: hasChanges(plan.written) ? 'Fix it; `--force` changes the host anyway.' : 'Fix it first.',
  };
}

/** Copies of an earlier boot, whose rollback is no longer armed, are replaced. */
const isPending = ({ pending = [] }: Installation): boolean =>
  pending.some(({ isOfThisBoot, isClaimed }) => isOfThisBoot || isClaimed);

function isRoot(system: System): boolean {
  try {
    return system.run('id', ['-u']).stdout.trim() === '0';
  } catch (error) {
    if (error instanceof SystemError) return true;
    throw error;
  }
}
