/**
 * Files → a directory tree, so that a host which boots is reachable whatever interrupts. Nothing is
 * touched before all of it is known to be allowed; then new files are written and synced under
 * temporary names, and renamed one by one in the order in which they take effect; what is ours and
 * not meant any more goes last, and after it what files say of it (`interimOf`). Whatever is not
 * ours stays as it is.
 */
import {
  type Compared,
  type Comparison,
  compareTree,
  type State,
  type Stray,
  shownPath,
} from '../diff.ts';
import { backupName, intentNamed } from '../ownership.ts';
import { type Directory, SystemError } from '../system.ts';
import { inOrder } from './order.ts';
import type { Base, Placement } from './places.ts';
import { type Step, stepsOf } from './steps.ts';

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface Wishes {
  /** Write over what is not ours. */
  readonly force?: boolean;
  /** Keep what is written over or removed, beside it. */
  readonly backup?: boolean;
  /** Leave what is ours and not meant any more. */
  readonly keepOrphans?: boolean;
}

export interface Written {
  readonly path: string;
  readonly change: 'created' | 'replaced' | 'mode' | 'owner' | 'unchanged' | 'removed' | 'left';
  /** On the target, absolute. */
  readonly target: string;
  /** What was there, and what is there now. */
  readonly before?: string;
  readonly after?: string;
  /** Where what was there is kept. */
  readonly backup?: string;
  /** Of what is left: why. */
  readonly because?: string;
}

export interface Installation {
  /** What was done to each file; undefined where problems stand in the way. */
  readonly written?: readonly Written[];
  /** What a run that did not come to its end has left was found. */
  readonly isResumed: boolean;
  readonly problems: readonly Problem[];
}

/**
 * What would be done, without touching anything.
 * @param shown how messages call the directory, which may not be there
 * @throws SystemError
 */
export function planFiles(
  top: Directory | undefined,
  placements: readonly Placement[],
  bases: readonly Base[],
  wishes: Wishes = {},
  shown = top?.path ?? '',
): Installation {
  return planOf(compareTree(top, placements, bases, shown), wishes);
}

function planOf(comparison: Comparison, wishes: Wishes): Installation {
  const problems = problemsOf(comparison, wishes);
  const isResumed = comparison.strays.some(isLeftOver);
  return problems.length > 0
    ? { problems, isResumed }
    : { written: planned(comparison, wishes), problems, isResumed };
}

/**
 * Writes every file, or none; where the system refuses once files are being put in place, those
 * that take effect first are there, and the next run goes on from there.
 * @returns what was done to each, or what stands in the way
 * @throws SystemError where the system refuses; temporary files are taken back
 */
export function writeFiles(
  top: Directory,
  placements: readonly Placement[],
  bases: readonly Base[] = [],
  wishes: Wishes = {},
): Installation {
  const comparison = compareTree(top, placements, bases);
  const plan = planOf(comparison, wishes);
  if (!plan.written || !hasWork(comparison, wishes)) return plan;
  const folders = folderKeeper(top);
  const unlocks: (() => void)[] = [];
  try {
    for (const steps of foldersToTouch(comparison, wishes)) {
      unlocks.push(folders.of(steps).lock());
    }
    // Another run may have been at work until now.
    const comparisonNow = compareTree(top, placements, bases);
    const problems = problemsOf(comparisonNow, wishes);
    const { isResumed } = plan;
    if (problems.length > 0) return { problems, isResumed };
    return { written: carryOut(comparisonNow, folders, wishes), problems, isResumed };
  } finally {
    for (const unlock of unlocks.reverse()) unlock();
    folders.close();
  }
}

/**
 * As `writeFiles`, into a directory that is new and empty, of which the caller holds the lock: there
 * is nothing to compare with, and nobody to wait for.
 * @throws SystemError
 */
export function writeNew(top: Directory, placements: readonly Placement[]): readonly Written[] {
  const folders = folderKeeper(top);
  try {
    return carryOut(compareTree(undefined, placements, [], top.path), folders, {});
  } finally {
    folders.close();
  }
}

interface FolderKeeper {
  /** The folder that a file is in, made if it is not there. */
  of(steps: readonly string[]): Directory;
  close(): void;
}

function folderKeeper(top: Directory): FolderKeeper {
  const known = new Map<string, Directory>();
  return {
    of(steps) {
      let folder = top;
      for (const [index, step] of steps.slice(0, -1).entries()) {
        const key = steps.slice(0, index + 1).join('/');
        const next = known.get(key) ?? folder.enterOrCreate(step);
        known.set(key, next);
        folder = next;
      }
      return folder;
    },
    close() {
      for (const folder of known.values()) folder.close();
    },
  };
}

const isChange = ({ state }: Compared): boolean => state !== 'same';
const isOrphan = ({ kind }: Stray): boolean => kind === 'orphan' || kind === 'orphan-of-other';
const isLeftOver = ({ kind }: Stray): boolean => kind === 'temporary' || kind === 'lock';

const isPruned = ({ kind }: Stray, { keepOrphans, force }: Wishes): boolean =>
  !keepOrphans && (kind === 'orphan' || (kind === 'orphan-of-other' && force === true));

const hasWork = ({ files, strays }: Comparison, wishes: Wishes): boolean =>
  files.some(isChange) || strays.some((stray) => isLeftOver(stray) || isPruned(stray, wishes));

