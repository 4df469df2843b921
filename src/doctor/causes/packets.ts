/** The packets of a probe, as the host's packet filters see them. */
import { parseIp } from '../../model/ip.ts';
import type { Family } from '../../model/types.ts';
import type { Facts, GuestDevice, Probe } from '../facts.ts';
import type { Packet } from '../rules/ruleset.ts';

/** A packet, and whether the probe's is one like it for certain. */
export interface Leg {
  readonly packet: Packet;
  readonly isSure: boolean;
}

/**
 * Requests and answers: echo requests where its MAC is known, ARP or neighbour discovery before. An answer may come
 * in by the NIC itself, where the LAN knows the host by that MAC. Output and postrouting see the echo request before
 * the kernel asks for the MAC: who is dropped there is never asked for.
 */
export function legsOf({ model, state, guests }: Facts, probe: Probe): readonly Leg[] {
  const { link, address, mac } = probe;
  if (link === undefined) return [];
  const shim = model.shims.find(({ name }) => name === link);
  const below = shim?.parent;
  const parents = below ? [below.name, ...below.members] : [];
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const own = state.links.find(({ name }) => name === link);
  const addresses = (own?.addresses ?? []).filter((one) => one.family === family);
  const source = addresses.length === 1 ? addresses[0]?.address : undefined;
  const { fields, request, answer } = mac === undefined ? ASKED[family] : ECHO[family];
  const isArp = fields.family === 'arp';
  const length = isArp || mac === undefined ? {} : { length: String(lengthOf(probe)) };
  const out: Packet = {
    ...fields,
    ...request,
    ...length,
    hooks: isArp ? ['output'] : ['output', 'postrouting'],
    out: link,
    ...(source !== undefined && { source }),
    ...((mac !== undefined || isArp) && { destination: address }),
    ...(mac !== undefined && { destinationMac: mac }),
    ...(own?.mac !== undefined && { sourceMac: own.mac }),
  };
  const back: Packet = {
    ...fields,
    ...answer,
    ...length,
    hooks: isArp ? ['input'] : ['prerouting', 'input'],
    in: link,
    packetType: 'host',
    source: parseIp(address)?.text ?? address,
    ...(source !== undefined && { destination: source }),
    ...(mac !== undefined && { sourceMac: mac }),
  };
  const { state: _, ...untracked } = back;
  const links = [link, ...parents].join(' ');
  const first: Packet = {
    ...ECHO[family].fields,
    ...ECHO[family].request,
    length: String(lengthOf(probe)),
    hooks: ['output', 'postrouting'],
    out: link,
    ...(source !== undefined && { source }),
    destination: parseIp(address)?.text ?? address,
  };
  const legs: Leg[] = [
    ...(mac === undefined ? [{ packet: first, isSure: true }] : []),
    { packet: out, isSure: true },
    { packet: back, isSure: true },
    { packet: { ...out, hooks: ['egress'], out: links }, isSure: true },
    { packet: { ...untracked, hooks: ['ingress'], in: links }, isSure: true },
    ...parents.map((name): Leg => ({ packet: { ...back, in: name }, isSure: false })),
  ];
  if (probe.role === 'guest') legs.push(...atDevices(guests, below?.name, out, untracked));
  return below?.kind === 'bridge' ? [...legs, ...bridged(out, untracked, below.members)] : legs;
}

/** Of the pings that were lost: small ones have 56 bytes (ping(8)) after the headers of IP and ICMP. */
const lengthOf = ({ isAnswered, isLargeAnswered, mtu, address }: Probe): number =>
  isAnswered && isLargeAnswered === false && mtu !== undefined
    ? mtu
    : address.includes(':')
      ? 104
      : 84;

/** A link of this host with an address, and somebody in its LAN; without an address: anybody. */
export interface Pair {
  readonly link: string;
  readonly address: string;
  readonly mac?: string;
  readonly peer?: string;
  readonly peerMac?: string;
  /** What the link is on top of: its frames pass there, too. */
  readonly below?: readonly string[];
  /** The ports of the bridge that it is on top of, if it is on one. */
  readonly ports?: readonly string[];
}

