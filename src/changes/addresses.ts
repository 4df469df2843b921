/** Addresses that the host is reached at: what changes. */

import type { Address, Family, Model } from '../model/types.ts';
import { addressed, FAMILY, isRenamed, linkOf } from './addressed.ts';
import { ofFirstLease } from './leases.ts';
import { reachable, reconnectText } from './reconnect.ts';
import { type Change, change, linkName, listed } from './words.ts';

/**
 * For a first installation: the old address of the host is known only from the running host.
 * @param now addresses that the host has at this moment, if known
 */
export function ofFirst(before: Model, after: Model, now?: readonly string[]): Change[] {
  const links = addressed(after);
  // An unmanaged parent keeps the address at which the host is reached.
  if (after.unmanaged.length > 0) return [];
  if (addressed(before).length > 0 || links.length === 0) return [];
  const found = (['ipv4', 'ipv6'] as const).flatMap((family): Change[] => {
    const all = reachable(after, family);
    const [address] = all;
    if (address === undefined || all.some((text) => now?.includes(text))) return [];
    if (now !== undefined) {
      const message = `The host does not have the address ${address} today: reconnect there.`;
      return [change('may-lock-out', 'host', message)];
    }
    const message = `If you reach the host at another ${FAMILY[family]} address than ${address} today, reconnect there.`;
    return [change('may-lock-out', 'host', message)];
  });
  return [...found, ...links.flatMap(ofFirstLease)];
}

interface Holder {
  readonly link: string;
  readonly prefix: number;
  readonly family: Family;
}

function holders(model: Model): Map<string, Holder[]> {
  const map = new Map<string, Holder[]>();
  for (const { name, addresses } of addressed(model)) {
    for (const { address, prefix, family } of addresses) {
      map.set(address, [...(map.get(address) ?? []), { link: name, prefix, family }]);
    }
  }
  return map;
}

/** Every difference of static addresses. */
export function ofAddresses(before: Model, after: Model): Change[] {
  const had = holders(before);
  const has = holders(after);
  const found: Change[] = [];
  // Computed once for each family: there may be thousands of addresses.
  const where = new Map<Family, string>();
  const reconnect = (family: Family): string => {
    const text = where.get(family) ?? reconnectText(before, after, family);
    where.set(family, text);
    return text;
  };
  for (const [address, then] of had) {
    const now = has.get(address) ?? [];
    if (now.length === 0) found.push(lostEverywhere(address, then, reconnect));
    else
      found.push(
        ...then.flatMap((held) => movedOrResized(before, after, address, held, then, now)),
      );
  }
  for (const [address, now] of has) {
    const then = had.get(address) ?? [];
    for (const { link, prefix } of now) {
      const isMoved =
        then.length > 0 && !then.some((item) => now.some((n) => n.link === item.link));
      if (then.some((item) => item.link === link) || isMoved) continue;
      found.push(
        change('harmless', link, `${linkName(link)} gets the address ${address}/${prefix}.`),
      );
    }
  }
  return [...found, ...ofAddressOrder(before, after)];
}

function lostEverywhere(
  address: string,
  then: readonly Holder[],
  reconnect: (family: Family) => string,
): Change {
  const links = then.map(({ link }) => link);
  const loses = `${listed(links)} ${links.length > 1 ? 'lose' : 'loses'} the address ${address}.`;
  const family = then[0]?.family ?? 'ipv4';
  const isLocal = address.startsWith('fe80:');
  const where = isLocal ? '' : ` ${reconnect(family)}`;
  return change('may-lock-out', links.join(', '), `${loses}${where}`);
}

/** An address that the host keeps: on another link, no longer on one of several, or with another prefix. */
function movedOrResized(
  before: Model,
  after: Model,
  address: string,
  { link, prefix }: Holder,
  then: readonly Holder[],
  now: readonly Holder[],
): Change[] {
  const same = now.find((item) => item.link === link);
  if (same) {
    if (same.prefix === prefix) return [];
    const message = `${address} on ${linkName(link)} becomes a /${same.prefix} (was /${prefix}): which neighbours it reaches without a gateway changes.`;
    return [change('may-lock-out', link, message)];
  }
  const other = now.find((item) => !then.some((held) => held.link === item.link));
  if (!other)
    return [change('may-lock-out', link, `${linkName(link)} loses the address ${address}.`)];
  const [from, to] = [linkOf(before, link), linkOf(after, other.link)];
  const moves = `The address ${address} moves from ${linkName(link)} to ${linkName(other.link)}`;
  const mac = to?.macaddress;
  const isOtherMac = mac !== undefined && mac !== from?.macaddress;
  const text = isOtherMac
    ? `${moves} (MAC ${mac}): a switch that filters by MAC must admit it.`
    : `${moves}.`;
  return [change(isRenamed(from, to) ? 'drops-connections' : 'may-lock-out', other.link, text)];
}

/** The first address of a family is the source of what the host sends. */
function ofAddressOrder(before: Model, after: Model): Change[] {
  const texts = (list: readonly Address[]): string => list.map(({ address }) => address).join(' ');
  return addressed(after).flatMap(({ name, addresses }) => {
    const now = texts(addresses);
    const then = texts(linkOf(before, name)?.addresses ?? []);
    const isReordered =
      now !== then && now.split(' ').sort().join(' ') === then.split(' ').sort().join(' ');
    const message = `The addresses of ${linkName(name)} change their order: the host may send from another one.`;
    return isReordered ? [change('drops-connections', name, message)] : [];
  });
}
