/** `diff A B`: what happens on the machine, and in the files, when B takes the place of A. */
import {
  type ChangeSeverity,
  type Compilation,
  changesBetween,
  changesMarkdown,
  changesText,
  compile,
  jsonText,
  type Loaded,
  load,
  loadRevision,
  type Options,
  patchOf,
  type RenderedSet,
  type System,
  visible,
} from '../index.ts';
import type { CommandLine } from '../options.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** @param report tells the diagnostics of one of the two */
export async function diff(
  system: System,
  line: CommandLine,
  options: Omit<Options, 'file'>,
  report: (compilation: Compilation) => void,
): Promise<ExitStatus> {
  const names = [line.intent ?? '', line.other ?? ''] as const;
  const compiled: Compilation[] = [];
  for (const name of names) {
    const loaded = await loadEither(system, name);
    const one = 'text' in loaded ? compile(loaded.text, { ...options, file: loaded.file }) : loaded;
    report(one);
    compiled.push(one);
  }
  const [before, after] = compiled;
  if (!before?.model || !after?.model) return EXIT.intent;
  const changes = changesBetween(before.model, after.model);
  const files = waysOf(before, after);
  const shown = names.map(visible) as [string, string];
  if (line.format === 'json') {
    system.stdout.write(jsonText({ changes, files }));
  } else if (line.format === 'markdown') {
    system.stdout.write(lines(changesMarkdown(changes, files, shown)));
  } else {
    const paint = painter(colourful(system, system.stdout));
    const parts = [
      changes.length === 0 ? 'Nothing changes on the machine.\n' : changesText(changes, paint),
      ...files.filter(({ patch }) => patch !== '').map(({ way, patch }) => `${way}:\n\n${patch}`),
    ];
    system.stdout.write(lines(parts.join('\n')));
  }
  const isSame = changes.length === 0 && files.every(({ patch }) => patch === '');
  return isSame ? EXIT.done : EXIT.difference;
}

/** A file; or, where there is none of that name and it has a colon, one at a git revision. */
async function loadEither(system: System, name: string): Promise<Loaded> {
  const colon = name.indexOf(':');
  const loaded = await load(system, name);
  if ('text' in loaded || colon < 1) return loaded;
  return loadRevision(system, name.slice(0, colon), name.slice(colon + 1));
}

/** For each way, what changes in its files. One that netplan's renderer decides is compared as such. */
function waysOf(before: Compilation, after: Compilation): { way: string; patch: string }[] {
  const setOf = (
    sets: readonly RenderedSet[] | undefined,
    index: number,
  ): RenderedSet | undefined => sets?.[index];
  return (after.sets ?? []).map((set, index) => {
    const old = setOf(before.sets, index);
    const paths = [...new Set([...(old?.files ?? []), ...set.files].map(({ path }) => path))];
    const textOf = (files: RenderedSet['files'] | undefined, path: string): string | undefined =>
      files?.find((file) => file.path === path)?.text;
    const patch = patchOf(
      paths.map((path) => ({
        path,
        before: textOf(old?.files, path),
        after: textOf(set.files, path),
      })),
    );
    return { way: set.way, patch };
  });
}

const lines = (text: string): string => text.split('\n').map(visible).join('\n');

const TINT: Readonly<Record<ChangeSeverity, number>> = {
  'may-lock-out': 31,
  'drops-connections': 33,
  harmless: 32,
};

const painter =
  (colour: boolean) =>
  (severity: ChangeSeverity, text: string): string =>
    colour ? `\u001b[${TINT[severity]}m${text}\u001b[39m` : text;
