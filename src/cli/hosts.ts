/** Which hosts of a fleet the command line selects. */
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { compareTree } from '../install/compare.ts';
import { counted, hostList, visible } from '../report/text.ts';
import { type Directory, SystemError } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { nearest } from './nearest.ts';

/** @throws UsageError for an unknown host, unless a file cannot be parsed and may have it */
export function checkNames({ hosts }: CommandLine, { names, diagnostics }: Fleet): void {
  const there = new Set(names);
  const first = hosts.find((name) => !there.has(name));
  const isBroken = hasErrors(diagnostics.filter((item) => item.hosts === undefined));
  if (first === undefined || isBroken) return;
  const near =
    names.find((name) => name === first.split('.')[0] || name.split('.')[0] === first) ??
    nearest(first, names);
  const known = names.length === 0 ? '' : ` (there are ${hostList(names)})`;
  throw new UsageError(
    `there is no host \`${first}\`${near ? `; did you mean \`${near}\`?` : known}`,
  );
}

/**
 * The host, if there is exactly one: that of an intent without a fleet, or the only one named, where
 * files do not go into a folder for each host (`--root /`).
 * @throws UsageError where `--root /` would install several hosts
 */
export function oneHost(line: CommandLine, { isFleet, hosts }: Fleet): HostCompilation | undefined {
  const [first, another] = hosts;
  if (!isFleet) return first;
  const isHere = line.root === '/' || (line.root === undefined && line.output === undefined);
  if (isHere && first && !another && line.hosts.length === 1) return first;
  if (line.root === '/' || (isHere && line.command === 'check')) {
    throw new UsageError(
      '`/` is one host, and the intent has several: name it with `--host NAME`, or a folder for all with `--root DIR`',
    );
  }
  return undefined;
}

/** `1 host: kvm1`, `10,000 hosts: kvm1, kvm2, kvm3 and 9,997 more`. */
export const namedHosts = (hosts: readonly string[]): string =>
  visible(`${hostCount(hosts.length)}: ${hostList(hosts)}`);

export const hostCount = (count: number): string =>
  `${counted(count)} ${count === 1 ? 'host' : 'hosts'}`;

/** Folders with generated files of hosts that are not in the fleet. */
export function extraHosts(top: Directory, names: readonly string[]): string[] {
  const known = new Set(names);
  return top.list().filter((name) => {
    if (known.has(name) || name.startsWith('.') || top.kindOf(name) !== 'directory') return false;
    try {
      return compareTree(top, [], [{ steps: [name] }]).leftovers.some(
        ({ kind }) => kind === 'orphan',
      );
    } catch (error) {
      // Not accessible: not a folder of this program.
      if (error instanceof SystemError) return false;
      throw error;
    }
  });
}
