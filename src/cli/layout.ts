/** Where the rendered files go: below a root, or into a flat directory. */
import { backends } from '../backends/registry.ts';
import type { RenderedSet } from '../compile.ts';
import { type Base, flatPlacements, type Placement, treePlacements } from '../install/places.ts';
import { type CommandLine, UsageError } from './command-line.ts';

/** What one back end renders, and where its files go. */
export interface Layout {
  readonly set: RenderedSet;
  readonly base: Base;
  readonly placements: readonly Placement[];
  /** Files that have no place in a flat directory. */
  readonly elsewhere: RenderedSet['files'];
}

/**
 * Each back end's files below the directory that the command line names.
 * @throws UsageError where `--output` cannot hold what is required
 */
export function layOut(line: CommandLine, sets: readonly RenderedSet[]): Layout[] {
  if (line.output === undefined) {
    return sets.map((set) => {
      const steps = sets.length > 1 ? [set.backend] : [];
      const base = { steps, scope: backendNamed(set.backend).scope };
      return { set, base, placements: treePlacements(set.files, steps), elsewhere: [] };
    });
  }
  return sets.map((set) => {
    const { directory, scope } = backendNamed(set.backend);
    const { placements, elsewhere } = flatPlacements(set.files, directory);
    const required = elsewhere.filter(({ role }) => role === 'required');
    if (required.length > 0) {
      const paths = required.map(({ path }) => path).join(', ');
      throw new UsageError(
        `${set.backend} also needs ${paths}, outside of ${directory}: use \`--root\``,
      );
    }
    return { set, base: { steps: [], flat: directory, scope }, placements, elsewhere };
  });
}

export function backendNamed(backendId: string): (typeof backends)[number] {
  const backend = backends.find(({ id }) => id === backendId);
  if (!backend) throw new Error(`no back end ${backendId}`);
  return backend;
}
