/** The addressing of a link in an intent → that in the model; of a shim or a parent. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import type { AddressingIntent, RuleIntent } from '../../intent/schema.ts';
import { parseIp } from '../ip.ts';
import type { Addressing, Family, Route, SearchDomain } from '../types.ts';
import { resolveAddress, resolveNameserver } from './addresses.ts';
import { resolveDhcp4, resolveDhcp6, resolveRa } from './dhcp.ts';
import { itemsOf } from './items.ts';
import { resolveRoute, resolveRule } from './routes.ts';

type Report = (diagnostic: Diagnostic) => void;

/**
 * @param origin the link's place in the intent
 * @param hasMtu an MTU in the intent is not the DHCP server's to change
 * @returns the link's addressing; what is faulty in it is reported and left out
 */
export function resolveAddressing(
  given: AddressingIntent,
  origin: Path,
  hasMtu: boolean,
  report: Report,
): Addressing {
  /** Each item of a list, resolved. */
  const all = <T, R>(
    items: readonly (T | undefined)[] | undefined,
    keys: Path,
    make: (item: T, at: Path, report: Report) => R[],
  ): R[] =>
    itemsOf(items, [...origin, ...keys]).flatMap((one) => make(one.item, one.origin, report));
  const { nameservers } = given;
  const addresses = all(given.addresses, ['addresses'], resolveAddress);
  const isStatic = (family: Family): boolean => addresses.some((one) => one.family === family);
  const routes = all(given.routes, ['routes'], resolveRoute).map((route) =>
    isStatic(route.family) ? route : onLinkWithoutAddress(route),
  );
  const acceptRa = given['accept-ra'] ?? given.dhcp6 ?? false;
  const dhcp4 = given.dhcp4 === true;
  const dhcp6 = given.dhcp6 === true;
  const families: Family[] = [
    ...(dhcp4 || isStatic('ipv4') ? (['ipv4'] as const) : []),
    ...(dhcp6 || acceptRa || isStatic('ipv6') ? (['ipv6'] as const) : []),
  ];
  const hasIpv6 = families.includes('ipv6') || routes.some((route) => route.family === 'ipv6');
  const dnsDefaultRoute = given['dns-default-route'];
  const multicastDns = given['multicast-dns'];
  const firewallZone = given['firewall-zone'];
  return {
    addresses,
    routes,
    rules: all(given['routing-policy'], ['routing-policy'], (rule: RuleIntent, at, report) =>
      resolveRule(rule, at, report, families),
    ),
    nameservers: all(nameservers?.addresses, ['nameservers', 'addresses'], resolveNameserver),
    search: all(nameservers?.search, ['nameservers', 'search'], searchDomain),
    ...(dnsDefaultRoute !== undefined && { dnsDefaultRoute }),
    ...(multicastDns !== undefined && {
      multicastDns: multicastDns === 'resolve' ? multicastDns : multicastDns ? 'yes' : 'no',
    }),
    ...(firewallZone !== undefined && { firewallZone }),
    ...(dhcp4 && { dhcp4: resolveDhcp4(given, hasMtu, origin) }),
    ...(dhcp6 && { dhcp6: resolveDhcp6(given, origin) }),
    identifier: given['dhcp-identifier'] ?? 'mac',
    acceptRa,
    dhcp6ByRouter: acceptRa && given.dhcp6 !== false,
    ...(acceptRa &&
      given['ra-overrides'] && { raOverrides: resolveRa(given['ra-overrides'], origin) }),
    addressGeneration: (acceptRa && given['ipv6-address-generation']) || 'eui64',
    ...tokenOf(given['ipv6-address-token'], acceptRa, [...origin, 'ipv6-address-token'], report),
    ipv6Privacy: acceptRa && given['ipv6-privacy'] === true,
    linkLocal: linkLocalOf(given, hasIpv6),
    families,
  };
}

/** A token is the lower half of an address: the upper one comes from the router. */
function tokenOf(
  text: string | undefined,
  acceptRa: boolean,
  origin: Path,
  report: Report,
): Pick<Addressing, 'addressToken'> {
  if (text === undefined) return {};
  const ip = parseIp(text);
  const isToken =
    ip?.family === 'ipv6' &&
    ip.bytes.slice(0, 8).every((byte) => byte === 0) &&
    ip.bytes.slice(8).some((byte) => byte !== 0);
  if (!isToken) {
    const message = `\`${text}\` is not an IPv6 address token.`;
    report(diagnostic('token-malformed', origin, message));
    return {};
  }
  return acceptRa ? { addressToken: ip.text } : {};
}

const searchDomain = (domain: string, origin: Path): SearchDomain[] => [{ domain, origin }];

/**
 * Without a static address nothing says that the gateway is a neighbour before the lease is there;
 * networkd takes it for one with a warning, so it is explicit.
 */
const onLinkWithoutAddress = (route: Route): Route =>
  route.via === undefined ? route : { ...route, onLink: true };

/** IPv6 has a link-local address by default, as the kernel does it. */
function linkLocalOf(given: AddressingIntent, hasIpv6: boolean): Family[] {
  const list = given['link-local'] ?? (hasIpv6 ? ['ipv6'] : []);
  return (['ipv4', 'ipv6'] as const).filter((family) => list.includes(family));
}
