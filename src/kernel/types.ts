/** What the running system says of its network: the kernel, and the daemon that owns it. */
import type { Family } from '../model/types.ts';

/** Who configures the links of a running host, and is asked for its word on each. */
export type Manager =
  | 'networkd'
  | 'networkmanager'
  | 'ifupdown'
  /** Links that commands made, for a trial. */
  | 'none';

export interface KernelState {
  readonly links: readonly KernelLink[];
  /** Of all tables but `local`, one for each next hop. */
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly KernelRule[];
  readonly neighbours: readonly Neighbour[];
  /** Path below `/proc/sys` → value: `net/ipv4/conf/eth0/arp_ignore` → `1`. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly manager: ManagerState;
  readonly resolver: Resolver;
  /** Unit of systemd → its state; empty where systemd does not run. */
  readonly units: ReadonlyMap<string, UnitState>;
  readonly taps: TapNodes;
  /** What could not be read, a sentence each. What depends on it is not judged. */
  readonly problems: readonly Problem[];
}

export type Part = 'links' | 'routes' | 'rules' | 'neighbours' | 'manager' | 'resolver' | 'taps';

export interface Problem {
  readonly part: Part;
  readonly message: string;
}

/** `ip -j -d addr` (ip-address(8)). */
export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** `macvlan`, `macvtap`, `bridge`, `vlan`, `bond`, `veth` …; empty for a NIC. */
  readonly kind: string;
  /** What it is on top of. Of a veth: its peer, where that is in the same network. */
  readonly parent?: string;
  /** The bridge, bond or team that it is a port of. */
  readonly master?: string;
  /** In lower case. */
  readonly mac?: string;
  /** Where it differs from `mac`. */
  readonly permanentMac?: string;
  readonly mtu: number;
  /** IFF_UP: somebody brought it up. */
  readonly isUp: boolean;
  /** IFF_LOWER_UP: there is a signal on the wire, or what is below has one. */
  readonly hasCarrier: boolean;
  /** IFF_NOARP: it asks nobody, and answers nobody. */
  readonly hasArp: boolean;
  /** IFF_ALLMULTI: it receives all multicast frames, whoever asked for it. */
  readonly hasAllMulticast: boolean;
  /** IFF_PROMISC: it receives all frames. */
  readonly isPromiscuous?: true;
  /** Its carrier was taken away by a program (`ip link set … protodown on`). */
  readonly isHeldDown?: true;
  /** A program of BPF sees its frames before all else (`ip link set … xdp`). */
  readonly hasXdp?: true;
  /** IF_OPER_DORMANT: it has a carrier, and waits for a program to let it be used: 802.1X (RFC 2863). */
  readonly isDormant?: true;
  /** Of a bridge's port: `forwarding`, `disabled`, `blocking` … */
  readonly portState?: string;
  /** Of a bridge's port: frames for a MAC that the bridge has not learnt do not leave by it (ip-link(8), flood). */
  readonly hasNoFlood?: true;
  /** Of a macvlan, ipvlan or macvtap. */
  readonly mode?: string;
  /** Of a macvlan: what it asked for; absent where `ip` does not show it. */
  readonly broadcastQueueLength?: number;
  /** Of a macvlan: that of its parent; absent where it is the default, or `ip` does not show it. */
  readonly broadcastQueueThreshold?: number;
  /** Of a macvlan in mode `source`. */
  readonly sourceMacs: readonly string[];
  /** Of a VLAN. */
  readonly vlanId?: number;
  readonly addresses: readonly KernelAddress[];
}

export interface KernelAddress {
  readonly family: Family;
  /** Canonical (RFC 5952). */
  readonly address: string;
  readonly prefix: number;
  /** Of IPv6: the last 64 bits, as an address: `::50`. */
  readonly interfaceId?: string;
  /** Of limited lifetime: from a lease or an advertisement. */
  readonly isDynamic: boolean;
  /** Made of an advertised prefix, by the kernel or as if by it (ip-address(8), mngtmpaddr and proto). */
  readonly isAdvertised?: true;
  /** The kernel adds no route to its subnet: its program does. */
  readonly hasNoPrefixRoute?: true;
  /** Made of an advertised prefix for some hours or days (RFC 8981). */
  readonly isTemporary: boolean;
  /** Duplicate detection is under way. */
  readonly isTentative: boolean;
  /** Duplicate detection found another owner. */
  readonly isDuplicate: boolean;
  /** `fe80::/10`, `169.254.0.0/16`. */
  readonly isLinkLocal: boolean;
}

