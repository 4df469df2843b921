/** The addresses, routes, rules and DHCP clients that follow from an intent. */

import { type BackendId, isNetworkd } from '../backends.ts';
import type { Dhcp, FamilySettings, Link } from '../description.ts';
import { canonicalOf } from '../intents/addresses.ts';
import type {
  AddressingData,
  Family,
  OverridesData,
  RouteData,
  RuleData,
  ShimData,
} from '../intents/data.ts';
import { routeText, ruleText } from '../readers/text.ts';

export const isIpv6 = (text: string): boolean => text.includes(':');

const familyOf = (text: string): Family => (isIpv6(text) ? 'ipv6' : 'ipv4');

export const network = (text: string): string => {
  const [address = '', length] = text.split('/');
  return `${canonicalOf(address)}/${length ?? (isIpv6(address) ? 128 : 32)}`;
};

/** @param isNeighbour whether a gateway is taken for on-link: without static addresses it is */
function routeOf(
  { to, via, from, metric, table, ...given }: RouteData,
  isNeighbour: (family: Family) => boolean,
): string {
  const isV6 = isIpv6(to === 'default' ? (via ?? from ?? '') : to);
  return routeText({
    to: to === 'default' ? (isV6 ? '::/0' : '0.0.0.0/0') : network(to),
    via: via === undefined ? undefined : canonicalOf(via),
    from: from === undefined ? undefined : canonicalOf(from),
    onLink: via !== undefined && (given['on-link'] === true || isNeighbour(isV6 ? 'ipv6' : 'ipv4')),
    // What the kernel takes for unsaid: 0, which in IPv6 is 1024.
    metric: metric ?? 0,
    table,
  });
}

/** By default just before the rule that leads to the main table; by an interface alone for each family. */
function rulesOf(
  { from, to, table, priority = 32765, mark, ...given }: RuleData,
  families: readonly Family[],
): string[] {
  const isByName = from === undefined && to === undefined;
  const ends = isByName
    ? families.map((family) => (family === 'ipv6' ? '::/0' : '0.0.0.0/0'))
    : [from];
  return ends.map((end) =>
    ruleText({
      from: end === undefined ? undefined : network(end),
      to: to === undefined ? undefined : network(to),
      iif: given.iif,
      oif: given.oif,
      tos: given['type-of-service'],
      mark,
      table,
      priority,
    }),
  );
}

/** The values that are there. */
export function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function dhcpOf(backend: BackendId, overrides: OverridesData): Dhcp {
  const domains = overrides['use-domains'];
  return given<Dhcp>({
    identifier: undefined,
    metric: undefined,
    useMtu: undefined,
    useRoutes: undefined,
    useDns: overrides['use-dns'] ?? true,
    // NetworkManager always searches what the server names; unsaid, each system has its own way.
    useDomains: domains === undefined || !isNetworkd(backend) ? undefined : String(domains),
    useNtp: overrides['use-ntp'] ?? true,
    useHostname: overrides['use-hostname'] ?? true,
    sendHostname: overrides['send-hostname'] ?? true,
    hostname: overrides.hostname,
  });
}

export const acceptsRa = (link: AddressingData): boolean =>
  link['accept-ra'] ?? link.dhcp6 ?? false;

/** Families with addresses of more than the link. */
export function familiesOf(link: AddressingData): Family[] {
  const has = (family: Family): boolean =>
    (link.addresses ?? []).some((address) => familyOf(address) === family) ||
    (family === 'ipv4' ? link.dhcp4 === true : acceptsRa(link) || link.dhcp6 === true);
  return (['ipv4', 'ipv6'] as const).filter(has);
}

const linkLocalOf = (link: AddressingData): Family[] => {
  const implicit: Family[] = familiesOf(link).includes('ipv6') ? ['ipv6'] : [];
  return [...new Set(link['link-local'] ?? implicit)].sort();
};

export const hasAddress = (link: AddressingData): boolean =>
  familiesOf(link).length + linkLocalOf(link).length > 0;

/** netplan's file of the link has another beside it: netplan has no word for a rule by interface. */
export const hasDropIn = (link: AddressingData): boolean =>
  hasAddress(link) ||
  (link['routing-policy'] ?? []).some(({ iif, oif }) => iif !== undefined || oif !== undefined);

/** What an intent says of a link's addresses, whatever way it goes. */
const multicastDnsOf = ({ 'multicast-dns': value }: AddressingData): string | undefined =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;

export function addressingOf(
  backend: BackendId,
  link: AddressingData,
  mtu: number | undefined,
): Pick<
  Link,
  | 'ipv4'
  | 'ipv6'
  | 'search'
  | 'dnsDefaultRoute'
  | 'multicastDns'
  | 'zone'
  | 'dhcp4'
  | 'dhcp6'
  | 'autoconf'
  | 'raUseDns'
  | 'raUseDomains'
  | 'raTable'
  | 'startedUses'
  | 'privacy'
  | 'interfaceId'
  | 'raUseDomains'
  | 'raTable'
  | 'linkLocal'
