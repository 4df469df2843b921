/**
 * For diagnostics of an intent: a small intent that does it right, below `version` and `host`. A test compiles
 * each, and sees that it does not raise its code. Absent: the wrong example is valid, and the note says all.
 */
import type { DiagnosticCode } from '../diagnostics/diagnostic.ts';

const ADDRESS = 'addresses: [198.51.100.50/24]';
const FIRST = 'version: 1\nhost: kvm1\n';

/** An intent with one shim on `eth0`. @param more further keys of it */
const shim = (more = '', address = ADDRESS): string =>
  `${FIRST}shims:\n  veth0:\n    parent: eth0\n${address && `    ${address}\n`}${more && `    ${more}\n`}`;

/** An intent with one shim, and a key of the whole. */
const named = (key: string): string => shim().replace(FIRST, `${FIRST}${key}\n`);

/** An intent with one shim and its routes. */
const routed = (...routes: readonly string[]): string =>
  shim(`routes:\n${routes.map((route) => `      - {${route}}`).join('\n')}`);

/** An intent with parents and a shim on one of them. */
const on = (parent: string, parents: readonly string[], address = ADDRESS, more = ''): string =>
  `${FIRST}parents:\n${parents.map((line) => `  ${line}\n`).join('')}shims:\n  veth0:\n    parent: ${parent}\n    ${address}\n${more && `    ${more}\n`}`;

const BOND = 'bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup}}';
const MATCHED = 'lan: {match: {macaddress: "00:25:90:51:00:01"}, set-name: lan0}';
const SIDE = on(
  'eth0',
  ['eth0: {addresses: [198.51.100.50/24]}'],
  'addresses: [198.51.100.50/32]',
  'routes: [{to: 198.51.100.192/27, scope: link}]',
);
const UNMANAGED = on(
  'eth0',
  ['eth0: {managed: false, network-file: 20-eth0.network}'],
  'addresses: [198.51.100.222/32]',
  'routes: [{to: 198.51.100.192/27, scope: link}]',
);
const MAC = 'macaddress: "02:00:00:51:00:50"';
const DHCP = shim('dhcp4: true', MAC);
const TWO =
  '  veth0: {parent: eth0, addresses: [198.51.100.50/24]}\n  veth1: {parent: eth1, addresses: [192.0.2.50/24]}\n';
const GUEST = `${shim()}guests:\n  vm1: {parent: eth0}\n`;
const TABLE = `${routed(
  'to: default, via: 198.51.100.254, table: 100',
  'to: 198.51.100.0/24, scope: link, table: 100',
)}    routing-policy:\n      - {from: 198.51.100.50, table: 100, priority: 100}\n`;

