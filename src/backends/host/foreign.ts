/** The other files of a host: which ones a back end checks, and what they configure. */
import type { Model, Shim, Tap } from '../../model/types.ts';

export { fnmatch as fits } from './fnmatch.ts';

/** Files that may conflict with the generated ones. */
export interface Watch {
  /** Absolute, on the target. */
  readonly folder: string;
  /** Names only: files are not read and links not followed; for what is enabled or installed. */
  readonly isOfNames?: true;
  /** Names of folders in it whose files are watched; absent: the files in `folder` itself. */
  readonly below?: RegExp;
  readonly name: RegExp;
  /** The files that a file includes, recursively. */
  readonly follow?: (file: HostFile) => readonly Included[];
}

/** Files that another file includes. */
export interface Included {
  /** Absolute, on the target, without `.` and `..`; each part is a pattern (fnmatch(3)). */
  readonly pattern: string;
  /** If `pattern` is for folders: which of their files are included. */
  readonly name?: RegExp;
}

/** A file that was not generated. */
export interface HostFile {
  /** Absolute, on the target; `folder` and `name` are its parts. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  /** Undefined: unreadable; empty: only the name was requested. */
  readonly text: string | undefined;
  /** The target of a symbolic link; only for watches of names. */
  readonly target?: string;
}

/** A link of the model, with everything that other files may match it by. */
export interface Claim {
  readonly name: string;
  readonly kind: 'ethernet' | 'vlan' | 'bond' | 'bridge' | 'macvlan' | 'ipvlan' | 'macvtap';
  /** Of a NIC, if it is in the intent. */
  readonly permanentMac?: string;
  readonly mac?: string;
  /** An ipvlan, and in mode passthru: it has its parent's MACs, including the permanent one. */
  readonly hasMacOfParent?: true;
  /** The bond or bridge of the intent that it is in. */
  readonly master?: string;
}

/** Kinds of shims and taps. */
export const UPPER: ReadonlySet<Claim['kind']> = new Set(['macvlan', 'ipvlan', 'macvtap']);

/** Every link that the generated files configure. */
export const claimsOf = (model: Model): Claim[] => [
  ...model.parents.map(({ name, kind, permanentMac, macaddress, master }) => ({
    name,
    kind,
    ...(permanentMac !== undefined && { permanentMac }),
    ...(macaddress !== undefined && { mac: macaddress }),
    ...(master && { master: master.name }),
  })),
  ...model.shims.map((shim) => upperClaim(shim, shim.device)),
  ...model.taps.map((tap) => upperClaim(tap, 'macvtap')),
];

function upperClaim({ name, mode, macaddress, parent }: Shim | Tap, kind: Claim['kind']): Claim {
  if (mode !== 'passthru' && kind !== 'ipvlan')
    return { name, kind, ...(macaddress !== undefined && { mac: macaddress }) };
  const { permanentMac, macaddress: mac = permanentMac } = parent;
  return {
    name,
    kind,
    hasMacOfParent: true,
    ...(permanentMac !== undefined && { permanentMac }),
    ...(mac !== undefined && { mac }),
  };
}

export interface Setting {
  /** The name in brackets; empty before the first section. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Settings of a file in sections, in their order, one on a line: for sysctl. `systemd-file.ts` and
 * `networkmanager/keyfile.ts` have the grammars of systemd and NetworkManager.
 */
export function settingsOf(text: string): Setting[] {
  let section = '';
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line.startsWith('[') && line.endsWith(']')) section = line.slice(1, -1);
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(0, at)).trim();
    if (key === '' || /^[#;[]/.test(key)) return [];
    return [{ section, key, value: line.slice(at + 1).trim(), line: index + 1 }];
  });
}

/**
 * Merges files of several directories: for each name the one in the first directory that has it
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
