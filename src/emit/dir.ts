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
  MAX_SIZE,
  type State,
  type Stray,
  shownPath,
} from '../diff.ts';
import { backupName, intentNamed } from '../ownership.ts';
import { type Directory, SystemError } from '../system.ts';
import { inOrder } from './order.ts';
import {
  CHANGE_FOLDER,
  type Change,
  clearLeftovers,
  finish,
  type Keeping,
  keep,
  lookForPending,
  MAX_COPY,
  PENDING,
  type Pending,
} from './pending.ts';
import type { Base, Placement } from './places.ts';
import { inRemovalOrder } from './rank.ts';
import { type Step, stepsOf } from './steps.ts';
import { kindBelow, textBelow } from './tree.ts';

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
  /** Keep what changes in the pending directory of each host (see `pending.ts`). */
  readonly keep?: readonly Keeping[];
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
  /** Where what was there is kept, beside it. */
  readonly backup?: string;
  /** Where what was there is kept, in the pending directory: absolute, on the target. */
  readonly kept?: string;
  /** Of what is left: why. */
  readonly because?: string;
}

export interface Installation {
  /** What was done to each file; undefined where problems stand in the way. */
  readonly written?: readonly Written[];
  /** What a run that did not come to its end has left was found. */
  readonly isResumed: boolean;
  readonly problems: readonly Problem[];
  /** What was pending of each host before; as many as `Wishes.keep` has. */
  readonly pending?: readonly Pending[];
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
  const comparison = compareTree(top, placements, bases, shown);
  return planOf(comparison, wishes, lookAtPending(top, wishes, shown));
}

const lookAtPending = (top: Directory | undefined, { keep: all = [] }: Wishes, shown: string) =>
  all.map((keeping) => lookForPending(top, keeping, shown));

function planOf(comparison: Comparison, wishes: Wishes, pending: readonly Pending[]): Installation {
  const problems = [
    ...problemsOf(comparison, wishes),
    ...(changesOf(comparison, wishes).length > 0 ? pendingProblems(pending, wishes) : []),
  ];
  const isResumed =
    comparison.strays.some(isLeftOver) || pending.some(({ isInterrupted }) => isInterrupted);
  const common = { problems, isResumed, ...(pending.length > 0 && { pending }) };
  return problems.length > 0 ? common : { written: planned(comparison, wishes), ...common };
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
  const pending = lookAtPending(top, wishes, top.path);
  const plan = planOf(comparison, wishes, pending);
  if (!plan.written || !hasWork(comparison, wishes, pending)) return plan;
  const folders = folderKeeper(top);
  const unlocks: (() => void)[] = [];
  try {
    for (const steps of foldersToTouch(comparison, wishes, pending)) {
      unlocks.push(folders.of(steps).lock());
    }
    // Another run may have been at work until now.
    const comparisonNow = compareTree(top, placements, bases);
    const pendingNow = lookAtPending(top, wishes, top.path);
    const now = planOf(comparisonNow, wishes, pendingNow);
    const { isResumed } = plan;
    if (!now.written) return { ...now, isResumed };
    const written = carryOut(top, comparisonNow, folders, wishes, pendingNow);
    return { ...now, written, isResumed };
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
    return carryOut(top, compareTree(undefined, placements, [], top.path), folders, {}, []);
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

/** What will change on the disk: each file and its path on the host. */
function changesOf({ files, strays }: Comparison, wishes: Wishes): Change[] {
  return [
    ...files
      .filter(isChange)
      .map(({ placement: { file, steps } }) => ({ target: file.path, steps })),
    ...strays.filter((stray) => isPruned(stray, wishes)),
  ].map(({ target, steps }) => ({ target, steps }));
}

const hasWork = (comparison: Comparison, wishes: Wishes, pending: readonly Pending[]): boolean =>
  changesOf(comparison, wishes).length > 0 ||
  comparison.strays.some(isLeftOver) ||
  pending.some(isUnfinished);

const isUnfinished = ({ isInterrupted, leftovers }: Pending): boolean =>
  isInterrupted || leftovers.length > 0;

/** The folder of a pending directory, as a file in it has it. */
const pendingSteps = ({ base }: Keeping): readonly string[] => [...base, ...CHANGE_FOLDER, ''];

const isOfBase = ({ base }: Keeping, steps: readonly string[]): boolean =>
  base.every((step, index) => steps[index] === step);

/** One file of each folder, in an order that is the same for every run: two never wait for each other. */
function foldersToTouch(
  comparison: Comparison,
  wishes: Wishes,
  pending: readonly Pending[],
): (readonly string[])[] {
  const changes = changesOf(comparison, wishes);
  const kept = (wishes.keep ?? []).filter(
    (keeping, index) =>
      !keeping.isOff &&
      (changes.some(({ steps }) => isOfBase(keeping, steps)) ||
        pending.some((one, at) => at === index && isUnfinished(one))),
  );
  const touched = [
    ...changes.map(({ steps }) => steps),
    ...comparison.strays.filter(isLeftOver).map(({ steps }) => steps),
    ...kept.map(pendingSteps),
  ];
  const byFolder = new Map(touched.map((steps) => [steps.slice(0, -1).join('/'), steps]));
  return [...byFolder].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, steps]) => steps);
}

