/** Where to reconnect after a host has lost an address. */
import type { Addressing, Family, Model } from '../model/types.ts';
import { type Addressed, addressed, isDynamic, macName } from './addressed.ts';
import { linkName } from './words.ts';

/**
 * Static addresses that the host can be reached at, those of the link with the default route first,
 * without link-local ones.
 */
export function reachable(model: Model, family: Family): string[] {
  const links = addressed(model).sort((a, b) => (a.name < b.name ? -1 : 1));
  const hasDefault = ({ routes }: Addressing): boolean =>
    routes.some((route) => route.isDefault && route.family === family && route.table === undefined);
  return [...links.filter(hasDefault), ...links.filter((link) => !hasDefault(link))].flatMap(
    ({ addresses }) =>
      addresses
        .filter((item) => item.family === family && !item.address.startsWith('fe80:'))
        .map(({ address }) => address),
  );
}

/** Where to reconnect after a host has lost an address. */
export function reconnectText(before: Model, after: Model, family: Family): string {
  const now = reachable(after, family);
  const then = new Set(reachable(before, family));
  const target = now.find((address) => !then.has(address)) ?? now[0];
  if (target !== undefined) return `Reconnect at ${target}.`;
  const dynamic = addressed(after).find((link) => isDynamic(link, family));
  if (dynamic) return atLease(dynamic, family);
  const other = reachable(after, family === 'ipv4' ? 'ipv6' : 'ipv4')[0];
  return other === undefined ? 'No address is left to reconnect at.' : `Reconnect at ${other}.`;
}

const atLease = ({ name, macaddress }: Addressed, family: Family): string =>
  family === 'ipv4'
    ? `The address will be that of the DHCP lease of ${linkName(name)}; reserve it for ${macName(name, macaddress)}.`
    : `The address will be the one that ${linkName(name)} gets by DHCPv6 or router advertisements.`;