/** One file of each folder, in an order that is the same for every run: two never wait for each other. */
function foldersToTouch({ files, strays }: Comparison, wishes: Wishes): (readonly string[])[] {
  const touched = [
    ...files.filter(isChange).map(({ placement }) => placement.steps),
    ...strays.filter((s) => isLeftOver(s) || isPruned(s, wishes)).map(({ steps }) => steps),
  ];
  const byFolder = new Map(touched.map((steps) => [steps.slice(0, -1).join('/'), steps]));
  return [...byFolder].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, steps]) => steps);
}

const FORCIBLE: ReadonlySet<State> = new Set(['edited', 'other-host', 'obstacle']);

function problemsOf({ files }: Comparison, { force }: Wishes): Problem[] {
  const problems = files
    .filter(({ state, isReplaceable }) => FORCIBLE.has(state) && !(force && isReplaceable))
    .map(({ path, state, because = '', isReplaceable }) => ({
      path,
      message: because,
      hint: isReplaceable ? HINTS[state === 'other-host' ? 'other-host' : 'file'] : HINTS.never,
    }));
  // A folder that is none is in the way of every file in it, and is told of once.
  return [...new Map(problems.map((problem) => [problem.path, problem])).values()];
}

const HINTS = {
  file: 'Move it away, or write over it with `--force` (and `--backup`, which keeps it beside).',
  'other-host':
    'Is it the right intent for this host? If so, write over it with `--force` (and `--backup`).',
  never: 'Move it away; nothing is written through a link, nor in the place of a directory.',
} as const;

const CHANGE: Readonly<Record<State, Written['change']>> = {
  same: 'unchanged',
  missing: 'created',
  changed: 'replaced',
  mode: 'mode',
  owner: 'owner',
  edited: 'replaced',
  'other-host': 'replaced',
  obstacle: 'replaced',
};

const writtenOf = ({ path, state, placement, text }: Compared): Written => ({
  path,
  change: CHANGE[state],
  target: placement.file.path,
  after: placement.file.text,
  ...(text !== undefined && { before: text }),
});

function planned({ files, strays }: Comparison, wishes: Wishes): Written[] {
  return [...files.map(writtenOf), ...strays.filter(isOrphan).map((s) => orphaned(s, wishes))];
}

function orphaned(stray: Stray, wishes: Wishes): Written {
  const { path, target, text, kind } = stray;
  if (isPruned(stray, wishes)) return { path, target, before: text, change: 'removed' };
  const because =
    kind === 'orphan' ? 'the intent has it no more' : `it was written from ${intentNamed(text)}`;
  return { path, target, before: text, after: text, change: 'left', because };
}

function carryOut({ files, strays }: Comparison, folders: FolderKeeper, wishes: Wishes): Written[] {
  // What an interrupted run left behind: the names are nobody else's, and the lock is ours.
  for (const { steps } of strays.filter(({ kind }) => kind === 'temporary')) {
    folders.of(steps).remove(steps.at(-1) ?? '');
  }
  const backups = new Map<string, string>();
  const keep = (folder: Directory, name: string, path: string): void => {
    if (wishes.backup) backups.set(path, keepBeside(folder, name));
  };
  const steps = files
    .filter(isChange)
    .flatMap((compared) => stepsOf(compared, folders.of(compared.placement.steps)));
  const pending = new Set<Step>();
  const putInPlace = (step: Step): void => {
    step.folder.rename(step.temporary, step.name);
    step.folder.sync();
    pending.delete(step);
  };
  try {
    for (const step of steps) {
      // Before it is made: where the disk is full, half of it is there.
      pending.add(step);
      step.folder.create(step.temporary, step.mode, step.after);
    }
    for (const compared of files.filter(({ state }) => CHANGE[state] === 'replaced')) {
      const { steps: at } = compared.placement;
      keep(folders.of(at), at.at(-1) ?? '', compared.path);
    }
    for (const folder of new Set(steps.map((step) => step.folder))) folder.sync();
    for (const step of inOrder(steps.filter(({ isLast }) => !isLast))) putInPlace(step);
    // What refers to others goes before those: the reverse of the order in which they came.
    const orphans = strays
      .filter((stray) => isPruned(stray, wishes))
      .sort((a, b) => b.rank - a.rank);
    for (const { steps: at, path } of orphans) {
      const folder = folders.of(at);
      const name = at.at(-1) ?? '';
      keep(folder, name, path);
      folder.remove(name);
      folder.sync();
    }
    for (const step of steps.filter(({ isLast }) => isLast)) putInPlace(step);
  } finally {
    for (const { folder, temporary } of pending) removeQuietly(folder, temporary);
  }
  return planned({ files, strays }, wishes).map((one) => {
    const backup = backups.get(one.path);
    return backup === undefined ? one : { ...one, backup };
  });
}

/** A second name for it, which daemons do not read; an earlier backup is never written over. */
function keepBeside(folder: Directory, name: string): string {
  const taken = new Set(folder.list());
  let n = 1;
  while (taken.has(backupName(name, n))) n += 1;
  folder.link(name, backupName(name, n));
  return shownPath(folder.path, [backupName(name, n)]);
}

/** On the way out of a failure: that failure is the one to be told. */
function removeQuietly(folder: Directory, name: string): void {
  try {
    folder.remove(name);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