/** What asks for the MAC of a link of this host, and its answer: as filters of the host see them. */
export function askedOfHost(family: Family, pair: Pair): readonly Packet[] {
  const { fields, request, answer } = ASKED[family];
  const { link, address, mac, peer, peerMac } = pair;
  const isArp = fields.family === 'arp';
  const asked = {
    ...{ ...fields, ...request, ...toAll(family, address), in: link },
    ...(isArp && { destination: address }),
    // A solicitation may come from any address of whoever asks.
    ...(isArp && peer !== undefined && { source: peer }),
    ...(peerMac !== undefined && { sourceMac: peerMac }),
  };
  const own = {
    ...{ ...fields, ...answer, source: address, out: link },
    ...(mac !== undefined && { sourceMac: mac }),
    ...(peer !== undefined && { destination: peer }),
    ...(peerMac !== undefined && { destinationMac: peerMac }),
  };
  return [...arriving(asked, pair, isArp), ...leaving(own, pair, isArp)];
}

/** What this host asks for the MAC of others, and their answers. It need not ask while it knows them. */
export function askedByHost(family: Family, pair: Pair): readonly Packet[] {
  const { fields, request, answer } = ASKED[family];
  const { link, address, mac, peer, peerMac } = pair;
  const isArp = fields.family === 'arp';
  const asks = {
    ...{ ...fields, ...request, out: link },
    // Of IPv6 it asks by any of its addresses.
    ...(isArp && { source: address }),
    ...(mac !== undefined && { sourceMac: mac }),
    ...(peer !== undefined && toAll(family, peer)),
    ...(isArp && peer !== undefined && { destination: peer }),
  };
  const answers = {
    ...{ ...fields, ...answer, packetType: 'host', in: link },
    ...(isArp && { destination: address }),
    ...(isArp && peer !== undefined && { source: peer }),
    ...(peerMac !== undefined && { sourceMac: peerMac }),
  };
  return [...leaving(asks, pair, isArp), ...arriving(answers, pair, isArp)];
}

type Sent = Omit<Packet, 'hooks'>;

/** At the link, at what is below it, and in the bridge below it. */
function arriving(packet: Sent, { link, below = [], ports = [] }: Pair, isArp: boolean): Packet[] {
  return [
    { ...packet, hooks: isArp ? ['input'] : ['prerouting', 'input'] },
    { ...packet, hooks: ['ingress'], in: [link, ...below].join(' ') },
    ...(ports.length > 0
      ? [{ ...packet, hooks: ['prerouting', 'input'], in: ports.join(' '), isBridged: true }]
      : []),
  ];
}

function leaving(packet: Sent, { link, below = [], ports = [] }: Pair, isArp: boolean): Packet[] {
  return [
    { ...packet, hooks: isArp ? ['output'] : ['output', 'postrouting'] },
    { ...packet, hooks: ['egress'], out: [link, ...below].join(' ') },
    ...(ports.length > 0
      ? [{ ...packet, hooks: ['output', 'postrouting'], out: ports.join(' '), isBridged: true }]
      : []),
  ];
}

/** Whom a request for a MAC is sent to: all (RFC 826), or the group of the address (RFC 4291, RFC 2464). */
function toAll(
  family: Family,
  address: string,
): Pick<Packet, 'packetType' | 'destination' | 'destinationMac'> {
  const group = solicitedGroup(address);
  if (family === 'ipv4' || group === undefined) {
    return { packetType: 'broadcast', destinationMac: 'ff:ff:ff:ff:ff:ff' };
  }
  return { packetType: 'multicast', destination: group.address, destinationMac: group.mac };
}

/** The group that is asked for an IPv6 address's MAC: ff02::1:ffXX:XXXX (RFC 4291), 33:33:ff:XX:XX:XX (RFC 2464). */
export function solicitedGroup(
  address: string,
): { readonly address: string; readonly mac: string } | undefined {
  const bytes = parseIp(address)?.bytes;
  if (bytes?.length !== 16) return undefined;
  const [a = '', b = '', c = ''] = bytes
    .slice(-3)
    .map((byte) => byte.toString(16).padStart(2, '0'));
  const text = `ff02::1:ff${a}:${b}${c}`;
  return { address: parseIp(text)?.text ?? text, mac: ['33', '33', 'ff', a, b, c].join(':') };
}

