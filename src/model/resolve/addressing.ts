/** What an intent says of a link's addresses → what we understand of it; a shim's or a parent's. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import type { AddressingIntent, RouteIntent, RuleIntent } from '../../intent/schema.ts';
import {
  bitsOf,
  hostBitsAre,
  type Network,
  networkText,
  parseCidr,
  parseIp,
  parseNetwork,
} from '../ip.ts';
import {
  type Address,
  type Addressing,
  type Dhcp4,
  type Dhcp6,
  type DhcpOverrides,
  type Family,
  KERNEL_METRIC,
  type Nameserver,
  type PolicyRule,
  type Route,
  type SearchDomain,
} from '../types.ts';
import { itemsOf } from './items.ts';

type Report = (diagnostic: Diagnostic) => void;

/**
 * @param origin the link's place in the intent
 * @param mtuIsSaid an MTU that is said is not the DHCP server's to change
 * @returns the link's addressing; what is faulty in it is reported and left out
 */
export function resolveAddressing(
  given: AddressingIntent,
  origin: Path,
  hasMtu: boolean,
  report: Report,
): Addressing {
  const addresses = itemsOf(given.addresses, [...origin, 'addresses']).flatMap(
    ({ item, origin: at }) => resolveAddress(item, at, report),
  );
  const has = (family: Family): boolean => addresses.some((a) => a.family === family);
  const routes = itemsOf(given.routes, [...origin, 'routes'])
    .flatMap(({ item, origin: at }) => resolveRoute(item, at, report))
    // Without a static address nothing says that the gateway is a neighbour before the lease is
    // there; networkd takes it for one with a warning, so it is said.
    .map((route) => (route.via && !has(route.family) ? { ...route, onLink: true } : route));
  const rules = itemsOf(given['routing-policy'], [...origin, 'routing-policy']).flatMap(
    ({ item, origin: at }) => resolveRule(item, at, report),
  );
  const acceptRa = given['accept-ra'] ?? given.dhcp6 ?? false;
  const dhcp4 = given.dhcp4 === true;
  const dhcp6 = given.dhcp6 === true;
  const families: Family[] = [];
  if (dhcp4 || has('ipv4')) families.push('ipv4');
  if (dhcp6 || acceptRa || has('ipv6')) families.push('ipv6');
  const hasIpv6 = families.includes('ipv6') || routes.some((route) => route.family === 'ipv6');
  return {
    addresses,
    routes,
    rules,
    nameservers: itemsOf(given.nameservers?.addresses, [
      ...origin,
      'nameservers',
      'addresses',
    ]).flatMap(({ item, origin: at }) => resolveNameserver(item, at, report)),
    search: itemsOf(given.nameservers?.search, [...origin, 'nameservers', 'search']).map(
      ({ item, origin: at }): SearchDomain => ({ domain: item, origin: at }),
    ),
    ...(given['dns-default-route'] !== undefined && {
      dnsDefaultRoute: given['dns-default-route'],
    }),
    ...(dhcp4 && { dhcp4: resolveDhcp4(given, hasMtu, origin) }),
    ...(dhcp6 && { dhcp6: resolveDhcp6(given, origin) }),
    identifier: given['dhcp-identifier'] ?? 'mac',
    acceptRa,
    dhcp6ByRouter: acceptRa && given.dhcp6 !== false,
    linkLocal: linkLocalOf(given, hasIpv6),
    families,
  };
}

/** IPv6 has a link-local address by default, as the kernel does it. */
function linkLocalOf(given: AddressingIntent, hasIpv6: boolean): Family[] {
  const list = given['link-local'] ?? (hasIpv6 ? ['ipv6'] : []);
  return (['ipv4', 'ipv6'] as const).filter((family) => list.includes(family));
}

