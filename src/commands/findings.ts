/** What on a host, or in a tree, conflicts with the files of a back end: other files, other systems. */
import {
  backends,
  type Directory,
  type Finding,
  judged,
  type Model,
  ownerFindings,
  type Placement,
  type System,
  survey,
} from '../index.ts';
import type { CommandLine } from '../options.ts';
import type { Laid } from './install.ts';

export function backendNamed(way: string): (typeof backends)[number] {
  const backend = backends.find(({ id }) => id === way);
  if (!backend) throw new Error(`no back end ${way}`);
  return backend;
}

/** @param placements all that is written there, of other back ends, too */
export function conflictsOf(
  top: Directory,
  { set, base }: Pick<Laid, 'set' | 'base'>,
  placements: readonly Placement[],
  model: Model,
): Finding[] {
  const backend = backendNamed(set.way);
  const files = survey(top, base, backend.watches, placements);
  return [
    ...ownerFindings(top, base, backend, model),
    ...judged(top, base, files, (all) => backend.judge(model, set.files, all)),
  ];
}

/**
 * `--output` names the back end's own directory of a host or tree, where it ends as that is called:
 * whose network it is, is looked up in the tree around it.
 * @throws SystemError
 */
export function conflictsAround(
  system: Pick<System, 'openExisting'>,
  { output }: Pick<CommandLine, 'output'>,
  laid: readonly Laid[],
  model: Model,
): Finding[] {
  return laid.flatMap(({ set }) => {
    const backend = backendNamed(set.way);
    if (output === undefined || !output.endsWith(backend.directory)) return [];
    const around = system.openExisting(output.slice(0, -backend.directory.length) || '/');
    try {
      return around ? ownerFindings(around, { steps: [] }, backend, model) : [];
    } finally {
      around?.close();
    }
  });
}
