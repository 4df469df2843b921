/**
 * The pending directory: the files that a change replaces and removes, kept before the first file
 * changes, with the script that rolls back. It exists until the change is confirmed or rolled back.
 *
 *     /etc/macvtap-render/pending       0700
 *         files/<absolute path>         what was there: its bytes, mode and owner, or the link
 *         created                       absolute paths that did not exist, one a line
 *         folders                       absolute paths of folders that were created for them, one a line
 *         boot                          the boot it was made in; empty where that is not known
 *         change                        the script: arm, activate, rollback, confirm
 *         installing                    there until every file is in place
 *         activated                     there once all of them are in effect
 *         domains, domain-*             libvirt's domains (see `pending-domains.ts`)
 */

import { type Directory, SystemError } from '../system.ts';
import { isLockName, temporaryName } from '../view/ownership.ts';
import { shownPath } from './folders.ts';
import { type Change, keepAll, MAX_CREATED, replaceText, undoing } from './kept.ts';
import { type DomainNotes, hasBegun, hasDomains, keepDomains } from './pending-domains.ts';
import { kindBelow, removeAll, textBelow, within } from './tree.ts';

/** Its path below the root of a host: on the file system of `/etc`, so mounted when `/etc` is. */
export const CHANGE_FOLDER: readonly string[] = ['etc', 'macvtap-render'];
export const PENDING = 'pending';
/** A rollback first renames it to this, so that it cannot be confirmed any more. */
const CLAIMED = 'pending.claimed';
/** The names while it is created, and of the one of an earlier boot while it is replaced. */
const NEW = temporaryName(PENDING);
const OLD = '.pending.macvtap-old';
/** A confirmation renames it to this before it removes it. */
const CONFIRMED = 'pending.confirmed';
const LEFTOVERS: readonly string[] = [NEW, OLD, CONFIRMED];
/** There until every file is in place. */
export const INSTALLING = 'installing';
/** There since the activation of all that is in place, or the boot that was one. */
const ACTIVATED = 'activated';
/** There from `change arm SECONDS reboot` until the boot that activates the change. */
const REBOOT = 'reboot-once';

/** What is kept of the changes below a root. */
export interface PendingFolder {
  /** The root of the host, below the directory that is written to. */
  readonly base: readonly string[];
  /** The text of `change`; absent: none is stored. */
  readonly script?: string;
  /** Other files that the rollback needs, by their absolute paths on the host. */
  readonly also?: readonly string[];
  /** What else the script needs to know, by the name of its file; lines. */
  readonly notes?: Readonly<Record<string, string>>;
  /** libvirt's domains, which move with the change; absent: what is kept of them stays. */
  readonly domains?: DomainNotes;
  /** Keep nothing; only look for a pending change. */
  readonly isOff?: boolean;
}

export interface Pending {
  /** Its path as messages print it. */
  readonly path: string;
  /**
   * An unconfirmed change of this boot: its kept files stay, and the rollback restores the state
   * before it.
   */
  readonly isOfThisBoot: boolean;
  /** An installation stopped before every file was in place. */
  readonly isInterrupted: boolean;
  /** Its activation has begun, or it has been armed for the next boot: domains may have moved. */
  readonly hasBegun: boolean;
  /** All of it is in effect. */
  readonly isActivated: boolean;
  /** It is armed for the next boot, which has not come: that boot activates it. */
  readonly waitsForReboot: boolean;
  /** It is not activated, and keeps other things of libvirt's domains than this change would. */
  readonly isOutdated: boolean;
  /** A rollback of this or an earlier boot has claimed it and has not ended. */
  readonly isClaimed: boolean;
  /** Leftovers of an interrupted run next to it. */
  readonly leftovers: readonly string[];
}

/** Changes nothing. @throws SystemError if something else has its name */
export function lookForPending(
  top: Directory | undefined,
  { base, domains }: PendingFolder,
  shown: string,
): Pending {
  const path = shownPath(shown, [...base, ...CHANGE_FOLDER, PENDING]);
  const none: Pending = {
    path,
    isOfThisBoot: false,
    isInterrupted: false,
    hasBegun: false,
    isActivated: false,
    waitsForReboot: false,
    isOutdated: false,
    isClaimed: false,
    leftovers: [],
  };
  if (!top) return none;
  const boot = bootOf(top, base);
  const found = within(top, [...base, ...CHANGE_FOLDER], (folder): Pending => {
    const hasBoot = (name: string): boolean =>
      // Fails if it is not a directory.
      within(folder, [name], (pending) => {
        const made = textBelow(pending, ['boot'], 64)?.trim() ?? '';
        // An unknown boot may be this one: the first copy stays.
        return boot === '' || made === '' || made === boot;
      }) ?? false;
    const isOfThisBoot = hasBoot(PENDING);
    const isInterrupted = kindBelow(folder, [PENDING, INSTALLING]) !== undefined;
    const begun = within(folder, [PENDING], hasBegun) ?? false;
    const isCurrent =
      begun ||
      !(isOfThisBoot || isInterrupted) ||
      domains === undefined ||
      domains.isUnknown ||
      within(folder, [PENDING], (pending) => hasDomains(top, pending, base, domains)) === true;
    return {
      path,
      isOfThisBoot,
      isInterrupted,
      hasBegun: begun,
      isActivated: kindBelow(folder, [PENDING, ACTIVATED]) !== undefined,
      waitsForReboot: isOfThisBoot && kindBelow(folder, [PENDING, REBOOT]) !== undefined,
      isOutdated: !isCurrent,
      isClaimed: folder.kindOf(CLAIMED) !== undefined,
      leftovers: folder.list().filter((name) => LEFTOVERS.includes(name) || isLockName(name)),
    };
  });
  return found ?? none;
}

