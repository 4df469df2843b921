/** Cables, the router and the guest, in their own namespaces. */

import { must, type Place } from '../place.ts';
import type { Finished } from '../process.ts';
import { attachMacvtap, type Direct } from './macvtap.ts';
import type { Segment, Station } from './plan.ts';

const BATCH = ['ip', '-batch', '-'];

/** Plugs every NIC into its LAN: a veth, whose other end is the router's. */
export async function plugIn(
  host: Place,
  router: Place,
  segments: readonly Segment[],
): Promise<void> {
  const lines = segments.flatMap((segment) => [
    ...segment.cables.flatMap(({ nic, mac, far }) => [
      `link add name ${far.name} address ${far.mac} mtu ${segment.mtu} type veth peer name ${nic} address ${mac} netns ${host.network}`,
      // A machine answers ARP for all its addresses: that would be the router at two cables.
      ...(far.addresses.length === 0 ? [`link set ${far.name} arp off`] : []),
      ...bringUp(far),
    ]),
    ...routersEnd(segment),
    ...segment.behind.map(
      ({ network, via }) => `route add ${network} via ${via} dev ${segment.router.name}`,
    ),
  ]);
  await must(router.run(BATCH, batch(lines)), lines);
}

/** The router's interface where it is not the end of a cable: with tags, or over several cables. */
function routersEnd({ end, router, cables, mtu }: Segment): string[] {
  if (!end) return [];
  const { name, mac } = router;
  if ('vlan' in end) {
    return [
      `link add link ${end.on} name ${name} address ${mac} mtu ${mtu} type vlan id ${end.vlan}`,
      ...bringUp(router),
    ];
  }
  const { joins, mode } = end;
  return [
    `link add name ${name} address ${mac} mtu ${mtu} type ${joins}${joins === 'bond' ? ` mode ${mode} miimon 100` : ''}`,
    // A bond takes no member that is up.
    ...cables.flatMap(({ far }) => [
      `link set ${far.name} down`,
      `link set ${far.name} master ${name}`,
      `link set ${far.name} up`,
    ]),
    ...bringUp(router),
  ];
}

/**
 * How a guest is attached: by a macvlan in bridge mode, which is a macvtap without the tap, or by
 * a true macvtap, whose frames a program forwards to the guest as a hypervisor does; the latter
 * by the configuration of a hypervisor, too; or it does not run.
 */
export type Guest = 'macvlan' | 'macvtap' | Direct | 'none';

/**
 * Starts a guest.
 * @returns what kept it from starting
 */
export async function startGuest(
  kind: Guest,
  host: Place,
  guest: Place,
  { parent, mtu, guest: station }: Segment,
): Promise<string[]> {
  if (!station || kind === 'none') return [];
  const direct = kind === 'macvtap' ? { source: parent, mode: 'bridge', mac: station.mac } : kind;
  const failure =
    (await (direct === 'macvlan'
      ? attachMacvlan(host, guest, parent, mtu, station)
      : attachMacvtap(host, guest, mtu, station.name, direct))) ??
    (await complaint(guest.run(BATCH, batch(bringUp(station)))));
  return failure === undefined ? [] : [`no guest on ${parent}: ${failure}`];
}

async function complaint(finished: Promise<Finished>): Promise<string | undefined> {
  const { status, stderr } = await finished;
  return status === 0 ? undefined : stderr.trim();
}

/** Made where it is to live: in the host's namespace a daemon would see it come and go. */
function attachMacvlan(
  host: Place,
  guest: Place,
  parent: string,
  mtu: number,
  { name, mac }: Station,
): Promise<string | undefined> {
  const add = `link add link ${parent} name ${name} netns ${guest.network} address ${mac} mtu ${mtu} type macvlan mode bridge`;
  return complaint(host.run(BATCH, batch([add])));
}

function bringUp({ name, addresses }: Station): string[] {
  // Nobody else has these addresses: asking whether somebody does would take a second.
  const flag = (address: string): string => (address.includes(':') ? ' nodad' : '');
  return [
    ...addresses.map((address) => `addr add ${address} dev ${name}${flag(address)}`),
    `link set ${name} up`,
  ];
}

const batch = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Forgets what the machine has learnt, so that it must ask. */
export async function forgetNeighbours(machine: Place): Promise<void> {
  const flush = ['ip', 'neigh', 'flush', 'all'];
  await must(machine.run(flush), flush);
}
