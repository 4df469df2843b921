/** Addresses that the host is reached at: what changes, and where to reconnect. */

import type { Address, Addressing, Family, Model, Parent, Shim } from '../model/types.ts';
import { type Change, change, linkName, listed } from './words.ts';

type Addressed = Parent | Shim;

export const addressed = ({ parents, shims }: Model): Addressed[] => [...parents, ...shims];

/** The NIC, bond, bridge or VLAN that a link is, or is on top of: links with one uplink share a LAN. */
const uplinkOf = (link: Addressed): string => ('parent' in link ? link.parent.name : link.name);

/** Whether a shim replaces another: same uplink, another name. */
const isRenamed = (before: Addressed | undefined, after: Addressed | undefined): boolean =>
  before !== undefined &&
  after !== undefined &&
  'parent' in before &&
  'parent' in after &&
  uplinkOf(before) === uplinkOf(after);

const linkOf = (model: Model, name: string): Addressed | undefined =>
  addressed(model).find((link) => link.name === name);

/** Whether an address or route that moves between two links stays on one LAN, on shims. */
export const isMoveOfShim = (before: Model, from: string, after: Model, to: string): boolean =>
  isRenamed(linkOf(before, from), linkOf(after, to));

const isDynamic = (link: Addressing, family: Family): boolean =>
  family === 'ipv4' ? link.dhcp4 !== undefined : link.dhcp6 !== undefined || link.acceptRa;

const macName = (name: string, mac: string | undefined): string =>
  mac === undefined ? `the MAC of ${linkName(name)}` : `MAC ${mac}`;

/** What a change of MAC or identifier does to leases and autoconfigured addresses. */
export function leaseText({ name, macaddress, identifier, ...link }: Addressed): string {
  const mac = macName(name, macaddress);
  const isLeased = link.dhcp4 !== undefined || link.dhcp6 !== undefined;
  const lease =
    identifier === 'mac'
      ? `The lease will be another one; reserve it for ${mac}.`
      : `The lease may be another one; a reservation by MAC must name ${mac}.`;
  const made = 'The IPv6 address made from the MAC will be another one.';
  return [...(isLeased ? [lease] : []), ...(isMadeFromMac(link) ? [made] : [])].join(' ');
}

const isMadeFromMac = ({
  acceptRa,
  addressToken,
  addressGeneration,
}: Pick<Addressing, 'acceptRa' | 'addressToken' | 'addressGeneration'>): boolean =>
  acceptRa && addressToken === undefined && addressGeneration === 'eui64';

/**
 * Static addresses that the host can be reached at, those of the link with the default route first,
 * without link-local ones.
 */
function reachable(model: Model, family: Family): string[] {
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
function reconnectText(before: Model, after: Model, family: Family): string {
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

/** The NIC's current MAC is unknown, too, unless the intent matches the NIC by it. */
function ofFirstLease(link: Addressed): Change[] {
  const { name, macaddress, dhcp4, dhcp6 } = link;
  const isOfNic = 'parent' in link && link.parent.permanentMac === macaddress;
  if (macaddress === undefined || isOfNic || !(dhcp4 || dhcp6 || isMadeFromMac(link))) return [];
  const what = dhcp4 || dhcp6 ? 'the lease' : 'the IPv6 address made from it';
  const reserve = dhcp4 || dhcp6 ? '; reserve it for that MAC' : '';
  const message = `${linkName(name)} has MAC ${macaddress}: if the NIC has another MAC, ${what} will change${reserve}.`;
  return [change('may-lock-out', name, message)];
}

const FAMILY: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

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

interface Dynamic {
  readonly what: string;
  readonly family: Family;
  readonly has: (link: Addressing) => boolean;
  readonly gained: string;
  readonly lost: string;
}

const DYNAMIC: readonly Dynamic[] = [
  {
    what: 'DHCP',
    family: 'ipv4',
    has: ({ dhcp4 }) => dhcp4 !== undefined,
    gained: 'requests an address by DHCP',
    lost: 'no longer requests an address by DHCP',
  },
  {
    what: 'DHCPv6',
    family: 'ipv6',
    has: ({ dhcp6 }) => dhcp6 !== undefined,
    gained: 'requests an address by DHCPv6',
    lost: 'no longer requests an address by DHCPv6',
  },
  {
    what: 'Autoconfiguration by router advertisements',
    family: 'ipv6',
    has: ({ acceptRa }) => acceptRa,
    gained: 'accepts router advertisements',
    lost: 'no longer accepts router advertisements',
  },
];

/** Links with addresses by DHCP or router advertisements. */
export function ofDynamic(before: Model, after: Model): Change[] {
  return DYNAMIC.flatMap((kind) => {
    const { what, family, has, gained, lost } = kind;
    const then = addressed(before).filter(has);
    const now = addressed(after).filter(has);
    const losers = then.filter(({ name }) => !now.some((link) => link.name === name));
    const gainers = now.filter(({ name }) => !then.some((link) => link.name === name));
    const [from] = losers;
    const [to] = gainers;
    if (from && to && losers.length === 1 && gainers.length === 1) {
      const message =
        `${what} moves from ${linkName(from.name)} to ${linkName(to.name)}. ${clientText(from, to)}`.trim();
      return [change('may-lock-out', to.name, message)];
    }
    return [
      ...losers.map(({ name }) =>
        change(
          'may-lock-out',
          name,
          `${linkName(name)} ${lost}. ${withoutLease(before, after, family)}`,
        ),
      ),
      ...gainers.map(({ name }) => change('harmless', name, `${linkName(name)} ${gained}.`)),
    ];
  });
}

function clientText(from: Addressed, to: Addressed): string {
  const isSame =
    from.macaddress !== undefined &&
    from.macaddress === to.macaddress &&
    from.identifier === 'mac' &&
    to.identifier === 'mac';
  return isSame ? 'Servers and routers see the same client.' : leaseText(to);
}

/** The address of a lease is in no file: it may equal the new static one. */
function withoutLease(before: Model, after: Model, family: Family): string {
  const [address] = reachable(after, family);
  return address === undefined
    ? reconnectText(before, after, family)
    : `If you reach the host at another ${FAMILY[family]} address than ${address} today, reconnect there.`;
}
