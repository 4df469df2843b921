/** One back end's files against a tree: what differs, and what of the tree conflicts with them. */

import type { Backend } from '../backends/backend.ts';
import { type Pair, patchOf } from '../changes/patch.ts';
import type { Finding } from '../diagnostics/finding.ts';
import type { Model } from '../model/types.ts';
import type { Directory } from '../system.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { type Compared, compareTree } from './compare.ts';
import { differences } from './differences.ts';
import { exactly } from './exact.ts';
import type { Leftover } from './leftovers.ts';
import { ownerFindings } from './network-owner.ts';
import type { Base, Placement } from './places.ts';
import { findingsAt, survey } from './survey.ts';

/** What is compared: the files of one back end, and where they are in the tree. */
export interface CheckedSet {
  readonly backend: Backend;
  readonly model: Model;
  readonly files: readonly RenderedFile[];
  readonly base: Base;
  readonly placements: readonly Placement[];
}

export interface Check {
  /** Of the generated files, which an installation fixes or asks about. */
  readonly differences: readonly Finding[];
  /** Of other programs' files. */
  readonly conflicts: readonly Finding[];
  /** A unified diff, from the tree to the rendered files; empty where there is no difference. */
  readonly patch: string;
}

/**
 * Touches nothing.
 * @param top undefined where there is no such directory
 * @param shown how messages call the directory
 * @param below paths of the patch, where they are others than those in the tree
 * @throws SystemError where the tree cannot be read
 */
export function checkTree(
  top: Directory | undefined,
  { backend, model, files, base, placements }: CheckedSet,
  {
    shown,
    ignoreRights,
    below = (path) => path,
  }: {
    readonly shown: string;
    readonly ignoreRights: boolean;
    readonly below?: (path: string) => string;
  },
): Check {
  const exact = top && exactly(top, placements, shown);
  const comparison = exact ?? compareTree(top, placements, [base], shown);
  const conflicts = top
    ? findingsAt(
        top,
        base,
        exact ? [] : survey(top, base, backend.watches, placements),
        (others) => [
          ...(exact ? [] : ownerFindings(top, base, backend, model)),
          ...backend.judge(model, files, others),
        ],
      )
    : [];
  const pairs = [
    ...comparison.files.flatMap(pairOfFile),
    ...comparison.leftovers.flatMap(pairOfLeftover),
  ];
  return {
    differences: differences(comparison, { ignoreRights }),
    conflicts,
    patch: patchOf(pairs.map((pair) => ({ ...pair, path: below(pair.path) }))),
  };
}

function pairOfFile({ path, state, text: before, placement }: Compared): Pair[] {
  if (state === 'obstacle') return [];
  return [{ path, before, after: placement.file.text }];
}

const pairOfLeftover = ({ kind, path, text: before }: Leftover): Pair[] =>
  kind === 'orphan' ? [{ path, before, after: undefined }] : [];
