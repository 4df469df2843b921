/** The rules of a packet filter, whoever shows them: nftables' JSON and iptables-save become this. */

/** Chains of all tables, in no order that matters. */
export interface Ruleset {
  readonly chains: readonly Chain[];
}

export interface Chain {
  /** Of nftables: `ip`, `inet`, `arp`, `bridge`, `netdev`; iptables is `ip` or `ip6`. */
  readonly family: string;
  /** Chains jump to chains of their own table only. */
  readonly table: string;
  readonly name: string;
  /** `input`, `output`, `ingress` …; absent: packets come by a jump. */
  readonly hook?: string;
  /** Of `ingress` and `egress`: the links that it is for; empty: not limited. */
  readonly devices: readonly string[];
  readonly policy?: Taker;
  readonly rules: readonly Rule[];
}

/** A policy that drops. */
export interface Taker {
  /** As an administrator finds it: `nftables, table inet filter, chain input, policy drop`. */
  readonly where: string;
  /** Packets so far; absent where nobody counts. */
  readonly packets?: number;
}

export interface Rule extends Taker {
  readonly matches: readonly Match[];
  readonly verdict: Verdict;
}

export type Verdict =
  | { readonly kind: 'accept' | 'return' | 'none' }
  /** With why, where its own words do not say so. */
  | { readonly kind: 'drop'; readonly why?: string }
  /** It goes on, and connection tracking does not know it. */
  | { readonly kind: 'untrack' }
  /** It goes on, and the kernel routes it again by its mark; without a value: it is not known. */
  | { readonly kind: 'mark'; readonly mark?: number }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** Another source or destination; without an address: the link's own, or this host's. */
  | { readonly kind: 'source' | 'destination'; readonly address?: string };

/** A condition on a packet; `unknown`: one that cannot be judged here. */
export type Match =
  | 'unknown'
  | { readonly field: Field; readonly values: readonly string[]; readonly isNegated: boolean };

export type Field =
  | 'in'
  | 'out'
  /** `ipv4`, `ipv6`, `arp`. */
  | 'family'
  | 'source'
  | 'destination'
  /** `icmp`, `icmpv6`, `tcp` … */
  | 'protocol'
  /** A field of TCP, UDP and the like, which other packets do not have. */
  | 'port'
  /** Type of ICMP or ICMPv6: `echo-request`, `nd-neighbor-solicit`. */
  | 'icmp'
  /** Of connection tracking. */
  | 'state'
  /** Of ARP: `request`, `reply`. */
  | 'operation'
  | 'sourceMac'
  | 'destinationMac'
  /** Of packets that come in: `host`, `broadcast`, `multicast` (packet(7)). */
  | 'packetType'
  /** Of the packet in bytes, with the header of IP. */
  | 'length'
  /** What the destination is to the host: `local`, `broadcast`, `multicast`, `unicast`. */
  | 'destinationType'
  /** The same, as far as the link goes by which the packet comes in. */
  | 'destinationTypeThere';

/** A packet on its way; a field that is absent is not known. */
export type Packet = {
  /** Those that it passes. */
  readonly hooks: readonly string[];
  /** It is a frame of a bridge. */
  readonly isBridged?: boolean;
} & {
  readonly [field in Exclude<Field, 'port'>]?: string;
};
