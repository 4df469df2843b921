/** Sections of clients in a `.network` file → overrides (systemd.network(5), [DHCPv4], [DHCPv6], [IPv6AcceptRA]). */
import type { Unit } from '../backends/host/networkd/judge.ts';
import { drop, type FoundLink, leave, type Origin, type Scalar, scalarOf, set } from './found.ts';
import { withoutRoutes } from './never-default.ts';
import { tableOf } from './table-names.ts';
import { entryOf, flagOf, ipOf, wholeOf } from './values.ts';

const FLAGS: Readonly<Record<string, string>> = {
  UseDNS: 'use-dns',
  UseNTP: 'use-ntp',
  UseHostname: 'use-hostname',
  SendHostname: 'send-hostname',
};
const FLAGS4: Readonly<Record<string, string>> = {
  ...FLAGS,
  UseMTU: 'use-mtu',
  UseRoutes: 'use-routes',
};

/** @returns whether the intent has it */
export function readDhcp(
  link: FoundLink,
  section: string,
  key: string,
  value: string,
  at: Origin,
): boolean {
  if (section === 'IPv6AcceptRA') return readAdvertised(link, key, value, at);
  if (key === 'ClientIdentifier' && section !== 'DHCPv6') {
    if (value !== 'mac' && value !== 'duid') return false;
    set(link, 'dhcp-identifier', value, at);
    return true;
  }
  // Depends on UseRoutes=, wherever that is: `readGateway`.
  if (key === 'UseGateway' && section === 'DHCPv4')
    return value === '' || flagOf(value) !== undefined;
  // [DHCP] is the old name, of both clients.
  const families =
    { DHCP: ['dhcp4', 'dhcp6'], DHCPv4: ['dhcp4'], DHCPv6: ['dhcp6'] }[section] ?? [];
  const found = families.map((family) => [family, overrideOf(link, family, key, value)] as const);
  for (const [family, override] of found) {
    if (override) set(link, `${family}-overrides.${override[0]}`, override[1], at);
  }
  return found.some(([, override]) => override !== undefined);
}

const USE_ROUTES = 'dhcp4-overrides.use-routes';

/**
 * systemd.network(5), [DHCPv4] UseGateway=: whether the default route of the lease is used, by default as UseRoutes=.
 * The last valid setting counts, and an empty one is the default. Called when all sections are read.
 */
export function readGateway(link: FoundLink, settings: Unit['settings']): void {
  const last = settings.findLast(
    ({ section, key, value }) =>
      section === 'DHCPv4' && key === 'UseGateway' && (value === '' || flagOf(value) !== undefined),
  );
  const flag = flagOf(last?.value);
  if (!last || flag === undefined) return;
  const usesRoutes = scalarOf(link, USE_ROUTES) !== false;
  if (flag === usesRoutes) return;
  const routes = link.entries.find(({ key }) => key === USE_ROUTES);
  drop(link, USE_ROUTES);
  if (flag) {
    const why = `The intent uses all routes of the lease, as \`UseGateway=${last.value}\` uses its default route.`;
    if (routes) leave(link, routes.origin, 'UseRoutes=no', why);
  } else withoutRoutes(link, { path: last.path, line: last.line }, `UseGateway=${last.value}`);
}

function overrideOf(
  link: FoundLink,
  family: string,
  key: string,
  value: string,
): readonly [string, Scalar] | undefined {
  const flag = flagOf(value);
  const word = entryOf(family === 'dhcp4' ? FLAGS4 : FLAGS, key);
  if (word !== undefined) return flag === undefined ? undefined : [word, flag];
  const metric = wholeOf(value);
  if (key === 'RouteMetric' && family === 'dhcp4')
    return metric === undefined ? undefined : ['route-metric', metric];
  const table = tableOf(link, value);
  if (key === 'RouteTable' && family === 'dhcp4')
    return table === undefined ? undefined : ['table', table];
  if (key === 'UseDomains') {
    if (flag !== undefined) return ['use-domains', flag];
    return value === 'route' ? ['use-domains', 'route'] : undefined;
  }
  return key === 'Hostname' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)
    ? ['hostname', value]
    : undefined;
}

function readAdvertised(link: FoundLink, key: string, value: string, at: Origin): boolean {
  const flag = flagOf(value);
  const table = tableOf(link, value);
  if (key === 'UseDNS' && flag !== undefined) set(link, 'ra-overrides.use-dns', flag, at);
  else if (key === 'UseDomains' && (flag !== undefined || value === 'route')) {
    set(link, 'ra-overrides.use-domains', flag ?? 'route', at);
  } else if (key === 'RouteTable' && table !== undefined)
    set(link, 'ra-overrides.table', table, at);
  else if (key === 'Token') return readToken(link, value, at);
  else if (key !== 'DHCPv6Client') return false;
  if (key !== 'DHCPv6Client') return true;
  if (value !== 'always' && flag === undefined) return false;
  // By default, and with `yes`, the client follows the router's flags.
  if (flag === false) set(link, 'dhcp6', false, at);
  if (value === 'always') set(link, 'dhcp6', true, at);
  return true;
}

/** systemd.network(5), Token=: `eui64`, `prefixstable`, `static:::50`, `::50`; with an address behind a mode it is left. */
function readToken(link: FoundLink, value: string, at: Origin): boolean {
  const token = ipOf(value.replace(/^static:/, ''));
  if (value === 'eui64') set(link, 'ipv6-address-generation', 'eui64', at);
  else if (value === 'prefixstable') set(link, 'ipv6-address-generation', 'stable-privacy', at);
  else if (token?.startsWith('::')) set(link, 'ipv6-address-token', token, at);
  else return false;
  return true;
}