function resolveAddress(text: string, origin: Path, report: Report): Address[] {
  const network = parseCidr(text);
  if (!network) {
    const bare = parseIp(text);
    const length = bare?.family === 'ipv6' ? 64 : 24;
    report(
      bare
        ? diagnostic('address-without-prefix', origin, `\`${text}\` has no prefix length.`, {
            hint: `Add it, as in \`${text}/${length}\`; daemons guess it, each in its own way.`,
          })
        : diagnostic(
            'address-malformed',
            origin,
            `\`${text}\` is no IP address with prefix length.`,
          ),
    );
    return [];
  }
  const { ip, prefix } = network;
  const wide = bitsOf(ip) - prefix;
  const wrong = (code: Diagnostic['code'], message: string): Address[] => {
    report(diagnostic(code, origin, message));
    return [];
  };
  if (prefix === 0) return wrong('address-malformed', `\`${text}\` has a prefix length of 0.`);
  if (NOT_UNICAST.has(ip.range)) {
    return wrong('address-not-unicast', `\`${text}\` is no address of a host on a LAN.`);
  }
  // RFC 3021 and RFC 6164: subnets of two addresses use both, subnets of one its only one.
  if (wide > 1 && hostBitsAre(network, 0)) {
    return wrong('address-is-network', `\`${text}\` is the address of the subnet itself.`);
  }
  if (wide > 1 && ip.family === 'ipv4' && hostBitsAre(network, 1)) {
    return wrong('address-is-broadcast', `\`${text}\` is the broadcast address of its subnet.`);
  }
  return [{ family: ip.family, address: ip.text, prefix, network, origin }];
}

const NOT_UNICAST: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'linkLocal',
  'multicast',
  'broadcast',
  'ipv4Mapped',
]);

const NO_GATEWAY: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'multicast',
  'broadcast',
  'ipv4Mapped',
]);

function resolveRoute(given: RouteIntent, origin: Path, report: Report): Route[] {
  const wrong = (code: Diagnostic['code'], at: string, message: string): Route[] => {
    report(diagnostic(code, [...origin, at], message));
    return [];
  };
  const via = given.via === undefined ? undefined : parseIp(given.via);
  if (given.via !== undefined && (!via || NO_GATEWAY.has(via.range))) {
    return wrong('gateway-malformed', 'via', `\`${given.via}\` is no address of a gateway.`);
  }
  const from = given.from === undefined ? undefined : parseIp(given.from);
  if (given.from !== undefined && (!from || NOT_UNICAST.has(from.range))) {
    return wrong('address-malformed', 'from', `\`${given.from}\` is no IP address of a host.`);
  }
  const family = via?.family ?? from?.family ?? 'ipv4';
  const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const to = parseNetwork(given.to === 'default' ? everywhere : given.to);
  if (!to || to.ip.range === 'loopback') {
    return wrong('route-malformed', 'to', `\`${given.to}\` is no network, nor \`default\`.`);
  }
  if (!hostBitsAre(to, 0)) {
    return wrong('route-host-bits', 'to', `\`${given.to}\` has bits set beyond its prefix length.`);
  }
  if ([via, from].some((ip) => ip && ip.family !== to.ip.family)) {
    return wrong('route-family', 'to', 'The route mixes IPv4 and IPv6.');
  }
  if ((via || given['on-link']) && given.scope === 'link') {
    return wrong('route-scope', 'scope', 'A route of scope `link` has no gateway.');
  }
  if (!via && given.scope !== 'link') {
    return wrong('route-without-gateway', 'to', 'The route says neither `via` nor `scope: link`.');
  }
  return [
    {
      family: to.ip.family,
      to: networkText(to),
      network: to,
      isDefault: to.prefix === 0,
      ...(via && { via: via.text, gateway: via }),
      ...(from && { from: from.text }),
      onLink: given['on-link'] ?? false,
      metric: given.metric || KERNEL_METRIC[to.ip.family],
      ...(given.table !== undefined && { table: given.table }),
      origin,
    },
  ];
}

/** Where a rule stands that says no priority: just before the main table's own (32766). */
const PRIORITY = 32765;