/** What a router says of itself and of the LAN (RFC 4861, 4.2), to all nodes. */
export function advertisementTo(link: string): readonly Packet[] {
  const packet = {
    ...ASKED.ipv6.fields,
    ...{ icmp: 'nd-router-advert', state: 'untracked', packetType: 'multicast' },
    ...{ destination: 'ff02::1', destinationMac: '33:33:00:00:00:01', in: link },
  };
  return [
    { ...packet, hooks: ['prerouting', 'input'] },
    { ...packet, hooks: ['ingress'] },
  ];
}

/** A ping that the other one starts, as filters of this host see it. */
export function pingOfHost({ address, link = '' }: Probe): Packet {
  const { fields, request } = ECHO[address.includes(':') ? 'ipv6' : 'ipv4'];
  const source = parseIp(address)?.text ?? address;
  return { ...fields, ...request, hooks: ['prerouting', 'input'], in: link, source };
}

/**
 * What somebody in the LAN or a guest sends to an address of this host, coming in by one link: what they start, and
 * their answers.
 * @param isOn whether that link has the address itself
 */
export function sentToHost(
  family: Family,
  { link, address, peer, peerMac }: Pair,
  isOn: boolean,
): { readonly started: Packet; readonly answering: Packet } {
  const { fields, request, answer } = ECHO[family];
  const packet = {
    ...{ ...fields, hooks: ['prerouting', 'input', 'ingress'], in: link },
    ...{ packetType: 'host', destination: address },
    ...{ destinationType: 'local', destinationTypeThere: isOn ? 'local' : 'unicast' },
    length: family === 'ipv6' ? '104' : '84',
    ...(peer !== undefined && { source: peer }),
    ...(peerMac !== undefined && { sourceMac: peerMac }),
  };
  return { started: { ...packet, ...request }, answering: { ...packet, ...answer } };
}

/** What goes to a guest comes in at its device, and what it sends leaves there: as netdev chains see it. */
function atDevices(
  guests: readonly GuestDevice[],
  parent: string | undefined,
  out: Packet,
  back: Packet,
): Leg[] {
  const on = guests.flatMap((one) =>
    one.parent === parent && one.name !== undefined ? one.name : [],
  );
  const { out: _, ...arriving } = out;
  const { in: __, ...leaving } = back;
  return on.flatMap((name): Leg[] => [
    { packet: { ...arriving, hooks: ['ingress'], in: name }, isSure: on.length === 1 },
    { packet: { ...leaving, hooks: ['egress'], out: name }, isSure: on.length === 1 },
  ]);
}

/** Frames of a bridge pass filters of its own, and those for IP where br_netfilter is on. */
function bridged(out: Packet, back: Packet, members: readonly string[]): Leg[] {
  const ports = members.join(' ');
  const { out: _, ...leaving } = out;
  const hooks = ['prerouting', 'input', 'output', 'postrouting', 'forward'];
  return [
    {
      packet: { ...leaving, hooks: hooks.slice(2), isBridged: true },
      isSure: true,
    },
    {
      packet: { ...back, hooks: hooks.slice(0, 2), in: ports, isBridged: true },
      isSure: true,
    },
    { packet: { ...back, hooks: ['forward'], in: ports }, isSure: false },
  ];
}

interface Exchange {
  readonly fields: Pick<Packet, 'family' | 'protocol'>;
  /** Fields of the request and of the answer. */
  readonly request: Pick<Packet, 'icmp' | 'state' | 'operation'>;
  readonly answer: Pick<Packet, 'icmp' | 'state' | 'operation'>;
}

const ECHO: Readonly<Record<Family, Exchange>> = {
  ipv4: echo({ family: 'ipv4', protocol: 'icmp' }),
  ipv6: echo({ family: 'ipv6', protocol: 'icmpv6' }),
};

function echo(fields: Exchange['fields']): Exchange {
  return {
    fields,
    request: { icmp: 'echo-request', state: 'new' },
    answer: { icmp: 'echo-reply', state: 'established' },
  };
}

const ASKED: Readonly<Record<Family, Exchange>> = {
  ipv4: {
    fields: { family: 'arp' },
    request: { operation: 'request' },
    answer: { operation: 'reply' },
  },
  // Connection tracking does not track neighbour discovery (nf_conntrack_proto_icmpv6).
  ipv6: {
    fields: { family: 'ipv6', protocol: 'icmpv6' },
    request: { icmp: 'nd-neighbor-solicit', state: 'untracked' },
    answer: { icmp: 'nd-neighbor-advert', state: 'untracked' },
  },
};
