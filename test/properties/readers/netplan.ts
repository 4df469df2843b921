/** Reads netplan's YAML as netplan does: netplan-yaml(5). */
import { type Files, fail } from '../description.ts';
import { isAddress, isMac, isNetwork, isNumber, once, type RouteParts } from './text.ts';
import { type Plain, yamlData } from './yaml.ts';

export const NETPLAN = '/etc/netplan/60-macvtap.yaml';

/** Every setting of netplan's YAML: its key without what stands above it, but for what needs it. */
export function netplanSettings(text: string): { key: string; value: string }[] {
  const found: { key: string; value: string }[] = [];
  const visit = (prefix: string, value: Plain): void => {
    if (value instanceof Map)
      for (const [key, item] of value) visit(prefix === '' ? key : `${prefix}.${key}`, item);
    else if (Array.isArray(value) && value.some((item) => item instanceof Map))
      for (const item of value) visit(prefix, item);
    else found.push({ key: prefix, value: String(value) });
  };
  const network = new Mapping(new Mapping(yamlData(text), 'file').take('network'), 'network');
  for (const [section, links] of network.all()) {
    found.push({ key: section, value: '' });
    if (links instanceof Map) for (const link of links.values()) visit('', link);
  }
  return found.map(({ key, value }) => ({
    key: key.replace(/^dhcp[46]-overrides/, 'overrides').replace('networkmanager.pass', 'pass'),
    value,
  }));
}

export const mapToList = (_: string, value: unknown): unknown =>
  value instanceof Map ? [...value] : value;

/** A mapping of netplan's, whose keys are all asked for in the end. */
class Mapping {
  private readonly left: Map<string, Plain>;
  private readonly what: string;

  constructor(data: Plain | undefined, what: string) {
    if (!(data instanceof Map)) fail(`netplan: ${what} is not a mapping`);
    this.left = new Map(data);
    this.what = what;
  }

  take(key: string): Plain | undefined {
    const value = this.left.get(key);
    this.left.delete(key);
    return value;
  }

  text(key: string): string | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'string'
      ? value
      : fail(`netplan: ${this.what}.${key} is not text`);
  }

  flag(key: string): boolean | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'boolean'
      ? value
      : fail(`netplan: ${this.what}.${key} is not a truth value`);
  }

  number(key: string): number | undefined {
    const value = this.take(key);
    if (value === undefined || (typeof value === 'number' && isNumber(String(value)))) return value;
    return fail(`netplan: ${this.what}.${key} is not a number`);
  }

  texts(key: string): string[] {
    const value = this.take(key) ?? [];
    if (!Array.isArray(value)) fail(`netplan: ${this.what}.${key} is not a list`);
    return value.map((item) =>
      typeof item === 'string' ? item : fail(`netplan: an item of ${key} is not text`),
    );
  }

  map(key: string): Mapping | undefined {
    const value = this.take(key);
    return value === undefined ? undefined : new Mapping(value, `${this.what}.${key}`);
  }

  entries(): [string, Mapping][] {
    const all = [...this.left];
    this.left.clear();
    return all.map(([key, value]) => [key, new Mapping(value, `${this.what}.${key}`)]);
  }

  all(): [string, Plain][] {
    const all = [...this.left];
    this.left.clear();
    return all;
  }

  texted(): [string, string][] {
    return [...this.left.keys()].map((key) => [key, this.text(key) ?? '']);
  }

  done(): void {
    if (this.left.size > 0) fail(`netplan: ${this.what} has ${[...this.left.keys()].join(', ')}`);
  }
}

function netplanRoot(files: Files): Mapping {
  const root = new Mapping(yamlData(files.get(NETPLAN) ?? fail('no netplan file')), 'netplan');
  const network = root.map('network') ?? fail('netplan: no network');
  root.done();
  if (network.number('version') !== 2) fail('netplan: version');
  return network;
}

export interface NetplanRoute extends Omit<RouteParts, 'metric'> {
  readonly metric: number | undefined;
  readonly isLinkScope: boolean;
}

function netplanRoutes(entry: Mapping): NetplanRoute[] {
  const routes = entry.take('routes') ?? [];
  if (!Array.isArray(routes)) fail('netplan: routes');
  return routes.map((item) => {
    const route = new Mapping(item, 'route');
    const [to, via, scope] = [route.text('to'), route.text('via'), route.text('scope')];
    // netplan 0.101 rejects `default`; without `via` a route needs a scope.
    if (to === undefined || !isNetwork(to)) fail(`netplan: route to ${to}`);
    if (scope !== undefined && scope !== 'link' && scope !== 'global')
      fail(`netplan: scope ${scope}`);
    if ((via === undefined) !== (scope === 'link'))
      fail('netplan: a route needs `via` or scope `link`');
    const read = {
      to,
      via,
      from: route.text('from'),
      onLink: (route.flag('on-link') ?? false) && via !== undefined,
      metric: route.number('metric'),
      table: route.number('table'),
    };
    route.done();
    // In netplan's C the largest metric stands for none.
    if (read.metric === 4294967295) fail('netplan: this metric is none');
    return { ...read, isLinkScope: scope === 'link' };
  });
}

