/** What netplan's YAML says of a link, whatever renders it. netplan-yaml(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import { bondSettings, bridgeSettings } from '../../model/parameters.ts';
import type {
  Dhcp4,
  Dhcp6,
  DhcpOverrides,
  Family,
  Link,
  Model,
  Nameserver,
  Parent,
  PolicyRule,
  Route,
  SearchDomain,
} from '../../model/types.ts';
import type { NetplanKey } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { whyMac } from '../shared/reasons.ts';
import { scalar } from './yaml.ts';

/** A link, whatever it is, as the YAML has it. */
export type LinkYaml = Part<Part<Views['netplan/netplan.yaml'], 'sections'>, 'links'>;

export const inYaml = (key: NetplanKey, text: string | number, why: string, origin: Path): Entry =>
  entry(text, why, `netplan-yaml(5), ${key}`, origin);

type KeyBelow<Above extends string> = NetplanKey extends infer K
  ? K extends `${Above}, ${infer Key}`
    ? Key
    : never
  : never;

/** What of a link's addressing is said in YAML; the rest is said elsewhere. */
interface Sayable {
  readonly routes: readonly Route[];
  readonly rules: readonly PolicyRule[];
  readonly nameservers: readonly Nameserver[];
  readonly search: readonly SearchDomain[];
  /** The metric that a route gets by itself. */
  readonly defaultMetric: (family: Family) => number;
}

export function addressingView(
  link: Link | Parent,
  sayable: Sayable,
): Pick<LinkYaml, 'id' | 'macaddress' | 'mtu' | 'addresses' | 'routes' | 'rules' | 'nameservers'> {
  const { routes, rules, defaultMetric } = sayable;
  const { origin } = link;
  return {
    id: inYaml('ethernets', scalar(idOf(link)), 'The link.', origin),
    macaddress:
      link.macaddress === undefined
        ? undefined
        : inYaml(
            'macaddress',
            scalar(link.macaddress),
            whyMac(link.macDerived),
            link.macDerived ? origin : [...origin, 'macaddress'],
          ),
    mtu:
      link.mtu === undefined
        ? undefined
        : inYaml('mtu', link.mtu, 'The MTU of the link.', [...origin, 'mtu']),
    addresses: link.addresses.map(({ address, prefix, origin: at }) =>
      inYaml(
        'addresses',
        scalar(`${address}/${prefix}`),
        link.origin[0] === 'shims'
          ? "The host's address is on the shim."
          : 'As the intent says: this link keeps an address of its own.',
        at,
      ),
    ),
    routes: routes.map((route) => routeView(route, defaultMetric)),
    rules: rules.map(ruleView),
    nameservers: nameserversView(sayable),
  };
}

/** What netplan calls a link: a parent by its id, a shim by its name. */
const idOf = (link: Link | Parent): string => ('kind' in link ? link.id : link.name);

/** What a parent is, in netplan's words. */
export function deviceView(
  model: Model,
  parent: Parent,
): Pick<LinkYaml, 'match' | 'vlanId' | 'link' | 'interfaces' | 'parameters' | 'wakeonlan'> {
  const { vlan, members, permanentMac, wakeonlan, origin } = parent;
  return {
    ...(permanentMac !== undefined && { match: matchView(parent, permanentMac) }),
    ...(vlan && vlanView(vlan, origin)),
    interfaces: members.map((name, index) =>
      inYaml('interfaces', scalar(idOfName(model, name)), 'A member.', [
        ...origin,
        'interfaces',
        index,
      ]),
    ),
    parameters: parametersOf(model, parent),
    wakeonlan: wakeonlan
      ? inYaml('wakeonlan', 'true', 'A magic packet wakes the host.', [...origin, 'wakeonlan'])
      : undefined,
  };
}

export const vlanView = (
  { id, linkId }: NonNullable<Parent['vlan']>,
  origin: Path,
): Pick<LinkYaml, 'vlanId' | 'link'> => ({
  vlanId: inYaml('id', id, 'The tag of its frames.', [...origin, 'id']),
  link: inYaml('link', scalar(linkId), 'The link that it is on.', [...origin, 'link']),
});

function matchView({ name, origin }: Parent, permanentMac: string): Part<LinkYaml, 'match'> {
  return {
    macaddress: inYaml(
      'match, macaddress',
      scalar(permanentMac),
      'Finds the NIC by its permanent MAC.',
      [...origin, 'match', 'macaddress'],
    ),
    setName: inYaml(
      'set-name',
      scalar(name),
      'Other files name the interface, so its name must not change.',
      [...origin, 'set-name'],
    ),
  };
}

/** netplan calls members by their ids. */
const idOfName = (model: Model, name: string): string =>
  model.parents.find((parent) => parent.name === name)?.id ?? name;

function parametersOf(model: Model, { bond, bridge }: Parent): Entry[] | undefined {
  if (!bond && !bridge) return undefined;
  const settings = [...(bond ? bondSettings(bond) : []), ...(bridge ? bridgeSettings(bridge) : [])];
  return settings.map(({ word, value, why, origin }) => {
    const text =
      typeof value === 'object'
        ? `[${value.join(', ')}]`
        : typeof value !== 'string'
          ? String(value)
          : scalar(word === 'primary' ? idOfName(model, value) : value);
    return inYaml(`parameters, ${word}`, `${word}: ${text}`, why, origin);
  });
}

function ruleView(rule: PolicyRule): Part<LinkYaml, 'rules'> {
  const entryOf = (key: KeyBelow<'routing-policy'>, value: string | number, why: string): Entry =>
    inYaml(`routing-policy, ${key}`, typeof value === 'string' ? scalar(value) : value, why, [
      ...rule.origin,
      key,
    ]);
  const optional = (
    key: KeyBelow<'routing-policy'>,
    value: string | number | undefined,
    why: string,
  ): Entry | undefined => (value === undefined ? undefined : entryOf(key, value, why));
  return {
    from: optional('from', rule.from, 'Packets from here.'),
    to: optional('to', rule.to, 'Packets to here.'),
    table: entryOf('table', rule.table, 'The table that they are looked up in.'),
    priority: entryOf('priority', rule.priority, 'Rules of a lower number are asked first.'),
    typeOfService: optional(
      'type-of-service',
      rule.typeOfService,
      'Packets with this type of service.',
    ),
    mark: optional('mark', rule.mark, 'Packets with this mark.'),
  };
}

function routeView(
  route: Route,
  defaultMetric: Sayable['defaultMetric'],
): Part<LinkYaml, 'routes'> {
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
          'The gateway is on the LAN, though in no subnet of the link.',
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

function nameserversView({ nameservers, search }: Sayable): Part<LinkYaml, 'nameservers'> {
  return {
    addresses: nameservers.map(({ address, origin }) =>
      inYaml(
        'nameservers, addresses',
        scalar(address),
        'A name server, asked over this link.',
        origin,
      ),
    ),
    search: search.map(({ domain, origin }) =>
      inYaml('nameservers, search', scalar(domain), 'Searched over this link.', origin),
    ),
  };
}

/** `dhcp4-overrides` or `dhcp6-overrides`, as netplan writes them; nothing where all is default. */
export function overridesView(said: DhcpOverrides | Dhcp4 | Dhcp6 | undefined): Entry[] {
  if (!said) return [];
  const lines: Entry[] = [];
  const add = (
    key: KeyBelow<'DHCP overrides'>,
    value: boolean | number | string | undefined,
  ): void => {
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
  return lines;
}
