/** Who else has an address of this host. */
import { ask } from '../kernel/ask.ts';
import { readNeighbours } from '../kernel/neighbours.ts';
import type { KernelState, Neighbour } from '../kernel/types.ts';
import { contains, parseCidr, parseIp } from '../model/ip.ts';
import type { Link, Model } from '../model/types.ts';
import type { System } from '../system.ts';
import { solicitedGroup } from './causes/packets.ts';
import type { GuestDevice } from './facts.ts';
import { arpAnswer } from './probes.ts';

/** A host with many addresses is not to be asked about for minutes. */
const MAX_ADDRESSES = 8;

/**
 * Own address → the MAC of another host that has it, too.
 * @param missing programs that gave no answer are added to it
 */
export function conflicts(
  system: System,
  { shims, parents }: Model,
  state: KernelState,
  guests: readonly GuestDevice[],
  missing: string[],
): Map<string, string> {
  const found = new Map<string, string>();
  // Behind the MAC of a guest's device is the guest; a tap of the host answers for the host.
  const theirs = new Set(guests.map(({ name }) => name));
  const ownMacs = new Set(
    state.links.filter(({ name }) => !theirs.has(name)).flatMap(({ mac }) => mac ?? []),
  );
  // Those of the intent, and those that leases gave.
  const own = [...shims, ...parents].flatMap(({ name, addresses }) => {
    const running = state.links.find((link) => link.name === name)?.addresses ?? [];
    const leased = running.filter(({ isDynamic, isLinkLocal }) => isDynamic && !isLinkLocal);
    const all = [...addresses, ...leased].filter(({ family }) => family === 'ipv4');
    return [...new Set(all.map(({ address }) => address))].map((address) => ({ name, address }));
  });
  for (const { name, address } of own.slice(0, MAX_ADDRESSES)) {
    const link = state.links.find((one) => one.name === name);
    if (!link?.isUp || !link.hasCarrier) continue;
    const answer = arpAnswer(system, name, address);
    if (!answer) missing.push('arping');
    if (answer?.mac !== undefined && !ownMacs.has(answer.mac)) found.set(address, answer.mac);
  }
  for (const [address, mac] of ofIpv6(system, [...shims, ...parents], state, guests)) {
    if (!ownMacs.has(mac)) found.set(address, mac);
  }
  return found;
}

/** Each of them is asked for about a second. */
const MAX_SIX = 4;
const MAX_GUESTS = 8;

/** An IPv6 address of this host, and another machine that may have it. */
interface Suspect {
  readonly link: string;
  readonly address: string;
  readonly prefix: number;
  /** Its link-local address. */
  readonly other: string;
  readonly mac: string;
}

/**
 * The kernel asks nobody for an IPv6 address of its own. Who has it is in the group of that address (RFC 4291, 2.7.1),
 * and answers a ping to it with its link-local address; so does who has the same last 24 bits in another network. One
 * that has this very address sends what it answers to it to itself. A guest does not hear that group where its device
 * takes the groups of all nodes alone: then it has to be seen with another address of the subnet, as one that has
 * none has no route for answers.
 */
function ofIpv6(
  system: System,
  links: readonly Link[],
  state: KernelState,
  guests: readonly GuestDevice[],
): (readonly [string, string])[] {
  // The kernel makes a link-local address of the MAC of a guest's device, and so does the guest.
  const devices = new Set(guests.map(({ name }) => name));
  const own = new Set(
    state.links
      .filter(({ name }) => !devices.has(name))
      .flatMap((link) => link.addresses.map(({ address }) => address)),
  );
  const running = links.flatMap(({ name }) => {
    const link = state.links.find((one) => one.name === name);
    return link?.isUp && link.hasCarrier ? [link] : [];
  });
  return running.flatMap(({ name: link, addresses }) => {
    const usable = addresses
      .filter((one) => one.family === 'ipv6' && !one.isLinkLocal && !one.isTemporary)
      .filter((one) => !one.isTentative && !one.isDuplicate)
      .slice(0, MAX_SIX);
    if (usable.length === 0) return [];
    const theirs = new Set(guests.flatMap(({ mac }) => mac ?? []));
    const near = answering(system, 'ff02::1', link, own).filter(({ mac }) => theirs.has(mac));
    return usable.flatMap(({ address, prefix }) => {
      const group = solicitedGroup(address)?.address ?? '';
      const place = { link, address, prefix };
      const inGroup = answering(system, group, link, own).map((one) => ({ ...place, ...one }));
      const beside = near
        .filter(({ other }) => !inGroup.some((one) => one.other === other))
        .map((one) => ({ ...place, ...one }));
      const found = [
        ...inGroup.filter((one) => isMute(system, one)),
        ...beside.filter((one) => isMute(system, one) && isOfSubnet(system, one)),
      ];
      return found.slice(0, 1).map(({ mac }) => [address, mac] as const);
    });
  });
}

/** Who answers a ping to a group, with the MACs that the kernel has learnt by it. */
function answering(
  system: System,
  group: string,
  link: string,
  own: ReadonlySet<string>,
): readonly Pick<Suspect, 'other' | 'mac'>[] {
  const text = ping(system, [`${group}%${link}`]) ?? '';
  const others = [...text.matchAll(/ bytes from (fe80:[0-9a-f:]{1,35})%/g)]
    .flatMap(([, other = '']) => parseIp(other)?.text ?? [])
    .filter((other) => !own.has(other));
  const known = others.length === 0 ? [] : neighboursOf(system, link);
  return [...new Set(others)].slice(0, MAX_GUESTS).flatMap((other) => {
    const mac = known.find(({ address }) => address === other)?.mac;
    return mac === undefined ? [] : [{ other, mac }];
  });
}

const neighboursOf = (system: System, link: string): readonly Neighbour[] =>
  readNeighbours(ask(system, 'ip', ['-j', '-6', 'neigh', 'show', 'dev', link]).text ?? '') ?? [];

/** It answers pings, and none that comes from that address. */
const isMute = (system: System, { address, other, link }: Suspect): boolean =>
  ping(system, ['-I', address, `${other}%${link}`]) === undefined &&
  // It may have gone meanwhile, or lose packets.
  ping(system, [`${other}%${link}`]) !== undefined;

/** It has another address of the subnet: one that the kernel knows, or the one that its MAC makes (RFC 4291, appendix A). */
function isOfSubnet(system: System, { address, prefix, mac, other, link }: Suspect): boolean {
  const subnet = parseCidr(`${address}/${prefix}`);
  const isIn = (text: string): boolean => {
    const ip = parseIp(text);
    return subnet !== undefined && ip !== undefined && contains(subnet, ip) && text !== address;
  };
  if (neighboursOf(system, link).some((one) => one.mac === mac && isIn(one.address))) return true;
  const base = parseIp(address)?.bytes.slice(0, 8) ?? [];
  const made = fromBytes([...base, ...(parseIp(other)?.bytes.slice(8) ?? [])]);
  return prefix === 64 && made !== undefined && isIn(made) && ping(system, [made]) !== undefined;
}

function fromBytes(bytes: readonly number[]): string | undefined {
  const words = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return parseIp(words.join(':'))?.text;
}

/** What ping(8) prints; undefined where nobody answers. */
const ping = (system: System, words: readonly string[]): string | undefined =>
  ask(system, 'ping', ['-n', '-c', '3', '-i', '0.3', '-w', '3', ...words]).text;
