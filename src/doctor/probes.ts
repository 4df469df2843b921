/** Asks gateways and guests whether they answer: pings and ARP requests, nothing else. */

import { ask, textAt } from '../kernel/ask.ts';
import { readNeighbours } from '../kernel/neighbours.ts';
import type { KernelState, Neighbour } from '../kernel/types.ts';
import { contains, parseCidr, parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';
import { type System, SystemError } from '../system.ts';
import type { Probe } from './facts.ts';
import { isLinkLocal, marked, routeFromOwn, routeTo, type Target } from './lookups.ts';

const DEFAULT = /^(?:0\.0\.0\.0|::)\/0$/;

/** The gateways of the intent and of leases, by links of the intent; and the guest. */
export function targetsOf(model: Model, state: KernelState, guest?: string): Target[] {
  const links = [...model.parents, ...model.shims];
  const found = new Map<string, Target>();
  for (const { name, routes } of links) {
    for (const { via } of routes) {
      if (via !== undefined) found.set(via, { role: 'gateway', address: via, expected: name });
    }
  }
  for (const { to, via, link } of state.routes) {
    const isOwn = links.some(({ name }) => name === link);
    if (via === undefined || !DEFAULT.test(to) || !isOwn || found.has(via)) continue;
    found.set(via, {
      role: 'gateway',
      address: via,
      ...(link !== undefined && { expected: link }),
    });
  }
  // One gateway of a family says what ten do, and a host is not to wait for each.
  const gateways = [...found.values()].slice(0, MAX_GATEWAYS);
  if (guest === undefined || gateways.some(({ address }) => address === guest)) return gateways;
  const expected = leadingTo(model, state, guest);
  return [
    ...gateways,
    { role: 'guest', address: guest, ...(expected !== undefined && { expected }) },
  ];
}

const MAX_GATEWAYS = 6;

/** The link of the intent that leads to an address: by its most specific subnet or route. */
export function leadingTo(
  { parents, shims }: Model,
  state: KernelState,
  address: string,
): string | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  const networks = [...parents, ...shims].flatMap(({ name, addresses, routes }) => [
    ...addresses.map((own) => ({ name, text: `${own.address}/${own.prefix}` })),
    ...(state.links.find((link) => link.name === name)?.addresses ?? []).map((own) => ({
      name,
      text: `${own.address}/${own.prefix}`,
    })),
    ...routes.filter(({ via }) => via === undefined).map(({ to }) => ({ name, text: to })),
  ]);
  const fitting = networks.flatMap(({ name, text }) => {
    const network = parseCidr(text);
    return network && contains(network, ip) ? [{ name, prefix: network.prefix }] : [];
  });
  return fitting.sort((a, b) => b.prefix - a.prefix)[0]?.name;
}

/** @param shims name of a shim → name of its parent: guests answer there, and not at the parent itself */
export function probe(
  system: System,
  state: KernelState,
  targets: readonly Target[],
  shims: ReadonlyMap<string, string> = new Map(),
): Probe[] {
  const besides = ({ link }: { readonly link?: string }): readonly string[] =>
    [...shims].filter(([, parent]) => parent === link).map(([shim]) => shim);
  const first = targets.map((target) => {
    const route = routeTo(system, state, target);
    const isAnswered = route.link !== undefined && ping(system, placeOf(target));
    return { target, route, isAnswered };
  });
  const neighbours = neighboursNow(system, state);
  return first.map(({ target, route: { mtu: ofRoute, ...route }, isAnswered }): Probe => {
    const own = entryOf(neighbours, target.address, route.link);
    const isStatic = own?.mac !== undefined && own.states.some((word) => NEVER_ASKED.has(word));
    const isDoubtful = !isAnswered && !isStatic && own?.mac !== undefined && isKnown(own);
    const mac = isDoubtful ? answerNow(system, state, target, route.link) : knownMac(own);
    const raw = isAnswered || mac ? undefined : withoutSender(system, target, route.link);
    const fromOwn = routeFromOwn(system, state, target);
    const ofLink = state.links.find(({ name }) => name === route.link)?.mtu;
    const mtu = largestOf(system, state, target, { ...route, mtu: ofRoute });
    return {
      ...target,
      ...route,
      isAnswered,
      ...(isAnswered && mtu !== undefined && large(system, placeOf(target), mtu, ofLink ?? mtu)),
      ...(mac !== undefined && { mac }),
      isStatic,
      ...(fromOwn !== undefined && { fromOwn }),
      marked: marked(system, state, target),
      ...(raw !== undefined && { macWithoutSender: raw }),
      macs: answersOf(system, target, route, besides(route)),
    };
  });
}

