/** A link in netplan's YAML, whatever renders it. netplan-yaml(5). */
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
  RaOverrides,
  Route,
  SearchDomain,
} from '../../model/types.ts';
import type { NetplanKey } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import {
  WHY_MTU,
  WHY_MTU_PARENT,
  WHY_NAMESERVER,
  WHY_PERMANENT_MAC,
  WHY_ROUTE,
  WHY_RULE,
  WHY_VLAN_ID,
  WHY_VLAN_LINK,
  WHY_WAKE,
  whyAddress,
  whyAdvertised,
  whyMac,
  whyOverride,
} from '../shared/reasons.ts';
import { scalar } from './yaml.ts';

/** A link in the YAML. */
export type LinkYaml = Part<Part<Views['netplan/netplan.yaml'], 'sections'>, 'links'>;

export const inYaml = (key: NetplanKey, text: string | number, why: string, origin: Path): Entry =>
  entry(text, why, `netplan-yaml(5), ${key}`, origin);

type KeyBelow<Above extends string> = NetplanKey extends infer K
  ? K extends `${Above}, ${infer Key}`
    ? Key
    : never
  : never;

/** What of a link's addressing is in the YAML; the rest is in other files. */
interface InYaml {
  readonly routes: readonly Route[];
  readonly rules: readonly PolicyRule[];
  readonly nameservers: readonly Nameserver[];
  readonly search: readonly SearchDomain[];
  /** The metric that a route has by default. */
  readonly defaultMetric: (family: Family) => number;
}

export function addressingView(
  link: Link | Parent,
  inYamlFile: InYaml,
): Pick<LinkYaml, 'id' | 'macaddress' | 'mtu' | 'addresses' | 'routes' | 'rules' | 'nameservers'> {
  const { routes, rules, defaultMetric } = inYamlFile;
  const { origin } = link;
  return {
    id: inYaml('ethernets', scalar(idOf(link)), 'Settings of this link follow.', origin),
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
        : inYaml('mtu', link.mtu, 'kind' in link ? WHY_MTU_PARENT : WHY_MTU, [...origin, 'mtu']),
    addresses: link.addresses.map(({ address, prefix, origin: at }) =>
      inYaml('addresses', scalar(`${address}/${prefix}`), whyAddress(link), at),
    ),
    routes: routes.map((route) => routeView(route, defaultMetric)),
    rules: rules.map(ruleView),
    nameservers: nameserversView(inYamlFile),
  };
}

/** The id of a link in netplan: that of a parent, or the name of a shim. */
const idOf = (link: Link | Parent): string => ('kind' in link ? link.id : link.name);

/** What kind of device a parent is. */
export function deviceView(
  model: Model,
  parent: Parent,
): Pick<LinkYaml, 'match' | 'vlanId' | 'link' | 'interfaces' | 'parameters' | 'wakeonlan'> {
  const { vlan, members, permanentMac, wakeonlan, origin } = parent;
  return {
    ...(permanentMac !== undefined && { match: matchView(parent, permanentMac) }),
    ...(vlan && vlanView(vlan, origin)),
    interfaces: members.map((name, index) =>
      inYaml(
        'interfaces',
        scalar(idOfName(model, name)),
        'A member of the link; netplan lists members by their ids.',
        [...origin, 'interfaces', index],
      ),
    ),
    parameters: parametersOf(model, parent),
    wakeonlan: wakeonlan
      ? inYaml('wakeonlan', 'true', WHY_WAKE, [...origin, 'wakeonlan'])
      : undefined,
  };
}

export const vlanView = (
  { id, linkId }: NonNullable<Parent['vlan']>,
  origin: Path,
): Pick<LinkYaml, 'vlanId' | 'link'> => ({
  vlanId: inYaml('id', id, WHY_VLAN_ID, [...origin, 'id']),
  link: inYaml('link', scalar(linkId), WHY_VLAN_LINK, [...origin, 'link']),
});

function matchView({ name, origin }: Parent, permanentMac: string): Part<LinkYaml, 'match'> {
  return {
    macaddress: inYaml('match, macaddress', scalar(permanentMac), WHY_PERMANENT_MAC, [
      ...origin,
      'match',
      'macaddress',
    ]),
    setName: inYaml(
      'set-name',
      scalar(name),
      'Other files name the interface, so its name must not change.',
      [...origin, 'set-name'],
    ),
  };
}