function resolveRule(given: RuleIntent, origin: Path, report: Report): PolicyRule[] {
  const wrong = (code: Diagnostic['code'], path: Path, message: string): PolicyRule[] => {
    report(diagnostic(code, path, message));
    return [];
  };
  const ends: { from?: Network; to?: Network } = {};
  for (const key of ['from', 'to'] as const) {
    const text = given[key];
    if (text === undefined) continue;
    const network = parseNetwork(text);
    const at = [...origin, key];
    if (!network) return wrong('rule-malformed', at, `\`${text}\` is no network.`);
    if (!hostBitsAre(network, 0)) {
      return wrong('route-host-bits', at, `\`${text}\` has bits set beyond its prefix length.`);
    }
    ends[key] = network;
  }
  const { from, to } = ends;
  const family = from?.ip.family ?? to?.ip.family;
  if (family === undefined) {
    return wrong('rule-malformed', origin, 'The rule says neither `from` nor `to`.');
  }
  if (from && to && from.ip.family !== to.ip.family) {
    return wrong('route-family', [...origin, 'to'], 'The rule mixes IPv4 and IPv6.');
  }
  const tos = given['type-of-service'];
  // The two lowest bits are not part of it, and IPv4 knows three more (ip-rule(8), net/ipv4/fib_rules.c):
  // a rule that the kernel refuses would fail the whole link.
  if (tos !== undefined && (tos % 4 > 0 || (family === 'ipv4' && tos > 28))) {
    const path = [...origin, 'type-of-service'];
    const hint = `Write a multiple of 4, up to ${family === 'ipv4' ? 28 : 252}.`;
    report(diagnostic('wrong-value', path, `The kernel takes no \`${tos}\` here.`, { hint }));
    return [];
  }
  return [
    {
      family,
      ...(from && { from: networkText(from), source: from }),
      ...(to && { to: networkText(to) }),
      table: given.table,
      priority: given.priority ?? PRIORITY,
      ...(tos !== undefined && { typeOfService: tos }),
      ...(given.mark !== undefined && { mark: given.mark }),
      origin,
    },
  ];
}

function resolveNameserver(text: string, origin: Path, report: Report): Nameserver[] {
  const ip = parseIp(text);
  // A resolver on this host (127.0.0.53) is one, too.
  if (ip && !['unspecified', 'multicast', 'broadcast'].includes(ip.range)) {
    return [{ family: ip.family, address: ip.text, origin }];
  }
  report(diagnostic('nameserver-malformed', origin, `\`${text}\` is no address of a name server.`));
  return [];
}

function resolveDhcp4(given: AddressingIntent, hasMtu: boolean, link: Path): Dhcp4 {
  const overrides = given['dhcp4-overrides'] ?? {};
  return {
    ...resolveOverrides(overrides, [...link, 'dhcp4-overrides']),
    // netplan's defaults, on every system: networkd alone would ignore the MTU, and each of the
    // three has a metric of its own. An MTU that is said is not the server's to change.
    useMtu: !hasMtu && (overrides['use-mtu'] ?? true),
    useRoutes: overrides['use-routes'] ?? true,
    routeMetric: overrides['route-metric'] ?? 100,
  };
}

function resolveDhcp6(given: AddressingIntent, link: Path): Dhcp6 {
  return resolveOverrides(given['dhcp6-overrides'] ?? {}, [...link, 'dhcp6-overrides']);
}

function resolveOverrides(
  given: NonNullable<AddressingIntent['dhcp6-overrides']>,
  origin: Path,
): DhcpOverrides {
  return {
    ...(given['use-dns'] !== undefined && { useDns: given['use-dns'] }),
    ...(given['use-domains'] !== undefined && { useDomains: given['use-domains'] }),
    ...(given['use-ntp'] !== undefined && { useNtp: given['use-ntp'] }),
    ...(given['use-hostname'] !== undefined && { useHostname: given['use-hostname'] }),
    ...(given['send-hostname'] !== undefined && { sendHostname: given['send-hostname'] }),
    ...(given.hostname !== undefined && { hostname: given.hostname }),
    origin,
  };
}
