/**
 * What a LAN gives to a host that asks: DHCP leases and router advertisements. Each LAN has one
 * network of each family for it, and a lease for each link that may ask.
 */
import type { Network } from '../../../src/model/ip.ts';
import type { Family, Link, Model, Parent, Shim } from '../../../src/model/types.ts';
import {
  baseOf,
  bitsOfAddress,
  isIn,
  meet,
  parseAddress,
  parseNetwork,
  withLastByte,
} from './networks.ts';

/** Networks behind the router that it advertises routes to (RFC 4191), as a Thread border router does. */
export const BEHIND: readonly string[] = ['fd51:7::/64', 'fd51:8:1:2::/126'];

/** What is there for one link. */
export interface Offer {
  readonly link: string;
  /** By which the servers know it. */
  readonly mac: string;
  readonly ipv4?: Lease;
  readonly ipv6?: Lease & {
    /** The link hears advertisements; it makes itself an address of the network. */
    readonly isAdvertised: boolean;
    /** It asks by DHCPv6, of itself or because the router says so. */
    readonly isLeased: boolean;
    /** The router says that nobody is to ask by DHCPv6. */
    readonly isAutonomous?: true;
  };
}

export interface Lease {
  /** A /24, or a /64. */
  readonly network: Network;
  /** What the server gives. */
  readonly address: string;
  /** Its own address, which it names as router (IPv4) and as name server. */
  readonly server: string;
}

/** Whether a link takes addresses of a family from others. */
export const isDynamic = (link: Link, family: Family): boolean =>
  family === 'ipv4' ? link.dhcp4 !== undefined : link.dhcp6 !== undefined || link.acceptRa;

/** Whether a link asks by DHCPv6 where the router says that addresses are managed. */
export const asksDhcp6 = (link: Link): boolean =>
  link.dhcp6 !== undefined || (link.acceptRa && link.dhcp6ByRouter);

const LENGTH: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };

/** Last byte of the leases, and of the server's own address. */
const FIRST_LEASE = 50;
const SERVER: Readonly<Record<Family, number>> = { ipv4: 254, ipv6: 0xfe };

/**
 * @param index distinguishes the LANs of a host
 * @param macOf the MAC of a link
 */
export function planOffers(
  model: Model,
  index: number,
  parent: Parent,
  shims: readonly Shim[],
  macOf: (link: Parent | Shim) => string,
): Offer[] {
  const links = [parent, ...shims];
  const networks = {
    ipv4: choose(model, index, links, 'ipv4'),
    ipv6: choose(model, index, links, 'ipv6'),
  };
  return links
    .filter((link) => isDynamic(link, 'ipv4') || isDynamic(link, 'ipv6'))
    .map((link, place): Offer => {
      const lease = (family: Family): Lease => ({
        network: networks[family],
        address: withLastByte(networks[family].ip, FIRST_LEASE + place),
        server: withLastByte(networks[family].ip, SERVER[family]),
      });
      return {
        link: link.name,
        mac: macOf(link),
        ...(isDynamic(link, 'ipv4') && { ipv4: lease('ipv4') }),
        ...(isDynamic(link, 'ipv6') && {
          ipv6: { ...lease('ipv6'), isAdvertised: link.acceptRa, isLeased: asksDhcp6(link) },
        }),
      };
    });
}

/** The network of a LAN for those that ask. */
function choose(model: Model, index: number, links: readonly Link[], family: Family): Network {
  const own = links.flatMap(({ addresses }) => addresses).filter((item) => item.family === family);
  // A gateway that is in no subnet of its link must be in the one that the link asks for.
  const gateways = links
    .filter((link) => isDynamic(link, family))
    .flatMap(({ routes }) => routes)
    .filter((route) => route.family === family && !route.onLink)
    .flatMap(({ via }) => via ?? [])
    .filter((via) => !own.some((address) => isIn(address.network, via)));
  // A side shim's address is one of its parent's LAN.
  const single = own
    .map(({ address, prefix }) => ({ address, prefix }))
    .filter(({ address, prefix }) => prefix === bitsOfAddress(address))
    .map(({ address }) => address);
  const [wanted] = [...gateways, ...single];
  const length = LENGTH[family];
  if (wanted !== undefined)
    return parseNetwork(`${baseOf(parseAddress(wanted), length / 8)}/${length}`);
  const taken = [...model.parents, ...model.shims].flatMap(({ addresses, routes }) => [
    ...addresses.map(({ network }) => network),
    ...routes.filter(({ isDefault }) => !isDefault).map(({ network }) => network),
  ]);
  const free = [51, 52, 53]
    .map((second) => (family === 'ipv4' ? `10.${second}.${index}.0` : `fd${second}:0:0:${index}::`))
    .map((base) => parseNetwork(`${base}/${length}`))
    .find((network) => !taken.some((other) => meet(network, other)));
  if (!free) throw new Error('no network is left for a DHCP server');
  return free;
}
