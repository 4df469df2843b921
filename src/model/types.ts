/**
 * What we understood: every reference resolved, every default decided, nothing to look up.
 * Back ends see this and nothing else. Each object says where in the intent it comes from.
 */
import type { Path } from '../diagnostics/diagnostic.ts';
import type { BOND, BRIDGE, Values } from '../intent/schema.ts';

export type Family = 'ipv4' | 'ipv6';

/** An IP address, as it is compared. */
export interface Ip {
  readonly family: Family;
  /** Canonical text (RFC 5952). */
  readonly text: string;
  readonly bytes: readonly number[];
  /** ipaddr.js's name for the range that it is in: `unicast`, `private`, `multicast` … */
  readonly range: string;
}

/** An address and the length of its prefix; bits beyond the prefix may be set. */
export interface Network {
  readonly ip: Ip;
  readonly prefix: number;
}
export type MacvlanMode = 'bridge' | 'private' | 'vepa' | 'passthru' | 'source';
export type IpvlanMode = 'l2' | 'l3' | 'l3s';
export type Mode = MacvlanMode | IpvlanMode;
export type Renderer = 'networkd' | 'NetworkManager';

export interface Model {
  /** The host's name; empty where the intent has none. */
  readonly host: string;
  /** The renderer of netplan, unless the back end or `--renderer` decides. */
  readonly renderer: Renderer;
  /** Names of the back ends that the intent asks for, each once; `netplan` is that of `renderer`. */
  readonly backends: readonly string[];
  /** What must accept the output, as `--target` takes it; absent where the intent names nothing. */
  readonly target?: string;
  /** Those that are configured from the intent, in its order, then as others first name them. */
  readonly parents: readonly Parent[];
  /** Those with `managed: false`: no file configures them, and nothing here is compared with them. */
  readonly unmanaged: readonly Parent[];
  readonly shims: readonly Shim[];
  readonly taps: readonly Tap[];
  readonly guests: readonly Guest[];
}

/** What a link has of IP: a shim, or a parent that keeps an address of its own. */
export interface Addressing {
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly rules: readonly PolicyRule[];
  readonly nameservers: readonly Nameserver[];
  readonly search: readonly SearchDomain[];
  /** Whether its name servers are asked for any name; absent: the system's own decision. */
  readonly dnsDefaultRoute?: boolean;
  /** By systemd-resolved; absent: its own decision. */
  readonly multicastDns?: 'yes' | 'no' | 'resolve';
  /** Of firewalld; absent: its default zone. */
  readonly firewallZone?: string;
  readonly dhcp4?: Dhcp4;
  readonly dhcp6?: Dhcp6;
  /** What DHCP clients call themselves, those that a router starts included. */
  readonly identifier: 'mac' | 'duid';
  /** Of an ipvlan, whose MAC its parent and others share: distinguishes its DHCP clients from theirs. */
  readonly iaid?: number;
  readonly acceptRa: boolean;
  /** Whether router advertisements may start DHCPv6 (their managed flag). */
  readonly dhcp6ByRouter: boolean;
  /** What of advertisements is used; absent: what the system does by default. */
  readonly raOverrides?: RaOverrides;
  /** How interface identifiers of addresses by router advertisement are made, unless there is a token. */
  readonly addressGeneration: 'eui64' | 'stable-privacy';
  /** Their interface identifier, as a canonical address: `::50`. */
  readonly addressToken?: string;
  /** Whether temporary addresses (RFC 8981) are made of advertised prefixes, and preferred as source. */
  readonly ipv6Privacy: boolean;
  readonly linkLocal: readonly Family[];
  /** Families with addresses other than link-local: those that boot waits for. */
  readonly families: readonly Family[];
}

/** What every link is, a parent as well as a shim. */
export interface Link extends Addressing {
  /** The name of the interface. */
  readonly name: string;
  /** The MAC to set, in lower case. Absent: the one it has by itself. */
  readonly macaddress?: string;
  /** Whether `macaddress` is derived from host and name. */
  readonly macDerived: boolean;
  /** Bytes; the driver's default (1500) where absent. */
  readonly mtu?: number;
  /** Boot does not wait for it. */
  readonly optional: boolean;
  /** It (or a link on top of it) keeps static addresses without a carrier. */
  readonly ignoreCarrier: boolean;
  readonly origin: Path;
}

export type Kind = 'ethernet' | 'vlan' | 'bond' | 'bridge';

