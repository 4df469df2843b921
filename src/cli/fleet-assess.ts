/** A host of a fleet against its folder, as soon as it is rendered; what is kept of it until all are. */
import type { HostCompilation } from '../compile-fleet.ts';
import type { Base } from '../install/places.ts';
import type { Installation, InstallOptions } from '../install/plan.ts';
import { rememberedTree } from '../install/remembered.ts';
import { reportFindings } from '../report/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { folderOf, type HostSet } from './host-sets.ts';
import { assess, installOptionsFor } from './install.ts';
import type { Layout } from './layout.ts';
import type { Packed, Packer } from './packed.ts';
import { colourful, problemText } from './status.ts';
import { type Done, doneOf } from './tally.ts';

/** One back end of one host, after its folder was looked at. */
export interface Assessed {
  readonly host: string;
  readonly backend: string;
  readonly above: string;
  /** Why the command line does not fit. */
  readonly misuse?: UsageError;
  /** What conflicts, and what has no place. */
  readonly report: string;
  readonly elsewhere: string;
  /** What would be done; undefined if there is a conflict. */
  readonly done?: Done;
  /** What there is to write. */
  readonly work?: Work;
}

export interface Work {
  readonly packed: Packed;
  readonly bases: readonly Base[];
  readonly options: InstallOptions;
}

/** Never throws what the system or the command line is at fault for: that is of one host. */
export function assessHostSet(
  system: System,
  line: CommandLine,
  open: () => Directory | undefined,
  { compilation: item, above: name }: HostSet,
  packer: Packer,
): Assessed {
  const { host } = item;
  const backend = item.sets?.[0]?.backend ?? '';
  const common = { host, backend, above: name, elsewhere: '' };
  const shown = `${line.root ?? line.output ?? ''}/${folderOf(name, host)}`;
  const folders: (Pick<Directory, 'close'> | undefined)[] = [];
  try {
    const top = open();
    const above = name === '' ? top : top?.enter(name);
    if (above !== top) folders.push(above);
    const folder = above?.enter(host);
    folders.push(folder);
    const seen = folder && rememberedTree(folder);
    folders.push(seen);
    return { ...common, ...assessIn(seen?.tree, system, line, item, shown, packer) };
  } catch (error) {
    if (error instanceof UsageError) return { ...common, misuse: error, report: '' };
    // This host's folder is not a directory, or not accessible; the other hosts go on.
    if (!(error instanceof SystemError)) throw error;
    const hint = 'Move it away, or make it accessible.';
    return { ...common, report: problemText(`${error.path}: ${error.message}`, hint) };
  } finally {
    for (const folder of folders) folder?.close();
  }
}

function assessIn(
  folder: Directory | undefined,
  system: System,
  line: CommandLine,
  item: HostCompilation,
  shown: string,
  packer: Packer,
): Pick<Assessed, 'report' | 'elsewhere' | 'done' | 'work'> {
  const { layouts, findings, plan, isBlocked } = assess(folder, line, item, shown);
  const found = findings.length > 0 ? reportFindings(findings, colourful(system)) : '';
  const problems = plan.problems.map(({ path, message, hint }) =>
    problemText(`${path}: ${message}`, hint),
  );
  const elsewhere = layouts
    .flatMap((layout) => layout.elsewhere)
    .map(({ path, about }) => `not written: ${path} (${about.why} --root writes it.)\n`);
  const { written } = plan;
  return {
    report: [found, ...problems].join(''),
    elsewhere: packer.text(elsewhere.join('')),
    ...(!isBlocked && written && { done: doneOf(item.host, written) }),
    ...(!isBlocked && !isUpToDate(plan) && { work: workOf(line, item, layouts, packer) }),
  };
}

/** Nothing is to be written, and nothing of an interrupted run is to be removed. */
const isUpToDate = ({ written = [], isResumed, pending = [] }: Installation): boolean =>
  !isResumed &&
  pending.length === 0 &&
  written.every(({ change }) => change === 'unchanged' || change === 'left');

const workOf = (
  line: CommandLine,
  { model }: HostCompilation,
  layouts: readonly Layout[],
  packer: Packer,
): Work => ({
  packed: packer.pack(layouts.flatMap(({ placements }) => placements)),
  bases: packer.bases(layouts.map(({ base }) => base)),
  options: packer.options(installOptionsFor(line, model, layouts)),
});