/** States that the kernel never leaves by itself (ip-neighbour(8), nud). */
const NEVER_ASKED: ReadonlySet<string> = new Set(['PERMANENT', 'NOARP']);

/** On a link without ARP the kernel itself has an entry for everybody, with the link's own MAC (arp_constructor). */
const neighboursNow = (system: System, { links }: KernelState): readonly Neighbour[] =>
  // Without `nud all` those of the state NOARP are left out (ip-neighbour(8)).
  (
    readNeighbours(ask(system, 'ip', ['-j', 'neigh', 'show', 'nud', 'all']).text ?? '') ?? []
  ).filter(
    ({ states, mac, link }) =>
      !states.includes('NOARP') || !links.some((one) => one.name === link && one.mac === mac),
  );

const entryOf = (
  neighbours: readonly Neighbour[],
  wanted: string,
  by: string | undefined,
): Neighbour | undefined =>
  neighbours.find(({ address, link }) => address === wanted && (by === undefined || link === by));

const isKnown = ({ states }: Neighbour): boolean =>
  !states.some((word) => word === 'FAILED' || word === 'INCOMPLETE');

const knownMac = (entry: Neighbour | undefined): string | undefined =>
  entry && isKnown(entry) ? entry.mac : undefined;

/**
 * What the kernel has learnt may be out of date: it waits some seconds before it asks again (arp(7),
 * delay_first_probe_time 5 s, ucast_solicit). So another program asks, or this waits.
 */
function answerNow(
  system: System,
  state: KernelState,
  { address, expected }: Target,
  link: string | undefined,
): string | undefined {
  const by = link ?? expected;
  const answer =
    by === undefined || address.includes(':') ? undefined : arpAnswer(system, by, address);
  if (answer) return answer.mac;
  const place = isLinkLocal(address) && by !== undefined ? `${address}%${by}` : address;
  ask(system, 'ping', ['-n', '-q', '-c', '9', '-i', '1', '-w', '9', place]);
  return knownMac(entryOf(neighboursNow(system, state), address, by));
}

/**
 * Who has an address of this host, too, ignores its requests, as they come from itself (RFC 5227); one without a
 * sender it answers.
 */
const withoutSender = (
  system: System,
  { address }: Target,
  link: string | undefined,
): string | undefined =>
  link === undefined || address.includes(':') ? undefined : arpAnswer(system, link, address)?.mac;

/** As ping(8) takes it: with the link where the address is of each link. */
const placeOf = ({ address, expected }: Target): string =>
  address.includes(':') && isLinkLocal(address) && expected !== undefined
    ? `${address}%${expected}`
    : address;

const WORDS = ['-n', '-q', '-c', '3', '-i', '0.3', '-w', '3'];

/**
 * Whether ping(8) can be run: it ends with 2 where it may not open a socket, and where there is no route, which is a
 * finding of its own.
 */
