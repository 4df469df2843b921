/** The catalogue of diagnostics: every code, what it means, and what to do. Imports nothing. */

/** An error: nothing is written. A note is for `lint`: nothing is wrong, but it is as well to know. */
export type Severity = 'error' | 'warning' | 'note';

interface Description {
  readonly severity: Severity;
  /** What is wrong, for the README; one sentence. */
  readonly meaning: string;
  /** What to do about it, unless the diagnostic itself says something closer. */
  readonly remedy: string;
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

/**
 * Every code there is. Codes are stable: scripts may rely on them. The README's table of
 * diagnostics is held against this one by a test.
 */
export const CODES = {
  // The file as such
  'intent-not-found': error(
    'There is no such file, or none was named and none was found.',
    'Name the file that holds the intent, or - for standard input.',
  ),
  'intent-is-directory': error(
    'The path names a directory in which, and below which, there is no file of an intent.',
    'Name the file; of a directory, what ends in .yaml, .yml or .json is read.',
  ),
  'intent-not-a-file': error(
    'In a directory of intents, or at a revision, this is no regular file: a link to a directory, a link of git, a pipe.',
    'Name what it leads to, or move it away: links to directories are not followed.',
  ),
  'not-utf8': error('The intent is not UTF-8 text.', 'Save it as UTF-8.'),
  'too-large': error('The intent is larger than 64 MiB.', 'Split it.'),
  'too-many-values': error(
    'The intent, or all files of a fleet together, have more than 3,000,000 values (keys, scalars, mappings and lists).',
    'Render the fleet in parts; 100,000 hosts with 25 values each fit.',
  ),
  'too-many-diagnostics': note(
    'More is wrong than is reported at once.',
    'Fix what is reported, and run the command again.',
  ),
  'too-deep': error(
    'Collections are nested more than 64 deep.',
    'An intent needs five levels; look for a bracket that is never closed.',
  ),
  'empty-intent': error(
    'The file holds no intent: it is empty, or comments only.',
    'Begin with `version: 1`; `macvtap-render help intent` shows the smallest intent.',
  ),
  // YAML
  'yaml-syntax': error(
    'This is not YAML 1.2 (nor JSON).',
    'Fix the syntax at the place shown; indent with spaces.',
  ),
  'several-documents': error(
    'The file holds more than one YAML document.',
    'Keep one document in a file; remove the `---` between them.',
  ),
  'duplicate-key': error('Duplicate key in a mapping.', 'Remove one of the two.'),
  'key-not-text': error('A key is not plain text.', 'Write the key as one word.'),
  'yaml-anchor': error(
    'An alias has no anchor before it, or lies inside its own anchor.',
    'Set the anchor (`&name`) on an earlier mapping, and refer to it (`*name`) outside of it.',
  ),
  'yaml-merge': error(
    'The value of `<<` is not a mapping, nor a list of mappings.',
    'Write `<<: *name`, where `&name` marks a mapping.',
  ),
  'yaml-alias-bomb': error(
    'Aliases would make this intent grow beyond 100,000 values.',
    'Write out what differs; aliases of aliases multiply.',
  ),
  'yaml-1-1-habit': error(
    'A word that means something else in YAML 1.2 than it did in YAML 1.1.',
    'Write `true` or `false`, and numbers without a leading zero.',
  ),
  // The language
  'unknown-key': error(
    'The language has no such key here.',
    'Correct the spelling, or remove the key; `macvtap-render schema` lists all.',
  ),
  'missing-key': error('A key that must be there is missing.', 'Add it.'),
  'wrong-type': error(
    'The value has another shape than the key holds (text, number, true/false, list, mapping).',
    'Give a value of the shape named.',
  ),
  'wrong-value': error('The value is none of those the key takes.', 'Choose one of those named.'),
  'version-unsupported': error(
    'The intent is of a version that this program does not know.',
    'Write `version: 1`.',
  ),
  // A fleet
  'fleet-mixed': error(
    'A key of one host stands beside `hosts` or `defaults`, where it belongs to no host.',
    'Move it below `defaults`, for all hosts, or below one of `hosts`.',
  ),
  'fleet-empty': error(
    'There is no host: `hosts` is empty, or there are `defaults` alone.',
    'Name one at least: `hosts: {kvm1: {…}}`.',
  ),
  'fleet-defaults-twice': error(
    'Two files of a fleet have `defaults`: precedence would depend on file order.',
    'Put them into one.',
  ),
  'fleet-host-twice': error(
    'One host is described twice, or the names of two differ in their case alone.',
    'Remove one of the two, or rename it.',
  ),
  'fleet-host-unnamed': error(
    'A file of a fleet has no `hosts`, no `defaults` and no `host`.',
    'Add `host: NAME`, for a file with one host; or put its text below `hosts`.',
  ),
  'fleet-removes-nothing': warning(
    'A `null` removes a key of `defaults`, and there is no such key.',
    'Correct the spelling, or remove the line.',
  ),
  'address-of-two-hosts': error(
    'Two hosts have one address.',
    'Give each its own. Where the LANs of the two never meet, render them as two fleets.',
  ),
  'mac-of-two-hosts': error(
    'Interfaces of two hosts have one MAC address, or one NIC is matched in two hosts.',
    'Give each its own, or leave it out to have it derived from host and name.',
  ),
  'guest-mac-of-two-hosts': error(
    'Two guests on two hosts have one MAC address, and may be on one LAN.',
    'Give each its own, or leave it out: libvirt generates one.',
  ),
  'guest-of-two-hosts': warning(
    'One guest is described on two hosts, with one MAC address: right for one that is moved from host to host, and runs on one at a time.',
    'If they are two guests, give each a name and a MAC of its own.',
  ),
  // Names
  'host-missing': error(
    'There is no `host`, and a shim has no `macaddress`: no MAC can be derived.',
    "Add `host: NAME` (the host's name), or give every shim a `macaddress`.",
  ),
  'host-malformed': error(
    'The name of the host has characters that a host name cannot have.',
    'Use letters, digits, `-`, `_` and `.`; begin and end with a letter or digit; 253 at most.',
  ),
  'name-malformed': error(
    'This cannot be the name of an interface (or the id of a parent).',
    'Use letters, digits, `_`, `.` and `-`; not `-` or `.` first, not digits only.',
  ),
  'name-too-long': error(
    'The name is longer than the kernel allows an interface.',
    'Shorten it to 15 bytes.',
  ),
  'name-taken': error('Two things have one name.', 'Rename one of them.'),
  'name-of-libvirt': warning(
    'libvirt gives guests devices called `macvtap0`, `macvtap1` …: the name may be taken at boot.',
    'Choose another name for the shim.',
  ),
  // Parents
  'shim-on-itself': error(
    'A shim is its own parent.',
    'Write the NIC below the shim as its `parent`.',
  ),
  'shim-on-shim': error(
    'A link is on top of a shim or tap.',
    'Put both on the NIC: several may share one parent.',
  ),
  'no-shims': error(
    'No shims, taps, guests or addressed parents defined.',
    "Add `shims:` with the interface that is to carry the host's address.",
  ),
  'parent-unused': warning(
    'Nothing is on top of this parent, and it has no address.',
    'Remove it, or name it as the `parent` of a shim.',
  ),
  'parent-cut-off': error(
    'A parent that the intent does not describe would lose its addresses, and no shim on it has more than single addresses (/32, /128): the host would be out of reach.',
    'Describe the parent with the addresses that it keeps (`parents.<id>.dhcp4`, `addresses`, `routes`), or give the shim the address of the host.',
  ),
  'parent-left-bare': note(
    'The parent has no address, and no shim on it has more than single addresses (/32, /128).',
    'Add the addresses that the parent keeps, unless the host is reached over another link.',
  ),
  'parent-without-ipv6': note(
    'The parent keeps addresses, and IPv6 is off on it because the intent does not mention IPv6 there; most systems leave it on by default.',
    'Add `accept-ra: true` if the parent had IPv6 by router advertisement, or `link-local: []` to confirm that it has none.',
  ),
  'parent-has-address': error(
    "The parent of a shim would have a link-local address and no other: it is neither bare nor a side shim's.",
    'Remove `link-local` from the parent.',
  ),
  'subnet-overlap': error(
    "A parent's and a shim's subnet overlap: the kernel would answer on either (ARP flux), with two routes to one LAN.",
    'Keep the address on the shim alone; or give the shim a /32 (IPv6: /128) and routes of scope `link` to the guests (a side shim).',
  ),
  'match-without-set-name': error(
    'A parent is matched by its MAC, but files that name the interface need `set-name`.',
    'Add `set-name: NAME`; where the NIC has that name already, nothing changes.',
  ),
  'set-name-without-match': error(
    '`set-name` says what to rename to, but not which NIC.',
    "Add `match: {macaddress: …}` with the NIC's permanent MAC, or remove `set-name`.",
  ),
  'type-needed': error(
    '`interfaces` are the members of a bond or of a bridge, and `type` is missing.',
    'Add `type: bond` or `type: bridge`.',
  ),
  'not-for-type': error(
    'A link of this type has no such setting.',
    'Remove the setting, or correct the `type`.',
  ),
  'link-loop': error(
    'A VLAN, bond or bridge is on top of itself.',
    'Name the link below it: a NIC at the bottom.',
  ),
  'link-too-deep': error(
    'The kernel stacks links 8 high at most.',
    'Put the VLAN on a link further down.',
  ),
  'vlan-taken': error(
    'Two VLANs on one link have one id.',
    'Give each its own `id`, or put both shims on the one VLAN.',
  ),
  'parent-enslaved': error(
    'A member of a bond or bridge has no address, and nothing else can be on top of it: the kernel refuses, or the traffic is lost.',
    'Name the bond or bridge itself: it is the parent.',
  ),
  'bond-parameters': error(
    'Settings of a bond exclude or need each other.',
    'Keep those that belong to the `mode`; Documentation/networking/bonding has the list.',
  ),
  'bond-rewrites-macs': warning(
    'A bond in this mode sends under the MACs of its members: guests and shim on it lose each other or the LAN.',
    'Use `active-backup`, `802.3ad` or `balance-xor`.',
  ),
  'bond-arp-monitor': warning(
    "A bond that asks by ARP asks under the shim's address and its own MAC: the LAN learns the wrong MAC for the host.",
    'Use `mii-monitor-interval` in place of `arp-interval`.',
  ),
  'bridge-without-stp': warning(
    'A bridge with several members and no spanning tree: where two of them meet in one network, frames loop for ever.',
    'Add `parameters: {stp: true}`, or make sure that the members are in networks of their own.',
  ),
  'side-shim-ipv6-address': warning(
    "A side shim has another IPv6 address than its parent: guests reach the host by the shim's only, never by its parent's.",
    "Give the shim the parent's own address, with /128.",
  ),
  'parent-subnet-unknown': warning(
    'Of a parent and a shim on it one takes its address by DHCP or advertisement: should both be of one network, the kernel would answer on either.',
    'Give the shim a /32 (IPv6: /128) and routes of scope `link` to the guests (a side shim), unless the networks differ.',
  ),
  'side-shim-without-route': warning(
    'A side shim has single addresses only, and no route to the guests: the host does not reach them over it.',
    'Add `routes: [{to: GUESTS, scope: link}]` with the range of the guests.',
  ),
  'side-route-not-narrow': warning(
    "A side shim's route is as wide as a subnet of its parent, or wider: the parent's own is taken.",
    'Narrow it down to the range of the guests, as in `198.51.100.192/27`.',
  ),
  'kernel-names': note(
    "Several NICs go by the kernel's own names (`eth0`, `eth1`), which another kernel or firmware may assign differently.",
    'Bind each by its permanent MAC: `match: {macaddress: …}` with `set-name`.',
  ),
  'parent-is-virtual': note(
    'The MAC of the parent is of the kind that hypervisors give: where the host is a virtual machine itself, its hypervisor drops frames from further MACs.',
    'Allow them there (forged transmits and promiscuous mode, MAC spoofing), or let the guests have their own NICs.',
  ),
  'several-interfaces': note(
    'Parent and shim both have addresses on one LAN: Avahi, if it runs, answers on both and may detect a conflict with itself.',
    'Where Avahi runs, restrict it to one interface (`allow-interfaces=` in avahi-daemon.conf).',
  ),
  'wifi-parent': error(
    'The parent of a shim, tap or guest looks like a Wi-Fi interface: the access point drops frames from any MAC but the one that is associated.',
    'Use a wired NIC; over Wi-Fi, give guests a routed or NAT network.',
  ),
  'parent-type-assumed': warning(
    'The parent is taken for a NIC, as the intent gives no `type`, and its name is that of another kind of link.',
    'Write its `type`: `ethernet` if it is a NIC.',
  ),
  'profile-never-applies': error(
    'NetworkManager applies a profile of type `ethernet` to wired NICs alone: another kind of link keeps its addresses, and nothing is reported.',
    'Write the `type` of the parent (`ethernet` if it is a NIC), or use the networkd back end.',
  ),
  // MAC addresses
  'mac-malformed': error(
    'This is not a MAC address.',
    'Write six two-digit hexadecimal octets, as in `52:54:00:12:34:56`.',
  ),
  'mac-multicast': error(
    'A MAC with the lowest bit of its first octet set is a group address; no interface may have it.',
    'Make the first octet even; 02, 06, 0a or 0e mark a locally administered address.',
  ),
  'mac-taken': error(
    'Two interfaces have one MAC address.',
    "Give each its own, or leave the shim's out to have it derived.",
  ),
  'passthru-on-matched': error(
    'In passthru mode the kernel gives a device the permanent MAC of its parent, too: what finds the NIC by that MAC would take it for the NIC.',
    'Take `match` and `set-name` off the parent, or use `mode: bridge`.',
  ),
  'passthru-macaddress': error(
    "In passthru mode the shim has its parent's MAC; it cannot have one of its own.",
    'Move `macaddress` to the parent (`parents.<id>.macaddress`).',
  ),
  // Mode and MTU
  'mode-not-bridge': warning(
    'In a mode other than bridge, host and guests on this parent do not reach each other.',
    'Write `mode: bridge`, or leave it out.',
  ),
  'mode-not-expressible': error(
    'This system cannot make a macvlan or macvtap in this mode.',
    'Use `mode: bridge`, or the networkd back end.',
  ),
  'passthru-not-alone': error(
    'A parent in passthru mode has one shim, tap or guest and nothing else on top of it.',
    'Take the others off this parent, or use `mode: bridge`.',
  ),
  'mtu-out-of-range': error('The MTU is outside what the kernel takes.', 'Choose 68 to 65535.'),
  'mtu-above-parent': error(
    "A shim's MTU is above its parent's: the kernel refuses the shim, or silently lowers its MTU.",
    "Raise the parent's (`parents.<id>.mtu`; default: 1500), or lower the shim's.",
  ),
  'mtu-of-member': error(
    'A member of a bond or bridge has the MTU of that: the kernel or the switch would lose what is larger.',
    'Set `mtu` on the bond or bridge, and remove it from its members.',
  ),
  'mtu-too-small-for-ipv6': error(
    'IPv6 needs an MTU of 1280 or more.',
    'Raise the MTU, or take IPv6 off this shim.',
  ),
  // Addresses
  'address-malformed': error(
    'This is not an IPv4 or IPv6 address.',
    'Write it as in `198.51.100.50/24` or `2001:db8::50/64`.',
  ),
  'address-without-prefix': error(
    'The address has no prefix length; daemons guess it, each in its own way.',
    'Add it, as in `/24` or `/64`.',
  ),
  'address-not-unicast': error(
    'This address cannot be that of a host (unspecified, loopback, link-local or multicast).',
    'Use an address of the LAN.',
  ),
  'address-is-network': error(
    "This is the subnet's own address, not a host's.",
    'Take another address of the subnet.',
  ),
  'address-is-broadcast': error(
    "This is the subnet's broadcast address, not a host's.",
    'Take another address of the subnet.',
  ),
  'address-taken': error('One address is given twice.', 'Remove one of the two.'),
  'shim-overlap': warning(
    'The subnets of two shims overlap: which one answers and sends is left to chance.',
    'Put the addresses on one shim, or use subnets that do not overlap.',
  ),
  'shim-without-address': warning(
    'The shim has no address, static or dynamic: the host cannot be reached over it.',
    'Add `addresses`, `dhcp4`, `dhcp6` or `accept-ra`.',
  ),
  // Routes and name servers
  'route-malformed': error(
    'The destination of a route is not `default` nor a network.',
    'Write `default`, or a network as in `192.0.2.0/24`.',
  ),
  'route-host-bits': error(
    'The destination of a route has bits set beyond its prefix length.',
    "Write the network's own address.",
  ),
  'route-without-gateway': error(
    'A route has neither `via` nor `scope: link`.',
    'Add `via: GATEWAY`, or `scope: link` where the destination is on the LAN itself.',
  ),
  'route-scope': error(
    'A route has a gateway and `scope: link` at once.',
    'Keep one: `via` for what lies behind a gateway, `scope: link` for what is on the LAN.',
  ),
  'route-family': error(
    'A route mixes IPv4 and IPv6.',
    'Destination, `via` and `from` must be of one family.',
  ),
  'route-without-address': error(
    'The shim has no address of the family of this route.',
    'Add an address of that family, or remove the route.',
  ),
  'route-from-unknown': error(
    'The source (`from`) of a route is no address of its shim.',
    'Use one of the `addresses` of the shim, without the prefix length.',
  ),
  'gateway-malformed': error(
    'The gateway is not an IP address.',
    'Write it without a prefix length, as in `198.51.100.254`.',
  ),
  'gateway-unreachable': error(
    'The gateway is outside every subnet of its shim.',
    'Correct the gateway or the prefix length, or add `on-link: true` where it is meant so.',
  ),
  'gateway-is-self': error(
    'The gateway is an address of a shim of this host.',
    "Write the router's address.",
  ),
  'duplicate-route': error(
    'Two routes have one destination, one metric and one table: one would replace the other.',
    'Give them different `metric`s (`dhcp4-overrides: {route-metric: …}` for the route by DHCP), or remove one.',
  ),
  'rule-malformed': error(
    'A rule of `routing-policy` has neither `from` nor `to`.',
    'Add `from: NETWORK` or `to: NETWORK`.',
  ),
  'duplicate-rule': error(
    'Two rules of `routing-policy` are the same: the kernel refuses the second.',
    'Remove one of the two.',
  ),
  'rules-out-of-order': warning(
    'Two rules of one priority lead to different tables: which is asked first is left to chance.',
    'Give each a `priority`; the lower number is asked first.',
  ),
  'table-unused': warning(
    'No rule of the intent leads to the table of this route: nothing is looked up in it.',
    'Add a `routing-policy` with this `table`, unless another program has one.',
  ),
  'table-empty': warning(
    'No route of the intent is in the table of this rule.',
    'Add routes with this `table`, unless another program does.',
  ),
  'table-without-subnet': warning(
    'A table has a default route and no route to the LAN itself: what is looked up in it reaches guests by the gateway.',
    'Add a route of scope `link` to the subnet, with the same `table`.',
  ),
  'dns-default-route-not-expressible': error(
    'NetworkManager decides by the default route which link is asked for any name.',
    'Leave `dns-default-route` out, or use networkd.',
  ),
  'nameserver-malformed': error(
    'The name server is not an IP address.',
    'Write its address without a prefix length.',
  ),
  'nameserver-unreachable': error(
    'The shim has no address of the family of this name server.',
    'Use a name server of a family that the shim has.',
  ),
  'search-malformed': error(
    'This is not a domain name.',
    'Write a domain as in `example.net` (with `~` in front for routing only).',
  ),
  // Dynamic addresses
  'dhcp-new-mac': warning(
    'The DHCP server sees a MAC that it does not know: a reserved address is lost.',
    "Reserve the address for the MAC named, or let the shim take the NIC's MAC (`macaddress`) and the parent another.",
  ),
  'dhcp-duid-clones': warning(
    'A DUID is made from the machine-id: clones of one image share it, and get one lease.',
    'Leave `dhcp-identifier` out (the MAC is used), or make sure that each host has a machine-id of its own.',
  ),
  'setting-unused': warning(
    'The setting has no effect, because what it belongs to is off.',
    'Turn that on, or remove the setting.',
  ),
  'hostname-malformed': error(
    'This is not a host name that DHCP clients send.',
    'Use lower-case letters, digits and `-`; no dots; 63 at most.',
  ),
  'link-local-needed': error(
    'DHCPv6 and router advertisements work over the link-local address.',
    'Add `ipv6` to `link-local`, or leave `link-local` out.',
  ),
  'ignore-carrier-dynamic': error(
    'Without a carrier no lease and no advertisement arrives: boot would wait in vain.',
    'Use static addresses with `ignore-carrier`, or leave it out.',
  ),
  'ignore-carrier-ipv6': error(
    'An IPv6 address is not ready before duplicate detection, which needs a carrier: boot would wait in vain.',
    'Use IPv4 addresses only with `ignore-carrier`, or leave it out: the addresses come with the cable.',
  ),
  // What one system cannot express
  'dhcp6-follows-router': error(
    'NetworkManager cannot take router advertisements and refuse DHCPv6: it does what the router says.',
    "Leave `dhcp6` out (the router's managed flag decides), or use networkd.",
  ),
  'link-local-unavoidable': error(
    'NetworkManager always adds a link-local address to IPv6.',
    'Leave `link-local` out, or use networkd.',
  ),
  'link-local-not-beside': error(
    'NetworkManager before 1.40 cannot have an IPv4 link-local address beside another.',
    'Leave `ipv4` out of `link-local`, or use networkd.',
  ),
  'override-not-expressible': error(
    'This system cannot express this DHCP override.',
    'Leave the override out, or use another back end.',
  ),
  'overrides-differ': error(
    'netplan over networkd needs the same overrides for DHCPv4 and DHCPv6.',
    'Make the two equal, or use the networkd back end.',
  ),
  'optional-still-waited': warning(
    'NetworkManager-wait-online waits for a link that is being activated, optional or not (up to 60 s).',
    'Use networkd where boot must not wait at all.',
  ),
  'id-reserved': error(
    'netplan reads this id as a setting of its own.',
    'Choose another id or name.',
  ),
  'name-shadowed': error(
    "With netplan over networkd, a link of this name is taken for a guest's device and left unmanaged.",
    'Choose a name that does not begin with `macvtap`.',
  ),
  'setting-not-expressible': error(
    'This system cannot express this setting.',
    'Use another value, or another back end.',
  ),
  'setting-left-out': warning(
    'This back end has no means for the setting; the rest is written without it.',
    'Nothing need be done where it does not matter; else use another back end.',
  ),
  'wakeonlan-without-match': error(
    'udev arms a NIC before it has its name: here `wakeonlan` needs the permanent MAC.',
    'Add `match: {macaddress: …}` and `set-name` to the parent.',
  ),
  // Guests
  'guest-on-shim': error(
    'A guest is attached to a shim or tap: it must be on the link below, beside it.',
    "Name the shim's parent.",
  ),
  'guest-without-rx-filters': warning(
    'Without `trust-guest-rx-filters` the host does not pass on multicast that the guest asks for: its IPv6 and mDNS fail.',
    'Leave it out, or give the guest static neighbours.',
  ),
  'guest-not-made': note(
    "The back end does not create guests' interfaces; it only leaves their devices unmanaged.",
    'Attach them with libvirt: `--backend libvirt` writes the XML.',
  ),
  'host-not-made': note(
    "The back end writes what guests need, and nothing of the host's own network.",
    'Render the same intent for the system that owns the network of the host, too.',
  ),
  'guest-trusted': note(
    'With `trust-guest-rx-filters` the host follows the guest, which may change the MAC and the filters of its device, and take frames that are meant for others.',
    'Nothing need be done for a guest that is trusted; for another, set `trust-guest-rx-filters: false`, and give up its IPv6 and multicast.',
  ),
  'ifupdown-differs': note(
    'ifupdown, ifupdown-ng and ifupdown2 do not do the same here, with the same file.',
    'Nothing need be done under classic ifupdown, which Debian installs.',
  ),
  'resolver-needed': note(
    'ifupdown hands name servers to resolvconf or systemd-resolved: without one of them nothing reads these.',
    'Install resolvconf, or enable systemd-resolved.',
  ),
  'optional-shim': note(
    'Boot does not wait for this shim: services that need its address may start before it (NFS, libvirt over TCP).',
    'Leave `optional` out, and order such services after `network-online.target`.',
  ),
  // What one version or distribution lacks, or does
  'target-without-system': error(
    'The distribution, or the host that was looked at, has no such system.',
    'Choose a back end that it has.',
  ),
  'target-lacks-key': error(
    'The version of the target does not know a key that the arrangement needs.',
    'Use another back end, a newer target, or leave out what needs the key.',
  ),
  'left-out-for-target': note(
    'The version of the target does not know a key that is written for newer ones; it is left out.',
    'Nothing need be done; the message says what is done without.',
  ),
  'older-spelling': note(
    'The version of the target knows a key by an older name, which is written.',
    'Nothing need be done.',
  ),
  'system-not-installed': note(
    'The distribution has this system, but does not install it by itself.',
    'Install and enable it before the files are put in place.',
  ),
  'networkmanager-manages-nothing': note(
    "Ubuntu's NetworkManager manages no Ethernet device by default; the generated file in conf.d makes an exception for the NIC.",
    'Nothing need be done; activate with `nmcli general reload conf` first.',
  ),
  'cloud-init-network': note(
    'On images with cloud-init its network configuration names the NIC too. The generated file comes first, but cloud-init writes its own again.',
    'Turn it off: `network: {config: disabled}` in /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg.',
  ),
  'rp-filter': note(
    'The distribution filters by the return path (`rp_filter=1`), which drops the packets of a side shim; the generated sysctl file relaxes it for the shim.',
    'Nothing need be done, unless another file sets it for the shim again.',
  ),
  // What else is on the host (check, --root)
  shadowed: error(
    "A file of somebody else's sorts before the generated one and matches a link of the intent: the generated one is without effect.",
    'Rename it so that it sorts after the generated file, or exclude this link from it.',
  ),
  'may-be-shadowed': warning(
    "A file of somebody else's sorts before the generated one and may match a link of the intent; only the host knows (driver, path, MAC, alternative names).",
    'Check whether it matches; if so, rename it so that it sorts after the generated file.',
  ),
  'link-enslaved-by-others': error(
    "Somebody else's configuration makes a link of the intent a port of a bridge, bond, team or VRF, which keeps its addresses; a port cannot have a macvlan.",
    'Name the bridge or bond itself as the parent, or remove the link from it in the same change.',
  ),
  'link-used-by-others': error(
    "Somebody else's file creates a VLAN, macvlan or another device on top of a link of the intent; it is no longer created, as the generated file takes its place.",
    'Describe a VLAN in the intent (under `parents`), or move what the file creates elsewhere.',
  ),
  'device-made-by-others': error(
    'Another `.netdev` file defines a device of this name, and the first one counts.',
    'Move it away.',
  ),
  'drop-in-of-others': warning(
    "A drop-in of somebody else's changes the configuration of a link of the intent; an error where it changes addresses, what the file matches, or joins the link with another.",
    'Put the setting into the intent, and remove the drop-in.',
  ),
  'unmanaged-by-others': error(
    "NetworkManager's configuration, as a whole, does not manage the links that the intent gives to it, or manages those that another system has.",
    'Exclude the link there, e.g. `unmanaged-devices+=except:interface-name:eth0` in a file that sorts after it.',
  ),
  'device-settings-overridden': warning(
    "A section `[device…]` of somebody else's decides a setting of a link before the generated one.",
    'Exclude the link from its `match-device`, or remove the key.',
  ),
  'profiles-not-read': error(
    'NetworkManager reads its profiles from another directory, or cannot read its configuration at all: the generated profiles are without effect.',
    'Remove the setting, or the line that cannot be parsed.',
  ),
  'profile-claims-link': error(
    "A profile of somebody else's is for a link of the intent, and NetworkManager may activate it in place of the generated one.",
    'Move it away, or set `autoconnect=false` in it.',
  ),
  'netplan-unreadable': error(
    'netplan cannot read this file as YAML: no netplan command does anything, and up to 1.0 the next boot has no network at all.',
    'Fix it, or move it away.',
  ),
  'netplan-file-refused': error(
    'netplan refuses this file: no netplan command does anything, and up to 1.0 the next boot has no network at all.',
    'Fix it, or move it away; `netplan generate` prints what netplan says. Common mistakes are known here, not all.',
  ),
  'netplan-enslaves-link': error(
    'Another netplan file makes a link of the intent a port of a bridge, bond or VRF, which keeps its addresses; a port cannot have a macvlan.',
    'Remove the link from it, or move the file away.',
  ),
  'netplan-vlan-on-link': error(
    'Another netplan file has a VLAN or VXLAN on top of a link of the intent; it is no longer created, as the generated file takes the place of the one that creates it.',
    'Describe the VLAN in the intent (under `parents`), and remove it from the file.',
  ),
  'netplan-gives-link-away': error(
    'netplan gives the NIC to networkd and has udev set it unmanaged for NetworkManager: the host is lost at the next boot.',
    'Use `netplan-networkmanager`, or remove the NIC from that file.',
  ),
  'netplan-renames-link': error(
    'Another netplan file renames the NIC: the name in the intent no longer exists after the next boot.',
    'Use the new name in the intent, or remove `set-name` from the file.',
  ),
  'netplan-default-routes': note(
    'Another netplan file has a default route for the NIC, beside that of the shim. netplan complains, with status 0; no route comes from that file, as the generated one for the NIC goes first.',
    "Ignore it until the new network has come up after a reboot; then remove the NIC from that file (cloud-init's: disable its network, too).",
  ),
  'netplan-same-name': error(
    'Another netplan file describes a link of the same name: netplan adds up the addresses of both.',
    'Remove it from that file.',
  ),
  'ifupdown-claims-link': error(
    'ifupdown configures a link of the intent, too.',
    'Use `--backend ifupdown`, or remove the link from /etc/network/interfaces, its `auto` line included, at the moment of the activation: a rollback does not restore that file.',
  ),
  'dhcpcd-claims-link': error(
    'dhcpcd runs as a service and configures a link of the intent: it takes every link that it is not told to ignore.',
    'Add `denyinterfaces` with these links to /etc/dhcpcd.conf.',
  ),
  'ifupdown-may-claim-link': warning(
    'ifupdown may bring a link of the intent up at boot with other addresses: a script, a command or the hardware decides.',
    'Remove the link from /etc/network/interfaces, its `auto` line included.',
  ),
  'ifupdown-enslaves-link': error(
    'ifupdown makes a link of the intent a port of a bridge or bond, which keeps its addresses; a port cannot have a macvlan.',
    'Remove the link from that stanza; or describe the bridge or bond in the intent (under `parents`), and let the shim be on top of it.',
  ),
  'ifupdown-vlan-taken': error(
    'ifupdown makes a VLAN of the same number on the same link: the kernel takes one of the two.',
    'Remove it from /etc/network/interfaces, or use its name in the intent.',
  ),
  'ifupdown-ignores-links': error(
    'ifupdown does not read the generated file, or does not bring its links up at boot.',
    'Add the line `source /etc/network/interfaces.d/*` to /etc/network/interfaces.',
  ),
  'ifupdown-other-stanza': error(
    'ifupdown brings a link of the intent up by another stanza: the generated one has no effect.',
    'Remove that line.',
  ),
  'ifupdown-file-refused': error(
    'A line that classic ifupdown refuses: it reads the file no further, and of /etc/network/interfaces nothing at all.',
    'Fix the line; `ifquery --list` prints what ifupdown says of it.',
  ),
  'cloud-init-writes-network': warning(
    'cloud-init may write configuration for the NIC again. The generated files come first, except before its NetworkManager profiles, whose priority is 120.',
    'Write `network: {config: disabled}` into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg.',
  ),
  'sysctl-overridden': warning(
    'A later file sets a kernel parameter of the generated one to another value.',
    'Remove it there, or give the file a name that sorts before 90-macvtap.conf.',
  ),
  'other-network-owner': error(
    "Another system configures this host's network: the files of this back end have no effect, and nothing configures the links that they make that system ignore.",
    'Use the back end of the system that has the network.',
  ),
  'system-not-enabled': error(
    'The system of this back end is not started at boot. A warning for a tree in which nothing else has the network, and where netplan starts it.',
    'Enable the system, or use the back end of one that is enabled.',
  ),
  'two-network-owners': error(
    'The first boot of an image enables what presets say: here a second system beside the one that is enabled.',
    'Disable one of the two in a preset.',
  ),
  'resolver-missing': warning(
    'The system of this back end hands name servers on (networkd to systemd-resolved, ifupdown to resolvconf or systemd-resolved), and there is nothing that takes them.',
    'Install resolvconf, or run `systemctl enable systemd-resolved`.',
  ),
  'foreign-unreadable': error(
    'A file that may conflict with the generated ones cannot be read.',
    'Run the command as root, or check the file yourself.',
  ),
  // The host itself against the intent (--root /)
  'host-name-differs': warning(
    'The host has another name than the intent: derived MAC addresses and UUIDs would be those of another host.',
    'Install the intent of this host; or correct `host`, or /etc/hostname.',
  ),
  'nic-not-found': warning(
    'The host has no link with the name of a NIC in the intent: nothing on top of it would come up.',
    'Correct the name (`ip -br link` lists them); or match the NIC by its MAC address.',
  ),
  'address-differs': warning(
    'A file of another system gives the NIC a static address that the intent does not have: the host would be reachable at another one.',
    'Correct the intent, or make sure that the new address is meant.',
  ),
  // A tree against the intent (check)
  'file-missing': error(
    'A generated file is missing.',
    'Install it: the command is named at the end.',
  ),
  'file-changed': error(
    'A generated file is out of date: the intent has changed since, or the file was edited below its first line.',
    'Install it, if the intent is right.',
  ),
  'file-edited': error(
    'A file has the name of a generated file but not its first line: it was edited by hand, or written by something else.',
    'Put what is wanted into the intent; then move the file away, or install with `--force`.',
  ),
  'file-of-other-host': error(
    "A file was written from another host's intent.",
    'If this is the right intent for the host, install with `--force`.',
  ),
  'file-mode': error(
    "A file has other permissions than it must have: NetworkManager refuses wider ones, networkd's own user reads no narrower ones.",
    'Install it.',
  ),
  'file-owner': error('A file does not belong to root.', 'Install it, as root.'),
  'file-in-the-way': error(
    'There is a link or a directory in the place of a file, or a link in that of a folder.',
    'Move it away.',
  ),
  'file-extra': error(
    'A generated file is no longer in the intent (orphaned), and still has effect.',
    'Install: orphaned files are removed last.',
  ),
  'file-left-over': error(
    'A temporary file of a run that was interrupted.',
    'Install: it is removed.',
  ),
  'host-extra': error(
    'The folder of a host has generated files, and the fleet has no such host: they would still be copied to it.',
    'Remove the folder, if the host is gone.',
  ),
  // The library's options; the command line refuses these itself
  'backend-unknown': error('There is no such back end.', 'Name one of `backends`.'),
  'target-unknown': error(
    'There is no such target, or nothing is known of these versions.',
    'Name one of `targets`, or versions as in `systemd=252,netplan=0.106`.',
  ),
  'host-unknown': error('The fleet has no such host.', 'Name hosts of the fleet.'),
  'format-unfit': error(
    'A format cannot hold these hosts or back ends.',
    'Choose another format, or pack them one by one.',
  ),
  // A running host against the intent (status, apply)
  'link-missing': error(
    'The running host has no link of this name.',
    'Let the daemon create it; if it is still missing, read its log.',
  ),
  'link-setting-drift': error(
    'A link of the running host is of another kind or mode, on top of another link, or a port of another bridge than the intent says.',
    'Reboot, or delete the link and let the daemon create it again.',
  ),
  'mac-drift': error(
    'A link of the running host has another MAC address than the intent says.',
    'Set it with `ip link set dev NAME address MAC`, or reboot.',
  ),
  'mtu-drift': warning(
    'A link of the running host has another MTU than the intent says.',
    'Set it with `ip link set dev NAME mtu BYTES`, the link below it first.',
  ),
  'link-down': error(
    'A link of the running host is not up: nothing goes through it, nor through what is on top of it.',
    'Let the daemon configure it again.',
  ),
  'no-carrier': error(
    'A link has no carrier: the cable is out, the switch port is off, or no member of a bond or bridge has one. A note where the intent says `optional` or `ignore-carrier`.',
    'Plug the cable in, and look at the port of the switch; `ethtool NAME` shows what the NIC sees.',
  ),
  'address-missing': error(
    'A static address of the intent is not on its link.',
    'Let the daemon configure the link again.',
  ),
  'address-not-ready': error(
    'The kernel still asks the LAN whether somebody else has this address (duplicate detection), and does not use it until then.',
    'Wait a second or two, and look again.',
  ),
  'address-duplicate': error(
    'Duplicate detection found another host with this address: the kernel does not use it.',
    'Find the other host (`ip neigh` of a third one has its MAC), and change one of the two.',
  ),
  'address-on-bare-link': error(
    'A link that the intent leaves without addresses has one: the host then talks to the LAN past the shim, and guests do not reach it. A warning for a link-local address.',
    'Find what configures the link, and remove the address.',
  ),
  'address-of-others': note(
    'A link has an address that is not in the intent: somebody added it. A warning where a DHCP client or an advertisement gave it and the intent asks for neither.',
    'Nothing need be done if it is meant; otherwise put an end to what adds it (another DHCP client, `accept_ra`).',
  ),
  'address-twice': error(
    'An address of the intent is on another link as well: which of the two answers is left to chance.',
    'Remove it from the link that is not in the intent.',
  ),
  'address-left': error(
    'An address that the change removes is still there.',
    'Remove it with `ip address delete`.',
  ),
  'lease-missing': error(
    'A link that takes its address from the LAN has none. A warning where the link has one of the other family, a note where it is optional or only follows router advertisements.',
    'Is the DHCP server up and in this LAN or VLAN, and does it have a lease for this MAC? `tcpdump -ni NAME port 67 or port 68` shows whether it answers.',
  ),
  'route-missing': error(
    'The running host lacks a route of the intent.',
    'Let the daemon configure the link again.',
  ),
  'route-metric-drift': warning(
    'A route of the intent has another metric in the kernel: another route may be preferred.',
    'Let the daemon configure the link again.',
  ),
  'route-on-bare-link': warning(
    'A route leaves by a link that the intent leaves without addresses.',
    'Find what configures the link, and remove the route.',
  ),
  'default-route-lost': error(
    'There was a default route before the change, and now there is none: the host answers its LAN, and nobody else.',
    'Add a route `to: default` to the intent, or let the DHCP server give one (`use-routes`).',
  ),
  'rule-missing': error(
    'The running host lacks a policy rule of the intent.',
    'Let the daemon configure the link again.',
  ),
  'nameserver-missing': warning(
    'Name servers of the intent are asked by nobody: neither /etc/resolv.conf nor systemd-resolved has them.',
    'Is systemd-resolved or resolvconf installed and running, and is /etc/resolv.conf its file?',
  ),
  'nameserver-unused': note(
    'The daemon hands its name servers on to systemd-resolved, which does not run; programs read /etc/resolv.conf, where they are not.',
    'Enable systemd-resolved and link /etc/resolv.conf to /run/systemd/resolve/stub-resolv.conf, or keep /etc/resolv.conf yourself.',
  ),
  'sysctl-drift': warning(
    'A kernel parameter has another value than the generated file in sysctl.d gives it.',
    'Run `/usr/lib/systemd/systemd-sysctl`, and look for a later file that sets it (`macvtap-render check`).',
  ),
  'daemon-state': error(
    'The daemon of the back end has not configured a link, or does not manage it: what the link has now may be gone at the next boot.',
    'Let the daemon configure it again, and read its log.',
  ),
  'daemon-not-running': error(
    'The daemon of the back end does not run, or cannot be asked: nothing configures the links.',
    'Start and enable it; or use the back end of the system that has the network.',
  ),
  'wait-online-failed': warning(
    'The unit that waits for the network at boot failed: services that need it started late, and perhaps before it.',
    'Find the link that it waited for; `optional: true` keeps boot from waiting for one.',
  ),
  'state-unreadable': error(
    'Part of the state of the running host cannot be read: nothing is known of it. A note where it is of no consequence.',
    'Run the command as root, with iproute2 installed.',
  ),
} as const satisfies Record<string, Description>;

export type DiagnosticCode = keyof typeof CODES;
