/** One compiled host in place of another: what happens on the machine, and in the files. */

import { changesBetween } from '../changes/changes.ts';
import { changesUnder } from '../changes/devices.ts';
import { type Pair, patchOf } from '../changes/patch.ts';
import type { Change } from '../changes/words.ts';
import type { Model } from '../model/types.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { recreated } from './recreated.ts';

/** Files of one back end. */
interface FilesOfBackend {
  readonly backend: string;
  readonly files: readonly Pick<RenderedFile, 'path' | 'text'>[];
}

/** A host as it is compiled; incomplete where it has errors. */
export interface CompiledHost {
  readonly model?: Model;
  readonly sets?: readonly FilesOfBackend[];
}

/** What happens on a host under the back ends that are asked about, the worst first. */
export function changesOfHost(before: CompiledHost, after: CompiledHost): Change[] {
  if (!before.model || !after.model) return [];
  const sets = filePairs(before.sets, after.sets);
  const effects = sets.flatMap(({ backend, files }) =>
    recreated(files, backend).map((one) => ({ ...one, backend })),
  );
  return changesUnder(changesBetween(before.model, after.model), {
    backends: sets.map(({ backend }) => backend),
    effects,
    followsRenderer: (after.sets ?? []).some(
      ({ backend }, index) => backend !== before.sets?.[index]?.backend,
    ),
  });
}

/** For each back end whose files differ, how; of a host that is new, or no longer there, all of them. */
export const patchesOfHost = (
  before: CompiledHost | undefined,
  after: CompiledHost | undefined,
): { backend: string; patch: string }[] =>
  filePairs(before?.sets, after?.sets)
    .map(({ backend, files }) => ({ backend, patch: patchOf(files) }))
    .filter(({ patch }) => patch !== '');

/** For each back end, its files before and after. One that netplan's renderer decides is compared as such. */
function filePairs(
  before: readonly FilesOfBackend[] | undefined,
  after: readonly FilesOfBackend[] | undefined,
): { backend: string; files: Pair[] }[] {
  return (after ?? before ?? []).map(({ backend }, index) => {
    const old = before?.[index]?.files ?? [];
    const now = after?.[index]?.files ?? [];
    const textOf = (files: FilesOfBackend['files'], path: string): string | undefined =>
      files.find((file) => file.path === path)?.text;
    const paths = [...new Set([...old, ...now].map(({ path }) => path))];
    const files = paths.map((path) => ({
      path,
      before: textOf(old, path),
      after: textOf(now, path),
    }));
    return { backend, files };
  });
}
