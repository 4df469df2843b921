/** What the name of a link suggests that it is, where the intent has no type. */

/**
 * Names that programs give: systemd.net-naming-scheme(7) for `wl` and `ww`; libvirt, Docker, Podman,
 * LXC, Incus, Proxmox, OpenStack and CNI for bridges; the kernel's own defaults for the rest. A
 * pattern takes no name that udev gives a wired NIC (`en…`, `eth0`).
 */
const PATTERNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a Wi-Fi interface', /^wl/],
  ['a mobile modem', /^ww/],
  ['an InfiniBand interface', /^ib/],
  ['a VLAN', /\.[0-9]{1,4}$|^vlan[-_.]?[0-9]/],
  [
    'a bridge',
    /^(?:br|vmbr|virbr|lxcbr|lxdbr|incusbr|xenbr|ovsbr|cni|docker|podman|bridge)[0-9]*$|^(?:br|cni|virbr)[-_]/,
  ],
  ['a bond', /^(?:bond|team)(?:[0-9]*$|[-_])/],
  [
    'a tunnel',
    /^(?:tun|tap|wg|gre|gretap|ip6gre|ip6tnl|tunl|sit|ipip|vti|vxlan|geneve|ppp|tailscale|zt)[0-9]/,
  ],
  ['a virtual device', /^(?:dummy|ifb|vnet|macvtap|macvlan|ipvlan|vrf)[0-9]/],
];

/** `a bridge` for `br5`; nothing for what may well be a wired NIC. */
export const looksLike = (name: string): string | undefined =>
  PATTERNS.find(([, pattern]) => pattern.test(name))?.[0];

/** Whether udev names a Wi-Fi interface so (systemd.net-naming-scheme(7), `wl`). */
export const isNameOfWifi = (name: string): boolean => name.startsWith('wl');
