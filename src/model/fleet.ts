/**
 * What must hold of the hosts of a fleet together: no address, MAC or NIC twice. Which hosts are on
 * one LAN is not in an intent: those are that have addresses of one subnet; of a host without
 * a static address it is not known.
 */
import {
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../diagnostics/diagnostic.ts';
import { type Network, prefixKey } from './ip.ts';
import { type Address, isSingle, type Model, type Parent, type Shim } from './types.ts';

/** A conflict between two hosts; it is reported for each of the two the first time. */
export interface Across {
  /** The index of the host whose place in the intent it has. */
  readonly host: number;
  readonly diagnostic: Diagnostic;
}

/** What two hosts must not both have, and where one has it. */
interface Claimed {
  readonly index: number;
  readonly host: string;
  readonly name: string;
  readonly path: Path;
  /** Whether a conflict is already reported: a list of ten thousand would not help. */
  isReported: boolean;
}

/** What one host has that no other may have. */
export interface HostClaims {
  readonly host: string;
  readonly links: readonly LinkClaims[];
  readonly macs: readonly MacClaim[];
  /** Lengths of its subnets. */
  readonly prefixes: readonly number[];
}

interface LinkClaims {
  readonly name: string;
  readonly token?: { readonly token: string; readonly path: Path };
  readonly addresses: readonly { readonly address: string; readonly path: Path }[];
}

/** Of a model, which is held no longer: the model of a host is ten times as large. */
export function claimsOf(host: string, model: Model): HostClaims {
  const links = [...model.parents, ...model.shims];
  return {
    host,
    links: links.map(({ name, addressToken, addresses, origin }): LinkClaims => {
      const path = [...origin, 'ipv6-address-token'];
      return {
        name,
        ...(addressToken !== undefined && { token: { token: addressToken, path } }),
        addresses: addresses
          // Those are of one link: two hosts may have the same.
          .filter(({ network }) => !isLinkLocal(network))
          .map((item) => ({ address: item.address, path: item.origin })),
      };
    }),
    macs: macsOf(model),
    prefixes: links.flatMap(({ addresses }) => addresses.map(({ prefix }) => prefix)),
  };
}

/** @param hosts undefined for one of which nothing could be understood */
export function checkFleet(hosts: readonly (HostClaims | undefined)[]): Across[] {
  const found: Across[] = [];
  const clash = (item: Claimed, other: Claimed, describe: Describe): void => {
    const report = (at: Claimed, of: Claimed): void => {
      const [code, message] = describe(at, of);
      found.push({ host: at.index, diagnostic: diagnostic(code, at.path, message) });
    };
    if (!other.isReported) report(other, item);
    report(item, other);
    other.isReported = true;
    item.isReported = true;
  };
  const addresses = new Map<string, Claimed>();
  const tokens = new Map<string, Claimed>();
  const macs = new Map<string, Claims>();
  const lengths = prefixLengths(hosts);
  for (const [index, own] of hosts.entries()) {
    if (!own) continue;
    const { host, links, macs: ownMacs } = own;
    for (const { name, token: tokenClaim, addresses: ownAddresses } of links) {
      if (tokenClaim) {
        const { token, path } = tokenClaim;
        const claimed: Claimed = { index, host, name, path, isReported: false };
        const other = tokens.get(token);
        if (!other) tokens.set(token, claimed);
        else if (other.index !== index) {
          clash(claimed, other, (_, of) => [
            'token-of-two-hosts',
            `\`${token}\` is also the token of \`${of.name}\` on ${of.host}.`,
          ]);
        }
      }
      for (const { address, path } of ownAddresses) {
        const claimed: Claimed = { index, host, name, path, isReported: false };
        const other = addresses.get(address);
        if (!other) addresses.set(address, claimed);
        else if (other.index !== index) {
          clash(claimed, other, (_, of) => [
            'address-of-two-hosts',
            `\`${address}\` is also an address of \`${of.name}\` on ${of.host}.`,
          ]);
        }
      }
    }
    for (const item of ownMacs) {
      const held: Held = { index, host, ...item, isReported: false };
      const claims = macs.get(held.mac) ?? { any: new Map(), exact: new Map() };
      macs.set(held.mac, claims);
      const other = claim(claims, held, lengths);
      if (other) clash(held, other, descriptionOf(held, other));
    }
  }
  return found;
}

type Describe = (at: Claimed, of: Claimed) => readonly [DiagnosticCode, string];

function descriptionOf(item: Held, other: Held): Describe {
  const { mac } = item;
  if (!item.isGuest || !other.isGuest) {
    return (_, of) => [
      'mac-of-two-hosts',
      `\`${mac}\` is also the MAC of \`${of.name}\` on ${of.host}.`,
    ];
  }
  if (item.name === other.name) {
    return (at, of) => [
      'guest-of-two-hosts',
      `Guest \`${at.name}\` is also on ${of.host}, with the same MAC.`,
    ];
  }
  return (_, of) => [
    'guest-mac-of-two-hosts',
    `\`${mac}\` is also the MAC of guest \`${of.name}\` on ${of.host}.`,
  ];
}

const isLinkLocal = ({ ip }: Network): boolean => ip.range === 'linkLocal';

interface MacClaim extends Pick<Claimed, 'name' | 'path'> {
  readonly mac: string;
  readonly isGuest: boolean;
  /** Of a guest: the subnets by which its LAN is known; none: it is not. */
  readonly subnets: readonly Network[];
}

type Held = Claimed & MacClaim;

/** Each MAC once for a host: a bond has its member's, a shim its NIC's. */
function macsOf({ parents, shims, taps, guests }: Model): MacClaim[] {
  const held = new Map<string, MacClaim>();
  const add = (
    mac: string | undefined,
    name: string,
    path: Path,
    guest?: { readonly subnets: readonly Network[] },
  ): void => {
    if (mac === undefined || held.has(mac)) return;
    const { subnets = [] } = guest ?? {};
    held.set(mac, { name, path, mac, isGuest: guest !== undefined, subnets });
  };
  for (const { name, permanentMac, origin } of parents) {
    add(permanentMac, name, [...origin, 'match', 'macaddress']);
  }
  for (const { name, macaddress, macDerived, origin } of [...parents, ...shims, ...taps]) {
    add(macaddress, name, macDerived ? origin : [...origin, 'macaddress']);
  }
  const lans = lansOf(parents, shims);
  for (const { name, macaddress, parent, origin } of guests) {
    const subnets = lans.get(parent.name) ?? [];
    add(macaddress, name, [...origin, 'macaddress'], { subnets });
  }
  return [...held.values()];
}

/** By the name of each parent, the subnets that the host has addresses of on it or on its shims. */
function lansOf(
  parents: readonly Parent[],
  shims: readonly Shim[],
): ReadonlyMap<string, Network[]> {
  const lans = new Map<string, Network[]>(
    parents.map(({ name, addresses }) => [name, subnetsOf(addresses)]),
  );
  for (const { parent, addresses } of shims) lans.get(parent.name)?.push(...subnetsOf(addresses));
  return lans;
}

/** A single address, or a link-local one, does not identify a LAN. */
const subnetsOf = (addresses: readonly Address[]): Network[] =>
  addresses
    .filter((address) => !isSingle(address) && !isLinkLocal(address.network))
    .map(({ network }) => network);

/** Every length that a subnet of the fleet has, by which two may be compared. */
function prefixLengths(hosts: readonly (HostClaims | undefined)[]): readonly number[] {
  const all = new Set(hosts.flatMap((host) => host?.prefixes ?? []));
  return [...all].sort((a, b) => a - b);
}

/** Those that have one MAC, indexed: there may be ten thousand on as many LANs. */
interface Claims {
  first?: Held;
  /** The first that is not a guest, and the first on an unknown LAN: each conflicts with all. */
  link?: Held;
  unknown?: Held;
  /** By subnets, cut to each length up to their own; and by their own length. */
  readonly any: Map<string, Held>;
  readonly exact: Map<string, Held>;
}

/** @returns the one that has it before, and may be on the same LAN */
function claim(claims: Claims, held: Held, lengths: readonly number[]): Held | undefined {
  const { isGuest, subnets } = held;
  const isKnown = isGuest && subnets.length > 0;
  const other = isKnown ? (claims.link ?? claims.unknown ?? bySubnet()) : claims.first;
  function bySubnet(): Held | undefined {
    for (const subnet of subnets) {
      const same = claims.any.get(prefixKey(subnet.ip, subnet.prefix));
      if (same) return same;
      for (const length of lengths.filter((item) => item < subnet.prefix)) {
        const around = claims.exact.get(prefixKey(subnet.ip, length));
        if (around) return around;
      }
    }
    return undefined;
  }
  claims.first ??= held;
  if (!isGuest) claims.link ??= held;
  if (isGuest && !isKnown) claims.unknown ??= held;
  for (const subnet of subnets) {
    const own = prefixKey(subnet.ip, subnet.prefix);
    if (!claims.exact.has(own)) claims.exact.set(own, held);
    for (const length of lengths.filter((item) => item <= subnet.prefix)) {
      if (!claims.any.has(prefixKey(subnet.ip, length)))
        claims.any.set(prefixKey(subnet.ip, length), held);
    }
  }
  return other;
}
