/** libvirt's domains in an installation on this host: the activation moves them, as that of `apply` does. */
import { type DomainChange, domainChange } from '../apply/domains.ts';
import { CHANGE_FOLDER, PENDING } from '../install/pending.ts';
import type { Installation, InstallOptions } from '../install/plan.ts';
import { kindBelow, textBelow } from '../install/tree.ts';
import type { Model } from '../model/types.ts';
import type { Directory, System } from '../system.ts';
import type { CommandLine } from './command-line.ts';

/** Of files in another tree, no domain is asked for: undefined. */
export function domainsHere(
  system: System,
  line: CommandLine,
  model: Model | undefined,
  isOfHost: boolean,
): DomainChange | undefined {
  if (line.root !== '/' || !isOfHost || !model) return undefined;
  const top = system.openExisting('/');
  try {
    return top && domainChange(system, top, model, !line.noBackup);
  } finally {
    top?.close();
  }
}

/** What the change script is to know of them is kept with the files that the installation replaces. */
export const withDomains = (
  { pendingFolders = [], ...options }: InstallOptions,
  domains: DomainChange | undefined,
): InstallOptions => ({
  ...options,
  ...(pendingFolders.length > 0 && {
    pendingFolders: pendingFolders.map((folder) => ({
      ...folder,
      also: [...(folder.also ?? []), ...(domains?.also ?? [])],
      notes: { ...folder.notes, ...domains?.notes },
    })),
  }),
});

const MAX_BYTES = 1024 * 1024;

/** Whether a change that is not confirmed yet moves domains in another way than this one would. */
export function movesOthers(
  system: System,
  { pending = [] }: Installation,
  domains: DomainChange | undefined,
): boolean {
  if (!domains || !pending.some(({ isOfThisBoot }) => isOfThisBoot)) return false;
  const top = system.openExisting('/');
  try {
    return top !== undefined && differs(top, domains.notes);
  } finally {
    top?.close();
  }
}

function differs(top: Directory, notes: DomainChange['notes']): boolean {
  const steps = [...CHANGE_FOLDER, PENDING];
  const kept = (name: string): string => textBelow(top, [...steps, name], MAX_BYTES) ?? '';
  const names = Object.keys(notes);
  // The activation has moved them.
  if (names.length === 0 && kindBelow(top, [...steps, 'domains-stored'])) return false;
  return ['domains', ...names].some((name) => kept(name) !== (notes[name] ?? ''));
}
