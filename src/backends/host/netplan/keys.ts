/** netplan's keys, by section, and the values of each (netplan-yaml(5), parse.c of 0.106 to 1.2.2). */
import {
  address,
  bool,
  dhcpIdentifier,
  driver,
  entries,
  ip,
  ip4,
  ip6,
  type Keys,
  keys,
  linkLocal,
  list,
  mac,
  newMac,
  newWord,
  oneOf,
  optionalAddresses,
  policy,
  portPriority,
  type Rule,
  route,
  since,
  text,
  textOrList,
  uint,
  until,
  wakeOnWlan,
  word,
} from './rules.ts';

const anything: Rule = () => undefined;
export const renderer = oneOf('networkd NetworkManager');

const overrides: Keys = {
  hostname: text,
  'route-metric': uint,
  'send-hostname': bool,
  'use-dns': bool,
  'use-domains': text,
  'use-hostname': bool,
  'use-mtu': bool,
  'use-ntp': bool,
  'use-routes': bool,
};

const openvswitch = keys({
  'external-ids': entries(text),
  'other-config': entries(text),
  lacp: oneOf('active passive off'),
  'fail-mode': oneOf('standalone secure'),
  'mcast-snooping': bool,
  rstp: bool,
  protocols: list(text),
  controller: keys({ addresses: list(text), 'connection-mode': text }),
});

const networkmanager = keys({
  name: text,
  uuid: text,
  'stable-id': text,
  device: text,
  passthrough: entries(text),
});

const COMMON: Keys = {
  'accept-ra': bool,
  'activation-mode': oneOf('manual off'),
  addresses: list(address),
  critical: bool,
  'ignore-carrier': bool,
  dhcp4: bool,
  dhcp6: bool,
  'dhcp-identifier': dhcpIdentifier,
  'dhcp4-overrides': keys(overrides),
  'dhcp6-overrides': keys(overrides),
  'ra-overrides': since('1.1', keys({ 'use-dns': bool, 'use-domains': text, table: uint })),
  gateway4: ip4,
  gateway6: ip6,
  'ipv6-address-generation': oneOf('eui64 stable-privacy'),
  'ipv6-address-token': ip6,
  'ipv6-mtu': uint,
  'ipv6-privacy': bool,
  'link-local': linkLocal,
  macaddress: newMac,
  mtu: uint,
  nameservers: keys({ search: list(text), addresses: list(ip) }),
  optional: bool,
  'optional-addresses': optionalAddresses,
  renderer,
  routes: list(route),
  'routing-policy': list(policy),
  hairpin: since('1.0', bool),
  'port-mac-learning': since('1.0', bool),
  'neigh-suppress': bool,
  networkmanager,
  openvswitch,
};

const PHYSICAL: Keys = {
  match: keys({ driver: textOrList(driver), macaddress: mac, name: word }),
  'set-name': text,
  wakeonlan: bool,
  wakeonwlan: wakeOnWlan,
  'emit-lldp': bool,
  'receive-checksum-offload': bool,
  'transmit-checksum-offload': bool,
  'tcp-segmentation-offload': bool,
  'tcp6-segmentation-offload': bool,
  'generic-segmentation-offload': bool,
  'generic-receive-offload': bool,
  'large-receive-offload': bool,
};

const auth = keys({
  'key-management': newWord('none psk eap 802.1x', {
    sae: '0.107',
    'eap-sha256': '1.0',
    'eap-suite-b-192': '1.0',
    'psk-sha256': '1.1.2',
  }),
  method: newWord('tls peap ttls', { leap: '1.0', pwd: '1.0' }),
  identity: text,
  'anonymous-identity': text,
  password: text,
  'ca-certificate': text,
  'client-certificate': text,
  'client-key': text,
  'client-key-password': text,
  'phase2-auth': text,
});

const accessPoint = keys({
  band: oneOf('5GHz 5G 2.4GHz 2.4G'),
  bssid: mac,
  hidden: bool,
  channel: uint,
  mode: oneOf('infrastructure adhoc ap'),
  password: text,
  auth,
  networkmanager,
});

const ethernet: Keys = {
  ...COMMON,
  ...PHYSICAL,
  auth,
  link: text,
  'virtual-function-count': uint,
  'embedded-switch-mode': oneOf('switchdev legacy'),
  'delay-virtual-functions-rebind': bool,
  'infiniband-mode': oneOf('datagram connected'),
};

