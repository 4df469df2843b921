/** From the files that the page downloads to a host that has them, and back. */
import type { Backend } from '../backends/backend.ts';
import type { RenderedSet } from '../compile.ts';
import { visible } from '../diagnostics/visible.ts';
import { recreated } from '../install/recreated.ts';
import { type Step, stepsOf } from '../install/steps.ts';
import type { Model } from '../model/types.ts';
import { quote } from '../view/shell.ts';

export interface ShownStep {
  readonly text: string;
  readonly commands: readonly string[];
  readonly note?: string;
}

/** How downloaded files are called, before their endings. */
export const nameOf = (host: string, backend: string): string =>
  `${host === '' ? 'host' : host}-${backend}`;

/** @param before the files of the same back end that are on the host; absent: none are known */
export function stepsFor(
  backend: Backend,
  model: Model,
  { backend: id, files }: RenderedSet,
  before: RenderedSet | undefined,
): ShownStep[] {
  const name = nameOf(model.host, id);
  const old = new Map(before?.files.map(({ path, text }) => [path, text]));
  const now = new Map(files.map(({ path, text }) => [path, text]));
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  const own = stepsOf(backend, model, {
    root: name,
    paths: [...now.keys()],
    removed: [...old.keys()].filter((path) => !now.has(path)),
    hasRollback: true,
    scriptCommand: `cat ${quote(`${name}-change.sh`)}`,
    recreated: recreated(
      paths.map((path) => ({ path, before: old.get(path), after: now.get(path) })),
      id,
    ),
  });
  const script = backend.scope === 'host' ? ' and the change script' : '';
  const unpack: Step = {
    text: `Download the archive${script} here, and unpack the archive into a folder:`,
    commands: [`mkdir -p ${quote(name)} && tar -x -p -f ${quote(`${name}.tar`)} -C ${quote(name)}`],
  };
  return [unpack, ...own].map(({ text, commands, note }) => ({
    text: lines(text),
    commands: commands.map(lines),
    ...(note !== undefined && { note: lines(note) }),
  }));
}

const lines = (text: string): string => text.split('\n').map(visible).join('\n');
