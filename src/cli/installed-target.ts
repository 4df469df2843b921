/** The target that the files of this host were rendered for, where nothing names one. */
import type { Backend } from '../backends/backend.ts';
import { type RenderedSet, renderFor } from '../compile.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
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

/** What is asked for: a set of files of one back end. */
interface Asked {
  readonly backend: Backend;
  readonly model: Model;
  readonly set: RenderedSet;
}

/**
 * The first of the distributions with which no file differs. A missing file alone is not a sign of a target:
 * it is reported, and not taken for a target that has no such file. Where the intent has changed, none fits: one
 * with fewer differing lines than the newest versions have is reported, if this host may be it. Others have fewer lines
 * wherever the change adds one that they do not know.
 * @param compare how the host differs from a set
 * @param here the distribution of this host, as `--target` takes it; absent: unknown
 * @returns neither where a target is named, or where there is no sign of one
 */
export function installedTarget(
  { target }: Pick<CommandLine, 'target'>,
  { backend, model, set }: Asked,
  compare: (set: RenderedSet) => Pick<Check, 'differences' | 'patch'>,
  here: string | undefined,
): { readonly found?: InstalledTarget; readonly notes: readonly Finding[] } {
  if (target !== undefined || model.target !== undefined) return { notes: [] };
  const without = compare(set);
  const changed = without.differences.find(({ code }) => code === 'file-changed');
  if (without.differences.every(({ code }) => code === 'file-missing')) return { notes: [] };
  let best = { name: '', lines: linesIn(without.patch) };
  for (const name of targetNames()) {
    const { set: other, diagnostics } = renderFor(backend, model, distributionOf(name));
    if (hasErrors(diagnostics)) continue;
    const { differences, patch } = compare(other);
    if (differences.length === 0) return { found: { name, set: other }, notes: [] };
    const lines = linesIn(patch);
    if ((here ?? name) === name && lines < best.lines) best = { name, lines };
  }
  if (best.name === '' || !changed) return { notes: [] };
  const note = finding(
    'target-not-named',
    changed.path,
    `It is installed as \`--target ${best.name}\` renders it, and would be replaced by what the newest versions take.`,
    { hint: `Add \`--target ${best.name}\`, or \`target: ${best.name}\` to the intent.` },
  );
  return { notes: [note] };
}

/** How many lines a unified diff adds and removes. */
const linesIn = (patch: string): number =>
  patch.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line)).length;

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
