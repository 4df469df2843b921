/** The language, version 1: an intent as a value. The JSON Schema has the same keys and descriptions. */

import type { BackendId, TargetName } from './names.js';

type BackendName = BackendId | 'netplan';

/** The network of one virtualisation host: the language, version 1. `help intent` describes it. */
interface Intent {
  /** The version of the language. */
  readonly version: 1;
  /**
   * The host's name. It seeds derived MACs, so that no two hosts share one; required wherever a MAC is derived.
   */
  readonly host?: string;
  /** The renderer of netplan; default: `networkd`. */
  readonly renderer?: 'networkd' | 'NetworkManager';
  /**
   * The back end that is rendered where the command line names none, as `--backend` takes it; or a
   * list of them.
   */
  readonly backend?: BackendName | readonly BackendName[];
  /**
   * What must accept the output where the command line names no target: a distribution, or versions,
   * as `--target` takes them.
   */
  readonly target?: TargetName;
  /** NICs, VLANs, bonds and bridges, by id. */
  readonly parents?: { readonly [id: string]: Parent };
  /** Shims, by name. */
  readonly shims?: { readonly [name: string]: Shim };
  /** Taps, by name. */
  readonly taps?: { readonly [name: string]: Tap };
  /** Guests' interfaces, by name. */
  readonly guests?: { readonly [name: string]: Guest };
}

/** Many hosts, or a part of them: settings of all in `defaults`, those of one below `hosts`. */
interface FleetIntent {
  readonly version: 1;
  /** Mappings are merged with the host's own, lists replaced; `null` removes. */
  readonly defaults?: HostPart;
  /** By name. */
  readonly hosts?: { readonly [name: string]: HostPart };
}

type HostPart = Part<Omit<Intent, 'version' | 'host'>>;

/** A part of `T`; a list is whole. */
type Part<T> = T extends readonly unknown[] | string | number | boolean
  ? T
  : { readonly [Key in keyof T]?: Part<Exclude<T[Key], undefined>> | null };

/** A link under shims; needed only for a setting. */
interface Parent extends Addressing {
  /** The type of the link; default: `ethernet` (a NIC), with `link` `vlan`. */
  readonly type?: 'ethernet' | 'vlan' | 'bond' | 'bridge';
  /**
   * Whether the link is configured from this intent; default: true. With `false` it keeps what
   * another file or program configures, addresses included; beside it only `type` and
   * `network-file` are allowed.
   */
  readonly managed?: boolean;
  /**
   * With `managed: false`, under systemd-networkd: the name of the file that configures the link,
   * as in `20-eth0.network`; a drop-in adds `MACVLAN=` to it. Default with netplan:
   * `10-netplan-<id>.network`.
   */
  readonly 'network-file'?: string;
  /** Matches the NIC by its permanent MAC, where its name may change. Needs `set-name`. */
  readonly match?: {
    /** The permanent MAC of the NIC, which does not change when another MAC is set. */
    readonly macaddress: string;
  };
  /** The name that udev gives the matched NIC. */
  readonly 'set-name'?: string;
  /** The id of a VLAN. */
  readonly id?: number;
  /** The link that a VLAN is on: an id of `parents`, or a name. */
  readonly link?: string;
  /** The members of a bond or bridge: ids of `parents`, or names. */
  readonly interfaces?: readonly string[];
  /** Settings of a bond or a bridge, in words of netplan. */
  readonly parameters?: LinkParameters;
  /**
   * The MAC to set. Default: a NIC keeps its permanent one, a VLAN has that of its `link`, and for
   * a bond or bridge it is derived from `host` and its name.
   */
  readonly macaddress?: string;
  /** The MTU, in bytes; default: 1500 (on a VLAN: that of its `link`). */
  readonly mtu?: number;
  /** Wake the host by a magic packet to this NIC. */
  readonly wakeonlan?: boolean;
  /**
   * Boot does not wait for this link. Default: true if every link on top of it is optional, or if it
   * is for guests alone.
   */
  readonly optional?: boolean;
  /** Keep static addresses without a carrier. */
  readonly 'ignore-carrier'?: boolean;
}

