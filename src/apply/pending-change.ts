/** The change of this host that is pending: whether there is one, and what becomes of it. */

import { CHANGE_FOLDER, lookForPending } from '../install/pending.ts';
import { kindBelow, textBelow, within } from '../install/tree.ts';
import type { Directory, System } from '../system.ts';
import { SystemError } from '../system.ts';

export type PendingState =
  | 'none'
  /** Files are being written, or the run that did so was interrupted. */
  | 'installing'
  /** Somebody is to confirm it. */
  | 'pending'
  /** The next boot activates it. */
  | 'waits-for-reboot'
  | 'rolling-back'
  /** A rollback stopped before its end, or had problems. */
  | 'rollback-failed';

export interface PendingChange {
  readonly state: PendingState;
  /** Where what was there before is kept. */
  readonly path: string;
  /** Until it rolls back by itself; absent: it does not. */
  readonly secondsLeft?: number;
  /** Whether a boot rolls it back. */
  readonly rollsBackAtBoot: boolean;
}

const NAMES = { pending: 'pending', claimed: 'pending.claimed' } as const;
const shown = (name: string): string => `/${[...CHANGE_FOLDER, name].join('/')}`;

/** @throws SystemError where the folder cannot be read, as by others than root */
export function pendingChange(system: System): PendingChange {
  const none: PendingChange = { state: 'none', path: shown(NAMES.pending), rollsBackAtBoot: false };
  const top = system.openExisting('/');
  if (!top) return none;
  try {
    return within(top, [...CHANGE_FOLDER], (folder) => inFolder(system, top, folder)) ?? none;
  } finally {
    top.close();
  }
}

function inFolder(system: System, top: Directory, folder: Directory): PendingChange | undefined {
  const name = folder.kindOf(NAMES.claimed) ? NAMES.claimed : NAMES.pending;
  if (!folder.kindOf(name)) return undefined;
  const text = (file: string): string | undefined => textBelow(folder, [name, file], 64)?.trim();
  const has = (file: string): boolean => kindBelow(folder, [name, file]) !== undefined;
  // Of an earlier boot, and nothing rolls it back: that boot was its activation.
  const isStale = name === NAMES.pending && !lookForPending(top, { base: [] }, '/').isOfThisBoot;
  if (isStale && !has('armed-boot')) return undefined;
  const secondsLeft = secondsUntil(system, text('deadline'));
  const rollsBackAtBoot =
    has('armed-boot') &&
    kindBelow(top, ['etc', 'systemd', 'system', 'macvtap-rollback.service']) === 'file';
  const state = stateOf(system, name, text('running'), has);
  return {
    state,
    path: shown(name),
    ...(state !== 'rollback-failed' && secondsLeft !== undefined && { secondsLeft }),
    rollsBackAtBoot,
  };
}

function stateOf(
  system: System,
  name: string,
  running: string | undefined,
  has: (file: string) => boolean,
): PendingState {
  if (name === NAMES.claimed) return isAlive(system, running) ? 'rolling-back' : 'rollback-failed';
  if (has('installing')) return 'installing';
  return has('reboot-once') ? 'waits-for-reboot' : 'pending';
}

/** Whether a process is one of a change script. */
function isAlive(system: System, pid: string | undefined): boolean {
  if (pid === undefined || !/^\d+$/.test(pid)) return false;
  return textAt(system, `/proc/${pid}/cmdline`)?.includes('macvtap-render') === true;
}

/** Both are seconds since the kernel's boot. */
function secondsUntil(system: System, deadline: string | undefined): number | undefined {
  const uptime = Number.parseFloat(textAt(system, '/proc/uptime') ?? '');
  if (deadline === undefined || !/^\d+$/.test(deadline) || Number.isNaN(uptime)) return undefined;
  return Math.max(0, Math.round(Number(deadline) - uptime));
}

function textAt(system: System, path: string): string | undefined {
  try {
    return system.readText(path, 64 * 1024);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