const SECTIONS = {
  ethernets: 'ethernet',
  vlans: 'vlan',
  bonds: 'bond',
  bridges: 'bridge',
  'nm-devices': 'nm',
} as const;

/** What netplan reads of a link (netplan, src/parse.c). */
export interface NetDef {
  readonly id: string;
  readonly kind: (typeof SECTIONS)[keyof typeof SECTIONS];
  readonly renderer: string | undefined;
  readonly permanentMac: string | undefined;
  readonly name: string;
  readonly vlanId: number | undefined;
  readonly link: string | undefined;
  readonly interfaces: readonly string[];
  /** As text; a list with commas. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly mac: string | undefined;
  readonly mtu: number | undefined;
  readonly wakeOnLan: boolean;
  readonly dhcp4: boolean;
  readonly dhcp6: boolean;
  readonly ra: boolean | undefined;
  readonly generation: string | undefined;
  readonly token: string | undefined;
  readonly privacy: boolean;
  readonly linkLocal: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly NetplanRoute[];
  readonly rules: readonly ReadonlyMap<string, string>[];
  readonly dns: readonly string[];
  readonly search: readonly string[];
  readonly identifier: string | undefined;
  readonly overrides4: ReadonlyMap<string, string>;
  readonly overrides6: ReadonlyMap<string, string>;
  readonly raOverrides: ReadonlyMap<string, string>;
  readonly isOptional: boolean;
  readonly ignoreCarrier: boolean;
  readonly manager: ReadonlyMap<string, string> | undefined;
  readonly passthrough: readonly (readonly [string, string])[];
}

function netplanMatch(
  id: string,
  entry: Mapping,
): { permanentMac: string | undefined; name: string } {
  const match = entry.map('match');
  const permanentMac = match?.text('macaddress');
  match?.done();
  const setName = entry.text('set-name');
  if ((match === undefined) !== (setName === undefined))
    fail(`netplan: match and set-name of ${id}`);
  if (match && (permanentMac === undefined || !isMac(permanentMac)))
    fail(`netplan: match of ${id}`);
  return { permanentMac, name: setName ?? id };
}

/** The scalars of a mapping as text; netplan reads nothing else. */
function textsOf(map: Mapping | undefined): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of map?.all() ?? []) {
    if (value instanceof Map) fail(`netplan: ${key} is a mapping`);
    texts.set(key, Array.isArray(value) ? value.map(String).join(',') : String(value));
  }
  return texts;
}

function netDef(id: string, kind: NetDef['kind'], entry: Mapping): NetDef {
  const { permanentMac, name } = netplanMatch(id, entry);
  const nameservers = entry.map('nameservers');
  const manager = entry.map('networkmanager');
  const passthrough = manager?.map('passthrough')?.texted() ?? [];
  const linkLocal = entry.take('link-local') ?? ['ipv6'];
  const rules = entry.take('routing-policy') ?? [];
  if (!Array.isArray(linkLocal) || !Array.isArray(rules)) fail('netplan: no list');
  const def: NetDef = {
    id,
    kind,
    renderer: entry.text('renderer'),
    permanentMac,
    name,
    vlanId: entry.number('id'),
    link: entry.text('link'),
    interfaces: entry.texts('interfaces'),
    parameters: textsOf(entry.map('parameters')),
    mac: entry.text('macaddress'),
    mtu: entry.number('mtu'),
    wakeOnLan: entry.flag('wakeonlan') ?? false,
    dhcp4: entry.flag('dhcp4') ?? false,
    dhcp6: entry.flag('dhcp6') ?? false,
    ra: entry.flag('accept-ra'),
    generation: entry.text('ipv6-address-generation'),
    token: entry.text('ipv6-address-token'),
    privacy: entry.flag('ipv6-privacy') ?? false,
    linkLocal: linkLocal.map(String),
    addresses: entry.texts('addresses'),
    routes: netplanRoutes(entry),
    rules: rules.map((item) => textsOf(new Mapping(item, 'rule'))),
    dns: once(nameservers?.texts('addresses') ?? []),
    search: once(nameservers?.texts('search') ?? []),
    identifier: entry.text('dhcp-identifier'),
    overrides4: textsOf(entry.map('dhcp4-overrides')),
    overrides6: textsOf(entry.map('dhcp6-overrides')),
    raOverrides: textsOf(entry.map('ra-overrides')),
    isOptional: entry.flag('optional') ?? false,
    ignoreCarrier: entry.flag('ignore-carrier') ?? false,
    manager: manager && textsOf(manager),
    passthrough,
  };
  nameservers?.done();
  entry.done();
  return checked(def);
}

