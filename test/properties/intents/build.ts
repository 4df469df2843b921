/** From what was drawn to an intent that is right. */

import { hex2, type OwnAddress } from './addresses.ts';
import {
  addAddressing,
  addLan,
  addParentAddresses,
  sideAddresses,
  wideAddresses,
} from './addressing.ts';
import {
  type AddressingData,
  type AttachmentData,
  fail,
  type GuestData,
  type IntentData,
  type Kind,
  type Parameters,
  type ParentData,
  type ShimData,
  type TapData,
} from './data.ts';
import { type Dice, dice } from './dice.ts';
import {
  GUESTS,
  type Raw,
  type RawForeign,
  type RawShim,
  type RawTap,
  type RawUpper,
  words,
} from './draw.ts';
import { shuffled } from './print.ts';

/** `value`, where there is one. */
export const set = <T extends object, K extends keyof T>(
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

export interface Drawing {
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

/** A link that others may be on top of. */
export interface Node {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly data: ParentData;
  readonly drawn: Raw['parents'][number] | RawUpper | RawForeign;
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

export function build(drawn: Raw): IntentData {
  const { host, renderer, backend, names, parents, uppers, shims, taps, guests, upsideDown } =
    drawn;
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
  nodes.push(...drawn.foreign.map((item) => foreignOf(item, builder)));
  const free = nodes.filter(({ master }) => !master);
  const on = (index: number): Node => free[index % free.length] ?? fail();
  for (const { parent: index } of [...shims, ...taps, ...guests]) on(index).attachment += 1;
  for (const shimDrawn of shims) {
    if (shimDrawn.ignoreCarrier === true) spreadCarrier(on(shimDrawn.parent));
  }
  for (const node of nodes) {
    if (isForeign(node)) continue;
    if (node.isDeclared && node.drawn.ignoreCarrier !== undefined) {
      node.data['ignore-carrier'] = node.drawn.ignoreCarrier;
      if (node.drawn.ignoreCarrier) spreadCarrier(node);
    }
  }
  for (const node of free) {
    if (!node.isDeclared || !node.drawn.own) continue;
    if (isForeign(node)) {
      if (node.drawn.isBeside) addLan(node, node.drawn.own, builder.drawing);
    } else addParentAddresses(node, node.drawn.own, builder.drawing);
  }
  const first = free[0] ?? fail();
  const isEmpty = shims.length + taps.length + guests.length === 0;
  if (
    isEmpty &&
    !nodes.some((node) => !isForeign(node) && (node.isDeclared || hasAny(node.data)))
  ) {
    first.data.addresses = ['192.0.2.17/28'];
    builder.drawing.addresses.add('192.0.2.17');
  }
  const guestNames = shuffled(GUESTS, dice(first.drawn.seed));
  const intent: IntentData = { version: 1 };
  const shimMap = new Map(
    shims.map((item) => [builder.takeName(), shimOf(item, on(item.parent), builder)] as const),
  );
  const tapMap = new Map(
    taps.map((item) => [builder.takeName(), tapOf(item, on(item.parent), builder)] as const),
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
  set(intent, 'backend', backend);
  const declared = nodes.filter((node) =>
    // Without anything on it a link of others is not for the intent.
    isForeign(node)
      ? node.attachment > 0
      : node.isDeclared || (node === first && hasAny(node.data)),
  );
  if (upsideDown) declared.reverse();
  if (declared.length > 0) intent.parents = new Map(declared.map(({ id, data }) => [id, data]));
  if (shimMap.size > 0) intent.shims = shimMap;
  if (tapMap.size > 0) intent.taps = tapMap;
  if (guestMap.size > 0) intent.guests = guestMap;
  return intent;
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
      // An id with `match` is not the name of an interface, and may be longer.
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

const isForeign = (node: Node): node is Node & { readonly drawn: RawForeign } =>
  node.data.managed === false;

/** Only what it is, and which file of systemd-networkd configures it. */
function foreignOf(drawn: RawForeign, { takeName }: Builder): Node {
  const id = takeName();
  const data: ParentData = { managed: false };
  if (drawn.kind !== 'ethernet' || drawn.typed) data.type = drawn.kind;
  if (drawn.hasFile) data['network-file'] = `20-${id}.network`;
  return nodeOf(drawn.kind, id, id, data, drawn, true);
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
  const isAlone = on.attachment <= 1 && on.data.match === undefined && !isForeign(on);
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

function tapOf(drawn: RawTap, on: Node, builder: Builder): TapData {
  const data: TapData = attachmentOf(drawn, on, builder);
  set(data, 'owner', drawn.owner);
  set(data, 'group', drawn.group);
  set(data, 'permissions', drawn.permissions);
  set(data, 'allmulticast', drawn.allmulticast);
  return data;
}

function shimOf(drawn: RawShim, on: Node, builder: Builder): ShimData {
  const data: ShimData = attachmentOf(drawn, on, builder);
  if (drawn.queue !== null) data['broadcast-queue-length'] = drawn.queue;
  if (drawn.threshold !== null) data['broadcast-queue-threshold'] = drawn.threshold;
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
  return drawn.isIpvlan ? asIpvlan(data, on) : data;
}

/** One alone on its parent, whose MAC it has; addresses by DHCP and advertisement have golden cases. */
function asIpvlan(data: ShimData, on: Node): ShimData {
  const {
    mode,
    'source-macaddresses': _,
    macaddress: ___,
    'broadcast-queue-length': __,
    'broadcast-queue-threshold': ____,
    ...own
  } = data;
  const isDynamic = own.dhcp4 === true || own.dhcp6 === true || own['accept-ra'] === true;
  const isAlone = on.attachment === 1 && on.data.match === undefined && !on.isTaken;
  if (!isAlone || isDynamic) return data;
  return { ...own, kind: 'ipvlan', ...(mode === undefined ? {} : { mode: 'l2' }) };
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