export const RIGHT: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  // The file, YAML and the language
  'empty-intent': shim(),
  'netplan-as-intent': shim(),
  'yaml-syntax': shim(),
  'several-documents': shim(),
  'duplicate-key': shim(),
  'key-not-text': shim(),
  'too-deep': shim(),
  'yaml-anchor': `${FIRST}shims:\n  veth0:\n    parent: eth0\n    ${ADDRESS}\n    nameservers: &servers {addresses: [198.51.100.1]}\n  veth1:\n    parent: eth1\n    addresses: [192.0.2.50/24]\n    nameservers: *servers\n`,
  'yaml-merge': `${FIRST}shims:\n  veth0: &common\n    parent: eth0\n    ${ADDRESS}\n    mtu: 1400\n  veth1:\n    <<: *common\n    parent: eth1\n    addresses: [192.0.2.50/24]\n`,
  'yaml-1-1-habit': shim('dhcp4: false'),
  'unknown-key': shim('mode: bridge'),
  'missing-key': shim(),
  'wrong-type': shim('mtu: 1400'),
  'wrong-value': shim('mode: bridge'),
  'version-unsupported': shim(),
  'backend-unknown': named('backend: [networkd, libvirt]'),
  'target-unknown': named('target: debian-12'),
  'target-lacks-key': named('target: debian-12'),
  // Names
  'host-missing': shim(),
  'host-malformed': shim(),
  'name-malformed': shim(),
  'name-too-long': shim(),
  'name-taken': `${FIRST}shims:\n${TWO}`,
  'name-of-libvirt': shim(),
  'name-shadowed': shim(),
  'id-reserved': on('lan', [MATCHED]),
  // Parents
  'shim-on-itself': shim(),
  'shim-on-shim': `${FIRST}shims:\n  veth0: {parent: eth0, addresses: [198.51.100.50/24]}\n  veth1: {parent: eth0, addresses: [192.0.2.50/24]}\n`,
  'no-shims': shim(),
  'parent-unused': UNMANAGED,
  'parent-bare': on('eth0', ['eth0: {mtu: 9000}']),
  'parent-misspelt': on('lan', [MATCHED]),
  'parent-cut-off': SIDE,
  'parent-left-bare': SIDE,
  'unmanaged-configured': UNMANAGED,
  'unmanaged-passthru': UNMANAGED,
  'unmanaged-below': UNMANAGED,
  'unmanaged-order': UNMANAGED,
  'network-file-taken': UNMANAGED,
  'network-file-needed': UNMANAGED,
  'side-shim-managed-parent': UNMANAGED,
  'parent-without-ipv6': on(
    'eth0',
    ['eth0: {addresses: [198.51.100.50/24], link-local: []}'],
    'addresses: [198.51.100.50/32]',
    'routes: [{to: 198.51.100.192/27, scope: link}]',
  ),
  'parent-has-address': on('eth0', ['eth0: {mtu: 1500}']),
  'parent-subnet-unknown': SIDE,
  'parent-type-assumed': on('br5', ['br5: {type: bridge, managed: false}']),
  'profile-never-applies': on('br5', ['br5: {type: bridge, interfaces: [eth0]}']),
  'parent-is-virtual': on('lan', [MATCHED]),
  'subnet-overlap': SIDE,
  'match-without-set-name': on('lan', [MATCHED]),
  'set-name-without-match': on('lan', [MATCHED]),
  'kernel-names': on('lan', [MATCHED]),
  'type-needed': on('bond0', [BOND]),
  'not-for-type': on('eth0.10', ['eth0.10: {id: 10, link: eth0}']),
  'link-loop': on('eth0.10', ['eth0.10: {id: 10, link: eth0}']),
  'link-too-deep': on('eth0.10', ['eth0.10: {id: 10, link: eth0}']),
  'vlan-taken': `${FIRST}parents:\n  eth0.10: {id: 10, link: eth0}\n  eth0.20: {id: 20, link: eth0}\nshims:\n  veth0: {parent: eth0.10, addresses: [198.51.100.50/24]}\n  veth1: {parent: eth0.20, addresses: [192.0.2.50/24]}\n`,
  'parent-enslaved': on('bond0', [BOND]),
  'bond-parameters': on('bond0', [
    'bond0:',
    '  type: bond',
    '  interfaces: [eth0, eth1]',
    '  parameters: {mode: active-backup, primary: eth0, up-delay: 200}',
  ]),
  'bond-rewrites-macs': on('bond0', [BOND]),
  'bond-arp-monitor': on('bond0', [BOND]),
  'bridge-without-stp': on('br0', [
    'br0: {type: bridge, interfaces: [eth0, eth1], parameters: {stp: true}}',
  ]),
  'mtu-of-member': on('bond0', [BOND.replace('}}', '}, mtu: 9000}')]),
  'side-shim-ipv6-address': on(
    'eth0',
    ['eth0: {addresses: ["2001:db8:51::50/64"]}'],
    'addresses: ["2001:db8:51::50/128"]',
    'routes: [{to: "2001:db8:51::100/120", scope: link}]',
  ),
  'side-shim-without-route': SIDE,
  'side-route-not-narrow': SIDE,
  'wifi-parent': shim(),
  'wakeonlan-without-match': on('lan', [MATCHED.replace('lan0}', 'lan0, wakeonlan: true}')]),
  'setting-not-expressible': on('br0', [
    'br0: {type: bridge, interfaces: [eth0], parameters: {priority: 4096}}',
  ]),
  // MAC addresses, mode and MTU
  'mac-malformed': shim('macaddress: "52:54:00:12:34:56"'),
  'mac-multicast': shim('macaddress: "52:54:00:12:34:56"'),
  'mac-taken': `${FIRST}shims:\n${TWO}`,
  'mode-not-bridge': shim('mode: bridge'),
  'tap-open-to-all': `${shim()}taps:\n  tap0: {parent: eth0, owner: vm1, group: kvm, permissions: "0660"}\n`,
  'mode-not-expressible': shim('mode: bridge'),
  'kind-not-expressible': shim(),
  'mode-not-of-kind': shim('kind: ipvlan\n    mode: l2'),
  'ipvlan-macaddress': shim('kind: ipvlan'),
  'ipvlan-beside-macvlan': shim('kind: ipvlan'),
  'ipvlan-modes-differ': shim('kind: ipvlan'),
  'queue-thresholds-differ': shim('broadcast-queue-threshold: 4'),
  'ipvlan-on-matched': shim('kind: ipvlan'),
  'ipvlan-dhcp-identifier': shim('kind: ipvlan', 'dhcp4: true'),
  'ipvlan-address-generation': shim('kind: ipvlan', 'accept-ra: true'),
  'ipvlan-without-neighbours': shim(
    'kind: ipvlan\n    routes:\n      - {to: default, via: 198.51.100.254}',
  ),
  'ipvlan-parent-bare': on(
    'eth0',
    ['eth0: {addresses: [198.51.100.50/24]}'],
    'addresses: [203.0.113.1/28]',
    'kind: ipvlan\n    mode: l3',
  ),
  'ipvlan-without-guests': shim(),
  'wifi-managed': on(
    'wlan0',
    ['wlan0: {managed: false, network-file: 20-wlan0.network}'],
    'addresses: [198.51.100.222/32]',
    'kind: ipvlan',
  ),
  'passthru-not-alone': shim('mode: passthru'),
  'passthru-on-matched': on('lan', [MATCHED], ADDRESS, 'mode: bridge'),
  'passthru-macaddress': on(
    'eth0',
    ['eth0: {macaddress: "02:00:00:51:00:50"}'],
    ADDRESS,
    'mode: passthru',
  ),
  'mtu-out-of-range': shim('mtu: 1400'),
  'mtu-above-parent': on('eth0', ['eth0: {mtu: 9000}'], ADDRESS, 'mtu: 9000'),
  'mtu-too-small-for-ipv6': shim('mtu: 1280', 'addresses: ["2001:db8:51::50/64"]'),
  // Addresses
  'address-malformed': shim('', 'addresses: [198.51.100.50/24, "2001:db8:51::50/64"]'),
  'address-without-prefix': shim('', 'addresses: [198.51.100.50/24, "2001:db8:51::50/64"]'),
  'address-not-unicast': shim(),
  'address-is-network': shim(),
  'address-is-broadcast': shim(),
  'address-taken': `${FIRST}shims:\n${TWO}`,
  'shim-overlap': `${FIRST}shims:\n${TWO}`,
  'shim-without-address': shim(),
  // Routes and name servers
  'route-malformed': routed('to: 192.0.2.0/24, via: 198.51.100.254'),
  'route-host-bits': routed('to: 192.0.2.0/24, via: 198.51.100.254'),
  'route-without-gateway': routed('to: default, via: 198.51.100.254'),
  'route-scope': routed('to: 192.0.2.0/24, via: 198.51.100.254'),
  'route-family': routed('to: 192.0.2.0/24, via: 198.51.100.254'),
  'route-without-address': routed('to: default, via: 198.51.100.254'),
  'route-from-unknown': routed('to: default, via: 198.51.100.254, from: 198.51.100.50'),
  'gateway-malformed': routed('to: default, via: 198.51.100.254'),
  'gateway-unreachable': routed('to: default, via: 198.51.100.254'),
  'gateway-is-self': routed('to: default, via: 198.51.100.254'),
  'duplicate-route': routed(
    'to: default, via: 198.51.100.254, metric: 100',
    'to: default, via: 198.51.100.253, metric: 200',
  ),
  'rule-malformed': TABLE,
  'duplicate-rule': TABLE,
  'rules-out-of-order': TABLE,
  'table-unused': TABLE,
  'table-empty': TABLE,
  'table-without-subnet': TABLE,
  'nameserver-malformed': shim('nameservers: {addresses: [198.51.100.1]}'),
  'nameserver-unreachable': shim('nameservers: {addresses: [198.51.100.1]}'),
  'search-malformed': shim('nameservers: {addresses: [198.51.100.1], search: [example.net]}'),
  'dns-default-route-not-expressible': shim('nameservers: {addresses: [198.51.100.1]}'),
  // Dynamic addresses
  'dhcp-new-mac': DHCP,
  'dhcp-duid-clones': DHCP,
  'setting-unused': shim('dhcp4: true\n    dhcp4-overrides: {use-dns: false}', MAC),
  'setting-left-out': DHCP,
  'override-not-expressible': DHCP,
  'overrides-differ': DHCP,
  'hostname-malformed': shim('dhcp4: true\n    dhcp4-overrides: {hostname: kvm1}', MAC),
  'token-malformed': shim('accept-ra: true\n    ipv6-address-token: "::50"', MAC),
  'token-taken': shim('accept-ra: true\n    ipv6-address-token: "::50"', MAC),
  'exclusive-keys': shim('accept-ra: true\n    ipv6-address-token: "::50"', MAC),
  'link-local-needed': shim('accept-ra: true', MAC),
  'link-local-not-beside': shim(),
  'link-local-unavoidable': shim('', 'addresses: ["2001:db8:51::50/64"]'),
  'dhcp6-follows-router': shim('accept-ra: true', MAC),
  'ignore-carrier-dynamic': shim('ignore-carrier: true'),
  'ignore-carrier-ipv6': shim('ignore-carrier: true'),
  'optional-still-waited': shim(),
  'optional-shim': shim(),
  // Guests
  'guest-on-shim': GUEST,
  'guest-without-rx-filters': GUEST,
};
