/** The host on which the command runs, where that is the one that it installs to. */
import {
  contradictions,
  type Finding,
  LINKS_FOLDER,
  type Model,
  type RunningHost,
  runningHost,
  type System,
  SystemError,
} from '../index.ts';
import type { CommandLine } from '../options.ts';

/** A host of very many addresses has some megabytes of them. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Undefined where the files are for another host, or an image. */
export function runningHostFor(system: System, line: CommandLine): RunningHost | undefined {
  const isHere = /^\/+$/.test(line.root ?? (line.output === undefined ? '/' : ''));
  if (!isHere) return undefined;
  const textOf = (path: string): string | undefined =>
    unlessRefused(() => system.readText(path, MAX_BYTES));
  const links = unlessRefused(() => {
    const folder = system.openExisting(LINKS_FOLDER);
    try {
      return folder?.list();
    } finally {
      folder?.close();
    }
  });
  return runningHost(textOf, links ?? []);
}

/** What contradicts the intent on the host that it is installed to. */
export function findingsOfHost(
  system: System,
  line: CommandLine,
  model: Model | undefined,
): Finding[] {
  const running = runningHostFor(system, line);
  return running && model ? contradictions(model, running) : [];
}

/** In a container or a chroot some of it is not there. */
function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
