/**
 * What a file set makes of a host: one neutral description, whichever system the files are for.
 *
 * `readers/` read rendered files as their daemons do. They are written from the manual pages and the
 * rules of GLib's key files, not from the renderer; strict, so that a key, a section or a file that
 * no rule accounts for is a failure. Where netplan writes files, its generator is imitated, and what
 * it would write is read like all else. `expected/` computes the same description from an intent.
 */
/** What a file set makes of a host. Texts are canonical, lists without order are sorted. */
export interface Description {
  readonly links: Readonly<Record<string, Link>>;
  /** The kernel's settings of interfaces. */
  readonly kernel: {
    /** Those that answer ARP for their own addresses only. */
    readonly arpIgnore: readonly string[];
    /** Those whose packets need not come in where the answer would go out. */
    readonly looseRpFilter: readonly string[];
  };
  /** NetworkManager's settings of its devices, whoever runs the network. */
  readonly networkManager: {
    readonly managed: readonly string[];
    readonly unmanaged: readonly string[];
    readonly ignoreCarrier: readonly string[];
  };
  /** Generated links that are unmanaged in systemd-networkd. */
  readonly networkdUnmanaged: readonly string[];
  /** Guests' devices, which are unmanaged, too. */
  readonly networkdGuests: readonly string[];
  /** `-i` options of the wait-online service, where a drop-in sets them. */
  readonly waitOnline?: readonly string[];
  /** The same of a drop-in that adds a command. */
  readonly waitBeside?: readonly string[];
}

export interface Link {
  readonly kind: 'ethernet' | 'vlan' | 'bond' | 'bridge' | 'macvlan' | 'ipvlan' | 'macvtap';
  /** What it is on top of. */
  readonly parent?: string;
  readonly vlanId?: number;
  /** The bond or bridge that it is in. */
  readonly master?: string;
  readonly mode?: string;
  /** In mode `source`: whose frames it takes. */
  readonly sources?: readonly string[];
  /** Of a bond or bridge, by the kernel's names. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The MAC by which the NIC is found. */
  readonly permanentMac?: string;
  /** The MAC that is set. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly wakeOnLan?: true;
  /** Of a shim, where it is set. */
  readonly queue?: number;
  readonly threshold?: number;
  /** Of a tap that takes all multicast frames. */
  readonly allMulticast?: true;
  /** Of a tap: `OWNER:GROUP PERMISSIONS` of its device. */
  readonly access?: string;
  readonly ipv4: FamilySettings;
  readonly ipv6: FamilySettings;
  readonly search: readonly string[];
  /** networkd only: in NetworkManager it is a search domain. */
  readonly dnsDefaultRoute?: boolean;
  readonly multicastDns?: string;
  readonly zone?: string;
  readonly dhcp4?: Dhcp;
  readonly dhcp6?: Dhcp;
  /** IPv6 by itself: nothing, advertisements, advertisements and DHCPv6 as they say, DHCPv6 alone. */
  readonly autoconf: 'none' | 'ra-only' | 'ra' | 'dhcp';
  /** Under networkd: the identifier of a DHCPv6 client that only a router starts. */
  readonly startedIdentifier?: string;
  /** Under networkd: what such a client uses, `dns true domains route`. */
  readonly startedUses?: string;
  /** Whether name servers out of advertisements are used, where those are listened to. */
  readonly raUseDns?: boolean;
  /** How domains out of advertisements are used, under networkd and where it is written. */
  readonly raUseDomains?: string;
  /** The table of advertised routes, where that is not main. */
  readonly raTable?: number;
  /** How addresses by advertisement end: `eui64`, `stable-privacy`, or a token. */
  readonly interfaceId?: string;
  /** Whether there are temporary addresses, where advertisements are listened to. */
  readonly privacy?: boolean;
  readonly linkLocal: readonly string[];
  /** Whether static addresses stand without a carrier. */
  readonly ignoreCarrier: boolean;
  /**
   * What boot waits for: a state and families for networkd, families for NetworkManager. Empty
   * where networkd has no setting.
   */
  readonly online: readonly string[];
  /** Whether it says nothing of its own accord (LLDP, LLMNR, mDNS); networkd only. */
  readonly isSilent: boolean;
  readonly profile?: { readonly id: string; readonly uuid: string; readonly priority: number };
}

export interface FamilySettings {
  readonly addresses: readonly string[];
  /** Each as `to via [from] [onlink] metric [table]`, sorted. */
  readonly routes: readonly string[];
  /** Each as `ruleText` has it, sorted. */
  readonly rules: readonly string[];
  readonly dns: readonly string[];
}

/** In `waitOnline`: boot waits for what other files name, too. */
export const BESIDE_OTHERS = 'beside others';

export const NOTHING: FamilySettings = { addresses: [], routes: [], rules: [], dns: [] };

export interface Dhcp {
  readonly identifier?: string;
  readonly metric?: number;
  /** The table of its routes, where that is not main. */
  readonly table?: number;
  readonly useMtu?: boolean;
  readonly useRoutes?: boolean;
  readonly useDns: boolean;
  /** Absent where there is no setting and the systems differ. */
  readonly useDomains?: string;
  readonly useNtp: boolean;
  readonly useHostname: boolean;
  readonly sendHostname: boolean;
  readonly hostname?: string;
}

/** Path on the target → text. */
export type Files = ReadonlyMap<string, string>;

export function fail(message: string): never {
  throw new Error(message);
}

/** What is set, without what is not. */
export function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** Sorted, and safe for names such as `__proto__`. */
export function toRecord<T>(links: ReadonlyMap<string, T>): Record<string, T> {
  const record: Record<string, T> = Object.create(null) as Record<string, T>;
  for (const name of [...links.keys()].sort()) {
    const link = links.get(name);
    if (link !== undefined) record[name] = link;
  }
  return record;
}
