/** The generated files of a host against what is rendered, and what else there conflicts with them. */
import type { Backend } from '../backends/backend.ts';
import type { Finding } from '../diagnostics/finding.ts';
import type { Model } from '../model/types.ts';
import type { Directory } from '../system.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { type Comparison, compareTree } from './compare.ts';
import { differences } from './differences.ts';
import { ownerFindings } from './network-owner.ts';
import { type Base, treePlacements } from './places.ts';
import { findingsAt, survey } from './survey.ts';

/** What is found on a host. */
export interface ComparedHost {
  readonly comparison: Comparison;
  /** Of the generated files: what an installation changes. */
  readonly differences: readonly Finding[];
  /** Of the files of others. */
  readonly conflicts: readonly Finding[];
}

/**
 * @param top the root of the host, or of its tree
 * @param files all that the back end renders
 * @throws SystemError where the system refuses to show what is there
 */
export function compareHost(
  top: Directory,
  backend: Backend,
  model: Model,
  files: readonly RenderedFile[],
): ComparedHost {
  const base: Base = { steps: [], scope: backend.scope };
  const placements = treePlacements(files, []);
  const comparison = compareTree(top, placements, [base], top.path);
  const conflicts = findingsAt(top, base, survey(top, base, backend.watches, placements), (all) => [
    ...ownerFindings(top, base, backend, model),
    ...backend.judge(model, files, all),
  ]);
  return { comparison, differences: differences(comparison, { ignoreRights: false }), conflicts };
}
