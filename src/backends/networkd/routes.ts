/** `[Route]` and `[RoutingPolicyRule]` of a `.network` file. systemd.network(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import { fromOf, KERNEL_METRIC, type PolicyRule, type Route } from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import type { Entry } from '../../view/rendered.ts';
import type { Part, Views } from '../../view/views.ts';
import { networkEntry } from '../shared/networkd-words.ts';
import { WHY_ROUTE, WHY_RULE } from '../shared/reasons.ts';

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
        : inRoute('Destination', route.to, WHY_ROUTE.to, at('to')),
    gateway:
      route.via === undefined
        ? undefined
        : inRoute(
            'Gateway',
            route.via,
            route.isDefault ? WHY_ROUTE.isDefault : WHY_ROUTE.via,
            at('via'),
          ),
    ...onLinkView(route, target),
    // IPv6 routes have no scope (rtnetlink(7)).
    scope:
      route.via === undefined && route.family === 'ipv4'
        ? inRoute('Scope', 'link', WHY_ROUTE.scope, at('scope'))
        : undefined,
    preferredSource:
      route.from === undefined
        ? undefined
        : inRoute('PreferredSource', route.from, WHY_ROUTE.from, at('from')),
    metric:
      route.metric === KERNEL_METRIC[route.family]
        ? undefined
        : inRoute('Metric', route.metric, WHY_ROUTE.metric, at('metric')),
    table:
      route.table === undefined
        ? undefined
        : inRoute('Table', route.table, WHY_ROUTE.table, at('table')),
  };
}

function onLinkView(
  { onLink, origin }: Route,
  target: Target,
): Pick<RouteView, 'gatewayOnLink' | 'gatewayOnlink'> {
  if (!onLink) return {};
  const why = WHY_ROUTE.onLink;
  const at = [...origin, 'on-link'];
  const newer = networkEntry('Route', 'GatewayOnLink', 'yes', why, at);
  if (knows(target, newer.authority)) return { gatewayOnLink: newer };
  return { gatewayOnlink: networkEntry('Route', 'GatewayOnlink', 'yes', why, at) };
}

/** A `[RoutingPolicyRule]` section. */
export function ruleView(rule: PolicyRule): RuleView {
  const inRule = (
    key: NetworkKey<'RoutingPolicyRule'>,
    value: string | number | undefined,
    why: string,
    intentKey: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry('RoutingPolicyRule', key, value, why, [...rule.origin, intentKey]);
  return {
    from: inRule(
      'From',
      fromOf(rule),
      rule.from === undefined ? WHY_RULE.everywhere : WHY_RULE.from,
      'from',
    ),
    to: inRule('To', rule.to, WHY_RULE.to, 'to'),
    incomingInterface: inRule('IncomingInterface', rule.iif, WHY_RULE.iif, 'iif'),
    outgoingInterface: inRule('OutgoingInterface', rule.oif, WHY_RULE.oif, 'oif'),
    typeOfService: inRule(
      'TypeOfService',
      rule.typeOfService,
      WHY_RULE.typeOfService,
      'type-of-service',
    ),
    firewallMark: inRule('FirewallMark', rule.mark, WHY_RULE.mark, 'mark'),
    table: inRule('Table', rule.table, WHY_RULE.table, 'table'),
    priority: inRule('Priority', rule.priority, WHY_RULE.priority, 'priority'),
  };
}