/** Settings of a bond (`mode` to `fail-over-mac-policy`) or a bridge. */
interface LinkParameters {
  /** A bond's mode; required for a bond. */
  readonly mode?:
    | 'balance-rr'
    | 'active-backup'
    | 'balance-xor'
    | 'broadcast'
    | '802.3ad'
    | 'balance-tlb'
    | 'balance-alb';
  /** The member that is preferred. Only in mode `active-backup`, `balance-tlb`, `balance-alb`. */
  readonly primary?: string;
  /** When the primary takes over again. Only in mode `active-backup`, `balance-tlb`, `balance-alb`. */
  readonly 'primary-reselect-policy'?: 'always' | 'better' | 'failure';
  /**
   * How often the carrier of the members is checked; default: 100, or off with `arp-interval`. 0:
   * never, and the bond does not notice an unplugged cable. Milliseconds.
   */
  readonly 'mii-monitor-interval'?: number;
  /** How long after a carrier a member is used. Milliseconds. */
  readonly 'up-delay'?: number;
  /** How long after a lost carrier a member is given up. Milliseconds. */
  readonly 'down-delay'?: number;
  /** How often LACP packets are wanted. Only in mode `802.3ad`. */
  readonly 'lacp-rate'?: 'slow' | 'fast';
  /** How many members must be up for the bond to have a carrier. Only in mode `802.3ad`. */
  readonly 'min-links'?: number;
  /**
   * How a member is chosen for a packet. Only in mode `balance-xor`, `802.3ad`, `balance-tlb`,
   * `balance-alb`.
   */
  readonly 'transmit-hash-policy'?: 'layer2' | 'layer3+4' | 'layer2+3' | 'encap2+3' | 'encap3+4';
  /** Which aggregation of links is chosen. Only in mode `802.3ad`. */
  readonly 'ad-select'?: 'stable' | 'bandwidth' | 'count';
  /**
   * How often `arp-ip-targets` are queried, in place of the carrier. Milliseconds. Only in mode
   * `balance-rr`, `active-backup`, `balance-xor`, `broadcast`.
   */
  readonly 'arp-interval'?: number;
  /** IPv4 addresses that must answer; 16 at most. */
  readonly 'arp-ip-targets'?: readonly string[];
  /** Whose MAC the bond has when the member changes. Only in mode `active-backup`. */
  readonly 'fail-over-mac-policy'?: 'none' | 'active' | 'follow';
  /** A bridge's spanning tree protocol; default: false, as a bridge of one NIC needs none. */
  readonly stp?: boolean;
  /** How long a bridge with STP listens and learns. Seconds. */
  readonly 'forward-delay'?: number;
  /** Interval between STP hello messages of the bridge. Seconds. */
  readonly 'hello-time'?: number;
  /** Age at which the bridge discards an STP message. Seconds. */
  readonly 'max-age'?: number;
  /** How long a MAC is remembered. Seconds. */
  readonly 'ageing-time'?: number;
  /** The bridge's priority in STP. */
  readonly priority?: number;
}

/** The macvlan or ipvlan that has the host's address, routes and name servers. */
interface Shim extends Addressing {
  /** The link under the shim: an id of `parents`, or the name of an interface. */
  readonly parent: string;
  /**
   * The kind of device; default: `macvlan`. An `ipvlan` has the MAC of its parent, so that it works
   * over Wi-Fi and where a switch allows one MAC only; macvtap guests cannot be on the same parent.
   */
  readonly kind?: 'macvlan' | 'ipvlan';
  /**
   * The mode of the device. A macvlan: `bridge` (default), the only one in which host and guests
   * reach each other, `private`, `vepa`, `passthru` or `source`. An ipvlan: `l2` (default), `l3` or
   * `l3s`; in the latter two, the parent routes, and the shim has neither ARP nor multicast.
   */
  readonly mode?: 'bridge' | 'private' | 'vepa' | 'passthru' | 'source' | 'l2' | 'l3' | 'l3s';
  /** In mode `source`: the MACs that frames are taken from. */
  readonly 'source-macaddresses'?: readonly string[];
  /**
   * The MAC of the shim; default: derived from `host` and the name of the shim. An ipvlan has the MAC
   * of its parent.
   */
  readonly macaddress?: string;
  /** The MTU of the shim, in bytes; default: the parent's. */
  readonly mtu?: number;
  /**
   * How many broadcast and multicast frames the parent queues for the links on top of it, before it
   * drops them; default: 1000. The largest value of all links on the parent counts.
   */
  readonly 'broadcast-queue-length'?: number;
  /**
   * The parent queues a multicast frame only if more links than this receive it, and delivers others at
   * once; default: 1. With -1 it queues no frame, not even broadcasts. Shims on one parent have one
   * value.
   */
  readonly 'broadcast-queue-threshold'?: number;
  /** Boot does not wait for this shim. */
  readonly optional?: boolean;
  /** Keep static addresses without a carrier. */
  readonly 'ignore-carrier'?: boolean;
}