const bondParameters = keys({
  mode: oneOf(
    'balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb balance-tcp balance-slb',
    'a mode of bonds',
  ),
  'lacp-rate': until('0.107', oneOf('slow fast')),
  'mii-monitor-interval': text,
  'min-links': uint,
  'transmit-hash-policy': text,
  'ad-select': text,
  'all-slaves-active': bool,
  'all-members-active': bool,
  'arp-interval': text,
  'arp-ip-targets': list(ip4),
  'arp-validate': text,
  'arp-all-targets': text,
  'up-delay': text,
  'down-delay': text,
  'fail-over-mac-policy': text,
  'gratuitous-arp': uint,
  'gratuitious-arp': uint,
  'packets-per-slave': uint,
  'packets-per-member': uint,
  'primary-reselect-policy': text,
  'resend-igmp': uint,
  'learn-packet-interval': text,
  primary: text,
});

const bridgeParameters = keys({
  'ageing-time': text,
  'aging-time': text,
  'forward-delay': text,
  'hello-time': text,
  'max-age': text,
  'path-cost': entries(uint),
  'port-priority': entries(portPriority),
  priority: uint,
  stp: bool,
});

const tunnel: Keys = {
  ...COMMON,
  mode: oneOf(
    'ipip gre sit isatap vti ip6ip6 ipip6 ip6gre vti6 gretap ip6gretap vxlan wireguard',
    'a mode of tunnels',
  ),
  local: ip,
  remote: ip,
  ttl: uint,
  // A scalar or a mapping, and for WireGuard a list of peers: not checked.
  key: anything,
  keys: anything,
  mark: uint,
  port: uint,
  peers: list(anything),
  link: text,
  ageing: uint,
  aging: uint,
  id: uint,
  limit: uint,
  'type-of-service': uint,
  'flow-label': uint,
  'do-not-fragment': bool,
  'short-circuit': bool,
  'arp-proxy': bool,
  'mac-learning': bool,
  notifications: list(text),
  checksums: list(text),
  extensions: list(text),
  'port-range': list(uint),
};

const modem = Object.fromEntries(
  'apn device-id network-id number password pin sim-id sim-operator-id username'
    .split(' ')
    .map((key) => [key, text] as const),
);

/** By section of `network`: the keys of its definitions. */
export const SECTIONS: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ethernets: keys(ethernet),
    'nm-devices': keys(ethernet),
    wifis: keys({
      ...COMMON,
      ...PHYSICAL,
      'access-points': entries(accessPoint),
      auth,
      'regulatory-domain': text,
    }),
    modems: keys({ ...COMMON, ...PHYSICAL, ...modem, 'auto-config': bool }),
    bridges: keys({ ...COMMON, interfaces: list(text), parameters: bridgeParameters }),
    bonds: keys({ ...COMMON, interfaces: list(text), parameters: bondParameters }),
    vlans: keys({
      ...COMMON,
      id: uint,
      link: text,
      renderer: oneOf('networkd NetworkManager sriov'),
    }),
    vrfs: keys({ ...COMMON, interfaces: list(text), table: uint }),
    tunnels: keys(tunnel),
    'dummy-devices': keys(COMMON),
    'virtual-ethernets': keys({ ...COMMON, peer: text }),
  }),
);

/** Sections that older versions do not know. */
export const NEW_SECTIONS: ReadonlyMap<string, string> = new Map([
  ['dummy-devices', '0.107'],
  ['virtual-ethernets', '0.107'],
]);

/** Keys of `network` itself, apart from the sections. */
export const NETWORK: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    renderer,
    // strtol(3): `2` followed by anything.
    version: (value) =>
      value.kind === 'scalar' && /^\s*\+?0*2(?!\d)/.test(value.text)
        ? undefined
        : { line: value.line, because: '`version` is not 2' },
    openvswitch: keys({
      'external-ids': entries(text),
      'other-config': entries(text),
      protocols: list(text),
      ports: list(list(text)),
      ssl: keys({ 'ca-cert': text, certificate: text, 'private-key': text }),
    }),
  } satisfies Keys),
);
