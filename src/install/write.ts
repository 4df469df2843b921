/**
 * Files → a directory tree, so that a host boots and is reachable wherever the run stops. Nothing
 * changes before all of it is known to be allowed; then new files are written and synced under
 * temporary names, and renamed one by one in the order in which they take effect; orphaned files are
 * removed last, and after them their lines in files for several links (`interimOf`). Files that were
 * not generated are not changed.
 */

import { type Directory, SystemError } from '../system.ts';
import { keepBeside } from './backup.ts';
import { type Compared, type Comparison, compareTree } from './compare.ts';
import { type FolderKeeper, folderKeeper, lockedFolders } from './folder-keeper.ts';
import { MAX_SIZE } from './folders.ts';
import type { Leftover } from './leftovers.ts';
import { inOrder } from './order.ts';
import {
  CHANGE_FOLDER,
  clearLeftovers,
  finish,
  keep,
  type Pending,
  type PendingFolder,
  updateDomains,
} from './pending.ts';
import type { Base, Placement } from './places.ts';
import {
  CHANGE,
  changesOf,
  foldersToTouch,
  hasWork,
  type Installation,
  type InstallOptions,
  inLockOrder,
  isChange,
  isOfBase,
  isPruned,
  isUnfinished,
  lookAtPending,
  pendingSteps,
  planned,
  planOf,
  type Written,
} from './plan.ts';
import { inRemovalOrder } from './rank.ts';
import { type Step, stepsOf } from './replacements.ts';
import { kindBelow, textBelow } from './tree.ts';

/**
 * What would be done; changes nothing.
 * @param shown the directory as messages print it; it may not exist
 * @throws SystemError
 */
export function planFiles(
  top: Directory | undefined,
  placements: readonly Placement[],
  bases: readonly Base[],
  options: InstallOptions = {},
  shown = top?.path ?? '',
): Installation {
  const comparison = compareTree(top, placements, bases, shown);
  return planOf(comparison, options, lookAtPending(top, options, shown));
}

/**
 * Writes every file, or none. If the system refuses while files are renamed, the files that take
 * effect first are in place, and the next run resumes.
 * @returns what was done to each, or what prevents it
 * @throws SystemError where the system refuses; temporary files are removed
 */
export function writeFiles(
  top: Directory,
  placements: readonly Placement[],
  bases: readonly Base[] = [],
  options: InstallOptions = {},
): Installation {
  const comparison = compareTree(top, placements, bases);
  const pending = lookAtPending(top, options, top.path);
  const plan = planOf(comparison, options, pending);
  if (!plan.written || !hasWork(comparison, options, pending)) return plan;
  const { isResumed } = plan;
  for (let touched = foldersToTouch(comparison, options, pending); ; ) {
    const locked = lockedFolders(top, touched);
    let isDone = false;
    try {
      // Another run may have ended only now.
      const comparisonNow = compareTree(top, placements, bases);
      const pendingNow = lookAtPending(top, options, top.path);
      const now = planOf(comparisonNow, options, pendingNow);
      if (!now.written) return { ...now, isResumed };
      const missing = withoutLock(foldersToTouch(comparisonNow, options, pendingNow), touched);
      if (missing.length === 0) {
        const written = carryOut(top, comparisonNow, locked.folders, options, pendingNow);
        isDone = true;
        return { ...now, written, isResumed };
      }
      // In the order that no two runs deadlock in.
      touched = inLockOrder([...touched, ...missing]);
    } finally {
      locked.unlock(isDone);
    }
  }
}

const folderOf = (steps: readonly string[]): string => steps.slice(0, -1).join('/');

function withoutLock(
  touched: readonly (readonly string[])[],
  locked: readonly (readonly string[])[],
): (readonly string[])[] {
  const known = new Set(locked.map(folderOf));
  return touched.filter((steps) => !known.has(folderOf(steps)));
}

/**
 * As `writeFiles`, into a new, empty directory whose lock the caller holds: there is nothing to
 * compare with or to wait for.
 * @throws SystemError
 */
export function writeNew(top: Directory, placements: readonly Placement[]): readonly Written[] {
  const folders = folderKeeper(top, true);
  try {
    return carryOut(top, compareTree(undefined, placements, [], top.path), folders, {}, []);
  } finally {
    folders.close();
  }
}

/** An installation while it runs. */
interface Run {
  readonly top: Directory;
  readonly comparison: Comparison;
  readonly folders: FolderKeeper;
  readonly options: InstallOptions;
  /** By path: the backup of a file that was replaced or removed. */
  readonly backups: Map<string, string>;
  /** Temporary files that may be there and are not yet in place. */
  readonly waiting: Set<Step>;
}

