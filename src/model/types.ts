/**
 * What we understood: every reference resolved, every default decided, nothing to look up.
 * Back ends see this and nothing else. Each object says where in the intent it comes from.
 */
import type { Path } from '../diagnostics.ts';

export type Family = 'ipv4' | 'ipv6';
export type Mode = 'bridge' | 'private' | 'vepa' | 'passthru';
export type Renderer = 'networkd' | 'NetworkManager';

export interface Model {
  /** The host's name; empty where the intent has none. */
  readonly host: string;
  /** What renders netplan, unless the way or `--renderer` says so. */
  readonly renderer: Renderer;
  /** In the order of `parents`, then as shims first name them. */
  readonly parents: readonly Parent[];
  readonly shims: readonly Shim[];
}

export interface Parent {
  /** The key under `parents`, or the name by which a shim calls it. */
  readonly id: string;
  /** The name of the interface: `set-name`, or else the id. */
  readonly name: string;
  /** The permanent MAC that it is matched by; set together with `name` differing from `id`. */
  readonly permanentMac?: string;
  /** The MAC to set on it. */
  readonly macaddress?: string;
  /** Bytes; the driver's default (1500) where absent. */
  readonly mtu?: number;
  /** Boot does not wait for it. */
  readonly optional: boolean;
  /** A shim on it keeps its addresses without a carrier, so boot does not wait for one. */
  readonly ignoreCarrier: boolean;
  /** Names of the shims that stand on it. */
  readonly shims: readonly string[];
  readonly origin: Path;
}

export interface Shim {
  readonly name: string;
  readonly parent: Parent;
  readonly mode: Mode;
  /** Lower case. Absent in passthru mode, where the shim has its parent's. */
  readonly macaddress?: string;
  /** Whether `macaddress` is derived from host and name. */
  readonly macDerived: boolean;
  /** Bytes; the shim's own, or what its parent was told. */
  readonly mtu?: number;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly nameservers: readonly Nameserver[];
  readonly search: readonly SearchDomain[];
  readonly dhcp4?: Dhcp4;
  readonly dhcp6?: Dhcp6;
  readonly acceptRa: boolean;
  /** Whether router advertisements may start DHCPv6 (their managed flag). */
  readonly dhcp6ByRouter: boolean;
  readonly linkLocal: readonly Family[];
  /** Families with addresses other than link-local: those that boot waits for. */
  readonly families: readonly Family[];
  readonly optional: boolean;
  readonly ignoreCarrier: boolean;
  readonly origin: Path;
}

export interface Address {
  readonly family: Family;
  /** Canonical (RFC 5952), without the prefix length. */
  readonly address: string;
  readonly prefix: number;
  readonly origin: Path;
}

export interface Route {
  readonly family: Family;
  /** Canonical network with prefix length; the default route is `0.0.0.0/0` or `::/0`. */
  readonly to: string;
  readonly isDefault: boolean;
  readonly via?: string;
  readonly from?: string;
  readonly onLink: boolean;
  /** As the kernel will have it: 0 (IPv4) or 1024 (IPv6) where unsaid. */
  readonly metric: number;
  readonly table?: number;
  readonly origin: Path;
}

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

/** What the intent says of a DHCP client; what is absent is left to the client's own default. */
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
  readonly identifier: 'mac' | 'duid';
  readonly useMtu: boolean;
  readonly useRoutes: boolean;
  readonly routeMetric: number;
}

export type Dhcp6 = DhcpOverrides;
