/** What an installation would do to each file, and what prevents it. Changes nothing. */

import type { Directory } from '../system.ts';
import { intentNamed } from '../view/ownership.ts';
import type { Compared, Comparison, State } from './compare.ts';
import type { Change } from './kept.ts';
import type { Leftover } from './leftovers.ts';
import {
  CHANGE_FOLDER,
  lookForPending,
  PENDING,
  type Pending,
  type PendingFolder,
} from './pending.ts';

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface InstallOptions {
  /** Overwrite files that were not generated. */
  readonly force?: boolean;
  /** Keep replaced and removed files next to the new ones. */
  readonly backup?: boolean;
  /** Keep changed files in the pending directory of each host (see `pending.ts`). */
  readonly pendingFolders?: readonly PendingFolder[];
  /** Leave orphaned files. */
  readonly keepOrphans?: boolean;
  /** Not beside a change that is pending already. */
  readonly isAlone?: boolean;
  /** What is replaced is kept, and nothing is in place yet. What it throws ends the installation. */
  readonly onKept?: () => void;
}

export interface Written {
  readonly path: string;
  readonly change: 'created' | 'replaced' | 'mode' | 'owner' | 'unchanged' | 'removed' | 'left';
  /** On the target, absolute. */
  readonly target: string;
  /** The content before, and now. */
  readonly before?: string;
  readonly after?: string;
  /** The backup next to it. */
  readonly backup?: string;
  /** The copy in the pending directory: absolute, on the target. */
  readonly kept?: string;
  /** Why a file is left. */
  readonly because?: string;
}

export interface Installation {
  /** What was done to each file; undefined if problems prevent it. */
  readonly written?: readonly Written[];
  /** Whether leftovers of an interrupted run were found. */
  readonly isResumed: boolean;
  readonly problems: readonly Problem[];
  /** What was pending for each host before; as many as `InstallOptions.pendingFolders`. */
  readonly pending?: readonly Pending[];
}

export const lookAtPending = (
  top: Directory | undefined,
  { pendingFolders: all = [] }: InstallOptions,
  shown: string,
) => all.map((folder) => lookForPending(top, folder, shown));

export function planOf(
  comparison: Comparison,
  options: InstallOptions,
  pending: readonly Pending[],
): Installation {
  const problems = [
    ...problemsOf(comparison, options),
    ...(changesOf(comparison, options).length > 0 ? pendingProblems(pending, options) : []),
  ];
  const isResumed =
    comparison.leftovers.some(isLeftOver) ||
    keptIn(pending, options).some(({ isInterrupted }) => isInterrupted);
  const common = { problems, isResumed, ...(pending.length > 0 && { pending }) };
  return problems.length > 0 ? common : { written: planned(comparison, options), ...common };
}

export const isChange = ({ state }: Compared): boolean => state !== 'same';
const isOrphan = ({ kind }: Leftover): boolean => kind === 'orphan' || kind === 'orphan-of-other';
const isLeftOver = ({ kind }: Leftover): boolean => kind === 'temporary' || kind === 'lock';

export const isPruned = ({ kind }: Leftover, { keepOrphans, force }: InstallOptions): boolean =>
  !keepOrphans && (kind === 'orphan' || (kind === 'orphan-of-other' && force === true));

/** The files that will change, with their paths on the host. */
export function changesOf({ files, leftovers }: Comparison, options: InstallOptions): Change[] {
  return [
    ...files
      .filter(isChange)
      .map(({ placement: { file, steps } }) => ({ target: file.path, steps })),
    ...leftovers.filter((leftover) => isPruned(leftover, options)),
  ].map(({ target, steps }) => ({ target, steps }));
}

export const hasWork = (
  comparison: Comparison,
  options: InstallOptions,
  pending: readonly Pending[],
): boolean =>
  changesOf(comparison, options).length > 0 ||
  comparison.leftovers.some(isLeftOver) ||
  keptIn(pending, options).some(isUnfinished);

/** An installation that keeps nothing does not finish what another one has kept. */
const keptIn = (
  pending: readonly Pending[],
  { pendingFolders: all = [] }: InstallOptions,
): readonly Pending[] => pending.filter((_, index) => !all[index]?.isOff);

export const isUnfinished = ({ isInterrupted, isOutdated, leftovers }: Pending): boolean =>
  isInterrupted || isOutdated || leftovers.length > 0;

/** Whether any file changes. */
export const hasChanges = (written: readonly Written[] = []): boolean =>
  written.some(({ change }) => change !== 'unchanged' && change !== 'left');

/** A change that an activation is still to put into effect, or to go on with. */
export const isPendingNow = ({ isOfThisBoot, isInterrupted }: Pending): boolean =>
  isOfThisBoot || isInterrupted;

/** The folder of the pending directory. */
export const pendingSteps = ({ base }: PendingFolder): readonly string[] => [
  ...base,
  ...CHANGE_FOLDER,
  '',
];

export const isOfBase = ({ base }: PendingFolder, steps: readonly string[]): boolean =>
  base.every((step, index) => steps[index] === step);

