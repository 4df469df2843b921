/** Generated YAML of netplan (netplan-yaml(5)), and the files that are written beside it. */

import { readNetworkd } from '../networkd/generated.ts';
import { NETWORKD_MAKER } from '../networkd/maker.ts';
import { readNetworkManager, readProfile } from '../networkmanager/generated.ts';
import { NETWORKMANAGER_MAKER } from '../networkmanager/maker.ts';
import {
  type FileLink,
  type FileLinks,
  type Files,
  isYes,
  type LinkKind,
  type Maker,
  numberOf,
  PLAIN_DHCP4,
  PLAIN_DHCP6,
  type Reader,
  routeOf,
  ruleOf,
} from '../shared/file-links.ts';
import { nicNames } from '../shared/nic-names.ts';
import type { Section } from '../shared/sections.ts';
import {
  isMapping,
  listAt,
  type Mapping,
  mappingAt,
  textAt,
  textsAt,
  yamlOf,
} from './generated-yaml.ts';

const NETPLAN_FILE = '/etc/netplan/60-macvtap.yaml';

const KINDS: Readonly<Record<string, LinkKind>> = {
  ethernets: 'ethernet',
  vlans: 'vlan',
  bonds: 'bond',
  bridges: 'bridge',
  'nm-devices': 'macvlan',
};

interface Definition {
  readonly id: string;
  readonly name: string;
  readonly kind: LinkKind;
  readonly entry: Mapping;
}

export const netplanReader: Reader = {
  system: 'netplan',
  backend: (files) =>
    OVER_MANAGER.test(files.get(NETPLAN_FILE) ?? '')
      ? 'netplan-networkmanager'
      : 'netplan-networkd',
  staysUp: true,
  title: (files) => `netplan over ${isOverManager(files) ? 'NetworkManager' : 'systemd-networkd'}`,
  isMark: (path, text) =>
    path === NETPLAN_FILE ||
    /\/10-netplan-[^/]+\.network$/.test(path) ||
    (/\.network\.d\/90-macvtap\.conf$/.test(path) && /configured by netplan\.$/m.test(text)),
  read: readNetplan,
  other: { system: 'networkmanager', isEnough: (files) => !hasShim(files) },
};

const OVER_MANAGER = /^ +renderer: NetworkManager$/m;

const isOverManager = (files: Files): boolean =>
  [...files].some(([path, text]) => path.endsWith('.nmconnection') || OVER_MANAGER.test(text));

/** Without a shim, netplan over NetworkManager may do with keyfiles alone. */
const hasShim = (files: Files): boolean =>
  [...files.values()].some((text) => /^type=macvlan$/m.test(text) && !/^tap=true$/m.test(text));

/** networkd creates what YAML describes, and under the other renderer NetworkManager. */
const makerOf = (kind: LinkKind, entry: Mapping): Maker =>
  kind === 'macvlan' || textAt(entry, 'renderer') === 'NetworkManager'
    ? NETWORKMANAGER_MAKER
    : { ...NETWORKD_MAKER, id: 'netplan' };

/** What YAML and the files beside it say together. */
function readNetplan(files: Files): FileLinks {
  const definitions = definitionsIn(files.get(NETPLAN_FILE) ?? '');
  const names = nicNames(files);
  for (const { name, entry } of definitions) {
    const mac = textAt(mappingAt(entry, 'match'), 'macaddress');
    if (mac !== undefined) names.set(mac, name);
  }
  const byId = new Map(definitions.map(({ id, name }) => [id, name]));
  const links = readNetworkManager(files, readNetworkd(files, names, byId));
  const byUuid = uuidsOf(files, definitions);
  for (const definition of definitions) readDefinition(links, definition, byId, byUuid);
  return links;
}

function definitionsIn(text: string): Definition[] {
  const network = mappingAt(yamlOf(text), 'network');
  return Object.entries(KINDS).flatMap(([section, kind]) =>
    [...(mappingAt(network, section) ?? [])].flatMap(([id, entry]): Definition[] =>
      isMapping(entry) ? [{ id, name: textAt(entry, 'set-name') ?? id, kind, entry }] : [],
    ),
  );
}

/** UUID → interface, of keyfiles and of YAML. */
function uuidsOf(files: Files, definitions: readonly Definition[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, entry } of definitions) {
    const uuid = textAt(mappingAt(entry, 'networkmanager'), 'uuid');
    if (uuid !== undefined) found.set(uuid, name);
  }
  for (const [path, text] of files) {
    const name = /\/macvtap-([^/]+)\.nmconnection$/.exec(path)?.[1];
    const uuid = /^uuid=(.+)$/m.exec(text)?.[1];
    if (name !== undefined && uuid !== undefined) found.set(uuid, name);
  }
  return found;
}

function readDefinition(
  links: FileLinks,
  { id, name, kind, entry }: Definition,
  byId: ReadonlyMap<string, string>,
  byUuid: ReadonlyMap<string, string>,
): void {
  const link = links.of(name);
  if (id !== name) link.id = id;
  // Where networkd creates a shim it is listed among the NICs: its `.netdev` has the kind.
  if (kind !== 'ethernet') {
    link.kind = kind;
    link.maker = makerOf(kind, entry);
  }
  const named = (id: string): string => byId.get(id) ?? id;
  const permanent = textAt(mappingAt(entry, 'match'), 'macaddress');
  if (permanent !== undefined) link.permanentMac = permanent;
  const lower = textAt(entry, 'link');
  if (lower !== undefined) link.parent = named(lower);
  const vlanId = numberOf(textAt(entry, 'id'));
  if (vlanId !== undefined) link.vlanId = vlanId;
  for (const port of textsAt(entry, 'interfaces')) links.of(named(port)).master = name;
  const parameters = mappingAt(entry, 'parameters');
  if (parameters) {
    if (kind === 'bond') link.bondMode = textAt(parameters, 'mode') ?? 'balance-rr';
    const others = [...parameters].filter(([key]) => key !== 'mode');
    link.parameters = others.map(([key, value]) => `${key}=${plainText(value)}`).join('\n');
  }
  const mac = textAt(entry, 'macaddress');
  if (mac !== undefined) link.mac = mac;
  const mtu = numberOf(textAt(entry, 'mtu'));
  if (mtu !== undefined) link.mtu = mtu;
  const passthrough = mappingAt(mappingAt(entry, 'networkmanager'), 'passthrough');
  const sections = sectionsIn(passthrough);
  readProfile(link, sections, byUuid);
  readAddressing(link, entry, sections);
}

