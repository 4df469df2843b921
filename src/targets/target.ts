/** Which versions must accept the output: a distribution's, some that were named, or the oldest supported. */

/**
 * What has versions of its own. `systemd` is systemd-networkd; udev, of the same version
 * nearly everywhere, is there without it too.
 */
export const DAEMONS = ['systemd', 'udev', 'NetworkManager', 'netplan'] as const;
export type Daemon = (typeof DAEMONS)[number];

/** `1.36` is `[1, 36]`. */
export type Version = readonly number[];

export type Versions = Readonly<Record<Daemon, Version>>;

/** What `--target` requests; other versions are decided for each back end. */
export interface TargetSpec {
  readonly name: string;
  readonly versions: Partial<Versions>;
  readonly distribution?: Distribution;
  /** The host itself, on which it was looked up what it has. */
  readonly isHost?: true;
}

/** For one back end. */
export interface Target {
  /** As `--target` has it: `debian-12`, `systemd=252`; absent for the floor. */
  readonly name?: string;
  readonly versions: Versions;
  readonly distribution?: Distribution;
  readonly isHost?: true;
}

/** Whether a distribution brings a system along, has it in its packages, or has it not. */
export type Presence = 'installed' | 'packaged' | 'missing';

/** What may own a network. */
export type Owner = 'networkd' | 'networkmanager' | 'netplan' | 'ifupdown';

export interface Distribution {
  readonly systemd: string;
  /** systemd-networkd's, where it is another. */
  readonly networkd?: string;
  readonly networkmanager: string;
  readonly netplan: string;
  /** Where the versions can be looked up. */
  readonly source: string;
  /** Supported by its maker without a contract: counts for what is right without `--target`. */
  readonly isSupported: boolean;
  readonly presence: Readonly<Record<Owner, Presence>>;
  /** What of it is in a repository of others, by that one's name. */
  readonly addOn?: Readonly<Partial<Record<Owner, string>>>;
  /** Its NetworkManager manages no Ethernet device by itself. */
  readonly managesNothing?: boolean;
  /** It filters strictly by the return path. */
  readonly hasStrictRpFilter?: boolean;
  /** Whether cloud-init writes its network; absent: that of some images does. */
  readonly hasCloudInit?: boolean;
}

export const parseVersion = (text: string): Version | undefined =>
  /^[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}$/.test(text) ? text.split('.').map(Number) : undefined;

/** Whether a version is the other or a later one. */
export function isAtLeast(version: Version, other: Version): boolean {
  for (let index = 0; index < Math.max(version.length, other.length); index += 1) {
    const difference = (version[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
