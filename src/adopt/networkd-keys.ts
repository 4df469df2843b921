/** Sections of a `.network` file → values of the intent (systemd.network(5)). */
import { wordsOf } from '../backends/host/systemd-file.ts';
import { add, drop, type FoundLink, leave, type Origin, reset, type Scalar, set } from './found.ts';
import { readDhcp } from './networkd-dhcp.ts';
import type { Section } from './networkd-sections.ts';
import { addRoute, addRule } from './routes.ts';
import { tableOf } from './table-names.ts';
import {
  addressOf,
  destinationOf,
  domainOf,
  entryOf,
  flagOf,
  ipOf,
  macOf,
  wholeOf,
} from './values.ts';

/** Descriptions, and what says no more than the file's being there. */
const NEUTRAL = /^Description$/;

export function readNetwork(link: FoundLink, section: Section): void {
  switch (section.name) {
    case 'Match':
      readMatch(link, section);
      return;
    case 'Link':
      for (const item of section.settings) readLinkKey(link, item.key, item.value, originOf(item));
      return;
    case 'Network':
      for (const item of section.settings)
        readNetworkKey(link, item.key, item.value, originOf(item));
      return;
    case 'Address':
      readAddress(link, section);
      return;
    case 'Route':
      readRoute(link, section);
      return;
    case 'RoutingPolicyRule':
      readRule(link, section);
      return;
    case 'DHCP':
    case 'DHCPv4':
    case 'DHCPv6':
    case 'IPv6AcceptRA':
      for (const { key, value, ...at } of section.settings) {
        if (!readDhcp(link, section.name, key, value, originOf(at))) {
          leave(link, originOf(at), `${key}=${value}`);
        }
      }
      return;
    default:
      for (const item of section.settings) {
        leave(link, originOf(item), `[${section.name}] ${item.key}=${item.value}`);
      }
  }
}

/** One MAC matches one NIC, whatever its name; other conditions are what the host is like. */
function readMatch(link: FoundLink, { settings }: Section): void {
  for (const { key, value, ...at } of settings) {
    const mac = /^(?:Permanent)?MACAddress$/.test(key) ? macOf(value) : undefined;
    if (mac !== undefined && link.kind === 'ethernet') {
      set(link, 'match.macaddress', mac, originOf(at));
    } else if (!/^(?:Name|Type|Kind)$/.test(key)) {
      leave(
        link,
        originOf(at),
        `[Match] ${key}=${value}`,
        'The intent matches a link by its name or MAC.',
      );
    }
  }
}

const originOf = ({ path, line }: { readonly path: string; readonly line: number }): Origin => ({
  path,
  line,
});

function readLinkKey(link: FoundLink, key: string, value: string, at: Origin): void {
  const [mtu, mac, required] = [wholeOf(value), macOf(value), flagOf(value)];
  if (NEUTRAL.test(key)) return;
  if (key === 'MTUBytes' && mtu !== undefined) set(link, 'mtu', mtu, at);
  else if (key === 'MACAddress' && mac !== undefined) set(link, 'macaddress', mac, at);
  else if (key === 'RequiredForOnline' && required !== undefined) {
    if (!required) set(link, 'optional', true, at);
  } else leave(link, at, `${key}=${value}`);
}

function readNetworkKey(link: FoundLink, key: string, value: string, at: Origin): void {
  const flag = flagOf(value);
  const lost = (): void => leave(link, at, `${key}=${value}`);
  switch (key) {
    case 'Description':
      return;
    case 'DHCP':
      readClients(link, value, at, lost);
      return;
    case 'Address': {
      if (value === '') reset(link, 'addresses');
      const address = addressOf(value);
      if (address !== undefined) add(link, 'addresses', address, at);
      else if (value !== '') lost();
      return;
    }
    case 'Gateway': {
      const via = ipOf(value);
      if (via === undefined) lost();
      else add(link, 'routes', { to: 'default', via }, at);
      return;
    }
    case 'DNS':
      readList(link, 'nameservers.addresses', value, at, ipOf);
      return;
    case 'Domains':
      readList(link, 'nameservers.search', value, at, domainOf);
      return;
    case 'IPv6Token':
      // The old name of Token= in [IPv6AcceptRA] (until 249).
      if (!readDhcp(link, 'IPv6AcceptRA', 'Token', value, at)) lost();
      return;
    case 'LinkLocalAddressing':
      if (flag === undefined && value !== 'ipv4' && value !== 'ipv6') lost();
      else if (flag === undefined) set(link, 'link-local', [value], at);
      else set(link, 'link-local', flag ? ['ipv4', 'ipv6'] : [], at);
      return;
    case 'MulticastDNS':
      if (flag === undefined && value !== 'resolve') lost();
      else set(link, 'multicast-dns', flag ?? 'resolve', at);
      return;
    case 'VLAN':
    case 'MACVLAN':
    case 'MACVTAP':
      // Of the device on top of it, which has its own file.
      return;
    case 'PrimarySlave':
      // Of a port; the bond has it.
      if (flag === undefined) lost();
      return;
    case 'Bond':
    case 'Bridge':
      link.master = value;
      return;
    default: {
      const word = entryOf(FLAGS, key);
      if (word === undefined || flag === undefined) lost();
      else set(link, word, flag, at);
    }
  }
}

