/** What is known of a host whose guests, LAN and itself do not reach each other. */
import type { Severity } from '../diagnostics/diagnostic.ts';
import type { KernelState } from '../kernel/types.ts';
import type { Model } from '../model/types.ts';
import type { Drift } from '../status/finding.ts';
import type { Ruleset } from './rules/ruleset.ts';

export interface Facts {
  readonly model: Model;
  readonly state: KernelState;
  /** What differs from the intent (`status`). */
  readonly drift: readonly Drift[];
  /** Devices of guests on this host. */
  readonly guests: readonly GuestDevice[];
  /** The guest that was asked for. */
  readonly asked?: Asked;
  readonly probes: readonly Probe[];
  /** What drops packets, with what it counted. */
  readonly filters: readonly Filter[];
  readonly ruleset: Ruleset;
  /** Addresses of the host that it does not take for its own → the link that it would send packets for them to. */
  readonly notDelivered: ReadonlyMap<string, string>;
  /** Where its answers leave, and what it takes, by source address and link. */
  readonly reach: readonly Reach[];
  /** Entries of bridges that somebody set. */
  readonly entries: readonly BridgeEntry[];
  readonly ipsec: Ipsec;
  /** Path below `/proc/sys` → value, of parameters that `status` does not look at. */
  readonly settings: ReadonlyMap<string, string>;
  /** Queues of traffic control that dropped packets while it was probed. */
  readonly queues: readonly QueueDrops[];
  /** Link → packets that came in while it was probed; a link that is not in it was not counted. */
  readonly received: ReadonlyMap<string, number>;
  /** Device of a guest → multicast MACs that it takes. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Absent where the kernel does not show it. */
  readonly neighbourTable?: { readonly entries: number; readonly limit: number };
  /** Packets that the return path filter dropped while it was probed (netstat, IPReversePathFilter). */
  readonly reversePathDrops: number;
  /** Own address → the MAC of another host that answers for it. */
  readonly conflicts: ReadonlyMap<string, string>;
  /** Links on another NIC that have the MAC of a shim, and hear it: both NICs are in one LAN. */
  readonly twins: readonly Twin[];
  /** Links that are Wi-Fi. */
  readonly wireless: readonly string[];
  /** Programs that were not there, so that less is known. */
  readonly missing: readonly string[];
}

/** A macvtap or macvlan that is not in the intent, and what libvirt says of it. */
export interface GuestDevice {
  /** The link on this host; absent where the guest has none that is up. */
  readonly name?: string;
  readonly parent?: string;
  readonly mode?: string;
  readonly mac?: string;
  readonly isUp: boolean;
  /** A macvlan: a container's, or one of the host itself for a virtual router. */
  readonly isMacvlan?: boolean;
  /** It takes multicast of all groups, or of those that the guest joins (libvirt's `trustGuestRxFilters`). */
  readonly takesMulticast?: boolean;
  /** libvirt's name of the guest. */
  readonly guest?: string;
  /** libvirt's type of the interface: `direct`, `bridge`, `network` … */
  readonly type?: string;
}

export interface Asked {
  /** As it was named: `vm2`, `198.51.100.198`. */
  readonly word: string;
  readonly address?: string;
  /** Whether libvirt has a guest of this name. */
  readonly isKnown: boolean;
}

