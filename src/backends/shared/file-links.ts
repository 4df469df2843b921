/**
 * What generated files say of one link: as much as a connection notices. Files of an earlier version
 * are read, too, and some that were edited: what is not understood is left out, nothing is refused.
 */
import { parseIp, parseNetwork } from '../../model/ip.ts';
import type { Dhcp4, Dhcp6, Family, PolicyRule, RaOverrides, Route } from '../../model/types.ts';

export type LinkKind = 'ethernet' | 'vlan' | 'bond' | 'bridge' | 'macvlan' | 'ipvlan' | 'macvtap';

/** Path on the target → text. */
export type Files = ReadonlyMap<string, string>;

/** How a device that exists gets what its files now say. */
export type How =
  /** The device that exists is changed. */
  | 'live'
  /** It is deleted and created, within a second. */
  | 'recreate'
  /** Only a reboot does it. */
  | 'reboot';

/** What of a virtual device may differ. */
export type Aspect = 'kind' | 'parent' | 'mode' | 'mac' | 'vlan' | 'parameters';

/** What creates a virtual device. Parameters of bonds and bridges have other names in each. */
export interface Maker {
  readonly id: string;
  /** What a device needs that differs in this. */
  howOf(aspect: Aspect, was: FileLink, now: FileLink): How;
}

/** Filled in by several files, one after the other. */
export interface FileLink {
  readonly name: string;
  /** As netplan's YAML calls it, where that is not its name. */
  id?: string;
  kind: LinkKind;
  /** Of a virtual device. */
  maker?: Maker;
  /** Of a macvlan, ipvlan, macvtap or VLAN: what it is on top of. */
  parent?: string;
  mode?: string;
  sourceMacs: string[];
  broadcastQueueLength?: number;
  broadcastQueueThreshold?: number;
  vlanId?: number;
  /** The bond or bridge that it is a port of. */
  master?: string;
  bondMode?: string;
  /** Of a bond or bridge, as the file has them: only ever compared with those of another file. */
  parameters?: string;
  mac?: string;
  permanentMac?: string;
  mtu?: number;
  /** Of a tap. */
  allMulticast?: boolean;
  owner?: string;
  group?: string;
  permissions?: string;
  /** Each with its prefix length. */
  addresses: string[];
  routes: Route[];
  rules: PolicyRule[];
  nameservers: string[];
  search: string[];
  multicastDns?: 'yes' | 'no' | 'resolve';
  firewallZone?: string;
  dhcp4?: Dhcp4;
  dhcp6?: Dhcp6;
  identifier: 'mac' | 'duid';
  acceptRa: boolean;
  /** Whether router advertisements may start a DHCPv6 client. */
  dhcp6ByRouter: boolean;
  raOverrides?: RaOverrides;
  /** The table of routes by DHCP, which may be in another file than the client. */
  leaseTable?: number;
  /** How addresses by router advertisement end. */
  addressGeneration: 'eui64' | 'stable-privacy';
  addressToken?: string;
  /** Whether temporary addresses are made of advertised prefixes. */
  ipv6Privacy: boolean;
  linkLocal: Family[];
}

export const emptyLink = (name: string): FileLink => ({
  name,
  kind: 'ethernet',
  sourceMacs: [],
  addresses: [],
  routes: [],
  rules: [],
  nameservers: [],
  search: [],
  identifier: 'duid',
  acceptRa: false,
  dhcp6ByRouter: false,
  addressGeneration: 'eui64',
  ipv6Privacy: false,
  linkLocal: [],
});

/** Links by name, each created when it is first used. */
export class FileLinks {
  readonly all = new Map<string, FileLink>();

  of(name: string): FileLink {
    const known = this.all.get(name);
    if (known) return known;
    const link = emptyLink(name);
    this.all.set(name, link);
    return link;
  }
}

