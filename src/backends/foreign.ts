/** What else lies on a host: which files a back end wants to see, and what it says of them. */
import { CODES, type DiagnosticCode, type Severity } from '../diagnostics.ts';
import type { Model } from '../model/types.ts';

/** Files that may fight with ours. */
export interface Watch {
  /** Absolute, on the target. */
  readonly folder: string;
  /** Names of folders in it whose files are meant; absent: those in `folder` itself. */
  readonly below?: RegExp;
  readonly name: RegExp;
  /** Which further files one of these includes, for a format with includes; theirs are followed, too. */
  readonly follow?: (file: HostFile) => readonly Included[];
}

/** Files that another file includes. */
export interface Included {
  /** Absolute, on the target, without `.` and `..`; each part is a pattern (fnmatch(3)). */
  readonly pattern: string;
  /** Where `pattern` means folders: which of their files are included. */
  readonly name?: RegExp;
}

/** A file of somebody else's. */
export interface HostFile {
  /** Absolute, on the target; `folder` and `name` are its parts. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  /** Undefined where it could not be read. */
  readonly text: string | undefined;
}

/** What fights with ours, or may. An error: the host would be lost, or ours be without effect. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Absolute, on the target. */
  readonly path: string;
  /** Counted from 1; absent where the file as such is meant. */
  readonly line?: number;
  readonly message: string;
  readonly hint: string;
}

type Extra = Partial<Pick<Finding, 'severity' | 'line' | 'hint'>>;

/** Builds a finding; severity and hint come from its code, unless `extra` says closer. */
export function finding(
  code: DiagnosticCode,
  path: string,
  message: string,
  extra: Extra = {},
): Finding {
  const { severity, remedy } = CODES[code];
  return { code, severity, path, message, hint: remedy, ...extra };
}

/** A link of the model, with what a foreign file may choose it by. */
export interface Claim {
  readonly name: string;
  readonly kind: 'ethernet' | 'vlan' | 'bond' | 'bridge' | 'macvlan' | 'macvtap';
  /** Of a NIC, if the intent says it. */
  readonly permanentMac?: string;
  readonly mac?: string;
}

/** Every link that is ours to configure. */
export const claimsOf = (model: Model): Claim[] => [
  ...model.parents.map(({ name, kind, permanentMac, macaddress }) => ({
    name,
    kind,
    ...(permanentMac !== undefined && { permanentMac }),
    ...(macaddress !== undefined && { mac: macaddress }),
  })),
  ...model.shims.map(({ name, macaddress }) => ({
    name,
    kind: 'macvlan' as const,
    ...(macaddress !== undefined && { mac: macaddress }),
  })),
  ...model.taps.map(({ name, macaddress }) => ({
    name,
    kind: 'macvtap' as const,
    ...(macaddress !== undefined && { mac: macaddress }),
  })),
];

export interface Setting {
  /** As between the brackets; empty before the first section. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Settings of a file in sections, in their order: systemd's, NetworkManager's, sysctl's. */
export function settingsOf(text: string): Setting[] {
  let section = '';
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const head = /^\[(.*)\]$/.exec(line);
    if (head) section = head[1] ?? '';
    const [, key, value] = /^([^#;[=\s][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (head || key === undefined || value === undefined) return [];
    return [{ section, key, value, line: index + 1 }];
  });
}

/** Whether a name fits a pattern of the shell (fnmatch(3)). */
export function fits(pattern: string, name: string): boolean {
  const source = pattern.replace(/\[[!^]?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    if (part.length > 2) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(name);
}

/**
 * Of files in several directories: of each name the one in the first directory that has it
 * (`/etc` hides `/run` hides `/usr/lib`), sorted by name, as systemd and netplan read them.
 */
export function merged(files: readonly HostFile[], folders: readonly string[]): HostFile[] {
  const byName = new Map<string, HostFile>();
  for (const folder of folders) {
    for (const file of files) {
      if (file.folder === folder && !byName.has(file.name)) byName.set(file.name, file);
    }
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
