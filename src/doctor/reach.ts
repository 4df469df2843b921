/**
 * Where answers of this host leave, and whether it takes what comes in for it: `ip route get … from …` and `… iif …`
 * (ip-route(8)). Rules may choose by source address and by link, and what the host starts itself shows neither. Nothing
 * is sent.
 */
import { ask } from '../kernel/ask.ts';
import { readObjects, textOf } from '../kernel/json.ts';
import { MAIN } from '../kernel/routes.ts';
import type { KernelState } from '../kernel/types.ts';
import { contains, networkOf, parseCidr, parseIp } from '../model/ip.ts';
import type { Ip, Link, Model, Network, PolicyRule } from '../model/types.ts';
import type { System } from '../system.ts';
import type { Probe, Reach } from './facts.ts';
import { leadingTo } from './probes.ts';

/** More pairs than say something new. */
const MAX_PAIRS = 48;

/** Own addresses and those who talk to them, in one LAN each; empty of links that are down. */
export function readReach(
  system: System,
  model: Model,
  state: KernelState,
  probes: readonly Probe[],
): Reach[] {
  const links = [...model.parents, ...model.shims];
  const own = links.flatMap((link) => ownOf(state, link).map((ip) => ({ link: link.name, ip })));
  const peers = peersOf(model, state, probes, own).filter(
    // A part of the subnet may be elsewhere on purpose, whatever the source address: containers, a pool.
    ({ isLan, ip, link }) => !isLan || lookUp(system, [ip.text]).link === link,
  );
  const pairs = peers.flatMap((peer) =>
    own
      .filter(({ link, ip }) => ip.family === peer.ip.family && isOneLan(model, link, peer.link))
      .map((one) => ({ one, peer })),
  );
  return pairs.slice(0, MAX_PAIRS).map(({ one, peer }): Reach => {
    const [to, from] = [peer.ip.text, one.ip.text];
    // Guests hear the shim alone; the LAN may know an address by the MAC of its own link.
    const isBesideNic = model.parents.some(({ name }) => name === peer.link);
    const by = isBesideNic ? one.link : peer.link;
    return {
      ...{ own: from, ownLink: one.link, peer: to, who: peer.who, expected: peer.link, by },
      isChosenByIntent: links.some(({ rules }) => rules.some((rule) => isFor(rule, one.ip))),
      answer: lookUp(system, [to, 'from', from]),
      request: lookUp(system, [from, 'from', to, 'iif', by]),
    };
  });
}

const isFor = ({ family, source }: PolicyRule, ip: Ip): boolean =>
  family === ip.family && (source === undefined || contains(source, ip));

/** Addresses of the intent, and those of leases and advertisements that it wants. */
function ownOf(state: KernelState, link: Link): Ip[] {
  const running = state.links.find(({ name }) => name === link.name);
  if (!running?.isUp || !running.hasCarrier) return [];
  return running.addresses
    .filter((one) => !one.isLinkLocal && !one.isTentative && !one.isDuplicate && !one.isTemporary)
    .filter(
      (one) =>
        link.addresses.some(({ address }) => address === one.address) ||
        (one.isDynamic && (one.family === 'ipv4' ? link.dhcp4 !== undefined : link.acceptRa)),
    )
    .flatMap(({ address }) => parseIp(address) ?? []);
}

/** A side shim and its NIC are in one LAN. */
const isOneLan = ({ shims }: Model, one: string, other: string): boolean =>
  one === other ||
  shims.some(
    ({ name, parent }) =>
      (name === one && parent.name === other) || (name === other && parent.name === one),
  );

const LAN = 'the LAN';

interface Peer {
  readonly ip: Ip;
  readonly who: string;
  /** The link of the intent that leads there. */
  readonly link: string;
  /** Somebody of the subnet, whom nobody asked. */
  readonly isLan?: true;
}

/** Who was asked; somebody of each subnet; and of the guests that a route is for. */
function peersOf(
  model: Model,
  state: KernelState,
  probes: readonly Probe[],
  own: readonly { readonly link: string; readonly ip: Ip }[],
): Peer[] {
  const asked = probes.flatMap(({ address, role, expected }): Peer[] => {
    const ip = parseIp(address);
    if (!ip || ip.range === 'linkLocal' || expected === undefined) return [];
    return [{ ip, who: `the ${role} ${address}`, link: expected }];
  });
  const taken = new Set([...own.map(({ ip }) => ip.text), ...asked.map(({ ip }) => ip.text)]);
  const networks = [...model.parents, ...model.shims].flatMap(({ name, addresses, routes }) => [
    ...(state.links.find((link) => link.name === name)?.addresses ?? [])
      .filter(
        (one) =>
          own.some(({ ip }) => ip.text === one.address) ||
          addresses.some(({ address }) => address === one.address),
      )
      .map((one) => ({ name, who: LAN, text: `${one.address}/${one.prefix}` })),
    ...routes
      .filter(({ via, table }) => via === undefined && (table ?? MAIN) === MAIN)
      .map(({ to }) => ({ name, who: `guests of ${to}`, text: to })),
  ]);
  const others = networks.flatMap(({ name, who, text }): Peer[] => {
    const network = parseCidr(text);
    const ip =
      network &&
      someOf(network).find(
        (one) => !taken.has(one.text) && leadingTo(model, state, one.text) === name,
      );
    if (ip === undefined) return [];
    const peer = { ip, who: `${ip.text} (${who})`, link: name };
    return [who === LAN ? { ...peer, isLan: true } : peer];
  });
  return [...asked, ...others].filter(({ ip }) => !own.some((one) => one.ip.text === ip.text));
}

/** A few addresses of a network, from its middle; none of one that has hardly any, or has all. */
function someOf(network: Network): Ip[] {
  const base = networkOf(network);
  const bits = (base?.ip.bytes.length ?? 0) * 8;
  if (!base || base.prefix === 0 || bits - base.prefix < 3) return [];
  const size = 2 ** Math.min(8, bits - base.prefix);
  return [0, 1, 2, 3].flatMap((more) => {
    const bytes = [...base.ip.bytes];
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + Math.floor(size / 2) - 2 + more;
    const text =
      bytes.length === 4
        ? bytes.join('.')
        : Array.from({ length: 8 }, (_, at) =>
            (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
          ).join(':');
    return parseIp(text) ?? [];
  });
}

function lookUp(system: System, words: readonly string[]): Reach['answer'] {
  const { text, problem } = ask(system, 'ip', ['-j', 'route', 'get', ...words]);
  const [route] = readObjects(text ?? '') ?? [];
  const link = route && textOf(route, 'dev');
  const via = route && textOf(route, 'gateway');
  if (link !== undefined) return { link, ...(via !== undefined && { via }) };
  const refusal = /answers: (.*)$/.exec(problem ?? '')?.[1];
  return refusal === undefined ? {} : { refusal };
}