export interface Parent extends Link {
  /** The key under `parents`, or the name by which another calls it. */
  readonly id: string;
  readonly kind: Kind;
  /** Whether it is configured from the intent; if not, all else of it is unknown. */
  readonly managed: boolean;
  /** If not: the file of systemd-networkd that configures it. */
  readonly networkFile?: string;
  /** If not, and on the host itself: its MACs there. */
  readonly found?: { readonly mac?: string; readonly permanentMac?: string };
  /** Of a NIC by default (no `type`, no `match`): what its name suggests instead, as in `a bridge`. */
  readonly assumedFrom?: string;
  /** The permanent MAC that it is matched by; set together with `name` differing from `id`. */
  readonly permanentMac?: string;
  /** Wakes up by a magic packet; absent: the driver's default. */
  readonly wakeonlan?: boolean;
  /** Of a VLAN: its id, and the interface that it is on. */
  readonly vlan?: { readonly id: number; readonly link: string; readonly linkId: string };
  /** Of a bond or bridge: the interfaces in it. */
  readonly members: readonly string[];
  readonly bond?: BondParameters;
  readonly bridge?: BridgeParameters;
  /** The bond or bridge that it is in. */
  readonly master?: Master;
  /** Names of the VLANs, shims and taps on top of it. */
  readonly vlans: readonly string[];
  readonly shims: readonly string[];
  readonly taps: readonly string[];
  /**
   * Whether a shim or tap is on top of it, or of a link joined with it (its VLANs, its bond, other
   * members), or one of these is without any address, for guests alone. Where none is, this is the
   * normal setup, and no business of macvlans.
   */
  readonly hasMacvlans: boolean;
  /** How many levels of links are below it: 0 for a NIC. */
  readonly height: number;
  /** Whether boot waits for another link of the intent. */
  readonly othersRequired: boolean;
  /** Whether it, or a link joined with it, is found by its permanent MAC. */
  readonly isMatchedByMac: boolean;
}

export interface Master {
  readonly name: string;
  readonly kind: 'bond' | 'bridge';
  /** It is the bond's primary. */
  readonly isPrimary: boolean;
}

/** By netplan's words, in the order of the table. Absent: the kernel's default. */
export interface BondParameters {
  readonly values: Values<typeof BOND> & { readonly mode: string };
  readonly origin: Path;
}

/** As for a bond. */
export interface BridgeParameters {
  readonly values: Values<typeof BRIDGE>;
  readonly origin: Path;
}

/** What a macvlan and a macvtap have in common: they are on top of a parent. */
export interface Attachment {
  readonly parent: Parent;
  readonly mode: Mode;
  /** In mode `source`: whose frames it takes, in lower case. */
  readonly sourceMacs: readonly SourceMac[];
}

export interface SourceMac {
  readonly macaddress: string;
  readonly origin: Path;
}

/** An ipvlan, and a macvlan in passthru mode, have no `macaddress`: they have their parent's. */
export interface Shim extends Link, Attachment {
  readonly device: 'macvlan' | 'ipvlan';
  /** Frames; absent: the kernel's default, 1000. Of a macvlan. */
  readonly broadcastQueueLength?: number;
  /** Receivers of a multicast frame, above which it is queued; -1: never; absent: the kernel's default, 1. Of a macvlan. */
  readonly broadcastQueueThreshold?: number;
}

export const isIpvlanMode = (mode: Mode): mode is IpvlanMode => mode === 'l2' || isRoutedMode(mode);

/** Modes of an ipvlan in which the parent routes for it: no ARP, no neighbours, no multicast. */
export const isRoutedMode = (mode: Mode): mode is 'l3' | 'l3s' => mode === 'l3' || mode === 'l3s';

export interface Tap extends Attachment {
  readonly name: string;
  readonly mode: MacvlanMode;
  readonly macaddress?: string;
  readonly macDerived: boolean;
  readonly mtu?: number;
  /** Who may open `/dev/tapN`: names or numbers; absent: root. */
  readonly owner?: string;
  readonly group?: string;
  /** Of `/dev/tapN`: four octal digits; absent: udev's default, 0600. */
  readonly permissions?: string;
  /** Receives all multicast frames. */
  readonly allMulticast: boolean;
  readonly origin: Path;
}

export interface Guest {
  readonly name: string;
  readonly parent: Parent;
  /** In libvirt's words. */
  readonly mode: 'bridge' | 'private' | 'vepa' | 'passthrough';
  /** Absent: libvirt makes one up. */
  readonly macaddress?: string;
  /** The device on the host. */
  readonly target?: string;
  readonly model: string;
  readonly trustGuestRxFilters: boolean;
  readonly origin: Path;
}