/** A macvtap that the host creates, to be handed to a guest. */
interface Tap {
  /** The link under the tap: an id of `parents`, or the name of an interface. */
  readonly parent: string;
  /** The mode of the macvtap; default: `bridge`. */
  readonly mode?: 'bridge' | 'private' | 'vepa' | 'passthru' | 'source';
  /** In mode `source`: the MACs that frames are taken from. */
  readonly 'source-macaddresses'?: readonly string[];
  /** The MAC of the tap; default: derived from `host` and the name of the tap. */
  readonly macaddress?: string;
  /** The MTU of the tap, in bytes; default: the parent's. */
  readonly mtu?: number;
  /**
   * The user who may open the device `/dev/tapN`, by name or number; default: root. udev sets it.
   */
  readonly owner?: string;
  /**
   * The group that may open the device `/dev/tapN`, by name or number; default: root. udev sets it.
   */
  readonly group?: string;
  /**
   * The permissions of the device `/dev/tapN`, in octal; default: `0660` with `group`, else `0600`.
   */
  readonly permissions?: string;
  /**
   * Receive all multicast frames, which a guest's IPv6 needs; default: true. With `false`, the
   * guest's hypervisor must set the multicast filter of the tap.
   */
  readonly allmulticast?: boolean;
}

/** An interface of a guest, attached to a parent by libvirt. */
interface Guest {
  /** The link that the guest's interface is attached to: the NIC, never the shim. */
  readonly parent: string;
  /** The mode of the attachment, in libvirt's words; default: `bridge`. */
  readonly mode?: 'bridge' | 'private' | 'vepa' | 'passthrough';
  /** The MAC of the guest's interface; default: libvirt generates one. */
  readonly macaddress?: string;
  /** The name of the device on the host; default: libvirt chooses one. */
  readonly target?: string;
  /** The NIC that the guest sees; default: `virtio`. */
  readonly model?: string;
  /**
   * Let the guest choose which frames it receives, which its IPv6 and multicast need; default:
   * true. The guest can then change the MAC and filters of its device.
   */
  readonly 'trust-guest-rx-filters'?: boolean;
}

/** Addresses, routes and name servers of a link. */
interface Addressing {
  /** Static addresses, IPv4 and IPv6, each with its prefix length: `198.51.100.50/24`. */
  readonly addresses?: readonly string[];
  /** Routes over the link. */
  readonly routes?: readonly Route[];
  /** Which packets are looked up in which routing table. */
  readonly 'routing-policy'?: readonly Rule[];
  /** Name servers and search domains. */
  readonly nameservers?: Nameservers;
  /**
   * Whether the link's name servers are asked for names that no link has a domain for; default: the
   * system decides by the default route.
   */
  readonly 'dns-default-route'?: boolean;
  /**
   * Whether systemd-resolved resolves names by multicast DNS over the link, and answers for the
   * name of the host (`true`), or only resolves (`resolve`); default: the system decides. Without
   * systemd-resolved it has no effect.
   */
  readonly 'multicast-dns'?: boolean | 'resolve';
  /**
   * The zone of firewalld that the link is in; default: firewalld's default zone. NetworkManager
   * alone has a setting for it, which has no effect without firewalld.
   */
  readonly 'firewall-zone'?: string;
  /** Take an IPv4 address by DHCP. */
  readonly dhcp4?: boolean;
  /** Take an IPv6 address by DHCPv6. Default with `accept-ra`: per the router's managed flag. */
  readonly dhcp6?: boolean;
  /**
   * The client identifier of the DHCP clients: their MAC (default), or a DUID of the system, which
   * clones of one image share.
   */
  readonly 'dhcp-identifier'?: 'mac' | 'duid';
  /** Which settings of the DHCPv4 server are used. */
  readonly 'dhcp4-overrides'?: Dhcp4Overrides;
  /** Which settings of the DHCPv6 server are used. */
  readonly 'dhcp6-overrides'?: DhcpOverrides;
  /** Take IPv6 addresses and routes from router advertisements; default: the value of `dhcp6`. */
  readonly 'accept-ra'?: boolean;
  /** Which settings of router advertisements are used, and of a DHCPv6 client that they start. */
  readonly 'ra-overrides'?: RaOverrides;
  /**
   * How addresses by router advertisement are made: from the MAC (`eui64`, default), or from a secret of
   * the host (`stable-privacy`, RFC 7217).
   */
  readonly 'ipv6-address-generation'?: 'eui64' | 'stable-privacy';
  /** The last 64 bits of addresses by router advertisement, whatever the advertised prefix: `::50`. */
  readonly 'ipv6-address-token'?: string;
  /**
   * Use temporary addresses (RFC 8981) beside the stable address by router advertisement, and prefer
   * them as source; default: false.
   */
  readonly 'ipv6-privacy'?: boolean;
  /** Families with a link-local address. Default: `[ipv6]` on a link with any IPv6, else none. */
  readonly 'link-local'?: readonly ('ipv4' | 'ipv6')[];
}

