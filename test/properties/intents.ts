/**
 * Arbitrary accepted intents: plain objects that are right by construction, and a printer that
 * writes one and the same intent in many spellings.
 *
 * fast-check draws the structure (so that a failure shrinks to few links with few settings);
 * numbers that no shrinking makes plainer (addresses, MACs, spellings) come from small seeds.
 */
import fc from 'fast-check';

export type Family = 'ipv4' | 'ipv6';
export type Mode = 'bridge' | 'private' | 'vepa' | 'passthru' | 'source';

export interface OverridesData {
  'use-dns'?: boolean;
  'use-domains'?: boolean | 'route';
  'use-ntp'?: boolean;
  'use-hostname'?: boolean;
  'send-hostname'?: boolean;
  hostname?: string;
}

export interface Overrides4Data extends OverridesData {
  'use-mtu'?: boolean;
  'use-routes'?: boolean;
  'route-metric'?: number;
}

export interface RouteData {
  to: string;
  via?: string;
  from?: string;
  scope?: 'global' | 'link';
  'on-link'?: boolean;
  metric?: number;
  table?: number;
}

export interface RuleData {
  from?: string;
  to?: string;
  table: number;
  priority?: number;
  'type-of-service'?: number;
  mark?: number;
}

/** What a shim has of addresses, and a parent that keeps one. */
export interface AddressingData {
  addresses?: string[];
  routes?: RouteData[];
  'routing-policy'?: RuleData[];
  nameservers?: { addresses?: string[]; search?: string[] };
  'dns-default-route'?: boolean;
  dhcp4?: boolean;
  dhcp6?: boolean;
  'dhcp-identifier'?: 'mac' | 'duid';
  'dhcp4-overrides'?: Overrides4Data;
  'dhcp6-overrides'?: OverridesData;
  'accept-ra'?: boolean;
  'link-local'?: Family[];
}

/** What stands on a parent: a shim or a tap. */
export interface AttachmentData {
  parent: string;
  mode?: Mode;
  'source-macaddresses'?: string[];
  macaddress?: string;
  mtu?: number;
}

export interface ShimData extends AttachmentData, AddressingData {
  optional?: boolean;
  'ignore-carrier'?: boolean;
}

export type TapData = AttachmentData;

export interface GuestData {
  parent: string;
  mode?: 'bridge' | 'private' | 'vepa' | 'passthrough';
  macaddress?: string;
  target?: string;
  model?: string;
  'trust-guest-rx-filters'?: boolean;
}

export type Kind = 'ethernet' | 'vlan' | 'bond' | 'bridge';

/** Of a bond or of a bridge. */
export type Parameters = Record<string, string | number | boolean | string[]>;

export interface ParentData extends AddressingData {
  type?: Kind;
  match?: { macaddress: string };
  'set-name'?: string;
  id?: number;
  link?: string;
  interfaces?: string[];
  parameters?: Parameters;
  macaddress?: string;
  mtu?: number;
  wakeonlan?: boolean;
  optional?: boolean;
  'ignore-carrier'?: boolean;
}

export interface IntentData {
  version: 1;
  host?: string;
  renderer?: 'networkd' | 'NetworkManager';
  parents?: Map<string, ParentData>;
  shims?: Map<string, ShimData>;
  taps?: Map<string, TapData>;
  guests?: Map<string, GuestData>;
}

// Small seeded randomness -----------------------------------------------------------------

export interface Dice {
  /** A whole number from 0 up to, and without, `below`. */
  below(below: number): number;
  /** True once in `n` throws. */
  once(n: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** Always the same throws for the same seed (mulberry32). */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    once: (n) => below(n) === 0,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}

// Addresses ---------------------------------------------------------------------------------

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The bytes of an address; its length says the family. */
export type Bytes = readonly number[];

const familyOf = (bytes: Bytes): Family => (bytes.length === 4 ? 'ipv4' : 'ipv6');

/** The canonical text: dotted quad, or RFC 5952. */
export function canonical(bytes: Bytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && groups[end] === 0) end += 1;
    // The longest run of zeros is cut, the first of several; one zero alone is not.
    if (end - start > best.length) best = { start, length: end - start };
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (best.start < 0) return text(0, 8);
  return `${text(0, best.start)}::${text(best.start + best.length, 8)}`;
}

const groupsOf = (bytes: Bytes): number[] =>
  Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));

/** One of the many texts of one address. */
function spell(bytes: Bytes, d: Dice): string {
  if (bytes.length === 4 || d.once(2)) return canonical(bytes);
  const groups = groupsOf(bytes);
  const group = (value: number): string => {
    const text = value.toString(16).padStart(d.once(2) ? 4 : 1, '0');
    return d.once(3) ? text.toUpperCase() : text;
  };
  const zeros = groups.flatMap((value, index) => (value === 0 ? [index] : []));
  const tail = d.once(6)
    ? bytes.slice(12).join('.')
    : `${group(groups[6] ?? 0)}:${group(groups[7] ?? 0)}`;
  const cut = zeros.find((index) => index < 6);
  if (cut === undefined || d.once(2)) return [...groups.slice(0, 6).map(group), tail].join(':');
  let end = cut;
  while (end < 6 && groups[end] === 0) end += 1;
  const before = groups.slice(0, cut).map(group).join(':');
  const between = groups
    .slice(end, 6)
    .map((value) => `${group(value)}:`)
    .join('');
  return `${before}::${between}${tail}`;
}

/** An address of a host: no loopback, link-local, multicast, mapped or unspecified one. */
function unicast(family: Family, d: Dice): number[] {
  if (family === 'ipv4') {
    const first = d.pick([10, 10, 100, 172, 192, 198, 203, 1, 9, 223]);
    return [first, d.below(256), d.below(256), d.below(256)];
  }
  const first = d.pick([
    [0x20, 0x01],
    [0x20, 0x01],
    [0x2a, 0x02],
    [0xfd, d.below(256)],
    [0xfc, 0],
  ]);
  const zeros = d.below(4);
  const rest = Array.from({ length: 7 }, () =>
    d.below(4) < zeros ? [0, 0] : [d.once(3) ? 0 : d.below(256), d.below(256)],
  );
  // Not the first address of a subnet, which is no host's.
  return [...first, ...rest.flat()].with(15, 1 + d.below(255));
}

const bitAt = (bytes: Bytes, index: number): number =>
  ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;

/** `bytes` with each bit from `prefix` on as `bit` says. */
function withHostBits(bytes: Bytes, prefix: number, bit: (index: number) => number): number[] {
  const result = [...bytes];
  for (let index = prefix; index < bytes.length * 8; index += 1) {
    const mask = 0x80 >> (index & 7);
    const old = result[index >> 3] ?? 0;
    result[index >> 3] = bit(index) === 1 ? old | mask : old & ~mask;
  }
  return result;
}

const hostBits = (bytes: Bytes, prefix: number): number[] =>
  Array.from({ length: bytes.length * 8 - prefix }, (_, i) => bitAt(bytes, prefix + i));

