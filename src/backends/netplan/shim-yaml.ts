/** What netplan's YAML says of a shim's addresses, whatever renders it. netplan-yaml(5). */
import type { Path } from '../../diagnostics.ts';
import type {
  Dhcp4,
  Dhcp6,
  DhcpOverrides,
  Family,
  Nameserver,
  Route,
  SearchDomain,
  Shim,
} from '../../model/types.ts';
import { whyMac } from '../networkd-files.ts';
import { type Entry, entry, type View } from '../types.ts';
import { scalar } from './yaml.ts';

export const inYaml = (key: string, text: string | number, why: string, origin: Path): Entry =>
  entry(text, why, `netplan-yaml(5), ${key}`, origin);

/** What of a shim's addressing is said in YAML; the rest is said elsewhere. */
interface Sayable {
  readonly routes: readonly Route[];
  readonly nameservers: readonly Nameserver[];
  readonly search: readonly SearchDomain[];
  /** The metric that a route gets by itself. */
  readonly defaultMetric: (family: Family) => number;
}

export function addressingView(shim: Shim, sayable: Sayable): View {
  const { routes, defaultMetric } = sayable;
  const { origin } = shim;
  return {
    name: inYaml('ethernets', scalar(shim.name), 'The shim.', origin),
    macaddress:
      shim.macaddress === undefined
        ? undefined
        : inYaml(
            'macaddress',
            scalar(shim.macaddress),
            whyMac(shim),
            shim.macDerived ? origin : [...origin, 'macaddress'],
          ),
    mtu:
      shim.mtu === undefined
        ? undefined
        : inYaml('mtu', shim.mtu, 'The MTU of the shim.', [...origin, 'mtu']),
    addresses:
      shim.addresses.length === 0
        ? undefined
        : shim.addresses.map(({ address, prefix, origin: at }) =>
            inYaml(
              'addresses',
              scalar(`${address}/${prefix}`),
              "The host's address is on the shim, not on the parent.",
              at,
            ),
          ),
    routes:
      routes.length === 0 ? undefined : routes.map((route) => routeView(route, defaultMetric)),
    nameservers: nameserversView(sayable),
  };
}

function routeView(route: Route, defaultMetric: Sayable['defaultMetric']): View {
  const at = (key: string): Path => [...route.origin, key];
  return {
    // Not `default`: netplan 0.101 rejects the word.
    to: inYaml(
      'routes, to',
      scalar(route.to),
      route.isDefault ? 'The default route.' : 'Where the route leads.',
      at('to'),
    ),
    via:
      route.via === undefined
        ? undefined
        : inYaml('routes, via', scalar(route.via), 'The gateway.', at('via')),
    scope:
      route.via === undefined
        ? inYaml('routes, scope', 'link', 'The destination is on the LAN itself.', at('scope'))
        : undefined,
    from:
      route.from === undefined
        ? undefined
        : inYaml(
            'routes, from',
            scalar(route.from),
            'The source address of packets on this route.',
            at('from'),
          ),
    onLink: route.onLink
      ? inYaml(
          'routes, on-link',
          'true',
          'The gateway is on the LAN, though in no subnet of the shim.',
          at('on-link'),
        )
      : undefined,
    metric:
      route.metric === defaultMetric(route.family)
        ? undefined
        : inYaml(
            'routes, metric',
            route.metric,
            'Of several routes the one with the least metric is taken.',
            at('metric'),
          ),
    table:
      route.table === undefined
        ? undefined
        : inYaml('routes, table', route.table, 'The routing table.', at('table')),
  };
}

function nameserversView({ nameservers, search }: Sayable): View | undefined {
  if (nameservers.length === 0 && search.length === 0) return undefined;
  return {
    addresses:
      nameservers.length === 0
        ? undefined
        : nameservers.map(({ address, origin }) =>
            inYaml(
              'nameservers, addresses',
              scalar(address),
              'A name server, asked over the shim.',
              origin,
            ),
          ),
    search:
      search.length === 0
        ? undefined
        : search.map(({ domain, origin }) =>
            inYaml('nameservers, search', scalar(domain), 'Searched over the shim.', origin),
          ),
  };
}

/** `dhcp4-overrides` or `dhcp6-overrides`, as netplan writes them; nothing where all is default. */
export function overridesView(said: DhcpOverrides | Dhcp4 | Dhcp6 | undefined): View | undefined {
  if (!said) return undefined;
  const lines: Entry[] = [];
  const add = (key: string, value: boolean | number | string | undefined): void => {
    if (value === undefined) return;
    const text = typeof value === 'string' && key === 'hostname' ? scalar(value) : String(value);
    lines.push(
      inYaml(`DHCP overrides, ${key}`, `${key}: ${text}`, 'As the intent says.', [
        ...said.origin,
        key,
      ]),
    );
  };
  add('use-dns', said.useDns);
  add('use-domains', said.useDomains);
  add('use-ntp', said.useNtp);
  add('use-hostname', said.useHostname);
  add('send-hostname', said.sendHostname);
  add('hostname', said.hostname);
  if ('routeMetric' in said) {
    if (!said.useMtu) add('use-mtu', false);
    if (!said.useRoutes) add('use-routes', false);
    if (said.routeMetric !== 100) add('route-metric', said.routeMetric);
  }
  return lines.length === 0 ? undefined : { lines };
}