/** A route: `via`, or `scope: 'link'`. */
interface Route {
  /** `default`, or a network: `192.0.2.0/24`, `2001:db8::/32`. */
  readonly to: string;
  /** The gateway. */
  readonly via?: string;
  /** The source address that packets on this route get. */
  readonly from?: string;
  /** `link` for a destination on the LAN itself, without gateway; default: `global`. */
  readonly scope?: 'global' | 'link';
  /** The gateway is reached directly, though no subnet of the link holds it. */
  readonly 'on-link'?: boolean;
  /** The metric; less is preferred. Default: 0 for IPv4 and 1024 for IPv6, as the kernel has it. */
  readonly metric?: number;
  /** The routing table; default: 254 (main). */
  readonly table?: number;
}

/**
 * A rule for choosing a routing table, by `from`, `to`, `iif` or `oif`; by an interface alone, for each
 * family of the link.
 */
interface Rule {
  /** Packets from this network or address. */
  readonly from?: string;
  /** Packets to this network or address. */
  readonly to?: string;
  /** Packets that came in by this interface; `lo` for those of the host. */
  readonly iif?: string;
  /** Packets of programs that are bound to this interface (SO_BINDTODEVICE). */
  readonly oif?: string;
  /** The routing table that they are looked up in. */
  readonly table: number;
  /** Rules of a lower number are evaluated first; default: 32765, just before the main table. */
  readonly priority?: number;
  /** Packets with this type of service: a multiple of 4, up to 28 for IPv4. */
  readonly 'type-of-service'?: number;
  /** Packets with this mark of the firewall. */
  readonly mark?: number;
}

interface Nameservers {
  /** Addresses of name servers. */
  readonly addresses?: readonly string[];
  /** Domains to search; with `~` in front, to route queries only. */
  readonly search?: readonly string[];
}

interface DhcpOverrides {
  /** Use the name servers that the server names; default: true. */
  readonly 'use-dns'?: boolean;
  /** Use the domains that the server names: `true` for searching, `route` for routing only. */
  readonly 'use-domains'?: boolean | 'route';
  /** Use the NTP servers that the server names; default: true. */
  readonly 'use-ntp'?: boolean;
  /** Take the host name that the server gives; default: true. */
  readonly 'use-hostname'?: boolean;
  /** Send the host's name to the server; default: true. */
  readonly 'send-hostname'?: boolean;
  /** Send this name in place of the host's. */
  readonly hostname?: string;
}

interface Dhcp4Overrides extends DhcpOverrides {
  /** Use the MTU that the server names; default: true. */
  readonly 'use-mtu'?: boolean;
  /** Use the routes, and the default route, that the server names; default: true. */
  readonly 'use-routes'?: boolean;
  /** The metric of routes by DHCP; default: 100. */
  readonly 'route-metric'?: number;
  /** The routing table of routes by DHCP; default: 254 (main). */
  readonly table?: number;
}

/** What is used of router advertisements. */
interface RaOverrides {
  /** Use the name servers in router advertisements; default: as `use-dns` of DHCPv6, else true. */
  readonly 'use-dns'?: boolean;
  /** Use the domains in router advertisements: `true` for searching, `route` for routing only. */
  readonly 'use-domains'?: boolean | 'route';
  /** The routing table of advertised routes; default: 254 (main). */
  readonly table?: number;
}

export type { FleetIntent, Intent };
