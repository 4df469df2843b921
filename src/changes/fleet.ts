/** What changes on many machines → groups of those on which the same happens. */
import { type Change, type ChangeSeverity, SEVERITIES } from './words.ts';

/** What happens on one host. */
export interface HostChanges {
  readonly host: string;
  readonly changes: readonly Change[];
}

export interface ChangeGroup {
  readonly severity: ChangeSeverity;
  /** What happens; where addresses differ from host to host, with `…` in their places. */
  readonly message: string;
  /** On which, and what exactly happens there. */
  readonly hosts: readonly { readonly host: string; readonly message: string }[];
}

/** UUIDs, IP addresses (with a prefix length, or without) and MACs: what is each host's own. */
const OWN =
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?)\b|(?<![\w:])[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*(?:\/\d+)?/g;

/** Text without what differs from host to host where all else is the same. */
export const shapeOf = (text: string): string => text.replace(OWN, '…');

/** The first line of a file, which names the host, in a patch. */
const HEADER = /^([-+ ]?\S+ Written by macvtap-render from the intent of host ).*$/gm;

/** The worst first; among those, what happens on most hosts. */
export function groupChanges(all: readonly HostChanges[]): ChangeGroup[] {
  const groups = new Map<
    string,
    { severity: ChangeSeverity; hosts: { host: string; message: string }[] }
  >();
  for (const { host, changes } of all) {
    for (const { severity, message } of changes) {
      const key = `${severity} ${shapeOf(message)}`;
      const group = groups.get(key) ?? { severity, hosts: [] };
      groups.set(key, group);
      group.hosts.push({ host, message });
    }
  }
  return [...groups.values()]
    .map(({ severity, hosts }) => {
      const [{ message } = { message: '' }] = hosts;
      const isOne = hosts.every((item) => item.message === message);
      return { severity, hosts, message: isOne ? message : shapeOf(message) };
    })
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.hosts.length - a.hosts.length,
    );
}

/** Files of some hosts that change alike: but for addresses, UUIDs, and the host in the first line. */
export interface PatchGroup {
  readonly hosts: readonly string[];
  /** Of the first of them. */
  readonly patch: string;
  /** Whether those of the others are the same but for the name. */
  readonly isSame: boolean;
}

export function groupPatches(
  all: readonly { readonly host: string; readonly patch: string }[],
): PatchGroup[] {
  const groups = new Map<
    string,
    { hosts: string[]; patch: string; named: string; isSame: boolean }
  >();
  for (const { host, patch } of all) {
    if (patch === '') continue;
    const named = patch.replace(HEADER, '$1');
    const group = groups.get(shapeOf(named));
    if (group) {
      group.hosts.push(host);
      group.isSame &&= group.named === named;
    } else groups.set(shapeOf(named), { hosts: [host], patch, named, isSame: true });
  }
  return [...groups.values()];
}
