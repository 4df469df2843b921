/** `[Route]` and `[RoutingPolicyRule]` of a `.network` file. systemd.network(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import { KERNEL_METRIC, type PolicyRule, type Route } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { Entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { networkEntry } from '../shared/networkd-words.ts';

type RouteView = Part<Views['networkd/link.network'], 'routes'>;
type RuleView = Part<Views['networkd/link.network'], 'rules'>;

/** A `[Route]` section. */
export function routeView(route: Route, target: Target): RouteView {
  const at = (key: string): Path => [...route.origin, key];
  const inRoute = (
    key: NetworkKey<'Route'>,
    text: string | number,
    why: string,
    origin: Path,
  ): Entry => networkEntry('Route', key, text, why, origin);
  return {
    // A gateway without a destination is the default route.
    destination:
      route.isDefault && route.via !== undefined
        ? undefined
        : inRoute('Destination', route.to, 'Where the route leads.', at('to')),
    gateway:
      route.via === undefined
        ? undefined
        : inRoute(
            'Gateway',
            route.via,
            route.isDefault ? 'The default route.' : 'The gateway.',
            at('via'),
          ),
    ...onLinkView(route, target),
    // IPv6 routes have no scope (rtnetlink(7)).
    scope:
      route.via === undefined && route.family === 'ipv4'
        ? inRoute('Scope', 'link', 'The destination is on the LAN itself.', at('scope'))
        : undefined,
    preferredSource:
      route.from === undefined
        ? undefined
        : inRoute(
            'PreferredSource',
            route.from,
            'The source address of packets on this route.',
            at('from'),
          ),
    metric:
      route.metric === KERNEL_METRIC[route.family]
        ? undefined
        : inRoute(
            'Metric',
            route.metric,
            'Of several routes the one with the least metric is taken.',
            at('metric'),
          ),
    table:
      route.table === undefined
        ? undefined
        : inRoute('Table', route.table, 'The routing table.', at('table')),
  };
}

function onLinkView(
  { onLink, origin }: Route,
  target: Target,
): Pick<RouteView, 'gatewayOnLink' | 'gatewayOnlink'> {
  if (!onLink) return {};
  const why = 'The gateway is on the LAN, though in no subnet of the link.';
  const at = [...origin, 'on-link'];
  const newer = networkEntry('Route', 'GatewayOnLink', 'yes', why, at);
  if (knows(target, newer.authority)) return { gatewayOnLink: newer };
  return { gatewayOnlink: networkEntry('Route', 'GatewayOnlink', 'yes', why, at) };
}

/** A `[RoutingPolicyRule]` section. */
export function ruleView(rule: PolicyRule): RuleView {
  const one = (
    key: NetworkKey<'RoutingPolicyRule'>,
    value: string | number | undefined,
    why: string,
    said: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry('RoutingPolicyRule', key, value, why, [...rule.origin, said]);
  return {
    from: one('From', rule.from, 'Packets from here.', 'from'),
    to: one('To', rule.to, 'Packets to here.', 'to'),
    typeOfService: one(
      'TypeOfService',
      rule.typeOfService,
      'Packets with this type of service.',
      'type-of-service',
    ),
    firewallMark: one('FirewallMark', rule.mark, 'Packets with this mark.', 'mark'),
    table: one('Table', rule.table, 'The table that they are looked up in.', 'table'),
    priority: one(
      'Priority',
      rule.priority,
      'Rules of a lower number are asked first; unsaid, the kernel would number them by their order.',
      'priority',
    ),
  };
}