export function canPing(system: System): boolean {
  try {
    const { status, stderr } = system.run('ping', ['-n', '-q', '-c', '1', '-w', '1', '127.0.0.1'], {
      timeoutMs: 5000,
    });
    return status !== 126 && status !== 127 && !/sock\w*:.*(?:not permitted|denied)/i.test(stderr);
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

const ping = (system: System, address: string, more: readonly string[] = []): boolean =>
  ask(system, 'ping', [...WORDS, ...more, address]).text !== undefined;

/**
 * The largest packet that the kernel sends to a target: its route may have an MTU, and so may IPv6 on the
 * link, which routers advertise (RFC 4861, 4.6.4).
 */
function largestOf(
  system: System,
  { links }: KernelState,
  { address }: Target,
  { link, mtu }: { readonly link?: string; readonly mtu: number | undefined },
): number | undefined {
  const ofLink = links.find(({ name }) => name === link)?.mtu;
  if (link === undefined || ofLink === undefined) return undefined;
  const ofIpv6 = address.includes(':')
    ? Number(textAt(system, `/proc/sys/net/ipv6/conf/${link}/mtu`)?.trim() || ofLink)
    : ofLink;
  return Math.min(ofLink, mtu ?? ofLink, ofIpv6);
}

/** Headers of IP and ICMP before what `ping -s` counts. */
const HEADERS = { 4: 28, 6: 48 } as const;

/** Whether the largest packet comes through, unfragmented. */
function large(
  system: System,
  address: string,
  mtu: number,
  ofLink: number,
): Pick<Probe, 'isLargeAnswered' | 'isUsualAnswered' | 'mtu'> {
  const size = mtu - HEADERS[address.includes(':') ? 6 : 4];
  if (size < 100) return {};
  if (ping(system, address, ['-M', 'do', '-s', String(size)])) {
    return { mtu, isLargeAnswered: true, ...(ofLink < USUAL && usual(system, address)) };
  }
  // It may have lost this host meanwhile: then no packet is answered, and the size says nothing.
  return ping(system, address) ? { mtu, isLargeAnswered: false } : {};
}

/** The MTU of Ethernet (IEEE 802.3): that of a LAN, unless somebody chose another. */
const USUAL = 1500;

/** Sent in fragments, which the other puts together: its answer is as large as its link allows. */
function usual(system: System, address: string): Pick<Probe, 'isUsualAnswered'> {
  const size = USUAL - HEADERS[address.includes(':') ? 6 : 4];
  if (ping(system, address, ['-M', 'dont', '-s', String(size)])) return { isUsualAnswered: true };
  return ping(system, address) ? { isUsualAnswered: false } : {};
}

/** Everybody who answers ARP for an address of a LAN of this host: two that do are a conflict. */
function answersOf(
  system: System,
  { address }: Target,
  { link, via }: Pick<Probe, 'link' | 'via'>,
  besides: readonly string[],
): readonly string[] {
  if (link === undefined || link === 'lo' || via !== undefined || address.includes(':')) return [];
  // `-b`: the second request is a broadcast, too, not for whoever answered the first (arping(8)).
  const asked = [link, ...besides.slice(0, 1)];
  const text = asked
    .map((by) => arping(system, ['-b', '-c', '2', '-w', '2', '-I', by, address]) ?? '')
    .join('\n');
  const found = [...text.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map(([, mac = '']) => mac);
  return [...new Set(found.map((mac) => mac.toLowerCase()))];
}

/** Who answers ARP for an address, asked by a link that has none (arping(8), `-D`); undefined without arping. */
export function arpAnswer(
  system: System,
  link: string,
  address: string,
): { readonly mac?: string } | undefined {
  const text = arping(system, ['-D', '-c', '2', '-w', '2', '-I', link, address]);
  if (text === undefined) return undefined;
  const mac = /\[([0-9A-Fa-f:]{17})\]/.exec(text)?.[1]?.toLowerCase();
  return mac === undefined ? {} : { mac };
}

/** What it prints; undefined without arping, or with one that does not know these options. */
function arping(system: System, words: readonly string[]): string | undefined {
  try {
    const { stdout } = system.run('arping', words, { timeoutMs: 5000 });
    return stdout.includes('ARPING') ? stdout : undefined;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
