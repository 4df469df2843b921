/**
 * Where the model holds each key of the language. A key of the schema without a line here does not
 * compile, nor does a line that names no property of the model; a test sees that the key changes it.
 */
import type {
  AddressingIntent,
  GuestIntent,
  Intent,
  ParentIntent,
  RouteIntent,
  RuleIntent,
  ShimIntent,
  TapIntent,
} from '../intent/schema.ts';
import type {
  Addressing,
  Dhcp4,
  Dhcp6,
  Guest,
  Model,
  Parent,
  PolicyRule,
  RaOverrides,
  Route,
  Shim,
  Tap,
} from './types.ts';

/** By key, the properties that it decides; one or more. */
type Places<Written, Held> = {
  readonly [Key in keyof Required<Written>]: readonly [
    keyof Required<Held>,
    ...(keyof Required<Held>)[],
  ];
};

const ADDRESSING = {
  addresses: ['addresses'],
  routes: ['routes'],
  'routing-policy': ['rules'],
  nameservers: ['nameservers', 'search'],
  'dns-default-route': ['dnsDefaultRoute'],
  'multicast-dns': ['multicastDns'],
  'firewall-zone': ['firewallZone'],
  dhcp4: ['dhcp4'],
  dhcp6: ['dhcp6'],
  'dhcp-identifier': ['identifier'],
  'dhcp4-overrides': ['dhcp4'],
  'dhcp6-overrides': ['dhcp6'],
  'accept-ra': ['acceptRa', 'dhcp6ByRouter'],
  'ra-overrides': ['raOverrides'],
  'ipv6-address-generation': ['addressGeneration'],
  'ipv6-address-token': ['addressToken'],
  'ipv6-privacy': ['ipv6Privacy'],
  'link-local': ['linkLocal'],
} as const satisfies Places<AddressingIntent, Addressing>;

const PARENT = {
  ...ADDRESSING,
  type: ['kind'],
  managed: ['managed'],
  'network-file': ['networkFile'],
  match: ['permanentMac'],
  'set-name': ['name'],
  id: ['vlan'],
  link: ['vlan'],
  interfaces: ['members'],
  parameters: ['bond', 'bridge'],
  macaddress: ['macaddress'],
  mtu: ['mtu'],
  wakeonlan: ['wakeonlan'],
  optional: ['optional'],
  'ignore-carrier': ['ignoreCarrier'],
} as const satisfies Places<ParentIntent, Parent>;

const ATTACHMENT = {
  parent: ['parent'],
  mode: ['mode'],
  'source-macaddresses': ['sourceMacs'],
  macaddress: ['macaddress'],
  mtu: ['mtu'],
} as const;

const TAP = {
  ...ATTACHMENT,
  owner: ['owner'],
  group: ['group', 'permissions'],
  permissions: ['permissions'],
  allmulticast: ['allMulticast'],
} as const satisfies Places<TapIntent, Tap>;

const SHIM = {
  ...ATTACHMENT,
  'broadcast-queue-length': ['broadcastQueueLength'],
  'broadcast-queue-threshold': ['broadcastQueueThreshold'],
  kind: ['device'],
  ...ADDRESSING,
  optional: ['optional'],
  'ignore-carrier': ['ignoreCarrier'],
} as const satisfies Places<ShimIntent, Shim>;

const GUEST = {
  parent: ['parent'],
  mode: ['mode'],
  macaddress: ['macaddress'],
  target: ['target'],
  model: ['model'],
  'trust-guest-rx-filters': ['trustGuestRxFilters'],
} as const satisfies Places<GuestIntent, Guest>;

/** Of the whole intent; its version decides how it is read. */
export const OF_INTENT = {
  host: ['host'],
  renderer: ['renderer'],
  backend: ['backends'],
  target: ['target'],
  parents: ['parents'],
  shims: ['shims'],
  taps: ['taps'],
  guests: ['guests'],
} as const satisfies Places<Omit<Intent, 'version'>, Model>;

/** Of the devices, by the key of their list. */
export const OF_DEVICES = { parents: PARENT, shims: SHIM, taps: TAP, guests: GUEST } as const;

const DHCP6 = {
  'use-dns': ['useDns'],
  'use-domains': ['useDomains'],
  'use-ntp': ['useNtp'],
  'use-hostname': ['useHostname'],
  'send-hostname': ['sendHostname'],
  hostname: ['hostname'],
} as const satisfies Places<NonNullable<AddressingIntent['dhcp6-overrides']>, Dhcp6>;

/** Of what is in a key of a device. */
export const OF_PARTS = {
  routes: {
    to: ['to', 'network', 'isDefault'],
    via: ['via', 'gateway'],
    from: ['from'],
    // Whether a route needs a gateway.
    scope: ['via'],
    'on-link': ['onLink'],
    metric: ['metric'],
    table: ['table'],
  } as const satisfies Places<RouteIntent, Route>,
  'routing-policy': {
    from: ['from', 'source'],
    to: ['to'],
    iif: ['iif'],
    oif: ['oif'],
    table: ['table'],
    priority: ['priority'],
    'type-of-service': ['typeOfService'],
    mark: ['mark'],
  } as const satisfies Places<RuleIntent, PolicyRule>,
  'dhcp4-overrides': {
    ...DHCP6,
    'use-mtu': ['useMtu'],
    'use-routes': ['useRoutes'],
    'route-metric': ['routeMetric'],
    table: ['table'],
  } as const satisfies Places<NonNullable<AddressingIntent['dhcp4-overrides']>, Dhcp4>,
  'dhcp6-overrides': DHCP6,
  'ra-overrides': {
    'use-dns': ['useDns'],
    'use-domains': ['useDomains'],
    table: ['table'],
  } as const satisfies Places<NonNullable<AddressingIntent['ra-overrides']>, RaOverrides>,
} as const;