/** What became of packets to one address. */
export interface Probe {
  readonly role: 'gateway' | 'guest';
  readonly address: string;
  /** The link of the intent that leads to it. */
  readonly expected?: string;
  /** The link that the kernel sends it to; absent where it refuses to. */
  readonly link?: string;
  /** The gateway that the kernel sends it to. */
  readonly via?: string;
  /** The source address that the kernel chooses. */
  readonly source?: string;
  /** Why the kernel refuses. */
  readonly refusal?: string;
  readonly isAnswered: boolean;
  /** Whether a packet as large as the link allows is; absent where that was not tried. */
  readonly isLargeAnswered?: boolean;
  readonly mtu?: number;
  /**
   * Whether a packet of 1500 bytes is, sent in fragments, where the link has less: the answer comes as large as the
   * other's link allows. Absent where that was not tried.
   */
  readonly isUsualAnswered?: boolean;
  /** Its MAC, learnt or static. */
  readonly mac?: string;
  readonly isStatic: boolean;
  /** The link, or the refusal, of packets that have the address of `expected`: those of answers and of connections. */
  readonly fromOwn?: string;
  /** Of packets with a mark that rules choose by: the link, or the refusal. */
  readonly marked?: readonly { readonly mark: number; readonly leaves: string }[];
  /** The MAC that answered a request without a sender, where the kernel's own are not answered. */
  readonly macWithoutSender?: string;
  /** All MACs that answered ARP for it: one, where all is well. */
  readonly macs: readonly string[];
  /** Whether a probe under the NIC's own MAC is answered; absent where that was not tried. */
  readonly answersNic?: boolean;
  /** The MAC that answered it. */
  readonly macByNic?: string;
}

/** An address of this host and somebody in its LAN, as the kernel would route what they send each other. */
export interface Reach {
  readonly own: string;
  readonly ownLink: string;
  readonly peer: string;
  /** As it is shown: `the gateway 198.51.100.254`. */
  readonly who: string;
  /** The link of the intent that leads to the peer. */
  readonly expected: string;
  /** The link by which its packets come in. */
  readonly by: string;
  /** A rule of the intent chooses by this address, or for all. */
  readonly isChosenByIntent: boolean;
  /** Of packets from the own address to the peer. */
  readonly answer: Lookup;
  /** Of packets from the peer to the own address, coming in by `by`. */
  readonly request: Lookup;
}

/** What `ip route get` says; empty where it says nothing. */
export interface Lookup {
  readonly link?: string;
  readonly via?: string;
  readonly refusal?: string;
}

/** Two links of this host with one MAC in one LAN: the switch sends frames for it to whichever sent last. */
export interface Twin {
  readonly shim: string;
  readonly other: string;
}

/** A rule or policy that drops packets. */
export interface Filter {
  /** As an administrator finds it: `nftables, table inet filter, chain input, handle 4`. */
  readonly where: string;
  /** `input`, `output`, `forward`, `ingress` …; absent where packets come by a jump. */
  readonly hook?: string;
  /** Packets so far; absent where nobody counts. */
  readonly packets?: number;
  /** Packets while it was probed. */
  readonly dropped: number;
}

export interface QueueDrops {
  readonly link: string;
  /** `tbf`, `ingress`, `clsact` …: tc(8). */
  readonly kind: string;
  readonly dropped: number;
}

/** A MAC that a bridge sends to one port, whatever it learns (bridge(8), fdb). */
export interface BridgeEntry {
  readonly bridge: string;
  readonly port: string;
  readonly mac: string;
}

/** Policies of IPsec (ip-xfrm(8)), and what the kernel counted while it was probed. */
export interface Ipsec {
  readonly policies: readonly IpsecPolicy[];
  /** Counter of `/proc/net/xfrm_stat` → packets that it lost; absent where the kernel has none. */
  readonly lost?: ReadonlyMap<string, number>;
}

export interface IpsecPolicy {
  readonly direction: 'in' | 'out';
  /** Networks with prefix length. */
  readonly source: string;
  readonly destination: string;
  /** Packets are dropped; otherwise they are encrypted, or let pass. */
  readonly isBlocking: boolean;
  /** Only packets of an association pass. */
  readonly isEncrypting: boolean;
  /** The lower one counts. */
  readonly priority: number;
}

/** Why they do not reach each other. */
export interface Cause {
  readonly code: Drift['code'];
  readonly severity: Severity;
  /** `certain`: seen. `likely`: nothing else explains it. `possible`: one of several. */
  readonly certainty: 'certain' | 'likely' | 'possible';
  readonly message: string;
  readonly hint: string;
  /** Where several look alike from here: what it may be, and how to find out, a sentence each. */
  readonly alternatives?: readonly string[];
  readonly link?: string;
}