/** The kernel's boot id; empty if unknown, as in the tree of an image. */
function bootOf(top: Directory, base: readonly string[]): string {
  const text = textBelow(top, [...base, 'proc', 'sys', 'kernel', 'random', 'boot_id'], 64);
  return /^[0-9a-f-]{36}$/.test(text?.trim() ?? '') ? (text ?? '').trim() : '';
}

/** Removes leftovers of an interrupted run; the caller holds the lock of `folder`. */
export function clearLeftovers(folder: Directory): void {
  for (const name of LEFTOVERS) removeAll(folder, name);
}

/**
 * Keeps the current files of `changes`; all are on the disk before this returns.
 * @param folder `CHANGE_FOLDER` below the root; the caller holds its lock
 * @param found what `lookForPending` says now
 */
export function keep(
  top: Directory,
  folder: Directory,
  { base, script, also = [], notes = {} }: PendingFolder,
  changes: readonly Change[],
  found: Pending,
): void {
  const all = [
    ...changes,
    ...also.map((target) => ({ target, steps: [...base, ...target.split('/').slice(1)] })),
  ];
  if (found.isOfThisBoot) {
    const pending = entered(folder, PENDING);
    try {
      replaceText(pending, INSTALLING, 0o600, '');
      removeAll(pending, ACTIVATED);
      keepAll(top, pending, all, new Set(also));
      if (script !== undefined) replaceText(pending, 'change', 0o700, script);
      for (const [name, text] of Object.entries(notes)) addLines(pending, name, text);
      pending.sync();
    } finally {
      pending.close();
    }
    return;
  }
  undoing(folder, NEW, () => {
    const pending = folder.enterNew(NEW, 0o700);
    try {
      pending.create(INSTALLING, 0o600, '');
      pending.create('boot', 0o600, `${bootOf(top, base)}\n`);
      if (script !== undefined) pending.create('change', 0o700, script);
      for (const [name, text] of Object.entries(notes)) pending.create(name, 0o600, text);
      keepAll(top, pending, all, new Set(also));
      pending.sync();
    } finally {
      pending.close();
    }
    if (folder.kindOf(PENDING) !== undefined) folder.rename(PENDING, OLD);
    folder.rename(NEW, PENDING);
  });
  folder.sync();
  removeAll(folder, OLD);
}

/** Replaces what is kept of libvirt's domains: of a change that is not activated. */
export function updateDomains(
  top: Directory,
  folder: Directory,
  { base, domains }: PendingFolder,
): void {
  if (!domains || domains.isUnknown) return;
  const pending = entered(folder, PENDING);
  try {
    replaceText(pending, INSTALLING, 0o600, '');
    if (!hasBegun(pending)) keepDomains(top, pending, base, domains);
    pending.sync();
  } finally {
    pending.close();
  }
}

/** Every file is in place. @throws SystemError if a rollback has claimed it meanwhile */
export function finish(folder: Directory): void {
  const pending = folder.enter(PENDING);
  if (!pending) {
    throw new SystemError(
      'not-found',
      shownPath(folder.path, [PENDING]),
      'was claimed by a rollback or a confirmation during the installation',
    );
  }
  try {
    if (pending.kindOf(INSTALLING) !== undefined) pending.remove(INSTALLING);
    pending.sync();
  } finally {
    pending.close();
  }
}

/** What an earlier change has noted stays: a rollback reverses both. */
function addLines(folder: Directory, name: string, text: string): void {
  const before = folder.kindOf(name) ? folder.read(name, MAX_CREATED).text : '';
  const lines = [...new Set(`${before}${text}`.split('\n').filter((line) => line !== ''))];
  replaceText(folder, name, 0o600, lines.map((line) => `${line}\n`).join(''));
}

function entered(folder: Directory, name: string): Directory {
  const inner = folder.enter(name);
  if (!inner) throw new SystemError('not-found', shownPath(folder.path, [name]), 'is not there');
  return inner;
}