interface OwnAddress {
  readonly bytes: number[];
  readonly prefix: number;
  readonly text: string;
}

/** An address with its length, such as a host can have: not its subnet's first, nor its last. */
function ownAddress(family: Family, d: Dice): OwnAddress {
  const bits = family === 'ipv4' ? 32 : 128;
  const common = family === 'ipv4' ? [24, 24, 16, 27, 32] : [64, 64, 48, 120, 128];
  const prefix = d.once(3) ? 8 + d.below(bits - 7) : d.pick(common);
  let bytes = unicast(family, d);
  const host = hostBits(bytes, prefix);
  if (host.length > 1 && (host.every((bit) => bit === 0) || host.every((bit) => bit === 1))) {
    bytes = withHostBits(bytes, prefix, (index) => (index === bits - 1 ? 1 : 0));
  }
  return { bytes, prefix, text: canonical(bytes) };
}

/** Another host of the subnet, or nothing where there is no room for one. */
function neighbour({ bytes, prefix, text }: OwnAddress, d: Dice): number[] | undefined {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const other = withHostBits(bytes, prefix, () => d.below(2));
    const host = hostBits(other, prefix);
    const isEdge = host.length > 1 && (host.every((b) => b === 0) || host.every((b) => b === 1));
    if (!isEdge && canonical(other) !== text) return other;
  }
  return undefined;
}

// What fast-check draws -----------------------------------------------------------------------

const seed = fc.integer({ min: 0, max: 0x7fffffff });
/** True once in so many. */
const rarely = (n: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 0, max: n - 1 }).map((x) => x === n - 1);
/** Absent, or one of the values. */
const maybe = <T>(n: number, ...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc
    .integer({ min: 0, max: n * values.length - 1 })
    .map((x) => values[x - (n - 1) * values.length]);

const words = (text: string): string[] => text.trim().split(/\s+/);

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
});

const rule = fc.record({
  family: fc.constantFrom<Family>('ipv4', 'ipv6'),
  ends: fc.constantFrom('own', 'from', 'to', 'both'),
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
  empty: rarely(6),
  dhcp4: maybe(3, true, false),
  dhcp6: maybe(5, true, false),
  acceptRa: maybe(4, true, false),
  identifier: maybe<'mac' | 'duid'>(3, 'mac', 'duid'),
  overrides4: fc.option(overrides, { freq: 2 }),
  overrides6: fc.option(overrides, { freq: 2 }),
  // netplan over networkd wants both alike; most intents are to be expressible everywhere.
  alike: fc.boolean(),
  linkLocal: maybe<Family[]>(6, [], ['ipv4'], ['ipv6'], ['ipv6', 'ipv4'], ['ipv6', 'ipv6']),
  seed,
});

/** What stands on a parent. */
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
  addressing,
  /** On a parent with addresses: with single ones beside those. */
  isSide: fc.integer({ min: 0, max: 4 }).map((x) => x < 4),
  optional: maybe(4, true, false),
  ignoreCarrier: maybe(3, true, false),
});

const tap = fc.record(attachment);

const guest = fc.record({
  parent: attachment.parent,
  byName: fc.boolean(),
  mode: maybe<NonNullable<GuestData['mode']>>(2, 'bridge', 'private', 'vepa', 'passthrough'),
  macaddress: fc.boolean(),
  target: fc.boolean(),
  model: maybe(2, 'virtio', 'e1000e', 'rtl8139', 'true', '0x10', '1e3'),
  trust: maybe(2, true, false),
});

const GUESTS = words('g1 db.example web+1 true 007 constructor __proto__ 1e3 _ a-b G 0x10');

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

