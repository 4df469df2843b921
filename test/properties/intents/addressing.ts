/** Addresses, routes, rules and DHCP of a link that is being built. */

import {
  canonical,
  canonicalOf,
  familyOf,
  isEdge,
  neighbour,
  type OwnAddress,
  overlap,
  ownAddress,
  spell,
  subnetKey,
  unicast,
  withHostBits,
} from './addresses.ts';
import { type Drawing, type Node, set } from './build.ts';
import type {
  AddressingData,
  Family,
  Overrides4Data,
  OverridesData,
  RouteData,
  RuleData,
} from './data.ts';
import { type Dice, dice } from './dice.ts';
import type { RawAddressing, RawOverrides, RawShim } from './draw.ts';

export function addParentAddresses(node: Node, drawn: RawAddressing, drawing: Drawing): void {
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

/** The LAN of a link that other files configure: no shim but a side shim has an address in it. */
export function addLan(node: Node, drawn: RawAddressing, drawing: Drawing): void {
  const own = wideAddresses(drawn, drawing, false);
  drawing.parentNets.push(...own);
  node.own.push(...own);
}

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

export function wideAddresses(
  drawn: RawAddressing,
  drawing: Drawing,
  isCarrierless: boolean,
): OwnAddress[] {
  return drawn.addresses
    .map(({ isIpv6, seed: at }) => ownAddress(isIpv6 && !isCarrierless ? 'ipv6' : 'ipv4', dice(at)))
    .filter((address) => !drawing.parentNets.some((other) => overlap(address, other)))
    .filter((address) => takeAddress(address, drawing));
}

/** Single addresses of the parent's LAN; one may be the parent's own, but not that of an ipvlan, which would take what comes for it. */
export function sideAddresses(drawn: RawShim, on: Node, drawing: Drawing): OwnAddress[] {
  const d = dice(drawn.seed);
  const single = (bytes: readonly number[]): OwnAddress => ({
    bytes: [...bytes],
    prefix: bytes.length * 8,
    text: canonical(bytes),
  });
  return on.own.flatMap((address) => {
    if (address.bytes.length === 16 && drawn.ignoreCarrier === true) return [];
    const key = `shared ${address.text}`;
    if (!drawn.isIpvlan && d.once(3) && !drawing.addresses.has(key)) {
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

export function addAddressing(
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
  if (data['accept-ra'] ?? data.dhcp6 ?? drawn.empty) {
    set(data, 'ipv6-privacy', drawn.privacy);
    if (drawn.raOverrides) {
      const used: NonNullable<AddressingData['ra-overrides']> = {};
      set(used, 'use-dns', drawn.raOverrides['use-dns']);
      set(used, 'use-domains', drawn.raOverrides['use-domains']);
      set(used, 'table', drawn.raOverrides.table);
      data['ra-overrides'] = used;
    }
    // A token of this length is of one link.
    if (drawn.token) data['ipv6-address-token'] = spell(tokenOf(d), d);
    else set(data, 'ipv6-address-generation', drawn.generation);
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
  const hasFamily = has('ipv4') || has('ipv6');
  const rules = drawn.rules
    // A rule by an interface alone has the families of its link.
    .map((item) => (hasFamily || item.ends !== 'none' ? item : { ...item, ends: 'from' as const }))
    .flatMap((item) => ruleOf(item, own, drawing));
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
  // A share of `false` only, which half of the back ends refuse.
  if (drawn.dnsDefaultRoute === true || drawn.empty)
    set(data, 'dns-default-route', drawn.dnsDefaultRoute);
  set(data, 'multicast-dns', drawn.multicastDns);
  set(data, 'firewall-zone', drawn.zone);
}

const tokenOf = (d: Dice): number[] =>
  Array.from({ length: 16 }, (_, at) => (at < 8 ? 0 : at === 8 ? 1 + d.below(255) : d.below(256)));

/** The server's default route is one among the others. */
function fitRouteMetric(data: AddressingData, { routes }: Drawing): void {
  const overrides = data['dhcp4-overrides'] ?? {};
  if (overrides['use-routes'] === false) return;
  const key = (): string =>
    `0.0.0.0/0 ${overrides['route-metric'] ?? 100} ${overrides.table ?? 254}`;
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

/** Mostly such overrides as every back end can express. */
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
  set(data, 'table', drawn.table);
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

/** The kernel distinguishes routes by destination, metric and table. */
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
  const { iif, oif } = drawn;
  const isByName = drawn.ends === 'none' && (iif !== undefined || oif !== undefined);
  const key: unknown[] = [drawn.table, drawn.priority ?? 32765, drawn.tos, drawn.mark, iif, oif];
  const say = (end: 'from' | 'to', item: { text: string; canonical: string }): void => {
    data[end] = item.text;
    key.push(end, item.canonical);
  };
  if (drawn.ends === 'own' && ofFamily.length > 0) {
    const { bytes, text } = d.pick(ofFamily);
    say('from', { text: spell(bytes, d), canonical: `${text}/${bits}` });
  } else if (drawn.ends !== 'to' && !isByName) say('from', network());
  if (drawn.ends === 'to' || drawn.ends === 'both') say('to', network());
  set(data, 'iif', iif);
  set(data, 'oif', oif);
  set(data, 'priority', drawn.priority);
  set(data, 'type-of-service', drawn.tos);
  set(data, 'mark', drawn.mark);
  const text = JSON.stringify(key);
  if (drawing.rules.has(text)) return [];
  drawing.rules.add(text);
  return [data];
}