const OVERRIDES =
  /^(?:use-(?:dns|domains|ntp|hostname|mtu|routes)|send-hostname|hostname|route-metric)$/;

/** What netplan would refuse, or write as something else. */
function checked(def: NetDef): NetDef {
  const { id, addresses, dns, routes, rules, overrides4, overrides6 } = def;
  for (const address of [...addresses, ...dns])
    if (!isAddress(address.split('/')[0] ?? '')) fail(`netplan: ${address}`);
  for (const { table = 0, metric } of [...routes, ...rules.map(ruleNumbers)]) {
    // netplan prints them as signed numbers; the largest stands for none.
    if (table > 2147483647 || metric === 4294967295) fail(`netplan: a number in ${id}`);
  }
  for (const [key, value] of [...overrides4, ...overrides6]) {
    if (!OVERRIDES.test(key)) fail(`netplan: ${key} in overrides of ${id}`);
    if (key.startsWith('use-') && !/^(?:true|false|route)$/.test(value)) fail(`netplan: ${key}`);
  }
  for (const key of def.raOverrides.keys())
    if (!/^(?:use-dns|use-domains|table)$/.test(key))
      fail(`netplan: ${key} in ra-overrides of ${id}`);
  const isSame = JSON.stringify([...overrides4]) === JSON.stringify([...overrides6]);
  if (def.dhcp4 && def.dhcp6 && !isSame) fail(`netplan refuses overrides that differ: ${id}`);
  if (def.token !== undefined && def.generation !== undefined)
    fail(`netplan: ${id} has a token and a generation`);
  if ((def.kind === 'vlan') !== (def.link !== undefined && def.vlanId !== undefined))
    fail(`netplan: ${id} has no link or id`);
  return def;
}

const ruleNumbers = (rule: ReadonlyMap<string, string>): { table: number; metric: undefined } => {
  for (const key of rule.keys())
    if (!/^(?:from|to|table|priority|type-of-service|mark)$/.test(key))
      fail(`netplan: rule ${key}`);
  return { table: Number(rule.get('table')), metric: undefined };
};

/** All links of the YAML, by id; what they name must be among them. */
export function netDefs(files: Files): Map<string, NetDef> {
  const defs = new Map<string, NetDef>();
  if (!files.has(NETPLAN)) return defs;
  const network = netplanRoot(files);
  for (const [section, kind] of Object.entries(SECTIONS)) {
    for (const [id, entry] of network.map(section)?.entries() ?? []) {
      if (defs.has(id)) fail(`netplan: two links ${id}`);
      defs.set(id, netDef(id, kind, entry));
    }
  }
  network.done();
  for (const { id, link, interfaces, parameters } of defs.values()) {
    const primary = parameters.get('primary');
    for (const other of [link, ...interfaces, primary]) {
      if (other !== undefined && !defs.has(other))
        fail(`netplan: ${id}: interface '${other}' is not defined`);
    }
    if (primary !== undefined && !interfaces.includes(primary))
      fail(`netplan: ${primary} is not a member of ${id}`);
  }
  return defs;
}

export const masterOf = (defs: ReadonlyMap<string, NetDef>, id: string): NetDef | undefined =>
  [...defs.values()].find(({ interfaces }) => interfaces.includes(id));

export const BOND_KEYS: readonly (readonly [string, string, suffix?: string])[] = [
  ['mode', 'Mode'],
  ['lacp-rate', 'LACPTransmitRate'],
  ['mii-monitor-interval', 'MIIMonitorSec', 'ms'],
  ['min-links', 'MinLinks'],
  ['transmit-hash-policy', 'TransmitHashPolicy'],
  ['ad-select', 'AdSelect'],
  ['arp-interval', 'ARPIntervalSec', 'ms'],
  ['up-delay', 'UpDelaySec', 'ms'],
  ['down-delay', 'DownDelaySec', 'ms'],
  ['fail-over-mac-policy', 'FailOverMACPolicy'],
  ['primary-reselect-policy', 'PrimaryReselectPolicy'],
];

export const BRIDGE_KEYS: readonly (readonly [string, string, suffix?: string])[] = [
  ['ageing-time', 'AgeingTimeSec'],
  ['priority', 'Priority'],
  ['forward-delay', 'ForwardDelaySec'],
  ['hello-time', 'HelloTimeSec'],
  ['max-age', 'MaxAgeSec'],
  ['stp', 'STP'],
];

/** In netplan's C a number of 0 stands for none. */
export const netplanParameters = ({ parameters }: NetDef): Map<string, string> =>
  new Map(
    [...parameters].filter(
      ([key, value]) => !((key === 'priority' || key === 'min-links') && value === '0'),
    ),
  );