/** Everything is written beside its place, then what is replaced is kept, then all is put in place. */
function carryOut(
  top: Directory,
  comparison: Comparison,
  folders: FolderKeeper,
  options: InstallOptions,
  pending: readonly Pending[],
): Written[] {
  const run: Run = { top, comparison, folders, options, backups: new Map(), waiting: new Set() };
  const changed = comparison.files.filter(isChange);
  removeInterrupted(run);
  const steps = changed.flatMap((compared) =>
    stepsOf(compared, folders.of(compared.placement.steps)),
  );
  try {
    writeTemporaries(run, steps);
    for (const { state, placement, path } of changed) {
      if (CHANGE[state] === 'replaced') backUp(run, placement.steps, path);
    }
    for (const folder of new Set(steps.map((step) => step.folder))) folder.sync();
    const done = keepPending(top, comparison, folders, options, pending);
    options.onKept?.();
    for (const compared of changed) assertUnchanged(top, compared);
    const orphans = orphansOf(run);
    for (const { path, steps: at, text } of orphans) assertText(top, path, at, text);
    for (const step of inOrder(steps.filter(({ isLast }) => !isLast))) putInPlace(run, step);
    for (const orphan of orphans) removeOrphan(run, orphan);
    for (const step of steps.filter(({ isLast }) => isLast)) putInPlace(run, step);
    for (const folder of done) finish(folder);
  } catch (error) {
    throw withProgress(error, steps.length - run.waiting.size, steps.length);
  } finally {
    for (const { folder, temporary } of run.waiting) removeQuietly(folder, temporary);
  }
  return planned(comparison, options).map((item) => {
    const backup = run.backups.get(item.path);
    return backup === undefined ? item : { ...item, backup };
  });
}

/** Leftovers of an interrupted run: the names are reserved, and this run holds the lock. */
function removeInterrupted({ comparison: { leftovers }, folders }: Run): void {
  for (const { steps } of leftovers.filter(({ kind }) => kind === 'temporary')) {
    folders.of(steps).remove(steps.at(-1) ?? '');
  }
}

function writeTemporaries({ waiting }: Run, steps: readonly Step[]): void {
  for (const step of steps) {
    // Before it is written: on a full disk it may be partial.
    waiting.add(step);
    step.folder.create(step.temporary, step.mode, step.after);
  }
}

/** Backs up a file if requested; a pending change keeps it elsewhere. */
function backUp({ folders, options, backups }: Run, at: readonly string[], path: string): void {
  const isPending = (options.pendingFolders ?? []).some(
    (item) => !item.isOff && isOfBase(item, at),
  );
  if (!options.backup || isPending) return;
  backups.set(path, keepBeside(folders.of(at), at.at(-1) ?? ''));
}

function putInPlace({ waiting }: Run, step: Step): void {
  if (step.isNew) step.folder.renameNew(step.temporary, step.name);
  else step.folder.rename(step.temporary, step.name);
  step.folder.sync();
  waiting.delete(step);
}

/** Orphaned files that are to be removed, in the order in which they can be. */
const orphansOf = ({ comparison: { files, leftovers }, options }: Run): Leftover[] =>
  inRemovalOrder(
    leftovers.filter((leftover) => isPruned(leftover, options)),
    files.map(({ placement: { file } }) => ({ target: file.path, text: file.text })),
  );

function removeOrphan(run: Run, { steps, path }: Leftover): void {
  const folder = run.folders.of(steps);
  backUp(run, steps, path);
  folder.remove(steps.at(-1) ?? '');
  folder.sync();
}

/** Adds to the failure how many files are in place already. */
function withProgress(error: unknown, done: number, all: number): unknown {
  if (!(error instanceof SystemError) || done === 0) return error;
  const message = `${error.message}; ${done} of ${all} changed files are in place`;
  return new SystemError(error.kind, error.path, message);
}

/** Keeps changed files if requested. @returns folders whose pending change must be finished */
function keepPending(
  top: Directory,
  comparison: Comparison,
  folders: FolderKeeper,
  options: InstallOptions,
  pending: readonly Pending[],
): Directory[] {
  const changes = changesOf(comparison, options);
  return (options.pendingFolders ?? []).flatMap((pendingFolder, index): Directory[] => {
    const found = pending[index];
    const own = changes.filter(({ steps }) => isOfBase(pendingFolder, steps));
    if (!found || pendingFolder.isOff || (own.length === 0 && !isUnfinished(found))) return [];
    const folder = folders.of(pendingSteps(pendingFolder));
    clearLeftovers(folder);
    if (own.length > 0) keep(top, folder, withFolders(pendingFolder, folders), own, found);
    const isNew = own.length > 0 && !found.isOfThisBoot;
    if (isNew || found.isOutdated) updateDomains(top, folder, pendingFolder);
    return own.length > 0 || found.isInterrupted || found.isOutdated ? [folder] : [];
  });
}

/** A rollback removes the folders that this run has created, where nothing is left in them. */
function withFolders(pendingFolder: PendingFolder, folders: FolderKeeper): PendingFolder {
  const { base, notes } = pendingFolder;
  const own = folders
    .created()
    .filter((steps) => steps.length > base.length && isOfBase(pendingFolder, steps))
    .map((steps) => `/${steps.slice(base.length).join('/')}`)
    .filter((path) => path !== `/${CHANGE_FOLDER.join('/')}`);
  if (own.length === 0) return pendingFolder;
  return {
    ...pendingFolder,
    notes: { ...notes, folders: own.map((path) => `${path}\n`).join('') },
  };
}

/** A file that has changed since it was compared is not replaced. */
function assertUnchanged(
  top: Directory,
  { path, placement: { steps }, state, text }: Compared,
): void {
  // `renameNew` refuses a file that has appeared meanwhile; obstacles were compared already.
  if (state === 'missing' || state === 'obstacle') return;
  assertText(top, path, steps, text);
}

function assertText(
  top: Directory,
  path: string,
  steps: readonly string[],
  text: string | undefined,
): void {
  if (kindBelow(top, steps) === 'file' && textBelow(top, steps, MAX_SIZE) === text) return;
  throw new SystemError('exists', path, 'was changed by another program during the installation');
}

/** After a failure, which is the one that is reported. */
function removeQuietly(folder: Directory, name: string): void {
  try {
    folder.remove(name);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