> {
  const addresses = (link.addresses ?? []).map(network);
  const servers = [...new Set((link.nameservers?.addresses ?? []).map(canonicalOf))];
  const ra = acceptsRa(link);
  const families = familiesOf(link);
  const isManager = !isNetworkd(backend);
  // With the subnet in another table, NetworkManager needs an explicit route to the gateway.
  const isReported = (link.routes ?? []).some(
    (route) =>
      route.via === undefined &&
      route.table !== undefined &&
      !isIpv6(routeOf(route, () => false).split(' ')[0] ?? ''),
  );
  const isNeighbour = (family: Family): boolean =>
    (family === 'ipv4' && isManager && isReported) ||
    !addresses.some((address) => familyOf(address) === family);
  const only = (family: Family): FamilySettings => ({
    addresses: addresses.filter((address) => familyOf(address) === family),
    routes: (link.routes ?? [])
      .map((route) => routeOf(route, isNeighbour))
      .filter((route) => familyOf(route) === family)
      .sort(),
    rules: (link['routing-policy'] ?? [])
      .flatMap((rule) => rulesOf(rule, families))
      .filter((text) => text.startsWith(family))
      .sort(),
    dns: servers.filter((server) => familyOf(server) === family),
  });
  // NetworkManager asks any name of the servers of the link that searches the root.
  const root = isManager && link['dns-default-route'] === true ? ['~.'] : [];
  return {
    ipv4: only('ipv4'),
    ipv6: only('ipv6'),
    // It has domains with an address only; their loss is reported (`setting-unused`).
    search:
      isManager && families.length === 0
        ? []
        : [...new Set([...(link.nameservers?.search ?? []), ...root])],
    ...given<
      Pick<
        Link,
        | 'dnsDefaultRoute'
        | 'multicastDns'
        | 'zone'
        | 'dhcp4'
        | 'dhcp6'
        | 'raUseDns'
        | 'raUseDomains'
        | 'raTable'
        | 'privacy'
        | 'interfaceId'
        | 'startedUses'
        | 'startedIdentifier'
      >
    >({
      interfaceId: ra ? interfaceIdOf(link) : undefined,
      privacy: ra ? link['ipv6-privacy'] === true : undefined,
      startedIdentifier:
        !isManager && ra && link.dhcp6 === undefined
          ? (link['dhcp-identifier'] ?? 'mac')
          : undefined,
      startedUses:
        !isManager && ra && link.dhcp6 === undefined
          ? `dns ${link['ra-overrides']?.['use-dns'] ?? 'unsaid'} domains ${link['ra-overrides']?.['use-domains'] ?? 'unsaid'}`
          : undefined,
      multicastDns: hasAddress(link) ? multicastDnsOf(link) : undefined,
      zone: link['firewall-zone'],
      dnsDefaultRoute: isManager ? undefined : link['dns-default-route'],
      ...clientsOf(backend, link, mtu),
      // One setting says it of DHCPv6 and of advertisements.
      raUseDns: ra
        ? (link['ra-overrides']?.['use-dns'] ??
          (link.dhcp6 !== true || (link['dhcp6-overrides']?.['use-dns'] ?? true)))
        : undefined,
      raUseDomains:
        ra && !isManager && link['ra-overrides']?.['use-domains'] !== undefined
          ? String(link['ra-overrides']['use-domains'])
          : undefined,
      raTable: ra ? link['ra-overrides']?.table : undefined,
    }),
    autoconf: ra
      ? link.dhcp6 === false
        ? 'ra-only'
        : 'ra'
      : link.dhcp6 === true
        ? 'dhcp'
        : 'none',
    linkLocal: linkLocalOf(link),
  };
}

const interfaceIdOf = (link: AddressingData): string => {
  const token = link['ipv6-address-token'];
  return token === undefined ? (link['ipv6-address-generation'] ?? 'eui64') : canonicalOf(token);
};

function clientsOf(
  backend: BackendId,
  link: AddressingData,
  mtu: number | undefined,
): { dhcp4: Dhcp | undefined; dhcp6: Dhcp | undefined } {
  const over4 = link['dhcp4-overrides'] ?? {};
  const over6 = link['dhcp6-overrides'] ?? {};
  const identifier = link['dhcp-identifier'] ?? 'mac';
  // NetworkManager has one switch for the name of the host.
  const useHostname = [link.dhcp4 === true && over4, link.dhcp6 === true && over6].every(
    (overrides) => overrides === false || overrides?.['use-hostname'] !== false,
  );
  const dhcp = (values: Dhcp): Dhcp => (isNetworkd(backend) ? values : { ...values, useHostname });
  // In NetworkManager advertisements bring DHCPv6 with them.
  const hasDhcp6 = link.dhcp6 === true || (acceptsRa(link) && !isNetworkd(backend));
  return {
    dhcp4:
      link.dhcp4 === true
        ? dhcp({
            ...dhcpOf(backend, over4),
            identifier,
            metric: over4['route-metric'] ?? 100,
            ...(over4.table !== undefined && { table: over4.table }),
            // An explicit MTU is not the server's to change.
            useMtu: mtu === undefined && (over4['use-mtu'] ?? true),
            useRoutes: over4['use-routes'] ?? true,
          })
        : undefined,
    dhcp6: hasDhcp6
      ? dhcp({
          ...dhcpOf(
            backend,
            link.dhcp6 === true
              ? over6
              : { ...given({ 'use-dns': link['ra-overrides']?.['use-dns'] }) },
          ),
          identifier,
        })
      : undefined,
  };
}

/** The state that boot waits for on a link with addresses, as networkctl(1) calls it. */
export function stateOf(link: AddressingData, ignoresCarrier: boolean, bare: string): string {
  if (ignoresCarrier) return 'no-carrier';
  if (familiesOf(link).length > 0) return 'routable';
  return linkLocalOf(link).length > 0 ? 'degraded' : bare;
}

export const shimState = (shim: ShimData): string =>
  shim.optional === true ? 'no' : stateOf(shim, shim['ignore-carrier'] === true, 'carrier');

/** State and families, as configured in systemd-networkd. */
export function networkdOnline(state: string, link: AddressingData): string[] {
  const families = familiesOf(link);
  const [family] = families;
  return state === 'routable' && family ? [state, families.length > 1 ? 'both' : family] : [state];
}

export const hasStatic = ({ addresses = [] }: AddressingData): boolean => addresses.length > 0;
