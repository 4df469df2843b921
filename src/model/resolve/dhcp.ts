/** DHCP clients of a link: how far they follow the server. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { AddressingIntent } from '../../intent/schema.ts';
import type { Dhcp4, Dhcp6, DhcpOverrides, RaOverrides } from '../types.ts';

/**
 * @param hasMtu an MTU in the intent is not the DHCP server's to change
 * @param link the place of the link in the intent
 */
export function resolveDhcp4(given: AddressingIntent, hasMtu: boolean, link: Path): Dhcp4 {
  const overrides = given['dhcp4-overrides'] ?? {};
  return {
    ...resolveOverrides(overrides, [...link, 'dhcp4-overrides']),
    // netplan's defaults, on every system: networkd alone would ignore the MTU, and each of the
    // three has a metric of its own. An MTU in the intent is not the server's to change.
    useMtu: !hasMtu && (overrides['use-mtu'] ?? true),
    useRoutes: overrides['use-routes'] ?? true,
    routeMetric: overrides['route-metric'] ?? 100,
    ...(overrides.table !== undefined && { table: overrides.table }),
  };
}

/** @param link the place of the link in the intent */
export const resolveRa = (
  given: NonNullable<AddressingIntent['ra-overrides']>,
  link: Path,
): RaOverrides => ({
  ...(given['use-dns'] !== undefined && { useDns: given['use-dns'] }),
  ...(given['use-domains'] !== undefined && { useDomains: given['use-domains'] }),
  ...(given.table !== undefined && { table: given.table }),
  origin: [...link, 'ra-overrides'],
});

export function resolveDhcp6(given: AddressingIntent, link: Path): Dhcp6 {
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