const plainText = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : '';

/** `ipv4.method: "auto"` → `[ipv4] method=auto`. */
function sectionsIn(passthrough: Mapping | undefined): Section[] {
  const found = new Map<string, [string, string][]>();
  for (const [path, value] of passthrough ?? []) {
    const at = path.indexOf('.');
    if (typeof value !== 'string' || at < 1) continue;
    const name = path.slice(0, at);
    found.set(name, [...(found.get(name) ?? []), [path.slice(at + 1), value]]);
  }
  return [...found].map(([name, entries]) => ({ name, entries }));
}

function readAddressing(link: FileLink, entry: Mapping, sections: readonly Section[]): void {
  const nameservers = mappingAt(entry, 'nameservers');
  link.addresses.push(...textsAt(entry, 'addresses'));
  link.nameservers.push(...textsAt(nameservers, 'addresses'));
  link.search.push(...textsAt(nameservers, 'search').filter((item) => !link.search.includes(item)));
  const metrics = (family: string): string | undefined =>
    sections
      .find(({ name }) => name === family)
      ?.entries.find(([key]) => key === 'route-metric')?.[1];
  for (const route of listAt(entry, 'routes').filter(isMapping)) {
    const [to, via] = [textAt(route, 'to'), textAt(route, 'via')];
    const found = routeOf({
      to,
      via,
      from: textAt(route, 'from'),
      onLink: isYes(textAt(route, 'on-link')),
      metric: textAt(route, 'metric') ?? metrics((to ?? '').includes(':') ? 'ipv6' : 'ipv4'),
      table: textAt(route, 'table'),
    });
    if (found) link.routes.push(found);
  }
  for (const rule of listAt(entry, 'routing-policy').filter(isMapping)) {
    const found = ruleOf({
      from: networkOf(textAt(rule, 'from')),
      to: networkOf(textAt(rule, 'to')),
      table: textAt(rule, 'table'),
      priority: textAt(rule, 'priority'),
      typeOfService: textAt(rule, 'type-of-service'),
      mark: textAt(rule, 'mark'),
    });
    if (found) link.rules.push(found);
  }
  if (entry.has('link-local')) {
    const families = textsAt(entry, 'link-local');
    link.linkLocal = (['ipv4', 'ipv6'] as const).filter((family) => families.includes(family));
  }
  if (textAt(entry, 'accept-ra') !== undefined) {
    link.acceptRa = isYes(textAt(entry, 'accept-ra'));
  }
  const used = mappingAt(entry, 'ra-overrides');
  if (used) {
    const [dns, domains] = [textAt(used, 'use-dns'), textAt(used, 'use-domains')];
    const table = numberOf(textAt(used, 'table'));
    link.raOverrides = {
      ...link.raOverrides,
      ...(dns !== undefined && { useDns: isYes(dns) }),
      ...(domains !== undefined && { useDomains: domains === 'route' ? 'route' : isYes(domains) }),
      ...(table !== undefined && { table }),
      origin: [],
    };
  }
  const token = textAt(entry, 'ipv6-address-token');
  if (token !== undefined) link.addressToken = token;
  if (textAt(entry, 'ipv6-address-generation') === 'stable-privacy') {
    link.addressGeneration = 'stable-privacy';
  }
  if (isYes(textAt(entry, 'ipv6-privacy'))) link.ipv6Privacy = true;
  if (textAt(entry, 'dhcp-identifier') === 'mac') link.identifier = 'mac';
  readClients(link, entry);
}

/** A single address is the network of itself. */
const networkOf = (text: string | undefined): string | undefined =>
  text === undefined || text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;

function readClients(link: FileLink, entry: Mapping): void {
  const [for4, for6] = [mappingAt(entry, 'dhcp4-overrides'), mappingAt(entry, 'dhcp6-overrides')];
  if (isYes(textAt(entry, 'dhcp4'))) {
    link.dhcp4 = {
      ...PLAIN_DHCP4,
      ...overridesIn(for4),
      useRoutes: textAt(for4, 'use-routes') !== 'false',
      routeMetric: numberOf(textAt(for4, 'route-metric')) ?? PLAIN_DHCP4.routeMetric,
      ...(link.leaseTable !== undefined && { table: link.leaseTable }),
    };
  }
  if (isYes(textAt(entry, 'dhcp6'))) link.dhcp6 = { ...PLAIN_DHCP6, ...overridesIn(for6) };
}

function overridesIn(map: Mapping | undefined): Partial<typeof PLAIN_DHCP6> {
  const isOff = (key: string): boolean => textAt(map, key) === 'false';
  const hostname = textAt(map, 'hostname');
  return {
    ...(isOff('use-dns') && { useDns: false }),
    ...(isOff('use-ntp') && { useNtp: false }),
    ...(isOff('use-hostname') && { useHostname: false }),
    ...(isOff('send-hostname') && { sendHostname: false }),
    ...(hostname !== undefined && { hostname }),
  };
}
