export type Family = 'ipv4' | 'ipv6';

export type Mode = 'bridge' | 'private' | 'vepa' | 'passthru' | 'source' | 'l2';

export interface OverridesData {
  'use-dns'?: boolean;
  'use-domains'?: boolean | 'route';
  'use-ntp'?: boolean;
  'use-hostname'?: boolean;
  'send-hostname'?: boolean;
  hostname?: string;
}

export interface Overrides4Data extends OverridesData {
  table?: number;
  'use-mtu'?: boolean;
  'use-routes'?: boolean;
  'route-metric'?: number;
}

export interface RouteData {
  to: string;
  via?: string;
  from?: string;
  scope?: 'global' | 'link';
  'on-link'?: boolean;
  metric?: number;
  table?: number;
}

export interface RuleData {
  from?: string;
  to?: string;
  iif?: string;
  oif?: string;
  table: number;
  priority?: number;
  'type-of-service'?: number;
  mark?: number;
}

export interface RaOverridesData {
  'use-dns'?: boolean;
  'use-domains'?: boolean | 'route';
  table?: number;
}

/** What a shim has of addresses, and a parent that keeps one. */
export interface AddressingData {
  addresses?: string[];
  routes?: RouteData[];
  'routing-policy'?: RuleData[];
  nameservers?: { addresses?: string[]; search?: string[] };
  'dns-default-route'?: boolean;
  'multicast-dns'?: boolean | 'resolve';
  'firewall-zone'?: string;
  dhcp4?: boolean;
  dhcp6?: boolean;
  'dhcp-identifier'?: 'mac' | 'duid';
  'dhcp4-overrides'?: Overrides4Data;
  'dhcp6-overrides'?: OverridesData;
  'accept-ra'?: boolean;
  'ra-overrides'?: RaOverridesData;
  'ipv6-address-generation'?: 'eui64' | 'stable-privacy';
  'ipv6-address-token'?: string;
  'ipv6-privacy'?: boolean;
  'link-local'?: Family[];
}

/** What is attached to a parent: a shim or a tap. */
export interface AttachmentData {
  parent: string;
  mode?: Mode;
  'source-macaddresses'?: string[];
  macaddress?: string;
  mtu?: number;
}

export interface ShimData extends AttachmentData, AddressingData {
  kind?: 'ipvlan';
  'broadcast-queue-length'?: number;
  'broadcast-queue-threshold'?: number;
  optional?: boolean;
  'ignore-carrier'?: boolean;
}

export interface TapData extends AttachmentData {
  owner?: string;
  group?: string;
  permissions?: string;
  allmulticast?: boolean;
}

export interface GuestData {
  parent: string;
  mode?: 'bridge' | 'private' | 'vepa' | 'passthrough';
  macaddress?: string;
  target?: string;
  model?: string;
  'trust-guest-rx-filters'?: boolean;
}

export type Kind = 'ethernet' | 'vlan' | 'bond' | 'bridge';

/** Of a bond or of a bridge. */
export type Parameters = Record<string, string | number | boolean | string[]>;

export interface ParentData extends AddressingData {
  type?: Kind;
  managed?: boolean;
  'network-file'?: string;
  match?: { macaddress: string };
  'set-name'?: string;
  id?: number;
  link?: string;
  interfaces?: string[];
  parameters?: Parameters;
  macaddress?: string;
  mtu?: number;
  wakeonlan?: boolean;
  optional?: boolean;
  'ignore-carrier'?: boolean;
}

export interface IntentData {
  version: 1;
  host?: string;
  renderer?: 'networkd' | 'NetworkManager';
  backend?: string | readonly string[];
  target?: string;
  parents?: Map<string, ParentData>;
  shims?: Map<string, ShimData>;
  taps?: Map<string, TapData>;
  guests?: Map<string, GuestData>;
}

export function fail(): never {
  throw new Error('no link to be on top of');
}
