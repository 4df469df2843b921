/** What fast-check draws. */
import fc from 'fast-check';
import type { Family, GuestData, Kind, Mode } from './data.ts';

export const seed = fc.integer({ min: 0, max: 0x7fffffff });

/** True once in so many. */
const rarely = (n: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 0, max: n - 1 }).map((x) => x === n - 1);

/** Absent, or one of the values. */
const maybe = <T>(n: number, ...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc
    .integer({ min: 0, max: n * values.length - 1 })
    .map((x) => values[x - (n - 1) * values.length]);

export const words = (text: string): string[] => text.trim().split(/\s+/);

/** Names that some format, some program or JavaScript takes for something else. */
const AWKWARD_NAMES = [
  ...words(`
    yes no on off true null y n NaN nan inf Null FALSE 1e3 0x10 0o17 1_000 12e03 1.5 0b1
    1.2.3.4 10.0.0.1 007x _1 1__ constructor __proto__ toString hasOwnProperty prototype
    valueOf __defineGetter length eth0.100 a.b.c.d x..y a- a--b _ __ A en-p0_s3.1 enp0s31f6
    ethernets network version renderer match macvlan shims host parent this if each wlan0
    macvtap0 macvlan7 d x.network x.netdev x.d x.conf none any veth0 br0 2024-01-01 190.20
    0.0.0.0 e1 1E5 08x zz_15_bytes____
  `),
];

const NAME_CHARS = [...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_.-'];

const isName = (text: string): boolean =>
  /^(?![0-9]+$)[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text) &&
  !['lo', 'all', 'default', 'bonding_masters'].includes(text);

const name = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => `eth${n}`) },
  { weight: 3, arbitrary: fc.constantFrom(...AWKWARD_NAMES) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...NAME_CHARS), { minLength: 1, maxLength: 15 })
      .map((chars) => chars.join(''))
      .filter(isName),
  },
);

const HOSTS = [
  ...words(`
    kvm1 007 1.10 true 0x10 1e3 yes Null null constructor 1_0 a 0 kvm-1.example.net K
    2024-01-01 1.5e3 off 0o17
  `),
  `h${'0123456789'.repeat(25)}`,
];

const DOMAINS = [
  ...words(`
    example.net ~lab.example.net ~. example.net. yes null 1.10 0x10 _msdcs.example.net
    EXAMPLE.ORG a-b.c_d 007 ~1e3 true 10.0.0.1
  `),
  `${'a'.repeat(63)}.example`,
];

const HOSTNAMES = [
  'kvm1',
  '007',
  'true',
  '0x10',
  '1e3',
  'no',
  'a-b',
  'x',
  'null',
  `h${'0'.repeat(62)}`,
];

const METRICS = [0, 1, 50, 100, 300, 1024, 32766, 2147483646, 2147483647];

const TABLES = [1, 100, 253, 254, 255, 1000, 2147483646, 2147483647];

const MTUS = [1500, 1400, 1280, 9000, 65535, 576, 68];

const BOND_MODES = words(
  'active-backup active-backup active-backup 802.3ad balance-rr balance-xor broadcast balance-tlb balance-alb',
);

const route = fc.record({
  family: fc.constantFrom<Family>('ipv4', 'ipv6'),
  isDefault: fc.boolean(),
  reach: fc.constantFrom('gateway', 'gateway', 'gateway', 'on-link', 'scope', 'link-local'),
  from: rarely(4),
  metric: maybe(3, ...METRICS),
  table: maybe(5, ...TABLES),
  seed,
});

const overrides = fc.record({
  'use-dns': maybe(3, true, false),
  'use-domains': maybe<boolean | 'route'>(8, true, false, 'route'),
  'use-ntp': maybe(8, true, false),
  'use-hostname': maybe(4, true, false),
  'send-hostname': maybe(4, true, false),
  hostname: maybe(4, ...HOSTNAMES),
  'use-mtu': maybe(8, true, false),
  'use-routes': maybe(3, true, false),
  'route-metric': maybe(3, ...METRICS),
  table: maybe(6, ...TABLES),
});

const raOverrides = fc.record({
  'use-dns': maybe(2, true, false),
  'use-domains': maybe<boolean | 'route'>(4, true, false, 'route'),
  table: maybe(3, ...TABLES),
});