/** One file of each folder, in the same order for every run: no two runs deadlock. */
export function foldersToTouch(
  comparison: Comparison,
  options: InstallOptions,
  pending: readonly Pending[],
): (readonly string[])[] {
  const changes = changesOf(comparison, options);
  const kept = (options.pendingFolders ?? []).filter(
    (folder, index) =>
      !folder.isOff &&
      (changes.some(({ steps }) => isOfBase(folder, steps)) ||
        pending.some((item, at) => at === index && isUnfinished(item))),
  );
  const touched = [
    ...changes.map(({ steps }) => steps),
    ...comparison.leftovers.filter(isLeftOver).map(({ steps }) => steps),
    ...kept.map(pendingSteps),
  ];
  return inLockOrder(touched);
}

/** One file of each folder, in the same order for every run. */
export function inLockOrder(files: readonly (readonly string[])[]): (readonly string[])[] {
  const byFolder = new Map(files.map((steps) => [steps.slice(0, -1).join('/'), steps]));
  return [...byFolder].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, steps]) => steps);
}

/**
 * The hint where another change is pending. One with only a part of its files in place cannot be confirmed, nor can
 * one that the next boot activates.
 */
export function endFirst({
  isInterrupted,
  waitsForReboot,
}: Pick<Pending, 'isInterrupted' | 'waitsForReboot'>): string {
  if (isInterrupted) {
    return 'Its installation was interrupted: run `macvtap-render rollback` first.';
  }
  return waitsForReboot
    ? 'The next boot activates it: reboot, verify and confirm it, or run `macvtap-render rollback` first.'
    : 'Run `macvtap-render confirm` or `macvtap-render rollback` first.';
}

/** Why no change can be made now, apart from obstacles. */
function pendingProblems(
  pending: readonly Pending[],
  { pendingFolders: all = [], isAlone = false }: InstallOptions,
): Problem[] {
  return pending.flatMap((one, index): Problem[] => {
    const { path, isClaimed, isOfThisBoot } = one;
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
    if (isOfThisBoot && isAlone) {
      return [
        {
          path,
          message: 'another change is pending',
          hint: endFirst(one),
        },
      ];
    }
    if (!isOfThisBoot || !all[index]?.isOff) return [];
    return [
      {
        path,
        message: 'an earlier change is not confirmed, and its rollback would not undo this one',
        hint: one.waitsForReboot
          ? endFirst(one)
          : `Confirm it first (\`${script}/change confirm\`), or leave \`--no-backup\` out.`,
      },
    ];
  });
}

const FORCIBLE: ReadonlySet<State> = new Set(['edited', 'other-host', 'obstacle']);

function problemsOf({ files }: Comparison, { force }: InstallOptions): Problem[] {
  const problems = files
    .filter(({ state, isReplaceable }) => FORCIBLE.has(state) && !(force && isReplaceable))
    .map(({ path, state, because = '', isReplaceable }) => ({
      path,
      message: because,
      hint: isReplaceable ? HINTS[state === 'other-host' ? 'other-host' : 'file'] : HINTS.never,
    }));
  // A non-directory in the place of a folder blocks every file in it, and is reported once.
  return [...new Map(problems.map((problem) => [problem.path, problem])).values()];
}

const HINTS = {
  file: 'Move it away, or overwrite it with `--force` (`--root /` keeps it; elsewhere add `--backup`).',
  'other-host':
    'If this is the right intent for this host, overwrite it with `--force` (`--root /` keeps it; elsewhere add `--backup`).',
  never: 'Move it away: links are not followed, and directories are not replaced.',
} as const;

export const CHANGE: Readonly<Record<State, Written['change']>> = {
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

export function planned({ files, leftovers }: Comparison, options: InstallOptions): Written[] {
  const kept = ({ steps }: Pick<Change, 'steps'>, item: Written): Written => {
    const isKept = (options.pendingFolders ?? []).some(
      (each) => !each.isOff && isOfBase(each, steps),
    );
    const hadFile =
      item.change !== 'created' && item.change !== 'unchanged' && item.change !== 'left';
    return isKept && hadFile ? { ...item, kept: `${KEPT}${item.target}` } : item;
  };
  return [
    ...files.map((compared) => kept(compared.placement, writtenOf(compared))),
    ...leftovers.filter(isOrphan).map((leftover) => kept(leftover, orphaned(leftover, options))),
    ...leftovers.filter(({ kind }) => kind === 'no-file').map(noFile),
  ];
}

/** Where the pending directory of a host has its copies. */
const KEPT = `/${[...CHANGE_FOLDER, PENDING, 'files'].join('/')}`;

const noFile = ({ path, target }: Leftover): Written => ({
  path,
  target,
  change: 'left',
  because: 'it is a directory with the name of a lock or of a temporary file: remove it',
});

function orphaned(leftover: Leftover, options: InstallOptions): Written {
  const { path, target, text, kind } = leftover;
  if (isPruned(leftover, options)) return { path, target, before: text, change: 'removed' };
  const because =
    kind === 'orphan' ? 'no longer in the intent' : `generated from ${intentNamed(text)}`;
  return { path, target, before: text, after: text, change: 'left', because };
}
