/** The keys of devices: parents of every kind, shims, taps, and guests' interfaces. */
import * as v from 'valibot';
import { addressing } from './addressing.ts';
import { BOND, BRIDGE, schemasOf } from './parameters.ts';
import { about, code, flag, mac, macaddress, mtu, oneOf, optional, text, whole } from './words.ts';

export const parent = v.pipe(
  v.object({
    type: oneOf(
      ['ethernet', 'vlan', 'bond', 'bridge'],
      'The type of the link; default: `ethernet` (a NIC), with `link` `vlan`.',
    ),
    managed: flag(
      'Whether the link is configured from this intent; default: true. With `false` it keeps what another file or program configures, addresses included; beside it only `type` and `network-file` are allowed.',
    ),
    'network-file': optional(() =>
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9_@][A-Za-z0-9_.@:+-]{0,200}\.network$/, code('wrong-value')),
        about(
          'With `managed: false`, under systemd-networkd: the name of the file that configures the link, as in `20-eth0.network`; a drop-in adds `MACVLAN=` to it. Default with netplan: `10-netplan-<id>.network`.',
        ),
      ),
    ),
    match: optional(() =>
      v.pipe(
        v.object({
          macaddress: mac(
            'The permanent MAC of the NIC, which does not change when another MAC is set.',
          ),
        }),
        about('Matches the NIC by its permanent MAC, where its name may change. Needs `set-name`.'),
      ),
    ),
    'set-name': optional(() => text('The name that udev gives the matched NIC.')),
    id: optional(() => whole(1, 4094, 'The id of a VLAN.')),
    link: optional(() => text('The link that a VLAN is on: an id of `parents`, or a name.')),
    interfaces: optional(() =>
      v.pipe(
        v.array(v.string()),
        v.minLength(1, code('wrong-value')),
        about('The members of a bond or bridge: ids of `parents`, or names.'),
      ),
    ),
    parameters: optional(() =>
      v.pipe(
        v.object({ ...schemasOf(BOND), ...schemasOf(BRIDGE) }),
        about('Settings of a bond or a bridge, in words of netplan.'),
      ),
    ),
    macaddress: macaddress(
      'The MAC to set. Default: a NIC keeps its permanent one, a VLAN has that of its `link`, and for a bond or bridge it is derived from `host` and its name.',
    ),
    mtu: mtu('The MTU, in bytes; default: 1500 (on a VLAN: that of its `link`).'),
    wakeonlan: flag('Wake the host by a magic packet to this NIC.'),
    ...addressing,
    optional: flag(
      'Boot does not wait for this link. Default: true if every link on top of it is optional, or if it is for guests alone.',
    ),
    'ignore-carrier': flag('Keep static addresses without a carrier.'),
  }),
  about(
    'A link under shims: a NIC, VLAN, bond or bridge; needed only for a setting. The key is its id and, without `match`, the name of the interface. With addresses of its own: a side shim, or with nothing on it the normal setup; with neither addresses nor shims: a NIC for guests alone.',
  ),
);

/** Modes of a macvlan or macvtap (ip-link(8)). */
const MODES = ['bridge', 'private', 'vepa', 'passthru', 'source'] as const;
/** Modes of an ipvlan (Documentation/networking/ipvlan of the kernel). */
const IPVLAN_MODES = ['l2', 'l3', 'l3s'] as const;

const sources = optional(() =>
  v.pipe(v.array(mac('A MAC.')), about('In mode `source`: the MACs that frames are taken from.')),
);

