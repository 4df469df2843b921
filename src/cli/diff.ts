/** `diff A B`: what happens on the machine, and in the files, when B takes the place of A. */
import { changesBetween } from '../changes/changes.ts';
import { changesUnder } from '../changes/devices.ts';
import { patchOf } from '../changes/patch.ts';
import { changesMarkdown, changesText } from '../changes/text.ts';
import type { Change, ChangeSeverity } from '../changes/words.ts';
import type { RenderedSet } from '../compile.ts';
import {
  compileFleet,
  type Fleet,
  type FleetOptions,
  type HostCompilation,
} from '../compile-fleet.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { recreated } from '../install/recreated.ts';
import { load, loadRevision } from '../intent/load.ts';
import { jsonText, visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { checkNames } from './hosts.ts';
import type { CommandLine } from './options.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** @param report tells the diagnostics of one of the two */
export async function diff(
  system: System,
  line: CommandLine,
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
  report: (fleet: Fleet) => void,
): Promise<ExitStatus> {
  const names = [line.intents[0] ?? '', line.intents[1] ?? ''] as const;
  const [before, after] = [
    await compileEither(system, line, names[0], options),
    await compileEither(system, line, names[1], options),
  ];
  checkBoth(line, before, after);
  report(before);
  report(after);
  if (hasErrors(before.diagnostics) || hasErrors(after.diagnostics)) return EXIT.intent;
  const shown = names.map(visible) as [string, string];
  const paint = painter(colourful(system, system.stdout));
  if (before.isFleet || after.isFleet) {
    const { diffFleets } = await import('./fleet-diff.ts');
    return diffFleets(system, line, [before, after], shown, paint);
  }
  const [old, now] = [before.hosts[0], after.hosts[0]];
  if (!old?.model || !now?.model) return EXIT.intent;
  const changes = changesOfHost(old, now);
  const files = filesOfWays(old.sets, now.sets);
  if (line.format === 'json') {
    system.stdout.write(jsonText({ changes, files }));
  } else if (line.format === 'markdown') {
    system.stdout.write(lines(changesMarkdown(changes, files, shown)));
  } else {
    const parts = [
      changes.length === 0 ? 'Nothing changes on the machine.\n' : changesText(changes, paint),
      ...files
        .filter(({ patch }) => patch !== '')
        .map(({ backend, patch }) => `${backend}:\n\n${patch}`),
    ];
    system.stdout.write(lines(parts.join('\n')));
  }
  const isSame = changes.length === 0 && files.every(({ patch }) => patch === '');
  return isSame ? EXIT.done : EXIT.difference;
}

/** A file or directory; or, where there is none of that name and it has a colon, one at a git revision. */
async function compileEither(
  system: System,
  line: CommandLine,
  name: string,
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
): Promise<Fleet> {
  const wanted = { ...options, ...(line.hosts.length > 0 && { hosts: line.hosts }) };
  const colon = name.indexOf(':');
  const loaded = await load(system, [name]);
  const isThere = loaded.every(({ problem }) => problem === undefined);
  if (isThere || colon < 1) return compileFleet(loaded, wanted);
  const at = await loadRevision(system, name.slice(0, colon), name.slice(colon + 1));
  return compileFleet(at, wanted);
}

/** A host that is meant may be in one of the two alone. */
function checkBoth(line: CommandLine, before: Fleet, after: Fleet): void {
  const names = [...new Set([...before.names, ...after.names])];
  checkNames(line, { ...after, names, diagnostics: [...before.diagnostics, ...after.diagnostics] });
}

/** What happens on a host under the back ends that are asked about, the worst first. */
export function changesOfHost(before: HostCompilation, after: HostCompilation): Change[] {
  if (!before.model || !after.model) return [];
  const sets = filePairs(before.sets, after.sets);
  const effects = sets.flatMap(({ backend, files }) =>
    recreated(files).map((item) => ({ ...item, backend })),
  );
  return changesUnder(changesBetween(before.model, after.model), {
    backends: sets.map(({ backend }) => backend),
    effects,
    followsRenderer: (after.sets ?? []).some(
      ({ backend }, index) => backend !== before.sets?.[index]?.backend,
    ),
  });
}

/** For each back end, what changes in its files. */
export const filesOfWays = (
  before: readonly RenderedSet[] | undefined,
  after: readonly RenderedSet[] | undefined,
): { backend: string; patch: string }[] =>
  filePairs(before, after).map(({ backend, files }) => ({ backend, patch: patchOf(files) }));

interface FilePair {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** For each back end, its files before and after. One that netplan's renderer decides is compared as such. */
function filePairs(
  before: readonly RenderedSet[] | undefined,
  after: readonly RenderedSet[] | undefined,
): { backend: string; files: FilePair[] }[] {
  return (after ?? before ?? []).map(({ backend }, index) => {
    const old = before?.[index]?.files ?? [];
    const now = after?.[index]?.files ?? [];
    const paths = [...new Set([...old, ...now].map(({ path }) => path))];
    const textOf = (files: RenderedSet['files'], path: string): string | undefined =>
      files.find((file) => file.path === path)?.text;
    const files = paths.map((path) => ({
      path,
      before: textOf(old, path),
      after: textOf(now, path),
    }));
    return { backend, files };
  });
}

const lines = (text: string): string => text.split('\n').map(visible).join('\n');

const TINT: Readonly<Record<ChangeSeverity, number>> = {
  'may-lock-out': 31,
  'drops-connections': 33,
  harmless: 32,
};

/** Colours a heading by how bad it is. */
export const painter =
  (colour: boolean) =>
  (severity: ChangeSeverity, text: string): string =>
    colour ? `\u001b[${TINT[severity]}m${text}\u001b[39m` : text;