const raw = fc.record({
  host: maybe(1, ...HOSTS, undefined),
  renderer: maybe<'networkd' | 'NetworkManager'>(3, 'networkd', 'NetworkManager'),
  names: fc.uniqueArray(name, { minLength: 18, maxLength: 18 }),
  parents: fc.oneof(
    { weight: 3, arbitrary: fc.array(parent, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(parent, { minLength: 2, maxLength: 3 }) },
  ),
  uppers: fc.oneof(
    { weight: 3, arbitrary: fc.array(upper, { maxLength: 0 }) },
    { weight: 3, arbitrary: fc.array(upper, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(upper, { minLength: 2, maxLength: 3 }) },
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
  /** What stands on others is declared before those. */
  upsideDown: fc.boolean(),
});

type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never;
type RawShim = Raw['shims'][number];
type RawTap = Raw['taps'][number];
type RawUpper = Raw['uppers'][number];
type RawAddressing = RawShim['addressing'];
type RawOverrides = Exclude<RawAddressing['overrides4'], null>;

// From what was drawn to an intent that is right -----------------------------------------------

/** `value`, where something is said. */
const set = <T extends object, K extends keyof T>(
  target: T,
  key: K,
  value: T[K] | undefined,
): void => {
  if (value !== undefined) target[key] = value;
};

/** The way all MACs of an intent are made distinct: a number of their own. */
function macMaker(d: Dice): () => string {
  let count = 0;
  return () => {
    count += 1;
    const bytes = [
      d.below(64) * 4 + 2 * d.below(2),
      d.below(256),
      d.below(256),
      d.below(256),
      d.below(256),
      count,
    ];
    const text = bytes.map(hex2).join(':');
    return d.once(3) ? text.toUpperCase() : text;
  };
}

interface Drawing {
  /** By the kernel's key of a route: no two may have the same. */
  readonly routes: Set<string>;
  /** Of those, the ones that the kernel itself adds with an address. */
  readonly subnets: Set<string>;
  readonly addresses: Set<string>;
  /** Of parents: no shim but a side shim has an address in them. */
  readonly parentNets: OwnAddress[];
  readonly gateways: Set<string>;
  readonly rules: Set<string>;
}

/** A link that others may stand on. */
interface Node {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly data: ParentData;
  readonly drawn: Raw['parents'][number] | RawUpper;
  readonly isDeclared: boolean;
  link?: Node;
  master?: Node;
  readonly vlans: Node[];
  readonly members: Node[];
  readonly vlanIds: Set<number>;
  /** Shims, taps and guests: passthru stands alone. */
  attachment: number;
  ignoresCarrier: boolean;
  own: OwnAddress[];
  isTaken: boolean;
}

interface Builder {
  readonly takeName: () => string;
  readonly nextMac: () => string;
  readonly drawing: Drawing;
  readonly host: string | undefined;
}

function build(drawn: Raw): IntentData {
  const { host, renderer, names, parents, uppers, shims, taps, guests, upsideDown } = drawn;
  const freeName = [...names];
  const builder: Builder = {
    takeName: () => freeName.pop() ?? 'x',
    nextMac: macMaker(dice(parents[0]?.seed ?? 0)),
    drawing: {
      routes: new Set(),
      subnets: new Set(),
      addresses: new Set(),
      parentNets: [],
      gateways: new Set(),
      rules: new Set(),
    },
    host,
  };
  const nodes = parents.map((item) => nicOf(item, builder));
  for (const item of uppers) {
    const node = upperOf(item, nodes, builder);
    if (node) nodes.push(node);
  }
  const free = nodes.filter(({ master }) => !master);
  const on = (index: number): Node => free[index % free.length] ?? fail();
  for (const { parent: index } of [...shims, ...taps, ...guests]) on(index).attachment += 1;
  for (const shimDrawn of shims) {
    if (shimDrawn.ignoreCarrier === true) spreadCarrier(on(shimDrawn.parent));
  }
  for (const node of nodes) {
    if (node.isDeclared && node.drawn.ignoreCarrier !== undefined) {
      node.data['ignore-carrier'] = node.drawn.ignoreCarrier;
      if (node.drawn.ignoreCarrier) spreadCarrier(node);
    }
  }
  for (const node of free) {
    if (node.isDeclared && node.drawn.own)
      addParentAddresses(node, node.drawn.own, builder.drawing);
  }
  const first = free[0] ?? fail();
  if (shims.length + taps.length === 0 && !free.some(({ data }) => hasAny(data))) {
    first.data.addresses = ['192.0.2.17/28'];
    builder.drawing.addresses.add('192.0.2.17');
  }
  const guestNames = shuffled(GUESTS, dice(first.drawn.seed));
  const intent: IntentData = { version: 1 };
  const shimMap = new Map(
    shims.map((item) => [builder.takeName(), shimOf(item, on(item.parent), builder)] as const),
  );
  const tapMap = new Map(
    taps.map((item) => [builder.takeName(), attachmentOf(item, on(item.parent), builder)] as const),
  );
  const guestMap = new Map(
    guests.map((item, index) => [
      guestNames[index] ?? 'g',
      guestOf(item, on(item.parent), builder),
    ]),
  );
  fitMtus(nodes, [...shimMap.values()], [...tapMap.values()]);
  set(intent, 'host', host);
  set(intent, 'renderer', renderer);
  const declared = nodes.filter((node) => node.isDeclared || (node === first && hasAny(node.data)));
  if (upsideDown) declared.reverse();
  if (declared.length > 0) intent.parents = new Map(declared.map(({ id, data }) => [id, data]));
  if (shimMap.size > 0) intent.shims = shimMap;
  if (tapMap.size > 0) intent.taps = tapMap;
  if (guestMap.size > 0) intent.guests = guestMap;
  return intent;
}

function fail(): never {
  throw new Error('nothing to stand on');
}

const nodeOf = (
  kind: Kind,
  id: string,
  name: string,
  data: ParentData,
  drawn: Node['drawn'],
  isDeclared: boolean,
): Node => ({
  kind,
  id,
  name,
  data,
  drawn,
  isDeclared,
  vlans: [],
  members: [],
  vlanIds: new Set(),
  attachment: 0,
  ignoresCarrier: false,
  own: [],
  isTaken: false,
});

/** A parent ignores the carrier where something above it does. */
function spreadCarrier(node: Node): void {
  if (node.ignoresCarrier) return;
  node.ignoresCarrier = true;
  for (const below of [node.link, ...node.members]) if (below) spreadCarrier(below);
}

function nicOf(drawn: Raw['parents'][number], { takeName, nextMac }: Builder): Node {
  const data: ParentData = {};
  let id = takeName();
  let called = id;
  // A NIC with something to say is declared.
  const isDeclared = drawn.declared || drawn.own !== null;
  if (isDeclared) {
    if (drawn.typed) data.type = 'ethernet';
    if (drawn.match) {
      data.match = { macaddress: nextMac() };
      called = drawn.rename ? takeName() : id;
      // An id with `match` is no name of an interface, and may be longer.
      if (drawn.longId && called !== id) id = `${id}.${'long-id_'.repeat(6)}`;
      data['set-name'] = called;
      set(data, 'wakeonlan', drawn.wakeonlan);
    } else if (drawn.wakeonlan === false) data.wakeonlan = false;
    if (drawn.macaddress) data.macaddress = nextMac();
    set(data, 'mtu', drawn.mtu);
    set(data, 'optional', drawn.optional);
  }
  return nodeOf('ethernet', id, called, data, drawn, isDeclared);
}

/** A link on those that there are; nothing where none of them can be in it. */
function upperOf(
  drawn: RawUpper,
  nodes: readonly Node[],
  { takeName, nextMac, host }: Builder,
): Node | undefined {
  const d = dice(drawn.seed);
  const { kind } = drawn;
  const free = nodes.filter(({ master }) => !master);
  // A bridge in a bond the kernel refuses; a link that has VLANs stays what it is.
  const eligible = shuffled(
    free.filter(
      (node) =>
        node.vlans.length === 0 &&
        (kind === 'bridge' ? node.kind !== 'bridge' : node.kind === 'ethernet'),
    ),
    d,
  ).slice(0, drawn.members);
  const data: ParentData = {};
  if (kind !== 'vlan' || drawn.typed) data.type = kind;
  if (drawn.macaddress || (host === undefined && kind !== 'vlan')) data.macaddress = nextMac();
  set(data, 'mtu', drawn.mtu);
  set(data, 'optional', drawn.optional);
  const called = (node: Node): string => (d.once(2) ? node.name : node.id);
  const id = takeName();
  const node = nodeOf(kind, id, id, data, drawn, true);
  if (kind === 'vlan') {
    const link = d.pick(free);
    node.link = link;
    data.link = called(link);
    do data.id = d.once(2) ? 1 + d.below(4094) : d.pick([1, 5, 100, 4094]);
    while (link.vlanIds.has(data.id));
    link.vlanIds.add(data.id);
    link.vlans.push(node);
    return node;
  }
  if (eligible.length === 0) return undefined;
  data.interfaces = eligible.map(called);
  for (const member of eligible) member.master = node;
  node.members.push(...eligible);
  if (kind === 'bond') data.parameters = bondParameters(drawn, eligible.map(called), d);
  else if (drawn.parameters) data.parameters = bridgeParameters(d);
  return node;
}

function bondParameters(
  { bondMode: mode, parameters }: RawUpper,
  members: readonly string[],
  d: Dice,
): Parameters {
  const data: Parameters = { mode };
  if (!parameters) return data;
  const maybeSay = (key: string, ...values: readonly (string | number)[]): void => {
    if (d.once(2)) data[key] = d.pick(values);
  };
  const isOf = (...modes: string[]): boolean => modes.includes(mode);
  if (isOf('active-backup', 'balance-tlb', 'balance-alb')) {
    if (!d.once(3)) data['primary'] = d.pick(members);
    maybeSay('primary-reselect-policy', 'always', 'better', 'failure');
  }
  if (isOf('802.3ad')) {
    maybeSay('lacp-rate', 'slow', 'fast');
    maybeSay('ad-select', 'stable', 'bandwidth', 'count');
    maybeSay('min-links', 1, 2, 1024);
  }
  if (isOf('balance-xor', '802.3ad', 'balance-tlb', 'balance-alb'))
    maybeSay('transmit-hash-policy', ...words('layer2 layer3+4 layer2+3 encap2+3 encap3+4'));
  if (isOf('active-backup')) maybeSay('fail-over-mac-policy', 'none', 'active', 'follow');
  if (isOf('balance-rr', 'active-backup', 'balance-xor', 'broadcast') && d.once(2)) {
    data['arp-interval'] = d.pick([1, 200, 86_400_000]);
    data['arp-ip-targets'] = ['192.0.2.1', '198.51.100.9', '10.0.0.1'].slice(0, 1 + d.below(3));
  } else {
    const interval = d.pick([1, 100, 250, 86_400_000]);
    if (interval !== 100 || d.once(2)) data['mii-monitor-interval'] = interval;
    // Of the interval, a multiple.
    maybeSay('up-delay', 0, interval);
    maybeSay('down-delay', 0, interval);
  }
  return data;
}

function bridgeParameters(d: Dice): Parameters {
  const data: Parameters = {};
  if (d.once(2)) data['stp'] = d.once(2);
  if (d.once(3)) data['forward-delay'] = d.pick([2, 15, 30]);
  if (d.once(3)) data['hello-time'] = d.pick([1, 2, 10]);
  if (d.once(3)) data['max-age'] = d.pick([6, 20, 40]);
  if (d.once(3)) data['ageing-time'] = d.pick([0, 300, 1_000_000]);
  if (d.once(3)) data['priority'] = d.pick([0, 4096, 32768, 65535]);
  return data;
}

/** What a shim and a tap have in common. */
function attachmentOf(
  drawn: RawShim | RawTap,
  on: Node,
  { nextMac, host }: Builder,
): AttachmentData {
  const data: AttachmentData = { parent: drawn.byName ? on.name : on.id };
  const isAlone = on.attachment <= 1 && on.data.match === undefined;
  const mode = drawn.mode === 'passthru' && !isAlone ? 'private' : drawn.mode;
  set(data, 'mode', mode);
  if (mode === 'source')
    data['source-macaddresses'] = Array.from({ length: drawn.sources }, nextMac);
  set(data, 'mtu', drawn.mtu);
  if (mode === 'passthru') return data;
  const permanent = on.data.match?.macaddress;
  if (
    drawn.takesPermanent &&
    permanent !== undefined &&
    on.data.macaddress !== undefined &&
    !on.isTaken
  ) {
    on.isTaken = true;
    data.macaddress = permanent;
  } else if (drawn.macaddress || host === undefined) data.macaddress = nextMac();
  return data;
}

function shimOf(drawn: RawShim, on: Node, builder: Builder): ShimData {
  const data: ShimData = attachmentOf(drawn, on, builder);
  const isBeside = drawn.isSide && on.own.length > 0;
  addAddressing(data, drawn.addressing, builder.drawing, {
    isCarrierless: drawn.ignoreCarrier === true,
    ownAddresses: isBeside
      ? sideAddresses(drawn, on, builder.drawing)
      : wideAddresses(drawn.addressing, builder.drawing, drawn.ignoreCarrier === true),
    lan: isBeside ? on.own : [],
  });
  set(data, 'optional', drawn.optional);
  set(data, 'ignore-carrier', drawn.ignoreCarrier);
  return data;
}

function guestOf(
  drawn: Raw['guests'][number],
  on: Node,
  { takeName, nextMac }: Builder,
): GuestData {
  const data: GuestData = { parent: drawn.byName ? on.name : on.id };
  // Two in this mode, or one beside others, libvirt would refuse.
  if (drawn.mode !== 'passthrough' || on.attachment === 1) set(data, 'mode', drawn.mode);
  if (drawn.macaddress) data.macaddress = nextMac();
  if (drawn.target) data.target = takeName();
  set(data, 'model', drawn.model);
  set(data, 'trust-guest-rx-filters', drawn.trust);
  return data;
}

const hasAny = (data: AddressingData): boolean =>
  (data.addresses ?? []).length > 0 ||
  data.dhcp4 === true ||
  data.dhcp6 === true ||
  data['accept-ra'] === true ||
  (data['link-local'] ?? []).length > 0;

const hasAnyIpv6 = (data: AddressingData): boolean => {
  const dynamic = data.dhcp6 === true || (data['accept-ra'] ?? data.dhcp6) === true;
  const isStatic = (data.addresses ?? []).some((address) => address.includes(':'));
  return dynamic || isStatic || (data['link-local'] ?? []).includes('ipv6');
};

/** A link has at most the MTU of the one below it; IPv6 needs 1280. What does not fit goes. */
function fitMtus(
  nodes: readonly Node[],
  shims: readonly ShimData[],
  taps: readonly TapData[],
): void {
  const isIpv6 = [...nodes.map(({ data }) => data), ...shims].some(hasAnyIpv6);
  const least = isIpv6 ? 1280 : 68;
  const drop = (data: ParentData | AttachmentData, limit: number): void => {
    if (data.mtu !== undefined && (data.mtu < least || data.mtu > limit)) delete data.mtu;
  };
  // A member has the MTU of what it is in.
  for (const { data, master } of nodes) if (master) delete data.mtu;
  for (const { data } of nodes) drop(data, 65535);
  for (const { data, link } of nodes) drop(data, link ? (mtuOf(link) ?? 1500) : 65535);
  for (const upperData of [...shims, ...taps]) {
    const on = nodes.find(
      ({ id, name: called }) => id === upperData.parent || called === upperData.parent,
    );
    drop(upperData, (on && mtuOf(on)) ?? 1500);
  }
}

const mtuOf = ({ data, link, master }: Node): number | undefined => {
  const below = link ?? master;
  return data.mtu ?? (below && mtuOf(below));
};

function addParentAddresses(node: Node, drawn: RawAddressing, drawing: Drawing): void {
  const isCarrierless = node.data['ignore-carrier'] === true;
  const own = wideAddresses(drawn, drawing, isCarrierless);
  drawing.parentNets.push(...own);
  node.own.push(...own);
  addAddressing(node.data, drawn, drawing, { isCarrierless, ownAddresses: own, lan: [] });
  // With something on it, link-local addresses alone are refused.
  const { data } = node;
  const isOfLinkOnly =
    own.length === 0 && data.dhcp4 !== true && data.dhcp6 !== true && data['accept-ra'] !== true;
  if (isOfLinkOnly && (node.attachment > 0 || node.ignoresCarrier)) delete data['link-local'];
}

const overlap = (item: OwnAddress, other: OwnAddress): boolean => {
  if (item.bytes.length !== other.bytes.length) return false;
  const length = Math.min(item.prefix, other.prefix);
  return Array.from({ length }, (_, i) => i).every(
    (i) => bitAt(item.bytes, i) === bitAt(other.bytes, i),
  );
};

/** The kernel's key of the route to an address's subnet; IPv6 ones have a metric of their own. */
const subnetKey = ({ bytes, prefix }: OwnAddress): string | undefined =>
  bytes.length === 4 && prefix < 32
    ? `${canonical(withHostBits(bytes, prefix, () => 0))}/${prefix} 0 254`
    : undefined;

/** Whether an address can be had; it is taken then. */
function takeAddress(address: OwnAddress, drawing: Drawing): boolean {
  const key = subnetKey(address);
  const isGateway = drawing.gateways.has(address.text);
  const isRoute = key !== undefined && drawing.routes.has(key) && !drawing.subnets.has(key);
  if (drawing.addresses.has(address.text) || isGateway || isRoute) return false;
  drawing.addresses.add(address.text);
  if (key !== undefined) {
    drawing.routes.add(key);
    drawing.subnets.add(key);
  }
  return true;
}

function wideAddresses(
  drawn: RawAddressing,
  drawing: Drawing,
  isCarrierless: boolean,
): OwnAddress[] {
  return drawn.addresses
    .map(({ isIpv6, seed: at }) => ownAddress(isIpv6 && !isCarrierless ? 'ipv6' : 'ipv4', dice(at)))
    .filter((address) => !drawing.parentNets.some((other) => overlap(address, other)))
    .filter((address) => takeAddress(address, drawing));
}

/** Single addresses of the parent's LAN; one may be the parent's own. */
function sideAddresses(drawn: RawShim, on: Node, drawing: Drawing): OwnAddress[] {
  const d = dice(drawn.seed);
  const single = (bytes: readonly number[]): OwnAddress => ({
    bytes: [...bytes],
    prefix: bytes.length * 8,
    text: canonical(bytes),
  });
  return on.own.flatMap((address) => {
    if (address.bytes.length === 16 && drawn.ignoreCarrier === true) return [];
    const key = `shared ${address.text}`;
    if (d.once(3) && !drawing.addresses.has(key)) {
      drawing.addresses.add(key);
      return [single(address.bytes)];
    }
    const beside = neighbour(address, d);
    return beside && takeAddress(single(beside), drawing) ? [single(beside)] : [];
  });
}

interface Having {
  readonly isCarrierless: boolean;
  readonly ownAddresses: readonly OwnAddress[];
  /** Of a side shim: the parent's subnets. */
  readonly lan: readonly OwnAddress[];
}

function addAddressing(
  data: AddressingData,
  drawn: RawAddressing,
  drawing: Drawing,
  { isCarrierless, ownAddresses: own, lan }: Having,
): void {
  const d = dice(drawn.seed);
  const spelled = own.map(({ bytes, prefix }) => `${spell(bytes, d)}/${prefix}`);
  if (own.length > 0 || drawn.empty) data.addresses = spelled;
  if (!isCarrierless) {
    set(data, 'dhcp4', drawn.dhcp4);
    set(data, 'dhcp6', drawn.dhcp6);
    set(data, 'accept-ra', drawn.acceptRa);
  }
  const byRouter = data.dhcp6 === true || (data['accept-ra'] ?? false);
  const has = (family: Family): boolean =>
    own.some(({ bytes }) => familyOf(bytes) === family) ||
    (family === 'ipv4' ? data.dhcp4 === true : byRouter);
  addLinkLocal(data, drawn, { isCarrierless, byRouter, hasIpv4: has('ipv4') }, d);
  addDhcp(data, drawn, drawing, d);
  const routes = drawn.routes.flatMap((r) => {
    const family = has(r.family) ? r.family : r.family === 'ipv4' ? 'ipv6' : 'ipv4';
    if (!has(family)) return [];
    const dynamic = isDynamic(data, family);
    const hasLinkLocal = family === 'ipv6' && (data['link-local']?.includes('ipv6') ?? true);
    return routeOf(r, family, own, { dynamic, hasLinkLocal }, drawing);
  });
  routes.push(...lan.flatMap((subnet) => sideRoute(subnet, own, drawing, d)));
  if (routes.length > 0 || drawn.empty) data.routes = routes;
  const rules = drawn.rules.flatMap((item) => ruleOf(item, own, drawing));
  if (rules.length > 0 || drawn.empty) data['routing-policy'] = rules;
  addNames(data, drawn, has);
}

function addLinkLocal(
  data: AddressingData,
  { linkLocal }: RawAddressing,
  has: { isCarrierless: boolean; byRouter: boolean; hasIpv4: boolean },
  d: Dice,
): void {
  if (!linkLocal || (has.byRouter && !linkLocal.includes('ipv6'))) return;
  if (has.isCarrierless && linkLocal.includes('ipv6')) return;
  // NetworkManager has had no IPv4 link-local address beside another for long.
  const isHard = has.hasIpv4 && linkLocal.includes('ipv4') && !d.once(4);
  if (!isHard) data['link-local'] = linkLocal;
}

function addDhcp(data: AddressingData, drawn: RawAddressing, drawing: Drawing, d: Dice): void {
  if (data.dhcp4 === true || data.dhcp6 === true || drawn.empty)
    set(data, 'dhcp-identifier', drawn.identifier);
  if (data.dhcp4 === true || drawn.empty) {
    if (drawn.overrides4) data['dhcp4-overrides'] = overrides4Of(drawn.overrides4, d);
    if (data.dhcp4 === true) fitRouteMetric(data, drawing);
  }
  if (data.dhcp6 === true || drawn.empty) {
    const given = drawn.alike ? drawn.overrides4 : drawn.overrides6;
    if (given) data['dhcp6-overrides'] = overrides6Of(given, d);
  }
}

function addNames(
  data: AddressingData,
  drawn: RawAddressing,
  has: (family: Family) => boolean,
): void {
  const nameservers: NonNullable<AddressingData['nameservers']> = {};
  const addresses = drawn.nameservers.flatMap(({ isIpv6, seed: at }) => {
    const wanted: Family = isIpv6 ? 'ipv6' : 'ipv4';
    const family = has(wanted) ? wanted : isIpv6 ? 'ipv4' : 'ipv6';
    const own6 = dice(at);
    return has(family) ? [spell(unicast(family, own6), own6)] : [];
  });
  if (addresses.length > 0 || drawn.empty) nameservers.addresses = addresses;
  if (drawn.search.length > 0) nameservers.search = drawn.search;
  if (Object.keys(nameservers).length > 0) data.nameservers = nameservers;
  // A share of `false` only, which half of the ways refuse.
  if (drawn.dnsDefaultRoute === true || drawn.empty)
    set(data, 'dns-default-route', drawn.dnsDefaultRoute);
}

/** The server's default route is one among the others. */
function fitRouteMetric(data: AddressingData, { routes }: Drawing): void {
  const overrides = data['dhcp4-overrides'] ?? {};
  if (overrides['use-routes'] === false) return;
  const key = (): string => `0.0.0.0/0 ${overrides['route-metric'] ?? 100} 254`;
  while (routes.has(key())) {
    overrides['route-metric'] = ((overrides['route-metric'] ?? 100) + 1) % 2147483648;
    data['dhcp4-overrides'] = overrides;
  }
  routes.add(key());
}

const isDynamic = (data: AddressingData, family: Family): boolean =>
  family === 'ipv4'
    ? data.dhcp4 === true
    : data.dhcp6 === true || (data['accept-ra'] ?? data.dhcp6) === true;

/** Mostly such overrides as every way can express. */
function overrides6Of(drawn: RawOverrides, d: Dice): OverridesData {
  const data: OverridesData = {};
  set(data, 'use-dns', drawn['use-dns']);
  if (drawn['use-domains'] !== true || d.once(2)) set(data, 'use-domains', drawn['use-domains']);
  set(data, 'use-ntp', drawn['use-ntp']);
  set(data, 'use-hostname', drawn['use-hostname']);
  // Only NetworkManager can.
  if (d.once(6)) {
    set(data, 'send-hostname', drawn['send-hostname']);
    set(data, 'hostname', drawn.hostname);
  }
  return data;
}

function overrides4Of(drawn: RawOverrides, d: Dice): Overrides4Data {
  const data: Overrides4Data = overrides6Of(drawn, d);
  set(data, 'send-hostname', drawn['send-hostname']);
  set(data, 'hostname', drawn.hostname);
  set(data, 'use-mtu', drawn['use-mtu']);
  set(data, 'use-routes', drawn['use-routes']);
  set(data, 'route-metric', drawn['route-metric']);
  return data;
}

function routeOf(
  drawn: RawAddressing['routes'][number],
  family: Family,
  own: readonly OwnAddress[],
  { dynamic, hasLinkLocal }: { dynamic: boolean; hasLinkLocal: boolean },
  drawing: Drawing,
): RouteData[] {
  const d = dice(drawn.seed);
  const ofFamily = own.filter(({ bytes }) => familyOf(bytes) === family);
  const data: RouteData = { to: '' };
  let reach = drawn.reach;
  const chosen = ofFamily.length > 0 ? neighbour(d.pick(ofFamily), d) : undefined;
  const isOwn = chosen !== undefined && ofFamily.some(({ text }) => text === canonical(chosen));
  if (reach === 'gateway' && (!chosen || isOwn)) reach = dynamic ? 'gateway' : 'on-link';
  if (reach === 'link-local' && !hasLinkLocal) reach = 'on-link';
  if (reach === 'gateway') data.via = spell(chosen && !isOwn ? chosen : unicast(family, d), d);
  if (reach === 'link-local')
    data.via = spell(
      [0xfe, 0x80, 0, 0, 0, 0, 0, 0, d.below(3), 0, 0, 0, 0, 0, 0, 1 + d.below(9)],
      d,
    );
  if (reach === 'on-link') {
    data.via = spell(unicast(family, d), d);
    data['on-link'] = true;
  }
  if (reach === 'scope') data.scope = 'link';
  else if (d.once(6)) data.scope = 'global';
  if (data['on-link'] === undefined && data.via !== undefined && d.once(8))
    data['on-link'] = d.once(2);
  // A gateway must not be an address of this host.
  if (data.via !== undefined) {
    const gateway = canonicalOf(data.via);
    if (drawing.addresses.has(gateway) || isEdge(gateway, ofFamily)) return [];
    drawing.gateways.add(gateway);
  }
  if (drawn.from) {
    const source =
      ofFamily.length > 0 ? d.pick(ofFamily).bytes : dynamic ? unicast(family, d) : undefined;
    if (source) data.from = spell(source, d);
  }
  const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const knowsFamily = family === 'ipv4' || data.via !== undefined || data.from !== undefined;
  let to = everywhere;
  if (drawn.isDefault) data.to = knowsFamily && !d.once(4) ? 'default' : everywhere;
  else {
    const bits = family === 'ipv4' ? 32 : 128;
    const prefix = d.once(4) ? bits : 1 + d.below(bits);
    const bytes = withHostBits(unicast(family, d), prefix, () => 0);
    to = `${canonical(bytes)}/${prefix}`;
    data.to = prefix === bits && d.once(2) ? spell(bytes, d) : `${spell(bytes, d)}/${prefix}`;
  }
  set(data, 'table', drawn.table);
  fitMetric(data, to, family, drawn.metric, drawing);
  return [data];
}

/** Whether a gateway is the first or the last of a subnet, which no router is. */
function isEdge(gateway: string, own: readonly OwnAddress[]): boolean {
  const bytes = bytesOf(gateway);
  return own.some((address) => {
    const host = hostBits(bytes, address.prefix);
    const isInside = overlap(address, { ...address, bytes });
    const isAll = (bit: number): boolean => host.every((item) => item === bit);
    return isInside && host.length > 1 && (isAll(0) || isAll(1));
  });
}

/** The kernel tells routes apart by destination, metric and table. */
function fitMetric(
  data: RouteData,
  to: string,
  family: Family,
  wanted: number | undefined,
  drawing: Drawing,
): void {
  let metric = wanted;
  // The kernel counts an IPv6 route without a metric, or with 0, as 1024.
  const effective = (): number => (family === 'ipv6' && (metric ?? 0) === 0 ? 1024 : (metric ?? 0));
  const key = (): string => `${to} ${effective()} ${data.table ?? 254}`;
  while (drawing.routes.has(key())) metric = ((metric ?? 0) + 1) % 2147483648;
  drawing.routes.add(key());
  set(data, 'metric', metric);
}

/** Of a side shim: a part of the parent's LAN, where the guests are. */
function sideRoute(
  subnet: OwnAddress,
  own: readonly OwnAddress[],
  drawing: Drawing,
  d: Dice,
): RouteData[] {
  const mine = own.filter(({ bytes }) => bytes.length === subnet.bytes.length);
  const bits = subnet.bytes.length * 8;
  if (mine.length === 0 || subnet.prefix >= bits) return [];
  const prefix = subnet.prefix + 1 + d.below(bits - subnet.prefix);
  const inside = withHostBits(subnet.bytes, subnet.prefix, () => d.below(2));
  const bytes = withHostBits(inside, prefix, () => 0);
  const data: RouteData = { to: `${spell(bytes, d)}/${prefix}`, scope: 'link' };
  if (d.once(2)) data.from = spell(d.pick(mine).bytes, d);
  fitMetric(data, `${canonical(bytes)}/${prefix}`, familyOf(bytes), undefined, drawing);
  return [data];
}

function ruleOf(
  drawn: RawAddressing['rules'][number],
  own: readonly OwnAddress[],
  drawing: Drawing,
): RuleData[] {
  const d = dice(drawn.seed);
  const ofFamily = own.filter(({ bytes }) => familyOf(bytes) === drawn.family);
  const bits = drawn.family === 'ipv4' ? 32 : 128;
  const network = (): { text: string; canonical: string } => {
    const prefix = d.once(3) ? bits : d.below(bits + 1);
    const bytes = withHostBits(unicast(drawn.family, d), prefix, () => 0);
    const text = prefix === bits && d.once(2) ? spell(bytes, d) : `${spell(bytes, d)}/${prefix}`;
    return { text, canonical: `${canonical(bytes)}/${prefix}` };
  };
  const data: RuleData = { table: drawn.table };
  const key: unknown[] = [drawn.table, drawn.priority ?? 32765, drawn.tos, drawn.mark];
  const say = (end: 'from' | 'to', item: { text: string; canonical: string }): void => {
    data[end] = item.text;
    key.push(end, item.canonical);
  };
  if (drawn.ends === 'own' && ofFamily.length > 0) {
    const { bytes, text } = d.pick(ofFamily);
    say('from', { text: spell(bytes, d), canonical: `${text}/${bits}` });
  } else if (drawn.ends !== 'to') say('from', network());
  if (drawn.ends === 'to' || drawn.ends === 'both') say('to', network());
  set(data, 'priority', drawn.priority);
  set(data, 'type-of-service', drawn.tos);
  set(data, 'mark', drawn.mark);
  const text = JSON.stringify(key);
  if (drawing.rules.has(text)) return [];
  drawing.rules.add(text);
  return [data];
}

// Reading addresses back ------------------------------------------------------------------------

/** The bytes of an address, whatever its spelling. Knows valid addresses only. */
export function bytesOf(text: string): number[] {
  if (!text.includes(':')) return text.split('.').map(Number);
  const dotted = /^(.*:)([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$/.exec(text);
  if (dotted) {
    const [a = 0, b = 0, c = 0, e = 0] = dotted.slice(2).map(Number);
    return bytesOf(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | e).toString(16)}`);
  }
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...middle, ...after].flatMap((group) => [group >> 8, group & 255]);
}

/** The canonical text of an address in any spelling. */
export const canonicalOf = (text: string): string => canonical(bytesOf(text));

// Printing --------------------------------------------------------------------------------------

type Value = string | number | boolean | readonly Value[] | Dictionary;
/** Keys in an order; whether that order says something. */
interface Dictionary {
  readonly entries: readonly (readonly [string, Value])[];
  /** The user chose the keys: their order is the order of stanzas. */
  readonly isOrdered: boolean;
}

const isDictionary = (value: Value): value is Dictionary =>
  typeof value === 'object' && 'entries' in value && !Array.isArray(value);

function toValue(data: unknown): Value {
  if (typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean')
    return data;
  if (Array.isArray(data)) return data.map(toValue);
  if (data instanceof Map) {
    return {
      entries: [...data].map(([key, value]) => [String(key), toValue(value)]),
      isOrdered: true,
    };
  }
  if (typeof data !== 'object' || data === null) throw new Error('no data of an intent');
  const entries = Object.entries(data).map(([key, value]) => [key, toValue(value)] as const);
  return { entries, isOrdered: false };
}

export interface Style {
  /** What the text is written as; `mixed` is block YAML with flow collections in it. */
  readonly notation: 'block' | 'mixed' | 'flow' | 'json';
  readonly seed: number;
}

export const style: fc.Arbitrary<Style> = fc.record({
  notation: fc.constantFrom('block', 'mixed', 'flow', 'json'),
  seed,
});

/** Words that YAML 1.2 reads as null: as text they are quoted. */
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const PLAIN = /^(?![-:])(?!.*:$)[A-Za-z0-9_.~/:-]+$/;

/** The text of an intent; keys of the language in any order, quotes and notation as it falls. */
export function print(intent: IntentData, { notation, seed: at }: Style): string {
  const d = dice(at);
  const value = toValue(intent);
  if (notation === 'json') return json(value, d, d.once(2) ? '  ' : '', '');
  const writer = new YamlWriter(d, notation);
  const text = writer.document(value);
  return d.once(8) ? text.replaceAll('\n', '\r\n') : text;
}

function shuffled<T>(items: readonly T[], d: Dice): T[] {
  const rest = [...items];
  for (let i = rest.length - 1; i > 0; i -= 1) {
    const j = d.below(i + 1);
    const [a, b] = [rest[i], rest[j]];
    if (a !== undefined && b !== undefined) [rest[i], rest[j]] = [b, a];
  }
  return rest;
}

const entriesOf = (
  { entries, isOrdered }: Dictionary,
  d: Dice,
): readonly (readonly [string, Value])[] => (isOrdered ? entries : shuffled(entries, d));

function json(value: Value, d: Dice, step: string, indent: string): string {
  if (typeof value === 'number') return numberText(value, d, true);
  if (typeof value === 'string') return quoted(value, d);
  if (typeof value === 'boolean') return String(value);
  const inner = indent + step;
  const parts = isDictionary(value)
    ? entriesOf(value, d).map(
        ([key, item]) => `${quoted(key, d)}:${step && ' '}${json(item, d, step, inner)}`,
      )
    : value.map((item) => json(item, d, step, inner));
  const [open, close] = isDictionary(value) ? '{}' : '[]';
  if (parts.length === 0) return `${open}${close}`;
  if (step === '') return `${open}${parts.join(',')}${close}`;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** In double quotes; JSON and YAML agree on these escapes. */
function quoted(text: string, d: Dice): string {
  const unicode = (char: string): string =>
    `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const safe = JSON.stringify(text).replace(/[^\x20-\x7e]/g, unicode);
  return d.once(8) && !safe.includes('\\') ? safe.replace(/[A-Za-z0-9]/, unicode) : safe;
}

function numberText(value: number, d: Dice, isJson: boolean): string {
  const decimal = String(value);
  const exponent = /0$/.test(decimal) && value !== 0 ? `${decimal.slice(0, -1)}e1` : decimal;
  const others = isJson
    ? [exponent, `${decimal}.0`]
    : [
        `0x${value.toString(16)}`,
        `0o${value.toString(8)}`,
        `${decimal}.0`,
        exponent,
        `+${decimal}`,
      ];
  return d.once(4) ? d.pick(others) : decimal;
}

class YamlWriter {
  private readonly d: Dice;
  private readonly flowShare: number;
  private readonly withAnchors: boolean;
  private readonly anchors = new Map<string, string>();
  private readonly merges: { name: string; entries: Map<string, string> }[] = [];

  constructor(d: Dice, notation: 'block' | 'mixed' | 'flow') {
    this.d = d;
    this.flowShare = notation === 'block' ? 0 : notation === 'mixed' ? 2 : 1;
    this.withAnchors = d.once(3);
  }

  document(value: Value): string {
    const { d } = this;
    const start = d.once(8) ? '\uFEFF' : '';
    const head = d.once(6) ? (d.once(2) ? '%YAML 1.2\n---\n' : '---\n') : '';
    const end = d.once(8) ? '...\n' : '';
    const body = this.flowShare === 1 ? `${this.flow(value, '')}\n` : this.block(value, '');
    return `${start}${this.comment('')}${head}${body}${end}${this.comment('')}`;
  }

  private comment(indent: string): string {
    return this.d.once(12) ? `${indent}# {a: [comment, "of no weight\n` : '';
  }

  /** Lines of a collection that is not empty, each with its indent. */
  private block(value: Value, indent: string): string {
    const { d } = this;
    if (typeof value !== 'object') throw new Error('no collection');
    if (!isDictionary(value)) {
      return value.map((item) => this.item(item, indent)).join('');
    }
    let text = '';
    for (const [key, item] of this.merged(entriesOf(value, d), indent, (line) => (text += line))) {
      text += this.comment(indent);
      text += this.entry(`${indent}${this.scalar(key)}:`, item, indent);
    }
    return text;
  }

  private item(item: Value, indent: string): string {
    if (typeof item !== 'object' || isEmpty(item) || this.d.once(3))
      return this.entry(`${indent}-`, item, indent);
    const lines = this.block(item, `${indent}  `).split('\n');
    // Comments may come first; the mark goes before the first thing that counts.
    const first = lines.findIndex((line) => !line.trimStart().startsWith('#'));
    const marked = `${indent}- ${lines[first]?.slice(indent.length + 2)}`;
    return lines.with(first, marked).join('\n');
  }

  private entry(prefix: string, value: Value, indent: string): string {
    const { d } = this;
    const trail = d.once(12) ? '  # said: {so' : '';
    if (typeof value !== 'object') {
      if (typeof value === 'string' && /^[!-~]+$/.test(value) && d.once(30)) {
        return `${prefix} ${d.pick(['|-', '>-'])}\n${indent}    ${value}\n`;
      }
      return `${prefix} ${this.scalar(value)}${trail}\n`;
    }
    const anchored = this.anchor(value);
    if (anchored.startsWith('*')) return `${prefix} ${anchored}\n`;
    const named = anchored === '' ? '' : ` ${anchored}`;
    if (isEmpty(value) || (this.flowShare > 0 && d.once(this.flowShare))) {
      return `${prefix}${named} ${this.flow(value, indent)}${trail}\n`;
    }
    const deeper =
      !isDictionary(value) && prefix.endsWith(':') && d.once(2)
        ? indent
        : `${indent}${d.pick(['  ', '  ', '    ', ' '])}`;
    return `${prefix}${named}${trail}\n${this.block(value, deeper)}`;
  }

  private flow(value: Value, indent: string): string {
    const { d } = this;
    if (typeof value !== 'object') return this.scalar(value);
    const parts = isDictionary(value)
      ? entriesOf(value, d).map(([key, item]) => `${this.scalar(key)}: ${this.flow(item, indent)}`)
      : value.map((item) => this.flow(item, indent));
    const [open, close] = isDictionary(value) ? '{}' : '[]';
    const comma = d.once(4) ? `,\n${indent}  ` : ', ';
    const last = parts.length > 0 && d.once(8) ? ',' : '';
    return `${open}${parts.join(comma)}${last}${close}`;
  }

  /** `&name ` for the first of several equal collections, `*name` for the later ones. */
  private anchor(value: Value): string {
    if (!this.withAnchors || typeof value !== 'object' || isEmpty(value)) return '';
    const key = JSON.stringify(value);
    const known = this.anchors.get(key);
    if (known !== undefined) return `*${known}`;
    const given = `a${this.anchors.size}`;
    this.anchors.set(key, given);
    if (isDictionary(value) && !value.isOrdered) {
      const entries = new Map(value.entries.map(([k, v]) => [k, JSON.stringify(v)]));
      this.merges.push({ name: given, entries });
    }
    return `&${given}`;
  }

  /** The entries to write; what an earlier mapping says alike is merged in by `<<`. */
  private merged(
    entries: readonly (readonly [string, Value])[],
    indent: string,
    write: (line: string) => void,
  ): readonly (readonly [string, Value])[] {
    const own = new Map(entries.map(([key, value]) => [key, JSON.stringify(value)]));
    const base = this.merges.find(
      (other) =>
        other.entries.size > 1 &&
        [...other.entries].every(([key]) => own.has(key)) &&
        [...other.entries].some(([key, text]) => own.get(key) === text),
    );
    // A mapping is known before it is written: it must not be merged into itself.
    if (
      !base ||
      [...base.entries].every(
        ([key, text]) => own.get(key) === text && own.size === base.entries.size,
      )
    )
      return entries;
    write(`${indent}<<: *${base.name}\n`);
    return entries.filter(([key]) => base.entries.get(key) !== own.get(key));
  }

  private scalar(value: string | number | boolean): string {
    const { d } = this;
    if (typeof value === 'number') return numberText(value, d, false);
    if (typeof value === 'boolean') {
      const text = String(value);
      return d.once(6)
        ? d.pick([text.toUpperCase(), text.charAt(0).toUpperCase() + text.slice(1)])
        : text;
    }
    const isPlain = PLAIN.test(value) && !NULLS.has(value);
    const kind = d.below(4);
    if (isPlain && kind > 1) return value;
    if (kind === 1 && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
    return quoted(value, d);
  }
}

const isEmpty = (value: Value): boolean =>
  typeof value === 'object' &&
  (isDictionary(value) ? value.entries.length === 0 : value.length === 0);

/** How many texts of an intent there are to put something else in the place of. */
export const countTexts = (data: IntentData): number => textSetters(data).length;

/** The intent with the `position`th of its texts (names of parents and shims too) replaced. */
export function withText(data: IntentData, position: number, text: string): IntentData {
  const copy = structuredClone(data);
  textSetters(copy)[position]?.(text);
  return copy;
}

function textSetters(data: object): ((text: string) => void)[] {
  const setters: ((text: string) => void)[] = [];
  const visit = (value: unknown, replace: (text: string) => void): void => {
    if (typeof value === 'string') setters.push(replace);
    else if (value instanceof Map) {
      for (const [key, item] of value) {
        setters.push((text) => {
          const entries = [...value].map(([k, v]) => [k === key ? text : k, v] as const);
          value.clear();
          for (const [k, v] of entries) value.set(k, v);
        });
        visit(item, (text) => value.set(key, text));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        visit(item, (text) => Object.assign(value, { [key]: text }));
      }
    }
  };
  visit(data, () => {});
  return setters;
}

/** Whether the host is reached by a shim: a subnet, dynamic addresses, or a default route. */
const isReached = ({ addresses = [], routes = [], ...shim }: ShimData): boolean =>
  shim.dhcp4 === true ||
  shim.dhcp6 === true ||
  shim['accept-ra'] === true ||
  !addresses.every((address) => /\/(?:32|128)$/.test(address)) ||
  routes.some(({ to }) => to === 'default' || /\/[01]$/.test(to));

/** Under single addresses each link is described, or the host would be cut off (`parent-cut-off`). */
function described(data: IntentData): IntentData {
  const shims = [...(data.shims?.values() ?? [])];
  if (shims.every(isReached)) return data;
  const parents = data.parents ?? new Map<string, ParentData>();
  const known = new Set([...parents].flatMap(([id, given]) => [id, given['set-name'] ?? id]));
  const named = [...shims.map(({ parent }) => parent)].concat(
    [...parents.values()].flatMap(({ link }) => link ?? []),
  );
  for (const name of named) if (!known.has(name)) parents.set(name, {});
  data.parents = parents;
  return data;
}

/** Intents of the language, right by construction; none is about Wi-Fi (`wifi-parent`). */
export const intent: fc.Arbitrary<IntentData> = raw
  .map(build)
  .map(described)
  .filter((data) => !print(data, { notation: 'json', seed: 0 } as Style).includes('"wl'));
