/**
 * The LAN of a host that is changed: a router with two gateways, to whose switch both NICs of the
 * host are plugged, and another subnet behind the router. A host without its default route answers
 * the LAN, and not the other subnet.
 */

import type { Scene } from '../../drive/scene.ts';
import { parseNetwork } from '../../network/networks.ts';
import type { Offer } from '../../network/offers.ts';
import type { Segment } from '../../network/plan.ts';
import { startServices } from '../../network/services.ts';
import { must } from '../../place.ts';

export const NICS = ['eth0', 'eth1'] as const;

export const GATEWAY = '198.51.100.254';
export const OTHER_GATEWAY = '198.51.100.253';
const LAN = 'lan';
/** The namespace of the host behind the router. */
const FAR = 'far';
const FAR_NETWORK = { router: '203.0.113.254', host: '203.0.113.7', prefix: 24 };

/** As the plan of the lab has it for a model with these NICs in this order. */
export const macOf = (nic: string): string =>
  `52:54:00:51:0${NICS.indexOf(nic as (typeof NICS)[number]) + 1}:01`;

const farName = (nic: string): string => `port-${nic}`;

/** The cables alone: the switch and the router's addresses are `connect`'s. */
export const cables = (nics: readonly string[]): Segment => ({
  parent: 'eth0',
  cables: nics.map((nic) => ({
    nic,
    mac: macOf(nic),
    far: { name: farName(nic), mac: macOf(nic).replace(/01$/, 'fd'), addresses: [] },
  })),
  mtu: 1500,
  router: { name: LAN, mac: '52:54:00:51:00:fe', addresses: [] },
  mac: macOf(nics[0] ?? ''),
  behind: [],
  subnets: [],
  offers: [],
});

/** Which address the DHCP server of the LAN has for a MAC. */
export type Leases = ReadonlyMap<string, string>;

/** IPv6 of the LAN where its router advertises. */
const ADVERTISED: NonNullable<Offer['ipv6']> = {
  network: parseNetwork('2001:db8:51::/64'),
  address: '2001:db8:51::77',
  server: '2001:db8:51::fe',
  isAdvertised: true,
  isLeased: false,
  isAutonomous: true,
};

/**
 * Joins the cables of a scene to one LAN, with the router on it, and the subnet behind that.
 * @param advertisedTo MACs of links that the router advertises to
 * @param tag the LAN is this VLAN of the cables
 */
export async function connect(
  { router }: Scene,
  nics: readonly string[],
  leases: Leases = new Map(),
  advertisedTo: readonly string[] = [],
  tag?: number,
): Promise<void> {
  const { router: farRouter, host: farHost, prefix } = FAR_NETWORK;
  const lines = [
    `link add name ${LAN} address 52:54:00:51:00:fe type bridge`,
    ...nics.flatMap((nic) => portOf(nic, tag)),
    `addr add ${GATEWAY}/24 dev ${LAN}`,
    `addr add ${OTHER_GATEWAY}/24 dev ${LAN}`,
    `addr add 192.0.2.254/24 dev ${LAN}`,
    `link set ${LAN} up`,
    `link add name to-far type veth peer name eth0 netns ${FAR}`,
    `addr add ${farRouter}/${prefix} dev to-far`,
    'link set to-far up',
  ];
  const script = `
echo 1 >/proc/sys/net/ipv4/ip_forward
ip netns add ${FAR}
ip -batch -
# A neighbour that is heard of is believed, and not asked again as soon as it is silent.
echo 60 >/proc/sys/net/ipv4/neigh/${LAN}/delay_first_probe_time
ip -n ${FAR} addr add ${farHost}/${prefix} dev eth0
ip -n ${FAR} link set eth0 up
ip -n ${FAR} route add default via ${farRouter}
`;
  const argv = ['sh', '-euc', script];
  await must(router.run(argv, lines.map((line) => `${line}\n`).join('')), argv);
  const network = parseNetwork('198.51.100.0/24');
  const macs = new Set([...leases.keys(), ...advertisedTo]);
  const offers = [...macs].map((mac): Offer => {
    const address = leases.get(mac);
    return {
      link: 'eth0',
      mac,
      ...(address !== undefined && { ipv4: { network, address, server: GATEWAY } }),
      ...(advertisedTo.includes(mac) && { ipv6: ADVERTISED }),
    };
  });
  await startServices(router, [{ ...cables(nics), offers }]);
}

/** A port of the LAN: the far end of a cable, or one VLAN of it. */
function portOf(nic: string, tag: number | undefined): string[] {
  const far = farName(nic);
  if (tag === undefined) return [`link set ${far} master ${LAN}`];
  const port = `${far}.${tag}`;
  return [
    `link add link ${far} name ${port} type vlan id ${tag}`,
    `link set ${port} master ${LAN}`,
    `link set ${port} up`,
  ];
}

/** Where pings come from: the name for readers, and the network. */
export const places = ({ files, router }: Scene): { readonly name: string; path: string }[] => [
  { name: 'the LAN', path: `${files}/run/netns/${router.network}` },
  { name: 'another subnet', path: `${files}/run/netns/${FAR}` },
];

/** What the router has learnt without being asked: the MAC for an address, empty if none. */
export async function neighbour({ router }: Scene, address: string): Promise<string> {
  const show = ['ip', '-j', 'neigh', 'show', 'to', address, 'dev', LAN];
  const all = JSON.parse((await must(router.run(show), show)) || '[]') as { lladdr?: string }[];
  return all[0]?.lladdr ?? '';
}
