/** libvirt's domains in an installation on this host: the activation moves them, as that of `apply` does. */
import { type DomainChange, domainChange, type Unmoved } from '../apply/domains.ts';
import type { Verb } from '../apply/prepare.ts';
import { finding } from '../diagnostics/finding.ts';
import { CHANGE_FOLDER, lookForPending, PENDING } from '../install/pending.ts';
import { notMovedBy } from '../install/pending-domains.ts';
import {
  endFirst,
  hasChanges,
  type Installation,
  type InstallOptions,
  isPendingNow,
} from '../install/plan.ts';
import { within } from '../install/tree.ts';
import type { Model } from '../model/types.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';

/** Of files in another tree, no domain is asked for: undefined. @param plan what is to be installed */
export function domainsHere(
  system: System,
  line: CommandLine,
  model: Model | undefined,
  plan: Installation,
  isOfHost: boolean,
): DomainChange | undefined {
  if (line.root !== '/' || !isOfHost || !model) return undefined;
  const top = system.openExisting('/');
  try {
    if (!top) return undefined;
    const why = unmoved(line, plan);
    const change = domainChange(system, top, model, why);
    // The pending change moves what it has kept, and this run would not keep more.
    const isKept =
      !line.noBackup || !lookForPending(top, { base: [], domains: change }, '/').isOutdated;
    if (!why && !isKept) return domainChange(system, top, model, UNKEPT);
    return isOver(plan) ? leftBehind(change) : change;
  } finally {
    top?.close();
  }
}

/** The activation has been, and no other follows. */
const isOver = ({ written, pending = [] }: Installation): boolean =>
  // Without a plan something prevents it.
  written !== undefined &&
  !hasChanges(written) &&
  pending.some((one) => one.isOfThisBoot && one.isActivated && !one.waitsForReboot);

/** What the activation was to move, and where it is not. The notes stay: an activated change may have others. */
const leftBehind = (change: DomainChange): DomainChange => ({
  ...change,
  moves: [],
  findings: [
    ...change.findings,
    ...change
      .drift()
      .map(({ message, hint }) =>
        finding('guest-cut-off', '/etc/libvirt/qemu', message, { severity: 'warning', hint }),
      ),
  ],
});

const UNCHANGED: Unmoved = {
  why: 'No file changes and no change is pending, so no activation moves it.',
  severity: 'warning',
  hint: 'Change its interface with `virsh edit`: `macvtap-render help guests` has the definition.',
};

const UNKEPT: Unmoved = {
  why: 'Nothing is kept (`--no-backup`), so the activation does not move it.',
  hint: 'Leave `--no-backup` out; `--force` changes the host anyway.',
};

/** Why no domain moves; undefined where the activation moves them. */
export function unmoved(
  { noBackup }: Pick<CommandLine, 'noBackup'>,
  { written, pending = [] }: Installation,
): Unmoved | undefined {
  // Without a plan something prevents it: what it would do is reported.
  if (written && !hasChanges(written)) return pending.some(isPendingNow) ? undefined : UNCHANGED;
  if (!noBackup) return undefined;
  return UNKEPT;
}

/** What the change script is to know of them is kept with the files that the installation replaces. */
export const withDomains = (
  { pendingFolders = [], ...options }: InstallOptions,
  domains: DomainChange | undefined,
): InstallOptions => ({
  ...options,
  ...(pendingFolders.length > 0 && {
    pendingFolders: pendingFolders.map((folder) => ({ ...folder, ...(domains && { domains }) })),
  }),
});

/** Why the change that is pending cannot move the domains: it has begun, or is armed for the next boot, and was made for others. */
export function otherMoves(
  system: System,
  { pending = [] }: Installation,
  domains: DomainChange | undefined,
): { readonly message: string; readonly hint: string } | undefined {
  const begun = pending.find((one) => isPendingNow(one) && one.hasBegun);
  if (!domains || !begun) return undefined;
  const top = system.openExisting('/');
  try {
    const other =
      top && within(top, [...CHANGE_FOLDER, PENDING], (folder) => notMovedBy(folder, domains));
    if (other === undefined) return undefined;
    const [uuid = '', mac = ''] = other.split(' ');
    const state = begun.waitsForReboot ? 'is armed for the next boot' : 'has begun already';
    return {
      message: `the pending change ${state}, and was not made to move the interface ${mac} of the domain ${uuid} as it is now`,
      hint: endFirst(begun),
    };
  } finally {
    top?.close();
  }
}

/** A line for each interface that moves. @param verb none: the files are in place, and the activation moves it */
export const domainLines = (moves: DomainChange['moves'], verb?: Verb): string[] =>
  moves.map((text) => `${verb ? `${verb} moved` : 'moved by the activation'}: ${text}`);