/** Why no change can be made now, besides what is in the place of files. */
function pendingProblems(pending: readonly Pending[], { keep: all = [] }: Wishes): Problem[] {
  return pending.flatMap(({ path, isClaimed, isEarlier }, index): Problem[] => {
    const script = `sh ${path}`;
    if (isClaimed) {
      return [
        {
          path: `${path}.claimed`,
          message: 'a rollback is running, or was interrupted',
          hint: `Wait for it, or finish one that was interrupted: \`${script}.claimed/change rollback\`.`,
        },
      ];
    }
    if (!isEarlier || !all[index]?.isOff) return [];
    return [
      {
        path,
        message: 'an earlier change is not confirmed, and its rollback would not know this one',
        hint: `Confirm it first (\`${script}/change confirm\`), or leave \`--no-backup\` out.`,
      },
    ];
  });
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
  const kept = ({ steps }: Pick<Change, 'steps'>, one: Written): Written => {
    const isKept = (wishes.keep ?? []).some((each) => !each.isOff && isOfBase(each, steps));
    const hadFile = one.change !== 'created' && one.change !== 'unchanged' && one.change !== 'left';
    return isKept && hadFile ? { ...one, kept: `${KEPT}${one.target}` } : one;
  };
  return [
    ...files.map((compared) => kept(compared.placement, writtenOf(compared))),
    ...strays.filter(isOrphan).map((stray) => kept(stray, orphaned(stray, wishes))),
    ...strays.filter(({ kind }) => kind === 'no-file').map(noFile),
  ];
}

/** Where the pending directory of a host has its copies. */
const KEPT = `/${[...CHANGE_FOLDER, PENDING, 'files'].join('/')}`;

const noFile = ({ path, target }: Stray): Written => ({
  path,
  target,
  change: 'left',
  because: 'it is a directory with the name of a lock or of a temporary file: remove it',
});

function orphaned(stray: Stray, wishes: Wishes): Written {
  const { path, target, text, kind } = stray;
  if (isPruned(stray, wishes)) return { path, target, before: text, change: 'removed' };
  const because =
    kind === 'orphan' ? 'the intent has it no more' : `it was written from ${intentNamed(text)}`;
  return { path, target, before: text, after: text, change: 'left', because };
}

