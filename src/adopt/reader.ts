/** What reads one system's files: which links they are for, and what they set. */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import type { FoundLink, Kind } from './found.ts';

export interface Reader {
  readonly id: 'netplan' | 'networkd' | 'networkmanager' | 'ifupdown' | 'dhcpcd' | 'cloud-init';
  /** Links that the files name, each with its kind. */
  names(files: readonly HostFile[]): ReadonlyMap<string, Kind>;
  /** Definitions that are for links by a pattern, whose names only the host has. */
  patterns(files: readonly HostFile[]): readonly Pattern[];
  /** What the files set for a link; undefined: nothing. */
  read(files: readonly HostFile[], claim: Claim): FoundLink | undefined;
}

export interface Pattern {
  readonly path: string;
  readonly line: number;
  readonly pattern: string;
}