export const shim = v.pipe(
  v.object({
    parent: text('The link under the shim: an id of `parents`, or the name of an interface.'),
    kind: oneOf(
      ['macvlan', 'ipvlan'],
      'The kind of device; default: `macvlan`. An `ipvlan` has the MAC of its parent, so that it works over Wi-Fi and where a switch allows one MAC only; macvtap guests cannot be on the same parent.',
    ),
    mode: oneOf(
      [...MODES, ...IPVLAN_MODES],
      'The mode of the device. A macvlan: `bridge` (default), the only one in which host and guests reach each other, `private`, `vepa`, `passthru` or `source`. An ipvlan: `l2` (default), `l3` or `l3s`; in the latter two, the parent routes, and the shim has neither ARP nor multicast.',
    ),
    'source-macaddresses': sources,
    macaddress: macaddress(
      'The MAC of the shim; default: derived from `host` and the name of the shim. An ipvlan has the MAC of its parent.',
    ),
    mtu: mtu("The MTU of the shim, in bytes; default: the parent's."),
    'broadcast-queue-length': optional(() =>
      whole(
        1,
        4294967294,
        'How many broadcast and multicast frames the parent queues for the links on top of it, before it drops them; default: 1000. The largest value of all links on the parent counts.',
      ),
    ),
    'broadcast-queue-threshold': optional(() =>
      whole(
        -1,
        2147483647,
        'The parent queues a multicast frame only if more links than this receive it, and delivers others at once; default: 1. With -1 it queues no frame, not even broadcasts. Shims on one parent have one value.',
      ),
    ),
    ...addressing,
    optional: flag('Boot does not wait for this shim.'),
    'ignore-carrier': flag('Keep static addresses without a carrier.'),
  }),
  about(
    "The macvlan or ipvlan that has the host's address, routes and name servers. The key is its name.",
  ),
);

/**
 * A user or group, as udev and chown(1) take it: no character that means something to udev(7), and none
 * of the numbers that mean "unchanged".
 */
const ACCOUNT = /^(?!(?:65535|4294967295)$)(?:0|[1-9][0-9]{0,9}|[A-Za-z_][A-Za-z0-9_.-]{0,30})$/;

const account = (description: string) =>
  optional(() => v.pipe(v.string(), v.regex(ACCOUNT, code('wrong-value')), about(description)));

export const tap = v.pipe(
  v.object({
    parent: text('The link under the tap: an id of `parents`, or the name of an interface.'),
    mode: oneOf(MODES, 'The mode of the macvtap; default: `bridge`.'),
    'source-macaddresses': sources,
    macaddress: macaddress(
      'The MAC of the tap; default: derived from `host` and the name of the tap.',
    ),
    mtu: mtu("The MTU of the tap, in bytes; default: the parent's."),
    owner: account(
      'The user who may open the device `/dev/tapN`, by name or number; default: root. udev sets it.',
    ),
    group: account(
      'The group that may open the device `/dev/tapN`, by name or number; default: root. udev sets it.',
    ),
    permissions: optional(() =>
      v.pipe(
        v.string(),
        v.regex(/^0?[0-7]{3}$/, code('wrong-value')),
        about(
          'The permissions of the device `/dev/tapN`, in octal; default: `0660` with `group`, else `0600`.',
        ),
      ),
    ),
    allmulticast: flag(
      "Receive all multicast frames, which a guest's IPv6 needs; default: true. With `false`, the guest's hypervisor must set the multicast filter of the tap.",
    ),
  }),
  about('A macvtap that the host creates, to be handed to a guest. The key is its name.'),
);

export const guest = v.pipe(
  v.object({
    parent: text("The link that the guest's interface is attached to: the NIC, never the shim."),
    mode: oneOf(
      ['bridge', 'private', 'vepa', 'passthrough'],
      "The mode of the attachment, in libvirt's words; default: `bridge`.",
    ),
    macaddress: macaddress("The MAC of the guest's interface; default: libvirt generates one."),
    target: optional(() =>
      text('The name of the device on the host; default: libvirt chooses one.'),
    ),
    model: optional(() =>
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9_-]{1,32}$/, code('wrong-value')),
        about('The NIC that the guest sees; default: `virtio`.'),
      ),
    ),
    'trust-guest-rx-filters': flag(
      'Let the guest choose which frames it receives, which its IPv6 and multicast need; default: true. The guest can then change the MAC and filters of its device.',
    ),
  }),
  about("An interface of a guest, attached to a parent by libvirt. The key is the guest's name."),
);