/** `ip -N -j -d route show table all` (ip-route(8)): numbers, whatever `/etc/iproute2` calls them. */
export interface KernelRoute {
  readonly family: Family;
  /** `unicast`, `blackhole`, `unreachable`, `prohibit`, `throw`, or another type's number. */
  readonly type: string;
  /** Canonical, with prefix length; the default route is `0.0.0.0/0` or `::/0`. */
  readonly to: string;
  readonly via?: string;
  readonly link?: string;
  /** 0 where the kernel shows none. */
  readonly metric: number;
  /** 254 is `main`. */
  readonly table: number;
  /** Of a router's advertisement (RFC 4191); absent where it is `medium`. */
  readonly preference?: 'low' | 'high';
  /** rtnetlink(7): 2 the kernel, 3 by hand, 4 static, 9 advertisements, 16 DHCP. */
  readonly protocol: number;
  /** The source address of packets that leave by it. */
  readonly from?: string;
}

/** `ip -N -j -d rule` (ip-rule(8)). */
export interface KernelRule {
  readonly family: Family;
  readonly priority: number;
  /** Canonical networks with prefix length. */
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly table?: number;
  readonly typeOfService: number;
  readonly mark: number;
  /** The kernel's own have 2. */
  readonly protocol: number;
  /** What else it selects by: `fwmask`, `uidrange` … */
  readonly others: readonly string[];
}

export interface Neighbour {
  readonly address: string;
  readonly link: string;
  readonly mac?: string;
  /** `REACHABLE`, `STALE`, `FAILED`, `INCOMPLETE`, `PERMANENT` … */
  readonly states: readonly string[];
}

/** The daemon's own words. */
export interface ManagerState {
  readonly id: Manager;
  /** Empty where it could not be asked. */
  readonly links: ReadonlyMap<string, ManagedLink>;
}

export interface ManagedLink {
  /** In its words: `configured`, `connected`, `failed` … */
  readonly state: string;
  readonly verdict: 'ready' | 'working' | 'failed' | 'unmanaged';
  readonly nameservers: readonly string[];
  /** The file or profile that it took. */
  readonly file?: string;
}

/** Whom programs ask for names. */
export interface Resolver {
  /** Of `/etc/resolv.conf`; with systemd-resolved its own address, 127.0.0.53. */
  readonly servers: readonly string[];
  /** Of systemd-resolved, by link, and of no link under the empty name; absent where it does not run. */
  readonly resolved?: ReadonlyMap<string, readonly string[]>;
}

/** `systemctl show` (org.freedesktop.systemd1(5)). */
export interface UnitState {
  /** `loaded`, `not-found`, `masked` … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating` … */
  readonly active: string;
  /** `success`, `exit-code`, `timeout` … */
  readonly result: string;
}

/** The devices by which programs open macvtaps. */
export interface TapNodes {
  /** By the name of the macvtap. */
  readonly nodes: ReadonlyMap<string, TapNode>;
  /** Whether udev runs, which sets their owner and permissions. */
  readonly hasUdev: boolean;
}

/** `/dev/tapN`, N being the index of the macvtap in its own network namespace. */
export interface TapNode {
  readonly path: string;
  /** `MAJOR:MINOR` of the macvtap; absent where sysfs does not show it: it is that of another network namespace. */
  readonly device?: string;
  /**
   * What is there; absent where nothing is. The kernel's devtmpfs has one folder for all network
   * namespaces: it may be the device of a macvtap of another one that has the same index.
   */
  readonly found?: NodeFound;
}

export interface NodeFound {
  /** `MAJOR:MINOR`; absent of a file that is not a character device. */
  readonly device?: string;
  /** Four octal digits. */
  readonly permissions: string;
  readonly owner: Account;
  readonly group: Account;
}

/** Of a user or a group. */
export interface Account {
  /** In decimal. */
  readonly id: string;
  /** Absent where the number has none. */
  readonly name?: string;
}

/** What running container engines print of their networks. */
export interface ContainerAnswers {
  readonly engines: readonly EngineAnswer[];
}

export interface EngineAnswer {
  /** `Docker`, `Incus` or `LXD`. */
  readonly engine: string;
  /** The client that was called. */
  readonly command: string;
  /** JSON, as it was printed. */
  readonly instances: string;
  readonly networks: string;
  /** Why there is no answer. */
  readonly problem?: string;
}
