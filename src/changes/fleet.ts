/** Changes on many machines → groups of machines with the same change. */
import { type Change, type ChangeSeverity, SEVERITIES } from './words.ts';

/** What happens on one host. */
export interface HostChanges {
  readonly host: string;
  readonly changes: readonly Change[];
}

export interface ChangeGroup {
  readonly severity: ChangeSeverity;
  /** What happens; addresses that differ between hosts are `…`. */
  readonly message: string;
  /** The hosts, and what exactly happens on each. */
  readonly hosts: readonly { readonly host: string; readonly message: string }[];
}

/** UUIDs, IP addresses (with or without prefix length) and MACs, which differ between hosts. */
const OWN =
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?)\b|(?<![\w:])[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*(?:\/\d+)?/g;

/** Text without the values that differ between hosts. */
export const shapeOf = (text: string): string => text.replace(OWN, '…');

/** In a patch: the first line of a file, which names the host. */
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

/** Hosts whose files change alike, except for addresses, UUIDs, and the host in the first line. */
export interface PatchGroup {
  readonly hosts: readonly string[];
  /** That of the first host. */
  readonly patch: string;
  /** Whether those of the other hosts differ only in the name. */
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
