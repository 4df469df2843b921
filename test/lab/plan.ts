/**
 * The lab round a model: on every parent a LAN with a router, and a guest beside the shims.
 * Addresses are chosen from the shims' own subnets, gateways are the router's.
 */
import {
  bitsOf,
  contains,
  hostBitsAre,
  type Network,
  parseCidr,
  parseIp,
} from '../../src/model/ip.ts';
import type { Address, Model, Parent, Shim } from '../../src/model/types.ts';

/** The LAN that a parent is plugged into. */
export interface Segment {
  readonly parent: string;
  /** The MAC that the NIC comes with. */
  readonly mac: string;
  /** Bytes; what the LAN carries. */
  readonly mtu: number;
  readonly router: Station;
  /** None where nothing else can stand on the parent. */
  readonly guest?: Station;
  readonly subnets: readonly Subnet[];
}

export interface Station {
  /** Its interface, in its own namespace. */
  readonly name: string;
  readonly mac: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** One address of a shim, and who lives in the same subnet. */
export interface Subnet {
  readonly shim: Shim;
  readonly host: string;
  readonly routers: readonly string[];
  readonly guest: string;
}

/** Why a model cannot be judged here; undefined if it can. */
export function notJudged(model: Model): string | undefined {
  for (const { name, addresses, dhcp4, dhcp6, acceptRa, linkLocal } of model.shims) {
    if (dhcp4 || dhcp6) return `${name} needs a DHCP server`;
    if (acceptRa) return `${name} needs a router that advertises`;
    if (linkLocal.includes('ipv4')) return `${name} probes for an IPv4 link-local address`;
    const narrow = addresses.find(({ family, prefix }) => prefix > (family === 'ipv4' ? 29 : 125));
    if (narrow) return `there is no room beside ${narrow.address}/${narrow.prefix} for others`;
  }
  const subnets = model.shims.map(({ addresses }) => addresses.map(networkOf));
  const meet = subnets.some((some, index) =>
    subnets
      .slice(index + 1)
      .some((others) =>
        some.some((a) => others.some((b) => contains(a, b.ip) || contains(b, a.ip))),
      ),
  );
  if (meet) return 'subnets of two shims overlap: which one answers is left to chance';
  const matched = model.parents.find(({ permanentMac }) => permanentMac !== undefined);
  return matched && `${matched.name} is matched by its permanent MAC, and a veth has none`;
}

function networkOf({ address, prefix }: Address): Network {
  const network = parseCidr(`${address}/${prefix}`);
  if (!network) throw new Error(`no network: ${address}/${prefix}`);
  return network;
}

/** A LAN for each parent. */
export const planLab = (model: Model): Segment[] =>
  model.parents.map((parent, index) => segment(model, parent, index));

function segment(model: Model, parent: Parent, index: number): Segment {
  const shims = model.shims.filter((shim) => shim.parent.id === parent.id);
  const taken = shims.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const subnets = shims.flatMap((shim) => shim.addresses.map((own) => subnet(shim, own, taken)));
  // A gateway outside every subnet (on-link, or link-local) is the router's all the same.
  const gateways = shims.flatMap(({ routes }) => routes.flatMap(({ via }) => via ?? []));
  const inSubnets = new Map(
    subnets.flatMap(({ routers, prefix }) => routers.map((router) => [router, prefix])),
  );
  const beside = gateways.filter((gateway) => !inSubnets.has(gateway));
  const number = (index + 1).toString(16).padStart(2, '0');
  return {
    parent: parent.name,
    mac: `52:54:00:51:${number}:01`,
    mtu: parent.mtu ?? 1500,
    router: {
      name: `lan${index}`,
      mac: `52:54:00:51:${number}:fe`,
      addresses: [
        ...[...inSubnets].map(([address, prefix]) => `${address}/${prefix}`),
        ...[...new Set(beside)].map((address) => `${address}/${besidePrefix(address)}`),
      ],
    },
    // A shim in passthru mode has its parent to itself (the kernel refuses a second device).
    ...(shims.every(({ mode }) => mode !== 'passthru') && {
      guest: {
        name: `guest${index}`,
        mac: `52:54:00:51:${number}:c6`,
        addresses: [...new Set(subnets.map(({ guest, prefix }) => `${guest}/${prefix}`))],
      },
    }),
    subnets,
  };
}

function besidePrefix(address: string): number {
  const ip = parseIp(address);
  if (!ip) throw new Error(`no address: ${address}`);
  return ip.range === 'linkLocal' ? 64 : bitsOf(ip);
}

function subnet(
  shim: Shim,
  own: Address,
  hosts: readonly string[],
): Subnet & { readonly prefix: number } {
  const network = networkOf(own);
  const gateways = shim.routes.flatMap(({ via, family }) =>
    via !== undefined && family === own.family && isIn(network, via) ? [via] : [],
  );
  const taken = [...hosts, ...gateways];
  const routers = gateways.length > 0 ? [...new Set(gateways)] : [neighbour(network, 254, taken)];
  const guest = neighbour(network, 198, [...taken, ...routers]);
  return { shim, host: own.address, routers, guest, prefix: own.prefix };
}

function isIn(network: Network, address: string): boolean {
  const ip = parseIp(address);
  return ip !== undefined && contains(network, ip);
}

/** A free address of the subnet, if possible with `wanted` as its last byte. */
function neighbour(network: Network, wanted: number, taken: readonly string[]): string {
  for (const last of [wanted, ...Array(256).keys()]) {
    const address = withLastByte(network, last);
    const ip = parseIp(address);
    if (!ip || !contains(network, ip) || taken.includes(ip.text)) continue;
    const candidate = { ip, prefix: network.prefix };
    if (hostBitsAre(candidate, 0) || hostBitsAre(candidate, 1)) continue;
    return ip.text;
  }
  throw new Error(`no room beside ${network.ip.text}/${network.prefix}`);
}

function withLastByte({ ip }: Network, last: number): string {
  const bytes = [...ip.bytes.slice(0, -1), last];
  if (ip.family === 'ipv4') return bytes.join('.');
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{4})(?!$)/g, '$1:');
}