/** systemd's word → the intent's. */
const FLAGS: Readonly<Record<string, string>> = {
  IPv6AcceptRA: 'accept-ra',
  IPv6AcceptRouterAdvertisements: 'accept-ra',
  IPv6PrivacyExtensions: 'ipv6-privacy',
  DNSDefaultRoute: 'dns-default-route',
  ConfigureWithoutCarrier: 'ignore-carrier',
};

function readClients(link: FoundLink, value: string, at: Origin, lost: () => void): void {
  const flag = flagOf(value) ?? (value === 'both' ? true : undefined);
  if (flag !== undefined) {
    set(link, 'dhcp4', flag, at);
    set(link, 'dhcp6', flag, at);
    // Without it the client follows advertisements, which starts the client itself.
    if (!flag) drop(link, 'dhcp6');
  } else if (/^(?:ipv4|v4)$/.test(value)) set(link, 'dhcp4', true, at);
  else if (/^(?:ipv6|v6)$/.test(value)) set(link, 'dhcp6', true, at);
  else lost();
}

/** A list in which an empty value drops what was before. */
function readList(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  read: (word: string) => string | undefined,
): void {
  if (value === '') reset(link, key);
  for (const word of wordsOf(value, 'unquoted')) {
    const found = read(word);
    if (found === undefined) leave(link, at, word);
    else add(link, key, found, at);
  }
}

const textOf = ({ settings }: Section): string =>
  settings.map(({ key, value }) => `${key}=${value}`).join(' ');
const valueIn = ({ settings }: Section, ...keys: readonly string[]): string | undefined =>
  settings.findLast(({ key }) => keys.includes(key))?.value;
/** From its first setting to its last. */
const spanOf = ({ settings }: Section): Origin => {
  const [first] = settings;
  const last = settings.findLast(({ path }) => path === first?.path);
  return first && last ? { ...originOf(first), endLine: last.line } : {};
};

function readAddress(link: FoundLink, section: Section): void {
  for (const { key, value, ...at } of section.settings) {
    const address = key === 'Address' ? addressOf(value) : undefined;
    if (address !== undefined) add(link, 'addresses', address, originOf(at));
    else if (key === 'Scope' && value === 'global') continue;
    else leave(link, originOf(at), `${key}=${value}`);
  }
}

const ROUTE: Readonly<Record<string, string>> = {
  Destination: 'to',
  Gateway: 'via',
  PreferredSource: 'from',
  GatewayOnLink: 'on-link',
  GatewayOnlink: 'on-link',
  Metric: 'metric',
  Table: 'table',
  Scope: 'scope',
};

function routeValue(link: FoundLink, word: string, value: string): Scalar | undefined {
  if (word === 'to') return destinationOf(value);
  if (word === 'via' || word === 'from') return ipOf(value);
  if (word === 'on-link') return flagOf(value);
  if (word === 'scope') return value === 'link' || value === 'global' ? value : undefined;
  return word === 'table' ? tableOf(link, value) : wholeOf(value);
}

function readRoute(link: FoundLink, section: Section): void {
  const start = spanOf(section);
  const route: Record<string, Scalar> = {};
  for (const { key, value, ...at } of section.settings) {
    const word = entryOf(ROUTE, key);
    const found = word === undefined ? undefined : routeValue(link, word, value);
    if (key === 'Type' && value === 'unicast') continue;
    // Another type, or a gateway from a lease: not the route that is left without it.
    if (found === undefined && /^(?:Type|Gateway|Destination|Table|Scope)$/.test(key)) {
      for (const item of section.settings)
        leave(link, originOf(item), `[Route] ${item.key}=${item.value}`);
      return;
    }
    if (word === undefined || found === undefined)
      leave(link, originOf(at), `[Route] ${key}=${value}`);
    else route[word] = found;
  }
  // systemd.network(5): without Destination= everywhere; without Gateway= on the link.
  const to = route['to'] ?? (route['via'] === undefined ? undefined : 'default');
  const scope = route['via'] === undefined ? { scope: 'link' } : {};
  addRoute(link, { ...route, ...scope, ...(to !== undefined && { to }) }, start, textOf(section));
}

const RULE: Readonly<Record<string, string>> = {
  From: 'from',
  To: 'to',
  Table: 'table',
  Priority: 'priority',
  FirewallMark: 'mark',
  TypeOfService: 'type-of-service',
};

function readRule(link: FoundLink, section: Section): void {
  const known = section.settings.every(
    ({ key, value }) => ruleValue(link, key, value) !== undefined,
  );
  const rule = Object.fromEntries(
    section.settings.flatMap(({ key, value }) => {
      const found = ruleValue(link, key, value);
      return found === undefined ? [] : [[entryOf(RULE, key) ?? key, found]];
    }),
  );
  if (known && valueIn(section, 'From', 'To') !== undefined) {
    addRule(link, rule, spanOf(section), textOf(section));
    return;
  }
  for (const item of section.settings)
    leave(link, originOf(item), `[RoutingPolicyRule] ${item.key}=${item.value}`);
}

function ruleValue(link: FoundLink, key: string, value: string): Scalar | undefined {
  if (key === 'From' || key === 'To') return destinationOf(value);
  if (key === 'Table') return tableOf(link, value);
  return entryOf(RULE, key) === undefined ? undefined : wholeOf(value);
}