/** Whether a link is the device of a shim or tap. */
export const isUpper = ({ kind }: Pick<FileLink, 'kind'>): boolean =>
  kind === 'macvlan' || kind === 'ipvlan' || kind === 'macvtap';

export const familyOf = (address: string): Family => (address.includes(':') ? 'ipv6' : 'ipv4');

/** A number in text; absent where it is none. */
export function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isSafeInteger(value) ? undefined : value;
}

export const isYes = (text: string | undefined): boolean =>
  text !== undefined && /^(?:yes|true|on|1)$/.test(text);

interface RouteParts {
  readonly to?: string | undefined;
  readonly via?: string | undefined;
  readonly from?: string | undefined;
  readonly onLink?: boolean;
  readonly metric?: string | undefined;
  readonly table?: string | undefined;
}

/** A route as the model has it: by default of the main table and with the kernel's metric. */
export function routeOf({ to, via, from, onLink, metric, table }: RouteParts): Route | undefined {
  const family = familyOf(via ?? to ?? '');
  const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const destination = to === undefined || to === 'default' ? everywhere : to;
  if (to === undefined && via === undefined) return undefined;
  const network = parseNetwork(destination);
  if (!network) return undefined;
  const number = numberOf(table);
  const gateway = via === undefined ? undefined : parseIp(via);
  return {
    family,
    to: destination,
    network,
    isDefault: destination === everywhere,
    ...(via !== undefined && { via }),
    ...(gateway && { gateway }),
    ...(from !== undefined && { from }),
    onLink: onLink ?? false,
    metric: numberOf(metric) || (family === 'ipv4' ? 0 : 1024),
    ...(number !== undefined && { table: number }),
    origin: [],
  };
}

interface RuleParts {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly table?: string | undefined;
  readonly priority?: string | undefined;
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  readonly typeOfService?: string | undefined;
  readonly mark?: string | undefined;
}

/** A rule as the model has it; `from` everywhere says nothing. */
export function ruleOf(parts: RuleParts): PolicyRule | undefined {
  const [table, priority] = [numberOf(parts.table), numberOf(parts.priority)];
  if (table === undefined || priority === undefined) return undefined;
  const given = (network: string | undefined): string | undefined =>
    network === undefined || network.endsWith('/0') ? undefined : network;
  const [from, to] = [given(parts.from), given(parts.to)];
  const source = from === undefined ? undefined : parseNetwork(from);
  const [typeOfService, mark] = [numberOf(parts.typeOfService), numberOf(parts.mark)];
  return {
    family: familyOf(parts.from ?? parts.to ?? ''),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(source && { source }),
    ...(parts.iif !== undefined && { iif: parts.iif }),
    ...(parts.oif !== undefined && { oif: parts.oif }),
    table,
    priority,
    ...(typeOfService !== undefined && { typeOfService }),
    ...(mark !== undefined && { mark }),
    origin: [],
  };
}

/** A DHCPv4 client with its defaults. */
export const PLAIN_DHCP4: Dhcp4 = { useMtu: true, useRoutes: true, routeMetric: 100, origin: [] };
export const PLAIN_DHCP6: Dhcp6 = { origin: [] };

/** How generated files are read: an installation knows only the files before and after it. */
export interface Reader {
  /** What has the network: both back ends of netplan are one. */
  readonly system: string;
  /** The back end that has written a set for it, by its id. */
  readonly backend: (files: Files) => string;
  /** As messages name it. */
  readonly title: (files: Files) => string;
  /** Whether only a set of files for this system has such a one. */
  readonly isMark: (path: string, text: string) => boolean;
  /** Whether its activation leaves links up that were there and still are. */
  readonly staysUp: boolean;
  /** What the files say of each link. */
  readonly read: (files: Files) => FileLinks;
  /** A system of whose files a set for this one has some, too, and whether those alone may be one. */
  readonly other?: {
    readonly system: string;
    readonly isEnough: (files: Files) => boolean;
  };
}
