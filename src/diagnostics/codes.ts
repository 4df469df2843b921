/** The catalogue of diagnostics: every code, what it means, and what to do. Imports nothing. */

/** An error: nothing is written. A note, for `lint`: nothing is wrong, but worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

interface Description {
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly meaning: string;
  /** What to do; a diagnostic may have a more specific hint. */
  readonly remedy: string;
  /** What `lint --fix` does about it, in some cases or in all: a sentence after its name. */
  readonly fix?: string;
  /** It is about a running host, and no file depends on it. */
  readonly isOfHost?: true;
}

const error = (meaning: string, remedy: string): Description => ({
  severity: 'error',
  meaning,
  remedy,
});
const warning = (meaning: string, remedy: string): Description => ({
  severity: 'warning',
  meaning,
  remedy,
});

const note = (meaning: string, remedy: string): Description => ({
  severity: 'note',
  meaning,
  remedy,
});

type Build = (meaning: string, remedy: string) => Description;
const ofHost =
  (build: Build): Build =>
  (meaning, remedy) => ({ ...build(meaning, remedy), isOfHost: true });
const hostError = ofHost(error);
const hostWarning = ofHost(warning);
const hostNote = ofHost(note);

const fixable = (description: Description, fix: string): Description & { fix: string } => ({
  ...description,
  fix,
});

/**
 * Every code. Codes are stable: scripts may rely on them.
 */
