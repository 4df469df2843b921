/** The target that the files of this host were rendered for, where nothing names one. */
import type { Backend } from '../backends/backend.ts';
import { type RenderedSet, renderFor } from '../compile.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { type Check, checkTree } from '../install/check.ts';
import { type Base, treePlacements } from '../install/places.ts';
import type { Model } from '../model/types.ts';
import type { Directory } from '../system.ts';
import { distributionOf, targetNames } from '../targets/distributions.ts';
import type { CommandLine } from './command-line.ts';

export interface InstalledTarget {
  /** As `--target` takes it. */
  readonly name: string;
  readonly set: RenderedSet;
}

/**
 * The first of the distributions with which no file differs. A missing file alone is not a sign of a target:
 * it is reported, and not taken for a target that has no such file.
 * @param differencesOf how the host differs from a set
 * @returns undefined where a target is named, or where none fits
 */
export function installedTarget(
  { target }: Pick<CommandLine, 'target'>,
  {
    backend,
    model,
    set,
  }: { readonly backend: Backend; readonly model: Model; readonly set: RenderedSet },
  differencesOf: (set: RenderedSet) => readonly Finding[],
): InstalledTarget | undefined {
  if (target !== undefined || model.target !== undefined) return undefined;
  const without = differencesOf(set);
  if (without.every(({ code }) => code === 'file-missing')) return undefined;
  for (const name of targetNames()) {
    const { set: other, diagnostics } = renderFor(backend, model, distributionOf(name));
    if (!hasErrors(diagnostics) && differencesOf(other).length === 0) return { name, set: other };
  }
  return undefined;
}

/** What of this host differs from a set of one back end, and conflicts with it. @throws SystemError */
export const checkHere = (
  top: Directory,
  {
    backend,
    model,
    base,
  }: { readonly backend: Backend; readonly model: Model; readonly base: Base },
  { files }: RenderedSet,
): Check =>
  checkTree(
    top,
    { backend, model, files, base, placements: treePlacements(files, []) },
    { shown: '/', ignoreRights: false },
  );
