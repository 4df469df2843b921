/** Who else has an address of this host. */
import { ask } from '../kernel/ask.ts';
import { readObjects, textOf } from '../kernel/json.ts';
import type { KernelState } from '../kernel/types.ts';
import { parseIp } from '../model/ip.ts';
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
  for (const [address, mac] of ofIpv6(system, [...shims, ...parents], state)) {
    if (!ownMacs.has(mac)) found.set(address, mac);
  }
  return found;
}

/** Each of them is asked for about a second. */
const MAX_SIX = 4;

/**
 * The kernel asks nobody for an IPv6 address of its own. Who has it is in the group of that address (RFC 4291, 2.7.1),
 * and answers a ping to it with its link-local address; so does who has the same last 24 bits in another network. One
 * that has this very address sends what it answers to it to itself.
 */
function ofIpv6(
  system: System,
  links: readonly Link[],
  state: KernelState,
): (readonly [string, string])[] {
  const running = links.flatMap(({ name }) => {
    const link = state.links.find((one) => one.name === name);
    return link?.isUp && link.hasCarrier ? [link] : [];
  });
  const own = new Set(state.links.flatMap((link) => link.addresses.map(({ address }) => address)));
  const usable = running.flatMap(({ name, addresses }) =>
    addresses
      .filter((one) => one.family === 'ipv6' && !one.isLinkLocal && !one.isTemporary)
      .filter((one) => !one.isTentative && !one.isDuplicate)
      .map(({ address }) => ({ name, address })),
  );
  return usable.slice(0, MAX_SIX).flatMap(({ name, address }) => {
    const group = solicitedGroup(address)?.address;
    const text = group === undefined ? undefined : ping(system, [`${group}%${name}`]);
    const answering = [...(text ?? '').matchAll(/ bytes from (fe80:[0-9a-f:]{1,35})%/g)]
      .flatMap(([, other = '']) => parseIp(other)?.text ?? [])
      .filter((other) => !own.has(other));
    return [...new Set(answering)].slice(0, 2).flatMap((other) => {
      const place = `${other}%${name}`;
      if (ping(system, ['-I', address, place]) !== undefined) return [];
      // It may have gone meanwhile, or lose packets.
      if (ping(system, [place]) === undefined) return [];
      const { text: list } = ask(system, 'ip', ['-j', '-6', 'neigh', 'show', 'dev', name]);
      const mac = (readObjects(list ?? '') ?? [])
        .filter((entry) => parseIp(textOf(entry, 'dst') ?? '')?.text === other)
        .flatMap((entry) => textOf(entry, 'lladdr')?.toLowerCase() ?? [])[0];
      return mac === undefined ? [] : [[address, mac] as const];
    });
  });
}

/** What ping(8) prints; undefined where nobody answers. */
const ping = (system: System, words: readonly string[]): string | undefined =>
  ask(system, 'ping', ['-n', '-c', '3', '-i', '0.3', '-w', '3', ...words]).text;