export const CODES = {
  // The file as such
  'intent-not-found': error(
    'The file does not exist, or none was named and none was found.',
    'Name the file that holds the intent, or - for standard input.',
  ),
  'intent-is-directory': error(
    'The directory has no intent file in it or below it.',
    'Name the file; in a directory, files ending in .yaml, .yml or .json are read.',
  ),
  'intent-not-a-file': error(
    'An entry of a directory or revision is not a regular file: a link to a directory, a submodule, a pipe.',
    'Name its target, or move it away: links to directories are not followed.',
  ),
  'not-utf8': error('The intent is not UTF-8 text.', 'Save it as UTF-8.'),
  'too-large': error('The intent is larger than 64 MiB.', 'Split it.'),
  'too-many-values': error(
    'The intent, or all files of a fleet together, have more than 3,000,000 values (keys, scalars, mappings and lists).',
    'Render the fleet in parts; 100,000 hosts with 25 values each fit.',
  ),
  'too-many-diagnostics': note(
    'There are more diagnostics than are reported at once.',
    'Fix those that are reported, and run the command again.',
  ),
  'too-deep': error(
    'Collections are nested more than 64 deep.',
    'An intent needs five levels; look for a bracket that is never closed.',
  ),
  'empty-intent': error(
    'The file is empty, or has comments only.',
    'Begin with `version: 1`; `macvtap-render help intent` shows the smallest intent.',
  ),
  'netplan-as-intent': error(
    'The file is a configuration of netplan or cloud-init, not an intent: it says nothing of shims.',
    'Run `macvtap-render init` on the host that has it, which writes an intent from the network as it is; `macvtap-render help intent` shows the smallest one.',
  ),
  // YAML
  'yaml-syntax': error(
    'The text is not valid YAML 1.2 or JSON.',
    'Fix the syntax at this place; indent with spaces.',
  ),
  'several-documents': error(
    'The file holds more than one YAML document.',
    'Keep one document in a file; remove the `---` between them.',
  ),
  'duplicate-key': fixable(
    error('Duplicate key in a mapping.', 'Remove one of the two.'),
    'removes the second one if its value is that of the first.',
  ),
  'key-not-text': error('A key is not plain text.', 'Write the key as one word.'),
  'yaml-anchor': error(
    'An alias has no anchor before it, or is inside its own anchor.',
    'Set the anchor (`&name`) on an earlier mapping, and use the alias (`*name`) outside of it.',
  ),
  'yaml-merge': error(
    'The value of `<<` is neither a mapping nor a list of mappings.',
    'Write `<<: *name`, where `&name` marks a mapping.',
  ),
  'yaml-alias-bomb': error(
    'Aliases expand the intent to more than 100,000 values.',
    'Write values out instead of nesting aliases.',
  ),
  'yaml-1-1-habit': fixable(
    error(
      'The word has another meaning in YAML 1.2 than in YAML 1.1.',
      'Write `true` or `false`, and numbers without a leading zero.',
    ),
    'writes `true` for `y`, `yes` and `on`, `false` for `n`, `no` and `off`, and numbers without `_`. What a leading zero or `:` means remains to you.',
  ),
  // The language
  'unknown-key': fixable(
    error(
      'Unknown key.',
      'Correct the spelling, or remove the key; `macvtap-render help intent` lists all.',
    ),
    'renames a key that is one letter off a single key of this place, or that another program has for it (`gw`, `gateway4`, `mac`), and removes `host` and `version` of a host that only repeat what is known.',
  ),
  'missing-key': fixable(
    error('A required key is missing.', 'Add it.'),
    'adds `version: 1`. It knows no other value.',
  ),
  'wrong-type': fixable(
    error(
      'The value has the wrong type (text, number, true/false, list, mapping).',
      'Write a value of the type that is named.',
    ),
    'removes quotes around a number or a boolean, puts a single value into a list, and takes one out of it.',
  ),
  'wrong-value': fixable(
    error('Invalid value for this key.', 'Choose one of those named.'),
    'writes the word that is one letter or the case off a single one of those named.',
  ),
  'version-unsupported': fixable(
    error('Unknown version of the language.', 'Write `version: 1`.'),
    'removes quotes around `1`.',
  ),
  // A fleet
  'fleet-mixed': error(
    'A key of a single host is at the same level as `hosts` or `defaults`.',
    'Move it below `defaults`, for all hosts, or below one of `hosts`.',
  ),
  'fleet-empty': error(
    'The fleet has no host: `hosts` is empty or missing.',
    'Name at least one: `hosts: {kvm1: {…}}`.',
  ),
  'fleet-defaults-twice': error(
    'Two files of a fleet have `defaults`: precedence would depend on file order.',
    'Move them into one file.',
  ),
  'fleet-host-twice': error(
    'A host is described twice, or two names differ only in case.',
    'Remove one of the two, or rename it.',
  ),
  'fleet-host-unnamed': error(
    'A file of a fleet has none of `hosts`, `defaults` and `host`.',
    'Add `host: NAME` to a file with one host, or move its text below `hosts`.',
  ),
  'fleet-removes-nothing': warning(
    'A `null` removes a key that `defaults` does not have.',
    'Correct the spelling, or remove the line.',
  ),
  'address-of-two-hosts': error(
    'Two hosts have the same address.',
    'Give each its own. If their LANs are separate, render them as two fleets.',
  ),
  'mac-of-two-hosts': error(
    'Interfaces of two hosts have the same MAC address, or two hosts match the same NIC.',
    'Give each its own, or leave it out to derive it from the host and the name.',
  ),
  'guest-mac-of-two-hosts': error(
    'Two guests on two hosts have the same MAC address, and may be on one LAN.',
    'Give each its own, or leave it out: libvirt generates one.',
  ),
  'guest-of-two-hosts': warning(
    'A guest is described on two hosts with the same MAC address: correct only for a guest that migrates between them.',
    'If they are two guests, give each its own name and MAC.',
  ),
  // Names
  'host-missing': error(
    '`host` is missing, and a shim has no `macaddress`: no MAC can be derived.',
    "Add `host: NAME` (the host's name), or give every shim a `macaddress`.",
  ),
  'host-malformed': error(
    'The host name has invalid characters.',
    'Use letters, digits, `-`, `_` and `.`; begin and end with a letter or digit; at most 253 characters.',
  ),
  'name-malformed': error(
    'Invalid name of an interface or id of a parent.',
    'Use letters, digits, `_`, `.` and `-`; do not begin with `-` or `.`; not only digits.',
  ),
  'name-too-long': error(
    'The name is too long for an interface of the kernel.',
    'Shorten it to 15 bytes.',
  ),
  'name-taken': error('The name is used twice.', 'Rename one of them.'),
  'name-of-libvirt': warning(
    'libvirt names devices of guests `macvtap0`, `macvtap1` …: the name may be in use at boot.',
    'Choose another name for the shim.',
  ),
  // Parents
  'shim-on-itself': error('A shim is its own parent.', 'Write the NIC as its `parent`.'),
  'shim-on-shim': fixable(
    error(
      'A link is on top of a shim or tap.',
      'Put both on the NIC: several links may share one parent.',
    ),
    'puts a shim or tap on the parent of the other one.',
  ),
  'no-shims': error(
    'No shims, taps, guests or managed parents defined.',
    "Add `shims:` with the interface that has the host's address, or `guests:` or `parents:` for a NIC that guests alone use.",
  ),
  'parent-unused': warning(
    'Nothing is on top of this parent with `managed: false`.',
    'Remove it, or name it as the `parent` of a shim.',
  ),
  'parent-bare': note(
    'A link is up without an address, and has no shim on top of it: guests alone use it. What configured it before no longer applies.',
    'If the host is reached over it, add its addresses, or `managed: false` to keep them; if it is not for guests, remove it.',
  ),
  'parent-misspelt': warning(
    'A parent that the intent does not describe has nearly the name of one that it does, and nothing is on top of that one.',
    'Write the same name in both places; if both exist, add the other one to `parents`, too.',
  ),
  'parent-cut-off': error(
    'A parent that the intent does not describe would lose its addresses, and no shim on it has more than single addresses (/32, /128): the host would be unreachable.',
    'Add `managed: false` to the parent, which then keeps what configures it today; or describe the addresses that it keeps (`parents.<id>.dhcp4`, `addresses`, `routes`), or give the shim the address of the host.',
  ),
  'parent-left-bare': note(
    'The parent has no address, and no shim on it has more than single addresses (/32, /128).',
    'Add the addresses that the parent keeps, unless the host is reachable over another link.',
  ),
  'parent-without-ipv6': note(
    'The parent keeps addresses, and IPv6 is off on it because the intent does not mention IPv6 there; most systems leave it on by default.',
    'Add `accept-ra: true` if the parent had IPv6 by router advertisement, or `link-local: []` to confirm that it has none.',
  ),
  'side-shim-managed-parent': note(
    'The parent of a side shim takes a lease that the files of this host could keep configuring: IPv6 is off on it, though its own configuration may have it on.',
    'Write `managed: false` in place of the addresses of the parent: it keeps what configures it today, IPv6 included.',
  ),
  'unmanaged-configured': error(
    'A key configures a link that has `managed: false`: another file or program configures it.',
    'Remove the key and set it where the link is configured, or remove `managed: false`.',
  ),
  'unmanaged-below': error(
    'A VLAN, bond or bridge of the intent is on top of a link with `managed: false`, whose own configuration would have to name it: `VLAN=`, `Bond=` or `Bridge=` in the `.network` file of the link, an entry of `vlans`, `bonds` or `bridges` in the YAML of netplan that has the link, the profile of a port, the stanza of what is on top of it. Without a line there, a member keeps its addresses, and a VLAN is not created.',
    'Create the VLAN, bond or bridge where the link below it is configured, and give it `managed: false` here; or remove `managed: false` from the link below it.',
  ),
  'unmanaged-passthru': error(
    'A shim or tap in passthru mode takes over all frames of a link with `managed: false`, whose own addresses stop working.',
    'Use `mode: bridge`, or remove `managed: false`: the parent is then configured without an address.',
  ),
  'network-file-needed': error(
    'systemd-networkd creates a shim from the `.network` file of its parent, and a parent with `managed: false` has one of another name.',
    'Add `network-file:` with the name of that file; `networkctl status NAME` prints it as `Network File`. On the host itself, `check` and `apply` find it, unless none matches the link.',
  ),
  'network-file-taken': error(
    'Two parents with `managed: false` have the same `network-file`: a drop-in for one applies to the other, too.',
    'Give each link a `.network` file of its own, which matches this link alone.',
  ),
  'network-file-missing': error(
    'The `network-file` of a parent with `managed: false` does not exist on this host: systemd-networkd ignores a drop-in without its file, and creates no shim.',
    'Correct `network-file`; `networkctl status NAME` prints the name as `Network File`.',
  ),
  'network-file-not-exact': error(
    'The `network-file` of a parent with `managed: false` does not match this link alone: after a reboot the shim may be on another one.',
    'Give the link a file of its own with `Name=` and its name, which sorts before this one, and name it as `network-file`.',
  ),
  'network-file-shadowed': error(
    'Another file of systemd-networkd configures the parent, as it sorts before `network-file`: the drop-in has no effect.',
    'Name that file as `network-file`, if it matches this link alone.',
  ),
  'unmanaged-order': warning(
    'ifupdown2 brings links up in the order of its files: a VLAN, bond or bridge with `managed: false` must exist before its shim.',
    'Put its stanza into a file that sorts before `60-macvtap`, or before the `source` line in `/etc/network/interfaces`.',
  ),
  'parent-has-address': error(
    'The parent of a shim has only a link-local address: it must have none, or also others (side shim).',
    'Remove `link-local` from the parent.',
  ),
  'subnet-overlap': error(
    'The subnets of a parent and its shim overlap: the kernel answers on either (ARP flux) and has two routes to one LAN.',
    'Keep the address only on the shim, or give the shim a /32 (IPv6: /128) and routes of scope `link` to the guests (a side shim).',
  ),
  'match-without-set-name': error(
    'A parent with `match` needs `set-name`, because the files name the interface.',
    'Add `set-name: NAME`; it may be the current name of the NIC.',
  ),
  'set-name-without-match': error(
    'A parent with `set-name` needs `match`, to know which NIC to rename.',
    "Add `match: {macaddress: …}` with the NIC's permanent MAC, or remove `set-name`.",
  ),
  'type-needed': error(
    '`interfaces` needs a `type`: bond or bridge.',
    'Add `type: bond` or `type: bridge`.',
  ),
  'not-for-type': error(
    'This type of link does not have this setting.',
    'Remove the setting, or correct the `type`.',
  ),
  'link-loop': error(
    'A VLAN, bond or bridge is on top of itself.',
    'Name another link below it, down to a NIC.',
  ),
  'link-too-deep': error(
    'Links are stacked more than 8 high, the limit of the kernel.',
    'Put the VLAN on a link further down.',
  ),
  'vlan-taken': error(
    'Two VLANs on one link have the same id.',
    'Give each its own `id`, or put both shims on one VLAN.',
  ),
  'parent-enslaved': error(
    'A member of a bond or bridge has an address or another link on top of it: the kernel refuses that, or the traffic is lost.',
    'Use the bond or bridge as the parent.',
  ),
  'bond-parameters': error(
    'Settings of a bond exclude or require each other.',
    'Keep those of the `mode`; Documentation/networking/bonding of the kernel has the list.',
  ),
  'bond-rewrites-macs': warning(
    'A bond in this mode sends with the MACs of its members: guests and shim lose each other or the LAN.',
    'Use `active-backup`, `802.3ad` or `balance-xor`.',
  ),
  'bond-arp-monitor': warning(
    "A bond with ARP monitoring sends requests with the shim's address and its own MAC: the LAN learns a wrong MAC for the host.",
    'Use `mii-monitor-interval` in place of `arp-interval`.',
  ),
  'bridge-without-stp': warning(
    'A bridge with several members has no spanning tree: if two of them are in one network, frames loop.',
    'Add `parameters: {stp: true}`, or make sure that the members are in separate networks.',
  ),
  'side-shim-ipv6-address': warning(
    "A side shim has another IPv6 address than its parent: guests reach the host only at the shim's address.",
    "Give the shim the parent's address, with /128.",
  ),
  'parent-subnet-unknown': warning(
    'A parent or its shim gets its address by DHCP or router advertisement: if both are in one subnet, the kernel answers on either.',
    'Give the shim a /32 (IPv6: /128) and routes of scope `link` to the guests (a side shim), unless the subnets differ.',
  ),
  'side-shim-without-route': warning(
    'A side shim (with single addresses only) has no route to the guests: the host does not reach them over it.',
    'Add `routes: [{to: GUESTS, scope: link}]` with the range of the guests.',
  ),
  'side-route-not-narrow': warning(
    "A side shim's route is not narrower than a subnet of its parent: the kernel uses the parent's route.",
    'Narrow it to the range of the guests, as in `198.51.100.192/27`.',
  ),
  'kernel-names': note(
    'Several NICs have names of the kernel (`eth0`, `eth1`), whose order may change with the kernel or firmware.',
    'Match each by its permanent MAC: `match: {macaddress: …}` with `set-name`.',
  ),
  'parent-is-virtual': note(
    "The parent's MAC has the prefix of a hypervisor: if this host is a virtual machine, its hypervisor drops frames from other MACs.",
    'Allow them there (forged transmits and promiscuous mode, MAC spoofing), or give the guests their own NICs.',
  ),
  'several-interfaces': note(
    'Parent and shim both have addresses on one LAN: Avahi answers on both and may detect a conflict with itself.',
    'If Avahi runs, restrict it to one interface (`allow-interfaces=` in avahi-daemon.conf).',
  ),
  'wifi-managed': error(
    'The parent of an ipvlan looks like a Wi-Fi interface that the intent configures: NetworkManager, wpa_supplicant or iwd keeps its association and its address, and would lose it.',
    'Add `managed: false` to the parent.',
  ),
  'wifi-parent': error(
    'The parent of a shim, tap or guest looks like a Wi-Fi interface: the access point drops frames from any other MAC than the associated one.',
    'Use a wired NIC. Over Wi-Fi, a shim may be an ipvlan (`kind: ipvlan`), and guests need a routed or NAT network.',
  ),
  'parent-type-assumed': warning(
    'The parent has no `type` and is treated as a NIC, but its name is typical for another kind of link.',
    'Write its `type`, with `managed: false` if another program creates it; `ethernet` if it is a NIC.',
  ),
  'profile-never-applies': error(
    'NetworkManager applies a profile of type `ethernet` only to wired NICs: another kind of link keeps its addresses, without an error.',
    'Write the `type` of the parent (`ethernet` if it is a NIC), or use the networkd back end.',
  ),
  // MAC addresses
  'mac-malformed': fixable(
    error(
      'The MAC address is malformed.',
      'Write six two-digit hexadecimal octets, as in `52:54:00:12:34:56`.',
    ),
    'writes six octets that are separated otherwise or not at all (`52-54-00-12-34-56`, `5254.0012.3456`) with colons.',
  ),
  'mac-multicast': error(
    'The MAC address is a group address (lowest bit of the first octet), which no interface may have.',
    'Make the first octet even; 02, 06, 0a or 0e are locally administered addresses.',
  ),
  'mac-taken': error(
    'Two interfaces have the same MAC address.',
    "Give each its own, or leave the shim's out to derive it.",
  ),
  'passthru-on-matched': error(
    'In passthru mode a device also has the permanent MAC of its parent: a match by that MAC finds both.',
    'Remove `match` and `set-name` from the parent, or use `mode: bridge`.',
  ),
  'passthru-macaddress': error(
    "In passthru mode the shim has its parent's MAC and cannot have another.",
    'Move `macaddress` to the parent (`parents.<id>.macaddress`).',
  ),
  // Mode and MTU
  'mode-not-bridge': warning(
    'Host and guests on this parent do not reach each other in a mode other than bridge.',
    'Write `mode: bridge`, or leave it out.',
  ),
  'tap-open-to-all': warning(
    'Any user of the host can open the tap, read the frames of the guest, and send frames into the LAN with any address.',
    'Write `owner` or `group`, with permissions that end in 0.',
  ),
  'kind-not-expressible': error(
    'This back end cannot create a shim of this kind.',
    'Use `--backend networkd` or `--backend networkmanager`, without netplan for the parent; or remove `kind`: the shim is then a macvlan.',
  ),
  'mode-not-of-kind': error(
    'The mode belongs to the other kind of device: a macvlan has `bridge`, `private`, `vepa`, `passthru` and `source`, an ipvlan `l2`, `l3` and `l3s`.',
    'Remove `mode`, or write the `kind` that has it.',
  ),
  'ipvlan-macaddress': error(
    'An ipvlan has the MAC of its parent.',
    "Remove `macaddress`, or set the parent's (`parents.<id>.macaddress`).",
  ),
  'ipvlan-beside-macvlan': error(
    'A parent has an ipvlan and a macvlan, macvtap or guest on top of it: the kernel refuses the second.',
    'Give the shims of one parent one `kind`; put guests and taps on another parent, as a VLAN of it, or make the shim a macvlan.',
  ),
  'ipvlan-modes-differ': error(
    'Two ipvlans on one parent have different modes: the kernel has one mode for all, that of the last one.',
    'Give them the same `mode`.',
  ),
  'queue-thresholds-differ': error(
    'Two shims on one parent have different broadcast queue thresholds: the kernel has one for the parent, that of the shim which is created last.',
    'Give them the same `broadcast-queue-threshold`, or leave it to one of them.',
  ),
  'ipvlan-on-matched': error(
    'The parent is found by its permanent MAC, which an ipvlan on top of it also has: udev and the daemons would take one for the other.',
    'Remove `match` and `set-name` from the parent, and use its own name; or make the shim a macvlan.',
  ),
  'ipvlan-dhcp-identifier': error(
    'A DHCP client on an ipvlan identifies itself by the MAC, which is that of the parent: the server takes both for one client.',
    'Remove `dhcp-identifier`: on an ipvlan it is `duid` by default.',
  ),
  'ipvlan-address-generation': error(
    'IPv6 addresses of an ipvlan would follow from its MAC, which is that of the parent: both would have the same.',
    'Remove `ipv6-address-generation`: on an ipvlan it is `stable-privacy` by default.',
  ),
  'ipvlan-without-neighbours': error(
    'In mode l3 or l3s an ipvlan has no neighbours (no ARP, no broadcast, no multicast), which DHCP, router advertisements and gateways need.',
    'Write static addresses and routes with `scope: link`, or use `mode: l2`.',
  ),
  'ipvlan-parent-bare': error(
    'In mode l3 or l3s the packets of an ipvlan are routed by its parent, which has no address: nothing leaves the host.',
    'Give the parent its addresses and routes, or `managed: false`; or use `mode: l2`.',
  ),
  'ipvlan-without-guests': note(
    'The kernel takes no macvtap on the parent of an ipvlan: guests cannot be attached to it.',
    'Attach guests to another link, as a VLAN of it, or route them.',
  ),
  'mode-not-expressible': error(
    'This back end cannot create a macvlan or macvtap in this mode.',
    'Use `mode: bridge`, or the networkd back end.',
  ),
  'passthru-not-alone': error(
    'A device in passthru mode receives all frames of its parent: nothing else can be on top of it, and addresses of the parent itself do not work.',
    'Remove the others, or the addresses, from this parent, or use `mode: bridge`.',
  ),
  'mtu-out-of-range': error('The MTU is outside the range of the kernel.', 'Choose 68 to 65535.'),
  'mtu-above-parent': error(
    "A shim's MTU is above its parent's: the kernel refuses the shim, or silently lowers its MTU.",
    "Raise the parent's (`parents.<id>.mtu`; default: 1500), or lower the shim's.",
  ),
  'mtu-of-member': error(
    'A member of a bond or bridge has another MTU than the bond or bridge: larger frames are lost.',
    'Set `mtu` on the bond or bridge, and remove it from its members.',
  ),
  'mtu-too-small-for-ipv6': error(
    'IPv6 needs an MTU of 1280 or more.',
    'Raise the MTU, or remove IPv6 from this shim.',
  ),
  // Addresses
  'address-malformed': fixable(
    error(
      'The IP address is malformed.',
      'Write it as in `198.51.100.50/24` or `2001:db8::50/64`.',
    ),
    'writes a netmask as prefix length, and removes spaces around `/`.',
  ),
  'address-without-prefix': error(
    'The address has no prefix length, which daemons guess differently.',
    'Add it, as in `/24` or `/64`.',
  ),
  'address-not-unicast': error(
    'The address is not valid for a host (unspecified, loopback, link-local or multicast).',
    'Use an address of the LAN.',
  ),
  'address-is-network': error(
    "This is the subnet's own address, not a host's.",
    'Use another address of the subnet.',
  ),
  'address-is-broadcast': error(
    "This is the subnet's broadcast address, not a host's.",
    'Use another address of the subnet.',
  ),
  'address-taken': fixable(
    error('The address is given twice.', 'Remove one of the two.'),
    'removes an address that the same link has already, with the same prefix length.',
  ),
  'shim-overlap': warning(
    'The subnets of two shims overlap: it is undefined which one answers and sends.',
    'Put the addresses on one shim, or use subnets that do not overlap.',
  ),
  'shim-without-address': warning(
    'The shim has no address, static or dynamic: the host cannot be reached over it.',
    'Add `addresses`, `dhcp4`, `dhcp6` or `accept-ra`.',
  ),
  // Routes and name servers
  'route-malformed': fixable(
    error(
      'The destination of a route is neither `default` nor a network.',
      'Write `default`, or a network as in `192.0.2.0/24`.',
    ),
    'writes `default` in lower case, and a netmask as prefix length.',
  ),
  'route-host-bits': fixable(
    error(
      'The destination of a route has bits set beyond its prefix length.',
      "Write the network's own address.",
    ),
    "writes the network's own address, as the kernel would take it.",
  ),
  'route-without-gateway': error(
    'A route has neither `via` nor `scope: link`.',
    'Add `via: GATEWAY`, or `scope: link` for a destination on the LAN itself.',
  ),
  'route-scope': error(
    'A route has both a gateway and `scope: link`.',
    'Keep one: `via` for destinations behind a gateway, `scope: link` for destinations on the LAN.',
  ),
  'route-family': error(
    'A route mixes IPv4 and IPv6.',
    'Use one family for destination, `via` and `from`.',
  ),
  'route-without-address': error(
    'The shim has no address of the family of this route.',
    'Add an address of that family, or remove the route.',
  ),
  'route-from-unknown': error(
    'The source (`from`) of a route is not an address of its shim.',
    'Use one of the `addresses` of the shim, without the prefix length.',
  ),
  'gateway-malformed': fixable(
    error(
      'The gateway is not an IP address.',
      'Write it without a prefix length, as in `198.51.100.254`.',
    ),
    'removes a prefix length.',
  ),
  'gateway-unreachable': error(
    'The gateway is not in any subnet of its shim.',
    'Correct the gateway or the prefix length, or add `on-link: true` if that is intended.',
  ),
  'gateway-is-self': error(
    'The gateway is an address of a shim of this host.',
    "Write the router's address.",
  ),
  'duplicate-route': fixable(
    error(
      'Two routes have the same destination, metric and table: one replaces the other.',
      'Give them different `metric`s (`dhcp4-overrides: {route-metric: …}` for the route by DHCP), or remove one.',
    ),
    'removes a route of the same link that is the same in every setting.',
  ),
  'rule-malformed': fixable(
    error(
      'A rule of `routing-policy` selects no packets: it has none of `from`, `to`, `iif` and `oif`, or its family is unknown.',
      'Add `from: NETWORK` or `to: NETWORK`, or an interface as `iif` or `oif`.',
    ),
    'writes a netmask as prefix length.',
  ),
  'duplicate-rule': fixable(
    error(
      'Two rules of `routing-policy` are the same: the kernel refuses the second.',
      'Remove one of the two.',
    ),
    'removes a rule that the same link has already.',
  ),
  'rules-out-of-order': warning(
    'Two rules with the same priority select different tables: their order is undefined.',
    'Give each a `priority`; the lower number is evaluated first.',
  ),
  'table-unused': warning(
    'No rule of the intent selects the table of this route, so the route is not used.',
    'Add a `routing-policy` with this `table`, unless another program adds one.',
  ),
  'table-empty': warning(
    'No route of the intent is in the table of this rule.',
    'Add routes with this `table`, unless another program does.',
  ),
  'table-without-subnet': warning(
    'A table has a default route and no route to the LAN itself: traffic to guests goes through the gateway.',
    'Add a route of scope `link` to the subnet, with the same `table`.',
  ),
  'dns-default-route-not-expressible': error(
    'NetworkManager cannot set `dns-default-route`: it decides by the default route.',
    'Leave `dns-default-route` out, or use networkd.',
  ),
  'nameserver-malformed': fixable(
    error('The name server is not an IP address.', 'Write its address without a prefix length.'),
    'removes a prefix length.',
  ),
  'nameserver-unreachable': error(
    'The shim has no address of the family of this name server.',
    'Use a name server of a family that the shim has.',
  ),
  'search-malformed': error(
    'The domain name is malformed.',
    'Write a domain as in `example.net` (with `~` in front for routing only).',
  ),
  // Dynamic addresses
  'dhcp-new-mac': warning(
    "The shim's MAC is new to the DHCP server: it gets another address than the one reserved for the NIC.",
    "Reserve the address for the shim's MAC, or give the shim the NIC's MAC (`macaddress`) and the parent another.",
  ),
  'dhcp-duid-clones': warning(
    'A DUID is derived from the machine-id, which clones of one image share: they get the same lease.',
    'Leave `dhcp-identifier` out (default: the MAC), or make sure that each host has its own machine-id.',
  ),
  'setting-unused': warning(
    'The setting has no effect, because the feature it belongs to is off.',
    'Turn the feature on, or remove the setting.',
  ),
  'hostname-malformed': fixable(
    error(
      'The host name is not valid for DHCP clients.',
      'Use lower-case letters, digits and `-`; no dots; at most 63 characters.',
    ),
    'writes it in lower case.',
  ),
  'token-malformed': error(
    'An IPv6 address token is the last 64 bits of an address, written as an address whose first 64 bits are zero.',
    'Write it as in `ipv6-address-token: "::50"`.',
  ),
  'token-taken': error(
    'Two links of one LAN have the same IPv6 address token: with one advertised prefix they would have the same address.',
    'Choose another token for one of them.',
  ),
  'token-of-two-hosts': note(
    'Two hosts of a fleet have the same IPv6 address token. In LANs of their own, each with its own prefix, they have different addresses; in one LAN they would have the same.',
    'Check that the hosts are on different LANs, or give each host a token of its own.',
  ),
  'exclusive-keys': error(
    'Two keys that decide the same thing exclude each other.',
    'Remove one of the two.',
  ),
  'link-local-needed': error(
    'DHCPv6 and router advertisements need an IPv6 link-local address.',
    'Add `ipv6` to `link-local`, or leave `link-local` out.',
  ),
  'ignore-carrier-dynamic': error(
    'A dynamic address needs a carrier: with `ignore-carrier` boot would wait for it until the timeout.',
    'Use static addresses with `ignore-carrier`, or leave it out.',
  ),
  'ignore-carrier-ipv6': error(
    'Duplicate detection of an IPv6 address needs a carrier: with `ignore-carrier` boot would wait for it until the timeout.',
    'Use only IPv4 addresses with `ignore-carrier`, or leave it out.',
  ),
  // What one system cannot express
  'dhcp6-follows-router': error(
    'NetworkManager cannot accept router advertisements without DHCPv6: it follows the managed flag of the router.',
    'Leave `dhcp6` out, or use networkd.',
  ),
  'link-local-unavoidable': error(
    'NetworkManager always adds a link-local address to IPv6.',
    'Leave `link-local` out, or use networkd.',
  ),
  'link-local-not-beside': error(
    'NetworkManager before 1.40 cannot have an IPv4 link-local address and another IPv4 address.',
    'Leave `ipv4` out of `link-local`, or use networkd.',
  ),
  'override-not-expressible': error(
    'This back end cannot express this DHCP override.',
    'Leave the override out, or use another back end.',
  ),
  'overrides-differ': error(
    'netplan over networkd needs equal overrides for DHCPv4 and DHCPv6.',
    'Make them equal, or use the networkd back end.',
  ),
  'optional-still-waited': warning(
    'NetworkManager-wait-online waits up to 60 s for any link that is being activated, also an optional one.',
    'Use networkd if boot must not wait.',
  ),
  'id-reserved': error('netplan reserves this id for a setting.', 'Choose another id or name.'),
  'name-shadowed': error(
    "With netplan over networkd, a link of this name is treated as a guest's device and left unmanaged.",
    'Choose a name that does not begin with `macvtap`.',
  ),
  'setting-not-expressible': error(
    'This back end cannot express this setting.',
    'Use another value, or another back end.',
  ),
  'setting-left-out': warning(
    'This back end cannot express a setting: the files are written without it, and the message says what follows.',
    'Remove the setting, or use another back end if it matters.',
  ),
  'wakeonlan-without-match': error(
    'udev sets Wake-on-LAN before it renames the NIC: with this back end `wakeonlan` needs the permanent MAC.',
    'Add `match: {macaddress: …}` and `set-name` to the parent.',
  ),
  // Guests
  'guest-on-shim': fixable(
    error('A guest is attached to a shim or tap, not to its parent.', "Name the shim's parent."),
    'puts the guest on the parent of the shim or tap.',
  ),
  'guest-without-rx-filters': warning(
    "Without `trust-guest-rx-filters` the host drops the guest's multicast: its IPv6 and mDNS fail.",
    'Leave it out, or give the guest static neighbours.',
  ),
  'guest-not-made': note(
    "The back end does not create guests' interfaces; it only leaves their devices unmanaged.",
    'Attach them with libvirt: `--backend libvirt` writes the XML.',
  ),
  'host-not-made': note(
    "The back end writes files for guests only, not for the host's network.",
    "Also render the intent for the system that owns the host's network.",
  ),
  'guest-trusted': note(
    'With `trust-guest-rx-filters` the guest may change the MAC and the filters of its device, and receive frames for others.',
    'For a guest that is not trusted, set `trust-guest-rx-filters: false`; it then has no IPv6 and multicast.',
  ),
  'ifupdown-differs': note(
    'ifupdown, ifupdown-ng and ifupdown2 differ in what they do with this file.',
    'Nothing to do with classic ifupdown, which Debian installs.',
  ),
  'resolver-needed': note(
    'ifupdown hands name servers to resolvconf or systemd-resolved; without one of them they are not used.',
    'Install resolvconf, or enable systemd-resolved.',
  ),
  'optional-shim': note(
    'Boot does not wait for this shim: services that need its address (NFS, libvirt over TCP) may start before it.',
    'Leave `optional` out, and order such services after `network-online.target`.',
  ),
  // What one version or distribution lacks, or does
  'target-without-system': error(
    'The distribution or host does not have the system of this back end.',
    'Choose a back end whose system it has.',
  ),
  'target-lacks-key': error(
    'The version of the target does not know a required key.',
    'Use another back end or a newer target, or leave out the setting that needs the key.',
  ),
  'left-out-for-target': note(
    'The version of the target does not know a key; it is left out.',
    'Nothing to do; the message names the effect.',
  ),
  'older-spelling': note(
    'The version of the target knows a key only by its older name, which is written.',
    'Nothing to do.',
  ),
  'system-not-installed': note(
    'The distribution has this system, but does not install it by default.',
    'Install and enable it before the files are put in place.',
  ),
  'networkmanager-manages-nothing': note(
    "Ubuntu's NetworkManager manages no Ethernet device by default; the generated file in conf.d excepts the NIC.",
    'Nothing to do; the activation runs `nmcli general reload conf` first.',
  ),
  'cloud-init-network': note(
    'On images with cloud-init, cloud-init also configures the NIC. The generated files take precedence, but cloud-init may write its own again.',
    'Turn it off: `network: {config: disabled}` in /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg.',
  ),
  'rp-filter': note(
    'The distribution filters by the return path (`rp_filter=1`), which drops the packets of a side shim; the generated sysctl file relaxes the filter for the shim.',
    'Nothing to do, unless another file sets it for the shim.',
  ),
  // What else is on the host (check, --root)
  shadowed: error(
    'Another file sorts before the generated one and matches a link of the intent: the generated one has no effect.',
    'Rename it so that it sorts after the generated file, or exclude this link from it; `apply --move FILE` moves it away with the change.',
  ),
  'may-be-shadowed': warning(
    'Another file sorts before the generated one and may match a link of the intent, depending on driver, path, MAC or alternative names.',
    'Check whether it matches; if it does, rename it so that it sorts after the generated file.',
  ),
  'link-enslaved-by-others': error(
    'Other configuration makes a link of the intent a port of a bridge, bond, team or VRF; a port cannot have a macvlan.',
    'Use the bridge or bond as the parent, or remove the link from it in the same change (`apply --move FILE`).',
  ),
  'link-used-by-others': error(
    'Another file creates a VLAN, macvlan or other device on top of a link of the intent; the generated file replaces it, so the device is no longer created.',
    'Describe a VLAN in the intent (under `parents`), or create the device elsewhere.',
  ),
  'device-made-by-others': error(
    'Another `.netdev` file defines a device of this name, and networkd uses the first one.',
    'Move it away; `apply --move FILE` does that with the change.',
  ),
  'drop-in-of-others': warning(
    'A drop-in changes the configuration of a link of the intent; an error if it changes addresses or the match, or makes the link a port.',
    'Put the setting into the intent, and remove the drop-in; `apply --move FILE` does that with the change.',
  ),
  'unmanaged-by-others': error(
    "NetworkManager's configuration leaves links of the intent unmanaged that it must manage, or manages links that another system configures.",
    'Exclude the link there, e.g. `unmanaged-devices+=except:interface-name:eth0` in a file that sorts after it.',
  ),
  'device-settings-overridden': warning(
    'Another `[device…]` section decides a setting of a link before the generated one.',
    'Exclude the link from its `match-device`, or remove the key.',
  ),
  'profiles-not-read': error(
    'NetworkManager reads its profiles from another directory, or cannot parse its configuration: the generated profiles have no effect.',
    'Remove the setting, or the line that cannot be parsed.',
  ),
  'profile-claims-link': error(
    'Another profile is for a link of the intent, and NetworkManager may activate it instead of the generated one.',
    'Set `autoconnect=false` in it, or move it away; `apply --move FILE` does that with the change.',
  ),
  'netplan-unreadable': error(
    'netplan cannot parse this file as YAML: every netplan command fails, and up to version 1.0 the next boot has no network.',
    'Fix it, or move it away.',
  ),
  'netplan-file-refused': error(
    'netplan refuses this file: every netplan command fails, and up to version 1.0 the next boot has no network.',
    "Fix it, or move it away; `netplan generate` prints netplan's error. Not all mistakes are detected.",
  ),
  'netplan-enslaves-link': error(
    'Another netplan file makes a link of the intent a port of a bridge, bond or VRF; a port cannot have a macvlan.',
    'Remove the link from it, or move the file away; `apply --move FILE` does that with the change.',
  ),
  'netplan-vlan-on-link': error(
    'Another netplan file has a VLAN or VXLAN on top of a link of the intent; the generated file replaces the one that creates it, so it is no longer created.',
    'Describe the VLAN in the intent (under `parents`), and remove it from the file.',
  ),
  'netplan-gives-link-away': error(
    'netplan gives the NIC to networkd and leaves it unmanaged by NetworkManager: the host is unreachable after the next boot.',
    'Use `netplan-networkmanager`, or remove the NIC from that file.',
  ),
  'netplan-renames-link': error(
    'Another netplan file renames the NIC: its name in the intent no longer exists after the next boot.',
    'Use the new name in the intent, or remove `set-name` from the file.',
  ),
  'netplan-default-routes': note(
    'Another netplan file has a default route for the NIC, and so has the shim. netplan prints a warning, with status 0; the route is not added, as the generated file for the NIC takes precedence.',
    "Ignore it until the new network has come up after a reboot; then remove the NIC from that file (for cloud-init's file, also disable its network configuration).",
  ),
  'netplan-same-name': error(
    'Another netplan file describes a link of the same name: netplan merges the addresses of both.',
    'Remove it from that file.',
  ),
  'ifupdown-claims-link': error(
    'ifupdown also configures a link of the intent.',
    'Use `--backend ifupdown`; or `apply --switch --move FILE`, whose rollback restores the file; by hand, remove the link with its `auto` line at the moment of the activation.',
  ),
  'dhcpcd-claims-link': error(
    'dhcpcd runs as a service and configures a link of the intent: it configures every link that `denyinterfaces` does not exclude.',
    'Add `denyinterfaces` with these links to /etc/dhcpcd.conf.',
  ),
  'ifupdown-may-claim-link': warning(
    'ifupdown may bring up a link of the intent at boot with other addresses, depending on a script, a command or the hardware.',
    'Remove the link from /etc/network/interfaces, with its `auto` line.',
  ),
  'ifupdown-enslaves-link': error(
    'ifupdown makes a link of the intent a port of a bridge or bond; a port cannot have a macvlan.',
    'Remove the bridge in the same change (`apply --move FILE`), or the link from that stanza; or describe the bridge or bond in the intent (under `parents`), and put the shim on it.',
  ),
  'ifupdown-vlan-taken': error(
    'ifupdown creates a VLAN with the same id on the same link: the kernel allows only one.',
    'Remove it from /etc/network/interfaces, or use its name in the intent.',
  ),
  'ifupdown-ignores-links': error(
    'ifupdown does not read the generated file, or does not bring its links up at boot.',
    'Add the line `source /etc/network/interfaces.d/*` to /etc/network/interfaces.',
  ),
  'ifupdown-other-stanza': error(
    'ifupdown brings up a link of the intent with another stanza: the generated one has no effect.',
    'Remove that line; `apply` does that with the change, in another file than /etc/network/interfaces by `--move FILE`.',
  ),
  'ifupdown-file-refused': error(
    'Classic ifupdown refuses a line: it ignores the rest of the file, or all of /etc/network/interfaces.',
    "Fix the line; `ifquery --list` prints ifupdown's error.",
  ),
  'cloud-init-writes-network': warning(
    'cloud-init may write configuration for the NIC again. The generated files take precedence, except over its NetworkManager profiles, whose priority is 120.',
    'Write `network: {config: disabled}` into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg.',
  ),
  'sysctl-overridden': warning(
    'A later file sets a kernel parameter of the generated file to another value.',
    'Remove it there, or give the file a name that sorts before 90-macvtap.conf.',
  ),
  'other-network-owner': error(
    "Another system owns this host's network: the files of this back end have no effect, and they make that system ignore the links.",
    'Use the back end of the system that owns the network.',
  ),
  'system-not-enabled': error(
    'The system of this back end is not started at boot. Only a warning in a tree where no other system owns the network, or where netplan starts it.',
    'Enable the system, or use the back end of one that is enabled.',
  ),
  'two-network-owners': error(
    'The first boot of an image enables units by preset: here a second network system.',
    'Disable one of the two in a preset.',
  ),
  'resolver-missing': warning(
    'The system of this back end hands name servers to systemd-resolved (ifupdown: or resolvconf), which is not enabled.',
    'Install resolvconf or systemd-resolved, or run `systemctl enable --now systemd-resolved`.',
  ),
  'foreign-unreadable': error(
    'The file cannot be read, and may conflict with the generated ones.',
    'Run the command as root, or check the file yourself.',
  ),
  // The host itself against the intent (--root /)
  'host-name-differs': warning(
    'The name of this host differs from the intent: derived MAC addresses and UUIDs would be those of another host.',
    'Install the intent of this host; or correct `host`, or /etc/hostname.',
  ),
  'nic-not-found': warning(
    'This host has no link with the name of a NIC in the intent: links on top of it would not come up.',
    'Correct the name (`ip -br link` lists them); or match the NIC by its MAC address.',
  ),
  'address-differs': warning(
    'Another file gives the NIC a static address that the intent does not have: the host would be reachable at another one.',
    'Correct the intent, unless the new address is intended.',
  ),
  'uplink-left-bare': warning(
    'The NIC of the default route that this host has today is left without addresses, and nothing in the intent gives the host another one: it would reach its LAN only, or nobody; an error where the host would have no address either.',
    'Add a shim with addresses and a route `to: default` on this NIC, or correct the name of the parent.',
  ),
  // Domains of libvirt that follow the host (apply)
  'guest-cut-off': hostError(
    "A domain of libvirt would lose the LAN: its bridge goes, or its NIC becomes a bridge's port, and its interface cannot follow.",
    'Add the guest with its MAC to `guests`, or change its interface with `virsh edit`; `--force` changes the host anyway.',
  ),
  'guest-setting-dropped': hostWarning(
    "A setting of a domain's interface is not in the one that replaces it: libvirt does not accept it there.",
    'Nothing to do, unless the guest depends on it.',
  ),
  'guest-saved-state': hostWarning(
    'A managed save image or a snapshot of a domain that is moved has its old interface: restored from it, the domain does not start, or is without the LAN.',
    'Start a domain with an image (`virsh start`) before the change. After `virsh snapshot-revert`, replace the interface with `virsh edit`.',
  ),
  'libvirt-silent': hostError(
    'Domains of libvirt must follow the host from a bridge or to one, and libvirt does not answer.',
    'Start it (`systemctl start libvirtd`, or `virtqemud`), and run the command again.',
  ),
  // A host whose network becomes an intent (init)
  'uplink-missing': error(
    'No link is the uplink of the host by its files: none has a default route, or NICs are matched by a pattern.',
    'Name the link with `--parent NAME`.',
  ),
  'uplink-ambiguous': error(
    'Several links of the host have a default route, and one of them goes under the shim.',
    'Choose one with `--parent NAME`.',
  ),
  'host-name-missing': error(
    'The host has no name that an intent can have; MAC addresses are derived from it.',
    'Add `--host NAME`.',
  ),
  'owner-without-back-end': warning(
    'A system configures the uplink that no back end writes for (dhcpcd, ConnMan, wicked, network-scripts, cloud-init before its first boot).',
    'Enable the system of a back end, and apply the intent with `--backend ID --switch`.',
  ),
  'host-file-not-read': warning(
    'A file or folder that may configure the network of the host cannot be read: it is for root only, is not text, or is too large.',
    'Run `init` as root.',
  ),
  'owner-not-read': error(
    'A system configures the network of the host whose files `init` does not read (wicked, ConnMan).',
    'Enable a system of a back end (systemd-networkd, NetworkManager), configure the NIC there, and run `init` again; or name the NIC with `--parent NAME`, and add `--keep-parent`.',
  ),
  'setting-not-adopted': warning(
    'A setting of the host is not in the intent: the language has no word for it, or it has no effect there.',
    'If the host needs it, keep it in a file of its own.',
  ),
  'kernel-setting-not-adopted': warning(
    'The kernel has an address, route, rule, MTU, name server or VLAN that is not in the intent: no file sets it in a way that `init` reads. It was set by hand (lost at reboot), by another program, or by a line that `init` reports separately.',
    'Add it to the intent, if the host is to keep it.',
  ),
  'link-not-adopted': note(
    'A link of the host is not connected with the parent, and keeps its own configuration.',
    'Nothing to do; for a shim on that link, run `init --parent NAME`.',
  ),
  'guest-not-adopted': warning(
    'A domain of libvirt on the bridge or NIC is not a guest of the intent.',
    'Rename it with `virsh domrename` to letters, digits, `_`, `.`, `+` and `-`.',
  ),
  'generated-not-adopted': warning(
    'A line of a generated file is not rendered from the adopted intent: the file was edited, or the files do not have what the line comes from (guests, for example).',
    'Compare the intent with the one that the host was installed from.',
  ),
  'lease-may-change': warning(
    'The address of the host depends on a lease that the shim may not get: the MAC of the NIC is not in the files, or the shim is an ipvlan, which asks by a DUID.',
    'Change the reservation of the DHCP server; or run `init` on the host itself, or give the shim the MAC of the lease (`macaddress`) and the NIC another one.',
  ),
  'containers-on-parent': note(
    'Containers have a macvlan or ipvlan on the parent of the shim; their engine keeps it.',
    'Nothing to do.',
  ),
  'containers-not-reached': warning(
    'Containers have a macvlan or ipvlan of the host that the shim does not reach: by its mode, on another link, or as no network of theirs is known.',
    'Set the mode of their network to `bridge`; or name their network with `--range`.',
  ),
  'containers-exclude-shim': error(
    'Containers have the parent in a way that permits no shim beside them: in mode `passthru`, or as an ipvlan where the shim cannot be one.',
    'Change the network of the containers.',
  ),
  'containers-not-read': warning(
    'The networks of a container engine are not known: its file cannot be read, its daemon does not answer, or it has them in a database.',
    'Run `init` on the host itself, as root and with the engine running; or name compose files with `--compose FILE`, or the network of the containers with `--keep-parent` and `--range`.',
  ),
  'container-parent-removed': warning(
    'Containers are attached to a bridge whose place the shim takes.',
    'Attach them to the parent of the shim, by a macvlan of mode `bridge`.',
  ),
  'shim-address-missing': error(
    'With `--keep-parent` the shim needs an address of its own, which no file of the host has.',
    'Add `--address`, with a free address of the LAN that no DHCP server assigns, as in `198.51.100.222/32`.',
  ),
  'guest-range-missing': error(
    'With `--keep-parent` the shim needs a route to guests or containers, and the files of the host show no network of theirs.',
    'Add `--range` with their network, as in `198.51.100.192/27`.',
  ),
  // A tree against the intent (check)
  'file-missing': error('A generated file is missing.', 'Install it with the command below.'),
  'file-changed': error(
    'A generated file is out of date: the intent has changed, or the file was edited below its first line.',
    'Install it, if the intent is right.',
  ),
  'file-edited': error(
    'A file has the name of a generated file but not its first line: it was edited, or written by another program.',
    'Move your changes to the intent; then move the file away, or install with `--force`.',
  ),
  'file-of-other-host': error(
    "A file was generated from another host's intent.",
    'If this is the right intent for the host, install with `--force`.',
  ),
  'file-mode': error(
    'A file has wrong permissions: NetworkManager refuses wider ones, and networkd, which is not root, cannot read narrower ones.',
    'Install it.',
  ),
  'file-owner': error('A file does not belong to root.', 'Install it, as root.'),
  'file-in-the-way': error(
    'A symbolic link or a directory is in the place of a file, or a link in the place of a folder.',
    'Move it away.',
  ),
  'file-extra': error(
    'A generated file is no longer in the intent (orphaned), and still has effect.',
    'Install: this removes orphaned files.',
  ),
  'file-left-over': error('A temporary file of an interrupted run.', 'Install: this removes it.'),
  'host-extra': error(
    'A folder has generated files of a host that is not in the fleet: they would still be copied to it.',
    'Remove the folder, if the host is gone.',
  ),
  // What is rendered: `backend` and `target` of an intent, and the library's options
  'backend-missing': error(
    'Some hosts of the fleet name their back end in the intent, and these hosts do not.',
    'Add `backend: ID` to them or to `defaults`.',
  ),
  'backend-unknown': fixable(
    error('There is no such back end.', 'Use one of the names that `macvtap-render help` lists.'),
    'writes the name that is one letter or the case off a single one.',
  ),
  'target-unknown': fixable(
    error(
      'There is no such target, or nothing is known of these versions.',
      'Use a name out of `macvtap-render help targets`, or versions as in `systemd=252,netplan=0.106`.',
    ),
    'writes the name that is one letter or the case off a single one, never another number.',
  ),
  'host-unknown': error('The fleet has no such host.', 'Name hosts of the fleet.'),
  'format-unfit': error(
    'A format cannot hold these hosts or back ends.',
    'Choose another format, or pack them one by one.',
  ),
  // Installed files (apply)
  'target-not-named': warning(
    'Installed files are those of a target that neither the command nor the intent names: this change would replace them by those for the newest versions.',
    'Name the target: `--target NAME`, or `target: NAME` in the intent, where every command finds it.',
  ),
  // A running host against the intent (status, apply)
  'link-missing': hostError(
    'The running host has no link of this name.',
    'Let the daemon create it; if it is still missing, read its log.',
  ),
  'link-setting-drift': hostError(
    'A link of the running host is of another kind or mode, on top of another link, or a port of another bridge than the intent says.',
    'Reboot, or run `ip link delete dev LINK`, and then `macvtap-render status`: it prints what creates it again.',
  ),
  'tap-access-drift': hostError(
    'The device `/dev/tapN` of a tap has another owner, group or permissions than the intent says: a guest that runs as that user cannot open it, or another user can. A warning where udev, which sets them, is not running.',
    'Run `udevadm trigger --action=change --subsystem-match=macvtap`, and check that the user and the group exist on this host.',
  ),
  'tap-device-taken': hostWarning(
    'The device `/dev/tapN` of a tap is that of another macvtap. N is the index of the link, which each network namespace counts for itself, and the kernel has one `/dev` for all of them: where a container has a macvtap with the same index, the device is that of whichever came first.',
    'Create a device of another name with the number in `/sys/class/net/NAME/tapN/dev`, and have the guest open that; or delete the tap, and let the daemon create it again.',
  ),
  'tap-device-missing': hostWarning(
    'A tap has no device `/dev/tapN`: no program can open it. A note where udev is not running, as in a container.',
    'Create it with `mknod` and the number in `/sys/class/net/NAME/tapN/dev`.',
  ),
  'mac-drift': hostError(
    'A link of the running host has another MAC address than the intent says.',
    'Set it with `ip link set dev NAME address MAC`, or reboot.',
  ),
  'mtu-drift': hostWarning(
    'A link of the running host has another MTU than the intent says, or a smaller one than what it gets to transmit or to receive.',
    'Set it with `ip link set dev NAME mtu BYTES`, the link below it first.',
  ),
  'link-down': hostError(
    'A link of the running host is not up: nothing goes through it, nor through what is on top of it.',
    'Let the daemon configure it again.',
  ),
  'no-carrier': hostError(
    'A link has no carrier: the cable is out, the switch port is off, or no member of a bond or bridge has one. A note where the intent says `optional` or `ignore-carrier`.',
    'Plug the cable in, and look at the port of the switch; `ethtool NAME` shows what the NIC sees.',
  ),
  'address-missing': hostError(
    'A static address of the intent is not on its link.',
    'Let the daemon configure the link again.',
  ),
  'address-not-ready': hostError(
    'The kernel still checks whether another host has this address (duplicate detection), and does not use it until then.',
    'Wait a second or two, and look again.',
  ),
  'address-duplicate': hostError(
    'Duplicate detection found another host with this address: the kernel does not use it.',
    'Find the other host (`ip neigh` of a third one has its MAC), and change one of the two.',
  ),
  'address-on-bare-link': hostError(
    'A link that the intent leaves without addresses has one: the host then talks to the LAN past the shim, and guests do not reach it. A warning for a link-local address.',
    'Find what configures the link, and remove the address.',
  ),
  'address-of-others': hostNote(
    'A link has an address that is not in the intent: somebody added it. A warning where a DHCP client or an advertisement gave it and the intent asks for neither.',
    'If it is not intended, stop what adds it (another DHCP client, `accept_ra`).',
  ),
  'token-drift': hostError(
    'A link has addresses by router advertisement, and none ends in the token of the intent: the host is not reachable at the address that DNS and others have of it.',
    'Let the daemon configure the link again.',
  ),
  'temporary-address-drift': hostWarning(
    'Temporary IPv6 addresses (RFC 8981) are there without `ipv6-privacy: true`, or are missing with it: the host sends from an address that its peers do not expect.',
    'Let the daemon configure the link again.',
  ),
  'address-twice': hostError(
    'An address of the intent is also on another link: it is undefined which one answers.',
    'Remove it from the link that is not in the intent.',
  ),
  'address-left': hostError(
    'An address that the change removes is still there.',
    'Remove it with `ip address delete`.',
  ),
  'lease-missing': hostError(
    'A link that takes its address from the LAN has none. A warning where the link has one of the other family, a note where it is optional or only follows router advertisements.',
    'Is the DHCP server up and in this LAN or VLAN, and does it have a lease for this MAC? `tcpdump -ni NAME port 67 or port 68` shows whether it answers. For router advertisements: does a router advertise a prefix?',
  ),
  'route-missing': hostError(
    'The running host lacks a route of the intent.',
    'Let the daemon configure the link again.',
  ),
  'route-metric-drift': hostWarning(
    'A route of the intent has another metric in the kernel: another route may be preferred.',
    'Let the daemon configure the link again.',
  ),
  'route-table-drift': hostWarning(
    'Routes of a lease or of router advertisements are in another table than the intent says: rules that select its table find nothing there.',
    'Let the daemon configure the link again.',
  ),
  'address-generation-drift': hostWarning(
    'An IPv6 address is made of the MAC of its link, and the intent says `ipv6-address-generation: stable-privacy`: whoever sees the address learns the MAC.',
    'Let the daemon configure the link again.',
  ),
  'route-on-bare-link': hostWarning(
    'A route leaves by a link that the intent leaves without addresses.',
    'Find what configures the link, and remove the route.',
  ),
  'default-route-lost': hostError(
    'There was a default route before the change, and now there is none: the host answers its LAN, and nobody else.',
    'Add a route `to: default` to the intent, or let the DHCP server give one (`use-routes`).',
  ),
  'gateway-silent': hostError(
    'The gateway answers neither pings nor ARP: it is down, has another address, or the port of the switch is in another VLAN or does not admit the MAC of the shim. With `apply`, it answered before the change, or the gateway that it replaces did.',
    'Ask from another machine of the LAN whether the gateway answers; `tcpdump -eni NIC arp` shows whether this host hears anybody, and by which VLAN tags. `apply` rolls the change back.',
  ),
  'rule-missing': hostError(
    'The running host lacks a policy rule of the intent.',
    'Let the daemon configure the link again.',
  ),
  'nameserver-missing': hostWarning(
    'Name servers of the intent are asked by nobody: neither /etc/resolv.conf nor systemd-resolved has them.',
    'Is systemd-resolved or resolvconf installed and running, and is /etc/resolv.conf its file?',
  ),
  'nameserver-unused': hostNote(
    'The daemon hands its name servers on to systemd-resolved, which does not run; programs read /etc/resolv.conf, where they are not.',
    'Enable systemd-resolved and link /etc/resolv.conf to /run/systemd/resolve/stub-resolv.conf, or keep /etc/resolv.conf yourself.',
  ),
  'sysctl-drift': hostWarning(
    'A kernel parameter has another value than the generated file in sysctl.d gives it.',
    'Run `/usr/lib/systemd/systemd-sysctl`, and look for a later file that sets it (`macvtap-render check`).',
  ),
  'daemon-state': hostError(
    'The daemon of the back end has not configured a link, or does not manage it: what the link has now may be gone at the next boot.',
    'Let the daemon configure it again, and read its log.',
  ),
  'daemon-not-running': hostError(
    'The daemon of the back end does not run, or cannot be asked: nothing configures the links.',
    'Start and enable it; or use the back end of the system that has the network.',
  ),
  'wait-online-failed': hostWarning(
    'The unit that waits for the network at boot failed: services that need it started late, and perhaps before it.',
    'Find the link that it waited for; `optional: true` keeps boot from waiting for one.',
  ),
  'state-unreadable': hostError(
    'Part of the state of the running host cannot be read: nothing is known of it. A note where it is of no consequence.',
    'Run the command as root, with iproute2 installed.',
  ),
  // Why host, guests and LAN do not reach each other (doctor)
  'arp-off': hostError(
    'A link with an address has ARP turned off (`ip link set … arp off`): the host finds nobody on its LAN, and nobody finds it.',
    'Run `ip link set dev NAME arp on`.',
  ),
  'ipv6-disabled': error(
    'The intent gives a link IPv6, and a kernel parameter turns it off (`disable_ipv6`): the kernel keeps no address of it.',
    'Remove the line from /etc/sysctl.d, set the parameter to 0, and let the daemon configure the link again.',
  ),
  'no-shim': hostError(
    'The host has its address on the NIC itself. The kernel passes no frame between a NIC and the macvtaps on it, so that host and guests do not reach each other.',
    'Give the host a shim (`macvtap-render help original`), or a side shim beside the address of the NIC (`macvtap-render help arrangements`).',
  ),
  'duplicate-mac': hostError(
    'Two links, or a link and a machine of the LAN, have the same MAC address: frames reach one of the two, or neither.',
    'Give one of the two another MAC: a guest in its XML (`virsh edit`), a shim by `macaddress` in the intent.',
  ),
  'address-conflict': hostError(
    'Another machine of the LAN, or a guest, has an address of this host: it answers ARP for it, or (IPv6) is in its group.',
    'Find it by its MAC (table of the switch, leases of the DHCP server), and change one of the two addresses.',
  ),
  'neighbour-static': hostError(
    'The MAC of a gateway or guest was set by hand, and nobody answers there: it is never asked about again.',
    'Delete the entry: `ip neigh delete ADDRESS dev NAME`.',
  ),
  'route-elsewhere': hostError(
    'The kernel sends packets to a gateway or guest by another link than the intent says, or refuses them: another route or rule takes them first.',
    'Find the route (`ip route get ADDRESS`, `ip rule`), and what made it.',
  ),
  'rp-filter-drops': hostError(
    'The kernel drops packets that come in by another link than answers would leave by (`rp_filter` 1).',
    'Set `rp_filter` to 2 for these links in /etc/sysctl.d, or find out why answers use another link: the LAN knows the host by the MAC of the NIC (`arp_ignore`), or two links are in one subnet.',
  ),
  'firewall-drops': hostError(
    'A rule or policy of this host dropped packets while it was probed, and somebody did not answer.',
    'Add a rule before it that accepts ARP, ICMP and what the host is to offer. `nft -a list ruleset` shows rules by their handle.',
  ),
  'firewall-may-drop': hostWarning(
    'A rule or policy of this host drops packets and counts none, on the way of packets that were not answered.',
    'Add `counter` to it, and look again; or `nft monitor trace` on such a packet.',
  ),
  'path-mtu': hostError(
    'Small packets come through, and those as large as the MTU of the link do not: connections open, and hang.',
    'Set the MTU that every switch, NIC and machine of the LAN has (`mtu` in the intent, at the parent and the shim).',
  ),
  'foreign-macs-dropped': hostError(
    'The LAN answers the MAC of the NIC and not that of the shim: a switch with port security, a hypervisor that this host is a guest of (promiscuous mode, forged transmits, MAC spoofing), a cloud, or an access point.',
    "Allow several MACs at the port: VMware `Forged transmits` and `Promiscuous mode`, Hyper-V `MAC address spoofing`, libvirt `trustGuestRxFilters` and no `clean-traffic`, a switch's port security. `macvtap-render help arrangements` has others for where nobody may change that.",
  ),
  'target-firewall': hostError(
    'The gateway or guest answers ARP and no ping: it gets packets, and its own firewall drops them, or its answers go elsewhere.',
    'Look at its firewall, and at its address, prefix length and routes, from inside (`virsh console`).',
  ),
  'guest-mode': hostError(
    'A guest is attached by macvtap in another mode than `bridge`: in `vepa` (the default of libvirt) its frames go to the switch alone, in `private` nowhere else.',
    "Set `<source dev='NIC' mode='bridge'/>` in the guest's XML (`macvtap-render --backend libvirt` prints it), and stop and start the guest.",
  ),
  'shim-mode': hostError(
    'The intent gives the shim another mode than `bridge`: frames between it and guests on the same NIC do not pass, or (`vepa`) only by a switch that sends them back.',
    'Remove `mode` of the shim from the intent (default: `bridge`), or reach guests by another network.',
  ),
  'guest-on-other-link': hostError(
    'A guest is attached to another link than the one that the shim is on: frames would have to go by the LAN, or it is on a bridge or NAT network of its own.',
    "Name the parent of the shim in the guest's XML (`<source dev='NIC' mode='bridge'/>`), never the shim itself; or give the other link a shim, too.",
  ),
  'guest-down': hostError(
    'The device of a guest is down: no frame gets through.',
    'Bring it up; if the kernel refuses, another link has its MAC.',
  ),
  'guest-absent': hostError(
    'Nobody answers for the guest, and no macvtap is on the parent of the shim. A container in a network namespace of its own is not seen from here.',
    'Does the guest run (`virsh list`), and is its interface `type=direct` (`virsh domiflist NAME`)?',
  ),
  'guest-silent': hostError(
    'A guest is attached as it should be, and does not answer ARP: it has another address, its interface is down inside, or it has not booted.',
    'Look from inside (`virsh console NAME`, `ip -br address`); `tcpdump -eni DEVICE arp` on its macvtap shows whether it sends anything.',
  ),
  'arp-ignored': hostError(
    'A link with an address answers no ARP request (`arp_ignore` 8): the LAN and guests lose the host as soon as they ask again.',
    'Set `arp_ignore` to 0 or 1, and remove the line from /etc/sysctl.d.',
  ),
  'bridge-port-blocked': hostError(
    'A port of a bridge has a carrier and does not forward, or does not flood what is needed: STP listens, or a program set it so.',
    'Look at it with `bridge link`; turn STP off where the LAN has no loops, or let the port forward again.',
  ),
  'advertisements-ignored': hostError(
    'The intent gives a link IPv6 by router advertisements, and a kernel parameter (`accept_ra`) has them ignored. Where the host forwards packets, 1 is not enough: 2 is.',
    'Set `accept_ra` to 2 for the link, and remove what sets another value.',
  ),
  'guest-outside-routes': hostError(
    "A guest's address is in none of the routes of the side shim, or in the subnet of no link: packets to it leave by the NIC itself, and do not reach macvtaps on it, or go to a gateway.",
    'Give the guest an address within these routes, or add a route of the shim to the intent.',
  ),
  'guest-mac-differs': hostError(
    'A guest uses another MAC than the device that it is attached by (a bond or bridge inside, a copied configuration): what it sends arrives, and frames to it leave by the NIC.',
    'Give the guest the MAC of its device, or let it change that (`trustGuestRxFilters`, model `virtio`).',
  ),
  'guest-multicast': hostError(
    "The device of a guest does not take the multicast groups that the guest joins: neighbour discovery does not reach it, so that nobody finds its IPv6 address. libvirt sets them where the guest's XML has `trustGuestRxFilters='yes'`.",
    "Set `trustGuestRxFilters='yes'` at the interface of the guest's XML, and stop and start it; until then `ip link set dev DEVICE allmulticast on`.",
  ),
  'nat-rewrites': hostError(
    'A rule for address translation gives packets to a gateway or guest another destination, or a source address that this host does not have.',
    'Except the LAN from this rule: `nft -a list ruleset` and `iptables-save` show it.',
  ),
  'traffic-control-drops': hostError(
    'A queue of traffic control, or a filter at it, dropped packets of a link on the way while somebody did not answer.',
    'Look at it with `tc -s qdisc` and `tc -s filter show dev NAME ingress`, and remove or widen the limit.',
  ),
  'xdp-may-drop': hostError(
    'An XDP program is attached to a link on the way of packets that were not answered: it sees each frame before the kernel does, and may drop it uncounted.',
    'Detach it with `ip link set dev NAME xdp off`, and look again.',
  ),
  'link-dormant': hostError(
    'A NIC has a carrier and is dormant: the switch wants a login (802.1X), and no program has done it; IPv6 does not start on what is on top of it.',
    'Look at the log of wpa_supplicant, and at what starts it for this NIC.',
  ),
  'broadcasts-dropped': hostError(
    'The queue in which a NIC keeps broadcasts for the shim and for guests has the length 0 (`bcqueuelen`): they get no ARP request of the LAN.',
    'Set `bcqueuelen` of the shim to 1000, the default.',
  ),
  'bridge-entry-static': hostError(
    'A bridge has an entry for the MAC of a gateway or guest that a program set, and that leads to another port than the LAN is at.',
    'Delete the entry: `bridge fdb delete MAC dev PORT master`.',
  ),
  'source-address-differs': hostError(
    'Packets to a gateway or guest have a source address that is on another link: nobody who answers finds it on this one.',
    'Remove `src` from the route, or set an address of the link.',
  ),
  'ipsec-drops': hostError(
    'A policy of IPsec takes packets to or from a gateway or guest, and there is no association for them.',
    'Except the LAN: strongSwan has the plugin `bypass-lan`, libreswan a connection of `type=passthrough`. `ip xfrm policy` shows the policies.',
  ),
  'arp-not-sent': hostError(
    'The kernel does not ask for MACs on a link (`mcast_solicit` 0): a program was to do it, and does not.',
    'Set `mcast_solicit` to 3, the default.',
  ),
  'proxy-arp': hostError(
    'A NIC below a shim answers ARP for other machines (`proxy_arp`), as the host reaches them by another link, the shim: the LAN sends their packets to this host.',
    'Set `proxy_arp` of the NIC and of `all` to 0, and remove the line from /etc/sysctl.d.',
  ),
  'echo-ignored': hostWarning(
    'The host answers no pings (`icmp_echo_ignore_all`); all else may work.',
    'Set it to 0, or try what the host offers instead.',
  ),
  'neighbour-table-full': hostError(
    'The kernel has no room for another neighbour (`gc_thresh3`, one table for all containers of the host): it cannot resolve the MAC of whom it does not know yet.',
    'Raise `net.ipv4.neigh.default.gc_thresh3` (and 1 and 2, and those of IPv6) in /etc/sysctl.d, and find what fills the table: a scan, a subnet that is too large, many containers.',
  ),
} as const satisfies Record<string, Description>;

export type DiagnosticCode = keyof typeof CODES;

export const descriptionOf = (code: DiagnosticCode): Description => CODES[code];

/** Codes of diagnostics that may have a fix. */
export const fixableCodes = (): DiagnosticCode[] =>
  (Object.keys(CODES) as DiagnosticCode[]).filter((code) => descriptionOf(code).fix !== undefined);