/** netplan lists members by their ids. */
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
    from: optional('from', rule.from, WHY_RULE.from),
    to: optional('to', rule.to, WHY_RULE.to),
    table: entryOf('table', rule.table, WHY_RULE.table),
    priority: entryOf('priority', rule.priority, WHY_RULE.priority),
    typeOfService: optional('type-of-service', rule.typeOfService, WHY_RULE.typeOfService),
    mark: optional('mark', rule.mark, WHY_RULE.mark),
  };
}

function routeView(route: Route, defaultMetric: InYaml['defaultMetric']): Part<LinkYaml, 'routes'> {
  const at = (key: string): Path => [...route.origin, key];
  return {
    // Not `default`: netplan 0.101 rejects the word.
    to: inYaml(
      'routes, to',
      scalar(route.to),
      route.isDefault ? WHY_ROUTE.isDefault : WHY_ROUTE.to,
      at('to'),
    ),
    via:
      route.via === undefined
        ? undefined
        : inYaml('routes, via', scalar(route.via), WHY_ROUTE.via, at('via')),
    scope:
      route.via === undefined
        ? inYaml('routes, scope', 'link', WHY_ROUTE.scope, at('scope'))
        : undefined,
    from:
      route.from === undefined
        ? undefined
        : inYaml('routes, from', scalar(route.from), WHY_ROUTE.from, at('from')),
    onLink: route.onLink
      ? inYaml('routes, on-link', 'true', WHY_ROUTE.onLink, at('on-link'))
      : undefined,
    metric:
      route.metric === defaultMetric(route.family)
        ? undefined
        : inYaml('routes, metric', route.metric, WHY_ROUTE.metric, at('metric')),
    table:
      route.table === undefined
        ? undefined
        : inYaml('routes, table', route.table, WHY_ROUTE.table, at('table')),
  };
}

function nameserversView({ nameservers, search }: InYaml): Part<LinkYaml, 'nameservers'> {
  return {
    addresses: nameservers.map(({ address, origin }) =>
      inYaml('nameservers, addresses', scalar(address), WHY_NAMESERVER, origin),
    ),
    search: search.map(({ domain, origin }) =>
      inYaml(
        'nameservers, search',
        scalar(domain),
        'The domain is searched over this link.',
        origin,
      ),
    ),
  };
}

/** `dhcp4-overrides` or `dhcp6-overrides`: what differs from netplan's default. */
export function overridesView(overrides: DhcpOverrides | Dhcp4 | Dhcp6 | undefined): Entry[] {
  if (!overrides) return [];
  const lines: Entry[] = [];
  const add = (
    key: KeyBelow<'DHCP overrides'>,
    value: boolean | number | string | undefined,
  ): void => {
    if (value === undefined) return;
    const text = typeof value === 'string' && key === 'hostname' ? scalar(value) : String(value);
    lines.push(
      inYaml(`DHCP overrides, ${key}`, `${key}: ${text}`, whyOverride(key, value), [
        ...overrides.origin,
        key,
      ]),
    );
  };
  add('use-dns', overrides.useDns);
  add('use-domains', overrides.useDomains);
  add('use-ntp', overrides.useNtp);
  add('use-hostname', overrides.useHostname);
  add('send-hostname', overrides.sendHostname);
  add('hostname', overrides.hostname);
  if ('routeMetric' in overrides) {
    if (!overrides.useMtu) add('use-mtu', false);
    if (!overrides.useRoutes) add('use-routes', false);
    if (overrides.routeMetric !== 100) add('route-metric', overrides.routeMetric);
  }
  return lines;
}

/** `ra-overrides` (netplan-yaml(5), since 1.1). */
export function raOverridesView(overrides: RaOverrides | undefined): Entry[] {
  if (!overrides) return [];
  const line = (
    key: KeyBelow<'ra-overrides'>,
    value: boolean | string | number | undefined,
  ): Entry[] =>
    value === undefined
      ? []
      : [
          inYaml(`ra-overrides, ${key}`, `${key}: ${value}`, whyAdvertised(key, value), [
            ...overrides.origin,
            key,
          ]),
        ];
  return [
    ...line('use-dns', overrides.useDns),
    ...line('use-domains', overrides.useDomains),
    ...line('table', overrides.table),
  ];
}
