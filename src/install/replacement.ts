/** One compiled host in place of another: what happens on the machine, and in the files. */

import { type FilesRead, readGenerated } from '../backends/generated.ts';
import { changesBetween } from '../changes/changes.ts';
import { changesUnder, ofSystem } from '../changes/devices.ts';
import { type Pair, patchOf } from '../changes/patch.ts';
import type { Change } from '../changes/words.ts';
import type { Model } from '../model/types.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { recreatedBetween } from './recreated.ts';

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
  const pairs = replacedSets(before.sets, after.sets);
  const followsRenderer =
    before.model.renderer !== after.model.renderer && pairs.some(changesRenderer);
  const read = pairs.map(({ backend, old, now }) => ({
    backend,
    was: readOf(old),
    is: readOf(now),
  }));
  const moved = followsRenderer ? [] : read.flatMap(({ was, is }) => ofSystem(was.title, is.title));
  const effects = read.flatMap(({ backend, was, is }) =>
    recreatedBetween(was, is).map((one) => ({ ...one, backend })),
  );
  return changesUnder([...moved, ...changesBetween(before.model, after.model)], {
    backends: pairs.map(({ backend }) => backend),
    effects,
    followsRenderer,
  });
}

const NOTHING: FilesRead = { title: '', links: new Map(), staysUp: true };

const readOf = (set: FilesOfBackend | undefined): FilesRead =>
  set
    ? readGenerated(new Map(set.files.map(({ path, text }) => [path, text])), set.backend)
    : NOTHING;

const changesRenderer = ({ old, now }: ReplacedSet): boolean =>
  old !== undefined && now !== undefined && old.backend !== now.backend;

/** For each back end whose files differ, how; of a host that is new, or no longer there, all of them. */
export const patchesOfHost = (
  before: CompiledHost | undefined,
  after: CompiledHost | undefined,
): { backend: string; patch: string }[] =>
  replacedSets(before?.sets, after?.sets)
    .map(({ backend, old, now }) => ({ backend, patch: patchOf(filePairs(old, now)) }))
    .filter(({ patch }) => patch !== '');

interface ReplacedSet {
  /** Of the new files; of the old ones where there are no new ones. */
  readonly backend: string;
  readonly old?: FilesOfBackend;
  readonly now?: FilesOfBackend;
}

/**
 * Sets of the same back end; then, of those that are left over, the network of the host: one system
 * takes it over from another.
 */
function replacedSets(
  before: readonly FilesOfBackend[] = [],
  after: readonly FilesOfBackend[] = [],
): ReplacedSet[] {
  const hasOwn = (sets: readonly FilesOfBackend[], backend: string): boolean =>
    sets.some((set) => set.backend === backend);
  const left = before.filter(({ backend }) => !hasOwn(after, backend));
  const networks = left.filter((set) => readOf(set).title !== '');
  const replaced = after.map((now): ReplacedSet => {
    const { backend } = now;
    const same = before.find((set) => set.backend === backend);
    const old = same ?? (readOf(now).title === '' ? undefined : networks.shift());
    return { backend, now, ...(old && { old }) };
  });
  const used = new Set(replaced.map(({ old }) => old));
  const removed = left.filter((set) => !used.has(set));
  return [...replaced, ...removed.map((old) => ({ backend: old.backend, old }))];
}

function filePairs(old: FilesOfBackend | undefined, now: FilesOfBackend | undefined): Pair[] {
  const textOf = (set: FilesOfBackend | undefined, path: string): string | undefined =>
    set?.files.find((file) => file.path === path)?.text;
  const paths = [old, now].flatMap((set) => set?.files.map(({ path }) => path) ?? []);
  return [...new Set(paths)].map((path) => ({
    path,
    before: textOf(old, path),
    after: textOf(now, path),
  }));
}