const rule = fc.record({
  family: fc.constantFrom<Family>('ipv4', 'ipv6'),
  ends: fc.constantFrom('own', 'from', 'to', 'both', 'none'),
  iif: maybe(4, 'lo', 'docker0'),
  oif: maybe(4, 'veth0', 'e-1'),
  table: fc.constantFrom(...TABLES),
  priority: maybe(2, 1, 100, 32764, 32765, 32767, 2147483647),
  tos: maybe(3, 4, 16, 28),
  mark: maybe(3, 1, 255, 2147483647),
  seed,
});

/** Nothing (which a failure shrinks to), or something once in `n`. */
const sometimes = <T>(n: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: n - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const addressing = fc.record({
  addresses: fc.array(fc.record({ isIpv6: rarely(3), seed }), { maxLength: 3 }),
  routes: fc.array(route, { maxLength: 3 }),
  rules: fc.oneof(
    { weight: 2, arbitrary: fc.array(rule, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(rule, { maxLength: 2 }) },
  ),
  nameservers: fc.array(fc.record({ isIpv6: rarely(3), seed }), { maxLength: 3 }),
  search: fc.array(fc.constantFrom(...DOMAINS), { maxLength: 3 }),
  // NetworkManager has no word for `false`.
  dnsDefaultRoute: maybe(3, true, true, true, false),
  // ifupdown has no setting for it.
  multicastDns: maybe<boolean | 'resolve'>(8, true, false, 'resolve'),
  // NetworkManager alone has one.
  zone: maybe(40, 'trusted', 'a-b_9'),
  empty: rarely(6),
  dhcp4: maybe(3, true, false),
  dhcp6: maybe(5, true, false),
  acceptRa: maybe(4, true, false),
  raOverrides: sometimes(4, raOverrides),
  privacy: maybe(2, true, false),
  generation: maybe<'eui64' | 'stable-privacy'>(4, 'eui64', 'stable-privacy'),
  token: rarely(3),
  identifier: maybe<'mac' | 'duid'>(3, 'mac', 'duid'),
  overrides4: fc.option(overrides, { freq: 2 }),
  overrides6: fc.option(overrides, { freq: 2 }),
  // netplan over networkd wants both alike; most intents are to be expressible everywhere.
  alike: fc.boolean(),
  linkLocal: maybe<Family[]>(6, [], ['ipv4'], ['ipv6'], ['ipv6', 'ipv4'], ['ipv6', 'ipv6']),
  seed,
});

/** What is attached to a parent. */
const attachment = {
  parent: fc.integer({ min: 0, max: 5 }),
  byName: fc.boolean(),
  // NetworkManager makes no macvlan in mode `source`.
  mode: fc.oneof(
    {
      weight: 30,
      arbitrary: maybe<Mode>(3, 'bridge', 'bridge', 'private', 'vepa', 'passthru'),
    },
    { weight: 1, arbitrary: fc.constant<Mode>('source') },
  ),
  sources: fc.integer({ min: 1, max: 3 }),
  macaddress: rarely(3),
  takesPermanent: rarely(4),
  mtu: maybe(3, ...MTUS),
  seed,
};

const shim = fc.record({
  ...attachment,
  // NetworkManager has no setting for it.
  queue: sometimes(30, fc.constantFrom(1, 5000, 4294967294)),
  threshold: sometimes(30, fc.constantFrom(-1, 0, 3, 2147483647)),
  addressing,
  /** On a parent with addresses: with single ones beside those. */
  isSide: fc.integer({ min: 0, max: 4 }).map((x) => x < 4),
  optional: maybe(4, true, false),
  ignoreCarrier: maybe(3, true, false),
  /** NetworkManager before 1.52 and netplan make none. */
  isIpvlan: rarely(8),
});

const ACCOUNTS = words('root kvm libvirt-qemu a.b _x 0 1000 4294967294');

const tap = fc.record({
  ...attachment,
  owner: maybe(2, ...ACCOUNTS),
  group: maybe(2, ...ACCOUNTS),
  permissions: maybe(3, '0660', '600', '0640', '666'),
  allmulticast: maybe(3, true, false),
});

const guest = fc.record({
  parent: attachment.parent,
  byName: fc.boolean(),
  mode: maybe<NonNullable<GuestData['mode']>>(2, 'bridge', 'private', 'vepa', 'passthrough'),
  macaddress: fc.boolean(),
  target: fc.boolean(),
  model: maybe(2, 'virtio', 'e1000e', 'rtl8139', 'true', '0x10', '1e3'),
  trust: maybe(2, true, false),
});

export const GUESTS = words('g1 db.example web+1 true 007 constructor __proto__ 1e3 _ a-b G 0x10');

/** What any parent may say. */
const parentCommon = {
  macaddress: rarely(3),
  mtu: maybe(3, ...MTUS),
  optional: maybe(4, true, false),
  ignoreCarrier: maybe(8, true, false),
  own: sometimes(3, addressing),
  seed,
};

const parent = fc.record({
  ...parentCommon,
  declared: fc.boolean(),
  typed: rarely(4),
  match: rarely(3),
  rename: fc.boolean(),
  longId: rarely(12),
  wakeonlan: maybe(2, true, false),
});

/** A VLAN, bond or bridge on links that were drawn before it. */
const upper = fc.record({
  ...parentCommon,
  kind: fc.constantFrom<Kind>('vlan', 'vlan', 'bond', 'bond', 'bridge'),
  typed: fc.boolean(),
  byName: fc.boolean(),
  members: fc.integer({ min: 1, max: 3 }),
  bondMode: fc.constantFrom(...BOND_MODES),
  parameters: fc.integer({ min: 0, max: 4 }).map((x) => x > 0),
});

/** A link that other files configure, on which only shims, taps and guests are. */
const foreign = fc.record({
  ...parentCommon,
  kind: fc.constantFrom<Kind>('ethernet', 'ethernet', 'bridge', 'bond', 'vlan'),
  typed: fc.boolean(),
  /** systemd-networkd refuses it without the name of its file. */
  hasFile: rarely(8).map((isRare) => !isRare),
  /** Whether its LAN is known to whoever writes the intent: shims are beside it, then. */
  isBeside: rarely(3).map((isRare) => !isRare),
});

export const raw = fc.record({
  host: maybe(1, ...HOSTS, undefined),
  renderer: maybe<'networkd' | 'NetworkManager'>(3, 'networkd', 'NetworkManager'),
  names: fc.uniqueArray(name, { minLength: 20, maxLength: 20 }),
  parents: fc.oneof(
    { weight: 3, arbitrary: fc.array(parent, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(parent, { minLength: 2, maxLength: 3 }) },
  ),
  uppers: fc.oneof(
    { weight: 3, arbitrary: fc.array(upper, { maxLength: 0 }) },
    { weight: 3, arbitrary: fc.array(upper, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(upper, { minLength: 2, maxLength: 3 }) },
  ),
  foreign: fc.oneof(
    { weight: 3, arbitrary: fc.array(foreign, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(foreign, { minLength: 1, maxLength: 2 }) },
  ),
  // Rather many intents with few links than few with many.
  shims: fc.oneof(
    { weight: 6, arbitrary: fc.array(shim, { minLength: 1, maxLength: 2 }) },
    { weight: 2, arbitrary: fc.array(shim, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(shim, { minLength: 2, maxLength: 4 }) },
  ),
  taps: fc.oneof(
    { weight: 4, arbitrary: fc.array(tap, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(tap, { minLength: 1, maxLength: 2 }) },
  ),
  guests: fc.oneof(
    { weight: 3, arbitrary: fc.array(guest, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(guest, { minLength: 1, maxLength: 2 }) },
  ),
  /** What is on top of others is declared before those. */
  upsideDown: fc.boolean(),
  // What is rendered is named by the tests themselves, which this must not change.
  backend: maybe<string | readonly string[]>(5, 'networkd', 'netplan', ['ifupdown', 'libvirt']),
});

export type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never;

export type RawShim = Raw['shims'][number];

export type RawTap = Raw['taps'][number];

export type RawUpper = Raw['uppers'][number];

export type RawForeign = Raw['foreign'][number];

export type RawAddressing = RawShim['addressing'];

export type RawOverrides = Exclude<RawAddressing['overrides4'], null>;
