/** What changes for links whose addresses come by DHCP or router advertisements. */
import type { Addressing, Family, Model } from '../model/types.ts';
import { type Addressed, addressed, FAMILY, isMadeFromMac, leaseText } from './addressed.ts';
import { reachable, reconnectText } from './reconnect.ts';
import { type Change, change, linkName } from './words.ts';

/** The NIC's current MAC is unknown, too, unless the intent matches the NIC by it. */
export function ofFirstLease(link: Addressed): Change[] {
  const { name, macaddress, dhcp4, dhcp6 } = link;
  const isOfNic = 'parent' in link && link.parent.permanentMac === macaddress;
  if (macaddress === undefined || isOfNic || !(dhcp4 || dhcp6 || isMadeFromMac(link))) return [];
  const what = dhcp4 || dhcp6 ? 'the lease' : 'the IPv6 address made from it';
  const reserve = dhcp4 || dhcp6 ? '; reserve it for that MAC' : '';
  const message = `${linkName(name)} has MAC ${macaddress}: if the NIC has another MAC, ${what} will change${reserve}.`;
  return [change('may-lock-out', name, message)];
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
