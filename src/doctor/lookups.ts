/** Asks the kernel where it would send packets: `ip route get` (ip-route(8)). Nothing is sent. */
import { ask } from '../kernel/ask.ts';
import { numberOf, objectsIn, readObjects, textOf } from '../kernel/json.ts';
import type { KernelState } from '../kernel/types.ts';
import { contains, parseCidr, parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';
import type { System } from '../system.ts';
import type { Probe } from './facts.ts';

/** Whom to ask. */
export interface Target {
  readonly role: Probe['role'];
  readonly address: string;
  readonly expected?: string;
}

/** The link that the kernel sends packets to, or why it does not (ip-route(8), get). */
export function routeTo(system: System, state: KernelState, target: Target): Route {
  const { address, expected } = target;
  // Each link has an fe80::/64 of its own.
  const by = isLinkLocal(address) && expected !== undefined ? ['oif', expected] : [];
  return lookUp(system, [address, ...by, ...asPing(state, address)]);
}

/** Rules may choose by the protocol (ip-rule(8), ipproto): then the route of pings is asked for. */
function asPing({ rules }: KernelState, address: string): readonly string[] {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const isChosen = rules.some((rule) => rule.family === family && rule.others.includes('ipproto'));
  return isChosen ? ['ipproto', family === 'ipv6' ? 'ipv6-icmp' : 'icmp'] : [];
}

/** With the MTU of the route, where it has one: a number of the route, or what the kernel has learnt of the path. */
type Route = Pick<Probe, 'link' | 'via' | 'source' | 'refusal' | 'mtu'>;

function lookUp(system: System, words: readonly string[]): Route {
  const { text, problem } = ask(system, 'ip', ['-j', 'route', 'get', ...words]);
  const [route] = readObjects(text ?? '') ?? [];
  const link =
    route && (textOf(route, 'dev') ?? textOf(objectsIn(route['nexthops'])[0] ?? {}, 'dev'));
  const via = route && textOf(route, 'gateway');
  const source = route && parseIp(textOf(route, 'prefsrc') ?? '')?.text;
  if (link !== undefined) {
    const mtu = numberOf(objectsIn(route?.['metrics'])[0] ?? {}, 'mtu');
    return {
      link,
      ...(via !== undefined && { via }),
      ...(source !== undefined && { source }),
      ...(mtu !== undefined && { mtu }),
    };
  }
  return { refusal: /answers: (.*)$/.exec(problem ?? '')?.[1] ?? problem ?? 'no route' };
}

/** The same for packets with the marks that rules choose by: a packet filter may set one (ip-rule(8), fwmark). */
export function marked(
  system: System,
  { rules }: KernelState,
  { address }: Target,
): NonNullable<Probe['marked']> {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const marks = rules.filter((rule) => rule.family === family && rule.mark !== 0);
  return [...new Set(marks.map(({ mark }) => mark))].slice(0, MAX_MARKS).map((mark) => {
    const { link, refusal } = lookUp(system, [address, 'mark', String(mark)]);
    return { mark, leaves: link ?? refusal ?? '' };
  });
}

const MAX_MARKS = 8;

/** More addresses than a host is asked about. */
const MAX_ADDRESSES = 32;

/** Own addresses that the kernel does not take for its own: the link that it would send packets for them to. */
export function notDelivered(
  system: System,
  { shims, parents }: Model,
  state: KernelState,
): Map<string, string> {
  const found = new Map<string, string>();
  const names = new Set([...shims, ...parents].map(({ name }) => name));
  const links = state.links.filter(({ name, isUp }) => isUp && names.has(name));
  const own = links.flatMap(({ addresses }) =>
    addresses.filter((one) => !one.isLinkLocal && !one.isTentative && !one.isDuplicate),
  );
  for (const { address } of own.slice(0, MAX_ADDRESSES)) {
    const { link } = lookUp(system, [address]);
    if (link !== undefined && link !== 'lo') found.set(address, link);
  }
  return found;
}

/** The same for packets that have an address of the expected link already: rules may choose by it (ip-rule(8), from). */
export function routeFromOwn(
  system: System,
  state: KernelState,
  { address, expected }: Target,
): string | undefined {
  const ip = parseIp(address);
  const all = state.links.find(({ name }) => name === expected)?.addresses ?? [];
  const own = all.filter((one) => one.family === ip?.family && !one.isLinkLocal);
  const near = own.find((one) => {
    const network = parseCidr(`${one.address}/${one.prefix}`);
    return network && ip && contains(network, ip);
  });
  const source = (near ?? own[0])?.address;
  if (source === undefined || isLinkLocal(address)) return undefined;
  const route = ['-j', 'route', 'get', address, 'from', source, ...asPing(state, address)];
  const { text, problem } = ask(system, 'ip', route);
  const [found] = readObjects(text ?? '') ?? [];
  return (found && textOf(found, 'dev')) ?? /answers: (.*)$/.exec(problem ?? '')?.[1];
}

export const isLinkLocal = (address: string): boolean => parseIp(address)?.range === 'linkLocal';