/** No address of any kind. */
export const NO_ADDRESSING: Addressing = {
  addresses: [],
  routes: [],
  rules: [],
  nameservers: [],
  search: [],
  identifier: 'mac',
  acceptRa: false,
  dhcp6ByRouter: false,
  addressGeneration: 'eui64',
  ipv6Privacy: false,
  linkLocal: [],
  families: [],
};

/** A tap as a link without any address, which nothing waits for. */
export const asLink = (tap: Tap): Link => ({
  ...NO_ADDRESSING,
  ...tap,
  optional: true,
  ignoreCarrier: false,
});

/** Whether a link has any address of its own, link-local ones included. */
export const hasAddress = ({ families, linkLocal }: Addressing): boolean =>
  families.length > 0 || linkLocal.length > 0;

export const hasStatic = ({ addresses }: Addressing, family: Family): boolean =>
  addresses.some((address) => address.family === family);

export interface Address {
  readonly family: Family;
  /** Canonical (RFC 5952), without the prefix length. */
  readonly address: string;
  readonly prefix: number;
  /** The same, parsed. */
  readonly network: Network;
  readonly origin: Path;
}

/** Whether an address is of no subnet: a /32, in IPv6 a /128. */
export const isSingle = ({ network: { ip, prefix } }: Address): boolean =>
  prefix === ip.bytes.length * 8;

export interface Route {
  readonly family: Family;
  /** Canonical network with prefix length; the default route is `0.0.0.0/0` or `::/0`. */
  readonly to: string;
  /** `to`, parsed. */
  readonly network: Network;
  readonly isDefault: boolean;
  readonly via?: string;
  /** `via`, parsed. */
  readonly gateway?: Ip;
  readonly from?: string;
  readonly onLink: boolean;
  /** As the kernel will have it: 0 (IPv4) or 1024 (IPv6) by default. */
  readonly metric: number;
  readonly table?: number;
  readonly origin: Path;
}

/** Which packets are looked up in which routing table (ip-rule(8)). */
export interface PolicyRule {
  readonly family: Family;
  /** Canonical networks with prefix length. */
  readonly from?: string;
  readonly to?: string;
  /** `from`, parsed. */
  readonly source?: Network;
  /** The interface that packets come in by; `lo`: packets of the host. */
  readonly iif?: string;
  /** The interface that programs are bound to. */
  readonly oif?: string;
  readonly table: number;
  readonly priority: number;
  readonly typeOfService?: number;
  readonly mark?: number;
  readonly origin: Path;
}

/** The network of everything. */
export const EVERYWHERE: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0/0', ipv6: '::/0' };

/** `from` of a rule, as systems want it that take the family of a rule from its networks. */
export const fromOf = ({ from, to, family }: PolicyRule): string | undefined =>
  from ?? (to === undefined ? EVERYWHERE[family] : undefined);

/** What the kernel takes a route to have that is given no metric, or 0 in IPv6. */
export const KERNEL_METRIC: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 1024 };

export interface Nameserver {
  readonly family: Family;
  readonly address: string;
  readonly origin: Path;
}

export interface SearchDomain {
  readonly domain: string;
  readonly origin: Path;
}

/** Settings of a DHCP client in the intent; what is absent is the client's own default. */
export interface DhcpOverrides {
  readonly useDns?: boolean;
  readonly useDomains?: boolean | 'route';
  readonly useNtp?: boolean;
  readonly useHostname?: boolean;
  readonly sendHostname?: boolean;
  readonly hostname?: string;
  /** The place of the overrides in the intent. */
  readonly origin: Path;
}

export interface Dhcp4 extends DhcpOverrides {
  readonly useMtu: boolean;
  readonly useRoutes: boolean;
  readonly routeMetric: number;
  /** The table of its routes; absent: main. */
  readonly table?: number;
}

/** Settings of router advertisements in the intent. */
export interface RaOverrides extends Pick<DhcpOverrides, 'useDns' | 'useDomains' | 'origin'> {
  /** The table of advertised routes; absent: main. */
  readonly table?: number;
}

/** Whether name servers in advertisements are used; by default as those of DHCPv6 are. */
export const usesAdvertisedDns = ({ raOverrides, dhcp6 }: Addressing): boolean =>
  raOverrides?.useDns ?? dhcp6?.useDns ?? true;

/** The table of routes that come by a lease or an advertisement; absent: main. */
export const dynamicTable = (
  { dhcp4, raOverrides }: Addressing,
  family: Family,
): number | undefined => (family === 'ipv4' ? dhcp4?.table : raOverrides?.table);

export type Dhcp6 = DhcpOverrides;