function carryOut(
  top: Directory,
  comparison: Comparison,
  folders: FolderKeeper,
  wishes: Wishes,
  pending: readonly Pending[],
): Written[] {
  const { files, strays } = comparison;
  // What an interrupted run left behind: the names are nobody else's, and the lock is ours.
  for (const { steps } of strays.filter(({ kind }) => kind === 'temporary')) {
    folders.of(steps).remove(steps.at(-1) ?? '');
  }
  const backups = new Map<string, string>();
  const keepOne = (at: readonly string[], path: string): void => {
    const isPending = (wishes.keep ?? []).some((one) => !one.isOff && isOfBase(one, at));
    if (!wishes.backup || isPending) return;
    backups.set(path, keepBeside(folders.of(at), at.at(-1) ?? ''));
  };
  const steps = files
    .filter(isChange)
    .flatMap((compared) => stepsOf(compared, folders.of(compared.placement.steps)));
  const waiting = new Set<Step>();
  const putInPlace = (step: Step): void => {
    if (step.isNew) step.folder.renameNew(step.temporary, step.name);
    else step.folder.rename(step.temporary, step.name);
    step.folder.sync();
    waiting.delete(step);
  };
  try {
    for (const step of steps) {
      // Before it is made: where the disk is full, half of it is there.
      waiting.add(step);
      step.folder.create(step.temporary, step.mode, step.after);
    }
    for (const compared of files.filter(({ state }) => CHANGE[state] === 'replaced')) {
      keepOne(compared.placement.steps, compared.path);
    }
    for (const folder of new Set(steps.map((step) => step.folder))) folder.sync();
    const done = keepPending(top, comparison, folders, wishes, pending);
    for (const compared of files.filter(isChange)) assertUnchanged(top, compared);
    const orphans = inRemovalOrder(
      strays.filter((stray) => isPruned(stray, wishes)),
      files.map(({ placement: { file } }) => ({ target: file.path, text: file.text })),
    );
    for (const { path, steps: at, text } of orphans) assertText(top, path, at, text);
    for (const step of inOrder(steps.filter(({ isLast }) => !isLast))) putInPlace(step);
    for (const { steps: at, path } of orphans) {
      const folder = folders.of(at);
      const name = at.at(-1) ?? '';
      keepOne(at, path);
      folder.remove(name);
      folder.sync();
    }
    for (const step of steps.filter(({ isLast }) => isLast)) putInPlace(step);
    for (const folder of done) finish(folder);
  } finally {
    for (const { folder, temporary } of waiting) removeQuietly(folder, temporary);
  }
  return planned(comparison, wishes).map((one) => {
    const backup = backups.get(one.path);
    return backup === undefined ? one : { ...one, backup };
  });
}

/** What changes is kept where that is asked for. @returns folders whose pending change is to be finished */
function keepPending(
  top: Directory,
  comparison: Comparison,
  folders: FolderKeeper,
  wishes: Wishes,
  pending: readonly Pending[],
): Directory[] {
  const changes = changesOf(comparison, wishes);
  return (wishes.keep ?? []).flatMap((keeping, index): Directory[] => {
    const found = pending[index];
    const own = changes.filter(({ steps }) => isOfBase(keeping, steps));
    if (!found || keeping.isOff || (own.length === 0 && !isUnfinished(found))) return [];
    const folder = folders.of(pendingSteps(keeping));
    clearLeftovers(folder);
    if (own.length > 0) keep(top, folder, keeping, own, found);
    return own.length > 0 || found.isInterrupted ? [folder] : [];
  });
}

/** A file that somebody has changed since it was looked at is not replaced. */
function assertUnchanged(
  top: Directory,
  { path, placement: { steps }, state, text }: Compared,
): void {
  // What appears where nothing was, `renameNew` refuses, and what is in the way was looked at as it is.
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
  throw new SystemError('exists', path, 'was changed by somebody else while this ran');
}

/**
 * A second name for it, which daemons do not read. An earlier backup is never written over, and what
 * one of them has already is not kept again.
 */
function keepBeside(folder: Directory, name: string): string {
  const taken = new Set(folder.list());
  let n = 1;
  while (taken.has(backupName(name, n)) && !isSame(folder, name, backupName(name, n))) n += 1;
  const backup = backupName(name, n);
  if (!taken.has(backup)) folder.link(name, backup);
  return shownPath(folder.path, [backup]);
}

/** Whether two files have the same bytes and rights; of anything else: no. */
function isSame(folder: Directory, one: string, other: string): boolean {
  if (folder.kindOf(one) !== 'file' || folder.kindOf(other) !== 'file') return false;
  const [a, b] = [folder.readBytes(one, MAX_COPY), folder.readBytes(other, MAX_COPY)];
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.bytes.length === b.bytes.length &&
    a.bytes.every((byte, index) => byte === b.bytes[index])
  );
}

/** On the way out of a failure: that failure is the one to be told. */
function removeQuietly(folder: Directory, name: string): void {
  try {
    folder.remove(name);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
